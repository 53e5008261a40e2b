"""An outbox and a mail server -> every waiting message tried, again where that may help, and what became of each."""

from collections.abc import Callable, Iterable, Sequence

from handouts.codes import Code
from handouts.delivery.mail.outbox import Outbox
from handouts.delivery.mail.server import Submission, Unreachable
from handouts.errors import InputError, Kind, Problem
from handouts.records import Answer, MailOrder, MailState, Posted

WAITS = (5.0, 30.0)
"""Seconds before the second and the third try. What still waits then, waits for the next `outbox send`."""

_CODES = {
    Answer.LATER: Code.MAIL_LATER,
    Answer.REFUSED: Code.MAIL_REFUSED,
    Answer.SENDER_REFUSED: Code.MAIL_SENDER_REFUSED,
    Answer.UNCERTAIN: Code.MAIL_UNCERTAIN,
}


def send(
    order: MailOrder,
    *,
    sleep: Callable[[float], None],
    on_posted: Callable[[Posted], None],
    identifiers: Iterable[str] | None = None,
) -> tuple[tuple[Posted, ...], tuple[Problem, ...]]:
    """Send what waits in the order's outbox, or those of `identifiers` alone, to the server that the order names.

    Returns what `post` does.
    """
    server = order.server
    assert server is not None, "only an order that names a server is sent"
    return post(
        Outbox(order.outbox),
        lambda: Submission(server),
        sleep=sleep,
        on_posted=on_posted,
        identifiers=identifiers,
        waits=WAITS[: order.tries - 1],
    )


def post(
    outbox: Outbox,
    connect: Callable[[], Submission],
    *,
    sleep: Callable[[float], None],
    on_posted: Callable[[Posted], None],
    identifiers: Iterable[str] | None = None,
    waits: Sequence[float] = WAITS,
) -> tuple[tuple[Posted, ...], tuple[Problem, ...]]:
    """Send the messages of new/, or those of `identifiers` alone, and return what became of each, and the Problems.

    Each is tried once in a round; those that the server puts off, and those it could not be asked about, once more
    after each of `waits`. One that is not in new/ is passed over. `on_posted` is called whenever the try of one is
    over. A Problem that concerns all messages (a wrong certificate, a refused login) ends the run at once; the messages
    stay in new/. So does a message whose sender is refused, and the others are sent.
    """
    outcome: dict[str, Posted] = {}
    problems: list[Problem] = []
    with outbox.sender():
        left = list(identifiers) if identifiers is not None else _waiting(outbox)
        for wait in (0.0, *waits):
            if wait and left:
                sleep(wait)
            try:
                for posted in _round(outbox, connect, left):
                    outcome[posted.identifier] = posted
                    on_posted(posted)
            except InputError as error:
                problems += error.problems
                break
            left = [name for name in left if name in outcome and _is_put_off(outcome[name])]
    return tuple(outcome.values()), (*problems, *unsent(outcome.values()))


def unsent(posted: Iterable[Posted]) -> tuple[Problem, ...]:
    """Return a Problem for each message that has not been accepted."""
    return tuple(
        Problem.of(
            Kind.DELIVERY,
            Code.MAIL_ADDRESS_REFUSED if each.reply.wrong_address else _CODES[each.reply.answer],
            each.identifier,
            reason=" ".join(filter(None, (str(each.reply.code or ""), each.reply.reason))),
        )
        for each in posted
        if each.reply is not None and each.reply.answer is not Answer.ACCEPTED
    )


def _waiting(outbox: Outbox) -> list[str]:
    return [posted.identifier for posted in outbox.messages() if posted.state is MailState.NEW]


def _is_put_off(posted: Posted) -> bool:
    return posted.reply is not None and posted.reply.answer is Answer.LATER


def _round(outbox: Outbox, connect: Callable[[], Submission], names: Sequence[str]) -> Iterable[Posted]:
    """Yield what became of each message, tried once, over as few connections as the server allows."""
    left = list(names)
    while left:
        try:
            with connect() as submission:
                while left and submission.is_open:
                    posted = outbox.send(left.pop(0), submission.send)
                    if posted is not None:
                        yield posted
        except Unreachable as error:
            yield from (Posted(identifier=name, state=MailState.NEW, reply=error.reply) for name in left)
            return
