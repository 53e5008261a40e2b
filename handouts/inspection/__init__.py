"""A clinic's folder, or what ships -> every Problem in branding, documents, catalogues and templates."""

from handouts.inspection.inspecting import Inspection, InspectionProgress, disagreements, inspect
from handouts.inspection.trials import sample_details, sample_job

__all__ = ["Inspection", "InspectionProgress", "disagreements", "inspect", "sample_details", "sample_job"]
