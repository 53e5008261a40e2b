"""The treatment's details (options, JSON, TOML) -> Treatment; one field table feeds every way in, tables too."""

from handouts.treatment.fhir import HealthRecord, health_record, is_fhir
from handouts.treatment.fields import FIELDS, Field, FieldKind
from handouts.treatment.files import flattened, parsed_json, read_file
from handouts.treatment.reading import located, treatment
from handouts.treatment.values import MAXIMUM_ITEMS, MAXIMUM_NAME, MAXIMUM_NOTE, cleaned, redacted

__all__ = [
    "FIELDS",
    "MAXIMUM_ITEMS",
    "MAXIMUM_NAME",
    "MAXIMUM_NOTE",
    "Field",
    "FieldKind",
    "HealthRecord",
    "cleaned",
    "flattened",
    "health_record",
    "is_fhir",
    "located",
    "parsed_json",
    "read_file",
    "redacted",
    "treatment",
]
