"""Titles in lines: nothing torn, nothing lost, nearly one length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.recap.formats.title_lines import broken, width

MOST = 19.5


def test_a_short_title_is_one_line() -> None:
    assert broken("关于第32次全国助残日活动开展情况的总结", MOST) == [
        "关于第32次全国助残日活动开展情况的总结"
    ]


def test_words_numbers_and_quotations_are_not_torn() -> None:
    assert broken("关于某市残疾人联合会第三十六次全国助残日系列活动开展情况的总结", MOST) == [
        "关于某市残疾人联合会第三十六次",
        "全国助残日系列活动开展情况的总结",
    ]
    assert broken("2026年某县残联“爱耳日”宣传教育系列活动暨2026年度工作情况的报告", MOST) == [
        "2026年某县残联“爱耳日”宣传教育",
        "系列活动暨2026年度工作情况的报告",
    ]


@given(st.text("关于残疾人联合会活动的总结《》“”，第1年a ", max_size=120))
def test_nothing_is_lost_and_no_line_is_too_long(title: str) -> None:
    lines = broken(title, MOST)
    assert "".join(lines) == title
    assert all(width(line) <= MOST for line in lines)
    assert all(lines) or not title
