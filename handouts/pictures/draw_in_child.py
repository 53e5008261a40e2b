"""A clean SVG on standard input -> a PNG on standard output, in a process that may open nothing and grow little.

Run by its path, not imported: `python -P draw_in_child.py WIDTH`, in an empty folder.
"""

import resource
import sys

import resvg_py

_SECONDS = 20
"""Of processor time: the slowest of 9,275 real logos took 0.4 s at 600 pixels (docs/explanation/facts.md)."""
_MEMORY = 1_500_000_000


def _limit() -> None:
    """Let this process open no file, write none, and end where it computes or grows beyond all measure."""
    for what, most in (
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _main() -> None:
    width = int(sys.argv[1])
    _limit()
    svg = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(resvg_py.svg_to_bytes(svg_string=svg, width=width, skip_system_fonts=True))


if __name__ == "__main__":
    _main()
