"""python -m handouts: the same command."""

import os
import signal

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # What is installed beside us does not join in.
signal.signal(signal.SIGINT, signal.SIG_DFL)  # Until the command listens for it, Ctrl-C ends it without a traceback.

from handouts.interfaces.command import run  # noqa: E402 - that takes a while

__all__ = ["run"]

if __name__ == "__main__":
    run()
