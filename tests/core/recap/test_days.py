"""Day by day: nothing is lost between the records and the days, and every number stands below."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from core import bundles, campaigns, database, reports
from core.measures import Amount, Source, measure
from core.metrics import Metric
from core.permissions import SYSTEM
from core.process import Process
from core.recap.model import Chart, said
from core.recap.sections import days
from core.reports import Report
from tests.core.bundle_samples import campaign as sample

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
NAMES = ["2012-street", "2015-county", "2022-city"]
VISITS = Metric("a.visits", "走访", "次", "sum", plugin="a", daily=True)
HOURS = Metric("b.hours", "时长", "小时", "sum", plugin="b", scale=60, places=1, daily=True)


async def reported(key: str, office: str | None, process: Process) -> Report:
    return await reports.read(await campaigns.find(key), office, process.plugins, process.catalogue)


async def told(report: Report, process: Process) -> dict[str, dict[str, Fraction]]:
    scope = replace(report.scope, by_day=True)
    amounts: list[Amount] = []
    for outcome in await process.plugins.ask("measure", report.campaign.enabled, scope=scope):
        assert not outcome.failed
        amounts += outcome.value or []
    assert all(amount.day is not None for amount in amounts)
    metrics = [m for m in report.figures.metrics.values() if m.plugin and m.aggregation == "sum"]
    return days.totals(metrics, amounts)


@pytest.mark.parametrize("name", NAMES)
async def test_the_days_come_to_what_is_on_record(name: str, process: Process) -> None:
    """Of every sum of every plugin, at every office, not only of those that are drawn."""
    bundle = json.loads((CAMPAIGNS / f"{name}.json").read_bytes())
    key = await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)
    offices = [each["key"] for each in bundle["organisations"]][:6]
    seen = 0
    for office in offices:
        report = await reported(key, office, process)
        found = await told(report, process)
        for metric, figure in report.figures.own.items():
            definition = report.figures.metrics[metric]
            if definition.plugin is None or definition.aggregation != "sum":
                continue
            total = sum(found.get(metric, {}).values(), Fraction(0))
            stated = days._stated(definition, total)
            assert stated == (figure.itemised or 0), (office, metric)
            assert all(date.fromisoformat(day) for day in found.get(metric, {}))
            seen += bool(total)
    assert seen


async def test_each_plugin_that_is_there_shows_one_metric(process: Process) -> None:
    flagged: dict[str | None, list[str]] = {}
    for metric in process.plugins.metrics():
        if metric.daily:
            flagged.setdefault(metric.plugin, []).append(metric.key)
    assert flagged["condolence"] == ["condolence.visits"]
    assert flagged["job_fair"] == ["job_fair.attendances"]
    assert flagged["volunteer"] == ["volunteer.attendances"]
    assert flagged["publicity"] == ["publicity.articles"]
    assert all(len(keys) == 1 for keys in flagged.values())


async def test_a_shift_after_midnight_in_china_is_of_the_day_that_begins(
    process: Process,
) -> None:
    bundle = sample("2022-city")
    part = bundle["plugins"]["volunteer"]
    shift = part["shifts"][0]
    shift |= {"starts_at": "2022-05-15T00:30:00+08:00", "ends_at": "2022-05-15T01:30:00+08:00"}
    confirmed = [
        each
        for each in part["attendances"]
        if each["shift"] == shift["key"] and each["status"] == "confirmed"
    ]
    assert confirmed
    part["attendances"] = confirmed
    for each in confirmed:
        each |= {"checked_in_at": shift["starts_at"], "checked_out_at": shift["ends_at"]}
    key = await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)
    found = await told(await reported(key, None, process), process)
    assert found["volunteer.attendances"] == {"2022-05-15": len(confirmed)}


async def test_records_of_a_source_without_days_are_told_apart(
    campaign_2022: str, process: Process
) -> None:
    report = await reported(campaign_2022, None, process)
    source = Source(
        rows="FROM condolence_round r WHERE r.campaign = :campaign",
        organisation="r.organisation",
        activity="CAST(NULL AS VARCHAR)",
        record="r.id",
        sums={"a.visits": "1"},
        subjects={"a.never": "r.id"},
    )
    (amount,) = await measure(replace(report.scope, by_day=True), [source])
    count = await database.fetch_value("SELECT COUNT(*) FROM condolence_round")
    assert amount == Amount("a.visits", report.scope.organisation_id, count, day="")


async def test_it_is_a_section_that_asks_as_often_for_few_records_as_for_many(
    campaign_2022: str, process: Process
) -> None:
    report = await reported(campaign_2022, None, process)
    seen: list[str] = []
    async with database.watching(seen.append):
        section, failed = await days.section(report, process.plugins)
    assert failed == []
    assert section is not None
    (chart,) = section.blocks
    assert isinstance(chart, Chart)
    assert_in_table(chart)
    assert chart.title == "2022年5月5日至20日每日开展情况" or chart.title.startswith("2022年")
    assert len(seen) <= 12
    assert all("GROUP BY 1" in statement for statement in seen)


def assert_in_table(chart: Chart) -> None:
    """Every number that is drawn stands in the table, in the row of its category."""
    rows = {
        said(row[0].inlines): [said(cell.inlines) for cell in row[1:]] for row in chart.table.rows
    }
    assert len(rows) == len(chart.table.rows)
    drawn = 0
    for column, series in enumerate(chart.series):
        assert chart.table.header[column + 1] == series.label
        for category, value in zip(chart.categories, series.values, strict=True):
            if value is not None:
                assert Decimal(rows[category][column]) == value
                drawn += 1
    assert drawn


def counted(metric: Metric, when: Iterable[tuple[str, int]]) -> list[Amount]:
    return [Amount(metric.key, 1, amount, day=day) for day, amount in when]


def chart_of(*amounts: Amount) -> Chart | None:
    metrics = [VISITS, HOURS]
    return days.drawn(metrics, days.totals(metrics, amounts))


def test_empty_days_keep_their_place_in_the_picture_and_have_no_row() -> None:
    chart = chart_of(
        *counted(VISITS, [("2022-04-30", 3), ("2022-05-03", 5)]),
        *counted(HOURS, [("2022-05-03", 100), ("", 20)]),
    )
    assert chart is not None
    assert chart.categories == ("4月30日", "5月1日", "5月2日", "5月3日")
    assert chart.series[0].values == (Decimal(3), None, None, Decimal(5))
    assert chart.series[1].values == (None, None, None, Decimal("1.7"))
    rows = [[said(cell.inlines) for cell in row] for row in chart.table.rows]
    assert rows == [
        ["4月30日", "3", "—"],
        ["5月3日", "5", "1.7"],
        ["日期不详", "—", "0.3"],
        ["合计", "8", "2"],
    ]
    assert chart.title == "2022年4月30日至5月3日每日开展情况"
    assert "走访以5月3日为最多，5次；时长以5月3日为最多，1.7小时" in chart.description
    assert_in_table(chart)


def test_a_long_time_is_told_by_months_and_a_very_long_one_without_the_empty_ones() -> None:
    chart = chart_of(*counted(VISITS, [("2021-12-31", 1), ("2022-03-01", 2), ("2022-03-09", 4)]))
    assert chart is not None
    assert chart.categories == ("2021年12月", "2022年1月", "2022年2月", "2022年3月")
    assert chart.series[0].values == (Decimal(1), None, None, Decimal(6))
    assert chart.title == "2021年12月31日至2022年3月9日每月开展情况"
    assert_in_table(chart)
    far = chart_of(*counted(VISITS, [("1950-01-01", 1), ("2022-03-01", 2)]))
    assert far is not None
    assert far.categories == ("1950年1月", "2022年3月")


def test_no_more_days_than_can_be_told_apart() -> None:
    first = date(2022, 5, 1)

    def until(count: int) -> Chart | None:
        last = first + timedelta(days=count - 1)
        return chart_of(*counted(VISITS, [(first.isoformat(), 1), (last.isoformat(), 1)]))

    most = until(days.MOST_DAYS)
    assert most is not None
    assert len(most.categories) == days.MOST_DAYS
    more = until(days.MOST_DAYS + 1)
    assert more is not None
    assert len(more.categories) == 3


def test_one_day_alone_is_no_chart() -> None:
    assert chart_of(*counted(VISITS, [("2022-05-15", 9), ("", 2)])) is None
    assert chart_of(Amount("a.visits", 1, 9), Amount("c.other", 1, 9, day="2022-05-15")) is None


def test_only_a_sum_is_told_day_by_day() -> None:
    with pytest.raises(ValueError, match="day by day"):
        Metric("a.people", "人数", "人", "distinct", daily=True)
