"""A PDF's text layer holds the letters of the sheet, all of them: by two programs that read PDFs."""

import re
import subprocess
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest

from handouts.catalogues import document_ids
from handouts.languages import known_tags, language
from handouts.press import Press
from handouts.records import Destination
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, example_press, job
from tests.verapdf import validate

_BLOCKS = frozenset(("p", "li", "h1", "h2", "h3", "td", "th", "div"))
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2069\ufffe\ufeff\\s]")
SHAPED = ("hi", "ar", "fa")


class _Texts(HTMLParser):
    """Gathers the texts of a page, one for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = [""]
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS or ("class", "at-page") in attrs:  # There the number of a page is written.
            self.texts.append("")
        self._hidden += tag in ("title", "style") or ("class", "on-screen") in attrs

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._hidden -= bool(self._hidden and tag == "p")
            self.texts.append("")
        self._hidden -= tag in ("title", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts[-1] += data


@pytest.fixture(scope="module")
def press() -> Press:
    return example_press()


def wanted(press: Press, document: str, tag: str, **changed: object) -> list[str]:
    (sheet,), _ = press.compose(job(document, tag, **changed))  # type: ignore[arg-type]  # a test's own keywords
    reader = _Texts()
    reader.feed(sheet.html)
    return [text for text in map(bare, reader.texts) if text]


def bare(text: str) -> str:
    """Return a text without spaces and invisible characters."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def read(path: Path) -> dict[str, str]:
    with pypdfium2.PdfDocument(path) as pdf:
        by_pdfium = "".join(page.get_textpage().get_text_range() for page in pdf)
    by_poppler = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout
    return {"pdfium": bare(by_pdfium), "poppler": bare(by_poppler)}


def letters(text: str) -> Counter[str]:
    return Counter(letter for letter in text if unicodedata.category(letter)[0] in "LMN")


@pytest.mark.parametrize(
    ("document", "tag"),
    [
        *(("microneedling-aftercare", tag) for tag in known_tags()),
        *((name, tag) for name in document_ids(Resources()) for tag in SHAPED if name != "microneedling-aftercare"),
    ],
)
def test_every_letter_of_a_sheet_is_in_its_text_layer(press: Press, tmp_path: Path, document: str, tag: str) -> None:
    texts = wanted(press, document, tag)
    path = press.make(job(document, tag), Destination(folder=tmp_path)).receipts[0].path
    for program, found in read(path).items():
        assert letters("".join(texts)) - letters(found) == Counter(), program
        if language(tag).direction == "ltr":
            # A hyphen at a line's end is lost to pdfium; in German large print no line has room for such a word.
            lost = "-" if tag == "de" else ""
            assert [text for text in texts if text.replace(lost, "") not in found.replace(lost, "")] == [], program


NAMES = ["कृष्णमूर्ति श्रीदेवी", "محمّد بن عليّ الأنصاري", "فاطمه رضایی‌نژاد", "Nguyễn Thị Ánh", "O\u0308zge Çağlar"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_in_the_text_layer_of_sheets_in_every_script(press: Press, tmp_path: Path, name: str) -> None:
    for tag in ("en", "hi", "ar"):
        path = press.make(job("microneedling-aftercare", tag, patient_name=name), Destination(folder=tmp_path))
        for program, found in read(path.receipts[0].path).items():
            assert (
                letters("".join(wanted(press, "microneedling-aftercare", tag, patient_name=name))) - letters(found)
                == Counter()
            ), program


def test_a_letter_is_never_laid_on_a_glyph_that_shows_nothing(tmp_path: Path) -> None:
    first_of_its_look = Press(Resources(clinic=EXAMPLE_CLINIC))
    conjuncts = "कृष्णमूर्ति कीर्ति पार्थिव दुर्गेश निर्भय शार्दूल क्षत्रिय"
    made = first_of_its_look.make(job("microneedling-aftercare", "hi", note=conjuncts), Destination(folder=tmp_path))
    for program, found in read(made.receipts[0].path).items():
        assert letters(conjuncts) - letters(found) == Counter(), program


def test_a_sheet_whose_letters_have_codes_of_their_own_is_accessible(press: Press, tmp_path: Path) -> None:
    paths = []
    for tag in SHAPED:
        made = press.make(job("microneedling-aftercare", tag, patient_name=NAMES[0]), Destination(folder=tmp_path))
        paths.append(made.receipts[0].path)
        assert b"/Handouts-Codes" in made.receipts[0].path.read_bytes() or tag == "fa"
    assert {path.name: found for path, found in validate(paths).items() if found} == {}
