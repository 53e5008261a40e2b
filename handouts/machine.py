"""This machine -> what sheets need and whether it is there: Python, libraries, fonts by language, printer."""

import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from handouts import time_zones
from handouts.delivery.printing import queues
from handouts.errors import InputError
from handouts.languages import BASE_FAMILY, known_tags, language, name_fonts
from handouts.records import PrintServer

_PACKAGES = (
    *("weasyprint", "jinja2", "click", "babel", "pydantic", "markdown-it-py", "phonenumbers"),
    *("resvg-py", "pypdfium2", "numpy"),
)
_SECONDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line: what was looked at, what was found, and the remedy where it is not right. `required` stops sheets."""

    subject: str
    found: str
    good: bool
    remedy: str = ""
    required: bool = True


def findings(server: PrintServer) -> Iterator[Finding]:
    """Yield what was found, one finding at a time; the printer is the default one of `server`."""
    yield Finding(subject="Python", found=platform.python_version(), good=True)
    for package in _PACKAGES:
        yield _package(package)
    yield Finding(subject="time zones", found=time_zones.VERSION, good=True)
    yield _typesetter()
    yield from _fonts()
    yield _printer(server)


def _package(name: str) -> Finding:
    try:
        return Finding(subject=name, found=version(name), good=True)
    except PackageNotFoundError:
        return Finding(subject=name, found="missing", good=False, remedy=f"pip install {name}")


def _typesetter() -> Finding:
    try:
        from handouts.typesetting import library_versions

        found = library_versions()
    except OSError as error:
        remedy = "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0"
        return Finding(subject="Pango", found=str(error).splitlines()[0], good=False, remedy=remedy)
    return Finding(subject="Pango", found=found, good=True)


def _fonts() -> Iterator[Finding]:
    """Yield a finding for each language, and one for names."""
    if shutil.which("fc-list") is None:
        yield Finding(
            subject="fonts", found="fontconfig is missing", good=False, remedy="sudo apt-get install fontconfig"
        )
        return
    here = set(re.split("[,\n]", _run(["fc-list", "--format=%{family}\n"])))
    for tag in known_tags():
        entry = language(tag)
        missing = [family for family in (BASE_FAMILY, *entry.fonts) if family not in here]
        yield Finding(
            subject=f"fonts for {entry.english_name} ({tag})",
            found=", ".join(missing) + " missing" if missing else ", ".join(entry.fonts),
            good=not missing,
            remedy=f"sudo apt-get install {entry.package}" if missing else "",
        )
    missing = [family for family in name_fonts() if family not in here]
    yield Finding(
        subject="fonts for names in any script",
        found=", ".join(missing) + " missing" if missing else f"{len(name_fonts())} families",
        good=not missing,
        remedy="sudo apt-get install fonts-noto-core fonts-noto-cjk" if missing else "",
        required=False,
    )


def _printer(server: PrintServer) -> Finding:
    try:
        found = queues(server)
    except InputError:
        remedy = "To print from here: sudo apt-get install cups"
        return Finding(subject="printer", found="no printing system", good=False, remedy=remedy, required=False)
    default = next((queue.name for queue in found if queue.is_default), "")
    remedy = "" if default else "Choose one with: lpoptions -d NAME"
    text = default or ", ".join(queue.name for queue in found) or "none"
    return Finding(subject="printer", found=text, good=bool(default), remedy=remedy, required=False)


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - fixed commands
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
