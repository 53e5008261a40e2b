"""A clinic's folder, or what ships -> every Problem in it; a clinic's folder -> a page of pictures of its sheets."""

from handouts.inspection.choosing import Choice
from handouts.inspection.gallery import GENERATOR, INDEX, PICTURES, Gallery, Shown, gallery
from handouts.inspection.inspecting import (
    Inspection,
    InspectionProgress,
    disagreements,
    inspect,
    periods_without_address,
)
from handouts.inspection.trials import sample_details, sample_job

__all__ = [
    "GENERATOR",
    "INDEX",
    "PICTURES",
    "Choice",
    "Gallery",
    "Inspection",
    "InspectionProgress",
    "Shown",
    "disagreements",
    "gallery",
    "inspect",
    "periods_without_address",
    "sample_details",
    "sample_job",
]
