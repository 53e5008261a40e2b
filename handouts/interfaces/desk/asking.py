"""A document -> what its form asks for: the details that this document can use, and no others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel.core import Locale
from babel.units import format_unit

from handouts import treatment
from handouts.interfaces.desk.shelf import in_language
from handouts.languages import language
from handouts.press import Press
from handouts.records import Document, ReadWhen

LEFT_OUT = frozenset(("patient.language", "time_zone"))
"""Fields that the page has no control for: the sheet's language is chosen above them, and the clinic has its zone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of the names that a document gives: of a procedure, a body site, a period, or a tag of a language."""

    name: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A setting of the device, with its unit in the staff's language and the bounds that the document sets."""

    name: str
    label: str
    unit: str
    at_least: str
    at_most: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """What is asked for a document. `language` is that of the document's own words in it.

    `fields` are the paths of the field table that the form has, in its order. `languages` are those that the document
    can be had in, by their names in the staff's language.
    """

    document: str
    title: str
    language: str
    before: bool
    fields: frozenset[str]
    procedures: tuple[Choice, ...]
    body_sites: tuple[Choice, ...]
    settings: tuple[Setting, ...]
    products: tuple[str, ...]
    periods: tuple[Choice, ...]
    languages: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AskFor:
    """Reads what the form of a document asks for, for staff who read the language `tag`."""

    document: str
    tag: str
    today: date

    def __call__(self, press: Press) -> Form:
        """Return the form; raise InputError where the document cannot be read."""
        languages = press.languages(self.document, self.today)
        source = press.text(self.document, languages[0], self.today)
        text = in_language(press, source, self.tag, self.today)
        locale = language(self.tag).locale
        return Form(
            document=text.id,
            title=text.title.text,
            language=text.language,
            before=text.read is ReadWhen.BEFORE,
            fields=frozenset(_fields(text)),
            procedures=tuple(Choice(name=name, label=label.text) for name, label in text.treatments.items()),
            body_sites=tuple(Choice(name=name, label=label.text) for name, label in text.body_sites.items()),
            settings=tuple(_settings(text, locale)),
            products=tuple(dict.fromkeys(name for each in text.conditions.values() for name in each.products)),
            periods=tuple(
                {
                    each.row[0]: Choice(name=each.row[0], label=each.label)
                    for each in text.waiting_periods
                    if each.duration
                }.values()
            ),
            languages=tuple(Choice(name=tag, label=_named(tag, self.tag)) for tag in languages),
        )


def _named(tag: str, reader: str) -> str:
    """Return a language by the name that staff give it and by its own: Arabic · العربية."""
    own = language(tag)
    name = own.name_in(reader)
    name = name[:1].upper() + name[1:]
    return name if name == own.own_name else f"{name} · {own.own_name}"


def _fields(document: Document) -> Iterable[str]:
    wanted = {
        "procedure": document.treatments,
        "body_sites": document.body_sites,
        "settings": document.settings,
        "products": document.read is ReadWhen.AFTER,
        "waiting_periods": document.waiting_periods,
    }
    for field in treatment.FIELDS:
        if field.path not in LEFT_OUT and wanted.get(field.path, True):
            yield field.path


def _settings(document: Document, locale: Locale) -> Iterable[Setting]:
    for name, setting in document.settings.items():
        unit = format_unit(1, setting.unit, "short", locale=locale).strip("1 \u00a0\u202f") if setting.unit else ""
        yield Setting(
            name=name, label=setting.label.text, unit=unit, at_least=setting.at_least, at_most=setting.at_most
        )
