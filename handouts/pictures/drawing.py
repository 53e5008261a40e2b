"""A clean SVG and a width in pixels -> a PNG, drawn by resvg in a process of its own that can reach nothing."""

import subprocess
import sys
import tempfile
from pathlib import Path

_PROGRAM = Path(__file__).with_name("draw_in_child.py")
_PNG = b"\x89PNG\r\n\x1a\n"


class NotDrawn(Exception):
    """The renderer refused the picture, or its process was ended at one of its limits."""


def draw(svg: bytes, width: int) -> bytes:
    """Return the picture as PNG with transparency, `width` pixels wide; raise NotDrawn.

    resvg reads local files that a picture names, so it gets a clean picture, an empty folder and no right to open
    anything. It ends by itself, at its limit of processor time at the latest.
    """
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-P", _PROGRAM, str(width)], input=svg, capture_output=True, cwd=empty, check=False
        )
    if done.returncode or not done.stdout.startswith(_PNG):
        raise NotDrawn
    return done.stdout
