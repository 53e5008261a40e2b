"""Tables of made-up patients for the tests of batches: names in many scripts, one language after the other."""

import csv
from pathlib import Path

NAMES = ("Ana Example", "أمينة مثال", "李示例", "Nguyễn Thị Ví Dụ", "Анна Пример", "आनंद उदाहरण", "José Ejemplo")
LANGUAGES = ("en", "es", "ar", "zh-Hans")
HEADER = ("Name", "MRN", "DOB", "Language", "Area", "Date of service", "Email")


def row(number: int, *, languages: tuple[str, ...] = LANGUAGES) -> list[str]:
    """Return one patient's row, in the order of HEADER."""
    return [
        f"{NAMES[number % len(NAMES)]} {number}",
        f"LSC-{number:05}",
        "1987-05-14",
        languages[number % len(languages)],
        "face",
        f"2026-11-{1 + number % 20:02} 15:00",
        f"patient{number}@example.org",
    ]


def write_table(path: Path, rows: list[list[str]], header: tuple[str, ...] = HEADER) -> Path:
    """Write a CSV table and return its path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path
