"""One value as it was typed -> a checked value, or a ValueFault that says what is wrong without repeating the value."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from handouts.records import Duration, PatientPeriod, SettingValue, Unit

MAXIMUM_NAME = 200
"""Code points: a name of 100 characters, each with a combining mark."""
MAXIMUM_NOTE = 600
MAXIMUM_ITEMS = 20

_KEPT_FORMAT = "\u200c\u200d"  # ZWNJ and ZWJ spell Persian and Indic names (facts/delivery.md).
_PERIOD = re.compile(r"\A\s*(\d{1,4})\s*(h|hours?|d|days?|w|weeks?)\s*:\s*(.+)\Z", re.DOTALL)
_EMAIL = re.compile(r"\A[^@\s,;:<>()\[\]\"\\]+@[^@\s,;:<>()\[\]\"\\.]+(\.[^@\s,;:<>()\[\]\"\\.]+)+\Z")


class ValueFault(Exception):
    """What is wrong with a value; `code` and `values` word it, and never hold the value."""

    def __init__(self, code: str, values: Mapping[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def fault(code: str, **values: str) -> ValueFault:
    """Return a ValueFault."""
    return ValueFault(code, values)


def cleaned(text: str, *, lines: bool = False) -> str:
    """Return `text` in NFC without control and bidi control characters, white space single; `lines` keeps line ends.

    Unicode's bidi controls (UAX 9) could turn a neighbouring telephone number round; ZWJ and ZWNJ belong to names.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")):
        if character == "\n" and lines:
            kept.append("\n")
        elif character.isspace():
            kept.append(" ")
        elif unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp") or character in _KEPT_FORMAT:
            kept.append(character)
    joined = "".join(kept)
    return "\n".join(" ".join(line.split()) for line in joined.split("\n")).strip()


def words(value: object) -> str:
    """One line of text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise fault("wrong-type", wanted="text in quotes")
    text = str(value)
    if any(0xD800 <= ord(character) <= 0xDFFF or character == "\ufffd" for character in text):
        raise fault("damaged-text")
    return cleaned(text)


def name(value: object) -> str:
    """A person's name, in any script."""
    text = words(value)
    if not text:
        raise fault("empty-value")
    if len(text) > MAXIMUM_NAME:
        raise fault("too-long", maximum=str(MAXIMUM_NAME))
    return text


def note(value: object) -> str:
    """The clinician's note: a few lines."""
    words(value)
    text = cleaned(str(value), lines=True)
    if len(text) > MAXIMUM_NOTE:
        raise fault("too-long", maximum=str(MAXIMUM_NOTE))
    return text


def email(value: object) -> str:
    """One address with one @ (the checks that matter before a mail server's own)."""
    text = words(value)
    if not _EMAIL.match(text) or len(text) > 254:
        raise fault("not-an-address")
    return text


def day(value: object) -> date:
    """A date as 2026-11-21; other orders are refused, since 03/04 is two days."""
    if isinstance(value, datetime):
        raise fault("not-a-date")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(words(value))
    except ValueError:
        raise fault("not-a-date") from None


def moment(value: object) -> datetime:
    """A date with a time as 2026-11-21 15:00, with or without an offset."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        raise fault("time-needed")
    text = words(value)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise fault("not-a-time") from None
    if found.time() == time() and ":" not in text and "T" not in text:
        raise fault("time-needed")
    return found


def many(value: object) -> tuple[str, ...]:
    """A list of texts; one text is a list of one."""
    items = value if isinstance(value, list | tuple) else [value]
    if len(items) > MAXIMUM_ITEMS:
        raise fault("too-many", maximum=str(MAXIMUM_ITEMS))
    return tuple(text for text in map(words, items) if text)


def settings(value: object) -> tuple[SettingValue, ...]:
    """A table of numbers by name, or texts such as needle_depth=1.5."""
    found = []
    for key, amount in _pairs(value, "needle_depth=1.5"):
        number = words(amount).replace(",", ".")
        try:
            finite = Decimal(number).is_finite()
        except InvalidOperation:
            finite = False
        if not finite:
            raise fault("not-a-number", name=key)
        found.append(SettingValue(name=key, value=number))
    return tuple(found)


def periods(value: object) -> tuple[PatientPeriod, ...]:
    """A table of periods by name, each `{hours = 48, reason = "..."}`, or texts such as make-up=48 hours: reason."""
    return tuple(_period(key, entry) for key, entry in _pairs(value, "make-up=48 hours: the skin is thin"))


def _pairs(value: object, example: str) -> tuple[tuple[str, object], ...]:
    if isinstance(value, Mapping):
        return tuple((str(key), entry) for key, entry in value.items())
    found = []
    for text in many(value):
        key, equals, rest = text.partition("=")
        if not equals or not key.strip() or not rest.strip():
            raise fault("not-name-and-value", example=example)
        found.append((key.strip(), rest.strip()))
    return tuple(found)


def _period(key: str, entry: object) -> PatientPeriod:
    if isinstance(entry, Mapping):
        units = [unit for unit in Unit if f"{unit}s" in entry]
        amount = entry.get(f"{units[0]}s") if len(units) == 1 else None
        text = f"{amount} {units[0]}: {entry.get('reason', '')}" if isinstance(amount, int) else ""
        extra = set(entry) - {"reason", *(f"{unit}s" for unit in Unit)}
    else:
        text, extra = words(entry), set()
    match = _PERIOD.match(text)
    if not match or extra or not match[3].strip():
        raise fault("not-a-period", name=key)
    unit = next(unit for unit in Unit if unit.value.startswith(match[2][0]))
    return PatientPeriod(id=key, duration=Duration(amount=int(match[1]), unit=unit), reason=words(match[3]))
