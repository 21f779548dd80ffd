"""Numerals: vectors, and every value read back from what other writers make of it."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import wording
from core.proofread import numerals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1132", "1132"),
        ("1,132", "1132"),
        ("12 345", "12345"),
        ("１１３２", "1132"),
        ("１，１３２", "1132"),
        ("0.46", "0.46"),
        ("1.5万", "15000"),
        ("3亿4500万", "345000000"),
        ("3亿4千5百万", "345000000"),
        ("2千", "2000"),
        ("5百", "500"),
        ("一百二十三", "123"),
        ("一百二", "120"),
        ("两千", "2000"),
        ("两千三", "2300"),
        ("一千零五", "1005"),
        ("廿三", "23"),
        ("卅", "30"),
        ("十", "10"),
        ("二十", "20"),
        ("二〇二二", "2022"),
        ("二○二二", "2022"),
        ("一九九一", "1991"),
        ("三万五", "35000"),
        ("四万六千", "46000"),
        ("一百零三万", "1030000"),
        ("一万亿", "1000000000000"),
        ("六十三点五", "63.5"),
        ("一点二亿", "120000000"),
        ("零", "0"),
    ],
)
def test_a_numeral_is_read_exactly(text: str, value: str) -> None:
    assert numerals.read(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "人", "十十", "1132人", "三四十", "几十", "9" * 16, "万人"])
def test_what_is_no_exact_numeral_is_none(text: str) -> None:
    assert numerals.read(text) is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("三四十", 30, 40), ("七八", 7, 8), ("十七八", 17, 18), ("两三百", 200, 300), ("几十", 20, 90),
     ("数百", 200, 900), ("十几", 11, 19)],
)  # fmt: skip
def test_a_rough_numeral_has_two_ends(text: str, low: int, high: int) -> None:
    (numeral,) = numerals.find(text)
    assert numeral.value == low
    assert numeral.upper == high


@pytest.mark.parametrize(
    ("text", "step"),
    [("1132", "1"), ("1.5万", "1000"), ("57.03万", "100"), ("20万", "10000"), ("98.05", "0.01"),
     ("九十八点零五", "0.01"), ("2千", "1000"), ("一点五万", "1000")],
)  # fmt: skip
def test_the_step_is_the_worth_of_the_last_digit(text: str, step: str) -> None:
    (numeral,) = numerals.find(text)
    assert numeral.step == Decimal(step)


def test_a_counting_noun_before_is_no_vague_numeral() -> None:
    (numeral,) = numerals.find("总户数十二户")
    assert numeral.value == 12
    assert numeral.start == 3


@given(st.integers(min_value=0, max_value=10**12))
def test_chinese_numerals_of_another_writer_are_read_back(value: int) -> None:
    assert numerals.read(cn2an.an2cn(value, "low")) == value


@given(st.integers(min_value=1, max_value=10**11), st.sampled_from(["元", "人", "户"]))
def test_amounts_as_documents_word_them_are_read_back(value: int, unit: str) -> None:
    words = wording.quantity(Decimal(value), unit).removesuffix(unit)
    assert numerals.read(words) == value


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=1, max_value=99))
def test_chinese_decimals_are_read_back(whole: int, hundredths: int) -> None:
    value = Decimal(whole) + Decimal(hundredths) / 100
    assert numerals.read(cn2an.an2cn(str(value), "low")) == value
