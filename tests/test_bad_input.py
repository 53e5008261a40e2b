"""tests/bad: each file has the fault of its name, and the words for the person at the desk stand beside it.

A case runs the real command in a copy of the example clinic, over which tests/bad/base is laid: a short document that
is reviewed and approved, so that nothing but the fault is told. UPDATE_EXPECTED=1 writes the .expected files anew; read
every one of them before you keep it.
"""

import json
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handouts.catalogues import document_ids
from handouts.languages import known_tags
from handouts.press.signing import approve
from handouts.resources import Resources
from tests.conftest import CHECKOUT, EXAMPLE_TREATMENT, NOW, Ran
from tests.patient_values import repeated
from tests.waiting import HANGS

BAD = CHECKOUT / "tests" / "bad"
BASE = BAD / "base"
DOCUMENT = "microneedling-aftercare"
TREATMENT = "examples/treatment.toml"
UPDATE = "UPDATE_EXPECTED"
SECONDS = 20
"""Of a processor, which a fault may take until it is told; the worst takes two."""

PATIENT = ("Zebulon", "Quux", "ZQ-4711", "4711", "1931", "keloid", "b@quux.example")
"""What the cases say about their patient: none of it may come back on the screen."""

WITHOUT_PATIENT = frozenset(
    {
        "treatment/empty.toml",
        "treatment/utf-16.toml",
        "options/name-empty.toml",
        "options/name-of-201-characters.toml",
        "options/name-of-control-characters.toml",
        "options/name-of-joiners.toml",
        "options/name-of-spaces.toml",
        "options/no-patient.toml",
        "options/treatment-is-a-device.toml",
        "options/treatment-is-a-folder.toml",
        "options/treatment-missing.toml",
    }
)
"""Cases whose fault is that they say nothing about a patient, or nothing that can be read as text."""

PLACES: Mapping[str, str] = {
    "clinic": "clinic.toml",
    "logo": "logo.svg",
    "document": f"library/{DOCUMENT}.md",
    "catalogue": f"locales/es/LC_MESSAGES/{DOCUMENT}.po",
    "template": "templates/handout/sheet.html",
    "glossary": "locales/es/glossary.toml",
}
"""Where in a clinic's folder a case of each kind is put."""

IN_A_PROCESS = frozenset(
    {
        "clinic/unknown-key.toml",
        "document/anchor-bomb.md",
        "document/nested-deep-enough-to-kill.md",
        "logo/pixels-by-the-hundred-million.png",
        "logo/uses-multiplied.svg",
        "options/format-unknown.toml",
        "place/catalogue-is-a-pipe",
        "place/clinic-is-a-pipe",
        "place/document-is-a-pipe",
        "place/logo-is-a-pipe",
        "place/template-is-a-pipe",
        "template/boxes-too-deep.html",
        "template/letters-too-large.html",
        "treatment/half-a-character-as-key.json",
        "treatment/many-faults.toml",
    }
)
"""Cases that could hang or kill a process, print what no stream of this one takes, or stand for all the others."""

ON_THE_DESK = ("README.md", "examples", "tests")

Put = Callable[[Path], None]


PANGO = re.compile(r"\n?\(process:\d+\): Pango-CRITICAL .*\n")
"""What Pango writes to the error stream by itself."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault. `name` is kind/file; `put` lays it over a clinic's folder; `arguments` follow `make`."""

    name: str
    put: Put
    arguments: tuple[str, ...]
    given: str = ""

    @property
    def kind(self) -> str:
        """Return the folder of the case."""
        return self.name.partition("/")[0]

    @property
    def expected(self) -> Path:
        """Return the file that holds what the command says: beside the case, of the same name."""
        return BAD / f"{self.name}.expected" if self.kind == "place" else (BAD / self.name).with_suffix(".expected")


