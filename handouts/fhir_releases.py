"""A resource and a release of FHIR -> what that release does not allow in it, by the models of the extra `fhir`."""

from collections.abc import Mapping
from enum import StrEnum
from importlib.util import find_spec
from typing import Any

from handouts.codes import Code
from handouts.errors import InputError, Kind


class Release(StrEnum):
    """A release that is read and written. R4 is R4B too: what we use of them is the same."""

    R4 = "R4"
    R5 = "R5"


def need_models(source: str) -> None:
    """Raise InputError about `source` where the library with the models is not installed."""
    if find_spec("fhir") is None:
        raise InputError.of(Kind.MACHINE, Code.FHIR_NOT_INSTALLED, source)


def first_fault(resource: Mapping[str, Any], release: Release) -> str | None:
    """Return the path of the first thing that a release does not allow, without its value; None where all is well.

    The models must be installed, and know this type of resource.
    """
    from fhir.resources import get_fhir_model_class as r5  # noqa: PLC0415 - an extra
    from fhir.resources.R4B import get_fhir_model_class as r4b  # noqa: PLC0415 - an extra
    from pydantic import ValidationError  # noqa: PLC0415 - beside the extra

    model_of = {Release.R4: r4b, Release.R5: r5}[release]
    try:
        model_of(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        return ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
    return None
