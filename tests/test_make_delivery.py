"""`make --print`, `make --email`, `make --ledger`: one command from a treatment to paper and mailbox."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pikepdf
import pytest

from handouts import batch
from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.records import BatchOrder, Destination, MailOrder, MailServer, MailState, Sender, Tls
from handouts.resources import Resources
from handouts.treatment.tables import TableForm, read_table
from tests.conftest import EXAMPLE_CLINIC, EXAMPLE_TREATMENT, NOW, Ran, example_press, job
from tests.mail_server.postfix import Postfix, free_port
from tests.printers.printroom import PrintRoom, print_room
from tests.tables import row, write_table
from tests.waiting import until

pytest_plugins = ["tests.mail_server.fixtures"]

Run = Callable[..., Ran]
BATCH = ("--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", "--workers", "1")
SECRET = "correct horse battery"  # noqa: S105 - made up
MAKE = ("make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, "--treatment", EXAMPLE_TREATMENT)
TO_INBOX = ("--email", "--patient-email", "inbox@example.org")


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PrintRoom]:
    with print_room() as opened:
        for name in ("LPDEST", "PRINTER", "CUPS_SERVER", "CUPS_USER", "CUPS_ENCRYPTION"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        for name, value in opened.environment.items():
            monkeypatch.setenv(name, value)
        yield opened


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def message(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)


def attached(data: bytes) -> bytes:
    (pdf,) = message(data).iter_attachments()
    return cast("bytes", pdf.get_content())


def test_a_sheet_is_made_printed_and_kept_in_the_ledger(command: Run, room: PrintRoom, tmp_path: Path) -> None:
    desk = room.add("desk")
    room.run("lpadmin", "-d", "desk")
    ledger = tmp_path / "ledger.jsonl"
    ran = command(*MAKE, "--language", "es", "--to", tmp_path, "--print", "--copies", "2", "--ledger", ledger)
    assert ran.code == 0, ran.err
    assert "desk-1: completed" in ran.out
    (arrived,) = desk.arrived()
    assert arrived.pdf == only(tmp_path, "*.pdf").read_bytes()
    assert arrived.attributes["copies"] == "2"
    assert arrived.attributes["sides"] == "two-sided-long-edge"
    steps = [json.loads(line)["step"] for line in ledger.read_text().splitlines()[1:]]
    assert steps == ["made", "printing", "printed"]
    found = command("ledger", "find", ledger, "--record-number", "LSC-00417")
    assert "language es, printed" in found.out


def test_a_printer_that_is_not_there_leaves_the_sheet(command: Run, room: PrintRoom, tmp_path: Path) -> None:
    room.add("desk")
    ran = command(*MAKE, "--to", tmp_path / "out", "--print", "dsk")
    assert ran.code == 9
    assert "Did you mean “desk”?" in ran.err
    assert str(only(tmp_path / "out", "*.pdf")) in ran.out


def test_a_sheet_is_made_and_sent(
    command: Run, postfix: Postfix, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in postfix.environment().items():
        monkeypatch.setenv(name, value)
    outbox = tmp_path / "outbox"
    ran = command(*MAKE, "--language", "ar+en", "--to", tmp_path, *TO_INBOX, "--outbox", outbox, "--send", "--json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["tried"][0]["state"]) == (0, "sent")
    (received,) = postfix.received(Path(answer["sheets"][0]["message"]).stem)
    assert attached(received) == only(tmp_path, "*.pdf").read_bytes()
    assert message(received)["To"] == "inbox@example.org"
    assert "Amina" not in str(message(received)["Subject"])


def test_a_program_that_names_a_mail_server_has_its_sheet_sent_at_once(postfix: Postfix, tmp_path: Path) -> None:
    order = MailOrder(outbox=tmp_path / "outbox", sender=Sender(), server=postfix.server(), tries=1)
    wish = job("microneedling-aftercare", "es", "en", patient_email="inbox@example.org")
    made = example_press().make(wish, Destination(folder=tmp_path, mail=order))
    assert errors_of(made.problems) == ()
    assert [posted.state for posted in made.posted] == [MailState.SENT, MailState.SENT]
    for receipt in made.receipts:
        assert receipt.message is not None
        assert receipt.message.parent.name == "sent"
        (received,) = postfix.received(receipt.message.stem)
        assert attached(received) == receipt.path.read_bytes()


def test_a_mail_server_that_is_not_there_is_an_error_beside_the_sheet(tmp_path: Path) -> None:
    nobody = MailServer(host="127.0.0.1", port=free_port(), tls=Tls.NONE)
    order = MailOrder(outbox=tmp_path / "outbox", sender=Sender(), server=nobody, tries=1)
    wish = job("microneedling-aftercare", "es", patient_email="inbox@example.org")
    made = example_press().make(wish, Destination(folder=tmp_path, mail=order))
    (receipt,) = made.receipts
    assert receipt.path.is_file()
    assert receipt.message is not None
    assert receipt.message.parent.name == "new"
    assert [problem.code for problem in errors_of(made.problems)] == ["mail-later"]


def test_a_batch_refuses_a_mail_server_before_its_first_row(tmp_path: Path) -> None:
    server = MailServer(host="mail.example.org", port=587, tls=Tls.STARTTLS)
    mail = MailOrder(outbox=tmp_path / "outbox", sender=Sender(), server=server)
    wanted = Destination(folder=tmp_path / "out", mail=mail, ledger=tmp_path / "ledger.jsonl")
    order = BatchOrder(destination=wanted, pattern="{reference}", started_at=NOW)
    resources = Resources(clinic=EXAMPLE_CLINIC)
    rows = read_table(b"patient,performed_on\nAna Example,2026-11-01 15:00\n", "treatments.csv", form=TableForm.CSV)
    with pytest.raises(InputError) as error:
        batch.run(
            rows, order, Press(resources), batch.Processes(resources=resources, workers=1),
            clock=lambda: NOW, progress=lambda _rows: nullcontext(lambda _done: None),
        )  # fmt: skip
    assert [problem.code for problem in error.value.problems] == ["batch-does-not-send"]


def test_a_locked_sheet_opens_with_the_password_alone(
    command: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HANDOUTS_PDF_PASSWORD", SECRET)
    ran = command(*MAKE, "--to", tmp_path, *TO_INBOX, "--outbox", tmp_path / "outbox", "--password")
    assert ran.code == 0, ran.err
    data = only(tmp_path / "outbox" / "new", "*.eml").read_bytes()
    (tmp_path / "locked.pdf").write_bytes(attached(data))
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(tmp_path / "locked.pdf")
    with pikepdf.open(tmp_path / "locked.pdf", password=SECRET) as opened:
        assert len(opened.pages) == 2
    body = message(data).get_body(("plain",))
    assert body is not None
    assert "It opens with the password that we gave you." in body.get_content()


def test_a_password_of_the_patients_own_names_is_refused_before_a_sheet_is_made(
    command: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HANDOUTS_PDF_PASSWORD", "quibdo xiomara 77")
    there = ("--patient", "Xiomara Quibdó", *TO_INBOX, "--outbox", tmp_path / "outbox", "--password")
    ran = command(*MAKE, *there, "--to", tmp_path / "sheets")
    assert (ran.code, "would soon be guessed" in ran.err) == (9, True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--email",), 4, "There is no email address"),
        ((*TO_INBOX, "--format", "html"), 2, "Only a PDF can be printed or sent"),
        (("--print", "--format", "html"), 2, "Only a PDF can be printed or sent"),
        (("--copies", "2"), 2, "--copies says how, but nothing says --print"),
        (("--outbox", "o"), 2, "--outbox says how, but nothing says --email"),
        (("--send",), 2, "--send says how, but nothing says --email"),
        ((*TO_INBOX, "--send"), 9, "HANDOUTS_SMTP_HOST"),
    ],
)
def test_what_cannot_be_delivered_is_refused_before_anything_is_made(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int, words: str
) -> None:
    for name in [name for name in os.environ if name.startswith("HANDOUTS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    ran = command(*MAKE, "--to", tmp_path / "out", *options)
    assert (ran.code, words in ran.err) == (code, True), ran.err
    assert not (tmp_path / "out").exists()


def test_a_batch_asks_the_printer_first(command: Run, room: PrintRoom, tmp_path: Path) -> None:
    room.add("small", simple=True)
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out")
    wrong_paper = command(*batch, "--print", "small")
    assert (wrong_paper.code, "Letter" in wrong_paper.err) == (9, True), wrong_paper.err
    unknown = command(*batch, "--print", "smal")
    assert (unknown.code, "Did you mean “small”?" in unknown.err) == (9, True)
    assert not list((tmp_path / "out").glob("*.pdf"))


def test_a_batch_finds_the_job_of_a_sheet_that_a_crash_left_unnoted(
    command: Run, room: PrintRoom, tmp_path: Path
) -> None:
    desk = room.add("desk")
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out")
    assert command(*batch, "--print", "desk", "--fhir", tmp_path / "record").code == 0
    assert entered(tmp_path / "record") == ["completed"]
    ledger = tmp_path / "out" / "ledger.jsonl"
    lines = ledger.read_text().splitlines(keepends=True)
    assert '"printed"' in lines[-1]
    ledger.write_text("".join(lines[:-1]))  # As a crash between the printer's answer and the ledger leaves it.
    again = command(*batch, "--print", "desk", "--resume")
    assert again.code == 0, again.err
    assert '"printed"' in ledger.read_text().splitlines()[-1]
    assert len(desk.arrived()) == 1


def test_a_batch_tells_why_sheets_wait_at_the_printer(command: Run, room: PrintRoom, tmp_path: Path) -> None:
    desk = room.add("desk")
    room.run("cupsdisable", "desk")
    table = write_table(tmp_path / "treatments.csv", [row(0), row(4)])
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out", "--fhir", tmp_path / "record")
    ran = command(*batch, "--print", "desk", "--patience", "600")
    assert (ran.code, "2 sheets made" in ran.out) == (9, True), ran.err
    assert "paused" in ran.err
    assert entered(tmp_path / "record") == ["in-progress"] * 2
    room.run("cupsenable", "desk")
    until(lambda: len(desk.arrived()) == 2, "the waiting sheets to be printed")
    assert command(*batch, "--print", "desk", "--resume").code == 0
    assert len(desk.arrived()) == 2
    assert entered(tmp_path / "record") == ["completed"] * 2


def entered(record: Path) -> list[str]:
    """Return how far the record system is told that each sheet has come."""
    return sorted(json.loads(path.read_text())["status"] for path in record.glob("*.Communication.json"))


def test_every_row_of_a_batch_by_email_needs_an_address(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0), [*row(1)[:6], ""]])
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out")
    ran = command(*batch, "--email", "--outbox", tmp_path / "outbox")
    assert (ran.code, "treatments.csv, line 3" in ran.err) == (4, True)
    assert "no email address" in ran.err
    assert not list((tmp_path / "out").glob("*.pdf"))


def test_a_job_that_was_cancelled_is_told_with_its_row_and_printed_anew(
    command: Run, room: PrintRoom, tmp_path: Path
) -> None:
    desk = room.add("desk")
    room.run("cupsdisable", "desk")
    table = write_table(tmp_path / "treatments.csv", [row(0), row(4)])
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out", "--print", "desk")
    at_once = command(*batch, "--patience", "0")
    assert (at_once.code, "2 sheets made" in at_once.out) == (0, True), at_once.err
    room.run("cancel", "desk-1")
    room.run("cupsenable", "desk")
    until(lambda: len(desk.arrived()) == 1, "the other sheet to be printed")
    resumed = command(*batch, "--resume")
    assert resumed.code == 0, resumed.err
    assert len(desk.arrived()) == 2
    assert len({arrived.pdf for arrived in desk.arrived()}) == 2
    room.run("cupsdisable", "desk")
    more = write_table(tmp_path / "treatments.csv", [row(0), row(4), row(8)])
    held = command("batch", more, *BATCH, "--to", tmp_path / "out", "--print", "desk", "--resume", "--patience", "600")
    assert (held.code, "treatments.csv, line 4" in held.err) == (9, True), held.err


@pytest.mark.parametrize(("state", "code", "word"), [("sent", 0, "it is sent"), ("failed", 9, "it is failed")])
def test_an_email_that_was_sent_or_refused_is_not_made_again(
    command: Run, tmp_path: Path, state: str, code: int, word: str
) -> None:
    make = (*MAKE, "--to", tmp_path, *TO_INBOX, "--outbox", tmp_path / "outbox", "--ledger", tmp_path / "l.jsonl")
    assert command(*make).code == 0
    message = only(tmp_path / "outbox" / "new", "*.eml")
    message.rename(tmp_path / "outbox" / state / message.name)
    again = command(*make)
    assert (again.code, word in again.err) == (code, True), again.err
    assert (tmp_path / "l.jsonl").read_text().count("in-outbox") == 1


def test_what_the_ledger_cannot_keep_is_not_printed_or_mailed(command: Run, tmp_path: Path) -> None:
    ledger = tmp_path / "l.jsonl"
    make = (*MAKE, "--to", tmp_path / "out", *TO_INBOX, "--outbox", tmp_path / "outbox", "--ledger", ledger)
    assert command(*make).code == 0
    (tmp_path / "l.key").chmod(0o644)
    only(tmp_path / "outbox" / "new", "*.eml").unlink()
    only(tmp_path / "out", "*.pdf").unlink()
    assert command(*make).code == 9
    assert not list((tmp_path / "out").glob("*.pdf"))
    assert not list((tmp_path / "outbox" / "new").glob("*.eml"))


def emails(outbox: Path) -> list[str]:
    """Return to whom each email of an outbox goes."""
    return sorted(str(message(path.read_bytes())["To"]) for path in outbox.glob("*/*.eml"))


def test_no_email_is_doubled_by_whoever_makes_it(command: Run, tmp_path: Path) -> None:
    outbox, table = tmp_path / "outbox", write_table(tmp_path / "treatments.csv", [row(0), row(4)])
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out", "--email", "--outbox", outbox)
    assert command(*batch).code == 0
    both = emails(outbox)
    assert len(both) == 2
    shutil.rmtree(tmp_path / "out")  # And with it the ledger.
    again = command(*batch)
    assert (again.code, emails(outbox)) == (0, both), again.err
    sheet = next((tmp_path / "out").glob("*.pdf"))
    alone = ("email", sheet, "--clinic", EXAMPLE_CLINIC, "--outbox", outbox)
    answers = [command(*alone, "--address", address) for address in both]
    assert [answer.code for answer in answers] == [0, 0]
    assert len(emails(outbox)) == 3, "one sheet to the other's address is another email"


def test_what_was_sent_is_not_put_there_again_without_its_ledger(command: Run, tmp_path: Path) -> None:
    outbox, table = tmp_path / "outbox", write_table(tmp_path / "treatments.csv", [row(0), row(4)])
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out", "--email", "--outbox", outbox)
    assert command(*batch).code == 0
    for path in (outbox / "new").glob("*.eml"):
        path.rename(outbox / "sent" / path.name)
    shutil.rmtree(tmp_path / "out")
    again = command(*batch)
    assert (again.code, len(emails(outbox))) == (0, 2), again.err
    assert again.err.count("is in the outbox already") == 2
    assert not list((outbox / "new").glob("*.eml"))


def test_an_email_that_cannot_be_put_there_does_not_stop_the_others(command: Run, tmp_path: Path) -> None:
    outbox, table = tmp_path / "outbox", write_table(tmp_path / "treatments.csv", [row(0), row(4)])
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out", "--email", "--outbox", outbox)
    assert command(*batch).code == 0
    taken, other = sorted((outbox / "new").glob("*.eml"))
    for path in (taken, other):
        path.unlink()
    taken.mkdir()
    (taken / "planted").touch()
    shutil.rmtree(tmp_path / "out")
    for _ in range(2):
        ran = command(*batch, "--resume", "--fhir", tmp_path / "record")
        assert (ran.code, other.is_file()) == (9, True), ran.err
        assert "treatments.csv, line" in ran.err
        assert entered(tmp_path / "record") == ["in-progress", "preparation"], "one is in the outbox"
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 2