def png(width: int, height: int) -> bytes:
    """Return the smallest PNG that says it has this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(height * (1 + (width + 7) // 8)) if width * height < 10**6 else b"\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


MADE: Mapping[str, Callable[[], bytes]] = {
    "pixels-by-the-hundred-million.png": lambda: png(20_000, 20_000),
    "too-many-bytes.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'.ljust(1_000_001),
    "too-many-bytes-for-any-file.svg": lambda: bytes(5_000_001),
    "too-many-pixels.png": lambda: png(4001, 10),
}
"""Logos that are too large to keep."""


def base_arguments(**changed: str) -> tuple[str, ...]:
    """Return the document, the clinic's folder and the folder for sheets as the command takes them."""
    given = {"document": DOCUMENT, "clinic": "{clinic}", "to": "{to}", **changed}
    return (given["document"], "--clinic", given["clinic"], "--to", given["to"])


def put_file(kind: str, name: str, data: Callable[[], bytes]) -> Put:
    """Return what lays a file of a kind over a clinic's folder."""

    def put(clinic: Path) -> None:
        place = clinic / PLACES[kind]
        if kind == "logo":
            place.unlink()
            place = place.with_suffix(Path(name).suffix)
            text = (clinic / "clinic.toml").read_text()
            (clinic / "clinic.toml").write_text(text.replace("logo.svg", place.name))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data())

    return put


def put_nothing(clinic: Path) -> None:
    """Leave the clinic as it is: the fault stands elsewhere."""
    assert clinic.is_dir()


def put_special(kind: str, special: str) -> Put:
    """Return what puts a folder, a pipe or a link to the outside where a file belongs."""

    def put(clinic: Path) -> None:
        place = clinic / PLACES[kind]
        place.parent.mkdir(parents=True, exist_ok=True)
        outside = clinic.parent / f"outside{place.suffix}"
        if place.exists():
            shutil.move(place, outside)
        else:
            shutil.copy(CHECKOUT / PLACES[kind], outside)
        if special == "folder":
            place.mkdir()
        elif special == "pipe":
            os.mkfifo(place)
        else:
            place.symlink_to(outside)

    return put


def language_of(name: str) -> tuple[str, ...]:
    """Return the option that brings the case's file into play: a catalogue is read for a sheet in its language."""
    spanish = name.startswith(("catalogue/", "place/catalogue", "glossary/", "place/glossary", "template/label"))
    return ("--language", "es") if spanish else ()


def file_case(kind: str, name: str, data: Callable[[], bytes]) -> Case:
    """Return the case of a file in the clinic's folder."""
    arguments = (*base_arguments(), "--treatment", TREATMENT, *language_of(f"{kind}/{name}"))
    return Case(name=f"{kind}/{name}", put=put_file(kind, name, data), arguments=arguments)


def treatment_case(path: Path) -> Case:
    """Return the case of a treatment's file."""
    relative = path.relative_to(CHECKOUT)
    return Case(
        name=f"treatment/{path.name}",
        put=put_nothing,
        arguments=(*base_arguments(), "--treatment", str(relative)),
        given=path.read_bytes().decode("utf-8", "replace"),
    )


def options_case(path: Path) -> Case:
    """Return the case of a command line: `arguments`, and what stands for the document, clinic and folder."""
    data: dict[str, Any] = tomllib.loads(path.read_text())
    arguments = tuple(data.pop("arguments"))
    return Case(
        name=f"options/{path.name}",
        put=put_nothing,
        arguments=(*base_arguments(**data), *arguments),
        given=path.read_text(),
    )


def cases() -> tuple[Case, ...]:
    """Return every case, by name."""
    found = [file_case("logo", name, data) for name, data in MADE.items()]
    for kind in PLACES:
        files = [path for path in (BAD / kind).iterdir() if path.suffix != ".expected"]
        found += [file_case(kind, path.name, path.read_bytes) for path in files]
        for special in ("folder", "pipe", "link-to-the-outside"):
            name = f"place/{kind}-is-a-{special}"
            arguments = (*base_arguments(), "--treatment", TREATMENT, *language_of(name))
            found.append(Case(name=name, put=put_special(kind, special), arguments=arguments))
    found += [treatment_case(path) for path in (BAD / "treatment").iterdir() if path.suffix != ".expected"]
    found += [options_case(path) for path in (BAD / "options").glob("*.toml")]
    return tuple(sorted(found, key=lambda case: case.name))


