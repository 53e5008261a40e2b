"""A message and a mail server -> its reply: accepted, later, refused, or uncertain; never over an unchecked way."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from dataclasses import replace
from types import TracebackType
from typing import Self

from handouts.addresses import mailbox, needs_smtputf8
from handouts.codes import Code
from handouts.delivery.mail.connection import Connection, TlsConnection
from handouts.delivery.mail.messages import addresses_in, as_sent, header_of
from handouts.delivery.mail.replies import NO_LOGIN, fault, meaning, meaning_for_recipient, safe_line, words_of
from handouts.errors import InputError, Kind
from handouts.records import Answer, MailServer, Reply, Tls

COMMAND_SECONDS = 30.0
"""How long a connection and each command may take."""
END_SECONDS = 600.0
"""How long the reply to a whole message may take (RFC 5321, 4.5.3.2.6): giving up early makes it uncertain."""

_HELO = "[127.0.0.1]"  # An address literal (RFC 5321, 4.1.3): the name of this machine is nobody's business.


class Unreachable(Exception):
    """The server cannot be spoken to just now; the argument is a Reply that says LATER."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reply = Reply(answer=Answer.LATER, code=code, reason=safe_line(reason))


class Submission:
    """One connection to a mail server, opened when entered, for as many messages as it lasts.

    The certificate and the host name in it are always verified; without TLS nothing is said, but to this very machine.
    Entering raises Unreachable where another try may succeed, and InputError where only a person can help.
    """

    def __init__(
        self, server: MailServer, *, command_seconds: float = COMMAND_SECONDS, end_seconds: float = END_SECONDS
    ) -> None:
        self._server = server
        self._address = f"{server.host}:{server.port}"
        self._command_seconds = command_seconds
        self._end_seconds = end_seconds
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        """Connect, protect the connection, log in."""
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connected()
            self._log_in(smtp)
        except smtplib.SMTPNotSupportedError:
            _close(smtp)
            raise InputError.of(Kind.DELIVERY, Code.MAIL_SERVER_NO_STARTTLS, self._address) from None
        except ssl.SSLCertVerificationError as error:
            _close(smtp)
            raise InputError.of(
                Kind.DELIVERY,
                Code.MAIL_SERVER_CERTIFICATE,
                self._address,
                reason=safe_line(error.verify_message),
            ) from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            _close(smtp)
            raise Unreachable(fault(error)) from None
        except ssl.SSLError as error:
            _close(smtp)
            raise InputError.of(
                Kind.DELIVERY,
                Code.MAIL_SERVER_NO_TLS,
                self._address,
                reason=error.reason or "broken",
            ) from None
        except smtplib.SMTPResponseException as error:
            _close(smtp)
            reason = safe_line(words_of(error.smtp_error))
            if 500 <= error.smtp_code < 600:
                raise InputError.of(
                    Kind.DELIVERY,
                    Code.MAIL_SERVER_REFUSES,
                    self._address,
                    reason=f"{error.smtp_code} {reason}",
                ) from None
            raise Unreachable(reason, error.smtp_code) from None
        except (OSError, smtplib.SMTPException) as error:  # Time-outs, names not found, broken TLS.
            _close(smtp)
            raise Unreachable(fault(error)) from None
        except BaseException:
            _close(smtp)
            raise
        self._smtp = smtp
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye and close."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            _close(smtp, politely=kind is None)

    @property
    def is_open(self) -> bool:
        """Whether another message may be sent through this connection."""
        return self._smtp is not None and self._smtp.sock is not None

    def send(self, data: bytes) -> Reply:
        """Hand a message of the outbox over to its one recipient and return what the server says.

        LATER where the connection fails before the end of the message has left: it cannot have been accepted.
        Raises InputError where the server wants a login first, no fault of this message; it is not handed over.
        """
        assert self._smtp is not None, "entered before"
        smtp, data = self._smtp, as_sent(data)
        envelope = _envelope(data)
        if envelope is None:
            return Reply(answer=Answer.REFUSED, reason="the message has not exactly one sender and one recipient")
        sender, to = envelope
        options = f" SIZE={len(data)}" if smtp.has_extn("size") else ""
        if needs_smtputf8(sender + to):
            if not smtp.has_extn("smtputf8"):
                reason = "the mail server cannot take an address with letters outside ASCII (no SMTPUTF8)"
                return Reply(answer=Answer.REFUSED, reason=reason)
            smtp.command_encoding = "utf-8"
            options += " SMTPUTF8 BODY=8BITMIME"
        try:
            refusal = self._announce(smtp, f"FROM:<{sender}>{options}", to)
            if refusal is None:
                smtp.send(_as_lines(data))
        except (OSError, smtplib.SMTPException) as error:
            smtp.close()
            return Unreachable(fault(error)).reply
        if refusal is not None:
            _clear(smtp, refusal)
            return refusal
        return self._end(smtp, to)

    def _announce(self, smtp: smtplib.SMTP, sender: str, to: str) -> Reply | None:
        """Return the refusal of sender, recipient or message, or None where the server waits for the message."""
        code, text = smtp.docmd("MAIL", sender)
        if code in NO_LOGIN:
            raise InputError.of(
                Kind.DELIVERY,
                Code.MAIL_SERVER_WANTS_LOGIN,
                self._address,
                reason=f"{code} {safe_line(words_of(text), to)}",
            )
        if 500 <= code < 600 and code != 552:  # 552: this message is too large; anything else is about the sender.
            return replace(meaning(code, text, to), answer=Answer.SENDER_REFUSED)
        if code == 250:
            code, text = smtp.docmd("RCPT", f"TO:<{to}>")
            if 500 <= code < 600:
                return meaning_for_recipient(code, text, to)
        if code in (250, 251):
            code, text = smtp.docmd("DATA")
            if code == 354:
                return None
        if code // 100 not in (4, 5):
            raise smtplib.SMTPServerDisconnected(f"a reply that makes no sense: {code}")
        return meaning(code, text, to)

    def _end(self, smtp: smtplib.SMTP, to: str) -> Reply:
        """Send the end of the message, by which the server may accept it, and return its reply.

        From here on silence is no answer: the server may have the message, and may not.
        """
        try:
            assert smtp.sock is not None, "the message has just gone through it"
            smtp.sock.settimeout(self._end_seconds)
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            smtp.close()
            return Reply(answer=Answer.UNCERTAIN, reason=fault(error))
        reply = meaning(code, text, to)
        if code == 421 or reply.answer is Answer.UNCERTAIN:
            smtp.close()
        elif smtp.sock is not None:
            smtp.sock.settimeout(self._command_seconds)
        return reply

    def _connected(self) -> smtplib.SMTP:
        server, seconds = self._server, self._command_seconds
        if server.tls is Tls.IMPLICIT:
            return TlsConnection(
                server.host, server.port, local_hostname=_HELO, timeout=seconds, context=self._context()
            )
        smtp = Connection(server.host, server.port, local_hostname=_HELO, timeout=seconds)
        if server.tls is Tls.STARTTLS:
            try:
                smtp.starttls(context=self._context())
            except BaseException:
                _close(smtp)
                raise
        return smtp

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._server.ca)
        except (OSError, ssl.SSLError):
            raise InputError.of(Kind.DELIVERY, Code.MAIL_CA_UNUSABLE, self._address) from None

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        """Log in with account and password in UTF-8 (RFC 4616, 2; smtplib's own login takes ASCII alone)."""
        smtp.ehlo_or_helo_if_needed()
        if not self._server.user:
            return
        offered = str(smtp.esmtp_features.get("auth", "")).upper().split()
        user, password = self._server.user.encode(), self._server.password.encode()
        if "PLAIN" in offered:
            code, text = smtp.docmd("AUTH", f"PLAIN {_base64(bytes(1) + user + bytes(1) + password)}")
        elif "LOGIN" in offered:
            code, text = smtp.docmd("AUTH", f"LOGIN {_base64(user)}")
            if code == 334:
                code, text = smtp.docmd(_base64(password))
        else:
            raise InputError.of(
                Kind.DELIVERY,
                Code.MAIL_SERVER_NO_LOGIN,
                self._address,
                offered=", ".join(offered) or "none",
            )
        if code == 235:
            return
        if 500 <= code < 600:
            raise InputError.of(
                Kind.DELIVERY,
                Code.MAIL_LOGIN_REFUSED,
                self._address,
                reason=f"{code} {safe_line(words_of(text))}",
            )
        raise smtplib.SMTPAuthenticationError(code, text)


def _envelope(data: bytes) -> tuple[str, str] | None:
    """Return the one sender and the one recipient of a message, or None: nobody is to get it by mistake."""
    header = header_of(data)
    if any(key in header for key in ("Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc")):
        return None
    found = []
    for key in ("From", "To"):
        addresses = addresses_in(header, key)
        if len(addresses) != 1:
            return None
        found.append(mailbox(addresses[0]))
    return (found[0], found[1]) if all(found) else None


def _as_lines(data: bytes) -> bytes:
    """Return a message as it travels: lines ended by CRLF, a dot put before each that begins with one."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data).removesuffix(b"\r\n") + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


def _clear(smtp: smtplib.SMTP, refusal: Reply) -> None:
    """Clear the way for the next message, or close where the server does (421: RFC 5321, 3.8)."""
    try:
        if refusal.code != 421:
            smtp.rset()
            return
    except (OSError, smtplib.SMTPException):
        pass
    smtp.close()


def _close(smtp: smtplib.SMTP | None, *, politely: bool = False) -> None:
    if smtp is None:
        return
    try:
        if politely:
            smtp.quit()
    except (OSError, smtplib.SMTPException):
        pass
    finally:
        smtp.close()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
