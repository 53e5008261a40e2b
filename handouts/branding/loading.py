"""A clinic's folder -> Branding and its warnings, or every Problem of clinic.toml and the logo at once."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import phonenumbers

from handouts.branding.clinic_file import ClinicFile, LookTable, TypefaceTable
from handouts.branding.colours import readable
from handouts.branding.example import still_the_examples
from handouts.branding.logo import read_logo
from handouts.branding.opening_hours import opening_hours
from handouts.branding.placeholders import with_placeholders
from handouts.branding.telephone import is_emergency_number, short_number, telephone
from handouts.branding.typeface import BOLD, REGULAR, FontFile, read_typeface
from handouts.checking import FileText, check, dotted, toml_file
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity, nearest
from handouts.languages import closest_tag, folded, known_tags, lineage, meant_tag, of_another_country
from handouts.lines import KeyPath, line_of
from handouts.records import (
    LOGO_HEIGHT,
    Approval,
    BlockKind,
    Branding,
    EmergencyContact,
    Face,
    Head,
    Logo,
    LogoPlace,
    Look,
    OwnPeriod,
    Paper,
    Service,
    Telephone,
)
from handouts.resources import read_text

CLINIC_FILE = "clinic.toml"
_ZONES = timedelta(days=1)
"""How far the clinic's calendar can be ahead of UTC's."""


def load(
    folder: Path,
    *,
    documents: tuple[str, ...] = (),
    today: date | None = None,
    cache: Path | None = None,
    sample: bool = False,
) -> tuple[Branding, tuple[Problem, ...]]:
    """Return the branding of the clinic in `folder` and what is worth a warning; raise InputError with every fault.

    Approvals may name only `documents` and lie no later than `today`; what is left out is not checked. For which
    treatments there are periods, the documents know. What was drawn of the logo is kept in the folder `cache`, if there
    is one. For a `sample` placeholders stand where clinic.toml is not filled in.
    """
    text = read_text(_own_file(folder, CLINIC_FILE), kind=Kind.BRANDING, source=CLINIC_FILE)
    data, file = toml_file(text, kind=Kind.BRANDING, source=CLINIC_FILE)
    data = with_placeholders(data) if sample else data
    problems: list[Problem] = []
    clinic: ClinicFile | None = None
    try:
        clinic = check(ClinicFile, data, file)
    except InputError as error:
        problems += error.problems
    reported = {problem.path for problem in problems}
    more = (*_numbers_and_languages(data, file), *_approvals(data, file, documents, today))
    problems += (problem for problem in more if problem.path not in reported)
    logo: Logo | None = None
    logo_warnings: tuple[Problem, ...] = ()
    try:
        name = data.get("logo")
        if name and isinstance(name, str) and "logo" not in reported:
            height = clinic.look.logo_height if clinic else LOGO_HEIGHT
            logo, logo_warnings = _logo(folder, name, height, file, cache)
    except InputError as error:
        problems += error.problems
    family, faces = "", tuple[Face, ...]()
    if clinic is not None and not problems:
        try:
            family, faces = _typeface(folder, clinic.typeface, file, cache)
        except InputError as error:
            problems += error.problems
    if clinic is not None and not problems:
        problems += still_the_examples(clinic, folder / clinic.logo if clinic.logo else None, file)
    if problems or clinic is None:
        raise InputError(problems)
    branding, warnings = _branding(clinic, logo, (family, faces), file)
    return branding, (*_doubted(clinic, file), *_needless(clinic, file), *warnings, *logo_warnings)


def _doubted(clinic: ClinicFile, file: FileText) -> Iterator[Problem]:
    """Yield a warning where libphonenumber does not list the emergency number and nobody has confirmed it.

    It lists some countries' numbers incompletely: 112 in Nigeria is real.
    """
    number, country = clinic.emergency.number, clinic.country
    if not (clinic.emergency.confirmed_because or is_emergency_number(number, country)):
        problem = file.problem(Code.NOT_EMERGENCY_NUMBER, ("emergency", "number"), number=number, country=country)
        yield replace(problem, severity=Severity.WARNING)


def _needless(clinic: ClinicFile, file: FileText) -> Iterator[Problem]:
    """Yield a warning for each line of [languages] that is not used, since there are sheets in that language."""
    for name, tag in clinic.languages.items():
        if (meant := meant_tag(name)) not in ("", tag):
            problem = file.problem(Code.LANGUAGE_HAS_SHEETS, ("languages", name), name=name, language=meant)
            yield replace(problem, severity=Severity.WARNING)


def _numbers_and_languages(data: Mapping[str, object], file: FileText) -> Iterator[Problem]:
    """Yield a Problem for each number that is not E.164, and for each unknown tag.

    `data` is the file's TOML and need not fit the model.
    """
    country = data.get("country")
    contact, emergency = _as_table(data.get("contact")), _as_table(data.get("emergency"))
    at_home = country if isinstance(country, str) and country in phonenumbers.SUPPORTED_REGIONS else ""
    number = contact.get("telephone")
    if isinstance(number, str) and telephone(number, "") is None:
        yield file.problem(Code.NOT_E164, ("contact", "telephone"))
    number = contact.get("out_of_hours")
    if isinstance(number, str) and number and not (telephone(number, "") or short_number(number, at_home)):
        yield file.problem(Code.NOT_E164_NOR_SHORT, ("contact", "out_of_hours"))
    tags: list[tuple[KeyPath, object]] = [(("default_language",), data.get("default_language"))]
    tags += ((("texts", tag), tag) for tag in _as_table(data.get("texts")))
    tags += ((("emergency", "wording", tag), tag) for tag in _as_table(emergency.get("wording")))
    tags += ((("languages", name), tag) for name, tag in _as_table(data.get("languages")).items())
    for path, tag in tags:
        if isinstance(tag, str) and tag not in known_tags():
            yield _no_language(tag, path, file)


def _no_language(tag: str, path: KeyPath, file: FileText) -> Problem:
    """Return the Problem of a language that no sheet is set in, or of one that is written with its country: en-GB."""
    if of_another_country(tag):
        return file.problem(Code.LANGUAGE_WITH_COUNTRY, path, tag=tag, language=meant_tag(tag))
    return file.problem(Code.UNKNOWN_LANGUAGE, path, nearest=closest_tag(tag), tag=tag, known=", ".join(known_tags()))


def _approvals(
    data: Mapping[str, object], file: FileText, documents: tuple[str, ...], today: date | None
) -> Iterator[Problem]:
    """Yield a Problem for each approval or service of an unknown document, and each approval later than `today`."""
    approvals = data.get("approvals")
    named: list[tuple[KeyPath, object]] = []
    for index, entry in enumerate(map(_as_table, approvals if isinstance(approvals, list) else ())):
        named.append((("approvals", index, "document"), entry.get("document")))
        on = entry.get("on")
        if today and isinstance(on, date) and not isinstance(on, datetime) and on > today + _ZONES:
            yield file.problem(Code.IN_THE_FUTURE, ("approvals", index, "on"), key="on")
    services = _as_table(data.get("services"))
    named += ((("services", name, "document"), _as_table(entry).get("document")) for name, entry in services.items())
    for path, name in named:
        if documents and isinstance(name, str) and name and name not in documents:
            values = {"nearest": nearest(name, documents), "name": name, "known": ", ".join(documents)}
            yield file.problem(Code.NO_SUCH_DOCUMENT, path, **values)


def _as_table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _own_file(folder: Path, name: str) -> Path:
    """Return the path of a clinic's own file; raise InputError where a link leads out of the folder."""
    if not Path(os.path.realpath(folder / name)).is_relative_to(os.path.realpath(folder)):
        raise InputError.of(Kind.BRANDING, Code.LEADS_OUTSIDE, name)
    return folder / name


