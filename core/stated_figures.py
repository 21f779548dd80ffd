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
from core.numbers import EXACT, exact_quotient, plain
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

    def text(self) -> str:
        """The number as ``plain`` writes it."""
        whole, rest = divmod(self.above, self.below)
        if not rest:
            return str(whole)
        places = _PLACES.get(self.below)
        return plain(self.decimal()) if places is None else f"{whole}.{rest:0{places}d}".rstrip("0")


_PLACES = {10**places: places for places in range(1, 10)}


class Numbers(NamedTuple):
    """The numbers of a figure, as they are stated; ``target`` as it was typed."""

    value: Measure
    itemised: Measure | None
    evidence: Measure | None
    target: str | None
    completion: Measure | None

    def texts(self) -> dict[str, str | None]:
        """The numbers as documents for programmes write them, by the names of Figure's members."""
        return {
            "value": self.value.text(),
            "itemised": self.itemised.text() if self.itemised else None,
            "evidence": self.evidence.text() if self.evidence else None,
            "target": None if self.target is None else plain(Decimal(self.target)),
            "completion": self.completion.text() if self.completion else None,
        }


def rounded(above: int, below: int, places: int) -> Measure:
    """A quotient, both its parts positive or nothing, to so many decimal places, half up."""
    tens = 10**places
    return Measure((2 * above * tens + below) // (2 * below), tens, places)


def stated(metric: Metric, value: Value) -> Measure:
    """A value as it is stated: rounded where its metric says so, but never what was reported."""
    if metric.aggregation == "ratio":
        return rounded(value.amount, value.unit, RATE_PLACES)
    if metric.places is not None and not value.from_total:
        return rounded(value.amount, value.unit, metric.places)
    return Measure(value.amount, value.unit)


def stated_amount(metric: Metric, amount: int, unit: int) -> Measure:
    """What is itemised of a value, as it is stated."""
    return Measure(amount, unit) if metric.places is None else rounded(amount, unit, metric.places)


def numbers(metric: Metric, value: Value, target: str | None) -> Numbers:
    """What is stated of a value. Evidence and completion are rates of the stated numbers."""
    told, itemised, evidence, completion = stated(metric, value), None, None, None
    if value.itemised_amount is not None:
        itemised = stated_amount(metric, value.itemised_amount, value.unit)
        if told.above:
            above, below = itemised.above * told.below, itemised.below * told.above
            evidence = rounded(above, below, RATE_PLACES)
    if target is not None:
        goal, unit = Decimal(target).as_integer_ratio()
        if goal:
            completion = rounded(told.above * unit, told.below * goal, RATE_PLACES)
    return Numbers(told, itemised, evidence, target, completion)


def figure(metric: Metric, organisation: str, value: Value, target: str | None) -> Figure:
    """A value of an office (its key) as it is stated, with its target as it was typed."""
    told = numbers(metric, value, target)
    return Figure(
        metric.key,
        metric.label,
        metric.unit,
        metric.aggregation,
        organisation,
        told.value.decimal(),
        told.itemised.decimal() if told.itemised else None,
        told.evidence.decimal() if told.evidence else None,
        None if target is None else Decimal(target),
        told.completion.decimal() if told.completion else None,
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

    def told(self) -> Iterator[tuple[Metric, Numbers, bool]]:
        """Each metric with its numbers and whether they are approximate: for whole documents."""
        for metric, value in self._values.items():
            known = self._metrics[metric]
            yield known, numbers(known, value, self._targets.get(metric)), value.approximate

    def __contains__(self, metric: object) -> bool:
        return metric in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"OfficeFigures({self._organisation!r}, {dict(self)!r})"
