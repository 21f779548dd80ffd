"""Wording of numbers: the vectors of GB/T 15835 and of real summaries, and reading back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import wording
from core.figures import Figure

UNITS = ["元", "人", "户", "人次", "小时", "本", "件", ""]


def figure(value: str, unit: str = "个", **fields: object) -> Figure:
    numbers = {name: fields.get(name) for name in ("itemised", "evidence", "target", "completion")}
    decimals = {
        name: None if text is None else Decimal(str(text)) for name, text in numbers.items()
    }
    return Figure(
        metric="job_fair.openings",
        label="提供岗位",
        unit=unit,
        aggregation=str(fields.get("aggregation", "sum")),
        organisation="city",
        value=Decimal(value),
        approximate=bool(fields.get("approximate")),
        **decimals,
    )


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("1132", "人", "1132人"),
        ("0", "人", "0人"),
        ("9999.99", "元", "9999.99元"),
        ("10000", "元", "1万元"),
        ("475000", "元", "47.5万元"),
        ("475000.00", "元", "47.5万元"),
        ("570300", "元", "57.03万元"),
        ("44800", "元", "4.48万元"),
        ("45001", "元", "45001元"),
        ("123456.78", "元", "123456.78元"),
        ("123450000", "元", "12345万元"),
        ("125000000", "元", "1.25亿元"),
        ("45000", "人次", "45000人次"),
        ("99999", "人", "99999人"),
        ("120000", "人次", "12万人次"),
        ("125000", "人次", "12.5万人次"),
        ("125500", "人次", "125500人次"),
        ("120000", "万元", "120000万元"),
        ("1286.5", "小时", "1286.5小时"),
        ("0.3694", "%", "36.94%"),
        ("1.8028", "%", "180.28%"),
        ("0.6", "%", "60%"),
        ("500", "", "500"),
    ],
)
def test_exact_amounts(value: str, unit: str, text: str) -> None:
    assert wording.quantity(Decimal(value), unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "direction", "text"),
    [
        ("500", "本", None, "约500本"),
        ("500", "本", "above", "500余本"),
        ("1000", "张", "above", "1000余张"),
        ("30", "名", "above", "30余名"),
        ("10000", "名", "below", "近1万名"),
        ("10000", "人", None, "约1万人"),
        ("12000", "元", "above", "1.2万余元"),
        ("507", "份", "above", "超过507份"),
        ("5", "份", "above", "超过5份"),
        ("12.5", "小时", "above", "超过12.5小时"),
        ("498", "份", "below", "近498份"),
        ("0.36", "%", "above", "超过36%"),
    ],
)
def test_approximate_amounts(
    value: str, unit: str, direction: wording.Direction | None, text: str
) -> None:
    assert wording.quantity(Decimal(value), unit, True, direction=direction) == text


def test_an_exact_amount_has_no_direction() -> None:
    with pytest.raises(ValueError, match="approximate"):
        wording.quantity(Decimal(500), "本", direction="above")


amounts = st.one_of(
    st.integers(0, 10**13).map(Decimal),
    st.integers(0, 10**6).map(lambda number: Decimal(number) * 1000),
    st.decimals(0, 10**12, places=2),
)


@given(amounts, st.sampled_from(UNITS), st.booleans(), st.sampled_from([None, "above", "below"]))
def test_what_is_written_reads_back(
    value: Decimal, unit: str, approximate: bool, direction: wording.Direction | None
) -> None:
    text = wording.quantity(value, unit, approximate, direction=direction if approximate else None)
    assert wording.read_quantity(text) == (value, unit, approximate)
    assert sum(text.count(mark) for mark in ("约", "近", "余", "超过")) == approximate


@given(st.integers(0, 10**7))
def test_a_percentage_reads_back(ten_thousandths: int) -> None:
    value = Decimal(ten_thousandths).scaleb(-4)
    assert wording.read_quantity(wording.quantity(value, "%")) == (value, "%", False)


@given(st.integers(10**400, 10**480), st.sampled_from(UNITS))
def test_very_long_numbers_lose_no_digit(number: int, unit: str) -> None:
    assert wording.read_quantity(wording.quantity(Decimal(number), unit))[0] == number


@pytest.mark.parametrize("text", ["近900余份", "约500余人", "五百人", ".46", "", "人"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        wording.read_quantity(text)


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        ("786", "436", "180.28%"),
        ("67", "79", "84.81%"),
        ("181", "490", "36.94%"),
        ("12", "5", "240%"),
        ("0", "5", "0%"),
        ("1", "0", None),
    ],
)
def test_a_share_is_that_of_its_parts(numerator: str, denominator: str, text: str | None) -> None:
    assert wording.share(Decimal(numerator), Decimal(denominator)) == text


def test_completion_is_never_said_as_excess() -> None:
    assert wording.completion(Decimal(12), Decimal(5), "人") == "任务5人，完成率240%"
    assert wording.completion(Decimal(12), Decimal(0), "人") == "任务0人"
    assert wording.completion(Decimal("0.5"), Decimal("0.6"), "%") == "任务60%，完成率83.33%"


def test_a_reported_percentage_is_no_quotient() -> None:
    reported = figure("85", "%", aggregation="last", target=90, completion="0.9444")
    assert wording.stated(reported) == "85%"
    assert wording.completion_note(reported) == "任务90%，完成率94.44%"
    assert wording.stated(figure("0.85", "%", aggregation="ratio")) == "85%"
    assert wording.stated(figure("500", "本", approximate=True), "above") == "500余本"


@pytest.mark.parametrize(
    ("counted", "note"),
    [
        (figure("490", itemised=260, evidence="0.5306"), "其中260个有明细，佐证率53.06%"),
        (figure("490", itemised=490, evidence=1), "全部有明细"),
        (figure("490", itemised=505, evidence="1.0306"), "明细505个，多于所报数，请核对"),
        (figure("490", itemised=0, evidence=0), "仅有填报，没有明细"),
        (figure("0", itemised=0), ""),
        (figure("490", aggregation="last"), "为填报数，不按明细统计"),
        (figure("0.4", "%", aggregation="ratio"), "由两项数据相除得出"),
    ],
)
def test_evidence_in_words(counted: Figure, note: str) -> None:
    assert wording.evidence_note(counted) == note


@pytest.mark.parametrize(
    ("clauses", "text"),
    [
        (["走访慰问25人", "发放慰问金4.5万元"], "走访慰问25人，发放慰问金4.5万元。"),
        (["共8场，岗位490个", "12人就业"], "共8场，岗位490个；12人就业。"),
        (["共8场（线上1场，线下7场）", "12人就业"], "共8场（线上1场，线下7场），12人就业。"),
        (["走访慰问25人，", "", "发放慰问金4.5万元。"], "走访慰问25人，发放慰问金4.5万元。"),
        (["只有一句，也对"], "只有一句，也对。"),
        ([" ", "。"], ""),
    ],
)
def test_joining_clauses(clauses: list[str], text: str) -> None:
    assert wording.join_clauses(clauses) == text


def test_joining_words() -> None:
    assert wording.join_words(["231户", "", "25人"]) == "231户、25人"


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (1050005, "壹万零伍佰元零伍分"),
        (200000, "贰仟元整"),
        (0, "零元整"),
        (50, "伍角"),
        (1005, "壹拾元零伍分"),
        (168032, "壹仟陆佰捌拾元叁角贰分"),
        (10**17, "壹仟万亿元整"),
    ],
)
def test_capitals_of_money(fen: int, text: str) -> None:
    assert wording.rmb_capitals(fen) == text


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_money_without_capitals(fen: int) -> None:
    with pytest.raises(ValueError, match="capitals"):
        wording.rmb_capitals(fen)


def test_titles_headings_and_days() -> None:
    assert wording.ordinal_title(36, "全国助残日") == "第36次全国助残日"
    assert wording.ordinal_title(36, "全国助残日", style="chinese") == "第三十六次全国助残日"
    assert wording.ordinal_title(16, "残疾人健身周", "届") == "第16届残疾人健身周"
    assert [wording.heading_number(depth, 11) for depth in (1, 2, 3, 4)] == [
        "十一、",
        "（十一）",
        "11. ",
        "（11）",
    ]
    assert wording.day(date(2026, 5, 7)) == "2026年5月7日"