def _logo(folder: Path, name: str, height: int, file: FileText, cache: Path | None) -> tuple[Logo, tuple[Problem, ...]]:
    if not _is_there(folder, name):
        raise InputError([file.problem(Code.LOGO_MISSING, ("logo",), file=name)])
    return read_logo(_own_file(folder, name), name, cache, height)


def _typeface(
    folder: Path, wish: str | TypefaceTable, file: FileText, cache: Path | None
) -> tuple[str, tuple[Face, ...]]:
    """Return the family that sheets are set in, and its faces where it comes from the clinic's own files."""
    if isinstance(wish, str):
        return wish, ()
    names = {"regular": wish.regular, "bold": wish.bold or wish.regular}
    missing = tuple(
        file.problem(Code.TYPEFACE_MISSING, ("typeface", key), file=name)
        for key, name in names.items()
        if (key == "regular" or wish.bold) and not _is_there(folder, name)
    )
    if missing:
        raise InputError(missing)
    regular, bold = (
        FontFile(path=_own_file(folder, name), name=name, weight=weight)
        for name, weight in zip(names.values(), (REGULAR, BOLD), strict=True)
    )
    try:
        return read_typeface(regular, bold, cache)
    except InputError as error:
        if wish.bold or {problem.code for problem in error.problems} != {Code.TYPEFACE_BOLD_IS_NONE}:
            raise
        raise InputError([file.problem(Code.TYPEFACE_WITHOUT_BOLD, ("typeface",), file=wish.regular)]) from None


