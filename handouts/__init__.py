"""Handouts: a clinic, a treatment and a document in, a printable aftercare sheet out.

The public names: Press.open(clinic).sheet(document, details) returns a Sheet; Press.make delivers the sheets
of a Job to a Destination; InputError carries Problems, and its text says them in words.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handouts.errors import InputError, Problem
    from handouts.press import Press
    from handouts.records import Destination, Detail, Format, Job, Paper, PrintSize, Receipt, Sheet
    from handouts.resources import Resources

__all__ = [
    "Destination",
    "Detail",
    "Format",
    "InputError",
    "Job",
    "Paper",
    "Press",
    "PrintSize",
    "Problem",
    "Receipt",
    "Resources",
    "Sheet",
]

_HOMES = {
    "Destination": "handouts.records",
    "Detail": "handouts.records",
    "Sheet": "handouts.records",
    "Format": "handouts.records",
    "Paper": "handouts.records",
    "PrintSize": "handouts.records",
    "InputError": "handouts.errors",
    "Job": "handouts.records",
    "Press": "handouts.press",
    "Problem": "handouts.errors",
    "Receipt": "handouts.records",
    "Resources": "handouts.resources",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: the command line must not pay for all of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'handouts' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
