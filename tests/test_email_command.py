"""`handouts email` and `handouts outbox` as their user meets them, with a real mail server at the other end."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from pathlib import Path

import keyring
import pikepdf
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from handouts.delivery.mail.messages import identifier_of
from handouts.errors import InputError
from handouts.interfaces.delivery_options import mail_order
from handouts.records import Destination
from tests.attachments import name_of
from tests.conftest import CHECKOUT, DETAILS, EXAMPLE_CLINIC, Ran, example_press, job, renamed
from tests.mail_server.postfix import LATER, NOBODY, PASSWORD, REFUSED_SENDER, Postfix

pytest_plugins = ("tests.mail_server.fixtures",)

Command = Callable[..., Ran]
SHEET_PASSWORD = "Regen, Ofen & Käse"  # noqa: S105 - of a sheet in a test


@pytest.fixture
def spanish(tmp_path: Path) -> Path:
    made = example_press().make(job("microneedling-aftercare", "es"), Destination(folder=tmp_path / "out"))
    return made.receipts[0].path


@pytest.fixture
def email(command: Command, spanish: Path, tmp_path: Path) -> Command:
    """Return a function that runs `handouts email` with the Spanish sheet; its last arguments win."""

    def run(address: str, *arguments: str | Path) -> Ran:
        ran = ("email", spanish, "--clinic", EXAMPLE_CLINIC, "--address", address, "--outbox", tmp_path / "outbox")
        return command(*ran, *arguments)

    return run


@pytest.fixture
def server(postfix: Postfix, monkeypatch: pytest.MonkeyPatch) -> Postfix:
    for name, value in postfix.environment().items():
        monkeypatch.setenv(name, value)
    return postfix


def attached(arrived: bytes) -> tuple[str, bytes]:
    found = message_from_bytes(arrived, policy=default)
    assert isinstance(found, EmailMessage)
    (attachment,) = found.iter_attachments()
    return name_of(attachment), attachment.get_content()


def test_a_sheet_goes_into_the_outbox_once(email: Command, spanish: Path, tmp_path: Path) -> None:
    ran = email("ana@example.org")
    name = identifier_of(spanish.read_bytes(), "ana@example.org")
    assert (ran.code, ran.out, ran.err) == (0, f"{tmp_path}/outbox/new/{name}.eml\n", "")
    assert email("ana@example.org") == ran
    assert len(list((tmp_path / "outbox" / "new").iterdir())) == 1
    file_name, data = attached((tmp_path / "outbox" / "new" / f"{name}.eml").read_bytes())
    assert data == spanish.read_bytes()
    assert "needling" not in file_name


def test_from_the_sheet_to_the_mailbox(
    email: Command, command: Command, server: Postfix, spanish: Path, tmp_path: Path
) -> None:
    assert email("whole-way@example.org").code == 0
    name = identifier_of(spanish.read_bytes(), "whole-way@example.org")
    ran = command("outbox", "send", "--outbox", tmp_path / "outbox")
    assert (ran.code, ran.out) == (0, f"{name}: sent\n")
    (arrived,) = server.received(name)
    assert attached(arrived)[1] == spanish.read_bytes()
    header = arrived.split(b"\n\n")[0].decode()
    assert "\nContent-Language: es\n" in header
    assert "\nFrom: Lumen Skin Clinic <" in header
    for secret in (*map(str, DETAILS.values()), "Amina", "needling"):
        assert secret not in header
    assert command("outbox", "send", "--outbox", tmp_path / "outbox").code == 0
    assert command("outbox", "send", "--outbox", tmp_path / "outbox").out == "Nothing waits.\n"
    again = email("whole-way@example.org", "--send")
    assert (again.code, again.out) == (0, f"{tmp_path}/outbox/sent/{name}.eml\n")
    assert "warning: " in again.err
    assert "This email is in the outbox already: it is sent." in again.err
    assert len(server.settled(name)) == 1


def test_send_at_once_sends_this_one_alone(email: Command, server: Postfix, spanish: Path, tmp_path: Path) -> None:
    email("waits@example.org")
    ran = email("at-once@example.org", "--send", "--json")
    answer = json.loads(ran.out)
    name = identifier_of(spanish.read_bytes(), "at-once@example.org")
    assert answer == {
        "message": {
            "identifier": name,
            "path": f"{tmp_path}/outbox/sent/{name}.eml",
            "state": "sent",
            "added": True,
        },
        "tried": [{"identifier": name, "state": "sent", "answer": "accepted", "reason": answer["tried"][0]["reason"]}],
        "problems": [],
    }
    assert len(server.received(name)) == 1
    assert server.settled(identifier_of(spanish.read_bytes(), "waits@example.org")) == []
    name = identifier_of(spanish.read_bytes(), "in-words@example.org")
    assert email("in-words@example.org", "--send").out == f"{name}: sent\n{tmp_path}/outbox/sent/{name}.eml\n"


def test_what_is_refused_and_what_is_put_off_is_told_without_the_patient(
    email: Command, command: Command, server: Postfix, tmp_path: Path
) -> None:
    for address in (NOBODY, LATER):
        email(address)
    ran = command("outbox", "send", "--outbox", tmp_path / "outbox", "--tries", "1")
    assert ran.code == 9
    assert len(re.findall(r"^[0-9a-f]{32}: (?:refused|put off)$", ran.out, re.MULTILINE)) == 2
    assert "The mail server knows nobody under the patient's address: 550 5.1.1 <…>" in ran.err
    assert "This email could not be sent yet: 450 4.2.1 <…>" in ran.err
    listed = command("outbox", "list", "--outbox", tmp_path / "outbox")
    said = sorted(tuple(line.split()[1:3]) for line in listed.out.splitlines())
    assert said == sorted([(NOBODY, "failed:"), (LATER, "new")])
    rows = json.loads(command("outbox", "list", "--outbox", tmp_path / "outbox", "--json").out)["messages"]
    assert {(row["to"], row["state"], row["answer"]) for row in rows} == {
        (LATER, "new", ""),
        (NOBODY, "failed", "refused"),
    }
    kept = b"".join(path.read_bytes() for path in (tmp_path / "outbox").glob("*/*.json")).decode()
    for text in (ran.out, ran.err, kept):
        assert "@" not in text
    assert len(server.settled("nothing")) == 0


def test_what_a_crash_left_is_told_until_a_person_settles_it(
    email: Command, command: Command, server: Postfix, tmp_path: Path
) -> None:
    path = Path(email("crashed@example.org").out.strip())
    folder = ("--outbox", tmp_path / "outbox")
    path.rename(tmp_path / "outbox" / "sending" / path.name)
    for words in ("send", "list"):
        ran = command("outbox", words, *folder)
        assert ran.code == 9
        assert "Nobody knows whether this email was sent" in ran.err
    assert server.settled(path.stem) == []
    assert command("outbox", "settle", path.stem, *folder).code == 2
    assert command("outbox", "settle", path.name, "--not-sent", *folder).out == f"{path}\n"
    assert command("outbox", "send", *folder).code == 0
    assert len(server.received(path.stem)) == 1
    assert command("outbox", "settle", path.stem[:-1], "--sent", *folder).err.count(f"“{path.stem}”") == 1


def test_a_protected_sheet_arrives_protected_and_the_email_says_so(
    email: Command, server: Postfix, spanish: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOUTS_PDF_PASSWORD", SHEET_PASSWORD)
    assert email("locked@example.org", "--password", "--send").code == 0
    (arrived,) = server.received(identifier_of(spanish.read_bytes(), "locked@example.org"))
    data = attached(arrived)[1]
    with pikepdf.open(BytesIO(data), password=SHEET_PASSWORD) as opened:
        assert len(opened.pages) > 1
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(data))
    assert SHEET_PASSWORD.encode() not in arrived
    assert "contraseña" in message_from_bytes(arrived, policy=default).get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_password_given_later_is_on_the_sheet_that_waits(
    email: Command, spanish: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOUTS_PDF_PASSWORD", SHEET_PASSWORD)
    path = Path(email("later-locked@example.org").out.strip())
    assert attached(path.read_bytes())[1] == spanish.read_bytes()
    assert email("later-locked@example.org", "--password").code == 0
    data = attached(path.read_bytes())[1]
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(data))
    with pikepdf.open(BytesIO(data), password=SHEET_PASSWORD) as opened:
        assert opened.is_encrypted
    assert "contraseña" in message_from_bytes(path.read_bytes(), policy=default).get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_sender_given_later_sends_what_waits(
    email: Command, command: Command, server: Postfix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server refuses the first sender; the remedy that is told helps, and nobody else waits for it."""
    folder = ("--outbox", tmp_path / "outbox")
    monkeypatch.setenv("HANDOUTS_MAIL_FROM", REFUSED_SENDER)
    ran = email("other-sender@example.org", "--send")
    path = tmp_path / "outbox" / "new" / ran.out.splitlines()[-1].rpartition("/")[2]
    assert (ran.code, ran.out) == (9, f"{path.stem}: sender refused\n{path}\n")
    assert "does not let this sender send: 553 5.7.1 <…>: Sender address rejected: not your address.\n" in ran.err
    monkeypatch.delenv("HANDOUTS_MAIL_FROM")
    other = Path(email("another-one@example.org").out.strip())
    assert command("outbox", "send", *folder).code == 9
    assert len(server.received(other.stem)) == 1
    monkeypatch.setenv("HANDOUTS_MAIL_FROM", "desk@mail.example.org")
    assert email("other-sender@example.org", "--send").code == 0
    (arrived,) = server.received(path.stem)
    assert b"<desk@mail.example.org>" in arrived
    assert REFUSED_SENDER.encode() not in arrived


