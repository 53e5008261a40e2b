"""A clinic's folder -> Branding and its warnings, or every Problem of clinic.toml and the logo at once."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from handouts.branding.beyond import beyond_the_model, elsewhere
from handouts.branding.clinic_file import ClinicFile
from handouts.branding.colours import readable
from handouts.branding.example import still_the_examples
from handouts.branding.logo import read_logo
from handouts.branding.placeholders import with_placeholders
from handouts.branding.telephone import short_number, telephone
from handouts.checking import FileText, check, dotted, toml_file
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.lines import line_of
from handouts.records import (
    Approval,
    Branding,
    EmergencyContact,
    Logo,
    OwnPeriod,
    Paper,
    Telephone,
)
from handouts.resources import read_text

CLINIC_FILE = "clinic.toml"


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
    told = {problem.path for problem in problems}
    beyond = (*beyond_the_model(data, file), *elsewhere(data, file, documents, today))
    problems += (problem for problem in beyond if problem.path not in told)
    logo: Logo | None = None
    logo_warnings: tuple[Problem, ...] = ()
    try:
        name = data.get("logo")
        if name and isinstance(name, str) and "logo" not in told:
            logo, logo_warnings = _logo(folder, name, file, cache)
    except InputError as error:
        problems += error.problems
    if clinic is not None and not problems:
        problems += still_the_examples(clinic, folder / clinic.logo if clinic.logo else None, file)
    if problems or clinic is None:
        raise InputError(problems)
    branding, warnings = _branding(clinic, logo, file)
    return branding, (*warnings, *logo_warnings)


def _own_file(folder: Path, name: str) -> Path:
    """Return the path of a clinic's own file; raise InputError where a link leads out of the folder."""
    if not Path(os.path.realpath(folder / name)).is_relative_to(os.path.realpath(folder)):
        raise InputError.of(Kind.BRANDING, Code.LEADS_OUTSIDE, name)
    return folder / name


def _logo(folder: Path, name: str, file: FileText, cache: Path | None) -> tuple[Logo, tuple[Problem, ...]]:
    inside = ".." not in Path(name).parts and not Path(name).is_absolute()
    if not inside or not os.path.lexists(folder / name):
        raise InputError([file.problem(Code.LOGO_MISSING, ("logo",), file=name)])
    return read_logo(_own_file(folder, name), name, cache)


def _branding(clinic: ClinicFile, logo: Logo | None, file: FileText) -> tuple[Branding, tuple[Problem, ...]]:
    colours, warnings = readable(clinic.colours.primary, clinic.colours.accent, file)
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
        texts={tag: _texts(table.model_dump()) for tag, table in clinic.texts.items()},
        lines={dotted(path): line for path, line in file.lines.items()},
    )
    return branding, warnings


def _dialled(number: str, country: str) -> Telephone:
    found = telephone(number, country) or short_number(number, country)
    assert found is not None, "checked in beyond.py"
    return found


def _texts(table: Mapping[str, object]) -> Mapping[str, str]:
    return {key: "\n".join(value) if isinstance(value, tuple) else str(value) for key, value in table.items()}
