"""Mail servers, a real postfix and rude ones: what arrives, what is refused, and what nobody can know."""

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import trustme

from handouts.delivery.mail.messages import identifier_of, message
from handouts.delivery.mail.replies import safe_line
from handouts.delivery.mail.server import Submission, Unreachable
from handouts.errors import InputError
from handouts.records import Answer, ComposedMail, MailServer, Reply, Sender, Tls
from tests.attachments import name_of
from tests.conftest import NOW
from tests.mail_server.postfix import LATER, NOBODY, REFUSED_SENDER, Postfix, free_port
from tests.mail_server.rude import DRIP, ENDLESS, HANG_UP, SILENCE, RudeServer
from tests.waiting import HANGS

pytest_plugins = ("tests.mail_server.fixtures",)

CARE = Sender(address="care@example.org")
Write = Callable[..., tuple[str, bytes]]


@pytest.fixture
def write(mail: ComposedMail, sheet: Path) -> Write:
    """Return a function that writes a message to an address, and its identifier."""

    def written(to: str, sender: Sender = CARE) -> tuple[str, bytes]:
        identifier = identifier_of(sheet.read_bytes(), to)
        return identifier, message(mail, sheet.read_bytes(), identifier=identifier, to=to, sender=sender, at=NOW)

    return written


def submit(server: MailServer, *messages: bytes, end_seconds: float = HANGS) -> tuple[Reply, ...]:
    with Submission(server, command_seconds=HANGS, end_seconds=end_seconds) as submission:
        return tuple(submission.send(data) for data in messages)


def refusal(server: MailServer, *messages: bytes) -> str:
    with pytest.raises(InputError) as refused:
        submit(server, *messages)
    (problem,) = refused.value.problems
    assert problem.source == f"{server.host}:{server.port}"
    return problem.code


@pytest.mark.parametrize("service", ["starttls", "implicit", "plain"])
@pytest.mark.parametrize("to", ["ana", "ана@bücher"])
def test_what_arrives_is_what_was_sent_byte_for_byte(
    postfix: Postfix, write: Write, sheet: Path, mail: ComposedMail, service: str, to: str
) -> None:
    local, _, label = to.partition("@")
    identifier, data = write(f"{local}.{service}@{label + '.' if label else ''}example.org")
    (reply,) = submit(postfix.server(service), data)
    assert (reply.answer, reply.code) == (Answer.ACCEPTED, 250)
    (arrived,) = postfix.received(identifier)
    draft, _, message_sent = data.replace(b"\r\n", b"\n").partition(b"\n")
    assert draft == b"X-Unsent: 1"
    trace, sent = arrived[: -len(message_sent)], arrived[-len(message_sent) :]
    assert sent == message_sent
    assert b"X-Unsent" not in arrived
    assert trace.startswith(b"Return-Path: <care@example.org>\n")
    assert b"\nReceived: from [127.0.0.1] (localhost [127.0.0.1])\n" in trace
    found = message_from_bytes(arrived, policy=default)
    assert isinstance(found, EmailMessage)
    (attachment,) = found.iter_attachments()
    assert attachment.get_content() == sheet.read_bytes()
    assert name_of(attachment) == mail.attachment_name
    for kind, wanted in (("plain", mail.text), ("html", mail.html)):
        body = found.get_body((kind,))
        assert isinstance(body, EmailMessage)
        assert body.get_content().splitlines() == wanted.splitlines()


def test_one_connection_takes_many_messages_and_a_refused_one_in_between(postfix: Postfix, write: Write) -> None:
    messages = [write(to) for to in ("first@example.org", NOBODY, LATER, "ана@example.org", "last@example.org")]
    replies = submit(postfix.server(), *(data for _, data in messages))
    wanted = [Answer.ACCEPTED, Answer.REFUSED, Answer.LATER, Answer.ACCEPTED, Answer.ACCEPTED]
    assert [reply.answer for reply in replies] == wanted
    assert [reply.code for reply in replies] == [250, 550, 450, 250, 250]
    assert [len(postfix.settled(identifier)) for identifier, _ in messages] == [1, 0, 0, 1, 1]


def test_a_reason_names_no_patient(postfix: Postfix, write: Write) -> None:
    (reply,) = submit(postfix.server(), write(NOBODY)[1])
    assert reply.reason == "5.1.1 <…>: Recipient address rejected: <…>: no such user here"
    assert safe_line("550 Ana.Example is unknown; <ana.example@example.org>\r\n\0 ", "ana.example@example.org") == (
        "550 … is unknown; <…>"
    )
    assert safe_line("certificate is not valid for '127.0.0.1'.") == "certificate is not valid for '127.0.0.1'"
    assert safe_line("550 see <b@example.org>, ana@example.org", "ana@example.org") == "550 see <…>, …"
    assert len(safe_line("x" * 1000)) == 300


