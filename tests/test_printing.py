"""Sheets on paper, through a real CUPS to printers in software: what arrives, and what is said where nothing does."""

import json
import os
import pwd
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from handouts.delivery.printing import scheduler
from handouts.delivery.printing.following import follow
from handouts.delivery.printing.ipp import Attribute, Group, Operation, Response, Tag, decode, encode
from handouts.delivery.printing.printer import job_titled, print_sheet, queues
from handouts.delivery.printing.queue_list import troubles
from handouts.delivery.printing.reasons import keywords_of
from handouts.errors import ExitCode, InputError, Problem
from handouts.interfaces.print_settings import print_server
from handouts.interfaces.words import remedy, what
from handouts.records import (
    Destination,
    JobState,
    Paper,
    PrintColorMode,
    Printed,
    PrintOrder,
    PrintServer,
    QueueState,
    Sides,
)
from tests.conftest import Ran, example_press, job
from tests.printers.printroom import PrintRoom, print_room
from tests.printers.software_printer import SoftwarePrinter, free_port
from tests.waiting import HANGS, until

ME = pwd.getpwuid(os.getuid()).pw_name
IN_THE_END = PrintOrder(patience=HANGS)
AT_ONCE = PrintOrder(patience=0)
SETTINGS = ("LPDEST", "PRINTER", "CUPS_SERVER", "CUPS_USER", "CUPS_ENCRYPTION")


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sheets")
    made = example_press().make(job(paper=Paper.A4), Destination(folder=folder))
    return made.receipts[0].path


@pytest.fixture
def room() -> Iterator[PrintRoom]:
    with print_room() as opened:
        yield opened


@pytest.fixture
def desk(room: PrintRoom) -> SoftwarePrinter:
    printer = room.add("desk")
    room.run("lpadmin", "-d", "desk")
    return printer


