"""An English sentence -> whether it is a telegram: too short to be one, or without a verb of its own."""

import re

SHORT = 2
"""Words up to which a sentence counts as a telegram, whole or not: "Be patient."."""

_BE_OR_HELP = (
    "am|is|are|was|were|be|have|has|had|do|does|did|can|cannot|could|may|might|must|shall|should|will|would|"
    "(?:are|is|was|were|have|has|had|do|does|did|could|should|would|ca|wo)n[’']t"
)
_VERBS = (
    "adds|agree|agreed|agrees|asks|avoid|become|becomes|begin|begins|bleeds|bother|bothers|bring|brings|came|carries|"
    "carry|cause|causes|clears|clog|clogs|come|comes|contain|contains|counts|depend|depends|die|dies|dries|eat|eats|"
    "ends|fades|fail|failed|fails|feel|feels|felt|fill|fills|find|finds|follow|follows|form|forms|gave|get|gets|give|"
    "gives|go|goes|got|grow|grows|happen|happens|heal|heals|help|helped|helps|hold|holds|hurt|hurts|irritate|"
    "irritates|itches|keep|keeps|kill|kills|know|knows|lasts|leaves|let|lets|look|looks|lose|loses|made|make|makes|"
    "mean|means|move|moves|need|needs|open|opens|prevent|prevents|protect|protects|put|puts|read|reads|reduce|"
    "reduces|remove|removes|renew|renews|said|say|says|see|seem|seems|sees|send|sends|settle|settles|show|shows|sits|"
    "spread|spreads|stand|stands|start|starts|stay|stays|stings|stop|stops|suggest|suggests|swell|swells|take|takes|"
    "tell|tells|think|thinks|told|took|touch|trap|traps|tries|try|turn|turns|use|used|uses|want|wants|wash|wear|"
    "wears|went|worked|works|worries|worry|write|writes"
)
"""Forms that are verbs wherever they stand; a word that is as often a noun (scars, marks) is none."""
_ORDERS = (
    "add|apply|ask|bathe|book|breathe|call|change|choose|clean|clear|close|cool|cover|cut|drink|dry|finish|hydrate|"
    "leave|lie|lift|pat|pick|plan|please|press|pull|raise|rest|return|rinse|rub|shave|shower|sit|sleep|smooth|talk|"
    "treat|visit|wait|walk|warm|wash|watch|wipe|wrap"
)
"""Verbs only where an order can begin: "Cool sore skin", but "a cool pack"."""
_BEFORE_ORDERS = (
    r"\A(?:after|at|before|each|every|first|for|from|if|in|later|next|on|once|then|today|until|when)\b[^,;:]*,\s+"
    r"|\A|[;:]\s+|\b(?:then|please|often|usually|always|never|not)\s+"
)
_FUNCTION_WORDS = (
    "about|after|again|and|as|at|away|before|but|by|down|for|from|if|in|into|near|off|on|or|out|over|so|that|the|to|"
    "too|under|until|up|when|which|with|without|yourself|itself|your|a|an"
)
_BESIDE = r"(?:not|never|always|often|also|just|now|then|still|only|all|both|\w+ly)"

_WORD, _END = r"(?<![\w-])", r"(?![\w-])"
_CLAUSE = re.compile(
    rf"\b(?:{_BE_OR_HELP})\b(?:\s+{_BESIDE})*(?:\s+(?:you|we|they|it|this|that))?(?:\s+(?:{_VERBS}|have|be))?\b"
    rf"|\b(?:you|we|they|it|nobody)\s+(?:{_BESIDE}\s+)*(?:(?:{_BE_OR_HELP})\b(?:\s+{_BESIDE})*(?:\s+(?:{_VERBS}|be)\b)?"
    rf"|(?!(?:{_FUNCTION_WORDS})\b)[a-z’']+)"
    rf"|(?<!\bto\s){_WORD}(?:{_VERBS}){_END}(?:(?:,\s+|\s+(?:and|or)\s+)(?:{_VERBS}){_END})*"
    rf"|(?:{_BEFORE_ORDERS})(?:{_ORDERS})\b",
    re.IGNORECASE,
)
"""One clause's verb, with its helpers and, where that is a pronoun, its subject."""
_OPENERS = re.compile(
    r"(?<!\A)\bthat\b(?!\s*[.,;:!?])|\b(?:which|who|because|unless|until|when|while|where|if(?! so\b))\b", re.IGNORECASE
)
_NAMING = re.compile(r"\A(?:what|how|when|where|why|which|who)\b", re.IGNORECASE)
"""Questions, and lines that name what a sheet answers: "What to do, and when to call us"."""


def is_telegram(sentence: str, words: int) -> bool:
    """Return whether the sentence, of so many words, is very short or all of its verbs belong to subordinate clauses.

    A pattern, without a dictionary: it takes some fragments for sentences, and a rare verb for none.
    """
    if words <= SHORT:
        return True
    if _NAMING.search(sentence):
        return False
    verbs = [match.start() for match in _CLAUSE.finditer(sentence)]
    openers = [match.start() for match in _OPENERS.finditer(sentence)]
    return not verbs or bool(openers and openers[0] < verbs[0] and len(verbs) <= len(openers))
