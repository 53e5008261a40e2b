"""What a person types for an option -> a date or a few words, or Click's own refusal."""

from datetime import date

import click

from handouts.interfaces.environment import clock

_JOINERS = "\u200c\u200d"  # They spell Persian and Indic names.


def few_words(text: str, option: str) -> str:
    """Return a name or a few words that can stand in any of our files; raise BadParameter."""
    unfit = (
        character for character in text if character in '"\\' or not (character.isprintable() or character in _JOINERS)
    )
    if not text.strip() or any(unfit):
        raise click.BadParameter("It must be a name or a few words, without quotes.", param_hint=option)
    return text.strip()


def day(text: str | None, option: str) -> date:
    """Return the date that is written as 2026-11-21, or today where there is none; raise BadParameter."""
    try:
        return date.fromisoformat(text) if text else clock().date()
    except ValueError:
        raise click.BadParameter("Write the date as 2026-11-21.", param_hint=option) from None
