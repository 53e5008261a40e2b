"""The outbox: a message is in one folder, whole; a crash at any moment sends nothing twice and loses nothing."""

import fcntl
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from handouts.delivery.mail import outbox as outbox_module
from handouts.delivery.mail.messages import message
from handouts.delivery.mail.outbox import Outbox
from handouts.delivery.mail.posting import post
from handouts.delivery.mail.server import Submission
from handouts.disk import sync
from handouts.errors import InputError
from handouts.records import Answer, ComposedMail, MailServer, MailState, Posted, Reply, Sender, Tls
from tests.conftest import CHECKOUT, NOW
from tests.mail_server.crashing import die_at, send
from tests.mail_server.postfix import LATER, NOBODY, REFUSED_SENDER, Postfix, free_port
from tests.mail_server.rude import HANG_UP, RudeServer
from tests.waiting import HANGS

pytest_plugins = ("tests.mail_server.fixtures",)

NAME = "3f0c5a1de2b94c7788aa01d2c3b4e5f6"
ACCEPTED = Reply(answer=Answer.ACCEPTED, code=250)
REFUSED = Reply(answer=Answer.REFUSED, code=550, reason="5.1.1 no such user")
LINES_BETWEEN_CRASHES = 11
OUTBOXES = 120
Fill = Callable[..., tuple[str, ...]]


