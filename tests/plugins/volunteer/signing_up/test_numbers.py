"""Numbers of volunteers, mobile numbers, ages."""

from __future__ import annotations

from datetime import date

import pytest

from plugins.volunteer.signing_up import ages, numbers


def test_a_number_catches_every_single_mistyped_digit_and_most_swaps() -> None:
    number = numbers.drawn(2026)
    assert numbers.is_number(number)
    assert number.startswith("26")
    for place, digit in enumerate(number):
        for other in set("0123456789") - {digit}:
            assert not numbers.is_number(number[:place] + other + number[place + 1 :])
    # Luhn's own example.
    assert numbers.check_digit("7992739871") == "3"


@pytest.mark.parametrize("text", ["123456789", "12345678901", "１２３４５６７８９７", "abcdefghij"])
def test_what_is_no_number(text: str) -> None:
    assert not numbers.is_number(text)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13812345678", "13812345678"),
        (" 138 1234-5678 ", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("12812345678", None),
        ("1381234567", None),
        ("2612345671", None),
        ("", None),
    ],
)
def test_mobile_numbers(typed: str, phone: str | None) -> None:
    assert numbers.mobile(typed) == phone


@pytest.mark.parametrize(
    ("born", "fault"),
    [
        (date(2012, 5, 17), ""),
        (date(2012, 5, 18), ages.TOO_YOUNG),
        (date(2008, 5, 18), ""),
        (date(2008, 5, 17), ages.IS_GROWN),
        (date(2026, 5, 18), ages.NOT_BORN),
        (date(1826, 5, 17), ages.NOT_BORN),
    ],
)
def test_who_registers_with_a_guardian(born: date, fault: str) -> None:
    assert ages.fault(born, date(2026, 5, 17)) == fault


def test_who_was_born_on_29_february_grows_older_in_march() -> None:
    assert ages.age(date(2012, 2, 29), date(2026, 2, 28)) == 13
    assert ages.age(date(2012, 2, 29), date(2026, 3, 1)) == 14
