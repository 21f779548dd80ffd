"""How numbers, days and moments are written, and how figures become ledger lines."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kit import filters
from api.kit.ledger import ledger_row, office_rows
from core.figures import Figure

# 14:00 and 23:30 in Shanghai are 06:00 and 15:30 in UTC.
AFTERNOON = datetime(2026, 5, 17, 6, 0, tzinfo=UTC)
NIGHT = datetime(2026, 5, 17, 15, 30, tzinfo=UTC)
NEXT_DAY = datetime(2026, 5, 17, 16, 30, tzinfo=UTC)
EMPTY, FULL = Decimal(0), Decimal(100)


def figure(
    value: str, itemised: str | None, target: str | None = None, unit: str = "人", **given: str
) -> Figure:
    """A figure with its rates as core states them."""
    amount, of = Decimal(value), Decimal(target) if target else None
    kept = None if itemised is None else Decimal(itemised)
    places = Decimal("0.0001")
    return Figure(
        metric="condolence.people",
        label="走访慰问人数",
        unit=unit,
        aggregation=given.get("aggregation", "sum"),
        organisation=given.get("organisation", "city"),
        value=amount,
        itemised=kept,
        evidence=(kept / amount).quantize(places) if kept is not None and amount else None,
        target=of,
        completion=(amount / of).quantize(places) if of else None,
        approximate=False,
    )


@pytest.mark.parametrize(
    ("value", "grouped", "plain"),
    [
        (Decimal("1286.50"), "1,286.5", "1286.5"),
        (Decimal("1E+6"), "1,000,000", "1000000"),
        (1200, "1,200", "1200"),
        (0, "0", "0"),
        ("约500", "约500", "约500"),
        (None, "", ""),
    ],
)
def test_number(value: Decimal | int | str | None, grouped: str, plain: str) -> None:
    assert filters.number(value) == grouped
    assert filters.number(value, grouped=False) == plain


@given(st.integers(min_value=0, max_value=10**15))
def test_money_reads_back_to_its_fen(fen: int) -> None:
    assert Decimal(filters.money_text(fen)) * 100 == fen
    assert filters.money_text(fen, grouped=True).replace(",", "") == filters.money_text(fen)


@pytest.mark.parametrize(
    ("quotient", "text"), [("0.9433", "94.33%"), ("0.98", "98%"), ("2.4", "240%"), ("0", "0%")]
)
def test_percent(quotient: str, text: str) -> None:
    assert filters.percent(Decimal(quotient)) == text


def test_days_are_those_of_shanghai() -> None:
    assert filters.day(NEXT_DAY) == "2026年5月18日"
    assert filters.day(NIGHT, year=False) == "5月17日"
    assert filters.weekday(NEXT_DAY) == "星期一"
    assert filters.weekday(date(2026, 5, 17)) == "星期日"
    assert filters.iso_day(NEXT_DAY) == "2026-05-18"


def test_moments_are_those_of_shanghai() -> None:
    assert filters.moment(AFTERNOON) == "5月17日 14:00"
    assert filters.moment(AFTERNOON, year=True) == "2026年5月17日 14:00"
    assert filters.clock(NIGHT) == "23:30"
    assert filters.iso_moment(AFTERNOON) == "2026-05-17T14:00:00+08:00"
    assert filters.field_moment(AFTERNOON) == "2026-05-17T14:00"


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        filters.moment(AFTERNOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("starts", "ends", "text"),
    [
        (date(2026, 5, 1), date(2026, 5, 31), "2026年5月1日至31日"),
        (date(2026, 5, 1), date(2026, 6, 2), "2026年5月1日至6月2日"),
        (date(2025, 12, 30), date(2026, 1, 3), "2025年12月30日至2026年1月3日"),
        (date(2026, 5, 1), date(2026, 5, 1), "2026年5月1日"),
        (date(2026, 5, 1), None, "2026年5月1日"),
        (AFTERNOON, NIGHT, "2026年5月17日 14:00至23:30"),
        (AFTERNOON, NEXT_DAY, "2026年5月17日 14:00至5月18日 00:30"),
        (None, None, ""),
    ],
)
def test_period(starts: date | None, ends: date | None, text: str) -> None:
    assert filters.period(starts, ends) == text


def test_nothing_is_written_for_nothing() -> None:
    for write in filters.FILTERS:
        if write is not filters.by_cell:
            assert write(None) == ""


def test_weeks_start_on_monday_and_are_whole() -> None:
    may = filters.weeks(2026, 5)
    assert may[0][0] == date(2026, 4, 27)
    assert may[-1][-1] == date(2026, 5, 31)
    assert {len(week) for week in may} == {7}


def test_a_line_below_its_target_is_measured_against_the_target() -> None:
    row = ledger_row(figure("1132", "940", "1200"), "/figures/x")
    assert (row.value, row.unit, row.href) == ("1,132", "人", "/figures/x")
    assert (row.target, row.completion, row.reached) == ("1,200人", "94.33%", False)
    assert (row.kept_percent, row.said_percent) == (Decimal("78.33"), Decimal("94.33"))
    assert row.mark_percent is None
    assert row.caption == "其中940人有明细，佐证率83.04%"


def test_a_line_beyond_its_target_shows_where_the_target_stood() -> None:
    row = ledger_row(figure("12", "12", "5"))
    assert (row.kept_percent, row.said_percent) == (FULL, FULL)
    assert (row.mark_percent, row.reached, row.completion) == (Decimal("41.67"), True, "240%")


def test_records_beyond_the_stated_total_do_not_leave_the_bar() -> None:
    row = ledger_row(figure("490", "505"))
    assert (row.kept_percent, row.said_percent) == (FULL, FULL)
    assert "请核对" in row.caption


def test_a_line_only_reported_has_no_solid_part() -> None:
    row = ledger_row(figure("904", None))
    assert (row.kept_percent, row.said_percent, row.target) == (EMPTY, FULL, "")


def test_a_figure_of_nothing_has_an_empty_bar() -> None:
    row = ledger_row(figure("0", "0"))
    assert (row.value, row.kept_percent, row.said_percent) == ("0", EMPTY, EMPTY)


def test_a_quotient_is_solid_and_money_reads_in_ten_thousands() -> None:
    ratio = ledger_row(figure("0.3694", None, "0.5", "%", aggregation="ratio"))
    assert (ratio.value, ratio.unit, ratio.target) == ("36.94", "%", "50%")
    assert ratio.kept_percent == ratio.said_percent == Decimal("73.88")
    money = ledger_row(figure("570300", "570300", unit="元"))
    assert (money.value, money.unit) == ("57.03", "万元")


def test_offices_stand_on_one_scale() -> None:
    figures = [
        figure("420", "420", "400", organisation="c1"),
        figure("210", "105", "315", organisation="c2"),
    ]
    rows, top = office_rows(figures, {"c1": "甲区残联", "c2": "乙县残联"}, lambda f: f.organisation)
    assert top == "420人"
    assert [row.label for row in rows] == ["甲区残联", "乙县残联"]
    assert [row.href for row in rows] == ["c1", "c2"]
    assert [row.said_percent for row in rows] == [100, 50]
    assert rows[1].kept_percent == 25
    assert rows[1].mark_percent == 75


def test_no_offices_make_no_scale() -> None:
    assert office_rows([], {}) == ([], "")


def test_a_static_file_is_addressed_by_its_content() -> None:
    path, _, version = filters.static_path("tongxing.css").partition("?v=")
    assert path == "/static/tongxing.css"
    assert len(version) == 12
    with pytest.raises(FileNotFoundError):
        filters.static_path("absent.css")


def test_a_plugins_static_file_is_addressed_under_its_key(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.js").write_text("1")
    address = filters.static_addresses({"somebody": tmp_path})
    assert re.fullmatch(
        r"/static/somebody/inner/a\.js\?v=[0-9a-f]{12}", address("somebody/inner/a.js")
    )
    assert address("tongxing.css") == filters.static_path("tongxing.css")
    with pytest.raises(FileNotFoundError):
        address("nobody/inner/a.js")