@pytest.fixture
def box(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


@pytest.fixture
def fill(mail: ComposedMail) -> Fill:
    """Return a function that puts a small message for each address into an outbox and returns their names."""

    def filled(
        box: Outbox, *addresses: str, prefix: str = "0" * 8, sender: str = "care@example.org"
    ) -> tuple[str, ...]:
        names = tuple(f"{prefix}-{number}" for number in range(len(addresses)))
        for name, to in zip(names, addresses, strict=True):
            who = Sender(address=sender)
            box.put(name, message(mail, b"%PDF-1.7\n", identifier=name, to=to, sender=who, at=NOW))
        return names

    return filled


def states(box: Outbox) -> dict[str, MailState]:
    return {posted.identifier: posted.state for posted in box.messages()}


def codes(raised: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [problem.code for problem in raised.value.problems]


def sent(
    box: Outbox, server: MailServer, *, waits: tuple[float, ...] = (), slept: list[float] | None = None
) -> tuple[tuple[Posted, ...], list[str]]:
    naps = [] if slept is None else slept
    posted, problems = post(
        box,
        lambda: Submission(server, command_seconds=HANGS, end_seconds=HANGS),
        sleep=naps.append,
        on_posted=lambda _: None,
        waits=waits,
    )
    return posted, [problem.code for problem in problems]


def test_a_message_is_a_file_for_its_owner_alone(box: Outbox, tmp_path: Path) -> None:
    path, state = box.put(NAME, b"From: x\r\n")
    assert (path, state) == (tmp_path / "outbox" / "new" / f"{NAME}.eml", None)
    assert path.read_bytes() == b"From: x\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("state", [MailState.SENDING, MailState.SENT, MailState.FAILED])
def test_a_message_that_a_server_has_heard_of_is_not_put_again(box: Outbox, tmp_path: Path, state: MailState) -> None:
    path, _ = box.put(NAME, b"first")
    path.rename(tmp_path / "outbox" / state / path.name)
    again, found = box.put(NAME, b"second")
    assert (again, found) == (tmp_path / "outbox" / state / path.name, state)
    assert again.read_bytes() == b"first"
    assert states(box) == {NAME: state}


def test_a_message_that_waits_is_replaced(box: Outbox) -> None:
    path, _ = box.put(NAME, b"first")
    assert box.put(NAME, b"second, with a password") == (path, None)
    assert path.read_bytes() == b"second, with a password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert states(box) == {NAME: MailState.NEW}


def test_a_folder_named_as_a_message_is_none(postfix: Postfix, box: Outbox, tmp_path: Path, fill: Fill) -> None:
    names = fill(box, "ana@example.org", "b@example.org", prefix="f01de200")
    folders = [tmp_path / "outbox" / "new" / name for name in ("x.eml", f"{NAME}.eml", f"{'0' * 32}.eml")]
    for folder in folders:
        folder.mkdir()
    assert sent(box, postfix.server())[1] == []
    assert states(box) == dict.fromkeys(names, MailState.SENT)
    assert all(folder.is_dir() for folder in folders)


def test_two_who_put_the_same_message_put_it_once(box: Outbox) -> None:
    answers: list[MailState | None] = []
    threads = [threading.Thread(target=lambda: answers.append(box.put(NAME, b"x" * 100_000)[1])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {None: 8}
    assert states(box) == {NAME: MailState.NEW}


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (ACCEPTED, MailState.SENT),
        (REFUSED, MailState.FAILED),
        (Reply(answer=Answer.LATER), MailState.NEW),
        (Reply(answer=Answer.UNCERTAIN), MailState.SENDING),
    ],
)
def test_a_reply_decides_where_a_message_goes(box: Outbox, reply: Reply, state: MailState) -> None:
    box.put(NAME, b"text")
    seen: list[tuple[bytes, dict[str, MailState]]] = []

    def hand_over(data: bytes) -> Reply:
        seen.append((data, states(box)))
        return reply

    assert box.send(NAME, hand_over) == Posted(identifier=NAME, state=state, reply=reply)
    assert seen == [(b"text", {NAME: MailState.SENDING})]
    assert states(box) == {NAME: state}
    assert box.send("0" * 32, hand_over) is None


def test_why_a_message_was_refused_is_kept_beside_it(box: Outbox, tmp_path: Path) -> None:
    box.put(NAME, b"text")
    box.send(NAME, lambda _: REFUSED)
    reason = tmp_path / "outbox" / "failed" / f"{NAME}.json"
    assert json.loads(reason.read_text()) == {"code": 550, "reason": "5.1.1 no such user"}
    assert stat.S_IMODE(reason.stat().st_mode) == 0o600
    assert box.messages() == (Posted(identifier=NAME, state=MailState.FAILED, reply=REFUSED),)
    box.settle(NAME, sent=False)
    assert not reason.exists()
    assert states(box) == {NAME: MailState.NEW}


def test_what_was_not_handed_over_waits_again_and_what_broke_off_does_not(box: Outbox) -> None:
    box.put(NAME, b"text")

    def refuse(_data: bytes) -> Reply:
        raise InputError([])

    def break_off(_data: bytes) -> Reply:
        raise KeyboardInterrupt

    with pytest.raises(InputError):
        box.send(NAME, refuse)
    assert states(box) == {NAME: MailState.NEW}
    with pytest.raises(KeyboardInterrupt):
        box.send(NAME, break_off)
    assert states(box) == {NAME: MailState.SENDING}


def test_a_person_settles_what_nobody_knows(box: Outbox, tmp_path: Path) -> None:
    box.put(NAME, b"text")
    box.send(NAME, lambda _: Reply(answer=Answer.UNCERTAIN))
    assert box.settle(NAME, sent=False) == tmp_path / "outbox" / "new" / f"{NAME}.eml"
    assert box.settle(NAME, sent=True) == tmp_path / "outbox" / "sent" / f"{NAME}.eml"
    with pytest.raises(InputError) as refused:
        box.settle(NAME[:-1], sent=True)
    assert codes(refused) == ["no-such-message"]
    assert refused.value.problems[0].nearest == NAME
    for name in ("../new/x", "", "x" * 100, f"../sent/{NAME}"):
        with pytest.raises(InputError):
            box.settle(name, sent=True)


def test_one_sends_at_a_time(box: Outbox, tmp_path: Path) -> None:
    box.put(NAME, b"text")
    assert not box.is_sending()
    with box.sender():
        other = Outbox(tmp_path / "outbox")
        assert other.is_sending()
        with pytest.raises(InputError) as refused:
            sent(other, MailServer(host="localhost", port=free_port(), tls=Tls.NONE))
        assert codes(refused) == ["outbox-busy"]
        with pytest.raises(InputError) as refused:
            other.settle(NAME, sent=True)
        assert codes(refused) == ["outbox-busy"]
    assert not box.is_sending()


def test_a_lock_that_is_never_given_back_is_told(box: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.disk._PATIENCE", 0.05)
    box.put("a" * 32, b"message")
    with (tmp_path / "outbox" / ".moving").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InputError) as told:
            box.messages()
    assert [problem.code for problem in told.value.problems] == ["outbox-locked"]
    assert len(box.messages()) == 1


def test_an_outbox_that_is_none_or_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        Outbox(tmp_path / "nothing").messages()
    assert codes(refused) == ["no-outbox"]
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as refused:
        Outbox(tmp_path / "file").put(NAME, b"")
    assert codes(refused) == ["outbox-unusable"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A file system of 64 kB, which a message of 1 MB fills."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    assert mounted.returncode == 0, f"{mounted.stderr}: run the tests as root"
    try:
        box = Outbox(folder / "outbox")
        box.put(NAME, b"small")
        with pytest.raises(InputError) as refused:
            box.put("0" * 32, b"x" * 1_000_000)
        assert codes(refused) == ["outbox-unusable"]
        assert refused.value.problems[0].values == {"reason": "No space left on device"}
        assert states(box) == {NAME: MailState.NEW}
        assert [entry.name for entry in (folder / "outbox" / "new").iterdir()] == [f"{NAME}.eml"]
    finally:
        subprocess.run(["umount", folder], check=True)


def test_what_is_put_off_is_tried_again_and_then_waits(postfix: Postfix, box: Outbox, fill: Fill) -> None:
    slept: list[float] = []
    first, later, nobody = fill(box, "ana@example.org", LATER, NOBODY)
    posted, found = sent(box, postfix.server(), waits=(1, 7), slept=slept)
    assert states(box) == {first: MailState.SENT, later: MailState.NEW, nobody: MailState.FAILED}
    assert slept == [1, 7]
    assert sorted(found) == ["mail-address-refused", "mail-later"]
    assert {each.identifier: each.reply.answer for each in posted if each.reply} == {
        first: Answer.ACCEPTED,
        later: Answer.LATER,
        nobody: Answer.REFUSED,
    }
    assert [len(postfix.settled(name)) for name in (first, later, nobody)] == [1, 0, 0]


def test_what_is_put_off_once_arrives_once(postfix: Postfix, box: Outbox, fill: Fill) -> None:
    (name,) = fill(box, "busy@example.org", prefix="00000001")
    postfix.put_off("busy@example.org")
    _, problems = post(
        box,
        lambda: Submission(postfix.server("implicit")),
        sleep=lambda _: postfix.put_off(),
        on_posted=lambda _: None,
        waits=(1,),
    )
    assert problems == ()
    assert states(box) == {name: MailState.SENT}
    assert len(postfix.settled(name)) == 1


def test_a_server_that_is_away_costs_nothing_but_time(box: Outbox, fill: Fill) -> None:
    slept: list[float] = []
    names = fill(box, "ana@example.org", "b@example.org")
    away = MailServer(host="127.0.0.1", port=free_port(), tls=Tls.NONE)
    posted, found = sent(box, away, waits=(1, 7), slept=slept)
    assert (slept, found) == ([1, 7], ["mail-later", "mail-later"])
    assert states(box) == dict.fromkeys(names, MailState.NEW)
    assert [each.state for each in posted] == [MailState.NEW] * 2


def test_a_wrong_password_stops_the_run_and_moves_nothing(postfix: Postfix, box: Outbox, fill: Fill) -> None:
    names = fill(box, "ana@example.org", "b@example.org")
    posted, found = sent(box, postfix.server(password="wrong"), waits=(1, 7))  # noqa: S106 - it is wrong
    assert (posted, found) == ((), ["mail-login-refused"])
    assert states(box) == dict.fromkeys(names, MailState.NEW)


def test_a_refused_sender_waits_for_a_person_and_the_others_are_sent(postfix: Postfix, box: Outbox, fill: Fill) -> None:
    slept: list[float] = []
    (stranger,) = fill(box, "ana@example.org", prefix="0000000a", sender=REFUSED_SENDER)
    others = fill(box, "b@example.org", "c@example.org", prefix="0000000b")
    posted, found = sent(box, postfix.server(), waits=(1,), slept=slept)
    assert (found, slept) == (["mail-sender-refused"], [])
    assert [each.reply.answer for each in posted if each.reply] == [
        Answer.SENDER_REFUSED,
        Answer.ACCEPTED,
        Answer.ACCEPTED,
    ]
    assert states(box) == {stranger: MailState.NEW, **dict.fromkeys(others, MailState.SENT)}
    fill(box, "ana@example.org", prefix="0000000a")
    assert sent(box, postfix.server())[1] == []
    assert len(postfix.received(stranger)) == 1


def test_who_must_log_in_and_does_not_is_told_once(box: Outbox, fill: Fill) -> None:
    names = fill(box, "ana@example.org", "b@example.org")
    with RudeServer(MAIL="530 5.7.0 Authentication required") as rude:
        assert sent(box, rude.server(), waits=(1,)) == ((), ["mail-server-wants-login"])
    assert states(box) == dict.fromkeys(names, MailState.NEW)


@pytest.mark.parametrize(
    ("moment", "reply", "code"),
    [
        ("RCPT", "550 5.1.1 no such user", "mail-address-refused"),
        ("RCPT", "551 not here", "mail-address-refused"),
        ("RCPT", "553 no name of a mailbox", "mail-address-refused"),
        ("RCPT", "550 5.7.1 blocked by a rule", "mail-refused"),
        ("RCPT", "554 5.7.1 relay access denied", "mail-refused"),
        ("RCPT", "553 5.7.1 <care@example.org>: Sender address rejected: not owned", "mail-sender-refused"),
        ("RCPT", "550 5.1.8 your domain is not known", "mail-sender-refused"),
        ("END", "550 5.7.1 looks like spam", "mail-refused"),
        ("MAIL", "552 too large", "mail-refused"),
        ("MAIL", "550 who are you", "mail-sender-refused"),
    ],
)
def test_a_refusal_is_told_by_what_is_refused(box: Outbox, fill: Fill, moment: str, reply: str, code: str) -> None:
    (name,) = fill(box, "ana@example.org")
    with RudeServer(**{moment: reply}) as rude:
        assert sent(box, rude.server())[1] == [code]
    assert states(box) == {name: MailState.NEW if code == "mail-sender-refused" else MailState.FAILED}


@pytest.mark.parametrize(
    "to",
    [
        b"=?utf-8?q?ana=0D=0ARCPT?= <a@example.org>",
        b"(" * 900 + b")" * 900 + b" a@example.org",
        b"(" * 20_000 + b"a@example.org",
        b"a@example.org, b@example.org",
        b"a@example.org\r\nTo: b@example.org",
        b"<a@[example.org>",
        b'"',
        b"",
    ],
)
def test_a_message_that_names_nobody_fails_and_the_others_are_sent(
    box: Outbox, fill: Fill, tmp_path: Path, to: bytes
) -> None:
    first, second = fill(box, "ana@example.org", "b@example.org")
    path = tmp_path / "outbox" / "new" / f"{first}.eml"
    path.write_bytes(path.read_bytes().replace(b"To: ana@example.org", b"To: " + to))
    with RudeServer() as rude:
        assert sent(box, rude.server())[1] == ["mail-refused"]
    assert states(box) == {first: MailState.FAILED, second: MailState.SENT}


def test_a_message_that_may_not_be_read_fails_and_the_others_are_sent(fill: Fill) -> None:
    home, nobody, me = Path(tempfile.mkdtemp()), 65534, os.geteuid()
    os.chown(home, nobody, -1) if me == 0 else None
    (socket.gethostname(), "x".encode("idna"))  # What is imported now need not be readable for nobody.
    try:
        if me == 0:
            os.seteuid(nobody)
        box = Outbox(home / "outbox")
        first, second = fill(box, "ana@example.org", "bo@example.org")
        (home / "outbox" / "new" / f"{first}.eml").chmod(0)
        with RudeServer() as rude:
            posted, told = sent(box, rude.server())
        assert {each.identifier: each.state for each in posted} == states(box)
        assert states(box) == {first: MailState.FAILED, second: MailState.SENT}
    finally:
        os.seteuid(me)
        shutil.rmtree(home)
    assert (len(rude.messages), told) == (1, ["mail-refused"])


def test_what_a_failed_message_says_may_be_damaged(box: Outbox, fill: Fill, tmp_path: Path) -> None:
    (name,) = fill(box, "ana@example.org")
    with RudeServer(RCPT="550 5.1.1 no such user") as rude:
        sent(box, rude.server())
    (tmp_path / "outbox" / "failed" / f"{name}.json").write_text("[" * 10_000)
    assert [posted.reply for posted in box.messages()] == [Reply(answer=Answer.REFUSED)]


@pytest.mark.parametrize("place", [".moving", ".sender"])
def test_no_lock_is_made_through_a_planted_link(box: Outbox, fill: Fill, tmp_path: Path, place: str) -> None:
    fill(box, "ana@example.org")
    (tmp_path / "outbox" / place).unlink(missing_ok=True)
    (tmp_path / "outbox" / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError) as refused:
        box.settle("00000000-0", sent=True)
    assert codes(refused) == ["outbox-occupied"]
    assert not (tmp_path / "elsewhere").exists()


def test_no_message_lies_behind_a_link(box: Outbox, fill: Fill, tmp_path: Path) -> None:
    (name,) = fill(box, "ana@example.org")
    path = tmp_path / "outbox" / "new" / f"{name}.eml"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert box.messages() == ()
    (tmp_path / "outbox" / "sending").rmdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "outbox" / "sending").symlink_to(tmp_path / "other")
    with pytest.raises(InputError) as refused:
        box.messages()
    assert codes(refused) == ["outbox-occupied"]


def test_a_lost_reply_is_a_persons_matter_and_the_others_go_on(box: Outbox, fill: Fill) -> None:
    names = fill(box, "ana@example.org", "b@example.org", "c@example.org")
    with RudeServer(END=HANG_UP) as rude:
        posted, found = sent(box, rude.server(), waits=(1, 7))
        assert found == ["mail-uncertain"] * 3
        assert states(box) == dict.fromkeys(names, MailState.SENDING)
        assert sent(box, rude.server()) == ((), [])
        assert len(rude.messages) == 3
    assert len(posted) == 3


def test_a_message_cannot_be_half_put(tmp_path: Path) -> None:
    """A child puts a message and dies at each line in turn: the file is there whole or not at all."""
    data, number, seen = b"x" * 300_000, 0, Counter[str]()
    while True:
        box = Outbox(tmp_path / str(number))
        child = os.fork()
        if child == 0:
            die_at(number)
            box.put(NAME, data)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        found = list((tmp_path / str(number)).glob("*/*.eml"))
        assert [path.read_bytes() for path in found] in ([], [data])
        seen[f"{len(found)} {os.WIFEXITED(status)}"] += 1
        other, _ = box.put("0" * 32, b"another")
        assert {entry.name for entry in other.parent.iterdir()} == {other.name, *(path.name for path in found)}
        assert box.put(NAME, data)[1] is None
        if os.WIFEXITED(status):
            break
        number += 1
    assert seen["0 False"] > 20
    assert seen["1 False"] > 2
    assert seen["1 True"] == 1


def test_a_message_cannot_be_half_replaced(tmp_path: Path) -> None:
    """A child replaces a message and dies at each line in turn: the file is the first or the second, and is there."""
    first, second, number, seen = b"x" * 300_000, b"y" * 200_000, 0, Counter[str]()
    while True:
        box = Outbox(tmp_path / str(number))
        path, _ = box.put(NAME, first)
        child = os.fork()
        if child == 0:
            die_at(number)
            box.put(NAME, second)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        data = path.read_bytes()
        assert data in (first, second)
        seen[f"{data[:1].decode()} {os.WIFEXITED(status)}"] += 1
        if os.WIFEXITED(status):
            break
        number += 1
    assert seen["x False"] > 20
    assert seen["y False"] > 2
    assert seen["y True"] == 1


def test_a_crash_at_any_moment_sends_nothing_twice_and_loses_nothing(
    postfix: Postfix, tmp_path: Path, fill: Fill
) -> None:
    """Processes that send two messages each die at every eleventh line of the mail room, the first at its first.

    After each crash the outbox is sent again, as a person would do, and what is left in sending/ is settled by what the
    mailbox holds. In the end each message has arrived once.
    """
    folder = tmp_path / "boxes"
    folder.mkdir()
    boxes = [Outbox(folder / str(number)) for number in range(OUTBOXES)]
    names = [fill(box, "a@example.org", "b@example.org", prefix=f"{n:08}-crash") for n, box in enumerate(boxes)]
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.mail_server.crashing",
            folder,
            str(postfix.ports["plain"]),
            str(LINES_BETWEEN_CRASHES),
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    died = int(ran.stdout)
    assert died > 30
    postfix.settled(names[0][0])
    uncertain = Counter[int]()
    for box, pair in list(zip(boxes, names, strict=True))[:died]:
        before = states(box)
        assert set(before) == set(pair)
        assert set(before.values()) <= {MailState.NEW, MailState.SENDING, MailState.SENT}
        assert list(before.values()).count(MailState.SENDING) <= 1
        send(box._folder, postfix.server("plain"))  # noqa: SLF001 - where the test has put it
        after = states(box)
        for name, state in before.items():
            assert after[name] is (MailState.SENT if state is MailState.NEW else state)
    postfix.settled(names[0][0])
    for box, pair in list(zip(boxes, names, strict=True))[:died]:
        for name, state in states(box).items():
            arrived = len(postfix.settled(name))
            if state is MailState.SENDING:
                uncertain[arrived] += 1
                box.settle(name, sent=bool(arrived))
            else:
                assert arrived == 1
        send(box._folder, postfix.server("plain"))  # noqa: SLF001 - where the test has put it
        assert states(box) == dict.fromkeys(pair, MailState.SENT)
    assert [len(postfix.received(name)) for pair in names[:died] for name in pair] == [1] * (2 * died)
    postfix.settled(names[0][0])
    assert [len(postfix.settled(name)) for pair in names[:died] for name in pair] == [1] * (2 * died)
    assert uncertain[0] > 5
    assert uncertain[1] > 2


def test_kill_9_of_the_command_while_it_sends(postfix: Postfix, box: Outbox, tmp_path: Path, fill: Fill) -> None:
    command = (sys.executable, str(CHECKOUT / "generate.py"), "outbox", "send", "--outbox", str(tmp_path / "outbox"))
    environment = os.environ | postfix.environment()
    names: list[str] = []
    killed = turn = 0
    while killed < 5:  # A run may end before it is killed.
        turn += 1
        names += fill(box, *(f"p{number}@example.org" for number in range(4)), prefix=f"kill{turn:04}")
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            for _ in range(1 + turn % 3):
                process.stdout.readline()
            process.kill()
        killed += process.returncode == -signal.SIGKILL
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    postfix.settled(names[0])
    after = states(box)
    assert set(after) == set(names)
    assert set(after.values()) <= {MailState.SENT, MailState.SENDING}
    for name, state in after.items():
        assert len(postfix.settled(name)) in ((1,) if state is MailState.SENT else (0, 1))


def test_every_step_is_on_the_disk_before_the_next(box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    rename = Path.rename

    def renamed(path: Path, target: Path) -> Path:
        done.append(f"{path.parent.name} -> {Path(target).parent.name}")
        return rename(path, target)

    def synced(folder: Path) -> None:
        done.append(f"fsync {folder.name}")
        sync(folder)

    box.put(NAME, b"text")
    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(outbox_module, "sync", synced)

    def hand_over(_data: bytes) -> Reply:
        done.append("SMTP")
        return ACCEPTED

    box.send(NAME, hand_over)
    assert done == [
        "new -> sending",
        "fsync sending",
        "fsync new",
        "SMTP",
        "sending -> sent",
        "fsync sent",
        "fsync sending",
    ]


def test_what_is_no_message_is_told_once(box: Outbox, fill: Fill, tmp_path: Path) -> None:
    fill(box, "ana@example.org")
    assert box.strangers() == ()
    for name in ("new/letter.eml", "new/notes.txt", "sent/1\x1b[2J.eml"):
        (tmp_path / "outbox" / name).write_text("x")
    (tmp_path / "outbox" / "failed" / f"{NAME}.eml").mkdir()
    (warning,) = box.strangers()
    assert (warning.code, warning.values["count"]) == ("outbox-strangers", "4")
    assert warning.source.endswith("/new/letter.eml")
    assert len(box.messages()) == 1


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        *((lock, kind) for lock in (".moving", ".sender") for kind in ("folder", "link", "pipe")),
        *(("sending", kind) for kind in ("file", "link", "pipe")),
    ],
)
def test_what_stands_in_an_outboxs_own_place_is_named(
    place: str, kind: str, box: Outbox, fill: Fill, tmp_path: Path
) -> None:
    fill(box, "ana@example.org")
    path = tmp_path / "outbox" / place
    path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_text("")
    with pytest.raises(InputError) as error, box.sender():
        box.messages()
    (problem,) = error.value.problems
    assert (problem.code, problem.source) == ("outbox-occupied", str(path))
