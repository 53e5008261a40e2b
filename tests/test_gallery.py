"""A gallery shows each sheet's pages, state and reasons on one page that anybody can read, and loads nothing else."""

import io
import re
import shutil
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext

from handouts.errors import ExitCode
from handouts.inspection import Gallery, Shown, gallery
from handouts.interfaces.command import main
from handouts.press import approve, review
from handouts.records import Review
from handouts.resources import Resources
from tests.browser import NARROW
from tests.conftest import EXAMPLE_CLINIC, NOW, Ran

pytest_plugins = ["tests.browser.fixtures"]

Command = Callable[..., Ran]
OWN, FAULTY, SHIPPED = "first-visit", "faulty", "microneedling-bumps"
DUE = date(2028, 1, 31)
AXE = Path(str(files("axe_playwright_python") / "axe.min.js"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clinic with a document of its own that is approved, and one that cannot be read."""
    clinic = Path(shutil.copytree(EXAMPLE_CLINIC, tmp_path_factory.mktemp("clinics") / "clinic"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["handouts", "new-document", OWN, "--clinic", str(clinic)])
        with pytest.raises(SystemExit):
            main()
    (clinic / "library" / f"{FAULTY}.md").write_text("No data.")
    resources, today = Resources(clinic=clinic), NOW.date()
    review(resources, OWN, Review(by="Dr. R. Sample", role="dermatologist", on=today, due=DUE), today)
    approve(resources, OWN, by="Dr. M. Sample", on=today, today=today)
    return clinic


@pytest.fixture(scope="module")
def made(folder: Path) -> Gallery:
    choice = Shown(documents=(OWN, FAULTY, SHIPPED), languages=("en", "ar+en"))
    return gallery(Resources(clinic=folder), choice, NOW, lambda *_: None, workers=2)


class Parts(HTMLParser):
    """The pictures of a page, its links, and its articles' words with the badge in front."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pictures: dict[str, str] = {}
        self.links: list[str] = []
        self.headings: list[str] = []
        self.articles: list[str] = []
        self._in_article = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert tag not in ("script", "link", "iframe")
        if tag == "article":
            self.articles.append("")
            self._in_article = True
        if tag == "img":
            self.pictures[given["src"]] = given["alt"]
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        self.links += [given["href"]] if "href" in given else []

    def handle_endtag(self, tag: str) -> None:
        self._in_article = self._in_article and tag != "article"

    def handle_data(self, data: str) -> None:
        if self._in_article:
            self.articles[-1] += data


@pytest.fixture(scope="module")
def parts(made: Gallery) -> Parts:
    return Parts(made.files["index.html"].decode())


def test_each_page_of_each_sheet_is_there_as_a_picture_with_words_for_it(made: Gallery, parts: Parts) -> None:
    (logo, *_), pictures = parts.pictures, {name: alt for name, alt in parts.pictures.items() if alt}
    assert (logo[:10], set(pictures)) == ("data:image", set(made.files) - {"index.html"})
    assert pictures[f"pictures/{OWN}-en-2.webp"] == "Page 2 of 2 of First visit, in English"
    assert f"pictures/{SHIPPED}-ar-and-en-1.webp" in pictures
    for name in pictures:
        drawn = Image.open(io.BytesIO(made.files[name])).convert("L")
        assert drawn.size == (1020, 1320), "Letter at 120 dots an inch"
        assert drawn.histogram()[0] + drawn.histogram()[255] > 100_000
        assert sum(drawn.histogram()[:100]) > 2_000, f"{name} is blank"


def test_each_sheet_has_its_state_and_its_reasons(made: Gallery, parts: Parts) -> None:
    assert (made.approved, made.drafts, made.refused) == (1, 2, 2)
    badges = [re.findall("Approved|Draft|Refused", text)[0] for text in parts.articles]
    assert badges == ["Approved", "Refused", "Refused", "Draft", "Draft"]
    own, other, faulty, _, both = parts.articles
    assert "approved for this clinic" in own
    assert "ar" in other
    assert f"library/{FAULTY}.md, line 1" in faulty
    assert "Copy the head of a shipped document and change it." in faulty
    assert "No named person has checked the translation into ar." in both
    page = made.files["index.html"].decode()
    assert '<h2 id="document-first-visit" lang="en" dir="ltr">First visit</h2>' in page
    assert page.count('<p class="title" lang="ar" dir="rtl">') == 1, "a title in another language than the heading's"


def test_the_page_loads_its_pictures_and_nothing_else(made: Gallery, parts: Parts) -> None:
    assert all(re.fullmatch(r"#[\w-]+|pictures/[\w-]+\.webp", link) for link in parts.links)
    page = re.sub(r"data:[^\"]*", "", made.files["index.html"].decode())
    assert not re.findall(r"https?:|//\w|@import|url\(", page)


def test_it_can_be_read_by_anybody_and_on_any_screen(made: Gallery, browser: BrowserContext, tmp_path: Path) -> None:
    for name, data in made.files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    page = browser.new_page()
    for width in (NARROW, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto((tmp_path / "index.html").as_uri())
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run()")
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_an_earlier_gallery_is_written_anew_and_no_other_folder(folder: Path, command: Command, tmp_path: Path) -> None:
    to, wanted = tmp_path / "gallery", ("gallery", "--clinic", folder, "--document", FAULTY, "--to")
    ran = command(*wanted, to)
    assert (ran.code, ran.out.strip()) == (0, str(to / "index.html"))
    assert "1 sheet: 0 approved, 0 drafts, 1 refused." in ran.err
    stale = to / "pictures" / "another-en-1.webp"
    stale.parent.mkdir()
    stale.write_bytes(b"")
    assert command(*wanted, to).code == 0
    assert not stale.exists()
    (tmp_path / "own.txt").write_text("mine")
    assert command(*wanted, tmp_path).code == ExitCode.DELIVERY
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gallery", "own.txt"]


def test_a_misspelt_document_or_language_is_told(folder: Path, command: Command, tmp_path: Path) -> None:
    arguments = ("gallery", "--clinic", folder, "--to", tmp_path / "gallery")
    ran = command(*arguments, "--document", "frist-visit")
    assert (ran.code, "Did you mean “first-visit”?" in ran.err) == (ExitCode.DOCUMENT, True)
    ran = command(*arguments, "--language", "ar+xx")
    assert ran.code == ExitCode.TRANSLATION
    assert not (tmp_path / "gallery").exists()
