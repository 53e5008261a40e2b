"""--clinic, else HANDOUTS_CLINIC, else the folder somebody works in -> the clinic's folder."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.interfaces.guarded import begin

CLINIC_FILE = "clinic.toml"
CLINIC_VARIABLE = "HANDOUTS_CLINIC"
CLINIC_HELP = f"The clinic's folder. Left out: {CLINIC_VARIABLE}, else the folder you work in, if it has clinic.toml."


def clinic_option(help_text: str = CLINIC_HELP) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that adds --clinic; `clinic_folder` or `own_clinic` takes what it gives."""
    return click.option("--clinic", metavar="FOLDER", help=help_text)


def clinic_folder(given: str | None) -> Path:
    """Return the clinic's folder; raise InputError where none is named, or where it is none."""
    folder = own_clinic(given)
    if folder is None:
        raise InputError.of(Kind.USAGE, Code.NO_CLINIC_NAMED, "--clinic")
    return folder


def own_clinic(given: str | None) -> Path | None:
    """Return the clinic's folder, or None where none is named: then what ships is meant.

    Raises InputError where what is named is no clinic's folder, or where variable and working folder are two clinics.
    """
    if given is not None:
        return _folder(given, given or "--clinic")
    variable = os.environ.get(CLINIC_VARIABLE, "")
    here = Path.cwd() if os.path.lexists(CLINIC_FILE) else None
    if not variable:
        return here
    named = _folder(variable, CLINIC_VARIABLE)
    if here is not None and here.resolve() != named:
        raise InputError.of(Kind.USAGE, Code.TWO_CLINICS, CLINIC_VARIABLE)
    return named


def _folder(path: str, source: str) -> Path:
    folder = Path(path).resolve()
    if not path.strip() or not os.path.lexists(folder / CLINIC_FILE):
        raise InputError.of(Kind.BRANDING, Code.NO_CLINIC, source)
    begin("reading", str(folder))  # From here on other people's files are read.
    return folder
