"""Every command that a message tells to give is given here, as it is told, and does what the words promise."""

import os
import re
import shlex
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import metadata
from pathlib import Path

import pytest

from handouts.branding.clinic_file import ClinicFile
from handouts.resources import SHELVES
from handouts.wordings import wordings
from tests.conftest import CHECKOUT, Ran
from tests.printers.printroom import PrintRoom, print_room

Command = Callable[..., Ran]
Given = Callable[[str], Ran]

NO_COMMANDS = frozenset(
    (
        "local",
        "when",
        "PreserveJobHistory Yes",
        "library",
        "help",
        'id="…"',
        "Authorization: Bearer KEY",
        "Content-Type: application/json",
    )
)
"""What else is quoted: an address, a word of a document, a line of cupsd.conf, a folder, a block and an attribute of a
template, the head of a request."""

TRIED: Mapping[str, tuple[str, ...]] = {
    "test_new_clinic_makes_a_folder_with_every_key": ("handouts new-clinic", "handouts new-clinic FOLDER"),
    "test_doctor_tells_of_fonts": ("handouts doctor",),
    "test_a_label_is_translated_where_the_words_say": ("handouts translate update {language} --clinic {clinic}",),
    "test_an_own_text_that_fits_none_is_told_and_brought_up_to_date": (
        "handouts translate update {language} --clinic FOLDER",
    ),
    "test_who_does_what_is_told_gets_a_sheet_without_a_warning": (
        "handouts make",
        "handouts review",
        "handouts review {document} --clinic FOLDER --by NAME --role ROLE",
        "handouts approve {document} --clinic FOLDER --by NAME",
        "handouts translate review {document} {language} --clinic FOLDER --by NAME --role ROLE",
        "handouts translate review handouts {language} --clinic FOLDER --by NAME --role ROLE",
    ),
    "test_an_overdue_review_is_renewed": (
        "handouts review {document} --clinic FOLDER --by NAME --role ROLE --due DATE",
    ),
    "test_an_outbox_is_made_listed_and_settled": (
        "handouts email",
        "handouts make --email",
        "handouts outbox list",
        "handouts outbox send",
        "handouts outbox send --outbox {outbox}",
        "handouts outbox settle",
        "handouts outbox settle {identifier} --not-sent --outbox {outbox}",
    ),
    "test_a_key_that_others_can_read_is_closed": ("chmod 600", "handouts ledger verify"),
    "test_a_printer_is_looked_for_opened_and_a_job_taken_back": (
        "handouts printers",
        "handouts print {file}",
        "lpoptions -d NAME",
        "lpstat -W all -o",
        "cupsaccept {queue}",
        "cupsenable {queue}",
        "lp -i {job} -H resume",
        "cancel {job}",
    ),
    "tests.test_customising.test_without_a_name_each_template_is_listed_with_what_it_is": ("handouts customise",),
    "tests.test_customising.test_a_header_says_what_is_covered_in_a_comment_of_its_kind": (
        "handouts customise {name} --clinic FOLDER",
    ),
    "tests.test_customising.test_what_has_changed_since_is_shown_until_somebody_has_looked": (
        "handouts customise {name} --seen --clinic FOLDER",
    ),
    "tests.test_customising.test_check_shows_the_difference_and_says_what_to_do": ("handouts check",),
    "tests.test_programs.test_only_a_key_of_this_clinic_lets_a_program_in_until_it_is_taken_back": (
        "handouts api-key new",
        "handouts api-key list",
        "handouts api-key revoke",
        "chmod 600 api-keys.json",
    ),
    "tests.test_exports.test_the_list_names_each_and_a_description_that_is_printed_is_read_again": (
        "handouts exports",
        "handouts exports NAME",
    ),
    "tests.test_check_again.test_check_says_the_same_twice_and_the_new_after_an_edit": ("handouts check --quality",),
    "tests.test_batch.test_each_row_becomes_a_sheet_in_its_language": ("handouts batch",),
    "test_a_password_goes_into_the_keyring": ("keyring set handouts {account}",),
    "test_what_is_to_be_installed_is_there_to_be_installed": (
        "pip install handouts[cluster]",
        "pip install handouts[desk]",
        "pip install handouts[fhir]",
        "sudo apt-get install cups",
        "sudo apt-get install cups-filters",
        "sudo systemctl start cups",
    ),
}
STAND_INS = {"NAME": "R. Example", "ROLE": "interpreter", "DATE": "2027-11-20"}


