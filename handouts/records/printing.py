"""What a person asks of a printer and what became of it, named as IPP names it (RFC 8011, PWG 5100.13)."""

from dataclasses import dataclass
from enum import StrEnum


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
