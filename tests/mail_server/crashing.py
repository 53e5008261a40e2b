"""Sends outboxes that are alike, one after the other, and dies (SIGKILL) some lines of code later each time.

`python -m tests.mail_server.crashing FOLDER PORT STEP`: FOLDER holds outboxes 0, 1, 2 … A child is forked for each; it
sends its outbox and dies at the (number times STEP)th line that runs in the mail room; the first child that finishes is
the last. Prints how many died.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from handouts import disk
from handouts.delivery.mail import outbox, posting
from handouts.delivery.mail import server as mail_server
from handouts.records import MailServer, Tls
from tests.mail_server.postfix import PASSWORD, USER

FILES = {module.__file__ for module in (disk, mail_server, outbox, posting)}


def die_at(line: int) -> None:
    """Let this process die when so many lines of the mail room have run."""
    left = line

    def local(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return local

    sys.settrace(lambda frame, _event, _argument: local if frame.f_code.co_filename in FILES else None)


def send(folder: Path, server: MailServer) -> None:
    """Send an outbox."""
    posting.post(
        outbox.Outbox(folder),
        lambda: mail_server.Submission(server),
        sleep=lambda _: None,
        on_posted=lambda _: None,
        waits=(),
    )


def main(folder: Path, port: int, step: int) -> None:
    """Send each outbox in a child that dies."""
    server = MailServer(host="localhost", port=port, tls=Tls.NONE, user=USER, password=PASSWORD)
    for number, box in enumerate(sorted(folder.iterdir(), key=lambda path: int(path.name))):
        child = os.fork()
        if child == 0:
            die_at(number * step)
            send(box, server)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the child has failed, and not by its own hand"
            sys.stdout.write(f"{number}\n")
            return
    raise AssertionError("more outboxes are needed to get to the end")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
