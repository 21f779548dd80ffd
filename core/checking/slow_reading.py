"""The figures of a bundle, read slowly: one definition after the other, straight from the law.

A bundle's dictionary goes in, every stated field of every figure comes out. Nothing of the project
is used and nothing is clever: each value is worked out anew from all records, office by office, so
that what the software adds up in a few statements can be held against it. What is read once (who
is below an office, a value) is remembered, or a province would take days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple


class Record(NamedTuple):
    """One record's part in a metric: an amount for ``sum``, a subject for ``distinct``."""

    metric: str
    organisation: str
    activity: str | None
    amount: Fraction
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class SlowReader:
    """How a plugin's section of a bundle is read slowly.

    ``sums`` and ``distincts`` are the plugin's metrics by aggregation, ``ratios`` those of its
    ratios with their numerator and denominator, ``places`` the decimals to which a metric is
    stated. ``records`` reads the section (decoded JSON) without anything of the plugin's own code.
    """

    records: Callable[[dict[str, Any]], Iterable[Record]]
    sums: Sequence[str] = ()
    distincts: Sequence[str] = ()
    ratios: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    def metrics(self) -> dict[str, dict[str, Any]]:
        """Definitions by key, in the form in which bundles hold a campaign's own."""
        found: dict[str, dict[str, Any]] = {key: {"aggregation": "sum"} for key in self.sums}
        found |= {key: {"aggregation": "distinct"} for key in self.distincts}
        for key, (above, below) in self.ratios.items():
            found[key] = {"aggregation": "ratio", "numerator": above, "denominator": below}
        return found


class Standing(NamedTuple):
    """A value before it is stated; ``approximate`` as the law has it, ``whole`` from a total."""

    value: Fraction
    approximate: bool
    whole: bool = False


