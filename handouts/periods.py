"""A waiting period as clinic.toml, documents and people write it -> its Duration; the units are those of records."""

import re
from collections.abc import Callable
from typing import Annotated, Self, TypeVar

from pydantic import Field, create_model, model_validator

from handouts.checking import StrictModel
from handouts.codes import Code
from handouts.errors import ValueFault
from handouts.records import Duration, Unit

_TYPED = re.compile(r"\s*+(\d{1,4})\s*+([a-z]+)\s*+", re.IGNORECASE)


class Period(StrictModel):
    """A waiting period: exactly one of the keys that `with_units` adds."""

    @property
    def duration(self) -> Duration:
        """The one duration that the entry gives."""
        return self._durations()[0]

    def _durations(self) -> list[Duration]:
        amounts = ((unit, getattr(self, unit.key)) for unit in Unit)
        return [Duration(amount=amount, unit=unit) for unit, amount in amounts if amount is not None]

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if len(self._durations()) != self._expected():
            raise ValueFault(Code.ONE_UNIT)
        return self

    def _expected(self) -> int:
        """Return how many of the keys there must be."""
        return 1


PeriodModel = TypeVar("PeriodModel", bound=Period)


def with_units(*, at_least: int) -> Callable[[type[PeriodModel]], type[PeriodModel]]:
    """Return what adds a key for each unit (hours, days, ...) to a model: a whole number from `at_least` on."""

    def added(model: type[PeriodModel]) -> type[PeriodModel]:
        keys = {
            unit.key: (
                Annotated[int, Field(ge=at_least, le=unit.maximum)] | None,
                Field(default=None, description=f"How long, in {unit.key}."),
            )
            for unit in Unit
        }
        whole: type[PeriodModel] = create_model(  # type: ignore[call-overload]
            model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **keys
        )
        return whole

    return added


def typed_duration(text: str) -> Duration | None:
    """Return the duration that a text such as "48 hours", "1 day" or "2w" names, or None."""
    match = _TYPED.fullmatch(text)
    word = match[2].lower() if match else ""
    units = [unit for unit in Unit if word in (unit.value, unit.key, unit.value[:1])]
    return Duration(amount=int(match[1]), unit=units[0]) if match and len(units) == 1 else None
