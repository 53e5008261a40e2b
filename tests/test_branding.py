"""clinic.toml becomes Branding: numbers as people write them, colours that can be read."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts import branding
from handouts.branding.colours import GRAPHIC_CONTRAST, TEXT_CONTRAST, contrast, ink_on, nearest_passing, tint
from handouts.branding.telephone import is_emergency_number, short_number, telephone
from handouts.errors import InputError, Severity
from handouts.records import Paper
from tests.conftest import EXAMPLE_CLINIC

colours = st.from_regex(r"\A#[0-9a-f]{6}\Z")


def test_the_example_clinic_is_read_whole() -> None:
    found, warnings = branding.load(EXAMPLE_CLINIC)
    assert warnings == ()
    assert found.telephone.national == "(212) 555-0142"
    assert found.paper is Paper.LETTER
    assert found.text("name", "ar") == ("عيادة لومن للبشرة", "ar")
    assert found.text("address", "ar") == ("120 Harbor Street, Suite 4\nSpringfield, NY 10000", "en")
    assert found.logo
    assert found.logo.vector.startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    ("number", "country", "national"),
    [
        ("+12125550142", "US", "(212) 555-0142"),
        ("+442079460123", "GB", "020 7946 0123"),
        ("+442079460123", "US", "+44 20 7946 0123"),
        ("+12125550142", "CA", "(212) 555-0142"),
    ],
)
def test_a_telephone_number_is_written_as_its_country_does(number: str, country: str, national: str) -> None:
    found = telephone(number, country)
    assert found is not None
    assert (found.e164, found.national) == (number, national)


@pytest.mark.parametrize("number", ["212-555-0142", "+1212555014", "+1 (212) CALL", "", "+999123456789"])
def test_what_cannot_be_dialled_is_no_number(number: str) -> None:
    assert telephone(number, "US") is None


@pytest.mark.parametrize(
    ("number", "country", "right"),
    [("911", "US", True), ("999", "GB", True), ("112", "DE", True), ("911", "GB", False), ("555", "US", False)],
)
def test_an_emergency_number_is_the_countrys(number: str, country: str, right: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_emergency_number(number, country) is right


@pytest.mark.parametrize(
    ("number", "country", "telephone"),
    [
        ("112", "NG", "+2348021234567"),
        ("1990", "LK", "+94712345678"),
        ("150", "MA", "+212650123456"),
        ("106", "PE", "+51912345678"),
        ("112", "AM", "+37477123456"),
        ("112", "IQ", "+9647912345678"),
    ],
)
def test_a_real_emergency_number_that_the_list_lacks_is_a_warning_until_it_is_confirmed(
    clinic: Path, number: str, country: str, telephone: str
) -> None:
    changed(clinic, 'number = "911"', f'number = "{number}"')
    changed(clinic, 'country = "US"', f'country = "{country}"')
    changed(clinic, 'telephone = "+12125550142"', f'telephone = "{telephone}"')
    found, (warning,) = branding.load(clinic)
    assert found.emergency.number == number
    assert (warning.code, warning.path, warning.severity) == ("not-emergency-number", "emergency.number", "warning")
    assert warning.line == (clinic / "clinic.toml").read_text().splitlines().index(f'number = "{number}"') + 1
    assert "libphonenumber" in warning.what
    changed(clinic, f'number = "{number}"', f'number = "{number}"\nconfirmed_because = "the fire brigade told us"')
    assert branding.load(clinic)[1] == ()


def test_a_samples_emergency_number_is_the_clinics_own(clinic: Path) -> None:
    changed(clinic, 'number = "911"', 'number = "999"')
    assert branding.load(clinic, sample=True)[0].emergency.number == "999"
    changed(clinic, 'number = "999"', 'number = ""')
    changed(clinic, 'country = "US"', 'country = "GB"')
    assert branding.load(clinic, sample=True)[0].emergency.number == "112"


@pytest.mark.parametrize(("first", "second", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_wcags(first: str, second: str, ratio: float) -> None:
    assert round(contrast(first, second), 2) == ratio
    assert contrast(first, second) == contrast(second, first)


@given(colour=colours, ratio=st.sampled_from((TEXT_CONTRAST, GRAPHIC_CONTRAST)))
def test_the_shade_that_a_sheet_uses_always_passes(colour: str, ratio: float) -> None:
    shade = nearest_passing(colour, tint(colour), ratio)
    assert contrast(shade, tint(colour)) >= ratio
    if contrast(colour, tint(colour)) >= ratio:
        assert shade == colour


@given(ground=colours)
def test_text_on_a_clinics_own_colour_can_always_be_read(ground: str) -> None:
    assert contrast(ink_on(ground), ground) >= TEXT_CONTRAST


@pytest.mark.parametrize(
    ("primary", "brand", "on_brand", "codes"),
    [
        ("#FFD400", "#ffd400", "#000000", ["low-contrast"]),
        ("#00c2a8", "#00c2a8", "#000000", ["low-contrast"]),
        ("#000000", "#000000", "#ffffff", []),
        ("#c2185b", "#c2185b", "#ffffff", []),
        ("#ffffff", "#e1e1e1", "#000000", ["low-contrast"]),
    ],
)
def test_rules_and_grounds_keep_the_clinics_own_colour(
    clinic: Path, primary: str, brand: str, on_brand: str, codes: list[str]
) -> None:
    changed(clinic, 'primary = "#0b5c6b"\naccent = "#c2552d"', f'primary = "{primary}"')
    found, warnings = branding.load(clinic)
    assert (found.colours.brand, found.colours.on_brand) == (brand, on_brand)
    assert [warning.code for warning in warnings] == codes
    assert contrast(found.colours.primary, found.colours.tint) >= TEXT_CONTRAST
    assert contrast(found.colours.accent, found.colours.tint) >= GRAPHIC_CONTRAST


def test_a_pale_accent_is_told_by_itself(clinic: Path) -> None:
    changed(clinic, 'accent = "#c2552d"', 'accent = "#ffd400"')
    found, (warning,) = branding.load(clinic)
    assert (warning.code, warning.path) == ("low-contrast-accent", "colours.accent")
    assert warning.values["shade"] == found.colours.accent


def test_a_pale_colour_is_told_with_the_shade_that_is_used(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace('primary = "#0b5c6b"', 'primary = "#7fd6e4"'))
    found, (warning,) = branding.load(clinic)
    assert warning.severity is Severity.WARNING
    assert (warning.code, warning.path) == ("low-contrast", "colours.primary")
    assert warning.values["shade"] == found.colours.primary
    assert warning.line == file.read_text().splitlines().index('primary = "#7fd6e4"') + 1


def changed(clinic: Path, old: str, new: str) -> None:
    file = clinic / "clinic.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def told(clinic: Path, **beyond: Any) -> set[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        branding.load(clinic, **beyond)
    return {(problem.code, problem.path) for problem in error.value.problems}


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ('country = "US"', 'country = ["US"]', "wrong-type", "country"),
        ('logo = "logo.svg"', "logo = 1", "wrong-type", "logo"),
        ('telephone = "+12125550142"', "telephone = 1", "wrong-type", "contact.telephone"),
        ('number = "911"', 'number = "nine"', "value-refused", "emergency.number"),
        ('email = "care@', 'email = "care@@', "not-an-address", "contact.email"),
        ('website = "https://', 'website = "https://\\u202E', "control-character", "contact.website"),
        ("[contact]", '[contact]\nlinks = ["http://a"]', "value-refused", "contact.links[0]"),
        ("[contact]", f"[contact]\nlinks = {['https://a'] * 21}", "too-many", "contact.links"),
        ("[contact]", '[languages]\nSomali = "eng"\n[contact]', "unknown-language", "languages.Somali"),
        ("[contact]", '[languages]\nLao = "en"\nLAO = "es"\n[contact]', "key-twice", "languages"),
        ("address = [", 'address = ["1", "2", "3", "4", "5", ', "too-many", "address"),
    ],
)
def test_a_value_of_another_kind_is_told_once(clinic: Path, old: str, new: str, code: str, path: str) -> None:
    changed(clinic, old, new)
    assert told(clinic) == {(code, path)}


def test_no_message_is_in_pydantics_words(clinic: Path) -> None:
    changed(clinic, "[contact]", "[contact]\nx = 1")
    changed(clinic, 'primary = "', 'primary = "teal')
    with pytest.raises(InputError) as error:
        branding.load(clinic)
    words = str([problem.values for problem in error.value.problems])
    assert not any(leak in words for leak in ("Input should", "String should", "pattern", "constrained"))


def test_an_approval_counts_from_its_day_on_wherever_the_clinic_is(clinic: Path) -> None:
    on = max(approval.on for approval in branding.load(clinic)[0].approvals)
    assert branding.load(clinic, today=on - timedelta(days=1))
    assert {code for code, _ in told(clinic, today=on - timedelta(days=2))} == {"in-the-future"}


def test_a_link_that_leads_out_of_the_folder_is_refused(clinic: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (clinic / "logo.svg").rename(tmp_path / "pictures" / "logo.svg")
    (clinic / "pictures").symlink_to(tmp_path / "pictures")
    changed(clinic, "logo.svg", "pictures/logo.svg")
    assert told(clinic) == {("leads-outside", "")}


@pytest.mark.parametrize(("number", "country"), [("111", "GB"), ("116117", "DE"), ("811", "CA")])
def test_a_short_number_of_the_country_is_printed_as_it_is_dialled(number: str, country: str) -> None:
    found = short_number(number, country)
    assert found is not None
    assert (found.e164, found.national) == (number, number)


@pytest.mark.parametrize(("number", "country"), [("111", ""), ("0123", "GB"), ("123", "US"), ("12125550142", "US")])
def test_what_a_country_does_not_dial_is_no_short_number(number: str, country: str) -> None:
    assert short_number(number, country) is None


def test_a_short_number_answers_when_the_clinic_is_closed_and_not_for_the_clinic(clinic: Path) -> None:
    changed(clinic, 'out_of_hours = "+12125550187"', 'out_of_hours = "211"')
    found, _ = branding.load(clinic)
    assert found.out_of_hours is not None
    assert found.out_of_hours.national == "211"
    changed(clinic, 'telephone = "+12125550142"', 'telephone = "211"')
    assert ("not-e164", "contact.telephone") in told(clinic)
    changed(clinic, 'out_of_hours = "211"', 'out_of_hours = "123"')
    assert ("not-e164-nor-short", "contact.out_of_hours") in told(clinic)


def test_hours_over_two_lines_are_told_as_such(clinic: Path) -> None:
    changed(clinic, '{ monday-friday = "08:00-18:00" }', '"""Monday to Friday\n8 am to 6 pm"""')
    assert ("line-break", "contact.opening_hours") in told(clinic)


def test_a_text_where_a_table_belongs_is_told_how_to_be_written(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(re.sub(r"(?s)\[texts\.es\].*", '[texts]\nes = "Lumen"\n', file.read_text()))
    assert ("not-a-table", "texts.es") in told(clinic)
