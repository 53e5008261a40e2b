"""A PrintServer -> its queues, what each can do and how it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from handouts.delivery.printing.ipp import Attribute, Group, Operation, Tag
from handouts.delivery.printing.scheduler import ALL, ask
from handouts.records import PrintServer, Queue, QueueState, Sides

_WANTED = (
    "printer-name",
    "printer-is-accepting-jobs",
    "printer-state",
    "printer-state-reasons",
    "printer-state-message",
    "sides-supported",
    "color-supported",
    "copies-supported",
    "document-format-supported",
    "media-supported",
    "media-source-supported",
    "member-names",
)
_STATES = {3: QueueState.IDLE, 4: QueueState.PROCESSING, 5: QueueState.STOPPED}

Values = Mapping[str, tuple[Any, ...]]


def target_of(queue: str) -> str:
    """Return the URI by which CUPS knows a queue."""
    return f"{ALL}printers/{quote(queue, safe='')}"


def queues(server: PrintServer) -> tuple[Queue, ...]:
    """Return every queue of the scheduler by name, the default one marked; raise InputError where nobody answers.

    What is loaded is not told: CUPS makes media-ready up from the driver (2.4.2 said A4, A5 and DL of a printer that
    held Letter), so that only the printer's own media-needed can be believed.
    """
    wanted = [Attribute("requested-attributes", Tag.KEYWORD, _WANTED)]
    found = ask(server, Operation.CUPS_GET_PRINTERS, wanted).of(Group.PRINTER)
    default = server.default_queue or _default(server)
    by_name = {queue.name: queue for queue in (_queue(values, default) for values in found) if queue.name}
    for values in found:
        members = [by_name[name] for name in map(str, values.get("member-names", ())) if name in by_name]
        name = str(_first(values, "printer-name", ""))
        if members and name:
            by_name[name] = _of_members(by_name[name], members)
    return tuple(by_name[name] for name in sorted(by_name))


def troubles(server: PrintServer, name: str) -> tuple[tuple[str, ...], str]:
    """Return the reasons and the message that a queue gives for its state at this moment."""
    wanted = [Attribute("requested-attributes", Tag.KEYWORD, ("printer-state-reasons", "printer-state-message"))]
    answer = ask(server, Operation.GET_PRINTER_ATTRIBUTES, wanted, target=target_of(name))
    for values in answer.of(Group.PRINTER):
        return reasons_of(values, "printer-state-reasons"), str(_first(values, "printer-state-message", ""))
    return (), ""


def _default(server: PrintServer) -> str:
    wanted = [Attribute("requested-attributes", Tag.KEYWORD, ("printer-name",))]
    for values in ask(server, Operation.CUPS_GET_DEFAULT, wanted).of(Group.PRINTER):
        return str(_first(values, "printer-name", ""))
    return ""


def _queue(values: Values, default: str) -> Queue:
    name = str(_first(values, "printer-name", ""))
    formats = values.get("document-format-supported", ())
    return Queue(
        name=name,
        is_default=name == default,
        accepting=True in values.get("printer-is-accepting-jobs", (True,)),
        state=_STATES.get(_first(values, "printer-state", 3), QueueState.IDLE),
        reasons=reasons_of(values, "printer-state-reasons"),
        message=str(_first(values, "printer-state-message", "")),
        can_duplex=Sides.TWO_SIDED in values.get("sides-supported", ()),
        can_color=True in values.get("color-supported", ()),
        takes_pdf=not formats or "application/pdf" in formats,
        maximum_copies=max(1, _first(values, "copies-supported", (1, 9999))[1]),
        media=tuple(map(str, values.get("media-supported", ()))),
        trays=tuple(map(str, values.get("media-source-supported", ()))),
    )


def _of_members(queue: Queue, members: Sequence[Queue]) -> Queue:
    """Return a class of printers with what all its members can do: CUPS says nothing of it and any may print."""
    return replace(
        queue,
        can_duplex=all(member.can_duplex for member in members),
        can_color=all(member.can_color for member in members),
        takes_pdf=all(member.takes_pdf for member in members),
        maximum_copies=min(member.maximum_copies for member in members),
        media=tuple(size for size in members[0].media if all(size in member.media for member in members)),
        trays=tuple(tray for tray in members[0].trays if all(tray in member.trays for member in members)),
    )


def reasons_of(values: Values, name: str) -> tuple[str, ...]:
    """Return an attribute's keywords without "none", which IPP says where there is nothing to say."""
    return tuple(str(reason) for reason in values.get(name, ()) if reason != "none")


def _first(values: Values, name: str, default: Any) -> Any:
    found = values.get(name, ())
    return found[0] if found else default
