"""A sheet as PDF and its composed mail -> a message in an outbox, and from there to a mail server, once."""

from handouts.delivery.mail.messages import identifier_of, message
from handouts.delivery.mail.outbox import Outbox
from handouts.delivery.mail.passwords import check_password
from handouts.delivery.mail.posting import send
from handouts.delivery.mail.protection import protect
from handouts.delivery.mail.settings import mail_server, or_clinic, sender
from handouts.delivery.mail.sheet_file import SheetIdentity, identity

__all__ = [
    "Outbox",
    "SheetIdentity",
    "check_password",
    "identifier_of",
    "identity",
    "mail_server",
    "message",
    "or_clinic",
    "protect",
    "send",
    "sender",
]
