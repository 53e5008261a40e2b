"""A document and a language -> the email that brings its sheets: one text for every patient of the clinic."""

from datetime import date
from functools import partial

from handouts.composition.mail import MailIngredients, compose_mail
from handouts.press.gathering import Gathering
from handouts.press.preparing import Preparing, known_languages
from handouts.press.standing import is_overdue
from handouts.records import ComposedMail, ReviewState
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
