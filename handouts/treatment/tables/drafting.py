"""The titles of a table that no description fits -> the draft of a description, for a person to fill in."""

import json
import re
from collections.abc import Mapping, Sequence

from handouts.treatment.tables.columns import DESCRIBED, folded, known_names

_HEAD = """\
# A draft: what a file of yours holds. Say of each column under `undecided` what it is, and delete it there: move its
# title to `pass_over`, or below [columns] beside what it holds, or below [[leave_out]] where it says that a row gets no
# sheet. What a column can hold, settings.NAME besides:
{known}
# `service` is what was booked, by your own name for it: [services] of clinic.toml says which sheet that is.
"""
_FOOT = """
# Rows that get no sheet, such as cancelled ones:
# [[leave_out]]
# column = "Status"
# values = ["Cancelled"]
# one = "cancelled row"
# many = "cancelled rows"
"""


def draft_of(headers: Sequence[str], source: str, taken: Sequence[str]) -> tuple[str, str]:
    """Return the name of a description, none of those `taken`, and its text. No value of a row stands in it."""
    names = known_names()
    titles = list({folded(header): header for header in headers if header.strip()}.values())
    columns: dict[str, str] = {}
    undecided: list[str] = []
    for header in titles:
        path = names.get(folded(header), "")
        if path and path not in columns:
            columns[path] = header
        else:
            undecided.append(header)
    return _name(source, taken), _text(titles, columns, undecided)


def _name(source: str, taken: Sequence[str]) -> str:
    """Return a name after the file's, without digits: the next file of this kind has another day in its name."""
    stem = re.sub(r"\.[^.]*$", "", re.split(r"[/\\]", source)[-1]).lower()
    plain = "-".join(re.findall("[a-z]+", stem))[:40].strip("-") or "own"
    names = (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in (*taken, "none"))


def _text(titles: Sequence[str], columns: Mapping[str, str], undecided: Sequence[str]) -> str:
    lines = [
        _HEAD.format(known="\n".join(f"#   {path}" for path in DESCRIBED)),
        'what = "an export of our own"',
        f"known_by = {_listed(titles)}",
        'dates = "year-month-day" # or "day/month/year", "month/day/year"',
        'names = "given family" # or "family, given", where a whole name has the family name and a comma first',
        "pass_over = []",
        f"undecided = {_listed(undecided)}",
        "",
        "[columns]",
        *(f"{_quoted(path)} = {_quoted(header)}" for path, header in columns.items()),
    ]
    return "\n".join(lines) + "\n" + _FOOT


def _listed(titles: Sequence[str]) -> str:
    if not titles:
        return "[]"
    return "[\n" + "".join(f"  {_quoted(header)},\n" for header in titles) + "]"


def _quoted(text: str) -> str:
    """Return a text as TOML writes it: its strings are JSON's, but for the one character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
