"""Nothing -> a private cupsd with IPP Everywhere printers in software, and what each of them was given to print."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.printers.announcer import Announcer
from tests.printers.software_printer import A4_ONLY, PATH, SoftwarePrinter, free_port, listens
from tests.waiting import HANGS, until

TOOLS = ("cupsd", "ippeveprinter", "lpadmin", "lpstat", "cancel", "cupsdisable", "cupsenable")
REMEDY = "sudo apt-get install --no-install-recommends cups-daemon cups-client cups-ipp-utils"
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
            self._process.wait(HANGS)
            self._process = None

    def close(self) -> None:
        """Stop everything."""
        for printer in self._printers:
            printer.switch_off()
        self.stop()

    def run(self, *command: str) -> str:
        """Return what a command of CUPS says, in English."""
        environment = os.environ | self.environment | {"PATH": PATH, "LC_ALL": "C"}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=HANGS, check=False)
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
        return self.socket.exists() and listens(str(self.socket))


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
