"""Figures as they are stated: from exact values to the numbers that people read.

A large tree has tens of thousands of figures and a page shows a few dozen, so that each is made
when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from core.metrics import Metric
from core.numbers import EXACT, divided, exact_quotient
from core.tree_arithmetic import Value

RATE_PLACES = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of one office as it is stated. ``evidence`` and ``completion`` to four places."""

    metric: str
    label: str
    unit: str
    aggregation: str
    organisation: str
    value: Decimal
    itemised: Decimal | None
    evidence: Decimal | None
    target: Decimal | None
    completion: Decimal | None
    approximate: bool


class Measure(NamedTuple):
    """A stated number as the quotient of two integers; ``places`` where it was rounded to them."""

    above: int
    below: int
    places: int | None = None

    def decimal(self) -> Decimal:
        """The number; it is a finite decimal."""
        if self.below == 1:
            return Decimal(self.above)
        if self.places is not None:
            return Decimal(self.above).scaleb(-self.places, EXACT)
        return exact_quotient(self.above, self.below)


def _rounded(count: int, unit: int, places: int) -> Measure:
    tens = 10**places
    return Measure((2 * count * tens + unit) // (2 * unit), tens, places)


def stated(metric: Metric, value: Value) -> Measure:
    """A value as it is stated: rounded where its metric says so, but never what was reported."""
    if metric.aggregation == "ratio":
        return _rounded(value.amount, value.unit, RATE_PLACES)
    if metric.places is not None and not value.from_total:
        return _rounded(value.amount, value.unit, metric.places)
    return Measure(value.amount, value.unit)


def stated_count(metric: Metric, count: int, unit: int) -> Measure:
    """What is itemised of a value, as it is stated."""
    return Measure(count, unit) if metric.places is None else _rounded(count, unit, metric.places)


def figure(metric: Metric, organisation: str, value: Value, target: str | None) -> Figure:
    """A value of an office (its key) as it is stated, with its target as it was typed."""
    told = stated(metric, value)
    itemised = None
    if value.itemised_amount is not None:
        itemised = stated_count(metric, value.itemised_amount, value.unit)
    goal = None if target is None else Decimal(target)
    evidence = completion = None
    if itemised is not None and told.above:
        above, below = itemised.above * told.below, itemised.below * told.above
        evidence = divided(above, below, RATE_PLACES)
    if goal:
        numerator, denominator = goal.as_integer_ratio()
        completion = divided(told.above * denominator, told.below * numerator, RATE_PLACES)
    return Figure(
        metric.key,
        metric.label,
        metric.unit,
        metric.aggregation,
        organisation,
        told.decimal(),
        None if itemised is None else itemised.decimal(),
        evidence,
        goal,
        completion,
        value.approximate,
    )


class OfficeFigures(Mapping[str, Figure]):
    """The figures of one office by metric, in the order of the definitions."""

    __slots__ = ("_metrics", "_organisation", "_targets", "_values")

    def __init__(
        self, organisation: str, metrics: Mapping[str, Metric], targets: Mapping[str, str]
    ) -> None:
        """Of an office's key; ``targets`` as they were typed, by metric. ``add`` fills it."""
        self._organisation = organisation
        self._metrics = metrics
        self._targets = targets
        self._values: dict[str, Value] = {}

    def add(self, metric: str, value: Value) -> None:
        """Take in a value."""
        self._values[metric] = value

    def __getitem__(self, metric: str) -> Figure:
        """The figure of a metric."""
        value = self._values[metric]
        return figure(self._metrics[metric], self._organisation, value, self._targets.get(metric))

    def __contains__(self, metric: object) -> bool:
        return metric in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"OfficeFigures({self._organisation!r}, {dict(self)!r})"