def advised() -> Iterator[str]:
    """Yield each command that words of problems.toml and printing.toml quote."""
    printing = tomllib.loads((SHELVES["locales"] / "en" / "printing.toml").read_text())
    words = [words["do"] for words in wordings().values()]
    words += [str(words.get("remedy", "")) for words in printing.values() if isinstance(words, dict)]
    yield from (found for text in words for found in re.findall("`([^`]+)`", text))


def test_every_command_that_is_advised_is_tried_here_or_where_it_is_at_home() -> None:
    tried = [command for commands in TRIED.values() for command in commands]
    assert sorted(set(advised()) - NO_COMMANDS) == sorted(tried)
    places = (name.rpartition(".") for name in TRIED)
    assert [name for module, _, name in places if not hasattr(import_module(module or __name__), name)] == []


@pytest.fixture
def give(command: Command, clinic: Path) -> Given:
    """Return a function that gives a command of handouts as it was told, with a clinic and a name in their places."""

    def given(told: str) -> Ran:
        words = {"FOLDER": str(clinic), **STAND_INS}
        first, *rest = shlex.split(told)
        assert first == "handouts"
        return command(*(words.get(word, word) for word in rest))

    return given


def quoted(text: str, start: str = "handouts ") -> list[str]:
    return [found for found in re.findall("`([^`]+)`", text) if found.startswith(start)]


