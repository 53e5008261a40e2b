"""A mail server's reply, or its silence -> what it means for a message, in words without an address."""

import re
import smtplib
from dataclasses import replace

from handouts.records import Answer, Reply

NO_LOGIN = (530, 535, 538)
"""Authentication required, invalid, or only under TLS (RFC 4954, 6)."""
_ADDRESS = re.compile(r"(?<![^\s<>])[^\s<>]+?@[^\s<>]+")
_MAXIMUM_REASON = 300
_NO_RECIPIENT = (550, 551, 553)
"""No such mailbox, not local, no name of one (RFC 5321, 4.2.3), where it is the recipient that is asked about."""
_POLICY = re.compile(r"5\.7\.\d+\b")
_SENDER = re.compile(r"5\.1\.[78]\b|.*\bsender address rejected\b", re.IGNORECASE | re.DOTALL)
"""About the sender (RFC 3463, 3.2), though the recipient was asked about: postfix waits so long, in these words."""


def safe_line(text: str, address: str = "") -> str:
    """Return a server's words as one line of at most 300 characters, fit for a log or a screen.

    Control characters become spaces; addresses, and `address` with its local part, become "…"; a full stop goes.
    """
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    for secret in sorted({address, address.rpartition("@")[0]} - {""}, key=len, reverse=True):
        line = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", line, flags=re.IGNORECASE)
    return _ADDRESS.sub("…", line)[:_MAXIMUM_REASON].rstrip(". ")


def meaning(code: int, text: bytes, address: str) -> Reply:
    """Return what a reply code means (RFC 5321, 4.2.1); what is no reply at all leaves it uncertain."""
    answer = {2: Answer.ACCEPTED, 4: Answer.LATER, 5: Answer.REFUSED}.get(code // 100, Answer.UNCERTAIN)
    return Reply(answer=answer, code=code, reason=safe_line(words_of(text), address))


def meaning_for_recipient(code: int, text: bytes, address: str) -> Reply:
    """Return what a refusal of RCPT TO means: the recipient's address, the sender's, or a rule of the server's."""
    reply, words = meaning(code, text, address), words_of(text)
    if _SENDER.match(words):
        return replace(reply, answer=Answer.SENDER_REFUSED)
    return replace(reply, wrong_address=code in _NO_RECIPIENT and not _POLICY.match(words))


def fault(error: Exception) -> str:
    """Return what went wrong with a connection, without a name or an address of anybody."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the connection was closed"
    if isinstance(error, smtplib.SMTPResponseException):
        return safe_line(f"{error.smtp_code} {words_of(error.smtp_error)}")
    return safe_line(str(getattr(error, "strerror", "") or error) or type(error).__name__)


def words_of(text: bytes | str) -> str:
    """Return the words of a reply."""
    return text.decode(errors="replace") if isinstance(text, bytes) else text
