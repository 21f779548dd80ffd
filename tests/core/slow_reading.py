"""The figures of a bundle, read slowly: one definition after the other, straight from the law.

A bundle's dictionary goes in, every stated field of every figure comes out. Nothing of the project
is used and nothing is clever: each value is worked out anew from all records, office by office, so
that what the software adds up in a few statements can be held against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple

# What the plugins declare: the aggregation of each metric.
SUMS = [
    "condolence.visits",
    "condolence.cash",
    "condolence.goods_value",
    "condolence.goods_items",
    "job_fair.fairs",
    "job_fair.openings",
    "job_fair.attendances",
    "job_fair.applications",
    "volunteer.attendances",
    "volunteer.hours",
    "publicity.articles",
    "publicity.tv",
    "publicity.radio",
    "publicity.videos",
    "publicity.briefs",
    "publicity.reprints",
    "publicity.banners",
    "publicity.leaflets",
    "publicity.booklets",
    "publicity.posters",
    "publicity.slogans",
    "publicity.sms",
    "publicity.reach",
]
DISTINCTS = [
    "condolence.households",
    "condolence.people",
    "condolence.institutions",
    "job_fair.employers",
    "job_fair.job_types",
    "job_fair.attendees",
    "job_fair.intents",
    "job_fair.hired",
    "volunteer.volunteers",
    "volunteer.activities",
]
OF_RECIPIENT = {"household": "households", "person": "people", "institution": "institutions"}
OF_ITEM = {
    "article": "articles",
    "tv": "tv",
    "radio": "radio",
    "video": "videos",
    "brief": "briefs",
}
OF_MATERIAL = {
    "banner": "banners",
    "leaflet": "leaflets",
    "booklet": "booklets",
    "poster": "posters",
    "slogan": "slogans",
    "sms": "sms",
}
WITH_INTENT = ("intent", "signed", "hired")


class Record(NamedTuple):
    """One record's part in a metric: an amount for ``sum``, a subject for ``distinct``."""

    metric: str
    organisation: str
    activity: str | None
    amount: Fraction
    subject: str | None = None


def condolence(section: dict[str, Any]) -> Iterator[Record]:
    kinds = {recipient["key"]: recipient["kind"] for recipient in section.get("recipients", [])}
    for round_ in section.get("rounds", []):
        place = round_["organisation"], round_["activity"]
        for line in round_.get("lines", []):
            if line["status"] != "delivered":
                continue
            who = OF_RECIPIENT[kinds[line["recipient"]]]
            yield Record(f"condolence.{who}", *place, Fraction(1), line["recipient"])
            yield Record("condolence.visits", *place, Fraction(1))
            yield Record("condolence.cash", *place, Fraction(line["cash"]))
            for goods in line.get("goods", []):
                worth = goods["quantity"] * Fraction(goods["unit_value"])
                yield Record("condolence.goods_value", *place, worth)
                yield Record("condolence.goods_items", *place, Fraction(goods["quantity"]))


def job_fair(section: dict[str, Any]) -> Iterator[Record]:
    for fair in section.get("fairs", []):
        place = fair["organisation"], fair["activity"]
        yield Record("job_fair.fairs", *place, Fraction(1))
        for position in fair.get("positions", []):
            yield Record("job_fair.employers", *place, Fraction(1), position["employer"])
            yield Record("job_fair.job_types", *place, Fraction(1), position["job_type"])
            yield Record("job_fair.openings", *place, Fraction(position["openings"]))
        for seeker in fair.get("attendances", []):
            yield Record("job_fair.attendees", *place, Fraction(1), seeker)
            yield Record("job_fair.attendances", *place, Fraction(1))
        for application in fair.get("applications", []):
            yield Record("job_fair.applications", *place, Fraction(1))
            if application["stage"] in WITH_INTENT:
                yield Record("job_fair.intents", *place, Fraction(1), application["seeker"])
            if application["stage"] == "hired":
                yield Record("job_fair.hired", *place, Fraction(1), application["seeker"])


