"""The message: what a mail program reads in it, what is in its header and what is not, the same bytes each time."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTPUTF8, compat32, default
from email.utils import parseaddr
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handouts.delivery.mail.messages import header_of, identifier_of, message
from handouts.errors import InputError
from handouts.records import ComposedMail, Picture, Sender
from tests.attachments import name_of, names_of
from tests.conftest import DETAILS, NOW

pytest_plugins = ("tests.mail_server.fixtures",)

IDENTIFIER = "3f0c5a1de2b94c7788aa01d2c3b4e5f6"
CARE = Sender(address="care@example.org")
PDF = b"%PDF-1.7\n\0\xff\r\n.\r\n%%EOF"
PLAIN = ComposedMail(
    language="en",
    subject="Your information from Lumen Skin Clinic",
    text="Dear patient,\n.\n..\nFrom here on\n\n",
    html="<p>Dear patient</p>\n",
    picture=Picture(cid="logo@handouts", media_type="image/png", data=b"\x89PNG\r\n\x1a\n"),
    attachment_name="information.pdf",
    sender_name="Lumen Skin Clinic",
)


def written(mail: ComposedMail = PLAIN, *, to: str = "ana@example.org", sender: Sender = CARE) -> bytes:
    return message(mail, PDF, identifier=IDENTIFIER, to=to, sender=sender, at=NOW)


def read(data: bytes) -> EmailMessage:
    found = message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def codes(mail: ComposedMail = PLAIN, **changed: object) -> set[str]:
    with pytest.raises(InputError) as refused:
        written(mail, **changed)  # type: ignore[arg-type]  # a test changes what it likes
    return {problem.code for problem in refused.value.problems}


def lines(text: str) -> list[str]:
    return text.rstrip("\n").splitlines()


def test_a_mail_program_finds_text_html_picture_and_sheet(mail: ComposedMail) -> None:
    mail = replace(mail, picture=PLAIN.picture)
    found = read(written(mail))
    assert found.get_content_type() == "multipart/mixed"
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert lines(text.get_content()) == lines(mail.text)
    assert lines(html.get_content()) == lines(mail.html)
    (attachment,) = found.iter_attachments()
    assert (attachment.get_content_type(), name_of(attachment)) == ("application/pdf", mail.attachment_name)
    assert attachment.get_content() == PDF
    (picture,) = [part for part in found.walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_content()) == ("<logo@handouts>", b"\x89PNG\r\n\x1a\n")


def test_the_header_says_who_writes_and_that_a_machine_did() -> None:
    found = read(written(sender=Sender(address="care@example.org", reply_to="desk@example.org")))
    assert dict(found.items()) == {
        "X-Unsent": "1",
        "Subject": "Your information from Lumen Skin Clinic",
        "From": "Lumen Skin Clinic <care@example.org>",
        "Reply-To": "desk@example.org",
        "To": "ana@example.org",
        "Date": "Sat, 21 Nov 2026 20:00:00 +0000",
        "Message-ID": f"<{IDENTIFIER}@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
        "Content-Type": found["Content-Type"],
        "Content-Language": "en",
    }


def test_a_real_email_names_neither_patient_nor_treatment_in_its_header(mail: ComposedMail, sheet: Path) -> None:
    data = message(mail, sheet.read_bytes(), identifier=IDENTIFIER, to="box-4711@example.org", sender=CARE, at=NOW)
    heads = re.findall(rb"(?m)^(?:[A-Z][\w-]+:.*\r\n(?:[ \t].*\r\n)*)+", data)
    header = "\n".join(map(str, header_of(data).items())) + b"".join(heads).decode()
    for secret in (*map(str, DETAILS.values()), "Amina", "1987", "LSC-", "needling"):
        assert secret not in header
    assert header_of(data)["Content-Language"] == "ar, en"


def test_the_same_input_makes_the_same_bytes() -> None:
    assert written() == written()
    assert written() != message(PLAIN, PDF, identifier="0" * 32, to="ana@example.org", sender=CARE, at=NOW)


def test_every_line_ends_with_crlf_and_is_short_ascii() -> None:
    data = written(replace(PLAIN, text="x" * 5000 + "\r\ny\rz\n", html="<p>" + "приём " * 900 + "</p>"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert data.isascii()


def test_a_sheet_for_an_address_is_one_message_and_tells_nothing() -> None:
    first = identifier_of(PDF, "ana@example.org")
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert identifier_of(PDF, " ana@EXAMPLE.org ") == first
    assert len({first, identifier_of(PDF, "b@example.org"), identifier_of(PDF + b"\n", "ana@example.org")}) == 3


def test_a_sheet_is_known_by_what_it_says_however_its_bytes_were_made() -> None:
    def sheet(identity: str, own: bytes, behind: bytes = b"") -> bytes:
        table = b"/Type /XRef/ID [(%s) (%s)]/Size 1>>" % (identity.encode(), identity.encode())
        return b"%PDF-1.7\n" + own + table + b"\nstartxref\n9\n%%EOF\n" + behind

    to, identity = "ana@example.org", "0123456789abcdef" * 2
    first = identifier_of(sheet(identity, b"one way"), to)
    assert identifier_of(sheet(identity, b"another way"), to) == first
    assert identifier_of(sheet(identity[::-1], b"one way"), to) != first
    changed = sheet(identity, b"one way", b"a note of another program\nstartxref\n99\n%%EOF\n")
    assert identifier_of(changed, to) not in (first, identifier_of(changed + b" ", to))


@pytest.mark.parametrize(
    "to",
    [
        "ana@example.org\r\nBcc: b@example.org",
        "ana@example.org\nBcc: b@example.org",
        "ana@example.org, b@example.org",
        "ana@example.org>\r\nRCPT TO:<b@example.org",
        "Ana <ana@example.org>",
        "=?utf-8?q?ana=40example.org=2C?= b@example.org",
        "ana@b@example.org",
        "",
    ],
)
def test_an_address_cannot_bring_a_second_one_or_another_field(to: str) -> None:
    assert codes(to=to) == {"not-an-address"}
    assert codes(sender=Sender(address=to)) == {"not-an-address"}
    if to:
        assert codes(sender=Sender(address="care@example.org", reply_to=to)) == {"not-an-address"}


@pytest.mark.parametrize("text", ["", " ", "a\r\nBcc: b@example.org", "a\nb", "a\rb", "a\0b", "a\u2028b", "a\u202eb"])
def test_a_text_of_the_header_is_one_plain_line(text: str) -> None:
    for key in ("subject", "sender_name", "attachment_name"):
        assert "mail-text-not-a-line" in codes(replace(PLAIN, **{key: text}))  # type: ignore[arg-type]  # keys of text


@pytest.mark.parametrize("name", ["a/b.pdf", "..\\a.pdf", "a:b.pdf", "a.exe", 'a".pdf', f"{'й' * 80}.pdf"])
def test_an_attachment_can_be_saved_anywhere(name: str) -> None:
    assert codes(replace(PLAIN, attachment_name=name)) == {"attachment-name-unfit"}


def test_all_that_is_wrong_is_told_at_once() -> None:
    mail = replace(PLAIN, subject="", attachment_name="a/b")
    found = codes(mail, to="nobody", sender=Sender(address="x"))
    assert found == {"mail-text-not-a-line", "attachment-name-unfit", "not-an-address"}


@pytest.mark.parametrize(
    "name", ["السيدة.pdf", "护理说明.pdf", "Hướng dẫn chăm sóc.pdf", "देखभाल.pdf", "a b'c(d),e;f.pdf"]
)
@pytest.mark.parametrize("to", ["ana@example.org", "ана@пример.example"])
def test_an_attachment_keeps_its_name_in_any_script(name: str, to: str) -> None:
    found = message_from_bytes(written(replace(PLAIN, attachment_name=name), to=to), policy=SMTPUTF8)
    assert [name_of(part) for part in found.walk() if part.get_content_type() == "application/pdf"] == [name]


@pytest.mark.parametrize(
    ("own", "plain"),
    [
        ("السيدة.pdf", "information sheet.pdf"),
        ("Ca\u0301 b.pdf", "Ca b.pdf"),
        (f"{'护理' * 20}.pdf", "sheet (2).pdf"),
        ("a.pdf", "a.pdf"),
    ],
)
def test_a_program_that_reads_ascii_alone_finds_a_name_too(own: str, plain: str) -> None:
    data = written(replace(PLAIN, attachment_name=own, plain_name=plain))
    (part,) = read(data).iter_attachments()
    wanted = {"filename": plain} if own == plain else {"filename": plain, "filename*": own}
    assert (names_of(part), part.get_content()) == (wanted, PDF)
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert data.index(b"filename=") < data.find(b"filename*") or own == plain


@pytest.mark.parametrize("name", ['a"; x=".pdf', "a\r\nBcc: b@example.org.pdf", "ä.pdf", "a/b.pdf", "a.exe"])
def test_a_plain_name_is_letters_and_digits(name: str) -> None:
    assert codes(replace(PLAIN, attachment_name="ж.pdf", plain_name=name)) == {"attachment-name-unfit"}


def said(data: bytes, key: str) -> str:
    """Return a field as a mail program shows it (the library's newer reader drops spaces and quotes of some names)."""
    raw = message_from_bytes(data, policy=compat32)[key].replace("\r\n", "")
    return str(make_header(decode_header(parseaddr(raw)[0] if key == "From" else raw)))


def test_only_an_address_beyond_ascii_puts_utf_8_into_the_header() -> None:
    name, subject = 'Клиника "Люмен", (Skin); <a@b.example>', "Пам'ятка – після процедури"
    mail = replace(PLAIN, sender_name=name, subject=subject)
    assert written(mail).isascii()
    data = written(mail, to="ана@пример.example")
    assert "To: ана@xn--e1afmkfd.example\r\n" in data.decode()
    for each in (data, written(mail)):
        assert [who.addr_spec for who in header_of(each)["From"].addresses] == ["care@example.org"]
        assert (said(each, "From"), said(each, "Subject")) == (name, subject)


@given(
    name=st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=200),
    domain=st.sampled_from(["example.org", "bücher.example"]),
    local=st.sampled_from(["ana", "a.b+c", "ана", "o'x", "a=?b"]),
)
@example(name="St. Mary's Clinic", domain="example.org", local="ana")
@example(name='A \\ "B"', domain="example.org", local="ana")
@example(name="=?utf-8?q?Clinic?=", domain="example.org", local="ana")
def test_a_clinic_of_any_name_is_named_as_it_is_and_only_the_patient_gets_the_message(
    name: str, domain: str, local: str
) -> None:
    name = " ".join(name.split()) or "x"
    data = written(replace(PLAIN, sender_name=name, subject=name), to=f"{local}@{domain}")
    found = header_of(data)
    assert [who.addr_spec for who in found["To"].addresses] == [f"{local}@{domain.replace('bücher', 'xn--bcher-kva')}"]
    assert [who.addr_spec for who in found["From"].addresses] == ["care@example.org"]
    assert (said(data, "From"), said(data, "Subject")) == (name, name)
    assert max(map(len, data.split(b"\r\n"))) <= 100
