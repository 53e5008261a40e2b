"""Handouts: a clinic, a treatment and a document in, a printable aftercare sheet out.

The public names: Press.open(clinic).sheet(document, details) returns a Sheet; Press.make delivers the sheets
of a Job to a Destination; InputError carries Problems, and its text says them in words. What these take and hand out
is here, too.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handouts.codes import Code
    from handouts.errors import ExitCode, InputError, Kind, Problem, Severity
    from handouts.press import Made, Press
    from handouts.records import (
        Answer,
        Destination,
        Detail,
        Format,
        Job,
        JobState,
        LaidOut,
        MailOrder,
        MailServer,
        MailState,
        Paper,
        Posted,
        PrintColorMode,
        Printed,
        PrintOrder,
        PrintServer,
        PrintSize,
        Receipt,
        Reply,
        Sender,
        Sheet,
        Sides,
        Spooled,
        Tls,
    )
    from handouts.resources import Resources

__all__ = [
    "Answer",
    "Code",
    "Destination",
    "Detail",
    "ExitCode",
    "Format",
    "InputError",
    "Job",
    "JobState",
    "Kind",
    "LaidOut",
    "Made",
    "MailOrder",
    "MailServer",
    "MailState",
    "Paper",
    "Posted",
    "Press",
    "PrintColorMode",
    "PrintOrder",
    "PrintServer",
    "PrintSize",
    "Printed",
    "Problem",
    "Receipt",
    "Reply",
    "Resources",
    "Sender",
    "Severity",
    "Sheet",
    "Sides",
    "Spooled",
    "Tls",
]

_HOMES = {
    "Answer": "handouts.records",
    "Code": "handouts.codes",
    "Destination": "handouts.records",
    "Detail": "handouts.records",
    "ExitCode": "handouts.errors",
    "Format": "handouts.records",
    "InputError": "handouts.errors",
    "Job": "handouts.records",
    "JobState": "handouts.records",
    "Kind": "handouts.errors",
    "LaidOut": "handouts.records",
    "Made": "handouts.press",
    "MailOrder": "handouts.records",
    "MailServer": "handouts.records",
    "MailState": "handouts.records",
    "Paper": "handouts.records",
    "Posted": "handouts.records",
    "Press": "handouts.press",
    "PrintColorMode": "handouts.records",
    "PrintOrder": "handouts.records",
    "PrintServer": "handouts.records",
    "PrintSize": "handouts.records",
    "Printed": "handouts.records",
    "Problem": "handouts.errors",
    "Receipt": "handouts.records",
    "Reply": "handouts.records",
    "Resources": "handouts.resources",
    "Sender": "handouts.records",
    "Severity": "handouts.errors",
    "Sheet": "handouts.records",
    "Spooled": "handouts.records",
    "Sides": "handouts.records",
    "Tls": "handouts.records",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: the command line must not pay for all of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'handouts' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
