"""Document + PO catalogue -> Document in that language, or a Problem for each message that cannot be printed."""

from handouts.translation.catalogue import Catalogue, Entry, catalogue, catalogue_of, parse, po_name
from handouts.translation.comparison import differences
from handouts.translation.labels import LABELS, SOURCE_LANGUAGE, Labels, labels, labels_review, own_labels
from handouts.translation.maintenance import State, filled, state, template, updated, with_places
from handouts.translation.reviewing import labels_digest, signed, text_digest, text_review
from handouts.translation.translating import labels_alone, repetitions, translate

__all__ = [
    "LABELS",
    "SOURCE_LANGUAGE",
    "Catalogue",
    "Entry",
    "Labels",
    "State",
    "catalogue",
    "catalogue_of",
    "differences",
    "filled",
    "labels",
    "labels_alone",
    "labels_digest",
    "labels_review",
    "own_labels",
    "parse",
    "po_name",
    "repetitions",
    "signed",
    "state",
    "template",
    "text_digest",
    "text_review",
    "translate",
    "updated",
    "with_places",
]
