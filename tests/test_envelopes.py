"""Several documents for one treatment: one print job, one email, a line of the ledger each."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from handouts.delivery.printing.joining import joined
from handouts.errors import InputError, errors_of
from handouts.interfaces.desk.handing_out import Finish, hand_out
from handouts.interfaces.desk.wishing import wish
from handouts.press import Press
from handouts.records import Destination, Format, MailOrder, Sender, Step
from tests.attachments import name_of
from tests.conftest import EXAMPLE_CLINIC, EXAMPLE_TREATMENT, NOW, Ran, example_press, job
from tests.printers.printroom import PrintRoom
from tests.test_make_delivery import room as room  # noqa: PLC0414 - a fixture

Run = Callable[..., Ran]
BOTH = ("microneedling-aftercare", "microneedling-bumps")


@pytest.fixture(scope="module")
def press() -> Press:
    return example_press()


def pages(data: bytes) -> int:
    with pikepdf.open(BytesIO(data)) as pdf:
        return len(pdf.pages)


def test_one_command_makes_one_print_job_one_email_and_a_line_each(
    command: Run, room: PrintRoom, tmp_path: Path
) -> None:
    desk = room.add("desk")
    ledger, outbox = tmp_path / "ledger.jsonl", tmp_path / "outbox"
    ran = command("make", *BOTH, BOTH[0], "--clinic", EXAMPLE_CLINIC, "--treatment", EXAMPLE_TREATMENT,
                  "--to", tmp_path, "--language", "ar", "--wait", "make-up=3 days: thin skin", "--print", "desk",
                  "--ledger", ledger, "--email", "--patient-email", "ana@example.org", "--outbox", outbox)  # fmt: skip
    assert ran.code == 0, ran.err
    sheets = [path.read_bytes() for path in map(Path, ran.out.splitlines()) if path.suffix == ".pdf"]
    assert [path.rpartition("/")[2][:-16] for path in ran.out.splitlines()[:2]] == list(BOTH)
    (arrived,) = desk.arrived()
    assert ran.out.count("desk-1: completed") == 1
    assert pages(arrived.pdf) == sum(count + count % 2 for count in map(pages, sheets))
    (file,) = outbox.glob("new/*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    attached = {name_of(part): part.get_content() for part in mail.iter_attachments()}
    assert list(attached.values()) == sheets
    for form in ("plain", "html"):
        body = mail.get_body((form,))
        assert body is not None
        text = body.get_content()
        assert all(text.count(name) == 1 for name in attached), f"{form}: {list(attached)}"
        assert text.count("نشرتكم مرفقة بهذه الرسالة") == 2, "said of each"
    lines = [json.loads(line) for line in ledger.read_text().splitlines()[1:]]
    assert [(line["document"], line["step"]) for line in lines] == [
        (document, step) for step in ("made", "printing", "in-outbox", "printed") for document in BOTH
    ]
    assert len({line["row"] for line in lines}) == 2


def test_what_one_document_alone_knows_is_left_out_on_the_other(press: Press) -> None:
    waits = ["make-up=3 days: thin skin", "strong-products=9 days: thin skin"]
    wish = replace(job(BOTH[0], waiting_periods=waits), beside=BOTH[1:])
    known = [[wait.id for wait in press.check(each)[0].checked.treatment.waiting_periods] for each in wish.envelope]
    assert known == [["make-up", "strong-products"], ["strong-products"]]
    with pytest.raises(InputError) as alone:
        press.check(job(BOTH[1], waiting_periods=waits))
    assert [problem.code for problem in errors_of(alone.value.problems)] == ["not-in-document"]
    for nobody in (job(BOTH[0], waiting_periods=["make-down=3 days: thin skin"]), job(BOTH[0], body_sites=["elbow"])):
        with pytest.raises(InputError) as nowhere:
            press.make(replace(nobody, beside=BOTH[1:]), Destination(folder=Path()))
        assert [problem.code for problem in errors_of(nowhere.value.problems)] == ["not-in-document"] * 2


def test_sheets_of_two_times_are_no_envelope(press: Press) -> None:
    with pytest.raises(InputError) as mixed:
        press.make(replace(job(BOTH[0]), beside=("microneedling-before",)), Destination(folder=Path()))
    assert [problem.code for problem in errors_of(mixed.value.problems)] == ["envelope-mixes-times"]


def test_the_email_of_one_sheet_has_no_numbers(press: Press) -> None:
    one, two = (press.mail(BOTH[0], "en", NOW.date(), beside=beside) for beside in ((), BOTH[1:]))
    assert (one.attachment_names, two.attachment_names) == (
        ("information sheet.pdf",), ("information sheet 1.pdf", "information sheet 2.pdf"),
    )  # fmt: skip
    assert "information sheet" not in one.text
    assert two.text.index("sheet 1.pdf") < two.text.index("sheet 2.pdf")


def test_each_sheet_begins_on_paper_of_its_own_where_both_sides_are_printed() -> None:
    def blank(count: int) -> bytes:
        data = BytesIO()
        with pikepdf.new() as pdf:
            for _ in range(count):
                pdf.add_blank_page(page_size=(595, 842))
            pdf.save(data)
        return data.getvalue()

    sheets = [blank(count) for count in (1, 2, 3)]
    assert [joined(sheets, two_sided=both)[1] for both in (True, False)] == [8, 6]
    assert pages(joined(sheets, two_sided=True)[0]) == 8


def test_the_desk_hands_an_envelope_out(press: Press, tmp_path: Path) -> None:
    details = {"patient.name": "Ana Example", "patient.email": "ana@example.org", "performed_on": "2026-11-21 15:00"}
    wanted = wish({"document": BOTH[0], "beside": [*BOTH, ""], "languages": ["en"], "details": details})
    assert (wanted.document, wanted.beside) == (BOTH[0], BOTH[1:])
    destination = Destination(
        folder=tmp_path,
        mail=MailOrder(outbox=tmp_path / "outbox", sender=Sender()),
        ledger=tmp_path / "ledger.jsonl",
    )
    work = Finish(wish=wanted, now=NOW, form=Format.PDF, destination=destination)
    finished = pickle.loads(pickle.dumps(work(press)))  # noqa: S301 - as it comes from the workroom
    stages: list[str] = []
    handed = hand_out(finished, destination, lambda: NOW, stages.append)
    assert [receipt.sheet.document for receipt in handed.made.receipts] == list(BOTH)
    assert {receipt.message for receipt in handed.made.receipts} == {handed.receipt.message}
    assert len(list(tmp_path.glob("outbox/new/*.eml"))) == 1
    assert [(entry.document, entry.step) for entry in handed.entries] == [
        (document, step) for step in (Step.MADE, Step.IN_OUTBOX) for document in BOTH
    ]
    assert (stages, errors_of(handed.made.problems)) == (["made"], ())