class SlowReading:
    """One bundle, and the questions that the law answers about it.

    ``readers`` read the sections of plugins, by key. A section without a reader is left alone, and
    so are metrics that nobody here can read: ``unread`` names those plugins.
    """

    def __init__(self, bundle: dict[str, Any], readers: Mapping[str, SlowReader]) -> None:
        self.parents = {item["key"]: item["parent"] for item in bundle["organisations"]}
        self.places: dict[str, int] = {}
        self.metrics: dict[str, dict[str, Any]] = {}
        for reader in readers.values():
            self.metrics |= reader.metrics()
            self.places |= reader.places
        self.metrics |= {metric["key"]: metric for metric in bundle.get("metrics", [])}
        self.targets = {
            (target["metric"], target["organisation"]): target["value"]
            for target in bundle.get("targets", [])
        }
        sections = bundle.get("plugins", {})
        self.unread = sorted(set(sections) - set(readers))
        self.reported = [r for r in bundle.get("reported", []) if r["metric"] in self.metrics]
        self._reported: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.reported:
            self._reported[row["metric"]].append(row)
        self._records: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
        for plugin, section in sections.items():
            for record in readers[plugin].records(section) if plugin in readers else ():
                self._records[record.metric][record.organisation].append(record)
        self._children: dict[str | None, list[str]] = defaultdict(list)
        for key, parent in self.parents.items():
            self._children[parent].append(key)
        self._subtrees: dict[str, frozenset[str]] = {}
        self._standings: dict[tuple[str, str], Standing | None] = {}

    def children(self, office: str) -> list[str]:
        """The offices directly below."""
        return self._children[office]

    def subtree(self, office: str) -> frozenset[str]:
        """The office and everything below it."""
        if office not in self._subtrees:
            below = [self.subtree(child) for child in self.children(office)]
            self._subtrees[office] = frozenset({office}).union(*below)
        return self._subtrees[office]

    def reports(self, metric: str, office: str) -> list[dict[str, Any]]:
        """What the office itself reported of the metric."""
        return [row for row in self._reported[metric] if row["organisation"] == office]

    def reports_below(self, metric: str, office: str) -> list[dict[str, Any]]:
        """What the office and those below it reported of the metric."""
        below = self.subtree(office)
        return [row for row in self._reported[metric] if row["organisation"] in below]

    def itemised(
        self, metric: str, offices: frozenset[str], activity: str | None = None
    ) -> Fraction:
        """What the records of these offices come to, of one activity alone where one is named."""
        of_metric = self._records[metric]
        records = [r for office in offices & of_metric.keys() for r in of_metric[office]]
        if activity is not None:
            records = [record for record in records if record.activity == activity]
        if self.metrics[metric]["aggregation"] == "distinct":
            return Fraction(len({record.subject for record in records}))
        return sum((record.amount for record in records), Fraction(0))

    def is_left_out(self, metric: str, office: str) -> bool:
        """Neither a record below the office that adds more than zero, nor a reported figure."""
        of_metric = self._records[metric]
        for below in self.subtree(office) & of_metric.keys():
            if any(record.amount > 0 for record in of_metric[below]):
                return False
        return not self.reports_below(metric, office)

    def standing(self, metric: str, office: str) -> Standing | None:
        """The value of the metric at the office; None where it is left out."""
        place = metric, office
        if place not in self._standings:
            self._standings[place] = self._worked_out(metric, office)
        return self._standings[place]

    def _worked_out(self, metric: str, office: str) -> Standing | None:
        aggregation = self.metrics[metric]["aggregation"]
        if aggregation != "ratio" and self.is_left_out(metric, office):
            return None
        rules = {
            "sum": self.counted,
            "distinct": self.counted,
            "last": self.last,
            "max": self.greatest,
            "ratio": self.ratio,
            "none": self.own_latest,
        }
        return rules[aggregation](metric, office)

    def counted(self, metric: str, office: str) -> Standing:
        """The total at the office, if there is one."""
        total = [
            row
            for row in self.reports(metric, office)
            if row["basis"] == "total" and row["activity"] is None
        ]
        if total:
            return Standing(Fraction(total[0]["value"]), total[0].get("approximate", False), True)
        return self.without_total(metric, office)

    def without_total(self, metric: str, office: str) -> Standing:
        """What the office's value is, or would be, without a total of its own."""
        distinct = self.metrics[metric]["aggregation"] == "distinct"
        value = self.itemised(metric, self.subtree(office) if distinct else frozenset({office}))
        approximate = False
        for row in self.reports(metric, office):
            added = self.added(metric, office, row)
            value += added
            approximate = approximate or (added > 0 and row.get("approximate", False))
        for child in self.children(office):
            below = self.standing(metric, child)
            if below is None:
                continue
            added = below.value
            if distinct:
                added = max(Fraction(0), added - self.itemised(metric, self.subtree(child)))
            value += added
            approximate = approximate or (added > 0 and below.approximate)
        return Standing(value, approximate)

    def added(self, metric: str, office: str, row: dict[str, Any]) -> Fraction:
        """What a reported figure adds where it was reported, if it is not the office's total."""
        if row["basis"] == "additional":
            return Fraction(row["value"])
        if row["activity"] is None:
            return Fraction(0)
        counted = self.itemised(metric, self.subtree(office), row["activity"])
        return max(Fraction(0), Fraction(row["value"]) - counted)

    @staticmethod
    def latest(rows: list[dict[str, Any]]) -> Standing:
        """The row whose key is greatest by code point."""
        row = max(rows, key=lambda row: [ord(character) for character in row["key"]])
        return Standing(Fraction(row["value"]), row.get("approximate", False))

    def own_latest(self, metric: str, office: str) -> Standing | None:
        """The office's own latest figure, whatever stands below it."""
        own = self.reports(metric, office)
        return self.latest(own) if own else None

    def last(self, metric: str, office: str) -> Standing:
        """The office's own latest figure; without one the sum of its children's."""
        if own := self.reports(metric, office):
            return self.latest(own)
        found = [self.standing(metric, child) for child in self.children(office)]
        below = [standing for standing in found if standing is not None]
        value = sum((standing.value for standing in below), Fraction(0))
        return Standing(value, any(standing.approximate for standing in below))

    def greatest(self, metric: str, office: str) -> Standing:
        """The greatest reported figure in the subtree; sure if one that states it is."""
        rows = self.reports_below(metric, office)
        value = max(Fraction(row["value"]) for row in rows)
        stated = [row for row in rows if Fraction(row["value"]) == value]
        return Standing(value, all(row.get("approximate", False) for row in stated))

    def ratio(self, metric: str, office: str) -> Standing | None:
        """The quotient of two other values; None where it cannot be formed."""
        parts = self.metrics[metric]["numerator"], self.metrics[metric]["denominator"]
        if not self.metrics.keys() >= set(parts):
            return None
        above, below = (self.standing(part, office) for part in parts)
        if above is None or below is None or below.value == 0:
            return None
        return Standing(above.value / below.value, above.approximate or below.approximate)

    def figure(self, metric: str, office: str) -> dict[str, Any] | None:
        """The figure as it is stated; None where it is left out."""
        standing = self.standing(metric, office)
        if standing is None:
            return None
        aggregation = self.metrics[metric]["aggregation"]
        places = 4 if aggregation == "ratio" else self.places.get(metric)
        value = standing.value
        if places is not None and not standing.whole:
            value = half_up(value, places)
        itemised: Fraction | None = None
        if aggregation in ("sum", "distinct"):
            itemised = self.itemised(metric, self.subtree(office))
            itemised = itemised if places is None else half_up(itemised, places)
        target = self.targets.get((metric, office))
        goal = None if target is None else Fraction(target)
        return {
            "value": text(value),
            "itemised": None if itemised is None else text(itemised),
            "evidence": None if itemised is None or not value else rate(itemised, value),
            "target": None if goal is None else text(goal),
            "completion": rate(value, goal) if goal else None,
            "approximate": standing.approximate,
        }

    def figures(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Every figure of every office that has one."""
        found = {
            office: {metric: self.figure(metric, office) for metric in self.metrics}
            for office in self.parents
        }
        kept = {
            office: {metric: figure for metric, figure in of_office.items() if figure is not None}
            for office, of_office in found.items()
        }
        return {office: of_office for office, of_office in kept.items() if of_office}

    def totals_below_parts(self) -> set[tuple[str, str]]:
        """Metric and office of each total that is less than what is known without it."""
        return {
            (row["metric"], row["organisation"])
            for row in self.reported
            if row["basis"] == "total"
            and row["activity"] is None
            and self.metrics[row["metric"]]["aggregation"] in ("sum", "distinct")
            and self.without_total(row["metric"], row["organisation"]).value
            > Fraction(row["value"])
        }


def half_up(value: Fraction, places: int) -> Fraction:
    """Rounded, a half upwards."""
    return Fraction(int(value * 10**places + Fraction(1, 2)), 10**places)


def rate(part: Fraction, whole: Fraction) -> str:
    """A quotient to four places."""
    return text(half_up(part / whole, 4))


def text(value: Fraction) -> str:
    """A finite decimal without exponent or trailing zeros."""
    with localcontext(prec=1200):
        written = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written
