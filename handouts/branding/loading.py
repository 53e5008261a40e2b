"""A clinic's folder -> Branding and its warnings, or every Problem of clinic.toml and the logo at once."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from handouts.branding.clinic_file import ClinicFile, PeriodTable
from handouts.branding.colours import readable, warning
from handouts.branding.logo import read_logo
from handouts.branding.telephone import is_emergency_number, telephone
from handouts.checking import FileText, check
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.languages import canonical, known_tags
from handouts.lines import line_of, toml_lines
from handouts.records import (
    Approval,
    Branding,
    Duration,
    EmergencyContact,
    Logo,
    OwnPeriod,
    Paper,
    Telephone,
    Unit,
)
from handouts.resources import confined, read_text

CLINIC_FILE = "clinic.toml"


def load(folder: Path) -> tuple[Branding, tuple[Problem, ...]]:
    """Return the branding of the clinic in `folder` and what is worth a warning; raise InputError with every fault."""
    text = read_text(folder / CLINIC_FILE, kind=Kind.BRANDING, source=CLINIC_FILE)
    data = _parse(text)
    file = FileText(kind=Kind.BRANDING, source=CLINIC_FILE, lines=toml_lines(text))
    problems: list[Problem] = []
    logo: Logo | None = None
    try:
        logo = _logo(folder, data.get("logo"), file)
    except InputError as error:
        problems += error.problems
    try:
        clinic = check(ClinicFile, data, file)
    except InputError as error:
        raise InputError((*error.problems, *problems)) from None
    problems += _beyond_the_model(clinic, file)
    if problems or logo is None:
        raise InputError(problems)
    return _branding(clinic, logo, file)


def _parse(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        reason, _, place = str(error).partition(" (at ")
        words = place.removesuffix(")").replace(",", "").split()
        line = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
        values = {"reason": reason}
        raise InputError(
            [Problem(kind=Kind.BRANDING, code="not-toml", source=CLINIC_FILE, line=line, values=values)]
        ) from None


def _logo(folder: Path, name: object, file: FileText) -> Logo | None:
    if not isinstance(name, str):
        return None  # The model says so.
    path = confined(folder, name)
    if path is None:
        raise InputError([file.problem("logo-missing", ("logo",), file=name)])
    return read_logo(path, name)


def _beyond_the_model(clinic: ClinicFile, file: FileText) -> Iterator[Problem]:
    """Yield what only a country's numbering plan or the list of languages can tell."""
    for key in ("telephone", "out_of_hours"):
        number = getattr(clinic.contact, key)
        if number and telephone(number, clinic.country) is None:
            yield file.problem("not-e164", ("contact", key))
    if not is_emergency_number(clinic.emergency.number, clinic.country):
        yield file.problem(
            "not-emergency-number", ("emergency", "number"), number=clinic.emergency.number, country=clinic.country
        )
    places = [("default_language", clinic.default_language)]
    for path, tag in places:
        if tag not in known_tags():
            yield _unknown_language(file, (path,), tag)
    for tag in clinic.texts:
        if tag not in known_tags():
            yield _unknown_language(file, ("texts", tag), tag)
    for tag in clinic.emergency.wording:
        if tag not in known_tags():
            yield _unknown_language(file, ("emergency", "wording", tag), tag)


def _unknown_language(file: FileText, path: tuple[str, ...], tag: str) -> Problem:
    found = file.problem("unknown-language", path, tag=tag, known=", ".join(known_tags()))
    return Problem(
        kind=found.kind,
        code=found.code,
        source=found.source,
        line=found.line,
        path=found.path,
        values=found.values,
        nearest=canonical(tag) or nearest(tag, known_tags()),
    )


def _branding(clinic: ClinicFile, logo: Logo, file: FileText) -> tuple[Branding, tuple[Problem, ...]]:
    def low_contrast(path: str, code: str, values: dict[str, str]) -> Problem:
        return partial(warning, file.source, line_of(file.lines, tuple(path.split("."))))(path, code, values)

    colours, warnings = readable(clinic.colours.primary, clinic.colours.accent, low_contrast)
    out_of_hours = clinic.contact.out_of_hours
    branding = Branding(
        name=clinic.name,
        address=clinic.address,
        telephone=_dialled(clinic.contact.telephone, clinic.country),
        out_of_hours=_dialled(out_of_hours, clinic.country) if out_of_hours else None,
        emergency=EmergencyContact(number=clinic.emergency.number, wording=clinic.emergency.wording),
        email=clinic.contact.email,
        website=clinic.contact.website,
        opening_hours=clinic.contact.opening_hours,
        regulator=clinic.regulator,
        logo=logo,
        colours=colours,
        typeface=clinic.typeface,
        paper=Paper(clinic.paper),
        country=clinic.country,
        time_zone=clinic.time_zone,
        default_language=clinic.default_language,
        periods=tuple(
            OwnPeriod(document=document, id=name, duration=duration(entry), shorter_because=entry.shorter_because)
            for document, entries in clinic.waiting_periods.items()
            for name, entry in entries.items()
        ),
        approvals=tuple(
            Approval(document=entry.document, version=entry.version, by=entry.by, on=entry.on)
            for entry in clinic.approvals
        ),
        texts={tag: _texts(table.model_dump()) for tag, table in clinic.texts.items()},
    )
    return branding, warnings


def _dialled(number: str, country: str) -> Telephone:
    found = telephone(number, country)
    assert found is not None, "checked in _beyond_the_model"
    return found


def _texts(table: Mapping[str, object]) -> Mapping[str, str]:
    return {key: "\n".join(value) if isinstance(value, tuple) else str(value) for key, value in table.items()}


def duration(entry: PeriodTable) -> Duration:
    """Return the one duration that a checked entry gives."""
    units = ((entry.hours, Unit.HOUR), (entry.days, Unit.DAY), (entry.weeks, Unit.WEEK))
    return next(Duration(amount=amount, unit=unit) for amount, unit in units if amount is not None)
