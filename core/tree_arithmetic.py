"""Values of one metric over a tree of offices, exactly as the exchange format says; no rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.metrics import Metric

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Tree:
    """Offices below a root: each with its children, and all of them, children before parents."""

    children: Mapping[int, Sequence[int]]
    upwards: Sequence[int]

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
        return cls(children, tuple(reversed(downwards)))


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported figure: ``total`` states the whole, otherwise it is additional."""

    key: str
    organisation: int
    activity: str | None
    value: Fraction
    total: bool
    approximate: bool


@dataclass(frozen=True, slots=True)
class Value:
    """A metric's value at an office. ``parts`` is what it would be without the office's total."""

    value: Fraction
    itemised: Fraction | None = None
    parts: Fraction = ZERO
    from_total: bool = False
    approximate: bool = False


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
    at: dict[int, list[Reported]] = {}
    for row in reported:
        at.setdefault(row.organisation, []).append(row)
    if metric.aggregation == "none":
        chosen = {office: max(rows, key=lambda row: row.key) for office, rows in at.items()}
        return {o: Value(row.value, approximate=row.approximate) for o, row in chosen.items()}
    if metric.aggregation == "last":
        return _last(tree, at)
    if metric.aggregation == "max":
        return _greatest(tree, at)
    return _counted(metric, tree, amounts, in_activity, at)


def _last(tree: Tree, at: Mapping[int, Sequence[Reported]]) -> dict[int, Value]:
    values: dict[int, Value] = {}
    for office in tree.upwards:
        if rows := at.get(office):
            row = max(rows, key=lambda row: row.key)
            values[office] = Value(row.value, approximate=row.approximate)
        elif below := [values[child] for child in tree.children[office] if child in values]:
            total = sum((value.value for value in below), ZERO)
            values[office] = Value(total, approximate=any(value.approximate for value in below))
    return values


def _greatest(tree: Tree, at: Mapping[int, Sequence[Reported]]) -> dict[int, Value]:
    values: dict[int, Value] = {}
    for office in tree.upwards:
        candidates = [Value(r.value, approximate=r.approximate) for r in at.get(office, ())]
        candidates += [values[child] for child in tree.children[office] if child in values]
        if candidates:
            # Of equal values an exact one is stated rather than an approximate one.
            values[office] = max(candidates, key=lambda value: (value.value, not value.approximate))
    return values


def subtree_sums(tree: Tree, amounts: Mapping[int, int]) -> dict[int, int]:
    """Own amounts added up the tree; offices that come to nothing are absent."""
    sums: dict[int, int] = {}
    for office in tree.upwards:
        total = amounts.get(office, 0) + sum(sums.get(c, 0) for c in tree.children[office])
        if total:
            sums[office] = total
    return sums


def _counted(
    metric: Metric,
    tree: Tree,
    amounts: Mapping[int, int],
    in_activity: Mapping[str, Mapping[int, int]],
    at: Mapping[int, Sequence[Reported]],
) -> dict[int, Value]:
    """``sum`` and ``distinct``: the two kinds that have records under them."""
    distinct = metric.aggregation == "distinct"
    itemised = amounts if distinct else subtree_sums(tree, amounts)
    of_activities = {
        activity: (found if distinct else subtree_sums(tree, found))
        for activity, found in in_activity.items()
        if any(row.total and row.activity == activity for rows in at.values() for row in rows)
    }
    values: dict[int, Value] = {}
    for office in tree.upwards:
        below = [values[child] for child in tree.children[office] if child in values]
        rows = at.get(office, ())
        if not (itemised.get(office) or rows or below):
            continue
        own = Fraction(itemised.get(office, 0), metric.scale)
        start = own if distinct else Fraction(amounts.get(office, 0), metric.scale)
        parts, approximate = _parts(start, below, distinct)
        for row in rows:
            added = _added(row, of_activities.get(row.activity or "", {}), metric.scale)
            parts += added
            approximate |= row.approximate and added > 0
        total = next((row for row in rows if row.total and row.activity is None), None)
        values[office] = Value(
            value=parts if total is None else total.value,
            itemised=own,
            parts=parts,
            from_total=total is not None,
            approximate=approximate if total is None else total.approximate,
        )
    return values


def _parts(start: Fraction, below: Sequence[Value], distinct: bool) -> tuple[Fraction, bool]:
    """An office's own amount with its children's: of subjects only what nobody itemised."""
    approximate = False
    for child in below:
        unseen = max(ZERO, child.value - (child.itemised or ZERO)) if distinct else child.value
        start += unseen
        approximate |= child.approximate and unseen > 0
    return start, approximate


def _added(row: Reported, itemised_in_activity: Mapping[int, int], scale: int) -> Fraction:
    """What a reported figure adds to an office's parts; the office's own total adds nothing."""
    if not row.total:
        return row.value
    if row.activity is None:
        return ZERO
    itemised = Fraction(itemised_in_activity.get(row.organisation, 0), scale)
    return max(ZERO, row.value - itemised)


def ratio_value(
    numerators: Mapping[int, Value], denominators: Mapping[int, Value]
) -> dict[int, Value]:
    """``numerator ÷ denominator`` wherever both stand and the denominator is not zero."""
    return {
        office: Value(
            above.value / denominators[office].value,
            approximate=above.approximate or denominators[office].approximate,
        )
        for office, above in numerators.items()
        if office in denominators and denominators[office].value
    }
