"""How the work went on, day by day: a chart with a panel for each plugin, and one table.

Only what is on record has a day. What somebody reported has none, and is not in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from core import wording
from core.measures import Amount
from core.metrics import Metric
from core.numbers import exact, plain, rounded
from core.plugins import Plugins
from core.recap.model import Cell, Chart, Section, Series, Table, Text
from core.reports import Report

KEY, TITLE = "days", "每日进展"
UNKNOWN = "日期不详"
MOST_DAYS = 62  # as many as can be told apart in one picture; a longer time is told by months
MOST_MONTHS = 36

Totals = Mapping[str, Mapping[str, Fraction]]
"""What is on record: by metric and day (`2022-05-15`, empty where it is not known)."""


async def section(report: Report, plugins: Plugins) -> tuple[Section | None, list[str]]:
    """The recap's part about the days, and the titles of plugins that could not tell them.

    At most one statement for each of the plugins' sources. None where fewer than two days are told.
    """
    metrics = _daily(report)
    asked = {metric.plugin for metric in metrics}
    enabled = [plugin for plugin in report.campaign.enabled if plugin in asked]
    amounts: list[Amount] = []
    failed: list[str] = []
    scope = replace(report.scope, by_day=True)
    for outcome in await plugins.ask("measure", enabled, scope=scope):
        if outcome.failed:
            failed.append(outcome.title)
        amounts += outcome.value or []
    chart = drawn(metrics, totals(metrics, amounts))
    return (Section(KEY, TITLE, (chart,)) if chart else None), failed


def _daily(report: Report) -> list[Metric]:
    """The metrics that are told day by day, of the plugins that the campaign has switched on."""
    enabled = set(report.campaign.enabled)
    return [m for m in report.figures.metrics.values() if m.daily and m.plugin in enabled]


def totals(metrics: Sequence[Metric], amounts: Iterable[Amount]) -> dict[str, dict[str, Fraction]]:
    """Add up amounts by metric and day; those that no day was told for are left out."""
    scales = {metric.key: metric.scale for metric in metrics}
    found: dict[str, dict[str, Fraction]] = {}
    for amount in amounts:
        if amount.day is None or amount.metric not in scales:
            continue
        of_days = found.setdefault(amount.metric, {})
        part = Fraction(amount.amount, scales[amount.metric])
        of_days[amount.day] = of_days.get(amount.day, Fraction(0)) + part
    return found


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A day or a month: how it is called, and the days in it."""

    label: str
    days: frozenset[str]


def drawn(metrics: Sequence[Metric], found: Totals) -> Chart | None:
    """Make the chart of all metrics that have a day; None where fewer than two days are known."""
    shown = [metric for metric in metrics if found.get(metric.key)]
    days = sorted({day for of_days in found.values() for day in of_days if day})
    if len(days) < 2:
        return None
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    whole = wording.period(first, last)
    by_day = (last - first).days < MOST_DAYS
    stretches = _days(first, last) if by_day else _months(first, last, days)
    title = f"{whole}{'每日' if by_day else '每月'}开展情况"
    series = tuple(
        Series(m.headed, tuple(_value(m, found[m.key], s.days) for s in stretches)) for m in shown
    )
    return Chart(
        key=KEY,
        title=title,
        form="columns",
        categories=tuple(stretch.label for stretch in stretches),
        series=series,
        unit="",
        description=_description(whole, shown, stretches, series),
        table=_table(shown, found, stretches, "日期" if by_day else "月份"),
    )


def _days(first: date, last: date) -> list[_Stretch]:
    """Every day from the first to the last, also those on which nothing was done."""
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return [_Stretch(f"{d.month}月{d.day}日", frozenset([d.isoformat()])) for d in days]


def _months(first: date, last: date, days: Sequence[str]) -> list[_Stretch]:
    """Every month from the first to the last; of too many those with something."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    held: dict[tuple[int, int], set[str]] = {}
    if count <= MOST_MONTHS:
        held = {divmod(first.year * 12 + first.month - 1 + n, 12): set() for n in range(count)}
    for day in days:
        held.setdefault((int(day[:4]), int(day[5:7]) - 1), set()).add(day)
    return [
        _Stretch(f"{year}年{month + 1}月", frozenset(within))
        for (year, month), within in held.items()
    ]


def _stated(metric: Metric, value: Fraction) -> Decimal:
    return exact(value) if metric.places is None else rounded(value, metric.places)


def _value(metric: Metric, of_days: Mapping[str, Fraction], days: Iterable[str]) -> Decimal | None:
    """What fell into some days; None for nothing at all."""
    value = sum((of_days.get(day, Fraction(0)) for day in days), Fraction(0))
    return _stated(metric, value) if value else None


def _table(
    metrics: Sequence[Metric], found: Totals, stretches: Sequence[_Stretch], head: str
) -> Table:
    """A row for each stretch in which there was something, and one for all together."""
    unknown = _Stretch(UNKNOWN, frozenset([""]))
    everything = frozenset(day for of_days in found.values() for day in of_days)
    rows = []
    for stretch in (*stretches, unknown, _Stretch("合计", everything)):
        values = [_value(metric, found[metric.key], stretch.days) for metric in metrics]
        if any(value is not None for value in values):
            rows.append((Cell.words(stretch.label), *(_cell(value) for value in values)))
    note = "按明细记录统计，填报数没有日期"
    header = (head, *(metric.headed for metric in metrics))
    return Table(f"{TITLE}（{note}）", header, tuple(rows))


def _cell(value: Decimal | None) -> Cell:
    return Cell((Text("—" if value is None else plain(value)),), numeric=True)


def _description(
    whole: str, metrics: Sequence[Metric], stretches: Sequence[_Stretch], series: Sequence[Series]
) -> str:
    """Say of each metric when there was most of it."""
    clauses = []
    for metric, each in zip(metrics, series, strict=True):
        known = [
            (value, stretch.label)
            for value, stretch in zip(each.values, stretches, strict=True)
            if value is not None
        ]
        if known:
            most = max(value for value, _ in known)
            label = next(label for value, label in known if value == most)
            clauses.append(f"{metric.label}以{label}为最多，{wording.quantity(most, metric.unit)}")
    return f"柱形图，{whole}。{'；'.join(clauses)}。"
