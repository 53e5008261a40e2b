"""A language and shares -> made-up patients, always the same ones: names, dates, some in another script, some too long.

Names are put together from pieces, so that none is a real person's and thousands differ: a way that remembers a text
it has drawn gains no more by it than it would from a clinic's own patients.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random
from typing import Final

SCRIPTS: Final = ("en", "ar", "zh-Hans", "hi", "ru")
"""The languages that are measured: five scripts."""
TOO_LONG: Final = 90
"""Characters of a name that fits no field of a sheet."""
PRACTITIONERS: Final = ("Nurse R. Sample", "Dr. A. Example", "Nurse T. Specimen", "Dr. L. Placeholder")
LAST_DAY: Final = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pieces:
    """What names of one script are put together from: a given name of two pieces, a family's of three."""

    given: tuple[str, str]
    family: tuple[str, str, str]
    between: str = " "


PIECES: Final = {
    "en": Pieces(
        given=("Al Be Ca Do El Fi Ga Ha Jo Ka Li Mo", "ven rin tha lia nor mon sel dra bert wyn ton vie"),
        family=(
            "Ash Bram Crow Dun Elm Fern Gold Hart Marl North Oak Thorn",
            "en ing er ley ow al in ar el on ic y",
            "ton ford well by ham worth field son stead wick more land",
        ),
    ),
    "ar": Pieces(
        given=("سا نا را ما ها لي نو ري سل جم كر فر", "لم در مي دي ني نا را سة يم ال ان يد"),
        family=(
            "الم الس الن الر الح الب الع الق الف الز الد الخ",
            "سا را ما نا دا لو يو حا با كا فا زا",
            "وي ني دي ري لي بي مي قي في سي حي كي",
        ),
    ),
    "zh-Hans": Pieces(
        given=("安 博 春 冬 芳 国 海 佳 静 丽 明 宁", "宁 文 燕 宇 玉 云 泽 志 竹 子 琪 然"),
        family=(
            "李 王 张 刘 陈 杨 赵 黄 周 吴 徐 孙",
            "小 大 思 雨 晓 梦 天 心 若 一 亦 可",
            "远 林 月 山 川 石 花 松 风 雪 星 河",
        ),
        between="",
    ),
    "hi": Pieces(
        given=("आ मी सु रा नी का दी पू वि अ शा गी", "नंद रा मन ता ना श ला जा का ति री या"),
        family=(
            "उदा चंद्र देव सूर्य राम शिव हरि धर्म कृष्ण वीर सत्य जय",
            "ह म न र ल व क प स त द ग",
            "रण वाल कर पाल दास राज नाथ वीर धर मणि वंत शील",
        ),
    ),
    "ru": Pieces(
        given=("Ан Бо Ве Га Да Ев Жа Зо Ин Ки Ла Ма", "на рис ра лина рья гения нна я рил ра риса тин"),
        family=(
            "Бел Вол Гор Дуб Зим Кам Лес Мор Нов Пол Реч Сол",
            "ец инь ян ин ав ер он ич ел ас ур ет",
            "кин ский ов енко ев ич цев ников ын ушкин ских овский",
        ),
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """One row of a clinic's table."""

    name: str
    record_number: str
    birth_date: str
    performed_on: str
    follow_up: str
    practitioner: str

    def details(self) -> dict[str, object]:
        """Return the row as a press takes it."""
        return {
            "patient.name": self.name,
            "patient.birth_date": self.birth_date,
            "patient.record_number": self.record_number,
            "body_sites": ["face"],
            "performed_on": self.performed_on,
            "practitioner": self.practitioner,
            "settings": ["needle_depth=1.5"],
            "follow_up": self.follow_up,
        }


def patients(language: str, *, foreign: float = 0, unfit: float = 0, seed: int = 1) -> Iterator[Patient]:
    """Yield patients without end; the shares, from 0 to 1, hold of any number of them from the first on.

    `foreign` is the share whose names are in another script than the language's, `unfit` that whose names are of
    `TOO_LONG` characters at least. Another seed gives other patients.
    """
    random = Random(f"{language} {seed}")
    others = cycle(script for script in SCRIPTS if script != language)
    number = 0
    while True:
        number += 1
        script = next(others) if _is_due(number, foreign) else language
        name = _name(random, script)
        while len(name) < TOO_LONG and _is_due(number, unfit):
            name += PIECES[script].between + _name(random, script)
        treated = LAST_DAY - timedelta(days=random.randrange(20), minutes=30 * random.randrange(-18, -36, -1))
        yield Patient(
            name=name,
            record_number=f"LSC-{seed:02}{number:06}",
            birth_date=f"{LAST_DAY - timedelta(days=random.randrange(18 * 366, 80 * 365)):%Y-%m-%d}",
            performed_on=f"{treated:%Y-%m-%d %H:%M}",
            follow_up=f"{treated + timedelta(days=random.randrange(28, 42)):%Y-%m-%d %H:%M}",
            practitioner=random.choice(PRACTITIONERS),
        )


def some(language: str, number: int, *, foreign: float = 0, unfit: float = 0, seed: int = 1) -> tuple[Patient, ...]:
    """Return the first of `patients`."""
    return tuple(islice(patients(language, foreign=foreign, unfit=unfit, seed=seed), number))


def _name(random: Random, script: str) -> str:
    pieces = PIECES[script]
    given, family = ("".join(random.choice(one.split()) for one in half) for half in (pieces.given, pieces.family))
    return family + given if not pieces.between else f"{given}{pieces.between}{family}"


def _is_due(number: int, share: float) -> bool:
    """Return whether the share of the first `number` has one more than that of those before."""
    return int(number * share + 1e-9) > int((number - 1) * share + 1e-9)
