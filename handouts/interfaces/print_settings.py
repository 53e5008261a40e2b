"""The environment and CUPS' files of settings -> the PrintServer that `lp` would use."""

import os
import pwd
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from handouts.errors import InputError, Kind
from handouts.interfaces.environment import home_folder
from handouts.records import PrintServer
from handouts.resources import read_bytes

_SOCKETS = ("/run/cups/cups.sock", "/var/run/cups/cups.sock", "/private/var/run/cupsd")
_SYSTEM = Path("/etc/cups")


def print_server(
    environment: Mapping[str, str] = os.environ, home: Path | None = None, system: Path = _SYSTEM
) -> PrintServer:
    """Return where and as whom to print, by the rules of cups(1), client.conf(5) and lpoptions(1).

    Server: CUPS_SERVER, then client.conf (one's own before the system's), then the local socket. Default queue: LPDEST,
    PRINTER, then lpoptions, else "" for the server's own. TLS where CUPS_ENCRYPTION or client.conf demand it.
    """
    folders = (system, *(own / ".cups" for own in [home or home_folder()] if own))
    settings = {name.lower(): value for name, value in _lines(*(folder / "client.conf" for folder in folders))}
    address = environment.get("CUPS_SERVER") or settings.get("servername", "")
    encryption = environment.get("CUPS_ENCRYPTION") or settings.get("encryption", "")
    user = environment.get("CUPS_USER") or settings.get("user", "") or _user()
    return PrintServer(
        address=_address(address),
        user=user,
        default_queue=_default_queue(environment, *(folder / "lpoptions" for folder in folders)),
        encrypted=encryption.lower() in {"required", "always"},
    )


def _address(given: str) -> str:
    address = given if given.startswith("/") else given.partition("/")[0]
    if not address:
        address = next((path for path in _SOCKETS if Path(path).exists()), "localhost")
    if address.startswith("/") or re.search(r":[0-9]+$", address):
        return address
    return f"{address}:631"


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # A container's user need not have a name.
        return "anonymous"


def _default_queue(environment: Mapping[str, str], *files: Path) -> str:
    wanted = environment.get("LPDEST") or environment.get("PRINTER") or ""
    if wanted and wanted != "lp":
        return wanted.partition("/")[0]
    chosen = [value.split()[0] for name, value in _lines(*files) if name.lower() == "default" and value.split()]
    return chosen[-1].partition("/")[0] if chosen else ""


def _lines(*files: Path) -> Iterator[tuple[str, str]]:
    """Yield what stands in files of settings, the later one last; a file that cannot be read says nothing."""
    for path in files:
        try:
            text = read_bytes(path, kind=Kind.USAGE, source=path.name).decode(errors="replace")
        except InputError:
            continue
        for line in text.splitlines():
            name, _, value = line.strip().partition(" ")
            if name and not name.startswith("#"):
                yield name, value.strip()
