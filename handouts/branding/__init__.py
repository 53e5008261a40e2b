"""clinic.toml + logo -> Branding, checked: numbers that dial, colours that can be read, a logo that is a picture."""

from handouts.branding.approving import with_approval
from handouts.branding.clinic_file import ClinicFile
from handouts.branding.example import EXAMPLE, bears_the_examples_name
from handouts.branding.loading import CLINIC_FILE, load
from handouts.branding.untranslated import untranslated

__all__ = ["CLINIC_FILE", "EXAMPLE", "ClinicFile", "bears_the_examples_name", "load", "untranslated", "with_approval"]
