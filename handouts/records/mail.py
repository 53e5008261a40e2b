"""An email about a sheet: the same for every patient of a clinic, document and language; nobody's name is in it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture that the HTML shows as cid:<cid>: its media type, such as image/png, and its bytes."""

    cid: str
    media_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedMail:
    """Subject, text and HTML of a message and the name of its attachment, in the sheet's language or languages."""

    language: str
    subject: str
    text: str
    html: str
    picture: Picture | None
    attachment_name: str
    sender_name: str
