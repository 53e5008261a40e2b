"""A document and a language -> the email that brings its sheets; a sheet and its email -> a message in the outbox."""

from datetime import date, datetime
from functools import partial
from pathlib import Path

from handouts.composition.mail import MailIngredients, compose_mail
from handouts.delivery.mail.message import identifier_of, message
from handouts.delivery.mail.outbox import Outbox
from handouts.delivery.mail.protection import protect
from handouts.delivery.mail.settings import or_clinic
from handouts.errors import Gathering, Kind, Problem, Severity
from handouts.press.preparing import Preparing, known_languages
from handouts.press.signing import is_overdue
from handouts.records import ComposedMail, MailOrder, MailState, ReviewState
from handouts.resources import Resources


def mail(
    preparing: Preparing, resources: Resources, document_id: str, language: str, today: date, *, locked: bool
) -> ComposedMail:
    """Return the message in the sheet's language, or in both of its languages; raise InputError with every Problem."""
    gathering = Gathering()
    branding = preparing.gathered_branding(today, gathering)
    document = gathering.take(partial(preparing.document, document_id, today=today))
    tags = known_languages(tuple(language.split("+")), gathering)
    translated = preparing.texts.all_translated(document, tags, gathering) if document else {}
    gathering.stop_at_errors()
    assert document, "it is there or has left an error"
    assert branding, "it is there or has left an error"
    signatures = preparing.signing.signatures(document, branding)
    sides = tuple(
        MailIngredients(
            branding=branding,
            document=translated[tag].document,
            review=translated[tag].review,
            reviewed=signatures.review is ReviewState.REVIEWED,
            approved=signatures.approved is not None,
            overdue=is_overdue(document, today),
            labels=translated[tag].labels,
            english_labels=preparing.texts.labels("en"),
        )
        for tag in tags
    )
    return compose_mail(sides, resources, locked=locked)


def to_outbox(
    pdf: bytes, composed: ComposedMail, order: MailOrder, clinic_address: str, *, to: str, at: datetime
) -> tuple[Path, MailState | None]:
    """Put a sheet's email into the outbox and return its path, and None or the state in which it was there already.

    The same sheet to the same address is the same message, whoever makes it. None: it was put there now, maybe in place
    of one that still waited. Otherwise nothing was put there, and what is there may have another text, sender or
    password. With a password of the order's the enclosed sheet opens by it alone, and `composed` must say so. Raises
    InputError where an address, a text of the mail, the password or the outbox is unfit.
    """
    identifier = identifier_of(pdf, to)
    enclosed = protect(pdf, order.password) if order.password else pdf
    sender = or_clinic(order.sender, clinic_address)
    data = message(composed, enclosed, identifier=identifier, to=to, sender=sender, at=at)
    return Outbox(order.outbox).put(identifier, data)


def there_already(path: Path, state: MailState, *, locked: bool) -> Problem:
    """Return what to say of an email that the outbox has and did not take again; only one that was sent can be right.

    `locked`: it was to have a password, which it may not have.
    """
    return Problem(
        kind=Kind.DELIVERY,
        code="mail-password-too-late" if locked else "mail-there-already",
        source=str(path),
        values={"state": str(state), "identifier": path.stem, "outbox": str(path.parent.parent)},
        severity=Severity.WARNING if state is MailState.SENT and not locked else Severity.ERROR,
    )
