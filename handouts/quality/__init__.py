"""A document in one language, and its glossary -> how well it reads, in numbers, and a Problem for each lapse."""

from handouts.quality.index import ItemResult
from handouts.quality.measures import Measures, measure
from handouts.quality.plain_words import MedicalTerm, medical_terms
from handouts.quality.quality_report import COLUMNS, Quality, examine, report, to_act_on
from handouts.quality.terms import Doubt, Pair, Term, departures, doubts, glossary

__all__ = [
    "COLUMNS",
    "Doubt",
    "ItemResult",
    "Measures",
    "MedicalTerm",
    "Pair",
    "Quality",
    "Term",
    "departures",
    "doubts",
    "examine",
    "glossary",
    "measure",
    "medical_terms",
    "report",
    "to_act_on",
]