def test_letters_beyond_ascii_are_refused_where_the_server_cannot_take_them(postfix: Postfix, write: Write) -> None:
    (reply,) = submit(postfix.server("ascii_only"), write("ана@example.org")[1])
    assert reply.answer is Answer.REFUSED
    assert "SMTPUTF8" in reply.reason


def test_a_sender_that_the_account_may_not_use_is_not_the_messages_fault(postfix: Postfix, write: Write) -> None:
    _, data = write("ana@example.org", Sender(address=REFUSED_SENDER))
    identifier, other = write("after-a-stranger@example.org")
    replies = submit(postfix.server(), data, other)
    assert [reply.answer for reply in replies] == [Answer.SENDER_REFUSED, Answer.ACCEPTED]
    assert "@" not in replies[0].reason
    assert len(postfix.received(identifier)) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ca": None}, "mail-server-certificate"),
        ({"host": "127.0.0.1"}, "mail-server-certificate"),
        ({"password": "wrong"}, "mail-login-refused"),
        ({"user": "stranger@mail.example.org"}, "mail-login-refused"),
        ({"tls": Tls.IMPLICIT}, "mail-server-no-tls"),
    ],
)
def test_a_way_that_cannot_be_trusted_is_not_taken(
    postfix: Postfix, write: Write, changed: dict[str, object], code: str
) -> None:
    identifier, data = write("nothing@example.org")
    assert refusal(postfix.server("starttls", **changed), data) == code
    assert not postfix.settled(identifier)


