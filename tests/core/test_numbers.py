"""Exact numbers: nothing is lost on the way, and halves go up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import exact, fen, fraction, money_text, plain, quotient, rounded

WIDE = Context(prec=2000)
decimals = st.from_regex(r"[0-9]{1,30}(\.[0-9]{1,30})?", fullmatch=True)
fens = st.integers(0, 10**14)


@pytest.mark.parametrize(
    ("value", "places", "stated"),
    [
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("0.49999999999999999999", 0, "0"),
        ("1.005", 2, "1.01"),
        ("2.675", 2, "2.68"),
        ("0.00005", 4, "0.0001"),
        ("0", 4, "0"),
        ("12.25", 1, "12.3"),
    ],
)
def test_halves_go_up(value: str, places: int, stated: str) -> None:
    assert plain(rounded(Fraction(value), places)) == stated


def test_a_third_has_no_end_and_is_rounded_only_when_asked() -> None:
    assert plain(rounded(Fraction(1, 3), 4)) == "0.3333"
    assert plain(rounded(Fraction(2, 3), 4)) == "0.6667"
    with pytest.raises(ValueError, match="1/3"):
        exact(Fraction(1, 3))


@given(text=decimals, places=st.integers(0, 8))
def test_rounding_is_that_of_decimals(text: str, places: int) -> None:
    expected = Decimal(text).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)
    assert rounded(fraction(text), places) == expected


@given(numerator=st.integers(0, 10**20), denominator=st.integers(1, 10**20))
def test_a_rounded_value_is_the_nearest(numerator: int, denominator: int) -> None:
    value = Fraction(numerator, denominator)
    off = Fraction(rounded(value, 4)) - value
    assert -Fraction(1, 20_000) < off <= Fraction(1, 20_000)


@given(text=decimals)
def test_a_decimal_comes_back_as_it_was_but_for_idle_zeros(text: str) -> None:
    stated = plain(exact(fraction(text)))
    assert Fraction(stated) == Fraction(text)
    assert "e" not in stated.lower()
    assert not (stated.endswith(("0", ".")) and "." in stated)
    assert plain(Decimal(stated)) == stated


@given(parts=st.lists(decimals, min_size=1, max_size=50))
def test_sums_of_decimals_are_exact(parts: list[str]) -> None:
    total = exact(sum(map(fraction, parts), Fraction(0)))
    assert Fraction(total) == sum(map(Fraction, parts))


def test_the_longest_values_that_may_be_reported_stay_exact() -> None:
    longest = "9" * 250 + "." + "9" * 249
    assert plain(exact(fraction(longest))) == longest
    assert (
        plain(exact(fraction(longest) + fraction(longest)))
        == "1" + "9" * 250 + "." + "9" * 248 + "8"
    )


@pytest.mark.parametrize(
    ("value", "stated"),
    [("570300", "570300"), ("12.50", "12.5"), ("0", "0"), ("0.0", "0"), ("100", "100"),
     ("5.703E+5", "570300"), ("1E-7", "0.0000001"), ("0E+3", "0")],
)  # fmt: skip
def test_plain_has_no_exponent_and_no_idle_zeros(value: str, stated: str) -> None:
    assert plain(Decimal(value)) == stated


@given(amount=fens)
def test_money_goes_out_and_comes_back(amount: int) -> None:
    text = money_text(amount)
    assert fen(text) == amount
    assert len(text.partition(".")[2]) == 2


@pytest.mark.parametrize(
    ("text", "amount"), [("0", 0), ("5", 500), ("5.5", 550), ("0.01", 1), ("007", 700)]
)
def test_money_is_read_in_yuan(text: str, amount: int) -> None:
    assert fen(text) == amount


@pytest.mark.parametrize(
    ("above", "below", "stated"),
    [("260", "490", "0.5306"), ("1", "3", "0.3333"), ("2", "3", "0.6667"), ("1", "1", "1"),
     ("0", "7", "0"), ("15", "0.5", "30"), ("1", "20000", "0.0001"), ("1", "20001", "0")],
)  # fmt: skip
def test_quotients_are_stated_to_four_places(above: str, below: str, stated: str) -> None:
    assert plain(quotient(Decimal(above), Decimal(below))) == stated
