"""Goods as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import fen
from plugins.condolence.rules import bundled_goods, goods_text, goods_value, read_goods

WORD = st.text("大米食用油5L毛巾A", min_size=1, max_size=8)
GOODS = st.fixed_dictionaries(
    {
        "item": WORD,
        "quantity": st.integers(0, 10**12),
        "unit": st.sampled_from(["袋", "桶", "件", ""]),
        "unit_value": st.integers(0, 10**9),
    }
)


def test_goods_are_read() -> None:
    assert read_goods("大米 1袋 60元；5L 食用油 2 桶 80.50元;\n毛巾 3条 5") == [
        {"item": "大米", "quantity": 1, "unit": "袋", "unit_value": "60.00"},
        {"item": "5L 食用油", "quantity": 2, "unit": "桶", "unit_value": "80.50"},
        {"item": "毛巾", "quantity": 3, "unit": "条", "unit_value": "5.00"},
    ]
    assert read_goods(" ； ") == []


@pytest.mark.parametrize(
    "text", ["大米", "大米一袋", "大米 1袋", "大米 1袋 六十元", "大米 1袋 60.555元", "1袋 60元"]
)
def test_what_cannot_be_read_is_quoted(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_goods(f"食用油 1桶 80元；{text}")


@given(st.lists(GOODS, max_size=4))
def test_goods_written_are_read_back(goods: list[dict[str, object]]) -> None:
    assert read_goods(goods_text(goods)) == bundled_goods(goods)


def test_worth_is_exact() -> None:
    assert goods_value(3, fen("60.33")) == 18099
