"""Nothing -> a private cupsd with IPP Everywhere printers in software, and what each of them was given to print."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.printers.announcer import Announcer

TOOLS = ("cupsd", "ippeveprinter", "lpadmin", "lpstat", "cancel", "cupsdisable", "cupsenable")
REMEDY = "sudo apt-get install --no-install-recommends cups-daemon cups-client cups-ipp-utils"
Found = TypeVar("Found")

SECONDS = 20.0
"""How long anything here may take before it counts as broken."""

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

CUPSD = """
ServerName localhost
LogLevel debug
Listen {socket}
Listen localhost:{port}
Browsing No
WebInterface No
ErrorPolicy retry-job
JobRetryInterval 1
PageLogFormat %p %u %j %T %P %C %{{job-billing}} %{{job-originating-host-name}} %{{job-name}} %{{media}} %{{sides}}
<Location />
  Order allow,deny
  Allow localhost
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  SubscriptionPrivateAccess default
  SubscriptionPrivateValues default
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
"""As Debian's, except that whoever runs the tests may add printers."""

CUPS_FILES = """
User {user}
Group {group}
ServerRoot {folder}
StateDir {folder}/state
CacheDir {folder}/cache
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
DataDir {folder}/data
ServerKeychain {folder}/keys
CreateSelfSignedCerts no
AccessLog {folder}/log/access_log
ErrorLog {folder}/log/error_log
PageLog {folder}/log/page_log
"""


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


def until(look: Callable[[], Found], what: str) -> Found:
    """Return what `look` finds as soon as it finds something; fail after a while, saying `what` did not happen."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {SECONDS:.0f} seconds")


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
        with urllib.request.urlopen(f"http://localhost:{self.port}/media?{trays}", timeout=SECONDS) as answer:
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
        return _listens(("127.0.0.1", self.port))


class PrintRoom:
    """A running cupsd; `environment` is what a program needs to print there."""

    def __init__(self, folder: Path, bus: str, directives: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.socket = folder / "cups.sock"
        self.keys = folder / "keys"
        self.environment = {"CUPS_SERVER": str(self.socket)}
        self._bus = bus
        self._process: subprocess.Popen[bytes] | None = None
        self._printers: list[SoftwarePrinter] = []
        for name in ("state", "cache", "spool/tmp", "log", "data/mime", "keys"):
            (folder / name).mkdir(parents=True)
        shutil.copy("/usr/share/cups/mime/mime.types", folder / "data" / "mime")
        # Of cups-filters nothing, wherever it is installed: a printer that takes PDF gets it byte for byte.
        (folder / "data" / "mime" / "mime.convs").write_text("application/pdf application/vnd.cups-pdf 0 -\n")
        user = "lp" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        group = "lp" if os.getuid() == 0 else str(os.getgid())
        (folder / "cupsd.conf").write_text(CUPSD.format(socket=self.socket, port=self.port) + directives)
        (folder / "cups-files.conf").write_text(CUPS_FILES.format(folder=folder, user=user, group=group))

    def start(self) -> None:
        """Start the scheduler and wait until it listens."""
        command = ["cupsd", "-f", "-c", str(self.folder / "cupsd.conf"), "-s", str(self.folder / "cups-files.conf")]
        with (self.folder / "log" / "cupsd").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | {"PATH": PATH}
            )
        until(self._answers, f"an answer of cupsd (see {self.folder / 'log'})")

    def stop(self) -> None:
        """Stop the scheduler; jobs stay in its spool."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(SECONDS)
            self._process = None

    def close(self) -> None:
        """Stop everything."""
        for printer in self._printers:
            printer.switch_off()
        self.stop()

    def run(self, *command: str) -> str:
        """Return what a command of CUPS says, in English."""
        environment = os.environ | self.environment | {"PATH": PATH, "LC_ALL": "C"}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
        return ran.stdout

    def add(self, queue: str, *, duplex: bool = True, colour: bool = True, simple: bool = False) -> SoftwarePrinter:
        """Return a printer that is switched on, with a queue for it; a simple one holds A4 only, see A4_ONLY."""
        folder = self.folder / "printers" / queue
        folder.mkdir(parents=True)
        if simple:
            (folder / "attributes").write_text(A4_ONLY)
            options = ["-a", str(folder / "attributes")]
        else:
            options = ["-s", "20,20" if colour else "20", "-f", "application/pdf,image/pwg-raster,image/urf"]
            options += ["-2"] if duplex else []
        printer = SoftwarePrinter(folder, self._bus, tuple(options))
        self._printers.append(printer)
        printer.switch_on()
        self.run("lpadmin", "-p", queue, "-E", "-v", printer.uri, "-m", "everywhere")
        # CUPS asks the printer what it can do after it has answered lpadmin.
        log, ready = self.folder / "log" / "error_log", f'Printer "{queue}" is now available.'
        until(lambda: ready in log.read_text(errors="replace"), f"a driver for {queue}")
        return printer

    def log(self) -> str:
        """Return all that CUPS has written down about its jobs, in every log and in its history."""
        texts = [path.read_text(errors="replace") for path in (self.folder / "log").iterdir()]
        controls = [path.read_bytes().decode("utf-8", "replace") for path in (self.folder / "spool").glob("c*")]
        return "\n".join([*texts, *controls, self.run("lpstat", "-W", "all", "-o", "-l")])

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log" / "cupsd").read_text()
        return self.socket.exists() and _listens(str(self.socket))


def _listens(address: str | tuple[str, int]) -> bool:
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as connection:
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


@contextmanager
def print_room(directives: str = "") -> Iterator[PrintRoom]:
    """A print room of one's own, gone without a trace afterwards; several may stand side by side, root's or not.

    `directives` are further lines of cupsd.conf(5).
    """
    missing = [tool for tool in TOOLS if shutil.which(tool, path=PATH) is None]
    assert not missing, f"{', '.join(missing)}: not on this machine. {REMEDY}"
    folder = Path(tempfile.mkdtemp(prefix="handouts-print-"))
    folder.chmod(0o755)  # Root's cupsd runs its backends as lp.
    announcer = Announcer(folder / "bus")
    room = PrintRoom(folder, announcer.address, directives)
    try:
        room.start()
        yield room
    finally:
        room.close()
        announcer.close()
        shutil.rmtree(folder)
