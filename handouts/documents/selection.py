"""Document + Treatment -> the document with only what applies to that treatment, or a Problem for each mismatch."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from handouts.errors import InputError, Kind, Problem, nearest
from handouts.records import Block, BlockKind, Condition, Document, Treatment


def select(document: Document, treatment: Treatment, source: str) -> Document:
    """Return the document without the blocks and waiting periods whose conditions this treatment does not meet.

    `source` names where the treatment's details came from. Raises InputError where the treatment names a procedure,
    body site, setting or waiting period that the document does not know: such a sheet would be for something else.
    """
    problems = tuple(_mismatches(document, treatment, source))
    if problems:
        raise InputError(problems)
    met = {name for name, condition in document.conditions.items() if _holds(condition, treatment)}
    met.add("")
    return replace(
        document,
        blocks=_applying(document.blocks, met),
        waiting_periods=tuple(period for period in document.waiting_periods if period.when in met),
    )


def _mismatches(document: Document, treatment: Treatment, source: str) -> Iterator[Problem]:
    named = [("procedure", treatment.procedure, tuple(document.treatments))] if treatment.procedure else []
    named += [
        (f"body_sites[{index}]", site, tuple(document.body_sites)) for index, site in enumerate(treatment.body_sites)
    ]
    named += [(f"settings.{setting.name}", setting.name, tuple(document.settings)) for setting in treatment.settings]
    periods = tuple(period.id for period in document.waiting_periods)
    named += [(f"waiting_periods.{period.id}", period.id, periods) for period in treatment.waiting_periods]
    for path, name, known in named:
        if name not in known:
            yield _problem("not-in-document", source, path, document, known=", ".join(known) or "-", name=name)
    if not treatment.procedure and len(document.treatments) > 1:
        yield _problem("procedure-needed", source, "procedure", document, known=", ".join(document.treatments))
    for setting in treatment.settings:
        declared = document.settings.get(setting.name)
        low, high = (declared.at_least, declared.at_most) if declared else ("", "")
        value = Decimal(setting.value)
        if (low and value < Decimal(low)) or (high and value > Decimal(high)):
            yield _problem("setting-out-of-range", source, f"settings.{setting.name}", document, low=low, high=high)


def _problem(code: str, source: str, path: str, document: Document, name: str = "", **values: str) -> Problem:
    known = values.get("known", "").split(", ")
    return Problem(
        kind=Kind.TREATMENT,
        code=code,
        source=source,
        path=path,
        values={"document": document.id, **values},
        nearest=nearest(name, known) if name else "",
    )


def _holds(condition: Condition, treatment: Treatment) -> bool:
    """Return whether the treatment meets every test that the condition makes."""
    if condition.body_sites and not set(condition.body_sites) & set(treatment.body_sites):
        return False
    used = tuple(product.casefold() for product in treatment.products)
    if condition.products and not any(name.casefold() in product for name in condition.products for product in used):
        return False
    if not condition.setting:
        return True
    value = next((Decimal(given.value) for given in treatment.settings if given.name == condition.setting), None)
    if value is None:
        return False
    low, high = condition.at_least, condition.at_most
    return not (low and value < Decimal(low)) and not (high and value > Decimal(high))


def _applying(blocks: tuple[Block, ...], met: set[str]) -> tuple[Block, ...]:
    """Keep blocks whose condition is met, dissolve `when` containers, and join lists that then stand side by side."""
    kept: list[Block] = []
    for block in blocks:
        if block.when not in met:
            continue
        children = _applying(block.children, met)
        inner = children if block.kind is BlockKind.WHEN else (replace(block, children=children, when=""),)
        for piece in inner:
            lists = (BlockKind.LIST, BlockKind.STEPS)
            if kept and piece.kind in lists and kept[-1].kind is piece.kind:
                kept[-1] = replace(kept[-1], children=kept[-1].children + piece.children)
            else:
                kept.append(piece)
    return tuple(kept)
