"""Charts of offices and targets: who has how much, and how far each target is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from core import wording
from core.figures import Figure, Figures
from core.recap.model import Chart, Series, Table

_FULL = Decimal(100)


def by_office(
    figures: Figures, offices: Sequence[str], metrics: Sequence[str], table: Table
) -> Chart | None:
    """Bars of the metric that most offices have, the longest first; None for fewer than two.

    `metrics` are those of the table that goes with it.
    """
    metric = _commonest(figures, offices, metrics)
    of_offices = [figures.by_organisation.get(office, {}).get(metric) for office in offices]
    found = [figure for figure in of_offices if figure is not None]
    if len(found) < 2:
        return None
    ordered = sorted(found, key=lambda figure: -figure.value)
    most, least = ordered[0], ordered[-1]
    names, label = figures.names, most.label
    without = [
        office for office in offices if metric not in figures.by_organisation.get(office, {})
    ]
    told = (
        f"{names[most.organisation]}最多，{wording.stated(most)}；"
        f"{names[least.organisation]}最少，{wording.stated(least)}"
    )
    return Chart(
        key="by_organisation",
        title=f"各单位{label}",
        form="bars",
        categories=tuple(names[key] for key in [f.organisation for f in ordered] + without),
        series=(Series(label, (*(_length(f) for f in ordered), *(None for _ in without))),),
        unit=most.unit,
        description=f"横条图，比较各单位的{label}。{told}。",
        table=table,
    )


def _commonest(figures: Figures, offices: Sequence[str], metrics: Sequence[str]) -> str:
    """The metric that most of the offices have, the first of them where several do.

    A ratio, whose bars do not add up to anything, stands back where another can be compared.
    """

    def weight(metric: str) -> tuple[bool, bool, int]:
        held = sum(metric in figures.by_organisation.get(office, {}) for office in offices)
        return held > 1, figures.metrics[metric].aggregation != "ratio", held

    return max(metrics, key=weight)


def _length(figure: Figure) -> Decimal:
    """A value as its table says it: a quotient in percent, anything else in its unit."""
    if figure.unit == "%" and figure.aggregation == "ratio":
        return _percent(figure.value)
    return figure.value


def _percent(quotient: Decimal) -> Decimal:
    return Decimal(wording.percent(quotient).removesuffix("%"))


def of_targets(
    key: str, title: str, aimed: Sequence[Figure], names: Mapping[str, str], table: Table
) -> Chart | None:
    """How far targets are reached, in percent of each; None for a single one, which words say."""
    rates = [(figure, figure.completion) for figure in aimed if figure.completion is not None]
    if len(rates) < 2:
        return None
    labels = _labels([figure for figure, _ in rates], names)
    values = [_percent(rate) for _, rate in rates]
    reached = sum(value >= _FULL for value in values)
    most, least = values.index(max(values)), values.index(min(values))
    told = (
        f"{len(values)}项任务中{reached}项达到任务数；"
        f"{labels[most]}完成率最高，{wording.percent(rates[most][1])}；"
        f"{labels[least]}最低，{wording.percent(rates[least][1])}"
    )
    return Chart(
        key=key,
        title=title,
        form="progress",
        categories=labels,
        series=(Series("完成率", tuple(values)),),
        unit="%",
        description=f"横条图，比较任务完成率，虚线为任务的100%。{told}。",
        table=table,
    )


def _labels(figures: Sequence[Figure], names: Mapping[str, str]) -> tuple[str, ...]:
    """What tells the targets apart: the office, the metric, or both."""
    one_office = len({figure.organisation for figure in figures}) == 1
    one_metric = len({figure.metric for figure in figures}) == 1
    return tuple(
        figure.label
        if one_office
        else names[figure.organisation] + ("" if one_metric else f" {figure.label}")
        for figure in figures
    )