@pytest.mark.parametrize("state", ["sending", "failed", "sent"])
def test_what_a_server_has_heard_of_is_told_and_not_taken_for_done(
    email: Command, command: Command, server: Postfix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setenv("HANDOUTS_PDF_PASSWORD", SHEET_PASSWORD)
    path = Path(email(f"is-{state}@example.org").out.strip())
    moved = path.rename(tmp_path / "outbox" / state / path.name)
    before = moved.read_bytes()
    for arguments in ((), ("--send",)):
        ran = email(f"is-{state}@example.org", *arguments)
        assert (ran.code, ran.out) == (0 if state == "sent" else 9, f"{moved}\n")
        assert f"This email is in the outbox already: it is {state}." in ran.err
        assert f"handouts outbox settle {path.stem} --not-sent --outbox {tmp_path}/outbox" in ran.err
    ran = email(f"is-{state}@example.org", "--password", "--send", "--json")
    answer = json.loads(ran.out)
    assert (ran.code, [problem["code"] for problem in answer["problems"]]) == (9, ["mail-password-too-late"])
    assert answer["message"] == {"identifier": path.stem, "path": str(moved), "state": state, "added": False}
    assert moved.read_bytes() == before
    assert server.settled(path.stem) == []
    command("outbox", "settle", path.stem, "--not-sent", "--outbox", tmp_path / "outbox")
    assert email(f"is-{state}@example.org", "--password").out == f"{path}\n"
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(attached(path.read_bytes())[1]))


