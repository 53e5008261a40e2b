"""What a page's form holds -> a Wish for one sheet, and from it the Job that any face would make of the same words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handouts import treatment
from handouts.records import Detail, Format, Job, PrintSize

SOURCE = "the desk"
"""Where a detail comes from, as a Problem names it."""
_PATHS = frozenset(each.path for each in treatment.FIELDS)
_LONGEST = 4_000
"""Characters of one value of a form; what is too long for its field is less than that, and is told there."""
_MOST = 60
"""Values of one detail."""


class NotAForm(ValueError):
    """What came is nothing that a page of ours sends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """One sheet as it was wished for: a document in one language or two, and the details, unchecked, as typed.

    `beside` are the other documents of its envelope.
    """

    document: str
    languages: tuple[str, ...]
    print_size: PrintSize = PrintSize.STANDARD
    details: tuple[tuple[str, Any], ...] = field(default=(), repr=False)
    beside: tuple[str, ...] = ()

    def job(self, now: datetime, form: Format = Format.PDF) -> Job:
        """Return the job, as the command line makes it of the same details."""
        return Job(
            document=self.document,
            languages=("+".join(self.languages),),
            details=tuple(
                Detail(path=path, value=value, source=SOURCE, typed_now=True) for path, value in self.details
            ),
            now=now,
            format=form,
            print_size=self.print_size,
            beside=self.beside,
        )

    def value(self, path: str) -> Any:
        """Return a detail as it was typed, or None."""
        return dict(self.details).get(path)


def wish(given: Any) -> Wish:
    """Return the wish that a form's JSON holds: document, those beside it, languages, large, details by their paths.

    Details are texts, lists of texts, settings by name, or periods by name with amount, unit and reason. What is empty
    is left out. Raises NotAForm.
    """
    form = _table(given)
    languages = tuple(_text(tag) for tag in _list(form.get("languages")))
    document, beside = _text(form.get("document")), map(_text, _list(form.get("beside", [])))
    details = ((path, _value(path, value)) for path, value in _table(form.get("details")).items())
    return Wish(
        document=document,
        beside=tuple(each for each in dict.fromkeys(beside) if each and each != document),
        languages=tuple(filter(None, languages)),
        print_size=PrintSize.LARGE if form.get("large") is True else PrintSize.STANDARD,
        details=tuple((path, value) for path, value in details if value not in ("", [], {})),
    )


def _value(path: str, value: Any) -> Any:
    if path not in _PATHS:
        raise NotAForm
    if isinstance(value, list):
        return [text for text in map(_text, _list(value)) if text]
    if isinstance(value, Mapping):
        named = ((_text(name), _named(entry)) for name, entry in _table(value).items())
        return {name: entry for name, entry in named if entry}
    return _text(value)


def _named(entry: Any) -> str:
    """Return a setting's number, or a period as it is typed on the command line: 3 days: thin skin."""
    if not isinstance(entry, Mapping):
        return _text(entry)
    amount, unit, reason = (_text(entry.get(key, "")) for key in ("amount", "unit", "reason"))
    return f"{amount} {unit}: {reason}" if amount or reason else ""


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise NotAForm
    return value.strip()


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise NotAForm
    return value


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or len(value) > _MOST:
        raise NotAForm
    return value
