"""Ledger entries -> chained lines, and lines in their order -> what they hold, or a Problem for what was changed."""

import hmac
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.records import LedgerEntry, Step

FORMAT = 1
LONGEST = 65_536
"""Bytes of a line: a path of 4,096 characters, each escaped, and all the rest fit in."""

UNREADABLE = frozenset({Code.NOT_A_LEDGER, Code.LEDGER_NEWER, Code.LEDGER_KEY_WRONG})
"""What may be wrong with the first line so that no other is worth reading."""

_BEGINNING = "0" * 64
_HEAD = b'{"number":0,"ledger":"handouts",'
_LINE = re.compile(rb'(\{"number":([0-9]{1,12}),.*,"before":"([0-9a-f]{64})"),"hash":"([0-9a-f]{64})"\}\n')


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a ledger's file as it was read: where it begins, its bytes, and what is wrong with it.

    `line` counts from 1. `authentic` lines were written by who holds the key, even where others around them were taken
    out.
    `ended` is False for a last line that lacks only its line end.
    """

    line: int
    offset: int
    data: bytes
    problem: Problem | None
    authentic: bool
    ended: bool = True

    @property
    def hash(self) -> str:
        """The hash of an authentic line."""
        return _hash_of(self.data)


class Chain:
    """The state of a chain of lines: how many there are and the hash of the last.

    A line is a JSON object that ends with the hash of the line before and its own. The hash is an HMAC-SHA-256 under
    the ledger's key and not a plain SHA-256: who lacks the key cannot chain a changed ledger anew.
    """

    def __init__(self, key: bytes, source: str) -> None:
        self._key = key
        self._chain_key = hmac.digest(key, b"handouts chain", "sha256")
        self._source = source
        self._last: str | None = _BEGINNING  # None: unknown, after a changed line
        self.lines = 0
        self._due = 0

    @property
    def last_hash(self) -> str:
        """The hash of the last line; before the first one, 64 zeros."""
        return self._last or _BEGINNING

    @property
    def entries(self) -> int:
        """How many entries there are; the first line is none."""
        return max(self.lines - 1, 0)

    def head(self) -> bytes:
        """Return the first line of a new ledger: its format, a name of its own, and a check of the key."""
        name = secrets.token_hex(16)
        return self._written(
            0, _BEGINNING, {"ledger": "handouts", "format": FORMAT, "name": name, "check": self._check(name)}
        )

    def following(self, entries: tuple[LedgerEntry, ...]) -> tuple[bytes, ...]:
        """Return the lines that come next; they count once `follow` has been given them."""
        lines: list[bytes] = []
        before = self.last_hash
        for number, entry in enumerate(entries, start=self._due):
            lines.append(self._written(number, before, _as_data(entry)))
            before = _hash_of(lines[-1])
        return tuple(lines)

    def follow(self, data: bytes) -> Problem | None:
        """Take the next line; return what is wrong with it, or None. After a fault the chain goes on from there."""
        self.lines += 1
        if self.lines == 1 and (problem := self._wrong_head(data)):
            return problem
        match = _LINE.fullmatch(data)
        if match is None or not self._is_ours(match):
            self._last, self._due = None, self._due + 1
            return Problem.of(Kind.DELIVERY, Code.LEDGER_LINE_CHANGED, self._source, self.lines)
        number, before = int(match[2]), match[3].decode()
        in_place = number == self._due and before == (self._last or before)
        self._last, self._due = match[4].decode(), number + 1
        return None if in_place else Problem.of(Kind.DELIVERY, Code.LEDGER_LINE_MOVED, self._source, self.lines)

    def unfinished(self, data: bytes) -> Problem:
        """Return the warning that the line after these was never finished; a strange first line is an error."""
        strange = self.lines == 0 and not data.startswith(_HEAD[: len(data)])
        if strange:
            return Problem.of(Kind.DELIVERY, Code.NOT_A_LEDGER, self._source, self.lines + 1)
        return Problem.warning(Kind.DELIVERY, Code.LEDGER_LINE_UNFINISHED, self._source, self.lines + 1)

    def _is_ours(self, match: re.Match[bytes]) -> bool:
        return hmac.compare_digest(self._hash(match[1]), match[4].decode())

    def _written(self, number: int, before: str, fields: Mapping[str, object]) -> bytes:
        """Return a line; JSON in ASCII, so that no editor or viewer sees other line ends than ours in it."""
        body = json.dumps({"number": number, **fields, "before": before}, separators=(",", ":"))[:-1].encode("ascii")
        line = body + f',"hash":"{self._hash(body)}"}}\n'.encode("ascii")
        if len(line) > LONGEST:
            raise ValueError("an entry of the ledger is too long")
        return line

    def _hash(self, body: bytes) -> str:
        return hmac.digest(self._chain_key, body, "sha256").hex()

    def _check(self, name: str) -> str:
        return hmac.digest(self._key, b"handouts check" + name.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]

    def _wrong_head(self, data: bytes) -> Problem | None:
        """Return what keeps a file from being read at all: not a ledger, too new, begun with another key."""
        try:
            head: Any = json.loads(data)
            form = head["format"]
            if head["ledger"] != "handouts" or not isinstance(form, int):
                return Problem.of(Kind.DELIVERY, Code.NOT_A_LEDGER, self._source, self.lines)
        except (ValueError, KeyError, TypeError, RecursionError):
            return Problem.of(Kind.DELIVERY, Code.NOT_A_LEDGER, self._source, self.lines)
        if form > FORMAT:
            return Problem.of(Kind.DELIVERY, Code.LEDGER_NEWER, self._source, self.lines)
        right = self._check(str(head.get("name"))) == head.get("check")
        return None if right else Problem.of(Kind.DELIVERY, Code.LEDGER_KEY_WRONG, self._source, self.lines)


def read_lines(stream: IO[bytes], chain: Chain, *, size: int) -> Iterator[Line]:
    """Yield the lines from where the stream stands to the byte `size`, each followed by the chain.

    A last line without its line end is either whole but for that (`ended` False), or unfinished: then its problem is a
    warning, and it does not count. After a first line that is no ledger's, or another key's, nothing is read.
    """
    offset = stream.tell()
    while offset < size:
        data = stream.readline(min(LONGEST, size - offset))
        if not data:
            return
        begin, offset = offset, offset + len(data)
        ended = data.endswith(b"\n")
        if not ended and offset >= size and len(data) < LONGEST:
            if not _LINE.fullmatch(data + b"\n"):
                warning = chain.unfinished(data)
                yield Line(line=chain.lines + 1, offset=begin, data=data, problem=warning, authentic=False, ended=False)
                return
            data += b"\n"
        while not ended and offset < size and (rest := stream.readline(min(LONGEST, size - offset))):
            offset += len(rest)
            if rest.endswith(b"\n"):
                break
        problem = chain.follow(data)
        authentic = problem is None or problem.code == Code.LEDGER_LINE_MOVED
        yield Line(line=chain.lines, offset=begin, data=data, problem=problem, authentic=authentic, ended=ended)
        if problem is not None and problem.code in UNREADABLE:
            return


def _hash_of(data: bytes) -> str:
    return data[-67:-3].decode()  # before "}\n


def entry_of(line: Line) -> LedgerEntry:
    """Return the entry of an authentic line other than the first; ValueError where it is of a kind not known here."""
    try:
        data: dict[str, Any] = json.loads(line.data)
        return LedgerEntry(
            at=datetime.fromisoformat(data["at"]),
            step=Step(data["step"]),
            patient=tuple(data["patient"]),
            fell_back=data.get("fell_back") is True,
            **{name: str(data[name]) for name in _TEXTS},
        )
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from None


_TEXTS = ("row", "document", "version", "language", "fingerprint", "sheet", "where")


def _as_data(entry: LedgerEntry) -> dict[str, object]:
    if entry.at.tzinfo is None:
        raise ValueError("the time of an entry has no zone")
    return {
        "at": entry.at.astimezone(UTC).isoformat(),
        "step": str(entry.step),
        "row": entry.row,
        "patient": list(entry.patient),
        **{name: getattr(entry, name) for name in _TEXTS[1:]},
        **({"fell_back": True} if entry.fell_back else {}),  # Programs that do not know it pass over it.
    }
