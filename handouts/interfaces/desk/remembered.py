"""What a desk remembers from one day to the next, and never of a patient <-> remembered.json in the clinic's folder."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from handouts.delivery import write_whole
from handouts.errors import InputError, Kind
from handouts.resources import read_bytes

_LONGEST = 200
_MOST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """The staff's language, who treated last, which printer and tray, and each document's last device settings."""

    language: str = ""
    practitioner: str = ""
    queue: str = ""
    tray: str = ""
    settings: dict[str, dict[str, str]] = field(default_factory=dict)

    def with_settings(self, document: str, values: dict[str, str]) -> "Remembered":
        """Return it with the settings that were used last for a document."""
        others = {name: kept for name, kept in self.settings.items() if name != document}
        return replace(self, settings=dict([*others.items(), (document, values)][-_MOST:]) if values else self.settings)


def remembered(path: Path) -> Remembered:
    """Return what the file holds; what cannot be read, or is not what was written there, is forgotten."""
    try:
        found = json.loads(read_bytes(path, kind=Kind.USAGE, source=path.name))
    except (InputError, ValueError, RecursionError):
        return Remembered()
    if not isinstance(found, dict):
        return Remembered()
    texts = {name: _text(found.get(name)) for name in ("language", "practitioner", "queue", "tray")}
    return Remembered(**texts, settings={name: _texts(kept) for name, kept in _items(found.get("settings"))})


def remember(path: Path, known: Remembered) -> None:
    """Write the file, whole or not at all; raise InputError where the disk refuses."""
    data = {
        "language": known.language,
        "practitioner": known.practitioner,
        "queue": known.queue,
        "tray": known.tray,
        "settings": known.settings,
    }
    write_whole(json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n", path)


def _items(value: Any) -> list[tuple[str, Any]]:
    items = list(value.items())[:_MOST] if isinstance(value, dict) else []
    return [(_text(name), entry) for name, entry in items if _text(name)]


def _texts(value: Any) -> dict[str, str]:
    return {name: _text(entry) for name, entry in _items(value)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= _LONGEST else ""
