"""A line ends at a space between Korean words and after no hyphen inside a Filipino one; what is copied is the text."""

import re
from pathlib import Path

import pypdfium2
import pytest

from handouts.typesetting.engine import HTML, text_boxes
from handouts.typesetting.whole_words import keep_words_whole

WORDS = {
    "ko": "비타민(C)를 바르지 마세요. 24시간 동안 시원하거나 미지근한 물로 피부를 가볍게 씻으세요. 치료/회복",
    "fr": "Lavez-vous à l’eau fraîche, peut-être tiède, puis séchez-la en tapotant",
    "bn": "পরে ব্রড-স্পেকট্রাম সানস্ক্রিন মাখুন, ব্রড-স্পেকট্রাম নয় এমন নয় আর",
    "fil": "Maghugas nang dahan-dahan araw-araw at mag-ingat sa bawat isa-isang pag-inom ng tubig",
}


def lines(markup: str, folder: Path) -> tuple[list[str], str]:
    page = HTML(string=markup)
    keep_words_whole(page.etree_element)
    document = page.render()
    document.write_pdf(folder / "a.pdf")
    with pypdfium2.PdfDocument(folder / "a.pdf") as pdf:
        copied = re.sub(r"\s+", " ", pdf[0].get_textpage().get_text_range())
    return [box.text.replace("\u2060", "").strip() for *_, box in text_boxes(document.pages[0])], copied


@pytest.mark.parametrize("tag", WORDS)
@pytest.mark.parametrize("width", [7, 9, 11])
def test_no_line_parts_a_word(tag: str, width: int, tmp_path: Path) -> None:
    text = WORDS[tag]
    style = f"width: {width}em; font-family: Noto Sans CJK KR"
    found, copied = lines(f'<div lang="{tag}" style="{style}"><p>{text}</p><p lang="en">x-y</p></div>', tmp_path)
    assert len(found) > 4
    assert " ".join(found[:-1]).replace("/ ", "/") == text
    assert copied.replace("/ ", "/") == f"{text} x-y"


def test_words_of_other_languages_are_left_alone(tmp_path: Path) -> None:
    found, _ = lines('<p lang="en" style="width: 4em">well-known 피부를시원하게</p>', tmp_path)
    assert "well-" in found
    assert "피부를시원하게" not in found
