"""Document + PO catalogue -> Document in that language, or a Problem for each message that cannot be printed."""

from handouts.translation.catalogue import Catalogue, Entry, catalogue
from handouts.translation.comparison import differences
from handouts.translation.labels import Labels, labels
from handouts.translation.maintenance import State, signed, state, template, updated, with_places
from handouts.translation.translating import review_of, source_digest, translate

__all__ = [
    "Catalogue",
    "Entry",
    "Labels",
    "State",
    "catalogue",
    "differences",
    "labels",
    "review_of",
    "signed",
    "source_digest",
    "state",
    "template",
    "translate",
    "updated",
    "with_places",
]
