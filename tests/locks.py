"""A lock file -> the version that it names for each package on a machine."""

from collections.abc import Mapping
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def this_machine() -> dict[str, str]:
    """Return what a lock's markers can ask of this machine and its Python."""
    return {name: str(value) for name, value in default_environment().items()}


def pins(lock: Path, machine: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the locked versions by the packages' names, for a machine as packaging.markers describes one."""
    lines = [line.rstrip(" \\") for line in lock.read_text().splitlines() if not line.startswith(" ")]
    found = [Requirement(line) for line in lines]
    here = [pin for pin in found if pin.marker is None or pin.marker.evaluate(dict(machine or this_machine()))]
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in here}
    assert len(versions) == len(here), "a package is locked twice"
    return {str(name): version for name, version in versions.items()}
