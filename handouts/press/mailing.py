"""Documents and a language -> the email that brings their sheets; sheets and their email -> one in the outbox."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from handouts.addresses import mailbox
from handouts.codes import Code
from handouts.composition.mail import MailedText, MailIngredients, compose_mail
from handouts.delivery.mail import Outbox, identifier_of, identity, message, or_clinic, protect
from handouts.errors import Gathering, Kind, Problem
from handouts.press.preparing import Preparing, known_languages
from handouts.press.signing import is_overdue
from handouts.press.texts import Translated
from handouts.records import Branding, ComposedHandout, ComposedMail, Document, MailOrder, MailState, ReviewState
from handouts.resources import Resources


class ComposeMail(Protocol):
    """Composes the email that brings a sheet of this document in this language, and others; raises InputError."""

    def __call__(
        self, document: str, language: str, today: date, *, locked: bool, beside: tuple[str, ...] = ()
    ) -> ComposedMail:
        """Return the email; `locked` says that a password protects the sheets, `beside` names further documents."""
        ...


def mail(
    preparing: Preparing,
    resources: Resources,
    documents: tuple[str, ...],
    language: str,
    today: date,
    *,
    locked: bool,
) -> tuple[ComposedMail, ComposedHandout]:
    """Return the message in the sheets' language, or in both of their languages, and its HTML as a page to be judged.

    Raises InputError with every Problem.
    """
    gathering = Gathering()
    branding = preparing.gathered_branding(today, gathering)
    found = [gathering.take(partial(preparing.document, each, today=today)) for each in documents]
    tags = known_languages(tuple(language.split("+")), gathering)
    translated = [preparing.texts.all_translated(each, tags, gathering) if each else {} for each in found]
    gathering.stop_at_errors()
    assert branding, "it is there or has left an error"

    def text(document: Document, in_language: Translated) -> MailedText:
        signatures = preparing.signing.signatures(document, branding)
        return MailedText(
            document=in_language.document,
            review=in_language.review,
            reviewed=signatures.review is ReviewState.REVIEWED,
            approved=signatures.approved is not None,
            overdue=is_overdue(document, today),
        )

    sides = tuple(
        MailIngredients(
            branding=branding,
            tag=tag,
            texts=tuple(text(each, texts[tag]) for each, texts in zip(found, translated, strict=True) if each),
            labels=translated[0][tag].labels,
            english_labels=preparing.texts.labels("en"),
        )
        for tag in tags
    )
    return compose_mail(sides, resources, locked=locked)


def mail_of_sheet(
    preparing: Preparing,
    compose_mail: ComposeMail,
    pdf: bytes,
    source: str,
    address: str,
    order: MailOrder,
    today: date,
) -> tuple[Branding, ComposedMail]:
    """Return the clinic and the email for a sheet that was made before; `source` names the PDF in Problems.

    Raises InputError with everything that makes it the wrong sheet to send: it is no sheet of ours, of another clinic,
    or of a version that is not in the library any more; and where address or sender are unfit.
    """
    gathering = Gathering()
    if not mailbox(address):
        gathering.problems.append(Problem.of(Kind.DELIVERY, Code.NOT_AN_ADDRESS, "--address", key="--address"))
    sheet = gathering.take(lambda: identity(pdf, source))
    branding = gathering.take(lambda: preparing.branding(today=today, sample=False)[0])
    if branding:
        gathering.take(lambda: or_clinic(order.sender, branding.email))
    mail = None
    if sheet and branding:
        name = " ".join(branding.text("name", sheet.language.partition("+")[0])[0].split())
        if sheet.clinic != name:
            gathering.problems.append(
                Problem.of(Kind.DELIVERY, Code.SHEET_OF_ANOTHER_CLINIC, source, found=sheet.clinic, clinic=name)
            )
    if sheet:
        document = gathering.take(lambda: preparing.document(sheet.document, today=today))
        if document and document.version != sheet.version:
            versions = {"found": sheet.version, "version": document.version}
            gathering.problems.append(Problem.of(Kind.DELIVERY, Code.SHEET_OUTDATED, source, **versions))
        locked = bool(order.password)
        mail = gathering.take(lambda: compose_mail(sheet.document, sheet.language, today, locked=locked))
    gathering.stop_at_errors()
    assert branding, "it is there or has left an error"
    assert mail, "it is there or has left an error"
    return branding, mail


def to_outbox(
    pdf: bytes,
    composed: ComposedMail,
    order: MailOrder,
    clinic_address: str,
    *,
    to: str,
    at: datetime,
    beside: Sequence[bytes] = (),
) -> tuple[Path, MailState | None]:
    """Put a sheet's email into the outbox and return its path, and None or the state in which it was there already.

    `beside` are sheets that go into the same message. The same sheet to the same address is the same message, whoever
    makes it. None: it was put there now, maybe in place of one that still waited. Otherwise nothing was put there, and
    what is there may have another text, sender or password. With a password of the order's the enclosed sheet opens by
    it alone, and `composed` must say so. Raises InputError where an address, a text of the mail, the password or the
    outbox is unfit.
    """
    identifier = identifier_of(pdf, to, beside)
    first, *others = (protect(each, order.password) if order.password else each for each in (pdf, *beside))
    sender = or_clinic(order.sender, clinic_address)
    data = message(composed, first, identifier=identifier, to=to, sender=sender, at=at, beside=others)
    return Outbox(order.outbox).put(identifier, data)


def there_already(path: Path, state: MailState, *, locked: bool) -> Problem:
    """Return what to say of an email that the outbox has and did not take again; only one that was sent can be right.

    `locked`: it was to have a password, which it may not have.
    """
    values = {"state": str(state), "identifier": path.stem, "outbox": str(path.parent.parent)}
    if locked:
        return Problem.of(Kind.DELIVERY, Code.MAIL_PASSWORD_TOO_LATE, str(path), **values)
    made = Problem.warning if state is MailState.SENT else Problem.of
    return made(Kind.DELIVERY, Code.MAIL_THERE_ALREADY, str(path), **values)