def test_new_clinic_makes_a_folder_with_every_key(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = command("make", "microneedling-aftercare", "--clinic", tmp_path / "empty", "--patient", "Ana Example")
    assert quoted(ran.err) == ["handouts new-clinic FOLDER"]
    assert command("new-clinic", tmp_path / "new").code == 0
    keys = tomllib.loads((tmp_path / "new" / "clinic.toml").read_text())
    assert {name for name, field in ClinicFile.model_fields.items() if field.is_required()} <= keys.keys()


def test_doctor_tells_of_fonts(give: Given) -> None:
    ran = give("handouts doctor")
    assert (ran.code, "fonts for Spanish (es)" in ran.out) == (0, True)


def make(command: Command, clinic: Path, *options: str | Path) -> Ran:
    given = ("--clinic", clinic, "--patient", "Ana Example", "--format", "html", "--to", clinic.parent / "out")
    return command("make", "microneedling-aftercare", *given, *options)


def test_a_label_is_translated_where_the_words_say(command: Command, give: Given, clinic: Path) -> None:
    template = clinic / "templates" / "handout" / "sheet.html"
    template.parent.mkdir(parents=True)
    block = '{% block about %}{{ super() }}<p>{{ _("Our street") }}</p>{% endblock %}'
    template.write_text('{% extends "@shipped/handout/sheet.html" %}' + block)
    (told,) = quoted(make(command, clinic, "--language", "es").err, "handouts translate update")
    (written,) = give(told).out.splitlines()
    assert Path(written).is_relative_to(clinic)
    catalogue = Path(written).read_text()
    assert re.findall("^msgid .+", catalogue, re.MULTILINE) == ['msgid ""', 'msgid "Our street"']
    Path(written).write_text(catalogue.replace('street"\nmsgstr ""', 'street"\nmsgstr "Nuestra calle"'))
    ran = make(command, clinic, "--language", "es")
    assert "Nuestra calle" in Path(ran.out.strip()).read_text()


def test_an_own_text_that_fits_none_is_told_and_brought_up_to_date(command: Command, give: Given, clinic: Path) -> None:
    own = clinic / "locales" / "es" / "LC_MESSAGES" / "microneedling-aftercare.po"
    own.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Language: es\\n"\n\nmsgctxt "do-not item"\n'
    own.write_text(head + 'msgid "Do not pull off any skin that peels."\nmsgstr "No se quite la piel que se pele."\n')
    ran = make(command, clinic, "--language", "es")
    assert (ran.code, "line 6" in ran.err) == (6, True), ran.err
    assert "Did you mean “Do not pull off skin that peels. Do not shave.”?" in ran.err
    (told,) = quoted(ran.err, "handouts translate update")
    assert give(told).code == 0
    updated = own.read_text()
    assert "#, fuzzy" in updated
    assert make(command, clinic, "--language", "es").code == 6, "nobody has looked at it yet"
    own.write_text(updated.replace("#, fuzzy\n", ""))
    assert "No se quite la piel que se pele." in Path(make(command, clinic, "--language", "es").out.strip()).read_text()


def test_who_does_what_is_told_gets_a_sheet_without_a_warning(command: Command, give: Given, clinic: Path) -> None:
    file, tried = clinic / "clinic.toml", set[str]()
    file.write_text(re.sub(r"\[\[approvals\]\]\n(?:[^\[\n].*\n)*", "", file.read_text()))
    for _ in range(4):
        ran = make(command, clinic, "--language", "es")
        told = quoted(ran.err)
        if not told:
            break
        tried |= {" ".join(command.split()[1:4]) for command in told}
        for each in told:
            done = give(each)
            assert done.code == 0, done.err
    assert quoted(ran.err) == []
    assert make(command, clinic, "--language", "es", "--strict").code == 0
    assert {"translate review handouts", "translate review microneedling-aftercare"} <= tried
    assert {found.partition(" ")[0] for found in tried} == {"review", "approve", "translate"}


def test_an_overdue_review_is_renewed(command: Command, give: Given, clinic: Path) -> None:
    shipped = (SHELVES["library"] / "microneedling-aftercare.md").read_text()
    (clinic / "library").mkdir(exist_ok=True)
    (clinic / "library" / "microneedling-aftercare.md").write_text(shipped.replace("2027-11-21", "2026-11-20"))
    assert len(told := [one for one in quoted(make(command, clinic).err) if one.endswith("--due DATE")]) == 1
    assert give(told[0]).code == 0
    assert "was due" not in make(command, clinic).err


def test_an_outbox_is_made_listed_and_settled(
    command: Command, give: Given, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert quoted(command("outbox", "list").err) == ["handouts email", "handouts make --email"]
    mailed = ("--clinic", clinic, "--patient", "Ana Example", "--patient-email", "ana@example.org", "--email")
    sheet, message = (Path(line) for line in command("make", "microneedling-aftercare", *mailed).out.splitlines())
    assert message.stem in give("handouts outbox list").out
    monkeypatch.setenv("HANDOUTS_SMTP_HOST", "localhost")
    monkeypatch.setenv("HANDOUTS_SMTP_PORT", "1")
    monkeypatch.setenv("HANDOUTS_SMTP_TLS", "none")
    ran = command("outbox", "send", "--tries", "1")
    assert (quoted(ran.err), message.is_file()) == (["handouts outbox send"], True)
    ran = command("outbox", "send", "--outbox", "outbox", "--tries", "1")
    assert (quoted(ran.err), message.is_file()) == (["handouts outbox send"], True)
    sent = message.rename(tmp_path / "outbox" / "sent" / message.name)
    given = ("email", sheet, "--clinic", clinic, "--address", "ana@example.org")
    (told,) = quoted(command(*given).err)
    assert give(told).out == f"{message.relative_to(tmp_path) if message.is_absolute() else message}\n"
    assert (message.is_file(), sent.exists()) == (True, False)
    message.rename(tmp_path / "outbox" / "sending" / message.name)
    ran = command("outbox", "list")
    assert quoted(ran.err) == ["handouts outbox settle"]
    assert give(f"handouts outbox settle {message.stem} --sent").code == 0
    assert sent.is_file()


def test_a_key_that_others_can_read_is_closed(command: Command, clinic: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    assert make(command, clinic, "--ledger", ledger).code == 0
    key = tmp_path / "ledger.key"
    key.chmod(0o644)
    (told,) = quoted(command("ledger", "verify", ledger).err, "chmod")
    subprocess.run([*told.split(), key], check=True)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    ran = command("ledger", "verify", ledger)
    assert ran.code == 0
    assert len(re.findall("[0-9a-f]{64}", ran.out)) == 1


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PrintRoom]:
    with print_room() as opened:
        for name in ("LPDEST", "PRINTER", "CUPS_USER", "CUPS_ENCRYPTION"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        for name, value in opened.environment.items():
            monkeypatch.setenv(name, value)
        yield opened


def test_a_printer_is_looked_for_opened_and_a_job_taken_back(
    command: Command, clinic: Path, tmp_path: Path, room: PrintRoom
) -> None:
    given = ("--clinic", clinic, "--patient", "Ana Example", "--paper", "A4", "--to", tmp_path / "out")
    sheet = command("make", "microneedling-aftercare", *given).out.strip()
    room.add("desk")
    assert quoted(command("print", sheet).err, "lpoptions") == ["lpoptions -d NAME"]
    room.run("lpoptions", "-d", "desk")
    assert "desk" in command("printers").out

    def done(told: list[str]) -> None:
        (one,) = told
        room.run(*one.split())

    room.run("cupsreject", "desk")
    done(quoted(command("print", sheet).err, "cupsaccept"))
    room.run("cupsdisable", "desk")
    ran = command("print", sheet, "--patience", "2")
    assert quoted(ran.err, "cancel ") == ["cancel desk-1"]
    assert "desk-1" in room.run("lpstat", "-W", "all", "-o")
    done(quoted(ran.err, "cancel "))
    room.run("lpadmin", "-p", "desk", "-o", "job-hold-until-default=indefinite")
    done(quoted(ran.err, "cupsenable"))
    ran = command("print", sheet, "--patience", "2")
    done(quoted(ran.err, "lp "))
    room.run("lpadmin", "-p", "desk", "-o", "job-hold-until-default=no-hold")
    assert command("print", sheet).code == 0


def test_a_password_goes_into_the_keyring(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    (tmp_path / "filed.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class Filed(KeyringBackend):\n"
        "    priority = 1\n"
        "    def set_password(self, service, username, password):\n"
        f"        open({str(kept)!r}, 'w').write(f'{{service}} {{username}} {{password}}')\n"
        "    def get_password(self, service, username): ...\n"
        "    def delete_password(self, service, username): ...\n"
    )
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "filed.Filed", "PYTHONPATH": str(tmp_path)}
    words = [sys.executable, "-m", *["keyring", "set", "handouts", "desk@mail.example.org"]]
    subprocess.run(words, env=environment, input="three wet stones\n", text=True, check=True, capture_output=True)
    assert kept.read_text() == "handouts desk@mail.example.org three wet stones"


def test_what_is_to_be_installed_is_there_to_be_installed() -> None:
    assert "cluster" in (metadata("handouts").get_all("Provides-Extra") or ())
    for package in ("cups", "cups-filters"):
        ran = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True, check=True)
        assert re.search(r"^  (?:Candidate|Installed): \d", ran.stdout, re.MULTILINE), f"no Debian package {package}"
    units = subprocess.run(["dpkg", "-L", "cups-daemon"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"/systemd/system/cups\.service$", units, re.MULTILINE)
    project = (CHECKOUT / "pyproject.toml").read_text()
    assert [project.count(f"\n{extra} = [") for extra in ("cluster", "desk", "fhir")] == [1, 1, 1]
