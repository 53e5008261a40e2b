"""clinic.toml and logo against the shipped examples' -> a Problem for each thing that is still an example clinic's."""

from collections.abc import Iterator, Mapping
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
"""The first of the shipped examples."""
EXAMPLES = (EXAMPLE, "northgate-dermatology", "hautpraxis-lindenhof")
"""The shipped examples: their identity is made up, and must not stand on anybody's sheet."""


def still_the_examples(clinic: ClinicFile, logo: Path | None, file: FileText) -> Iterator[Problem]:
    """Yield what a clinic of another name has kept from an example: names, numbers, regulator, signatures, logo."""
    examples = _examples()
    if clinic.name in examples:
        return
    theirs = {value for example, _ in examples.values() for value in _identity(example).values()}
    for path, value in _identity(clinic).items():
        if value in theirs:
            yield file.problem(Code.STILL_THE_EXAMPLES, path, key=str(path[-1]))
    pictures = {picture for _, picture in examples.values()}
    if logo is not None and read_bytes(logo, kind=Kind.BRANDING, source=logo.name) in pictures:
        yield file.problem(Code.STILL_THE_EXAMPLES, ("logo",), key="logo")


def bears_the_examples_name(folder: Path, name: str) -> bool:
    """Return whether a clinic's folder, which is not a shipped example itself, is called like one."""
    shipped = {(SHELVES["examples"] / example).resolve() for example in EXAMPLES}
    return name in _examples() and folder.resolve() not in shipped


@cache
def _examples() -> Mapping[str, tuple[ClinicFile, bytes]]:
    """Return each example and its logo, by the clinic's name."""
    found = {}
    for name in EXAMPLES:
        folder = SHELVES["examples"] / name
        text = read_text(folder / "clinic.toml", kind=Kind.BRANDING, source="clinic.toml")
        clinic = ClinicFile.model_validate(parsed_toml(text, kind=Kind.BRANDING, source="clinic.toml"))
        found[clinic.name] = (clinic, (folder / clinic.logo).read_bytes())
    return found


def _identity(clinic: ClinicFile) -> dict[KeyPath, object]:
    """Return what says whose sheet it is, by its place; nothing that is empty, and no opening hours."""
    contact = clinic.contact
    found: dict[KeyPath, object] = {
        ("address",): clinic.address,
        ("regulator",): clinic.regulator,
        ("footer",): clinic.footer,
        ("contact", "telephone"): contact.telephone,
        ("contact", "out_of_hours"): contact.out_of_hours if contact.out_of_hours.startswith("+") else "",
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
