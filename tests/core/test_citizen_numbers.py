from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.citizen_numbers import (
    CHECK_CHARACTERS,
    check_character,
    read_certificate_number,
    read_citizen_number,
)

TODAY = date(2026, 11, 22)


def codes(remarks):
    return [remark.code for remark in remarks]


@pytest.mark.parametrize(
    ("number", "born_on", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "female"),
        ("440524188001010014", date(1880, 1, 1), "male"),
        ("360426199101010071", date(1991, 1, 1), "male"),
        ("110101199003070011", date(1990, 3, 7), "male"),
        ("11010119900307002X", date(1990, 3, 7), "female"),
        ("320115198003150014", date(1980, 3, 15), "male"),
        ("810000199408230021", date(1994, 8, 23), "female"),
        ("830000199201300022", date(1992, 1, 30), "female"),
        ("911124198108030024", date(1981, 8, 3), "female"),
    ],
)
def test_a_valid_number_gives_birth_and_sex(number, born_on, sex):
    result = read_citizen_number(number, today=TODAY)
    assert (result.number, result.born_on, result.sex) == (number, born_on, sex)
    assert result.valid
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("number", "errors"),
    [
        ("110105194912310021", ["check_character"]),
        ("990000190002290005", ["birth_date"]),
        ("990000198502300018", ["birth_date"]),
        ("990000202802290017", ["future_birth"]),
        ("990000190002290006", ["check_character", "birth_date"]),
        ("110105491231002", ["old_form"]),
        ("11010519491231002", ["length"]),
        ("", ["length"]),
        ("1101051949123100X2", ["characters"]),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", ["characters"]),
    ],
)
def test_a_wrong_number_says_what_is_wrong(number, errors):
    assert codes(read_citizen_number(number, today=TODAY).errors) == errors


@pytest.mark.parametrize(
    "number", ["990000196002290002", "990000197001010018", "990000200112319995"]
)
def test_an_unknown_area_is_a_warning_only(number):
    result = read_citizen_number(number, today=TODAY)
    assert result.valid
    assert codes(result.warnings) == ["unknown_area"]


def test_somebody_may_be_born_today_and_not_tomorrow():
    number = "990000196002290002"
    assert read_citizen_number(number, today=date(1960, 2, 29)).valid
    assert codes(read_citizen_number(number, today=date(1960, 2, 28)).errors) == ["future_birth"]


@pytest.mark.parametrize(
    "written",
    ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_the_way_of_writing_does_not_matter(written):
    result = read_citizen_number(written, today=TODAY)
    assert result.valid
    assert result.number == "11010519491231002X"


@given(
    born_on=st.dates(date(1900, 1, 1), TODAY),
    order=st.integers(0, 999),
    position=st.integers(0, 16),
    change=st.integers(1, 9),
)
def test_every_single_wrong_digit_is_noticed(born_on, order, position, change):
    digits = f"110105{born_on:%Y%m%d}{order:03d}"
    number = digits + check_character(digits)
    assert read_citizen_number(number, today=TODAY).born_on == born_on
    wrong = str((int(number[position]) + change) % 10)
    damaged = number[:position] + wrong + number[position + 1 :]
    assert "check_character" in codes(read_citizen_number(damaged, today=TODAY).errors)


@given(text=st.text(max_size=30))
def test_any_text_is_answered(text):
    for read in (read_citizen_number, read_certificate_number):
        result = read(text, today=TODAY - timedelta(days=1))
        assert result.valid == (not result.errors)


def test_check_characters_are_those_of_the_standard():
    assert CHECK_CHARACTERS == "10X98765432"
    assert check_character("11010519491231002") == "X"


@pytest.mark.parametrize(
    ("number", "category", "grade", "reissue"),
    [
        ("11010519491231002X42", "physical", 2, 0),
        ("11010519491231002X63B1", "mental", 3, 1),
        ("11010519491231002x11", "visual", 1, 0),
        ("11010519491231002X74B10", "multiple", 4, 10),
    ],
)
def test_a_certificate_number_is_read(number, category, grade, reissue):
    result = read_certificate_number(number, today=TODAY)
    assert result.valid
    assert result.warnings == ()
    assert (result.category, result.grade, result.reissue) == (category, grade, reissue)
    assert result.citizen is not None
    assert result.citizen.number == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "errors"),
    [
        ("11010519491231002X81", ["category"]),
        ("11010519491231002X45", ["grade"]),
        ("11010519491231002X05", ["category", "grade"]),
        ("11010519491231002142", ["check_character"]),
        ("11010519491231002X4", ["length"]),
        ("", ["length"]),
    ],
)
def test_a_wrong_certificate_number_says_what_is_wrong(number, errors):
    assert codes(read_certificate_number(number, today=TODAY).errors) == errors


@pytest.mark.parametrize("suffix", ["0", "B", "B0", "B123", "补"])
def test_an_odd_suffix_is_a_warning_and_the_raw_text_is_kept(suffix):
    raw = "130182198609215753 12" + suffix
    result = read_certificate_number(raw, today=TODAY)
    assert result.valid
    assert codes(result.warnings) == ["suffix"]
    assert (result.raw, result.category, result.grade) == (raw, "visual", 2)
