"""clinic.toml's data -> Problems that its model cannot see: numbering plans, languages, documents, the calendar."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

import phonenumbers

from handouts.branding.telephone import is_emergency_number, short_number, telephone
from handouts.checking import FileText
from handouts.codes import Code
from handouts.errors import Problem, nearest
from handouts.languages import closest_tag, known_tags, meant_tag, of_another_country
from handouts.lines import KeyPath

_ZONES = timedelta(days=1)
"""How far the clinic's calendar can be ahead of UTC's."""


def beyond_the_model(data: Mapping[str, object], file: FileText) -> Iterator[Problem]:
    """Yield what only a country's numbering plan or the list of languages can tell; `data` need not fit the model."""
    country = data.get("country")
    contact, emergency = _table(data.get("contact")), _table(data.get("emergency"))
    at_home = country if isinstance(country, str) and country in phonenumbers.SUPPORTED_REGIONS else ""
    number = contact.get("telephone")
    if isinstance(number, str) and telephone(number, "") is None:
        yield file.problem(Code.NOT_E164, ("contact", "telephone"))
    number = contact.get("out_of_hours")
    if isinstance(number, str) and number and not (telephone(number, "") or short_number(number, at_home)):
        yield file.problem(Code.NOT_E164_NOR_SHORT, ("contact", "out_of_hours"))
    number = emergency.get("number")
    if at_home and isinstance(number, str) and not is_emergency_number(number, at_home):
        yield file.problem(Code.NOT_EMERGENCY_NUMBER, ("emergency", "number"), number=number, country=at_home)
    tags: list[tuple[KeyPath, object]] = [(("default_language",), data.get("default_language"))]
    tags += ((("texts", tag), tag) for tag in _table(data.get("texts")))
    tags += ((("emergency", "wording", tag), tag) for tag in _table(emergency.get("wording")))
    for path, tag in tags:
        if isinstance(tag, str) and tag not in known_tags():
            yield _no_language(tag, path, file)


def _no_language(tag: str, path: KeyPath, file: FileText) -> Problem:
    """Return the Problem of a language that no sheet is set in, or of one that is written with its country: en-GB."""
    if of_another_country(tag):
        return file.problem(Code.LANGUAGE_WITH_COUNTRY, path, tag=tag, language=meant_tag(tag))
    return file.problem(Code.UNKNOWN_LANGUAGE, path, nearest=closest_tag(tag), tag=tag, known=", ".join(known_tags()))


def elsewhere(
    data: Mapping[str, object], file: FileText, documents: tuple[str, ...], today: date | None
) -> Iterator[Problem]:
    """Yield approvals of documents that are not there, and those that are still to come."""
    approvals = data.get("approvals")
    named: list[tuple[KeyPath, object]] = []
    for index, entry in enumerate(map(_table, approvals if isinstance(approvals, list) else ())):
        named.append((("approvals", index, "document"), entry.get("document")))
        on = entry.get("on")
        if today and isinstance(on, date) and not isinstance(on, datetime) and on > today + _ZONES:
            yield file.problem(Code.IN_THE_FUTURE, ("approvals", index, "on"), key="on")
    for path, name in named:
        if documents and isinstance(name, str) and name not in documents:
            values = {"nearest": nearest(name, documents), "name": name, "known": ", ".join(documents)}
            yield file.problem(Code.NO_SUCH_DOCUMENT, path, **values)


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
