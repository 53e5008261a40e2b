"""clinic.toml and logo against the shipped example's -> a Problem for each thing that is still the example clinic's."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from handouts.branding.clinic_file import ClinicFile
from handouts.checking import FileText
from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.lines import KeyPath
from handouts.resources import SHELVES, read_bytes, read_text
from handouts.toml_text import parsed_toml

EXAMPLE = "lumen-skin-clinic"
"""The shipped example: its identity is made up, and must not stand on anybody's sheet."""


def still_the_examples(clinic: ClinicFile, logo: Path | None, file: FileText) -> Iterator[Problem]:
    """Yield what a clinic of another name has kept from the example: names, numbers, regulator, signatures, logo."""
    example, picture = _example()
    if clinic.name == example.name:
        return
    theirs = set(_identity(example).values())
    for path, value in _identity(clinic).items():
        if value in theirs:
            yield file.problem(Code.STILL_THE_EXAMPLES, path, key=str(path[-1]))
    if logo is not None and read_bytes(logo, kind=Kind.BRANDING, source=logo.name) == picture:
        yield file.problem(Code.STILL_THE_EXAMPLES, ("logo",), key="logo")


def bears_the_examples_name(folder: Path, name: str) -> bool:
    """Return whether a clinic's folder, which is not the shipped example itself, is called like the example."""
    return name == _example()[0].name and folder.resolve() != (SHELVES["examples"] / EXAMPLE).resolve()


@cache
def _example() -> tuple[ClinicFile, bytes]:
    folder = SHELVES["examples"] / EXAMPLE
    text = read_text(folder / "clinic.toml", kind=Kind.BRANDING, source="clinic.toml")
    clinic = ClinicFile.model_validate(parsed_toml(text, kind=Kind.BRANDING, source="clinic.toml"))
    return clinic, (folder / clinic.logo).read_bytes()


def _identity(clinic: ClinicFile) -> dict[KeyPath, object]:
    """Return what says whose sheet it is, by its place; nothing that is empty, and no opening hours."""
    contact = clinic.contact
    found: dict[KeyPath, object] = {
        ("address",): clinic.address,
        ("regulator",): clinic.regulator,
        ("footer",): clinic.footer,
        ("contact", "telephone"): contact.telephone,
        ("contact", "out_of_hours"): contact.out_of_hours,
        ("contact", "email"): contact.email,
        ("contact", "website"): contact.website,
    }
    for tag, texts in clinic.texts.items():
        found |= {
            ("texts", tag, key): value
            for key, value in (("name", texts.name), ("address", texts.address), ("regulator", texts.regulator))
        }
    found |= {("approvals", index, "by"): entry.by for index, entry in enumerate(clinic.approvals)}
    return {path: value for path, value in found.items() if value}