def _is_there(folder: Path, name: str) -> bool:
    """Return whether a name that clinic.toml gives is one of its folder, and something stands there."""
    inside = ".." not in Path(name).parts and not Path(name).is_absolute() and "\0" not in name
    return inside and os.path.lexists(folder / name)


def _branding(
    clinic: ClinicFile, logo: Logo | None, typeface: tuple[str, tuple[Face, ...]], file: FileText
) -> tuple[Branding, tuple[Problem, ...]]:
    colours, warnings = readable(clinic.colours.primary, clinic.colours.accent, file)
    out_of_hours = clinic.contact.out_of_hours
    hours = clinic.contact.opening_hours
    branding = Branding(
        name=clinic.name,
        address=clinic.address,
        telephone=_dialled(clinic.contact.telephone, clinic.country),
        out_of_hours=_dialled(out_of_hours, clinic.country) if out_of_hours else None,
        emergency=EmergencyContact(number=clinic.emergency.number, wording=clinic.emergency.wording),
        email=clinic.contact.email,
        website=clinic.contact.website,
        links=clinic.contact.links,
        opening_hours=hours if isinstance(hours, str) else "",
        hours=() if isinstance(hours, str) else opening_hours(hours),
        urgent_care=clinic.contact.urgent_care,
        regulator=clinic.regulator,
        footer=clinic.footer,
        logo=logo,
        colours=colours,
        look=_look(clinic.look),
        typeface=typeface[0],
        faces=typeface[1],
        paper=Paper(clinic.paper),
        country=clinic.country,
        calendar=clinic.calendar,
        time_zone=clinic.time_zone,
        default_language=clinic.default_language,
        languages={folded(name): tag for name, tag in clinic.languages.items()},
        periods=tuple(
            OwnPeriod(
                treatment=treatment,
                id=name,
                duration=entry.duration,
                shorter_because=entry.shorter_because,
                line=line_of(file.lines, ("waiting_periods", treatment, name)),
            )
            for treatment, entries in clinic.waiting_periods.items()
            for name, entry in entries.items()
        ),
        approvals=tuple(
            Approval(
                document=entry.document,
                version=entry.version,
                by=entry.by,
                on=entry.on,
                fingerprint=entry.fingerprint,
                line=line_of(file.lines, ("approvals", index)),
            )
            for index, entry in enumerate(clinic.approvals)
        ),
        codes=dict(clinic.codes),
        texts=_texts_by_language({tag: _texts(table.model_dump()) for tag, table in clinic.texts.items()}),
        services=tuple(
            Service(
                name=name,
                document=entry.document,
                procedure=entry.procedure,
                body_sites=entry.body_sites,
                settings=entry.settings,
                products=entry.products,
                has_sheet=entry.sheet,
                line=line_of(file.lines, ("services", name)),
            )
            for name, entry in clinic.services.items()
        ),
        lines={dotted(path): line for path, line in file.lines.items()},
    )
    return branding, warnings


def _look(table: LookTable) -> Look:
    return Look(
        logo=LogoPlace(table.logo),
        head=Head(table.head),
        order=tuple(map(BlockKind, table.order)),
        hidden=frozenset("setting" if name == "settings" else name for name in table.hide),
    )


def _dialled(number: str, country: str) -> Telephone:
    found = telephone(number, country) or short_number(number, country)
    assert found is not None, "_numbers_and_languages has seen it"
    return found


def _texts_by_language(given: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    """Return the texts of each language; a variant of another has that one's, with its own over them."""
    found: dict[str, dict[str, str]] = {}
    for tag in known_tags():
        for one in reversed(lineage(tag)):
            texts = {key: text for key, text in given.get(one, {}).items() if text}
            found[tag] = found.get(tag, {}) | texts
    return {tag: texts for tag, texts in found.items() if texts}


def _texts(table: Mapping[str, object]) -> Mapping[str, str]:
    return {key: "\n".join(value) if isinstance(value, tuple) else str(value) for key, value in table.items()}
