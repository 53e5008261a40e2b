"""A protected sheet: opened by its password in other programs, by nothing else, and still the same sheet."""

import subprocess
import time
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from handouts.delivery.mail import protection
from handouts.delivery.mail.passwords import check_password, password_fault
from handouts.delivery.mail.protection import protect
from handouts.delivery.mail.sheet_file import identity
from handouts.errors import InputError

pytest_plugins = ("tests.mail_server.fixtures",)

PASSWORD = "Regen, Ofen & Käse мир"  # noqa: S105 - of a sheet in a test


def text_of(path: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["pdftotext", *options, path, "-"], capture_output=True, text=True, check=False)


def test_poppler_opens_it_with_the_password_and_not_without(sheet: Path, tmp_path: Path) -> None:
    path = tmp_path / "protected.pdf"
    path.write_bytes(protect(sheet.read_bytes(), PASSWORD))
    opened = text_of(path, "-upw", PASSWORD)
    assert opened.returncode == 0
    assert opened.stdout == text_of(sheet).stdout
    for options in ((), ("-upw", ""), ("-upw", PASSWORD[:-1]), ("-upw", PASSWORD.lower())):
        refused = text_of(path, *options)
        assert (refused.returncode, refused.stdout) == (1, "")


def test_it_is_aes_256_and_hides_its_metadata_and_may_be_read_aloud(sheet: Path) -> None:
    data = protect(sheet.read_bytes(), PASSWORD)
    with pikepdf.open(BytesIO(data), password=PASSWORD) as opened:
        assert (opened.encryption.R, opened.encryption.bits) == (6, 256)
        assert opened.encryption.stream_method.name == "aesv3"
        assert opened.allow.accessibility
        assert opened.trailer.Encrypt.get("/EncryptMetadata", True)
        assert opened.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in opened.Root
    plain = decoded(sheet)
    for text in (b"xpacket", b"microneedling-aftercare", b"/Creator", b"WeasyPrint"):
        assert text in plain
        assert text not in data


def decoded(sheet: Path) -> bytes:
    with pikepdf.open(sheet) as opened:
        written = BytesIO()
        opened.save(written, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return written.getvalue()


def test_a_protected_sheet_does_not_say_which_sheet_it_is(sheet: Path) -> None:
    with pikepdf.open(sheet) as plain:
        told = bytes(plain.trailer.ID[0])
    with pikepdf.open(BytesIO(protect(sheet.read_bytes(), PASSWORD)), password=PASSWORD) as opened:
        assert len(told) == 32
        assert told not in {bytes(part) for part in opened.trailer.ID}


def test_two_protected_copies_are_not_alike(sheet: Path) -> None:
    assert protect(sheet.read_bytes(), PASSWORD) != protect(sheet.read_bytes(), PASSWORD)


def test_a_protected_sheet_that_is_not_the_same_sheet_is_not_used(sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = iter((b"one", b"another"))
    monkeypatch.setattr(protection, "_content", lambda _: next(contents))
    with pytest.raises(InputError) as refused:
        protect(sheet.read_bytes(), PASSWORD)
    assert [problem.code for problem in refused.value.problems] == ["protection-failed"]


@pytest.mark.parametrize(
    "password",
    [
        "14.05.1987",
        "14/05/1987",
        "5-14-1987",
        "1987-05-14",
        "1987 05 14",
        "14. 5. 1987",
        "19870514",
        "14051987",
        "05141987",
        "14.05.87.",
        "١٤/٠٥/١٩٨٧",
        "۱۳۶۶/۰۲/۲۴",
        "14_05_1987",
        "(14.05.1987)",
        "24.05.2530",
        "31 January 1990",
        "31 Jan 1990",
        "January 31st, 1990",
        "31janvier90",
        "1er février 1990",
        "31 de enero de 1990",
        "31. Januar 1990",
        "31 stycznia 1990",
        "styczeń 1990",
        "31 января 1990",
        "1990年1月31日生",
        "ngày 31 tháng 1",
        "३१ जनवरी १९९०",
        "Ana31011990",
        "19900131Ana",
        "Ana 31.1.1990",
        "Ana-310190",
        "900131 Ana",
        "x311219901",
    ],
)
def test_a_date_is_no_password(password: str) -> None:
    assert password_fault(password) == "password-is-date"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "password-too-short"),
        ("seven-7", "password-too-short"),
        ("a" * 128, "password-too-long"),
        ("й" * 64, "password-too-long"),
        (" leading space", "password-invisible"),
        ("tab\tinside it", "password-invisible"),
        ("zero\u200bwidth", "password-invisible"),
        ("half a \udcff letter", "password-invisible"),
        ("password", "password-is-common"),
        ("Password123!", "password-is-common"),
        ("P@ssw0rd1", "password-is-common"),
        ("CONTRASEÑA", "password-is-common"),
        ("12345678", "password-is-common"),
        ("1234567890", "password-is-common"),
        ("87654321", "password-is-common"),
        ("qwertyuiop", "password-is-common"),
        ("letmein12", "password-is-common"),
        ("aaaaaaaaa", "password-is-common"),
        ("12341234", "password-is-common"),
        ("1qaz2wsx", "password-is-common"),
        ("q1w2e3r4", "password-is-common"),
        ("eight-88", "password-is-common"),
        ("marmalade 12", "password-is-common"),
        ("98234716", "password-is-common"),
        ("Sonnenschein1", "password-is-common"),
        ("hunter2hunter2", "password-is-common"),
        ("Willkommen99", "password-is-common"),
        ("Contraseña7!", "password-is-common"),
        ("пароль77", "password-is-common"),
        ("йцукен77", "password-is-common"),
        ("a" * 127, "password-is-common"),
        ("password" * 15, "password-is-common"),
        ("maypole 77 frog", None),
        ("4 cats, 15 dogs, 6 mice", None),
        ("the passwords of 7", None),
        ("three short words", None),
        ("correct horse battery", None),
        ("Regen, Ofen und Käse", None),
        ("trapo verde y lunes", None),
        ("chien bleu sous la table", None),
        ("дождь печка и сыр", None),
        ("قطة زرقاء على السطح", None),
        ("बिल्ली छत पर है", None),
        ("三只猫和一条蓝色的狗", None),
        ("mèo xanh trên mái nhà", None),
        ("a" * 90 + "kettle, moss and 7 owls", None),
        ("йцукенгшщ" * 7, None),
    ],
)
def test_a_password_is_long_enough_and_can_be_typed(password: str, fault: str | None) -> None:
    assert password_fault(password) == fault
    if fault:
        with pytest.raises(InputError):
            check_password(password)


