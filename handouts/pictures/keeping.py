"""What a picture is made from, and a way to make it -> the picture, out of the user's cache if it was made before."""

import base64
import binascii
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from handouts.disk import write_synced
from handouts.pictures.picture import Raster
from handouts.resources import digest

_FORM = b"2"
"""Of what is kept: one more whenever it is drawn or measured in another way."""


def kept(cache: Path | None, made_from: tuple[bytes, ...], make: Callable[[], Raster]) -> Raster:
    """Return make(), or what it returned when it was last called for the same parts; what it raises is not kept.

    Nothing but the picture is kept, under a digest. A file that was damaged is made anew; without a folder, or where
    the disk refuses, everything is.
    """
    path = cache / f"picture-{digest((_FORM, *made_from))}.json" if cache else None
    if path is not None:
        with suppress(OSError, ValueError, KeyError, TypeError, binascii.Error, RecursionError):
            found = json.loads(path.read_bytes())
            return Raster(**found | {"data": base64.b64decode(found["data"], validate=True)})
    picture = make()
    if path is not None:
        text = json.dumps(asdict(picture) | {"data": base64.b64encode(picture.data).decode()})
        with suppress(OSError):
            write_synced(text.encode(), path, path.with_suffix(f".{os.getpid()}"))
    return picture
