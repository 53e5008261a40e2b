"""A clinic's texts and a sheet's languages -> a warning for each text that would be printed in another language."""

from collections.abc import Iterable, Iterator

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.languages import base_of, is_written_in, language
from handouts.records import Branding

_WITH_WORDS = {
    "opening_hours": "contact.opening_hours",
    "urgent_care": "contact.urgent_care",
    "regulator": "regulator",
    "footer": "footer",
}
"""The texts that a patient has to read, and where clinic.toml has them; a name and an address need no translation."""


def untranslated(branding: Branding, tags: Iterable[str], source: str) -> Iterator[Problem]:
    """Yield a warning for each text that has words and none in a language of `tags`, with the line to add it at.

    A variant of another language needs none of its own: what is to be added is that one's.
    """
    for tag in tags:
        for key, base in _WITH_WORDS.items():
            text, of = branding.text(key, tag)
            if key == "opening_hours" and branding.hours:
                continue  # They are written by rule.
            own = base_of(of) == base_of(tag) and (
                is_written_in(text, tag) or bool(branding.texts.get(tag, {}).get(key))
            )
            if own or not any(map(str.isalpha, text)):
                continue
            wanted = base_of(tag)
            yield Problem.warning(
                Kind.BRANDING,
                Code.TEXT_UNTRANSLATED,
                source,
                branding.lines.get(f"texts.{wanted}", branding.lines.get(base)),
                path=f"texts.{wanted}.{key}",
                key=key,
                tag=wanted,
                language=language(wanted).english_name,
            )
