"""The manual is built without network and warning, loads nothing from elsewhere, and names what is there."""

import dataclasses
import os
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
from playwright.sync_api import BrowserContext

import handouts
from handouts import treatment
from handouts.branding.clinic_file import ClinicFile
from handouts.documents.front_matter import FrontMatter
from handouts.errors import ExitCode
from handouts.records.block_kinds import CONTAINERS, KINDS
from handouts.wordings import wordings
from tests.conftest import CHECKOUT
from tests.namespaces import offline
from tests.test_command import EVERY_COMMAND

pytest_plugins = ["tests.browser.fixtures"]

REPOSITORY_PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built manual."""
    folder = tmp_path_factory.mktemp("manual")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    ran = subprocess.run(
        [*offline(), *build],
        cwd=CHECKOUT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return folder


class Page(HTMLParser):
    """What a page loads, where it leads outside of its text, and the words of its article."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads_from_its_frame: list[str] = []
        self.words = ""
        self._depth = 0
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag == "article"
        for name, value in attrs:
            if tag == "a" and name == "href":
                self.leads_from_its_frame += [] if self._depth else [value or ""]
            elif name in ("src", "srcset", "href", "data", "action", "poster", "style", "content"):
                self.loads.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "article"

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.words += data


ELSEWHERE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[\w.-]+\.")


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.glob("**/*.html"))
    assert len(pages) > 30
    for path in pages:
        page = Page(path)
        found = [address for address in (*page.loads, *page.leads_from_its_frame) if ELSEWHERE.match(address)]
        assert not found, f"{path.relative_to(site)}: {found}"
    for path in site.glob("**/*.css"):
        assert not re.findall(r"url\(['\"]?(?:https?:)?//[^)]*|@import[^;]*//[^;]*", path.read_text()), path.name


def test_every_file_that_a_page_includes_is_in_it(site: Path) -> None:
    for path in site.glob("**/*.html"):
        assert not re.search(r"--8 ?<", Page(path).words), path
        assert "<!-- made" not in path.read_text(), path
    assert "def sheet(request" in re.sub(r"\s+", " ", Page(site / "how-to" / "embed.html").words)


def test_it_is_read_and_searched_as_a_file_without_a_network(site: Path, browser: BrowserContext) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in ("index.html", "reference/commands.html", "reference/api.html", "tutorials/print-at-discharge.html"):
        page.goto((site / name).as_uri())
        assert page.locator("article h1").is_visible()
    # Typed: the page looks at what stands there after a key, not after a value that is set from outside.
    page.locator("input[name=query]").press_sequentially("thin-skin waiting period")
    page.locator(".md-search-result__item a").first.wait_for(state="attached")
    assert [address for address in asked if not address.startswith(("file:", "data:", "blob:"))] == []
    page.close()


def words(site: Path, name: str) -> str:
    return Page(site / "reference" / f"{name}.html").words


@pytest.mark.parametrize(("path", "found"), EVERY_COMMAND, ids=[" ".join(path) for path, _ in EVERY_COMMAND])
def test_every_command_and_option_is_in_the_reference(path: tuple[str, ...], found: click.Command, site: Path) -> None:
    name = "-".join(path)
    section = (site / "reference" / "commands.html").read_text().partition(f'id="{name}"')[2].partition("<h2")[0]
    assert f"handouts {' '.join(path)}" in section
    for parameter in found.params:
        assert parameter.opts[0] in section or (parameter.human_readable_name in section)


def test_the_reference_has_all_that_the_code_knows(site: Path) -> None:
    for code in map(int, ExitCode):
        assert re.search(rf"^{code}\n[A-Z]", words(site, "exit-codes"), re.MULTILINE), code
    details, problems = words(site, "treatment"), words(site, "problems")
    for field in treatment.FIELDS:
        assert f"{field.path}\n{field.option}" in details
    for problem in wordings():
        assert re.search(rf"^{problem}$", problems, re.MULTILINE), problem
    for name, model in (("clinic-toml", ClinicFile), ("document", FrontMatter)):
        for key in model.model_fields:
            assert re.search(rf"^{key}\n", words(site, name), re.MULTILINE), f"{name}: {key}"
    blocks = words(site, "document")
    for kind in CONTAINERS:
        assert KINDS[kind].meaning.replace("`", "") in blocks


@pytest.mark.parametrize("name", handouts.__all__)
def test_all_that_is_exported_is_on_the_page_for_programs(name: str, site: Path) -> None:
    exported, page = getattr(handouts, name), words(site, "api")
    assert re.search(rf"\b{name}\b", page)
    if dataclasses.is_dataclass(exported):
        signature = re.search(rf"^{name}\((.*?)^\)|^{name}\((.*)\)$", page, re.MULTILINE | re.DOTALL)
        assert signature is not None or name == "Resources"
        assert signature is None or all(field.name in signature[0] for field in dataclasses.fields(exported))


@pytest.mark.parametrize("model", [ClinicFile, FrontMatter])
def test_every_key_of_a_file_says_what_it_is(model: type[ClinicFile] | type[FrontMatter], site: Path) -> None:
    name = "clinic-toml" if model is ClinicFile else "document"
    rows = re.findall(r"<tr>\s*<td><code>([^<]+)</code></td>\s*<td>.*?</td>\s*<td>(.*?)</td>", _html(site, name))
    assert len(rows) > 15
    assert [key for key, meaning in rows if not meaning.strip()] == []


def _html(site: Path, name: str) -> str:
    return (site / "reference" / f"{name}.html").read_text()


def test_the_picture_of_the_house_shows_every_room() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    (layers,) = [each["layers"] for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    (rooms,) = [layer for layer in layers if "handouts.composition" in layer]
    shown = set(re.findall(r'font-weight="bold"[^>]*>(\w+)<', (CHECKOUT / "docs" / "assets" / "rooms.svg").read_text()))
    assert set(rooms.replace("handouts.", "").split(" | ")) <= shown
    assert {"interfaces", "press", "batch", "records"} <= shown


def test_what_the_repository_says_of_the_manual_is_there() -> None:
    named = re.compile(r"docs/[a-z/-]+\.(?:md|json|png)")
    roots = (
        "handouts/**/*.py",
        "locales/*.toml",
        "locales/en/*.toml",
        "scripts/*",
        "tests/*.py",
        "templates/**/*.html",
    )
    files = [path for root in roots for path in CHECKOUT.glob(root) if path.is_file()]
    for path in (*files, *(CHECKOUT / name for name in REPOSITORY_PAGES)):
        for name in named.findall(path.read_text()):
            assert (CHECKOUT / name).is_file(), f"{path}: {name}"


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/explanation/architecture.md", "docs/explanation/speed.md"])
def test_every_file_that_a_page_for_programmers_names_is_there(page: str) -> None:
    named = re.findall(r"(?:handouts|tests|scripts|templates|locales)/[a-z_/.-]+\.\w+", (CHECKOUT / page).read_text())
    assert named
    assert [name for name in named if not (CHECKOUT / name).is_file()] == []


@pytest.mark.parametrize("page", REPOSITORY_PAGES)
def test_every_link_of_a_page_beside_the_manual_leads_somewhere(page: str) -> None:
    text = (CHECKOUT / page).read_text()
    headings = {"#" + title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    for link in re.findall(r"\]\(((?!https?:)[^)]+)\)", text):
        assert link in headings or (CHECKOUT / link.partition("#")[0]).exists(), link
