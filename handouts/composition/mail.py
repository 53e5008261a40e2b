"""A document in one language or two, and the clinic's branding -> ComposedMail: the email that brings a sheet."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from handouts.codes import Code
from handouts.composition.links import wrong_links
from handouts.composition.origin import at_own_template
from handouts.composition.page_checks import dangers
from handouts.composition.policy import guarded, mail_policy
from handouts.composition.rendering import render
from handouts.composition.side import LabelSource, clinic_names, clinic_wording, drafts, language_names
from handouts.composition.views import texts_of
from handouts.composition.wording import Wording
from handouts.errors import InputError, Kind, Problem, each_once
from handouts.languages import language
from handouts.letters import letters_of
from handouts.page_tree import words
from handouts.records import BlockKind, Branding, ComposedMail, Document, Picture, TranslationReview
from handouts.resources import Resources

_PICTURE_ID = "logo"
_SHOWN_BY_MAIL_PROGRAMS = ("image/png", "image/jpeg")
"""An SVG logo stays away: no large mail program shows one."""
_TEMPLATES = {"subject": "subject.txt", "attachment": "attachment.txt", "html": "message.html", "text": "message.txt"}
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class MailIngredients:
    """Everything of a message in one language."""

    branding: Branding
    document: Document
    review: TranslationReview
    reviewed: bool
    approved: bool
    overdue: bool
    labels: LabelSource
    english_labels: LabelSource


def compose_mail(languages: Sequence[MailIngredients], resources: Resources, *, locked: bool) -> ComposedMail:
    """Return the message for a sheet in these languages; `locked` says that a password protects the sheet.

    Nothing of a patient goes into it. Raises InputError for every template that cannot be used, or else for those that
    lose the key message, the clinic's telephone number or the emergency number.
    """
    first = languages[0]
    picture = _picture(first.branding)
    sides = tuple(_side(given) for given in languages)
    context = {
        **sides[0],
        "sides": sides,
        "colours": first.branding.colours,
        "locked": locked,
        "picture": picture.cid if picture else "",
        "english": first.english_labels.gettext,
    }
    subject, attachment, rendered, text = _rendered(context, resources)
    html, page = guarded(rendered, mail_policy)
    documents = [given.document for given in languages]
    problems = (*dangers(page), *wrong_links(page, first.branding, documents), *_losses(languages, words(page), text))
    if problems:
        raise InputError(at_own_template(problem, "", resources) for problem in each_once(problems))
    return ComposedMail(
        language="+".join(given.document.language for given in languages),
        subject=subject,
        text=text,
        html=html,
        picture=picture,
        attachment_name=f"{attachment}.pdf",
        sender_name=first.branding.name,
    )


def _rendered(context: Mapping[str, object], resources: Resources) -> tuple[str, str, str, str]:
    """Return subject, attachment's name, HTML and text; raise InputError with the faults of all four."""
    made: dict[str, str] = {"subject": ""}
    problems: list[Problem] = []
    for part, name in _TEMPLATES.items():
        try:
            made[part] = render(f"email/{name}", {**context, "subject": _line(made["subject"])}, resources)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(each_once(problems))
    text = _BLANK_LINES.sub("\n\n", made["text"]).strip() + "\n"
    return _line(made["subject"]), _line(made["attachment"]), made["html"], text


def _side(given: MailIngredients) -> dict[str, object]:
    """Return what the templates see of one language."""
    tag = language(given.document.language, given.branding.country)
    return {
        "language": language_names(tag),
        "clinic": clinic_names(given.branding, tag),
        "wording": clinic_wording(given.branding, tag),
        "gettext": given.labels.gettext,
        "_": given.labels.gettext,
        "key_messages": _key_messages(given.document),
        "drafts": drafts(given.review, reviewed=given.reviewed, approved=given.approved, overdue=given.overdue),
    }


def _key_messages(document: Document) -> tuple[str, ...]:
    """Return the texts of the key message, without what depends on the treatment: a message is for every patient."""
    found = (block for block in document.blocks if block.kind is BlockKind.KEY_MESSAGE and not block.when)
    return tuple(text.text for block in found for text in texts_of(block) if not text.when)


def _picture(branding: Branding) -> Picture | None:
    if branding.logo is None:
        return None
    media, _, data = branding.logo.data_uri.removeprefix("data:").partition(";base64,")
    if media not in _SHOWN_BY_MAIL_PROGRAMS:
        return None
    return Picture(cid=_PICTURE_ID, media_type=media, data=base64.b64decode(data))


def _line(text: str) -> str:
    """Return a header's text on one line."""
    return " ".join(text.split())


def _losses(languages: Sequence[MailIngredients], shown: str, text: str) -> Iterator[Problem]:
    """Yield a Problem that names what a template has left out of the words of the HTML or of the plain text."""
    lost: set[str] = set()
    shown = letters_of(shown)
    for given in languages:
        branding, wording = given.branding, _wording(given)
        messages = _key_messages(given.document)
        if any(letters_of(wording.inline(one).striptags()) not in shown for one in messages):
            lost.add("::: key-message")
        if any(wording.plain(one) not in text for one in messages):
            lost.add("::: key-message")
        numbers = {
            "contact.telephone": branding.telephone.national,
            "emergency.number": branding.emergency.number,
        }
        lost |= {name for name, number in numbers.items() if letters_of(number) not in shown or number not in text}
    if lost:
        yield Problem.of(Kind.TEMPLATE, Code.MAIL_LOSES, "templates/email", names=", ".join(sorted(lost)))


def _wording(given: MailIngredients) -> Wording:
    return clinic_wording(given.branding, language(given.document.language, given.branding.country))