CASES = cases()


def run_in_a_process(arguments: tuple[str, ...], desk: Path) -> Ran:
    """Return what `generate.py` answers: no hang and no crash of the interpreter can hide.

    The system ends it after SECONDS of a processor (SIGXCPU), and the test fails.
    """
    done = subprocess.run(
        [sys.executable, CHECKOUT / "generate.py", *arguments],
        cwd=desk,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))},
        capture_output=True,
        encoding="utf-8",
        timeout=HANGS,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS)),
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def approved(clinic: Path) -> None:
    """Approve the document as this clinic's sheets print it now, by its own templates too."""
    approve(Resources(clinic=clinic), DOCUMENT, by="A. Sample", on=NOW.date(), today=NOW.date())


@pytest.fixture
def bad_clinic(clinic: Path) -> Path:
    """Return a copy of the example clinic with tests/bad/base laid over it, and its document approved."""
    shutil.copytree(BASE, clinic, dirs_exist_ok=True)
    approved(clinic)
    return clinic


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder to work in: what the cases name stands there, and a stray sheet is seen."""
    folder = tmp_path / "desk"
    folder.mkdir()
    for name in ON_THE_DESK:
        (folder / name).symlink_to(CHECKOUT / name)
    monkeypatch.chdir(folder)
    return folder


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the command said to one case, with the names of this run's folders and of what ships taken out."""

    told: str
    spoken: str
    written: tuple[str, ...]


@pytest.fixture
def answer(bad_clinic: Path, tmp_path: Path, desk: Path, command: Callable[..., Ran]) -> Callable[[Case], Answered]:
    """Return a function that runs a case."""
    folder, file = tmp_path / "sheets", tmp_path / "file"
    file.write_text("")
    stand_ins = {"{clinic}": bad_clinic, "{to}": folder, "{file}": file, "{nowhere}": tmp_path / "nowhere"}
    languages = ", ".join(known_tags())
    documents = ", ".join(document_ids(Resources(clinic=bad_clinic)))

    def run(case: Case) -> Answered:
        arguments = []
        for argument in case.arguments:
            for name, path in stand_ins.items():
                argument = argument.replace(name, str(path))  # noqa: PLW2901 - one stand-in after the other
            arguments.append(argument)
        case.put(bad_clinic)
        if case.kind == "template":
            approved(bad_clinic)
        given = ("make", *arguments)
        ran = run_in_a_process(given, desk) if case.name in IN_A_PROCESS else command(*given)
        spoken = PANGO.sub("", ran.err)
        told = f"{spoken}exit code: {ran.code}\n".replace(languages, "{languages}").replace(documents, "{documents}")
        for name, path in stand_ins.items():
            told = told.replace(str(path), name)
        written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else []
        written += sorted({path.name for path in desk.iterdir()} - set(ON_THE_DESK))
        return Answered(told=told, spoken=ran.err + ran.out, written=tuple(written))

    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_is_told(case: Case, answer: Callable[[Case], Answered]) -> None:
    answered = answer(case)
    if os.environ.get(UPDATE):
        case.expected.parent.mkdir(exist_ok=True)
        case.expected.write_text(answered.told, encoding="utf-8")
    assert answered.told == case.expected.read_text(encoding="utf-8")
    assert answered.written == (), "a sheet was written in spite of the fault"
    if case.given:
        assert repeated(PATIENT, answered.spoken) == [], "a patient's value came back"


@pytest.mark.parametrize("case", [case for case in CASES if case.given], ids=lambda case: case.name)
def test_a_case_speaks_of_a_patient(case: Case) -> None:
    said = [value for value in PATIENT if value in case.given]
    assert bool(said) is (case.name not in WITHOUT_PATIENT)


