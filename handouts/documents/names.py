"""A treatment as somebody typed it + Documents -> the treatment with the document's own names for what was meant."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from handouts.records import Document, Treatment


class Names:
    """The names that a document knows. `texts` are the document in several languages, whose labels count as names too.

    `accents_matter`: only case, spaces and hyphens make no difference. That is for languages that the sheet is not in:
    a word without its accents may be another language's word for something else. Keep it for as long as treatments come
    that want the same document and languages.
    """

    def __init__(self, texts: Sequence[Document], *, accents_matter: bool = False) -> None:
        fold = _spelt if accents_matter else _folded
        sites = ({key: label.text for key, label in text.body_sites.items()} for text in texts)
        procedures = ({key: label.text for key, label in text.treatments.items()} for text in texts)
        settings = ({key: setting.label.text for key, setting in text.settings.items()} for text in texts)
        periods = ({period.id: period.label for period in text.waiting_periods} for text in texts)
        self._sites, self._procedures = _Known(sites, fold), _Known(procedures, fold)
        self._settings, self._periods = _Known(settings, fold), _Known(periods, fold)

    def named(self, treatment: Treatment) -> Treatment:
        """Return the treatment with the names that the document knows: "Face" and "Around the eyes" are its ids then.

        Several body sites in one text, as in "Face, Neck", are taken apart. An unknown name stays as it is: `verdicts`
        reports it.
        """
        sites = self._sites
        found = [name for typed in treatment.body_sites for name in sites.each(typed)]
        set_to = self._settings.all_meant([one.name for one in treatment.settings])
        waits = self._periods.all_meant([one.id for one in treatment.waiting_periods])
        return replace(
            treatment,
            procedure=self._procedures.meant(treatment.procedure),
            body_sites=tuple(dict.fromkeys(found) if all(name in sites.ids for name in found) else found),
            settings=tuple(replace(one, name=name) for one, name in zip(treatment.settings, set_to, strict=True)),
            waiting_periods=tuple(
                replace(one, id=name) for one, name in zip(treatment.waiting_periods, waits, strict=True)
            ),
        )

    def meanings(self, path: str, typed: str) -> tuple[str, ...]:
        """Return the ids that a name can mean, where a label is that of several; `path` is the detail's."""
        tables = {"body_sites": self._sites, "settings": self._settings, "waiting_periods": self._periods}
        table = next((known for key, known in tables.items() if path.startswith(key)), self._procedures)
        return table.meanings(typed)


class _Known:
    """The ids of one kind by their folded spellings and labels; a label that several ids have names none of them."""

    def __init__(self, tables: Iterable[Mapping[str, str]], fold: Callable[[str], str]) -> None:
        ids: dict[str, str] = {}
        labels: dict[str, dict[str, None]] = {}
        for table in tables:
            ids |= {fold(key): key for key in table}
            for key, label in table.items():
                labels.setdefault(fold(label), {})[key] = None
        self._fold = fold
        self._several = {name: tuple(keys) for name, keys in labels.items() if len(keys) > 1 and name not in ids}
        alone = {name: next(iter(keys)) for name, keys in labels.items() if len(keys) == 1}
        self._names = {name: key for name, key in {**alone, **ids}.items() if name}
        self.ids = frozenset(ids.values())

    def meanings(self, typed: str) -> tuple[str, ...]:
        return self._several.get(self._fold(typed), ())

    def meant(self, typed: str) -> str:
        return self._names.get(self._fold(typed), typed)

    def all_meant(self, typed: Sequence[str]) -> Sequence[str]:
        """Return what each name means; where two would be one they stay as they are, and are reported as unknown."""
        meant = [self.meant(name) for name in typed]
        return meant if len(set(meant)) == len(meant) else typed

    def each(self, typed: str) -> tuple[str, ...]:
        """Return the ids of the names that stand in one text with commas, or what the whole of it means."""
        parts = tuple(self._names.get(self._fold(part), "") for part in map(str.strip, typed.split(",")))
        return parts if self._fold(typed) not in self._names and all(parts) else (self.meant(typed),)


def _folded(name: str) -> str:
    """Return a name without what makes no difference: case, accents, spaces, hyphens.

    Signs of Indic and Japanese letters are no accents (combining classes 0, 7 to 9): गाल is a cheek, गला a throat.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(
        letter
        for letter in decomposed
        if letter.isalnum() or (unicodedata.category(letter)[0] == "M" and unicodedata.combining(letter) < _ACCENTS)
    )


def _spelt(name: str) -> str:
    """Return a name without case, spaces and hyphens."""
    composed = unicodedata.normalize("NFKC", name.casefold())
    return "".join(letter for letter in composed if letter.isalnum() or unicodedata.category(letter)[0] == "M")


_ACCENTS = 10
"""Combining class (Unicode 16, 4.3) from which marks stand above or below a letter: vowel points and accents."""