@pytest.mark.parametrize("language", ["es", "ar+en"])
def test_a_sheet_of_another_clinic_is_not_emailed(
    command: Command, clinic: Path, tmp_path: Path, language: str
) -> None:
    made = example_press().make(job("microneedling-aftercare", language), Destination(folder=tmp_path / "out"))
    sheet = made.receipts[0].path
    where = ("--address", "ana@example.org", "--outbox", tmp_path / "outbox", "--json")
    assert command("email", sheet, "--clinic", EXAMPLE_CLINIC, *where).code == 0
    renamed(clinic, "Other Clinic")
    ran = command("email", sheet, "--clinic", clinic, *where)
    assert ran.code == 9
    (problem,) = json.loads(ran.out)["problems"]
    assert problem["code"] == "sheet-of-another-clinic"
    assert "“Other Clinic”" in problem["what"]


@pytest.mark.parametrize("password", ["14.05.1987", "14 May 1987", "Password1", "sh0rt"])
def test_an_unfit_password_is_refused_before_anything_is_written(
    email: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("HANDOUTS_PDF_PASSWORD", password)
    ran = email("ana@example.org", "--password")
    assert (ran.code, ran.out) == (9, "")
    assert password not in ran.err
    assert not (tmp_path / "outbox").exists()


def test_an_unfit_password_is_told_before_a_batch_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOUTS_PDF_PASSWORD", "14.05.1987")
    with pytest.raises(InputError) as refused:
        mail_order(outbox_folder="outbox", lock=True, send_now=False)
    assert [problem.code for problem in refused.value.problems] == ["password-is-date"]


def with_password(sheet: Path, folder: Path) -> list[str]:
    command = [sys.executable, CHECKOUT / "generate.py", "email", sheet, "--clinic", EXAMPLE_CLINIC]
    command += ["--address", "ana@example.org", "--outbox", folder / "outbox", "--password"]
    return list(map(str, command))


def test_a_password_is_typed_twice_and_not_shown(spanish: Path, tmp_path: Path) -> None:
    command = with_password(spanish, tmp_path)
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, command)  # noqa: S606 - the command under test
    shown = b""
    with open(terminal, "r+b", buffering=0) as keyboard:  # noqa: PTH123 - a terminal, not a path
        while shown.count(b":") < 1:
            shown += os.read(terminal, 1024)
        keyboard.write(f"{SHEET_PASSWORD}\n".encode())
        while shown.count(b":") < 2:
            shown += os.read(terminal, 1024)
        keyboard.write(f"{SHEET_PASSWORD}\n".encode())
        _, status = os.waitpid(child, 0)
    assert os.WEXITSTATUS(status) == 0
    assert SHEET_PASSWORD.encode() not in shown
    (path,) = (tmp_path / "outbox" / "new").glob("*.eml")
    with pikepdf.open(BytesIO(attached(path.read_bytes())[1]), password=SHEET_PASSWORD) as opened:
        assert opened.is_encrypted