def test_every_expectation_has_its_case() -> None:
    expected = [case.expected for case in CASES]
    assert len(set(expected)) == len(expected), "two cases share an expectation"
    kinds = {case.kind for case in CASES}  # the other folders have tests of their own
    assert sorted(path for kind in kinds for path in (BAD / kind).rglob("*.expected")) == sorted(expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_expectation_names_a_place_and_a_remedy(case: Case) -> None:
    *told, last = case.expected.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"exit code: [2-9]|exit code: 1[01]", last)
    if last == "exit code: 2" and told[0].startswith("Usage: handouts"):
        return  # Click's own words.
    for block in "\n".join(told).split("\n\n"):
        where, what, remedy = block.rstrip("\n").split("\n")
        assert re.match(r"(error|warning): \S", where)
        assert re.match(r"  \S", what)
        assert re.match(r"  → \S", remedy)


def test_the_base_has_no_fault(answer: Callable[[Case], Answered]) -> None:
    for language in ("en", "es"):
        arguments = (*base_arguments(), "--treatment", TREATMENT, "--language", language)
        answered = answer(Case(name="clinic/none", put=put_nothing, arguments=arguments))
        errors = [line for line in answered.told.splitlines() if line.startswith("error: ")]
        assert errors == []
        assert any(name.startswith(f"{DOCUMENT}-{language}-") for name in answered.written)


def sheet_of(bad_clinic: Path, tmp_path: Path, command: Callable[..., Ran], *options: str) -> str:
    """Return the sheet as HTML."""
    folder = tmp_path / "sheets"
    arguments = ("--clinic", bad_clinic, "--to", folder, "--format", "html", *options)
    assert command("make", DOCUMENT, *arguments).code == 0
    (path,) = folder.iterdir()
    return path.read_text(encoding="utf-8")


