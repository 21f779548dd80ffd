"""Values of one metric over a tree of offices, exactly as the exchange format says; no rounding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from core.metrics import Metric


@dataclass(frozen=True, slots=True)
class Tree:
    """Offices below a root: each with its children, and all of them, children before parents.

    ``parents`` gives each office's parent but the root's.
    """

    children: Mapping[int, Sequence[int]]
    upwards: Sequence[int]
    parents: Mapping[int, int]

    @classmethod
    def build(cls, root: int, parents: Mapping[int, int | None]) -> Tree:
        """From each office's parent; parents outside the mapping count as none."""
        children: dict[int, list[int]] = {office: [] for office in parents}
        for office, parent in parents.items():
            if office != root and parent in children:
                children[parent].append(office)
        downwards = [root] if root in children else []
        for office in downwards:
            downwards.extend(children[office])
        above = {child: office for office in downwards for child in children[office]}
        return cls(children, tuple(reversed(downwards)), above)

    def union(self, offices: Iterable[int]) -> set[int]:
        """Some offices of the tree and all above them, up to the root."""
        found: set[int] = set()
        for office in offices:
            place: int | None = office
            while place is not None and place not in found:
                found.add(place)
                place = self.parents.get(place)
        return found


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported figure: ``total`` states the whole, otherwise it is additional."""

    key: str
    organisation: int
    activity: str | None
    value: Fraction
    total: bool
    approximate: bool


class Value(NamedTuple):
    """A metric's value at an office, in whole numbers of ``1/unit``; nothing is rounded.

    ``part_amount`` is what it would be without the office's total. A metric's values share a unit,
    so that they are added and compared as integers.
    """

    amount: int
    unit: int = 1
    itemised_amount: int | None = None
    part_amount: int = 0
    from_total: bool = False
    approximate: bool = False

    @classmethod
    def of(cls, value: Fraction, *, approximate: bool = False) -> Value:
        """A value that nothing is itemised of."""
        return cls(value.numerator, value.denominator, approximate=approximate)

    @property
    def value(self) -> Fraction:
        """The value itself."""
        return Fraction(self.amount, self.unit)

    @property
    def itemised(self) -> Fraction | None:
        """What is on record of it."""
        return None if self.itemised_amount is None else Fraction(self.itemised_amount, self.unit)

    @property
    def parts(self) -> Fraction:
        """What it would be without the office's total."""
        return Fraction(self.part_amount, self.unit)


class _Row(NamedTuple):
    """A reported figure in whole numbers of the metric's unit."""

    amount: int
    reported: Reported