@pytest.fixture
def at_the_desk(room: PrintRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in room.environment.items():
        monkeypatch.setenv(name, value)


def server(room: PrintRoom) -> PrintServer:
    return PrintServer(address=str(room.socket), user=ME)


def send(
    sheet: Path,
    room: PrintRoom,
    order: PrintOrder = IN_THE_END,
    *,
    pages: int = 2,
    paper: Paper = Paper.A4,
    title: str = "handout 3fa2c1d4",
) -> Printed:
    return print_sheet(sheet.read_bytes(), order, pages=pages, paper=paper, server=server(room), title=title)


def refused(print_it: Callable[[], object]) -> Problem:
    begun = time.monotonic()
    with pytest.raises(InputError) as raised:
        print_it()
    assert time.monotonic() - begun < HANGS, "it has been told when patience was over, no sooner"
    (problem,) = raised.value.problems
    return problem


def told_of(job: Printed, room: PrintRoom) -> Problem:
    """Return what is told of a job that waits when patience is over."""
    return refused(lambda: follow(server(room), job.queue, job.job, paper=Paper.A4, patience=0))


def alerted(room: PrintRoom, *keywords: str) -> None:
    """Wait until CUPS gives these reasons for the state of the printer."""
    until(
        lambda: all(any(word in given for given in troubles(server(room), "desk")[0]) for word in keywords),
        f"{keywords} at the printer",
    )


def jobs(room: PrintRoom) -> list[str]:
    return [line.split()[0] for line in room.run("lpstat", "-W", "not-completed", "-o").splitlines()]


def printed_once(printer: SoftwarePrinter, room: PrintRoom) -> None:
    until(lambda: printer.arrived() and not jobs(room), "the waiting job to be printed")
    assert len(printer.arrived()) == 1


def test_what_arrives_is_the_sheet_as_it_was_ordered(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    order = PrintOrder(copies=2, color_mode=PrintColorMode.MONOCHROME, media_source="main", patience=HANGS)
    assert send(sheet, room, order) == Printed(queue="desk", job=1, state=JobState.COMPLETED)
    (arrived,) = desk.arrived()
    assert arrived.pdf == sheet.read_bytes()
    with pikepdf.open(sheet) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert len(pdf.pages) == 2
    assert arrived.attributes["copies"] == "2"
    assert arrived.attributes["sides"] == "two-sided-long-edge"
    assert arrived.attributes["print-color-mode"] == "monochrome"
    assert "media-size={x-dimension=21000 y-dimension=29700}" in arrived.attributes["media-col"]
    assert "media-source=main" in arrived.attributes["media-col"]
    assert arrived.attributes["content-type"] == "application/pdf"


@pytest.mark.parametrize(
    ("paper", "dimensions"), [(Paper.A4, "x-dimension=21000 y-"), (Paper.LETTER, "x-dimension=21590 y-")]
)
@pytest.mark.parametrize(
    ("pages", "asked", "expected"),
    [
        (1, None, "one-sided"),
        (2, None, "two-sided-long-edge"),
        (1, Sides.TWO_SIDED, "two-sided-long-edge"),
        (2, Sides.ONE_SIDED, "one-sided"),
    ],
)
def test_sides_follow_the_pages_and_paper_the_sheet(
    pages: int,
    asked: Sides | None,
    expected: str,
    paper: Paper,
    dimensions: str,
    sheet: Path,
    room: PrintRoom,
    desk: SoftwarePrinter,
) -> None:
    send(sheet, room, replace(AT_ONCE, sides=asked), pages=pages, paper=paper)
    (arrived,) = until(desk.arrived, "the sheet to arrive")
    assert arrived.attributes["sides"] == expected
    assert dimensions in arrived.attributes["media-col"]


def test_a_printer_for_one_side_gets_several_pages_on_one_side(sheet: Path, room: PrintRoom) -> None:
    printer = room.add("plain", duplex=False)
    send(sheet, room, replace(IN_THE_END, queue="plain"))
    assert printer.arrived()[0].attributes["sides"] == "one-sided"


@pytest.mark.usefixtures("desk")
def test_queues_tell_what_they_can_do(room: PrintRoom) -> None:
    room.add("small", simple=True)
    first, second = queues(server(room))
    assert queues(PrintServer(address=f"localhost:{room.port}", user=ME)) == (first, second)
    assert (first.name, first.is_default, first.accepting, first.state) == ("desk", True, True, QueueState.IDLE)
    assert (first.can_duplex, first.can_color, first.takes_pdf, first.reasons) == (True, True, True, ())
    assert {"iso_a4_210x297mm", "na_letter_8.5x11in"} <= set(first.media)
    assert first.trays == ("auto", "main", "photo")
    assert (second.name, second.is_default, second.can_duplex, second.can_color) == ("small", False, False, False)
    assert second.media == ("iso_a4_210x297mm",)


def test_a_class_of_printers_can_what_all_of_them_can(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    room.run("lpadmin", "-p", "desk", "-c", "team")
    room.run("cupsenable", "team")
    room.run("cupsaccept", "team")
    assert send(sheet, room, replace(IN_THE_END, queue="team")).queue == "team"
    assert desk.arrived()[0].attributes["sides"] == "two-sided-long-edge"
    room.add("small", simple=True)
    room.run("lpadmin", "-p", "small", "-c", "team")
    (team,) = [queue for queue in queues(server(room)) if queue.name == "team"]
    assert (team.can_duplex, team.can_color, team.media) == (False, False, ("iso_a4_210x297mm",))


def test_ones_own_default_queue_comes_before_the_servers(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    room.add("mine")
    mine = PrintServer(address=str(room.socket), user=ME, default_queue="mine")
    assert [queue.name for queue in queues(mine) if queue.is_default] == ["mine"]
    done = print_sheet(sheet.read_bytes(), IN_THE_END, pages=2, paper=Paper.A4, server=mine)
    assert done.queue == "mine"
    assert desk.arrived() == ()


def test_no_printer_no_default_and_no_such_printer_are_three_things(sheet: Path, room: PrintRoom) -> None:
    assert refused(lambda: send(sheet, room)).code == "print-no-queues"
    printer = room.add("front-desk")
    problem = refused(lambda: send(sheet, room))
    assert (problem.code, problem.values["known"]) == ("print-no-default", "front-desk")
    problem = refused(lambda: send(sheet, room, PrintOrder(queue="frontdesk")))
    assert (problem.code, problem.nearest, problem.exit_code) == ("print-no-queue", "front-desk", ExitCode.DELIVERY)
    problem = refused(lambda: send(sheet, room, PrintOrder(queue="front-desk", media_source="mian")))
    assert (problem.code, problem.nearest) == ("print-no-tray", "main")
    assert printer.arrived() == ()


def test_all_that_a_printer_cannot_do_is_told_before_anything_is_sent(sheet: Path, room: PrintRoom) -> None:
    room.add("small", simple=True)
    room.run("cupsreject", "small")
    order = PrintOrder(
        queue="small",
        copies=10_000,
        sides=Sides.TWO_SIDED,
        color_mode=PrintColorMode.COLOR,
        media_source="photo",
    )
    with pytest.raises(InputError) as raised:
        send(sheet, room, order, paper=Paper.LETTER)
    assert {problem.code for problem in raised.value.problems} == {
        "print-rejecting",
        "print-other-paper",
        "print-copies",
        "print-one-sided-only",
        "print-mono-only",
        "print-no-trays",
    }
    (paper,) = [problem for problem in raised.value.problems if problem.code == "print-other-paper"]
    assert what(paper) == "“small” has no Letter; this sheet is Letter."
    assert remedy(paper).startswith("Make the sheet again with --paper A4")
    assert room.run("lpstat", "-W", "all", "-o") == ""


def test_a_queue_without_a_way_for_pdf_is_told(sheet: Path, room: PrintRoom) -> None:
    (room.folder / "data" / "mime" / "mime.convs").unlink()
    room.stop()
    room.start()
    room.add("desk")
    assert refused(lambda: send(sheet, room, PrintOrder(queue="desk"))).code == "print-takes-no-pdf"


def test_a_printer_that_is_off_is_told_and_prints_once_when_it_is_on(
    sheet: Path, room: PrintRoom, desk: SoftwarePrinter
) -> None:
    desk.switch_off()
    waiting = send(sheet, room, AT_ONCE)
    until(lambda: "offline" in keywords_of(*troubles(server(room), "desk")), "a printer that cannot be reached")
    problem = told_of(waiting, room)
    assert problem.code == "print-waiting"
    assert what(problem) == "The printer has not printed it: the printer cannot be reached."
    assert remedy(problem).startswith("Switch the printer on")
    assert "Do not send it again: it waits as desk-1" in remedy(problem)
    desk.switch_on()
    printed_once(desk, room)


def test_no_paper_is_told_and_the_sheet_is_printed_once_when_some_is_loaded(
    sheet: Path, room: PrintRoom, desk: SoftwarePrinter
) -> None:
    desk.load(0)
    waiting = send(sheet, room, AT_ONCE)
    alerted(room, "media-empty", "media-needed")
    problem = told_of(waiting, room)
    assert what(problem) == (
        "The printer has not printed it: a paper tray is empty; the paper for this sheet is not loaded."
    )
    assert remedy(problem).startswith("Load paper. Load A4 paper. Do not send it again")
    desk.load(250)
    printed_once(desk, room)


def test_what_stands_in_the_way_is_told_before_patience_is_over(
    sheet: Path, room: PrintRoom, desk: SoftwarePrinter
) -> None:
    desk.load(0)
    assert refused(lambda: send(sheet, room)).code == "print-waiting"


@pytest.mark.parametrize(
    ("said", "reason", "advice"),
    [
        ("+cover-open", "a cover is open", "Close the cover."),
        ("+media-jam", "paper is jammed", "Take the jammed paper out."),
        ("+toner-empty", "the toner is used up", "Change the toner."),
        ("+marker-supply-low", "it is still at work on it", "Wait for it."),
    ],
)
def test_the_printers_own_reason_is_told(
    said: str, reason: str, advice: str, sheet: Path, room: PrintRoom, desk: SoftwarePrinter
) -> None:
    desk.say(said)
    desk.wait()
    waiting = send(sheet, room, AT_ONCE)
    until(desk.busy, "the printer to begin")
    alerted(room, said.removeprefix("+"))
    problem = told_of(waiting, room)
    assert what(problem) == f"The printer has not printed it: {reason}."
    assert remedy(problem).startswith(f"{advice} Do not send it again")
    desk.go()
    printed_once(desk, room)


def test_a_paused_queue_keeps_the_sheet_and_prints_it_once(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    room.run("cupsdisable", "-r", "new drum on Monday", "desk")
    problem = refused(lambda: send(sheet, room))
    assert what(problem) == ("The printer has not printed it: the queue is paused; it says “new drum on Monday”.")
    assert remedy(problem).startswith("Let it go on with `cupsenable desk`. Do not send it again: it waits as desk-1")
    room.run("cupsenable", "desk")
    printed_once(desk, room)


@pytest.mark.usefixtures("desk")
def test_a_queue_that_takes_no_jobs_gets_none(sheet: Path, room: PrintRoom) -> None:
    room.run("cupsreject", "desk")
    assert refused(lambda: send(sheet, room)).code == "print-rejecting"
    assert jobs(room) == []


def test_a_held_job_is_told_and_printed_once_when_released(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    room.run("lpadmin", "-p", "desk", "-o", "job-hold-until-default=indefinite")
    problem = refused(lambda: send(sheet, room))
    assert what(problem) == "The sheet is held in the queue: somebody asked for it to be held."
    assert remedy(problem).startswith("Release it with `lp -i desk-1 -H resume`.")
    room.run("lp", "-i", "desk-1", "-H", "resume")
    printed_once(desk, room)


def test_a_job_that_somebody_cancels_is_told(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    desk.wait()
    found: list[Problem] = []
    sending = threading.Thread(target=lambda: found.append(refused(lambda: send(sheet, room))))
    sending.start()
    until(desk.busy, "the printer to begin")
    room.run("cancel", "desk-1")
    sending.join()
    assert what(found[0]) == "desk-1 was cancelled before it was printed: somebody cancelled it."
    desk.go()


def test_a_printer_that_gives_a_job_up_is_told(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    desk.fail()
    found: list[Problem] = []
    while not found:
        try:
            told = send(sheet, room)
        except InputError as error:
            found += error.problems
        else:
            assert told.job < 20, "CUPS called them all completed"  # Now and then it does: see following.follow.
    assert what(found[0]).endswith("was cancelled before it was printed: it says “Print job canceled at printer”.")
    assert desk.arrived() == ()


def test_a_job_behind_another_one_waits_for_it(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    desk.wait()
    send(sheet, room, AT_ONCE)
    until(desk.busy, "the printer to begin")
    problem = told_of(send(sheet, room, AT_ONCE), room)
    assert what(problem).startswith("The printer has not printed it: its turn has not come")
    desk.go()
    until(lambda: len(desk.arrived()) == 2, "both sheets to be printed")


def test_no_scheduler_is_told(sheet: Path, room: PrintRoom) -> None:
    room.stop()
    problem = refused(lambda: send(sheet, room))
    assert (problem.code, problem.exit_code) == ("print-no-scheduler", ExitCode.MACHINE)


def asked_in_vain(room: PrintRoom) -> None:
    """Wait until somebody asks for the scheduler that has been stopped."""
    room.socket.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as nobody:
        nobody.settimeout(HANGS)
        nobody.bind(str(room.socket))
        nobody.listen()
        nobody.accept()[0].close()
    room.socket.unlink()


def test_a_scheduler_that_starts_anew_is_waited_for(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    desk.switch_off()
    found: list[Printed] = []
    sending = threading.Thread(target=lambda: found.append(send(sheet, room)))
    sending.start()
    until(lambda: jobs(room), "the job to be taken")
    room.stop()
    asked_in_vain(room)
    desk.switch_on()
    room.start()
    sending.join()
    assert found == [Printed(queue="desk", job=1, state=JobState.COMPLETED)]


def test_a_scheduler_that_stays_away_is_told_and_the_sheet_is_kept(
    sheet: Path, room: PrintRoom, desk: SoftwarePrinter
) -> None:
    desk.switch_off()
    waiting = send(sheet, room, AT_ONCE)
    room.stop()
    problem = told_of(waiting, room)
    assert (problem.code, problem.values["job"]) == ("print-connection-lost", "desk-1")
    desk.switch_on()
    room.start()
    printed_once(desk, room)


def test_a_scheduler_without_memory_cannot_vouch_for_a_sheet(sheet: Path) -> None:
    with print_room("PreserveJobHistory No\n") as room:
        printer = room.add("desk")
        problem = refused(lambda: send(sheet, room, replace(IN_THE_END, queue="desk")))
        assert problem.code == "print-no-history"
        assert len(printer.arrived()) == 1


class Port:
    """A port of one's own; what it does with a connection stands in `converse`."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection:
                    self.converse(connection)

    def converse(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


class Listener(Port):
    """A port that answers every connection with the same bytes and hangs up."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        super().__init__()

    def converse(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.recv(1000)
            connection.sendall(self._answer)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65_536):  # What is left unread when it closes would take the answer back (RST).
                pass


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "print-no-scheduler"),
        (b"hello\r\n", "print-no-scheduler"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "print-strange-answer"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n\x02\x00\x00\x00\x00\x00\x00\x01\x03", "print-strange-answer"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "print-strange-answer"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "print-not-allowed"),
        (b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", "print-not-allowed"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x02\x00\x05\x03\x00\x00\x00\x01\x03",
            "print-refused",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc", "print-no-scheduler"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + bytes(9_000_000), "print-no-scheduler"),
        (b"HTTP/1.1 200 OK\r\n\r\n\x02\0\0\0\0\0\0\1" + b"\x04" * 100_000 + b"\x03", "print-strange-answer"),
    ],
)
def test_what_is_no_printing_system_is_told(answer: bytes, code: str) -> None:
    listener = Listener(answer)
    try:
        problem = refused(lambda: queues(PrintServer(address=listener.address, user=ME)))
    finally:
        listener.close()
    assert problem.code == code


def spoken(*attributes: Attribute, group: Group = Group.PRINTER) -> bytes:
    """Return an HTTP answer that says these attributes of one group."""
    body = encode(Operation(0x0002), [(group, attributes)])
    body = body[:2] + bytes(2) + body[4:]  # A request has the operation where an answer has "successful".
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(
    ("name", "tag", "values"),
    [
        ("printer-state", Tag.TEXT, ("idle",)),
        ("printer-state", Tag.BEGIN_COLLECTION, ((),)),
        ("printer-state", Tag.INTEGER, (-7,)),
        ("copies-supported", Tag.INTEGER, (9,)),
        ("copies-supported", Tag.TEXT, ("",)),
        ("member-names", Tag.BEGIN_COLLECTION, ((),)),
        ("member-names", Tag.NAME, ("desk", "desk", "nobody")),
        ("printer-state-message", Tag.TEXT, ("\x1b[2J\x07out of paper\r\n",)),
    ],
)
def test_odd_answers_of_a_printer_are_read_as_far_as_they_make_sense(
    name: str, tag: Tag, values: tuple[object, ...]
) -> None:
    listener = Listener(spoken(Attribute("printer-name", Tag.NAME, ("desk",)), Attribute(name, tag, values)))
    try:
        (queue,) = queues(PrintServer(address=listener.address, user=ME, default_queue="desk"))
    finally:
        listener.close()
    assert (queue.name, queue.message.isprintable(), queue.maximum_copies) == ("desk", True, 9999)


def test_an_attribute_of_a_hundred_thousand_values_is_read_in_no_time() -> None:
    many = Attribute("media-supported", Tag.KEYWORD, ("iso_a4_210x297mm",) * 100_000)
    begun = time.process_time()
    (group,) = decode(encode(Operation.PRINT_JOB, [(Group.PRINTER, [many])])).of(Group.PRINTER)
    assert len(group["media-supported"]) == 100_000
    assert time.process_time() - begun < 10


def test_a_queue_without_a_name_is_none() -> None:
    listener = Listener(spoken(Attribute("printer-name", Tag.INTEGER, (1,))))
    try:
        found = queues(PrintServer(address=listener.address, user=ME, default_queue="desk"))
    finally:
        listener.close()
    assert found == ()


@pytest.mark.parametrize("head", [b"", b"HTTP/1.0 200 OK\r\n\r\n"])
def test_a_printer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    class Dripping(Port):
        def converse(self, connection: socket.socket) -> None:
            with suppress(OSError):
                connection.sendall(head)
                while True:
                    connection.sendall(b"H")
                    time.sleep(0.05)

    monkeypatch.setattr(scheduler, "_SECONDS", 0.3)
    port = Dripping()
    try:
        problem = refused(lambda: queues(PrintServer(address=port.address, user=ME)))
    finally:
        port.close()
    assert problem.code == "print-no-scheduler"


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize(
    "host", ["a..b", "x" * 300, "a b", "a\x1b[2J", "\udcff", ".", "xn--ı", "127.0.0.1:9" + "9" * 30]
)
def test_an_address_that_can_be_none_is_told(host: str, encrypted: bool) -> None:  # noqa: FBT001 - from the list
    place = print_server({"CUPS_SERVER": host, "CUPS_ENCRYPTION": "Required" if encrypted else ""})
    assert refused(lambda: queues(place)).code == "print-no-scheduler"


@pytest.mark.parametrize("user", ["a\udcffb", "a" * 70_000, "\x1b[2J\r\n"])
def test_no_name_of_a_user_is_too_odd_to_ask(user: str) -> None:
    listener = Listener(spoken(Attribute("printer-name", Tag.NAME, ("desk",))))
    try:
        assert [queue.name for queue in queues(PrintServer(address=listener.address, user=user))] == ["desk"]
    finally:
        listener.close()


class Scheduler(Port):
    """A port that answers by operation, and any other about a printer of that name."""

    def __init__(self, answers: dict[Operation, bytes], name: str = "desk") -> None:
        self._answers = answers
        self._usual = spoken(Attribute("printer-name", Tag.NAME, (name,)))
        super().__init__()

    def converse(self, connection: socket.socket) -> None:
        with suppress(OSError), connection.makefile("rb") as request:
            lines = iter(request.readline, b"\r\n")
            (size,) = (int(line.split()[1]) for line in lines if line.lower().startswith(b"content-length"))
            operation = int.from_bytes(request.read(size)[2:4], "big")
            connection.sendall(self._answers.get(Operation(operation), self._usual))


def job_numbered(number: int) -> bytes:
    return spoken(Attribute("job-id", Tag.INTEGER, (number,)), group=Group.JOB)


@pytest.mark.parametrize(
    "answer",
    [
        job_numbered(0),
        job_numbered(-1),
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_an_answer_without_a_job_leaves_a_sheet_to_a_person(answer: bytes) -> None:
    port = Scheduler({Operation.PRINT_JOB: answer})
    place = PrintServer(address=port.address, user=ME)
    try:
        problem = refused(lambda: print_sheet(b"%PDF", AT_ONCE, pages=1, paper=Paper.A4, server=place))
    finally:
        port.close()
    assert problem.code == "print-uncertain"


def test_a_name_of_a_printer_is_as_long_as_it_may_be_and_harmless_wherever_it_stands() -> None:
    found = (
        Attribute("job-id", Tag.INTEGER, (4,)),
        Attribute("job-name", Tag.NAME, ("t",)),
        Attribute("job-state", Tag.ENUM, (3,)),
        Attribute("job-printer-uri", Tag.URI, ("ipp://localhost/printers/%1b%5b2J%0a",)),
    )
    answers = {Operation.PRINT_JOB: job_numbered(7), Operation.GET_JOBS: spoken(*found, group=Group.JOB)}
    port = Scheduler(answers, "é" * 2000)
    place = PrintServer(address=port.address, user=ME)
    try:
        printed = print_sheet(b"%PDF", AT_ONCE, pages=1, paper=Paper.A4, server=place)
        again = job_titled("t", server=place)
    finally:
        port.close()
    assert (printed.job, len(printed.queue.encode()) < 1030) == (7, True)
    assert again is not None
    assert (again.job, again.queue) == (4, " [2J ")


def cancelled(*reasons: str) -> bytes:
    found = (Attribute("job-state", Tag.ENUM, (7,)), Attribute("job-state-reasons", Tag.KEYWORD, reasons))
    return spoken(*found, group=Group.JOB)


class Stopping(Scheduler):
    """A scheduler that says at first that it is about to stop a cancelled job, and only then who cancelled it."""

    def converse(self, connection: socket.socket) -> None:
        super().converse(connection)
        self._answers[Operation.GET_JOB_ATTRIBUTES] = cancelled("job-canceled-by-user")


def test_why_a_job_was_cancelled_is_waited_for() -> None:
    port = Stopping({Operation.GET_JOB_ATTRIBUTES: cancelled("processing-to-stop-point")})
    place = PrintServer(address=port.address, user=ME)
    try:
        problem = refused(lambda: follow(place, "desk", 1, paper=Paper.A4, patience=HANGS))
    finally:
        port.close()
    assert what(problem) == "desk-1 was cancelled before it was printed: somebody cancelled it."


LOCKED = """
<Policy locked>
  <Limit Create-Job Print-Job Validate-Job>
    AuthType Basic
    Require valid-user
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""


def test_a_queue_that_wants_a_password_is_told(sheet: Path) -> None:
    with print_room(LOCKED) as room:
        printer = room.add("desk")
        room.run("lpadmin", "-p", "desk", "-o", "printer-op-policy=locked")
        assert refused(lambda: send(sheet, room, PrintOrder(queue="desk"))).code == "print-not-allowed"
        assert printer.arrived() == ()


@pytest.fixture
def authority(room: PrintRoom) -> trustme.CA:
    """Give the scheduler a certificate, and return who signed it."""
    made = trustme.CA()
    certificate = made.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(room.keys / "localhost.key")
    certificate.cert_chain_pems[0].write_to_path(room.keys / "localhost.crt")
    return made


@pytest.mark.usefixtures("authority")
def test_a_certificate_that_nobody_knows_is_refused(sheet: Path, room: PrintRoom, desk: SoftwarePrinter) -> None:
    protected = PrintServer(address=f"localhost:{room.port}", user=ME, encrypted=True)
    problem = refused(lambda: print_sheet(sheet.read_bytes(), IN_THE_END, pages=2, paper=Paper.A4, server=protected))
    assert problem.code == "print-untrusted"
    assert "certificate" in problem.values["reason"]
    assert desk.arrived() == ()


def test_a_certificate_that_this_computer_knows_is_enough(
    sheet: Path,
    room: PrintRoom,
    desk: SoftwarePrinter,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    protected = PrintServer(address=f"localhost:{room.port}", user=ME, encrypted=True)
    print_sheet(sheet.read_bytes(), IN_THE_END, pages=2, paper=Paper.A4, server=protected)
    assert len(desk.arrived()) == 1


class Cutter(Port):
    """A way to a scheduler that lets small requests through and is cut in the middle of a document."""

    def __init__(self, room: PrintRoom) -> None:
        self._room = room
        super().__init__()

    def converse(self, connection: socket.socket) -> None:
        with socket.create_connection(("localhost", self._room.port)) as onward, suppress(OSError):
            sent = 0
            while sent < 10_000:
                for ready in select.select([connection, onward], [], [])[0]:
                    data = ready.recv(4096)
                    if not data:
                        return
                    sent += len(data) if ready is connection else 0
                    (onward if ready is connection else connection).sendall(data)


@pytest.mark.usefixtures("desk")
def test_a_connection_that_breaks_over_a_sheet_goes_to_a_person(sheet: Path, room: PrintRoom) -> None:
    cutter = Cutter(room)
    try:
        way = PrintServer(address=cutter.address, user=ME)
        problem = refused(lambda: print_sheet(sheet.read_bytes(), IN_THE_END, pages=2, paper=Paper.A4, server=way))
    finally:
        cutter.close()
    assert problem.code == "print-uncertain"


@pytest.mark.usefixtures("desk")
def test_a_job_is_found_again_by_its_title(sheet: Path, room: PrintRoom) -> None:
    assert job_titled("handout 3fa2c1d4", server=server(room)) is None
    send(sheet, room)
    assert job_titled("handout 3fa2c1d4", server=server(room)) == Printed(queue="desk", job=1, state=JobState.COMPLETED)
    room.run("cupsdisable", "desk")
    send(sheet, room, AT_ONCE, title="handout 00000002")
    waiting = job_titled("handout 00000002", server=server(room))
    assert waiting == Printed(queue="desk", job=2, state=JobState.PENDING)
    send(sheet, room, AT_ONCE, title="handout 00000002")
    latest = job_titled("handout 00000002", server=server(room))
    assert latest == Printed(queue="desk", job=3, state=JobState.PENDING)
    assert job_titled("handout", server=server(room)) is None


@pytest.mark.usefixtures("at_the_desk")
def test_no_log_and_no_history_holds_a_name(
    sheet: Path, room: PrintRoom, desk: SoftwarePrinter, command: Callable[..., Ran], tmp_path: Path
) -> None:
    file = tmp_path / "Amina Example.pdf"
    file.write_bytes(sheet.read_bytes())
    assert command("print", file).code == 0
    until((room.folder / "log" / "page_log").exists, "a line of the page log")
    log = room.log()
    assert "handout" in log
    assert [word for word in ("Amina", "Example.pdf", "LSC-00417", "microneedling") if word in log] == []
    assert [word for word in ("Amina", "microneedling") if word in str(desk.arrived()[0].attributes)] == []


@pytest.mark.usefixtures("at_the_desk")
def test_print_tells_the_job_and_its_state(sheet: Path, desk: SoftwarePrinter, command: Callable[..., Ran]) -> None:
    assert command("print", sheet).out == "desk-1: completed\n"
    options = ("--queue", "desk", "--copies", "3", "--sides", "one-sided", "--colour", "mono", "--tray", "main")
    ran = command("print", sheet, *options, "--patience", str(HANGS), "--json")
    assert json.loads(ran.out) == {"queue": "desk", "job": "desk-2", "state": "completed"}
    attributes = desk.arrived()[1].attributes
    assert [attributes[name] for name in ("copies", "sides", "print-color-mode")] == ["3", "one-sided", "monochrome"]
    assert "media-source=main" in attributes["media-col"]


@pytest.mark.usefixtures("at_the_desk", "desk")
def test_print_tells_why_not(sheet: Path, room: PrintRoom, command: Callable[..., Ran]) -> None:
    room.run("cupsdisable", "desk")
    ran = command("print", sheet)
    assert ran.code == ExitCode.DELIVERY
    assert "The printer has not printed it: the queue is paused.\n" in ran.err
    (problem,) = json.loads(command("print", sheet, "--queue", "dsek", "--json").out)["problems"]
    assert (problem["code"], problem["nearest"]) == ("print-no-queue", "desk")


@pytest.mark.usefixtures("at_the_desk")
def test_printers_lists_the_queues(room: PrintRoom, command: Callable[..., Ran]) -> None:
    assert command("printers").out == "No printer is set up.\n"
    room.add("desk")
    room.add("small", simple=True)
    room.run("lpadmin", "-d", "desk")
    room.run("cupsdisable", "-r", "no toner", "small")
    assert command("printers").out == (
        "desk (default): idle\n"
        "  A4, Letter; both sides; colour\n"
        "  trays: auto, main, photo\n"
        "small: stopped; the queue is paused; it says “no toner”\n"
        "  A4; one side; mono\n"
    )
    room.run("cupsreject", "small")
    _, small = json.loads(command("printers", "--json").out)
    assert small == {
        "name": "small",
        "is_default": False,
        "accepting": False,
        "state": "stopped",
        "reason": "the queue is paused",
        "papers": ["A4"],
        "two_sided": False,
        "colour": False,
        "trays": [],
    }


@pytest.mark.usefixtures("at_the_desk")
def test_doctor_names_the_default_printer(room: PrintRoom, command: Callable[..., Ran]) -> None:
    def printer() -> tuple[str, bool]:
        (found,) = [row for row in json.loads(command("doctor", "--json").out) if row["subject"] == "printer"]
        return found["found"], found["good"]

    assert printer() == ("none", False)
    room.add("desk")
    assert printer() == ("desk", False)
    room.run("lpadmin", "-d", "desk")
    assert printer() == ("desk", True)
    room.stop()
    assert printer() == ("no printing system", False)


def test_a_file_that_is_no_sheet_is_refused(
    sheet: Path, tmp_path: Path, command: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUPS_SERVER", f"localhost:{free_port()}")  # nothing may be asked of it
    with pikepdf.open(sheet) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="x", user="x", R=6))
        pdf.save(tmp_path / "half-locked.pdf", encryption=pikepdf.Encryption(owner="x", user="", R=6))
        pdf.pages[1].mediabox = pikepdf.Array([0, 0, 612, 792])
        pdf.save(tmp_path / "two-papers.pdf")
        for page in pdf.pages:
            page.mediabox = pikepdf.Array([0, 0, 420, 595])
        pdf.save(tmp_path / "a5.pdf")
    (tmp_path / "page.html").write_text("<!doctype html>")
    (tmp_path / "cut.pdf").write_bytes(sheet.read_bytes()[:300])
    (tmp_path / "empty.pdf").write_bytes(b"")
    expected = {
        "locked.pdf": "print-protected",
        "half-locked.pdf": "print-protected",
        "two-papers.pdf": "print-not-a-paper",
        "a5.pdf": "print-not-a-paper",
        "page.html": "print-not-pdf",
        "cut.pdf": "print-not-pdf",
        "empty.pdf": "print-not-pdf",
        "nowhere.pdf": "file-missing",
        ".": "not-a-file",
    }
    for name, code in expected.items():
        ran = command("print", tmp_path / name, "--json")
        assert [problem["code"] for problem in json.loads(ran.out)["problems"]] == [code], name
        assert ran.code == ExitCode.DELIVERY


def test_settings_are_those_of_cups(tmp_path: Path) -> None:
    system, own = tmp_path / "etc", tmp_path / "home" / ".cups"
    system.mkdir()
    own.mkdir(parents=True)

    def settings(**environment: str) -> PrintServer:
        return print_server(environment, tmp_path / "home", system)

    assert settings(CUPS_SERVER="/run/other.sock") == PrintServer(address="/run/other.sock", user=ME)
    assert settings(CUPS_SERVER="print.example.org").address == "print.example.org:631"
    assert settings(CUPS_SERVER="print.example.org:6310/version=1.1").address == "print.example.org:6310"
    assert settings(CUPS_SERVER="[::1]").address == "[::1]:631"
    assert settings(CUPS_USER="nurse", CUPS_ENCRYPTION="Required") == PrintServer(
        address=settings().address, user="nurse", encrypted=True
    )
    (system / "client.conf").write_text("# theirs\nServerName print.example.org\nEncryption Always\n")
    (system / "lpoptions").write_text("Default back sides=one-sided\n")
    assert settings() == PrintServer(address="print.example.org:631", user=ME, default_queue="back", encrypted=True)
    (own / "client.conf").write_text("ServerName own.example.org:6310\nUser desk\nEncryption IfRequested\n")
    (own / "lpoptions").write_text("Dest back sides=one-sided\nDefault front/mono\n")
    assert settings() == PrintServer(address="own.example.org:6310", user="desk", default_queue="front")
    assert settings(PRINTER="lp").default_queue == "front"
    assert settings(PRINTER="side").default_queue == "side"
    assert settings(LPDEST="first", PRINTER="side").default_queue == "first"


@given(st.binary(max_size=80).map(lambda tail: b"\x02\x00\x00\x00\x00\x00\x00\x01\x04" + tail) | st.binary(max_size=9))
def test_whatever_comes_back_is_an_answer_or_none(data: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(decode(data), Response)