def test_bidi_controls_leave_a_name_and_joiners_stay(
    bad_clinic: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    html = sheet_of(bad_clinic, tmp_path, command, "--patient", "Zebulon\u202e\u2066 Qu\u200cux")
    assert "Zebulon Qu\u200cux" in html
    assert not set("\u202e\u2066") & set(html)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_line_ends_of_windows_are_read(
    line_end: str, bad_clinic: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    for kind in ("clinic", "document", "catalogue"):
        place = bad_clinic / PLACES[kind]
        place.write_bytes(("\ufeff" + place.read_text().replace("\n", line_end)).encode())
    html = sheet_of(bad_clinic, tmp_path, command, "--patient", "Zebulon", "--language", "es")
    assert "Lávese las manos durante 7 segundos." in html


def test_a_review_is_read_as_the_message_says_to_write_it(
    bad_clinic: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    place = bad_clinic / PLACES["document"]
    place.write_text(place.read_text().replace('"on": ', "on: "))
    html = sheet_of(bad_clinic, tmp_path, command, "--patient", "Zebulon")
    assert "No named clinician" not in html


HARMFUL = {
    "picture-from-the-network": '<img src="http://example.org/a.png" alt="">',
    "style-import": "<style>@import url(http://example.org/a.css);</style>",
    "script": '<script src="http://example.org/a.js"></script>',
    "handler": '<p onclick="alert(1)">x</p>',
    "page-in-the-page": '<iframe src="http://example.org/"></iframe>',
    "form": '<form action="http://example.org/"><input></form>',
    "refresh": '<meta http-equiv="refresh" content="0;url=http://example.org/">',
    "link-runs-a-script": '<a href="javascript:alert(1)">x</a>',
}


@pytest.mark.parametrize("harmful", sorted(HARMFUL))
def test_a_sheet_as_html_loads_and_runs_nothing(
    harmful: str, bad_clinic: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    place = bad_clinic / PLACES["template"]
    place.parent.mkdir(parents=True)
    inner = f"<h1>x</h1>{HARMFUL[harmful]}"
    place.write_text('{% extends "@shipped/handout/sheet.html" %}{% block title %}' + inner + "{% endblock %}")
    folder = tmp_path / "sheets"
    given = ("--clinic", bad_clinic, "--treatment", EXAMPLE_TREATMENT, "--to", folder, "--format", "html")
    ran = command("make", DOCUMENT, *given)
    assert ran.code == 7
    assert "templates" in ran.err
    assert not folder.exists()


@pytest.mark.parametrize("character", ["\ue000", "\U0003fffd"])
def test_a_sheet_as_html_is_checked_for_glyphs_too(
    character: str, bad_clinic: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    folder = tmp_path / "sheets"
    given = ("--clinic", bad_clinic, "--to", folder, "--format", "html", "--patient", f"Zebulon {character}")
    ran = command("make", DOCUMENT, *given)
    assert ran.code == 4
    assert f"U+{ord(character):04X}" in ran.err
    assert "patient.name" in ran.err
    assert "Zebulon" not in ran.err
    assert not folder.exists()


@pytest.mark.parametrize("name", ["clinic/many-faults.toml", "treatment/half-a-character-as-key.json"])
def test_a_program_gets_every_problem_as_json(name: str, bad_clinic: Path, tmp_path: Path, desk: Path) -> None:
    case = next(case for case in CASES if case.name == name)
    case.put(bad_clinic)
    stand_ins = {"{clinic}": str(bad_clinic), "{to}": str(tmp_path / "sheets")}
    ran = run_in_a_process(("make", "--json", *(stand_ins.get(given, given) for given in case.arguments)), desk)
    problems = json.loads(ran.out)["problems"]
    told = case.expected.read_text(encoding="utf-8")
    assert len(problems) == told.count("error: ")
    assert told.endswith(f"exit code: {ran.code}\n")
    assert [problem["what"] for problem in problems if problem["what"] not in told] == []


def test_a_warning_does_not_choose_the_exit_code(bad_clinic: Path, tmp_path: Path, command: Callable[..., Ran]) -> None:
    place = bad_clinic / PLACES["clinic"]
    place.write_text(place.read_text().replace("#0b5c6b", "#ffff00"))
    ran = command("make", *base_arguments(clinic=str(bad_clinic), to=str(tmp_path / "sheets")))
    assert "error: command line" in ran.err
    assert ran.code == 4


MANY = 20_000


@pytest.mark.parametrize("what", ["tables", "keys", "columns", "blocks", "messages"])
def test_thousands_of_one_fault_are_told_in_fifty(
    what: str, bad_clinic: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    given: tuple[str | Path, ...] = ("make", DOCUMENT, "--treatment", EXAMPLE_TREATMENT)
    if what == "tables":
        with (bad_clinic / "clinic.toml").open("a") as file:
            file.writelines(f"\n[unknown-{number}]\n" for number in range(MANY))
    elif what == "keys":
        (tmp_path / "t.toml").write_text("".join(f"unknown_{number} = 1\n" for number in range(MANY)))
        given = ("make", DOCUMENT, "--treatment", tmp_path / "t.toml", "--patient", "Ana Example")
    elif what == "columns":
        head = ",".join(f"Zq{number}" for number in range(190))
        (tmp_path / "t.csv").write_text(f"Name,Date of service,{head}\nAna,2026-11-20 15:00{',' * 190}\n")
        given = ("batch", tmp_path / "t.csv", "--document", DOCUMENT)
    elif what == "messages":
        catalogue = bad_clinic / "locales" / "es" / "LC_MESSAGES" / f"{DOCUMENT}.po"
        catalogue.parent.mkdir(parents=True, exist_ok=True)
        catalogue.write_text("".join(f'msgid "{number}"\nmsgstr "\\q"\n\n' for number in range(MANY)))
        given += ("--language", "es")
    else:
        with (bad_clinic / "library" / f"{DOCUMENT}.md").open("a") as file:
            file.writelines(f"\n::: unknown-{number}\n\nText.\n\n:::\n" for number in range(MANY // 4))
    ran = command(*given, "--clinic", bad_clinic, "--to", tmp_path / "sheets")
    assert 3 <= ran.code <= 6
    assert ran.err.count("error: ") <= 60
    assert " more of this kind in this file" in ran.err
