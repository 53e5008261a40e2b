"""The name of a time zone -> its rules, from the locked tzdata and never from this computer, whose own may be old."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import tzdata

VERSION = tzdata.IANA_VERSION
"""The release of the IANA time zone database, such as 2026f."""
_DATABASE = Path(tzdata.__file__).parent


class Zone(ZoneInfo):
    """A zone of the locked database; it is the same object wherever it is asked for or sent to."""

    def __reduce__(self) -> tuple[Callable[[str], "Zone"], tuple[str]]:
        """Return its name: zoneinfo sends no zone that it has read from a file of ours."""
        return zone, (self.key,)


@cache
def zone(name: str) -> Zone:
    """Return the zone of this name, such as Europe/London; raise LookupError where there is none."""
    if name not in zone_names():
        raise LookupError(name)
    with (_DATABASE / "zoneinfo" / name).open("rb") as data:
        return Zone.from_file(data, key=name)


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones."""
    return frozenset((_DATABASE / "zones").read_text(encoding="utf-8").split())
