"""A folder and a port -> an IPP Everywhere printer in software (ippeveprinter), and what it was given to print."""

import os
import socket
import subprocess
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import HANGS, until

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

PRINT = """#!/bin/sh
# $1 is the file that arrived; the job's attributes are in the environment (ippeveprinter(1), "-c command").
cd "$(dirname "$0")" || exit 1
[ -e say ] && cat say >&2
touch busy
while [ -e wait ]; do sleep 0.05; done
[ -e fail ] && exit 1
number=$(ls arrived | wc -l)
env | grep -E '^(IPP_|CONTENT_TYPE)' >"arrived/$number.txt"
cp "$1" "arrived/.$number" && mv "arrived/.$number" "arrived/$number.pdf"
rm -f busy
"""
"""What the printer does with a job; the files say, wait and fail beside it make it complain, stay busy or break."""

A4_ONLY = """
ATTR keyword media-supported iso_a4_210x297mm
ATTR keyword media-default iso_a4_210x297mm
ATTR keyword media-ready iso_a4_210x297mm
ATTR collection media-size-supported {
  MEMBER integer x-dimension 21000
  MEMBER integer y-dimension 29700
}
ATTR collection media-col-default {
  MEMBER collection media-size {
    MEMBER integer x-dimension 21000
    MEMBER integer y-dimension 29700
  }
}
ATTR collection media-col-database {
  MEMBER collection media-size {
    MEMBER integer x-dimension 21000
    MEMBER integer y-dimension 29700
  }
  MEMBER integer media-bottom-margin 500
  MEMBER integer media-left-margin 500
  MEMBER integer media-right-margin 500
  MEMBER integer media-top-margin 500
}
ATTR keyword media-source-supported main
ATTR keyword media-type-supported stationery
ATTR keyword sides-supported one-sided
ATTR keyword sides-default one-sided
ATTR keyword print-color-mode-supported monochrome
ATTR keyword print-color-mode-default monochrome
ATTR boolean color-supported false
ATTR rangeOfInteger copies-supported 1-9
ATTR integer copies-default 1
ATTR mimeMediaType document-format-supported application/octet-stream,application/pdf,image/pwg-raster,image/urf
ATTR mimeMediaType document-format-default application/octet-stream
ATTR resolution pwg-raster-document-resolution-supported 300dpi
ATTR keyword pwg-raster-document-type-supported sgray_8
ATTR keyword urf-supported V1.4,W8,RS300
ATTR text printer-make-and-model "Small Office Printer"
"""
"""A simple printer (ippeveprinter(1), "-a"): A4 and nothing else, one side, mono, nine copies."""


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def listens(address: str | tuple[str, int]) -> bool:
    """Return whether somebody accepts connections at a path or at a host and port."""
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as connection:
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """What a printer got: the file, and the job's attributes under their IPP names, as ippeveprinter tells them."""

    pdf: bytes
    attributes: Mapping[str, str]


class SoftwarePrinter:
    """One ippeveprinter that can be switched off and on, emptied, opened and broken."""

    def __init__(self, folder: Path, bus: str, options: tuple[str, ...]) -> None:
        self._folder = folder
        self._bus = bus
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.uri = f"ipp://localhost:{self.port}/ipp/print"
        (folder / "arrived").mkdir()
        (folder / "print").write_text(PRINT)
        (folder / "print").chmod(0o755)

    def switch_on(self) -> None:
        """Start it and wait until it answers."""
        command = ["ippeveprinter", "-p", str(self.port), "-n", "localhost", "-d", str(self._folder / "spool")]
        command += ["-c", str(self._folder / "print"), *self._options, self._folder.name]
        (self._folder / "spool").mkdir(exist_ok=True)
        with (self._folder / "log").open("ab") as log:
            environment = os.environ | {"PATH": PATH, "DBUS_SYSTEM_BUS_ADDRESS": self._bus}
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        until(self._answers, f"an answer of ippeveprinter (see {self._folder / 'log'})")

    def switch_off(self) -> None:
        """Take the power away."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def load(self, sheets: int) -> None:
        """Put so much A4 into its tray, and none with 0: its web page's form takes it so."""
        trays = "&".join(f"size{tray}=iso_a4_210x297mm&type{tray}=stationery&level{tray}={sheets}" for tray in (1, 2))
        with urllib.request.urlopen(f"http://localhost:{self.port}/media?{trays}", timeout=HANGS) as answer:
            answer.read()

    def say(self, *reasons: str) -> None:
        """Let it give these printer-state-reasons with the next job: "+cover-open-error" comes, "-..." goes."""
        (self._folder / "say").write_text("".join(f"STATE: {reason}\n" for reason in reasons))

    def wait(self) -> None:
        """Let it work on the next job until `go`."""
        (self._folder / "wait").touch()

    def go(self) -> None:
        """Let it finish what it works on."""
        (self._folder / "wait").unlink()

    def fail(self) -> None:
        """Let it break at every job from now on."""
        (self._folder / "fail").touch()

    def busy(self) -> bool:
        """Return whether it works on a job."""
        return (self._folder / "busy").exists()

    def arrived(self) -> tuple[Arrived, ...]:
        """Return what was printed, in order."""
        found = []
        for path in sorted((self._folder / "arrived").glob("*.pdf"), key=lambda path: int(path.stem)):
            pairs = [line.partition("=") for line in path.with_suffix(".txt").read_text().splitlines()]
            attributes = {name.removeprefix("IPP_").lower().replace("_", "-"): value for name, _, value in pairs}
            found.append(Arrived(pdf=path.read_bytes(), attributes=attributes))
        return tuple(found)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        return listens(("127.0.0.1", self.port))
