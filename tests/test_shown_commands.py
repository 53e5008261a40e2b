"""Every command that README.md and the manual show runs as it stands there, and says what the page says that it says.

A page's ```sh blocks run in their order, line by line. A block with a title is a file that the reader has written; a
```text block after a command holds lines of its answer, with … for what may differ. README.md and the first tutorial
begin with an empty folder, every other page with the files of the tutorials before it. What cannot run here has the
reason in front: <!-- not run: … -->.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import yaml

from handouts.interfaces.command import cli
from handouts.interfaces.local.telling import page_wordings
from handouts.wordings import wordings
from tests.conftest import CHECKOUT, NOW
from tests.mail_server.postfix import Postfix
from tests.printers.printroom import print_room

pytest_plugins = ["tests.mail_server.fixtures"]

FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+) -->\n\n?)?"
    r'```(?P<kind>[a-z+-]*)(?: title="(?P<title>[^"]+)")?\n(?P<body>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
INLINE = re.compile(r"`((?:HANDOUTS_\S+ )?handouts [^`]+)`")
PAGES = (
    *(str(path.relative_to(CHECKOUT)) for path in sorted(CHECKOUT.glob("docs/**/*.md"), reverse=True)),
    "README.md",
)
"""The tutorials first: one of them has the longest command, and no other test should wait for it in the end."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A block of a page: commands, a file that the reader writes, or what a command answers."""

    kind: str
    title: str
    body: str
    reason: str


def shown(page: str) -> tuple[Shown, ...]:
    found = FENCE.finditer((CHECKOUT / page).read_text())
    return tuple(Shown(**{name: text or "" for name, text in each.groupdict().items()}) for each in found)


def tutorials() -> tuple[str, ...]:
    text = re.sub(r"!\w+", "", (CHECKOUT / "mkdocs.yml").read_text())
    (titles,) = [entry["Tutorials"] for entry in yaml.safe_load(text)["nav"] if "Tutorials" in entry]
    return tuple(f"docs/{path}" for entry in titles for path in entry.values())


def commands(block: Shown) -> tuple[str, ...]:
    lines = block.body.replace("\\\n", " ").splitlines() if block.kind == "sh" else ()
    return tuple(line for line in lines if line.strip())


def is_program(block: Shown) -> bool:
    return block.kind == "python" and not block.title


def write(block: Shown, folder: Path) -> None:
    body = re.sub(r'^--8<-- "(.+)"\n', lambda found: (CHECKOUT / found[1]).read_text(), block.body, flags=re.MULTILINE)
    (folder / block.title).parent.mkdir(parents=True, exist_ok=True)
    (folder / block.title).write_text(body)


def begin(page: str, folder: Path) -> None:
    """Put into the folder what a reader has who comes to this page."""
    if page in ("README.md", tutorials()[0]):
        return
    earlier = tutorials()[: tutorials().index(page)] if page in tutorials() else tutorials()
    for block in (block for each in earlier for block in shown(each)):
        if block.title:
            write(block, folder)
        for command in commands(block):
            if command.startswith(("mkdir ", "cp ")):
                subprocess.run(["/bin/sh", "-c", command], cwd=folder, check=True)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which `handouts` is a command, it is NOW, and looks are remembered from page to page."""
    folder = tmp_path_factory.mktemp("shell")
    command = folder / "handouts"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {CHECKOUT / "generate.py"} "$@"\n')
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HANDOUTS_", "CUPS_"))}
    return kept | {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "SOURCE_DATE_EPOCH": str(int(NOW.timestamp())),
    }


@pytest.fixture
def mail(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return what the environment says of a real mail server, where the page sends anything."""
    if not any("outbox send" in command or "--send" in command for command in run_on(request.getfixturevalue("page"))):
        return {}
    server: Postfix = request.getfixturevalue("postfix")
    return server.environment()


