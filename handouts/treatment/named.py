"""Settings and waiting periods as they were typed -> checked values by name, or every fault with the name's place."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from handouts.codes import Code
from handouts.errors import ValueFault
from handouts.periods import typed_duration
from handouts.reasons import says_why
from handouts.records import PatientPeriod, SettingValue, Unit
from handouts.treatment.values import MAXIMUM_NOTE, is_plain, listed, redacted, words

_NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?")

Named = TypeVar("Named")


def settings(value: object) -> tuple[SettingValue, ...]:
    """Return settings from a table of numbers by name, or texts such as needle_depth=1.5."""
    return _each(value, _setting, "needle_depth=1.5")


def periods(value: object) -> tuple[PatientPeriod, ...]:
    """Return periods from a table by name, each `{hours = 48, reason = "..."}`, or texts: make-up=48 hours: reason."""
    return _each(value, _period, "make-up=48 hours: the skin is thin")


def _each(value: object, read: Callable[[str, object], Named], example: str) -> tuple[Named, ...]:
    """Return what `read` makes of each name; raise every fault at once, each with the name as its part."""
    found: dict[str, Named] = {}
    faults: list[ValueFault] = []
    for key, entry in _pairs(value, example, faults):
        try:
            if key in found:
                raise ValueFault(Code.KEY_TWICE, key=redacted(key))
            found[key] = read(key, entry)
        except ValueFault as error:
            error.part = key
            faults.append(error)
    if faults:
        raise ExceptionGroup("faults", faults)
    return tuple(found.values())


def _pairs(value: object, example: str, faults: list[ValueFault]) -> list[tuple[str, object]]:
    if isinstance(value, Mapping):
        return [(str(key), entry) for key, entry in value.items()]
    found: list[tuple[str, object]] = []
    for text in listed(value):
        key, _, rest = text.partition("=")
        if key.strip() and rest.strip():
            found.append((key.strip(), rest.strip()))
        else:
            faults.append(ValueFault(Code.NOT_NAME_AND_VALUE, example=example))
    return found


def _setting(key: str, amount: object) -> SettingValue:
    """Return the setting, its number as it was typed but with a point for a comma."""
    text = str(amount) if isinstance(amount, float) else amount
    number = "" if isinstance(text, bool) or not isinstance(text, str | int) else words(text).replace(",", ".")
    if not _NUMBER.fullmatch(number):
        raise ValueFault(Code.NOT_A_NUMBER, name=redacted(key), example=key if is_plain(key) else "needle_depth")
    return SettingValue(name=key, value=number)


def _period(key: str, entry: object) -> PatientPeriod:
    text = _spelt(entry) if isinstance(entry, Mapping) else entry
    long, _, why = text.partition(":") if isinstance(text, str) else ("", "", "")
    duration, reason = typed_duration(long), words(why, marks=True)
    if duration is None or not reason:
        raise ValueFault(Code.NOT_A_PERIOD, name=redacted(key))
    if len(reason) > MAXIMUM_NOTE:
        raise ValueFault(Code.TOO_LONG, key=f"waiting_periods.{redacted(key)}", maximum=str(MAXIMUM_NOTE))
    if not says_why(reason, words=1):
        raise ValueFault(Code.REASON_WITHOUT_WORDS, key=f"waiting_periods.{redacted(key)}")
    return PatientPeriod(id=key, duration=duration, reason=reason)


def _spelt(entry: Mapping[str, object]) -> str:
    """Return a table's period as it is typed on the command line, or "" where it is none."""
    units = [unit for unit in Unit if unit.key in entry]
    if len(units) != 1 or set(entry) != {"reason", units[0].key}:
        return ""
    amount, reason = entry[units[0].key], entry["reason"]
    if isinstance(amount, bool) or not isinstance(amount, int) or not isinstance(reason, str):
        return ""
    return f"{amount} {units[0]}: {reason}" if 0 <= amount <= 9999 else ""
