"""git's tags -> the version of this checkout; hatchling runs it when a wheel or a source distribution is built.

At the tag v1.2.0 it is 1.2.0, five commits later 1.2.0.post5+gabc1234. Where no tag can be reached (no git, a shallow
clone, a clone without tags), it is what a source distribution says of itself (PKG-INFO), else the newest release of
CHANGELOG.md.
"""

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def version(root: Path = ROOT) -> str:
    """Return the version of what lies in `root`."""
    return _of_git(root) or _of_package(root) or _of_changelog(root)


def _of_git(root: Path) -> str:
    git = shutil.which("git")
    if git is None or _said(git, root, "rev-parse", "--show-prefix") != "\n":  # Another repository may lie around it.
        return ""
    found = re.fullmatch(
        r"v([0-9.]+)-([0-9]+)-(g[0-9a-f]+)\n", _said(git, root, "describe", "--tags", "--long", "--match", "v[0-9]*")
    )
    if found is None:
        return ""
    return found[1] if found[2] == "0" else f"{found[1]}.post{found[2]}+{found[3]}"


def _said(git: str, root: Path, *words: str) -> str:
    return subprocess.run([git, "-C", root, *words], capture_output=True, text=True, check=False).stdout


def _of_package(root: Path) -> str:
    file = root / "PKG-INFO"
    found = re.search(r"^Version: (\S+)$", file.read_text(), re.MULTILINE) if file.is_file() else None
    return found[1] if found else ""


def _of_changelog(root: Path) -> str:
    found = re.search(r"^## \[([0-9.]+)\]", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert found is not None, "CHANGELOG.md names a release"
    return found[1]
