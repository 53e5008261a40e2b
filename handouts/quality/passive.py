"""An English sentence -> whether it is in the passive voice, by a pattern that misses some and errs on few."""

import re

_BE = r"(?:am|is|are|was|were|be|been|being|(?<=[’'])(?:re|m))"
_ADVERB = r"(?:not|never|always|often|also|just|now|then|first|only|\w+ly)"
_IRREGULAR = (
    "beaten|bitten|bought|broken|brought|built|burnt|caught|chosen|cut|done|drawn|driven|eaten|felt|found|frozen|given|"
    "held|hidden|hurt|kept|known|laid|led|left|lost|made|meant|met|paid|put|read|rubbed|said|seen|sent|set|shaken|"
    "shown|shut|sold|spent|spread|sprayed|stolen|taken|taught|told|thought|thrown|torn|understood|woken|worn|written"
)
_AFTER = (
    "about|after|again|and|as|at|away|because|before|but|by|directly|down|during|every|for|from|if|in|into|off|on|once|"
    "onto|or|out|over|so|that|through|to|today|twice|under|until|up|when|while|with|within|without|\\w+ly"
)
"""What can follow the verb of a passive. Another word is more likely a noun: whiteheads are blocked pores."""
_STATES = frozenset(
    (
        *("bored", "closed", "concerned", "confused", "experienced", "finished", "healed", "infected", "interested"),
        *("irritated", "married", "pleased", "related", "relaxed", "scared", "supposed", "tanned", "tired", "worried"),
    )
)
"""Words that after "be" mostly name a state, as an adjective does: you are worried, we are closed."""

_PASSIVE = re.compile(
    rf"\b{_BE}\s+(?:{_ADVERB}\s+){{0,2}}(?!used\s+to\b)(\w{{2,}}ed|{_IRREGULAR})(?=\s*(?:[^\w\s]|\Z)|\s+(?:{_AFTER})\b)",
    re.IGNORECASE,
)


def is_passive(sentence: str) -> bool:
    """Return whether the sentence holds a form of "be" and a participle that is not a mere state."""
    return any(match[1].lower() not in _STATES for match in _PASSIVE.finditer(sentence))
