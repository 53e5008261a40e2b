"""A clinic's folder, or what ships -> every Problem in it; a clinic's folder -> a page of pictures of its sheets."""

from handouts.inspection.gallery import GENERATOR, INDEX, PICTURES, Choice, Gallery, gallery
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
    "disagreements",
    "gallery",
    "inspect",
    "periods_without_address",
    "sample_details",
    "sample_job",
]