@pytest.mark.parametrize("password", ["Xiomara!!", "xiomara quibdó", "Quibdo-Xiomara1", "MRN88417203", "Hautzentrum 7"])
def test_what_is_known_of_the_patient_is_no_password(password: str) -> None:
    known = ("Xiomara Quibdó", "MRN88417203", "Hautzentrum Nord")
    assert password_fault(password, known) == "password-is-common"
    assert password_fault(f"{password} kettle moss owls", known) is None


def test_a_password_is_judged_in_no_time() -> None:
    begun = time.process_time()
    for password in ("a" * 10_000, "4@8({[<369&#!1|0$5+7%2" * 5, "".join(chr(33 + i * 7 % 90) for i in range(127))):
        password_fault(password)
    assert time.process_time() - begun < 10


def test_a_bilingual_sheet_says_both_languages(sheet: Path) -> None:
    assert identity(sheet.read_bytes(), "x").language == "ar+en"


def test_a_sheet_says_which_one_it_is(sheet: Path) -> None:
    found = identity(sheet.read_bytes(), "x")
    assert (found.document, found.version) == ("microneedling-aftercare", "1.1")
    assert found.language.split("+")[0] == "ar"
    assert len(found.fingerprint) == 8


def other_pdf(**info: str) -> bytes:
    written = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        for key, value in info.items():
            made.docinfo[f"/{key}"] = value
        made.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-pdf"),
        (b"<!DOCTYPE html>", "not-a-pdf"),
        (b"%PDF-1.7\ntorn", "not-a-pdf"),
        (other_pdf(), "not-our-sheet"),
        (other_pdf(Creator="Word", Keywords="a, 1.0, en, 01234567"), "not-our-sheet"),
        (other_pdf(Creator="handouts", Keywords="a, 1.0, en"), "not-our-sheet"),
        (other_pdf(Creator="handouts", Keywords="a, 1.0, , 01234567"), "not-our-sheet"),
    ],
)
def test_what_is_not_our_sheet_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        identity(data, "x.pdf")
    assert [(problem.code, problem.source) for problem in refused.value.problems] == [(code, "x.pdf")]


def test_a_protected_sheet_is_not_protected_again(sheet: Path) -> None:
    with pytest.raises(InputError) as refused:
        identity(protect(sheet.read_bytes(), PASSWORD), "x.pdf")
    assert [problem.code for problem in refused.value.problems] == ["sheet-locked"]
    written = BytesIO()
    with pikepdf.open(sheet) as opened:
        opened.save(written, encryption=pikepdf.Encryption(owner="x", user="", R=6))
    with pytest.raises(InputError):
        identity(written.getvalue(), "x.pdf")
