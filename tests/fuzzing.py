"""Good files -> files that are a little wrong, each known by its number; the readers that must refuse them in words."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from handouts import branding, documents, ledger, translation, treatment
from handouts.delivery.mail import Outbox
from handouts.errors import InputError, Kind
from handouts.limits import time_limit
from handouts.pictures import read_svg
from handouts.resources import read_bytes, read_text
from handouts.treatment import tables
from tests.conftest import NOW
from tests.ledger_entries import KEY

SECONDS = 10
"""Of a processor, for one file of a few kilobytes."""
TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", "\u202e".encode(), "\u0301".encode() * 300, "١٢½Ⅻ".encode(),
    b"9" * 5_000, b"1e999", b"-1", b"[" * 3_000, b"{" * 3_000, b"a." * 3_000, b" " * 5_000, b"\n" * 5_000, b"\r", b"\t",
    b'"', b"'", b'"""', b"\\", b"\\u0000", b"\\ud800", b"#", b"=", b":", b",", b";", b"<", b">", b"&#0;", b"&x;",
    b"<!--", b"-->", b"<![CDATA[", b"<!DOCTYPE x [<!ENTITY x 'y'>]>", b"::: ", b"---\n", b"**", b"`", b"- ", b"&a *a",
    b"{{", b"}}", b"{%", b"%(x)s", b"../../", b"/etc/passwd", b"http://127.0.0.1:9/", b"file:///", b"data:,",
    b'msgid ""\n', b"#~ ", b"#, fuzzy\n", b"=?utf-8?q?=0D=0A?=", b"(" * 3_000, b"2026-02-30", b"nan", b"inf", b"null",
)  # fmt: skip
"""What has made trouble for a reader of text somewhere before."""


def mutated(seeds: Sequence[bytes], number: int) -> bytes:
    """Return one of the seeds with a few faults; the same number is the same file."""
    chance = random.Random(number)  # noqa: S311 - to be repeated, not to be secret
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + int(chance.expovariate(0.05)))
        change = chance.randrange(6)
        if change == 0 and data:
            data[start % len(data)] = chance.randrange(256)
        elif change == 1:
            del data[start:end]
        elif change == 2:
            data[start:start] = data[start:end] * chance.choice((1, 2, 50))
        elif change == 3:
            other = chance.choice(seeds)
            place = chance.randrange(len(other) + 1)
            data[start:end] = other[place : place + 200]
        else:
            data[start:end] = chance.choice(TOKENS)
    return bytes(data)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Reads a file in a folder that is its own, and the good files that its faulty ones are made of."""

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], object]

    def refuses_in_words(self, folder: Path, number: int) -> bool:
        """Return whether file `number` was refused; raise whatever else than InputError comes of it."""
        path = folder / self.name
        path.write_bytes(mutated(self.seeds, number))
        try:
            with time_limit(SECONDS):
                self.read(path)
        except InputError as error:
            return bool(str(error))
        return False


def read_treatment(path: Path) -> None:
    """Read a treatment's details from TOML or JSON, and check them."""
    text = read_text(path, kind=Kind.TREATMENT, source=path.name)
    details = treatment.read_file(text, path.name, is_json=path.suffix == ".json")
    treatment.treatment(details, zone="America/New_York", now=NOW)


def read_rows(path: Path) -> None:
    """Read every row of a table."""
    data = read_bytes(path, kind=Kind.TREATMENT, source=path.name, maximum=tables.MAXIMUM_BYTES)
    table = tables.read_table(data, path.name, form=tables.form_of(path.name))
    for row in table.rows():
        "".join(map(str, row.problems))


def read_document(path: Path) -> None:
    """Read a document and say what it holds."""
    documents.fingerprint(documents.parse(read_text(path, kind=Kind.DOCUMENT, source=path.name), path.name))


def read_catalogue(path: Path) -> None:
    """Read a translator's catalogue."""
    translation.parse(read_text(path, kind=Kind.TRANSLATION, source=path.name), path.name)


def read_drawing(path: Path) -> None:
    """Read an SVG logo, as far as to the clean one that is drawn elsewhere."""
    read_svg(read_bytes(path, kind=Kind.BRANDING, source=path.name), Kind.BRANDING, path.name)


def read_clinic(path: Path) -> None:
    """Read clinic.toml; its logo stands beside it."""
    branding.load(path.parent, documents=("microneedling-aftercare",), today=NOW.date())


def read_ledger(path: Path) -> None:
    """Verify a ledger."""
    ledger.verify(path, KEY)


def read_messages(path: Path) -> None:
    """List an outbox that holds a message of somebody else's."""
    new = path.parent / "outbox" / "new"
    new.mkdir(parents=True, exist_ok=True)
    (new / "abcdefgh12.eml").write_bytes(path.read_bytes())
    Outbox(path.parent / "outbox").messages()
