"""A PrintOrder, a sheet's pages and paper, and the queues -> one Queue and IPP's job attributes, or why not."""

from collections.abc import Iterator, Sequence

from handouts.codes import Code
from handouts.delivery.printing.ipp import Attribute, Tag
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.records import Paper, PrintColorMode, PrintOrder, Queue, Sides

_MEDIA = {Paper.A4: ("iso_a4_210x297mm", 21_000, 29_700), Paper.LETTER: ("na_letter_8.5x11in", 21_590, 27_940)}
"""Each paper's name (PWG 5101.1) and its width and height in hundredths of a millimetre."""


def chosen(queues: Sequence[Queue], name: str) -> Queue:
    """Return the queue of that name, or the default one for ""; raise InputError where there is none."""
    found = [queue for queue in queues if (queue.name == name if name else queue.is_default)]
    if found:
        return found[0]
    names = [queue.name for queue in queues]
    known = ", ".join(names)
    if not names:
        problem = Problem.of(Kind.DELIVERY, Code.PRINT_NO_QUEUES, "printers")
    elif not name:
        problem = Problem.of(Kind.DELIVERY, Code.PRINT_NO_DEFAULT, "printers", known=known)
    else:
        guess = nearest(name, names)
        problem = Problem.of(Kind.DELIVERY, Code.PRINT_NO_QUEUE, "printers", nearest=guess, name=name, known=known)
    raise InputError([problem])


def job_attributes(order: PrintOrder, queue: Queue, *, pages: int, paper: Paper) -> tuple[Attribute, ...]:
    """Return what the printer is asked for; raise InputError with everything that it cannot do, before it is asked.

    One page goes on one side. More go on both where the printer can and the order leaves it open.
    """
    problems = tuple(_problems(order, queue, paper))
    if problems:
        raise InputError(problems)
    sides = sides_of(order, queue, pages=pages)
    name, width, height = _MEDIA[paper]
    if order.media_source:
        size = (Attribute("x-dimension", Tag.INTEGER, (width,)), Attribute("y-dimension", Tag.INTEGER, (height,)))
        source = Attribute("media-source", Tag.KEYWORD, (order.media_source,))
        column = (Attribute("media-size", Tag.BEGIN_COLLECTION, (size,)), source)
        media = Attribute("media-col", Tag.BEGIN_COLLECTION, (column,))
    else:
        media = Attribute("media", Tag.KEYWORD, (name,))
    asked = [Attribute("copies", Tag.INTEGER, (order.copies,)), media, Attribute("sides", Tag.KEYWORD, (sides,))]
    if order.color_mode:
        asked.append(Attribute("print-color-mode", Tag.KEYWORD, (order.color_mode,)))
    return tuple(asked)


def sides_of(order: PrintOrder, queue: Queue, *, pages: int) -> Sides:
    """Return on which sides so many pages are printed."""
    return order.sides or (Sides.TWO_SIDED if pages > 1 and queue.can_duplex else Sides.ONE_SIDED)


def _problems(order: PrintOrder, queue: Queue, paper: Paper) -> Iterator[Problem]:
    def fault(code: Code, *, close: str = "", **values: str) -> Problem:
        return Problem.of(Kind.DELIVERY, code, queue.name, nearest=close, queue=queue.name, **values)

    if not queue.accepting:
        yield fault(Code.PRINT_REJECTING)
    if not queue.takes_pdf:
        yield fault(Code.PRINT_TAKES_NO_PDF)
    if queue.media and _MEDIA[paper][0] not in queue.media:
        other = Paper.A4 if paper is Paper.LETTER else Paper.LETTER
        code_for_other = _MEDIA[other][0] in queue.media
        if code_for_other:
            yield fault(Code.PRINT_OTHER_PAPER, paper=str(paper), other=str(other))
        else:
            yield fault(Code.PRINT_WRONG_PAPER, paper=str(paper))
    if not 1 <= order.copies <= queue.maximum_copies:
        yield fault(Code.PRINT_COPIES, maximum=str(queue.maximum_copies))
    if order.sides is Sides.TWO_SIDED and not queue.can_duplex:
        yield fault(Code.PRINT_ONE_SIDED_ONLY)
    if order.color_mode is PrintColorMode.COLOR and not queue.can_color:
        yield fault(Code.PRINT_MONO_ONLY)
    if order.media_source and not queue.trays:
        yield fault(Code.PRINT_NO_TRAYS)
    elif order.media_source and order.media_source not in queue.trays:
        known = ", ".join(queue.trays)
        close = nearest(order.media_source, queue.trays)
        yield fault(Code.PRINT_NO_TRAY, name=order.media_source, known=known, close=close)