@pytest.fixture
def printing(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Yield what the environment says of a real printing system with one printer, where the page prints anything."""
    if not any(re.search(r"--print\b|handouts print", command) for command in run_on(request.getfixturevalue("page"))):
        yield {}
        return
    with print_room() as room:
        room.add("desk")
        room.run("lpadmin", "-d", "desk")
        yield room.environment


def run_on(page: str) -> tuple[str, ...]:
    return tuple(command for block in shown(page) if not block.reason for command in commands(block))


@pytest.mark.parametrize("page", [page for page in PAGES if run_on(page)])
def test_every_command_of_a_page_runs(
    page: str, settings: dict[str, str], mail: dict[str, str], printing: dict[str, str], tmp_path: Path
) -> None:
    begin(page, tmp_path)
    answer = ""
    for block in shown(page):
        if block.title:
            write(block, tmp_path)
        if block.kind == "text":
            for line in block.body.splitlines():
                wanted = ".*".join(map(re.escape, line.split("…")))
                assert re.search(f"^{wanted}$", answer, re.MULTILINE), f"{page}: “{line}” is not in\n{answer}"
        for number, command in enumerate(commands(block) if not block.reason else ()):
            ran = subprocess.run(
                ["/bin/sh", "-c", command],
                cwd=tmp_path,
                env=settings | mail | printing,
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == 0, f"{page}: {command}\n{ran.stdout}\n{ran.stderr}"
            answer = (answer if number else "") + ran.stdout + ran.stderr


@pytest.mark.parametrize("page", [page for page in PAGES for block in shown(page) if is_program(block)])
def test_every_program_of_a_page_runs(page: str, settings: dict[str, str], tmp_path: Path) -> None:
    begin("a page after the tutorials", tmp_path)
    for program in (block.body for block in shown(page) if is_program(block)):
        environment = settings | {"PYTHONPATH": str(CHECKOUT)}
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)


@pytest.mark.parametrize("page", PAGES)
def test_every_option_that_a_page_names_is_there(page: str) -> None:
    text = (CHECKOUT / page).read_text()
    blocks = [command for block in shown(page) for command in commands(block) if "handouts " in command]
    for written in (*blocks, *INLINE.findall(FENCE.sub("", text))):
        words = shlex.split(written.partition("handouts ")[2].replace("…", ""))
        command: click.Command = cli
        while words and isinstance(command, click.Group) and not words[0].startswith("-"):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, f"{page}: {written}"
            command = found
        known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
        known |= {"--help", "--version"}
        named = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert named <= known, f"{page}: {written}: {named - known}"


WORDINGS = "\n".join(
    re.sub(r"\{[^{}]*\}", "…", text)
    for wording in (*wordings().values(), *page_wordings("en").values())
    for text in (wording["what"], wording["do"])
)


@pytest.mark.parametrize("page", tutorials())
def test_what_a_tutorial_says_that_a_command_says_is_said(page: str) -> None:
    (table,) = re.findall(r"^\| It says \| Do \|\n\|.*\n((?:\|.*\n?)+)", (CHECKOUT / page).read_text(), re.MULTILINE)
    quoted = re.findall(r"“([^”]+)”", "\n".join(row.split("|")[1] for row in table.splitlines()))
    parts = [part.strip() for text in quoted for part in re.split(r"…|`[^`]+`", text) if len(part.strip()) > 3]
    assert parts
    assert [part for part in parts if part not in WORDINGS] == []


def test_a_page_hides_no_command_from_this_test() -> None:
    for page in PAGES:
        without = FENCE.sub("", (CHECKOUT / page).read_text())
        assert not re.findall(r"^    +handouts .*$", without, re.MULTILINE), page
        assert "```sh" not in without, f"{page}: a block that is not read"
        assert all(commands(block) for block in shown(page) if block.kind == "sh"), page


def test_the_first_commands_of_the_readme_are_makes_own() -> None:
    assert [block.body.strip() for block in shown("README.md")[:2]] == ["make demo", "make test"]
