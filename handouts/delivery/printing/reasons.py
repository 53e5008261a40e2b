"""IPP keywords and a printer's own message -> why a job is not printed and what to do, in words."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache

from handouts.resources import SHELVES

_SEVERITIES = ("-error", "-warning", "-report")
_HARMLESS = ("-low", "-almost-empty", "-almost-full")
_LEFT_OUT = frozenset({"none", "other", "processing-to-stop-point", "job-printing"})
_OF_THE_DRIVER = ("cups-waiting-", "cups-ipp-", "cups-insecure-", "cups-pki-", "cups-certificate-")
_UNREACHABLE = ("is unavailable at this time", "is unreachable at this time", "is not responding")
_UNINFORMATIVE = ("", "Printing", "Paused", "Rejecting Jobs", "Connecting to printer", "Connected to printer")

STOPPING = frozenset(
    {
        "media-needed",
        "media-jam",
        "cover-open",
        "door-open",
        "interlock-open",
        "output-area-full",
        "moving-to-paused",
        "shutdown",
        "offline",
        "timed-out",
    }
)
"""What no job gets past until a person has been there, whatever severity the printer gives it.

Severities do not tell: CUPS 2.4.2 says media-needed-warning of a printer that stands still. media-empty may be another
tray, and toner-empty another colour.
"""


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    with (SHELVES["locales"] / "en" / "printing.toml").open("rb") as file:
        return tomllib.load(file)


def keywords_of(reasons: Iterable[str], message: str) -> tuple[str, ...]:
    """Return keywords without their severity and without what stops no job, each once.

    CUPS tells only by its message that a network printer does not answer (2.4.2, backend/ipp.c): that is "offline".
    """
    found = ["offline"] if any(words in message for words in _UNREACHABLE) else []
    for reason in reasons:
        keyword = reason
        for severity in _SEVERITIES:
            keyword = keyword.removesuffix(severity)
        # RFC 8011 has job-state-reasons that end in -error by themselves.
        keyword = reason if reason in _words() else keyword
        if keyword not in _LEFT_OUT and not keyword.startswith(_OF_THE_DRIVER) and not keyword.endswith(_HARMLESS):
            found.append(keyword)
    return tuple(dict.fromkeys(found))


def why(keywords: Iterable[str], message: str) -> str:
    """Return the reasons as words, with the printer's own message where it says more than they do."""
    given = tuple(keywords)
    found = [_words()[keyword]["reason"] if keyword in _words() else keyword.replace("-", " ") for keyword in given]
    own_message = message.strip().rstrip(".")
    if own_message not in _UNINFORMATIVE and "offline" not in given:
        found.append(f"it says “{own_message}”")
    return "; ".join(dict.fromkeys(found))


def remedy(keywords: Iterable[str], **values: str) -> str:
    """Return what to do, one sentence for each reason that has a remedy."""
    found = [_words()[keyword]["remedy"].format(**values) for keyword in keywords if keyword in _words()]
    return " ".join(dict.fromkeys(found)) or "Look at the printer."
