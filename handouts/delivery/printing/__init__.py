"""A sheet as PDF and what is asked of the printer -> CUPS, by IPP, and the job followed until it is on paper."""

from handouts.delivery.printing.following import follow
from handouts.delivery.printing.joining import add_sheet
from handouts.delivery.printing.ordering import chosen, job_attributes
from handouts.delivery.printing.printable_file import Printable, printable
from handouts.delivery.printing.printer import job_titled, print_envelope, print_sheet, remembers
from handouts.delivery.printing.queue_list import queues
from handouts.delivery.printing.reasons import keywords_of, why

__all__ = [
    "Printable",
    "add_sheet",
    "chosen",
    "follow",
    "job_attributes",
    "job_titled",
    "keywords_of",
    "print_envelope",
    "print_sheet",
    "printable",
    "queues",
    "remembers",
    "why",
]