@pytest.mark.parametrize("service", ["starttls", "implicit"])
def test_another_authority_and_another_name_are_refused_by_both_kinds_of_tls(
    postfix: Postfix, tmp_path: Path, service: str
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    assert refusal(postfix.server(service, ca=other)) == "mail-server-certificate"
    assert refusal(postfix.server(service, host="127.0.0.1")) == "mail-server-certificate"


def test_an_expired_certificate_is_refused(postfix: Postfix) -> None:
    assert refusal(postfix.server("expired")) == "mail-server-certificate"


def test_a_server_that_hides_starttls_hears_neither_password_nor_message(write: Write) -> None:
    with RudeServer() as rude:
        stripped = replace(rude.server(), tls=Tls.STARTTLS, user="desk", password="secret")  # noqa: S106 - nobody's
        assert refusal(stripped, write("ana@example.org")[1]) == "mail-server-no-starttls"
    assert [command.split()[0] for command in rude.commands] in (["EHLO"], ["ehlo"])


def test_a_file_without_certificates_is_told(postfix: Postfix, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing\n")
    assert refusal(postfix.server(ca=tmp_path / "ca.pem")) == "mail-ca-unusable"


def test_a_server_that_is_not_there_is_asked_again_later() -> None:
    with pytest.raises(Unreachable) as unreachable:
        submit(MailServer(host="127.0.0.1", port=free_port(), tls=Tls.STARTTLS))
    assert unreachable.value.reply == Reply(answer=Answer.LATER, reason="Connection refused")
    with pytest.raises(Unreachable):
        submit(MailServer(host="no-such-host.invalid", port=25, tls=Tls.STARTTLS))


@pytest.mark.parametrize(
    ("moment", "reply"),
    [
        ("GREETING", HANG_UP),
        ("GREETING", "421 busy"),
        ("GREETING", "hello"),
        ("EHLO", HANG_UP),
        ("GREETING", SILENCE),
        ("GREETING", ENDLESS),
        ("EHLO", ENDLESS),
        ("GREETING", DRIP),
        ("EHLO", DRIP),
    ],
)
def test_a_server_that_does_not_get_going_is_asked_again_later(moment: str, reply: str) -> None:
    with RudeServer(**{moment: reply}) as rude:
        submission = Submission(rude.server(), command_seconds=0.5 if reply in (SILENCE, DRIP) else HANGS)
        with pytest.raises(Unreachable) as unreachable, submission:
            pass
    assert unreachable.value.reply.answer is Answer.LATER


def test_a_server_that_does_not_want_us_is_told_to_a_person() -> None:
    with RudeServer(GREETING="554 go away") as rude:
        assert refusal(rude.server()) == "mail-server-refuses"
    with RudeServer(EHLO="250-localhost\r\n250 AUTH CRAM-MD5") as rude:
        assert refusal(replace(rude.server(), user="desk", password="x")) == "mail-server-no-login"  # noqa: S106
    with RudeServer(EHLO="250-localhost\r\n250 AUTH LOGIN", AUTH="454 not now") as rude, pytest.raises(Unreachable):
        submit(replace(rude.server(), user="desk", password="x"))  # noqa: S106 - nobody's


@pytest.mark.parametrize(
    ("moment", "reply", "answer"),
    [
        ("MAIL", HANG_UP, Answer.LATER),
        ("MAIL", "451 not now", Answer.LATER),
        ("MAIL", "552 too large", Answer.REFUSED),
        ("MAIL", "354 go on\r\n250 taken", Answer.LATER),
        ("RCPT", "354 go on\r\n250 taken", Answer.LATER),
        ("RCPT", HANG_UP, Answer.LATER),
        ("RCPT", "450 not now", Answer.LATER),
        ("RCPT", "421 closing", Answer.LATER),
        ("RCPT", "550 nobody", Answer.REFUSED),
        ("RCPT", "nonsense", Answer.LATER),
        ("DATA", HANG_UP, Answer.LATER),
        ("DATA", "250 fine", Answer.LATER),
        ("DATA", "451 not now", Answer.LATER),
        ("DATA", "554 no", Answer.REFUSED),
        ("END", "250 taken", Answer.ACCEPTED),
        ("END", "451 not now", Answer.LATER),
        ("END", "421 closing", Answer.LATER),
        ("END", "554 no", Answer.REFUSED),
        ("END", HANG_UP, Answer.UNCERTAIN),
        ("END", SILENCE, Answer.UNCERTAIN),
        ("END", ENDLESS, Answer.UNCERTAIN),
        ("END", "nonsense", Answer.UNCERTAIN),
        ("END", "354 go on", Answer.UNCERTAIN),
    ],
)
def test_each_moment_of_the_conversation_has_its_answer(write: Write, moment: str, reply: str, answer: Answer) -> None:
    with RudeServer(**{moment: reply}) as rude:
        (found,) = submit(rude.server(), write("ana@example.org")[1], end_seconds=1 if reply == SILENCE else HANGS)
    assert found.answer is answer
    assert len(rude.messages) == (moment == "END")


def test_a_connection_that_breaks_within_the_message_cannot_have_delivered_it(write: Write) -> None:
    """Megabytes that the server does not read: the end of the message never leaves."""
    _, data = write("ana@example.org")
    with RudeServer(TEXT=HANG_UP) as rude:
        (found,) = submit(rude.server(), data + b"x" * 76 + b"\r\n" * 10_000_000)
    assert (found.answer, rude.messages) == (Answer.LATER, [])


def test_dots_and_line_ends_travel_unharmed() -> None:
    head = b"From: care@example.org\r\nTo: ana@example.org\r\n\r\n"
    with RudeServer() as rude:
        replies = submit(rude.server(), head + b".\r\n..\r\n.x\r\n", head.replace(b"\r", b"") + b".\nlast line")
    assert [reply.answer for reply in replies] == [Answer.ACCEPTED] * 2
    assert rude.messages == [head + b"..\r\n...\r\n..x\r\n", head + b"..\r\nlast line\r\n"]


@pytest.mark.parametrize(
    "head",
    [
        "From: care@example.org\nTo: ana@example.org, b@example.org",
        "From: care@example.org\nTo: ana@example.org\nTo: b@example.org",
        "From: care@example.org\nTo: ana@example.org\nCc: b@example.org",
        "From: care@example.org\nTo: ana@example.org\nBcc: b@example.org",
        "From: care@example.org\nTo: patients: ana@example.org, b@example.org;",
        "From: care@example.org, desk@example.org\nTo: ana@example.org",
        "From: care@example.org",
        "To: ana@example.org",
        "From: care@example.org\nTo: ana@b@example.org",
        "From: care@example.org\nTo: ana",
    ],
)
def test_a_message_for_more_or_less_than_one_recipient_is_not_announced(head: str) -> None:
    with RudeServer() as rude:
        (reply,) = submit(rude.server(), f"{head}\n\nText\n".encode())
    assert reply.answer is Answer.REFUSED
    assert not [command for command in rude.commands if command.startswith("MAIL")]


def test_a_server_hears_no_name_of_this_machine(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda *_: "desk.clinic.example")
    with RudeServer() as rude:
        submit(rude.server(), write("ana@example.org")[1])
    assert rude.commands[0].upper() == "EHLO [127.0.0.1]"


def test_an_old_way_of_tls_is_refused(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, pytest.raises((ssl.SSLError, OSError)):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        server = MailServer(host="localhost", port=listener.getsockname()[1], tls=Tls.IMPLICIT, ca=tmp_path / "ca.pem")
        assert refusal(server) == "mail-server-no-tls"
        thread.join()
