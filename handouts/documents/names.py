"""A treatment as somebody typed it + Documents -> the treatment with the document's own names for what was meant."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from handouts.records import Document, Treatment


class Names:
    """The names that a document knows. `texts` are the document in several languages, whose labels count as names too.

    Keep it for as long as treatments come that want the same document and languages.
    """

    def __init__(self, texts: Sequence[Document]) -> None:
        self._sites = _names({key: label.text for key, label in text.body_sites.items()} for text in texts)
        self._procedures = _names({key: label.text for key, label in text.treatments.items()} for text in texts)
        self._settings = _names({key: setting.label.text for key, setting in text.settings.items()} for text in texts)
        self._periods = _names({period.id: period.label for period in text.waiting_periods} for text in texts)

    def named(self, treatment: Treatment) -> Treatment:
        """Return the treatment with the names that the document knows: "Face" and "Around the eyes" are its ids then.

        Several body sites in one text, as in "Face, Neck", are taken apart. An unknown name stays as it is: `verdicts`
        reports it.
        """
        sites = self._sites
        found = [name for typed in treatment.body_sites for name in _each(typed, sites)]
        set_to = _all_meant([one.name for one in treatment.settings], self._settings)
        waits = _all_meant([one.id for one in treatment.waiting_periods], self._periods)
        return replace(
            treatment,
            procedure=_meant(treatment.procedure, self._procedures),
            body_sites=tuple(dict.fromkeys(found) if all(name in sites.values() for name in found) else found),
            settings=tuple(replace(one, name=name) for one, name in zip(treatment.settings, set_to, strict=True)),
            waiting_periods=tuple(
                replace(one, id=name) for one, name in zip(treatment.waiting_periods, waits, strict=True)
            ),
        )


def _names(tables: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Return each id by its folded spellings and labels; a label that two ids have names neither."""
    found: dict[str, str] = {}
    labels: dict[str, str] = {}
    for table in tables:
        found |= {_folded(key): key for key in table}
        for key, label in table.items():
            labels[_folded(label)] = key if labels.get(_folded(label), key) == key else ""
    return {name: key for name, key in {**labels, **found}.items() if name and key}


def _folded(name: str) -> str:
    """Return a name without what makes no difference: case, accents, spaces, hyphens."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in decomposed if character.isalnum())


def _meant(typed: str, names: Mapping[str, str]) -> str:
    return names.get(_folded(typed), typed)


def _all_meant(typed: Sequence[str], names: Mapping[str, str]) -> Sequence[str]:
    """Return what each name means; where two would be one the names stay as they are, and are reported as unknown."""
    meant = [_meant(name, names) for name in typed]
    return meant if len(set(meant)) == len(meant) else typed


def _each(typed: str, names: Mapping[str, str]) -> tuple[str, ...]:
    parts = tuple(names.get(_folded(part), "") for part in map(str.strip, typed.split(",")))
    return parts if _folded(typed) not in names and all(parts) else (_meant(typed, names),)
