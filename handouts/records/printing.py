"""What a person asks of a printer and what became of it, named as IPP names it (RFC 8011, PWG 5100.13)."""

from dataclasses import dataclass
from enum import StrEnum

JOB_TITLE = "handout"
"""The title of a job that nobody looks for again. Titles stay in logs and on the printer's panel: never a name."""


class Sides(StrEnum):
    """IPP's `sides`; sheets are portrait, so that two-sided always means the long edge."""

    ONE_SIDED = "one-sided"
    TWO_SIDED = "two-sided-long-edge"


class PrintColorMode(StrEnum):
    """IPP's `print-color-mode`."""

    COLOR = "color"
    MONOCHROME = "monochrome"


class JobState(StrEnum):
    """IPP's `job-state` (RFC 8011, 5.3.7)."""

    PENDING = "pending"
    HELD = "pending-held"
    PROCESSING = "processing"
    STOPPED = "processing-stopped"
    CANCELED = "canceled"
    ABORTED = "aborted"
    COMPLETED = "completed"


class QueueState(StrEnum):
    """IPP's `printer-state` (RFC 8011, 5.4.11)."""

    IDLE = "idle"
    PROCESSING = "processing"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintServer:
    """Which scheduler prints, and for whom. `address` is the path of a socket (it begins with /) or host:port.

    `default_queue` is the person's own choice, or "": then the scheduler's. `encrypted`: TLS, its certificate verified.
    """

    address: str
    user: str
    default_queue: str = ""
    encrypted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """A queue and what its printer can do.

    `reasons` are IPP's printer-state-reasons without "none"; `message` is the printer's own, in whatever language.
    `media` are PWG 5101.1 names of paper sizes (iso_a4_210x297mm); `trays` are IPP's media-source keywords.
    """

    name: str
    is_default: bool
    accepting: bool
    state: QueueState
    reasons: tuple[str, ...]
    message: str
    can_duplex: bool
    can_color: bool
    takes_pdf: bool
    maximum_copies: int
    media: tuple[str, ...]
    trays: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintOrder:
    """How a sheet is to be printed. `queue` "" is the default one; None and "" leave a choice to sheet and queue.

    `sides` None: two-sided where the sheet has more than one page and the printer can. `patience` is for how many
    seconds the job is followed.
    """

    queue: str = ""
    copies: int = 1
    sides: Sides | None = None
    color_mode: PrintColorMode | None = None
    media_source: str = ""
    patience: float = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """A print job and the last state that was seen of it."""

    queue: str
    job: int
    state: JobState
