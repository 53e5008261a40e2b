"""What each language says where a translation went wrong before: the right words, kind by kind, and on the sheet."""

from html.parser import HTMLParser

import pytest

from handouts import translation
from handouts.languages import known_tags
from handouts.press import Press
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, job

SHIPPED = Resources()
TRANSLATED = tuple(tag for tag in known_tags() if tag != "en")
BOTH_SITES = ("face", "around-eyes")
"""With these a sheet has all that it can have."""


def label(tag: str, source: str) -> str:
    return translation.labels(tag, SHIPPED).gettext(source)


class _Words(HTMLParser):
    """Keeps what a page says, each element's text on a line of its own where the element is a block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - HTMLParser's signature
        self._hidden = tag in ("style", "title")
        self.found.append("" if tag in ("span", "strong", "a") else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        self.found.append("" if tag in ("span", "strong", "a") else "\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


def lines_of(document: str, tag: str, **changed: object) -> list[str]:
    """Return what the sheet says, block by block."""
    (sheet,), _ = Press(Resources(clinic=EXAMPLE_CLINIC)).compose(job(document, tag, **changed))  # type: ignore[arg-type]  # a test's own keywords
    words = _Words()
    words.feed(sheet.html)
    return [" ".join(line.split(" ")).strip(" ") for line in "".join(words.found).splitlines() if line.strip()]


DATES = {
    "es": ("Fecha del tratamiento", "Próxima cita"),
    "ar": ("تاريخ العلاج", "الزيارة القادمة"),
    "zh-Hans": ("治疗时间", "下次就诊"),
    "fr": ("Date du traitement", "Prochain rendez-vous"),
    "de": ("Behandelt am", "Folgetermin"),
    "it": ("Data del trattamento", "Prossimo appuntamento"),
    "pt-BR": ("Data do tratamento", "Próxima visita"),
    "pl": ("Data zabiegu", "Następna wizyta"),
    "ro": ("Data tratamentului", "Următoarea programare"),
    "ru": ("Дата процедуры", "Следующий визит"),
    "uk": ("Дата процедури", "Наступний візит"),
    "tr": ("İşlem tarihi", "Sonraki randevu"),
    "vi": ("Ngày điều trị", "Lần hẹn tới"),
    "fa": ("تاریخ درمان", "مراجعهٔ بعدی"),
    "hi": ("ट्रीटमेंट की तारीख", "अगली विज़िट"),
}
"""In full: before a treatment, a bare "Date" is the sheet's own, and a bare "Appointment" the treatment."""


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_labels_of_both_dates_say_whose_date_it_is(tag: str) -> None:
    assert (label(tag, "Treatment date"), label(tag, "Next visit")) == DATES[tag]
    assert set(DATES[tag]) <= set(lines_of("microneedling-aftercare", tag))


@pytest.mark.parametrize(
    ("tag", "words"),
    [("it", "Trattamento eseguito da"), ("pl", "Zabieg wykonuje"), ("es", "Su profesional"), ("vi", "Người phụ trách")],
)
def test_the_clinicians_label_says_who_treats_not_who_wrote_the_sheet(tag: str, words: str) -> None:
    assert label(tag, "Your clinician") == words
    assert words in lines_of("microneedling-aftercare", tag)
