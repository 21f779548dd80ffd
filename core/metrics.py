"""What is counted: definitions of metrics, those of plugins and a campaign's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core import database

AGGREGATIONS = ("sum", "distinct", "last", "max", "ratio", "none")
ITEMISED_AGGREGATIONS = ("sum", "distinct")


@dataclass(frozen=True, slots=True)
class Metric:
    """A definition. ``aggregation`` is one of AGGREGATIONS; bundle.md says what each does.

    ``scale`` is how many of the unit of the plugin's amounts make one of ``unit`` (100 分 = 1 元,
    60 minutes = 1 小时). ``places`` rounds the stated value, half up; None states it exactly.
    ``definition`` is the 口径 that documents print. A ratio names its numerator and denominator.
    ``aliases`` are other words that summaries use for the same thing, by which proof-reading knows
    it. ``daily`` marks the ``sum`` metric that shows best how a plugin's work went on day by day.
    """

    key: str
    label: str
    unit: str
    aggregation: str
    definition: str = ""
    scale: int = 1
    places: int | None = None
    numerator: str | None = None
    denominator: str | None = None
    plugin: str | None = None
    aliases: tuple[str, ...] = ()
    daily: bool = False

    @property
    def headed(self) -> str:
        """The label with its unit, as tables head it; a metric may have no unit."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    def __post_init__(self) -> None:
        if self.aggregation not in AGGREGATIONS:
            raise ValueError(f"{self.key}: unknown aggregation {self.aggregation}")
        if (self.aggregation == "ratio") != bool(self.numerator and self.denominator):
            raise ValueError(f"{self.key}: a ratio, and only a ratio, has two parts")
        if self.places is None and 10**9 % self.scale:
            raise ValueError(f"{self.key}: amounts in 1/{self.scale} need places to be stated")
        if self.daily and self.aggregation != "sum":
            raise ValueError(f"{self.key}: only what is a sum can be told day by day")


async def of_campaign(campaign: int) -> list[Metric]:
    """The metrics a campaign declares itself, by key."""
    rows = await database.fetch(
        "SELECT key, label, unit, aggregation, numerator, denominator FROM metric"
        " WHERE campaign = :campaign",
        campaign=campaign,
    )
    return sorted((Metric(**row) for row in rows), key=lambda metric: metric.key)


def by_key(metrics: Iterable[Metric]) -> dict[str, Metric]:
    """Metrics by key. Raises ValueError when two share one."""
    result: dict[str, Metric] = {}
    for metric in metrics:
        if metric.key in result:
            raise ValueError(f"metric {metric.key} is declared twice")
        result[metric.key] = metric
    return result
