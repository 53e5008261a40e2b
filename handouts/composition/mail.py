"""Documents in one language or two, and the clinic's branding -> ComposedMail: the email that brings their sheets."""

import base64
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handouts.codes import Code
from handouts.composition.contents import draft_mark
from handouts.composition.environment import own_files
from handouts.composition.links import wrong_links
from handouts.composition.origin import at_own_template
from handouts.composition.page_checks import dangers
from handouts.composition.policy import guarded, mail_policy
from handouts.composition.rendering import render
from handouts.composition.side import clinic_names, clinic_wording, drafts, language_names
from handouts.composition.views import texts_of
from handouts.composition.wording import LabelSource
from handouts.errors import InputError, Kind, Problem, each_once
from handouts.languages import language
from handouts.letters import letters_of
from handouts.page_tree import words
from handouts.records import (
    BlockKind,
    Branding,
    ComposedHandout,
    ComposedMail,
    Document,
    Format,
    PageText,
    Picture,
    ReviewState,
    TranslationReview,
    numbered,
)
from handouts.resources import Resources, digest

_PICTURE_ID = "logo"
_SHOWN_BY_MAIL_PROGRAMS = ("image/png", "image/jpeg")
"""An SVG logo stays away: no large mail program shows one."""
_TEMPLATES = {"subject": "subject.txt", "attachment": "attachment.txt", "html": "message.html", "text": "message.txt"}
_SMALLEST = 10.5
"""Points: smaller than on a sheet is only what the email says of itself."""
_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc", "'''")
_PLAIN = re.compile(r"[\w '().-]{1,60}", re.ASCII)
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class MailedText:
    """A text that a message brings, and who has reviewed and approved it."""

    document: Document
    review: TranslationReview
    reviewed: bool
    approved: bool
    overdue: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MailIngredients:
    """Everything of a message in one language."""

    branding: Branding
    tag: str
    texts: tuple[MailedText, ...]
    labels: LabelSource
    english_labels: LabelSource


def compose_mail(
    languages: Sequence[MailIngredients], resources: Resources, *, locked: bool
) -> tuple[ComposedMail, ComposedHandout]:
    """Return the message for sheets in these languages, and its HTML as a page whose finished look is judged.

    `locked` says that a password protects the sheet.

    Nothing of a patient goes into it. Raises InputError for every template that cannot be used, or else for those that
    lose the key message, the clinic's telephone number, the emergency number or the draft mark.
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
    subject, attachment, rendered, text = _rendered(context, len(first.texts), resources)
    html, page = guarded(rendered, mail_policy)
    documents = [text.document for given in languages for text in given.texts]
    wanted = [one for given, side in zip(languages, sides, strict=True) for one in _wanted(given, side, resources)]
    if len(first.texts) > 1:
        names = numbered(attachment, len(first.texts))
        wanted += [(PageText(name="attachments", text=name, is_phrase=True), name) for name in names]
    problems = (*dangers(page), *wrong_links(page, first.branding, documents), *_losses(wanted, words(page), text))
    if problems:
        raise InputError(at_own_template(problem, "", resources) for problem in each_once(problems))
    composed = ComposedMail(
        language="+".join(given.tag for given in languages),
        subject=subject,
        text=text,
        html=html,
        picture=picture,
        attachment_name=attachment,
        sender_name=first.branding.name,
        sheets=len(first.texts),
        plain_name=_plain(attachment, first.english_labels),
    )
    return composed, _page(html, picture, first, tuple(shown for shown, _ in wanted), resources)


def _rendered(context: Mapping[str, object], sheets: int, resources: Resources) -> tuple[str, str, str, str]:
    """Return subject, attachment's name, HTML and text; raise InputError with the faults of all four."""
    made: dict[str, str] = {"subject": "", "attachment": ""}
    problems: list[Problem] = []
    for part, name in _TEMPLATES.items():
        attachments = numbered(f"{_line(made['attachment'])}.pdf", sheets)
        given = {**context, "subject": _line(made["subject"]), "attachments": attachments}
        try:
            made[part] = render(f"email/{name}", given, resources)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(each_once(problems))
    text = _BLANK_LINES.sub("\n\n", made["text"]).strip() + "\n"
    return _line(made["subject"]), f"{_line(made['attachment'])}.pdf", made["html"], text


def _side(given: MailIngredients) -> dict[str, object]:
    """Return what the templates see of one language."""
    tag = language(given.tag, given.branding.country, given.branding.calendar)
    messages = [_key_messages(text.document) for text in given.texts]
    undone = [text.review for text in given.texts if text.review.state is not ReviewState.REVIEWED]
    return {
        "language": language_names(tag),
        "clinic": clinic_names(given.branding, tag, given.labels),
        "wording": clinic_wording(given.branding, tag),
        "gettext": given.labels.gettext,
        "_": given.labels.gettext,
        "key_messages": tuple(dict.fromkeys(message for found in messages for message in found)),
        "sheets": tuple({"key_messages": found} for found in messages),
        "drafts": drafts(
            next(iter(undone), given.texts[0].review),
            reviewed=all(text.reviewed for text in given.texts),
            approved=all(text.approved for text in given.texts),
            overdue=any(text.overdue for text in given.texts),
        ),
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


def _plain(attachment: str, english: LabelSource) -> str:
    """Return an attachment's name in ASCII: its own without accents, else the English one; "" where neither is any.

    RFC 6266's advice (appendix D): a program that knows only plain names would call the file something.bin.
    """
    for stem in (attachment.removesuffix(".pdf"), english.gettext("information sheet")):
        decomposed = unicodedata.normalize("NFKD", stem).translate(_APOSTROPHES)
        plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        if _PLAIN.fullmatch(plain):
            return f"{plain}.pdf"
    return ""


def _wanted(given: MailIngredients, side: Mapping[str, Any], resources: Resources) -> Iterator[tuple[PageText, str]]:
    """Yield what the HTML must show in one language, each with how it stands in the plain text."""
    wording = side["wording"]
    for message in side["key_messages"]:
        words = wording.inline(message).striptags()
        yield PageText(name="::: key-message", text=words), wording.plain(message)
    telephone, emergency = given.branding.telephone.national, given.branding.emergency.number
    for name, number in (("contact.telephone", telephone), ("emergency.number", emergency)):
        yield PageText(name=name, text=number, is_phrase=True), number
    if draft := draft_mark(side["drafts"], side["gettext"], resources):
        yield PageText(name="labels.of_draft", text=draft), draft


def _losses(wanted: Sequence[tuple[PageText, str]], shown: str, text: str) -> Iterator[Problem]:
    """Yield a Problem that names what a template has left out of the words of the HTML or of the plain text."""
    shown, text = letters_of(shown), letters_of(text)
    lost = {one.name for one, plain in wanted if letters_of(one.text) not in shown or letters_of(plain) not in text}
    if lost:
        yield Problem.of(Kind.TEMPLATE, Code.MAIL_LOSES, "templates/email", names=", ".join(sorted(lost)))


def _page(
    html: str, picture: Picture | None, first: MailIngredients, shown: tuple[PageText, ...], resources: Resources
) -> ComposedHandout:
    """Return the HTML as a page on a screen whose look is judged; what fonts there are its reader's program decides."""
    if picture:
        carried = f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"
        html = html.replace(f"cid:{picture.cid}", carried)
    files = (resources.find("templates", name) for name in resources.own_names("templates", "**/*"))
    return ComposedHandout(
        html=html,
        stylesheets=(),
        stem="email",
        document=first.texts[0].document.id,
        version=first.texts[0].document.version,
        language=first.tag,
        fingerprint="",
        families=frozenset(),
        own_families=frozenset(),
        typeface="",
        faces=(),
        maximum_pages=None,
        format=Format.HTML,
        paper=first.branding.paper,
        contents=shown,
        smallest=_SMALLEST,
        look=digest((html.encode(),)),
        fixed="",
        identity="",
        own_files=own_files(files, resources),
    )