def _whole(value: Fraction, unit: int) -> int:
    return value.numerator * (unit // value.denominator)


def evaluate(
    metric: Metric,
    tree: Tree,
    amounts: Mapping[int, int],
    in_activity: Mapping[str, Mapping[int, int]],
    reported: Sequence[Reported],
) -> dict[int, Value]:
    """Values of a metric that is no ratio, by office; offices where it is left out are absent.

    ``amounts`` are what plugins measured: own amounts for ``sum``, distinct counts of the subtree
    for ``distinct``; ``in_activity`` the same, for single activities.
    """
    unit = math.lcm(metric.scale, *{row.value.denominator for row in reported})
    at: dict[int, list[_Row]] = {}
    for row in reported:
        at.setdefault(row.organisation, []).append(_Row(_whole(row.value, unit), row))
    if metric.aggregation == "none":
        return {office: _newest(rows, unit) for office, rows in at.items()}
    if metric.aggregation == "last":
        return _last(tree, at, unit)
    if metric.aggregation == "max":
        return _greatest(tree, at, unit)
    return _counted(metric, tree, amounts, in_activity, at, unit=unit)


def _stated(row: _Row, unit: int) -> Value:
    return Value(row.amount, unit, approximate=row.reported.approximate)


def _newest(rows: Sequence[_Row], unit: int) -> Value:
    return _stated(max(rows, key=lambda row: row.reported.key), unit)


def _last(tree: Tree, at: Mapping[int, Sequence[_Row]], unit: int) -> dict[int, Value]:
    values: dict[int, Value] = {}
    for office in tree.upwards:
        if rows := at.get(office):
            values[office] = _newest(rows, unit)
        elif below := [values[child] for child in tree.children[office] if child in values]:
            total = sum(value.amount for value in below)
            approximate = any(value.approximate for value in below)
            values[office] = Value(total, unit, approximate=approximate)
    return values


def _greatest(tree: Tree, at: Mapping[int, Sequence[_Row]], unit: int) -> dict[int, Value]:
    values: dict[int, Value] = {}
    for office in tree.upwards:
        candidates = [_stated(row, unit) for row in at.get(office, ())]
        candidates += [values[child] for child in tree.children[office] if child in values]
        if candidates:
            # Of equal values an exact one is stated rather than an approximate one.
            values[office] = max(
                candidates, key=lambda value: (value.amount, not value.approximate)
            )
    return values


def subtree_sums(tree: Tree, amounts: Mapping[int, int]) -> dict[int, int]:
    """Own amounts added up the tree; offices that come to nothing are absent."""
    sums = {office: amount for office, amount in amounts.items() if amount}
    for office in tree.upwards:
        total = sums.get(office)
        parent = tree.parents.get(office)
        if total and parent is not None:
            sums[parent] = sums.get(parent, 0) + total
    return {office: sums[office] for office in tree.upwards if sums.get(office)}


def _counted(
    metric: Metric,
    tree: Tree,
    amounts: Mapping[int, int],
    in_activity: Mapping[str, Mapping[int, int]],
    at: Mapping[int, Sequence[_Row]],
    *,
    unit: int,
) -> dict[int, Value]:
    """``sum`` and ``distinct``: the two kinds that have records under them."""
    distinct, each = metric.aggregation == "distinct", unit // metric.scale
    itemised = amounts if distinct else subtree_sums(tree, amounts)
    of_activities = {
        activity: (found if distinct else subtree_sums(tree, found))
        for activity, found in in_activity.items()
        if any(r.total and r.activity == activity for rows in at.values() for _, r in rows)
    }
    values: dict[int, Value] = {}
    for office in tree.upwards:
        below = [values[child] for child in tree.children[office] if child in values]
        rows, own = at.get(office, ()), itemised.get(office, 0) * each
        if not (own or rows or below):
            continue
        start = own if distinct else amounts.get(office, 0) * each
        parts, approximate = _parts(start, below, distinct)
        total: _Row | None = None
        for row in rows:
            added = _added(row, of_activities, each)
            parts += added
            approximate |= row.reported.approximate and added > 0
            if row.reported.total and row.reported.activity is None and total is None:
                total = row
        if total is None:
            values[office] = Value(parts, unit, own, parts, False, approximate)
        else:
            values[office] = Value(total.amount, unit, own, parts, True, total.reported.approximate)
    return values


def _parts(start: int, below: Sequence[Value], distinct: bool) -> tuple[int, bool]:
    """An office's own amount with its children's: of subjects only what nobody itemised."""
    approximate = False
    for child in below:
        unseen = max(0, child.amount - (child.itemised_amount or 0)) if distinct else child.amount
        start += unseen
        approximate |= child.approximate and unseen > 0
    return start, approximate


def _added(row: _Row, in_activities: Mapping[str, Mapping[int, int]], each: int) -> int:
    """What a reported figure adds to an office's parts; the office's own total adds nothing."""
    reported = row.reported
    if not reported.total:
        return row.amount
    if reported.activity is None:
        return 0
    itemised = in_activities.get(reported.activity, {}).get(reported.organisation, 0)
    return max(0, row.amount - itemised * each)


def ratio_value(
    numerators: Mapping[int, Value], denominators: Mapping[int, Value]
) -> dict[int, Value]:
    """``numerator ÷ denominator`` wherever both stand and the denominator is not zero."""
    values: dict[int, Value] = {}
    for office, above in numerators.items():
        below = denominators.get(office)
        if below is None or not below.amount:
            continue
        values[office] = Value(
            above.amount * below.unit,
            above.unit * below.amount,
            approximate=above.approximate or below.approximate,
        )
    return values