def volunteer(section: dict[str, Any]) -> Iterator[Record]:
    shifts = {shift["key"]: shift for shift in section.get("shifts", [])}
    for attendance in section.get("attendances", []):
        if attendance["status"] != "confirmed":
            continue
        shift = shifts[attendance["shift"]]
        place = shift["organisation"], shift["activity"]
        start = max(map(datetime.fromisoformat, (shift["starts_at"], attendance["checked_in_at"])))
        end = min(map(datetime.fromisoformat, (shift["ends_at"], attendance["checked_out_at"])))
        minutes = max(0, int((end - start).total_seconds()) // 60)
        yield Record("volunteer.volunteers", *place, Fraction(1), attendance["volunteer"])
        yield Record("volunteer.attendances", *place, Fraction(1))
        yield Record("volunteer.hours", *place, Fraction(minutes, 60))
        if shift["activity"] is not None:
            yield Record("volunteer.activities", *place, Fraction(1), shift["activity"])


def publicity(section: dict[str, Any]) -> Iterator[Record]:
    for item in section.get("items", []):
        kind = "reprints" if item["reprint_of"] is not None else OF_ITEM[item["kind"]]
        yield Record(f"publicity.{kind}", item["organisation"], None, Fraction(1))
    for material in section.get("materials", []):
        yield Record(
            f"publicity.{OF_MATERIAL[material['kind']]}",
            material["organisation"],
            material["activity"],
            Fraction(material["quantity"]),
        )
    for outreach in section.get("outreach", []):
        yield Record(
            "publicity.reach",
            outreach["organisation"],
            outreach["activity"],
            Fraction(outreach["people"]),
        )


READERS: dict[str, Callable[[dict[str, Any]], Iterable[Record]]] = {
    "condolence": condolence,
    "job_fair": job_fair,
    "volunteer": volunteer,
    "publicity": publicity,
}


class Standing(NamedTuple):
    """A value before it is stated; ``approximate`` as the law has it, ``whole`` from a total."""

    value: Fraction
    approximate: bool
    whole: bool = False


class SlowReading:
    """One bundle, and the questions that the law answers about it."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        self.parents = {item["key"]: item["parent"] for item in bundle["organisations"]}
        self.metrics = {metric: {"aggregation": "sum"} for metric in SUMS}
        self.metrics |= {metric: {"aggregation": "distinct"} for metric in DISTINCTS}
        self.metrics |= {metric["key"]: metric for metric in bundle.get("metrics", [])}
        self.reported = bundle.get("reported", [])
        self.targets = {
            (target["metric"], target["organisation"]): target["value"]
            for target in bundle.get("targets", [])
        }
        self.records = [
            record
            for plugin, section in bundle.get("plugins", {}).items()
            for record in READERS[plugin](section)
        ]

    def children(self, office: str) -> list[str]:
        return [key for key, parent in self.parents.items() if parent == office]

    def subtree(self, office: str) -> set[str]:
        """The office and everything below it."""
        return {office}.union(*(self.subtree(child) for child in self.children(office)))

    def reports(self, metric: str, office: str) -> list[dict[str, Any]]:
        """What the office itself reported of the metric."""
        rows = [row for row in self.reported if row["metric"] == metric]
        return [row for row in rows if row["organisation"] == office]

    def reports_below(self, metric: str, office: str) -> list[dict[str, Any]]:
        below = self.subtree(office)
        return [r for r in self.reported if r["metric"] == metric and r["organisation"] in below]

    def itemised(self, metric: str, offices: set[str], activity: str | None = None) -> Fraction:
        """What the records of these offices come to, of one activity alone where one is named."""
        records = [r for r in self.records if r.metric == metric and r.organisation in offices]
        if activity is not None:
            records = [record for record in records if record.activity == activity]
        if self.metrics[metric]["aggregation"] == "distinct":
            return Fraction(len({record.subject for record in records}))
        return sum((record.amount for record in records), Fraction(0))

    def is_left_out(self, metric: str, office: str) -> bool:
        """Neither a record below the office that adds more than zero, nor a reported figure."""
        below = self.subtree(office)
        adding = [r for r in self.records if r.metric == metric and r.amount > 0]
        if any(record.organisation in below for record in adding):
            return False
        return not self.reports_below(metric, office)

    def standing(self, metric: str, office: str) -> Standing | None:
        """The value of the metric at the office; None where it is left out."""
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
        value = self.itemised(metric, self.subtree(office) if distinct else {office})
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
        row = max(rows, key=lambda row: [ord(character) for character in row["key"]])
        return Standing(Fraction(row["value"]), row.get("approximate", False))

    def own_latest(self, metric: str, office: str) -> Standing | None:
        own = self.reports(metric, office)
        return self.latest(own) if own else None

    def last(self, metric: str, office: str) -> Standing:
        if own := self.reports(metric, office):
            return self.latest(own)
        found = [self.standing(metric, child) for child in self.children(office)]
        below = [standing for standing in found if standing is not None]
        value = sum((standing.value for standing in below), Fraction(0))
        return Standing(value, any(standing.approximate for standing in below))

    def greatest(self, metric: str, office: str) -> Standing:
        rows = self.reports_below(metric, office)
        value = max(Fraction(row["value"]) for row in rows)
        stated = [row for row in rows if Fraction(row["value"]) == value]
        return Standing(value, all(row.get("approximate", False) for row in stated))

    def ratio(self, metric: str, office: str) -> Standing | None:
        above = self.standing(self.metrics[metric]["numerator"], office)
        below = self.standing(self.metrics[metric]["denominator"], office)
        if above is None or below is None or below.value == 0:
            return None
        return Standing(above.value / below.value, above.approximate or below.approximate)

    def figure(self, metric: str, office: str) -> dict[str, Any] | None:
        """The figure as it is stated; None where it is left out."""
        standing = self.standing(metric, office)
        if standing is None:
            return None
        aggregation = self.metrics[metric]["aggregation"]
        places = 4 if aggregation == "ratio" else 1 if metric == "volunteer.hours" else None
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
    return Fraction(int(value * 10**places + Fraction(1, 2)), 10**places)


def rate(part: Fraction, whole: Fraction) -> str:
    return text(half_up(part / whole, 4))


def text(value: Fraction) -> str:
    """A finite decimal without exponent or trailing zeros."""
    with localcontext(prec=1200):
        written = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written