def test_without_a_keyboard_the_environment_must_have_the_password(spanish: Path, tmp_path: Path) -> None:
    command = with_password(spanish, tmp_path)
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (9, "")
    assert "Set HANDOUTS_PDF_PASSWORD." in ran.stderr


class Kept(KeyringBackend):
    """A keyring that holds the one password of the tests' postfix."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """Return it to who asks as handouts does."""
        return PASSWORD if (service, username) == ("handouts", "desk@mail.example.org@localhost") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep nothing."""

    def delete_password(self, service: str, username: str) -> None:
        """Keep what there is."""


def test_the_accounts_password_comes_from_the_keyring(
    email: Command, server: Postfix, spanish: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HANDOUTS_SMTP_PASSWORD")
    before = keyring.get_keyring()
    try:
        keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]  # the library's
        ran = email("keyring@example.org", "--send")
        assert "keyring set handouts desk@mail.example.org@localhost" in ran.err
        keyring.set_keyring(Kept())  # type: ignore[no-untyped-call]  # the library's
        assert email("keyring@example.org", "--send").code == 0
    finally:
        keyring.set_keyring(before)
    assert len(server.received(identifier_of(spanish.read_bytes(), "keyring@example.org"))) == 1


def test_all_that_is_wrong_is_told_at_once(command: Command, clinic: Path, tmp_path: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(re.sub(r"(?m)^email = .*$", "", file.read_text()))
    (tmp_path / "page.pdf").write_text("<!DOCTYPE html>")
    where = ("--address", "zebulon@@example.org", "--outbox", tmp_path / "outbox")
    ran = command("email", tmp_path / "page.pdf", "--clinic", clinic, *where, "--json")
    assert ran.code == 9
    found = [problem["code"] for problem in json.loads(ran.out)["problems"]]
    assert found == ["not-an-address", "not-a-pdf", "no-sender"]
    assert "zebulon" not in ran.out + ran.err
    assert not (tmp_path / "outbox").exists()


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"\0" * 9])
def test_a_file_that_is_no_sheet_is_told(command: Command, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "sheet.pdf").write_bytes(data)
    where = ("--address", "ana@example.org", "--outbox", tmp_path / "outbox")
    ran = command("email", tmp_path / "sheet.pdf", "--clinic", EXAMPLE_CLINIC, *where)
    assert (ran.code, ran.err.splitlines()[1]) == (9, "  This is not a PDF, or a damaged one.")
    ran = command("email", tmp_path / "nothing.pdf", "--clinic", EXAMPLE_CLINIC, *where)
    assert (ran.code, ran.err.splitlines()[1]) == (9, "  This file is not there.")


def test_an_older_sheet_is_not_emailed(command: Command, spanish: Path, clinic: Path, tmp_path: Path) -> None:
    library = clinic / "library"
    library.mkdir(exist_ok=True)
    source = (CHECKOUT / "handouts/library/microneedling-aftercare.md").read_text()
    (library / "microneedling-aftercare.md").write_text(source.replace('version: "1.1"', 'version: "1.2"', 1))
    ran = command(
        *(
            "email",
            spanish,
            "--clinic",
            clinic,
            "--address",
            "ana@example.org",
            "--outbox",
            tmp_path / "outbox",
            "--json",
        )
    )
    assert ran.code == 9
    assert "sheet-outdated" in [problem["code"] for problem in json.loads(ran.out)["problems"]]
    assert not (tmp_path / "outbox").exists()


def test_wrong_settings_are_told_before_anything_is_written(
    email: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOUTS_SMTP_TLS", "ssl")
    monkeypatch.setenv("HANDOUTS_MAIL_FROM", "nobody")
    ran = email("ana@example.org", "--send", "--json")
    assert [problem["path"] for problem in json.loads(ran.out)["problems"]] == [
        "HANDOUTS_MAIL_FROM",
        "HANDOUTS_SMTP_HOST",
        "HANDOUTS_SMTP_TLS",
    ]
    assert not (tmp_path / "outbox").exists()
