"""A recap beside the last edition of its observance: figure by figure, with difference and rate.

What the figures of last time were says the recap that was frozen then; without one they are counted
from the records as they are now. A figure whose definition is another one now is not compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core import campaigns, database, figures
from core.campaigns import Campaign
from core.figures import Figure
from core.metrics import Metric
from core.numbers import EXACT, quotient
from core.observances import Catalogue
from core.plugins import Plugins
from core.recap.life import snapshot
from core.recap.sections.explanations import definition_of
from core.reports import Report
from core.scopes import Scope

State = Literal["compared", "changed", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric now and last time.

    ``state``: both stand and mean the same (``compared``), mean something else (``changed``), or
    only one of them is there (``new``, ``gone``). ``difference`` is now minus last, in the unit of
    the values (a share's as a share: 0.0182); ``rate`` is the difference over last time's value to
    four places, None where that is 0. Both are None unless ``state`` is ``compared``.
    """

    metric: str
    state: State
    now: Figure | None
    last: Figure | None
    difference: Decimal | None = None
    rate: Decimal | None = None

    @property
    def figure(self) -> Figure:
        """The figure that gives label and unit: now's, or last time's where there is no other."""
        found = self.now or self.last
        if found is None:
            raise ValueError(self.metric)
        return found

    @property
    def approximate(self) -> bool:
        """Whether one of the two is approximate, and with it their difference."""
        return any(figure.approximate for figure in (self.now, self.last) if figure)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An office's figures beside those of the last edition.

    ``version`` is the number of the frozen recap that they were taken from, None where they were
    counted from the records. ``rows`` are in the order of the definitions, those gone at the end.
    """

    campaign: Campaign
    title: str
    version: int | None
    rows: tuple[Compared, ...]

    def of(self, state: State) -> tuple[Compared, ...]:
        """The rows of one state."""
        return tuple(row for row in self.rows if row.state == state)


@dataclass(frozen=True, slots=True)
class _Last:
    """What was last time: figures by metric, and how their definitions are told."""

    version: int | None
    figures: Mapping[str, Figure]
    definitions: Mapping[str, str]
    metrics: Mapping[str, Metric]
    failed: frozenset[str]


async def previous(campaign: Campaign, organisation_id: int) -> Campaign | None:
    """The last edition of a campaign's observance in which an office takes part.

    It is of the nearest earlier year; of several, that of the campaign's own office. A draft was
    never held. Two statements, one where there is none.
    """
    if campaign.observance is None:
        return None
    rows = await database.fetch(
        f"{campaigns.SELECT} WHERE c.observance = :observance AND c.year < :year"
        " AND c.state <> 'draft' AND EXISTS (SELECT 1 FROM campaign_participant e"
        " WHERE e.campaign = c.id AND e.organisation = :office)"
        " ORDER BY c.year DESC, CASE WHEN c.organisation = :own THEN 0 ELSE 1 END, c.key LIMIT 1",
        observance=campaign.observance,
        year=campaign.year,
        office=organisation_id,
        own=campaign.organisation_id,
    )
    return (await campaigns.of_rows(rows))[0] if rows else None


async def compared(report: Report, plugins: Plugins, catalogue: Catalogue) -> Comparison | None:
    """A report's own figures beside the last edition's; None without one, or without figures."""
    found = await previous(report.campaign, report.scope.organisation_id)
    if found is None or not report.figures.own:
        return None
    last = await _frozen(found, report.scope) or await _counted(found, report.scope, plugins)
    if not last.figures:
        return None
    failed = {*report.figures.failed, *last.failed}
    silent = {key for key, info in plugins.infos.items() if info.title in failed}
    return Comparison(
        found, found.title(catalogue), last.version, _rows(report.figures, last, silent)
    )


async def _frozen(campaign: Campaign, scope: Scope) -> _Last | None:
    """The figures of the office's frozen recap of that campaign; the newest counts.

    One whose text is no longer the one that was handed in says nothing.
    """
    row = await database.fetch_one(
        "SELECT number, content, sha256 FROM recap_version WHERE campaign = :campaign"
        " AND organisation = :office AND state = 'frozen' ORDER BY number DESC LIMIT 1",
        campaign=campaign.id,
        office=scope.organisation_id,
    )
    if row is None or hashlib.sha256(row["content"].encode()).hexdigest() != row["sha256"]:
        return None
    kept = json.loads(row["content"])
    annex = snapshot.from_json(kept["document"]).annex
    entries = {entry.figure.metric: entry for entry in annex.entries}
    return _Last(
        version=row["number"],
        figures={key: entry.figure for key, entry in entries.items()},
        definitions={key: entry.definition for key, entry in entries.items()},
        metrics={},
        failed=frozenset(kept["recap"]["failed_plugins"]),
    )


async def _counted(campaign: Campaign, scope: Scope, plugins: Plugins) -> _Last:
    """The office's figures of that campaign, from its records as they are now."""
    place = Scope(campaign.id, campaign.key, scope.organisation_id, scope.organisation)
    found = await figures.read(place, plugins, campaign.enabled)
    return _Last(None, found.own, {}, found.metrics, frozenset(found.failed))


def _rows(now: figures.Figures, last: _Last, silent: set[str]) -> tuple[Compared, ...]:
    """All metrics but those of plugins that could not be counted: what they lack is not gone."""
    metrics = {**last.metrics, **now.metrics}
    order = [*now.own, *(key for key in last.figures if key not in now.own)]
    return tuple(
        _row(key, now, last)
        for key in order
        if key not in metrics or metrics[key].plugin not in silent
    )


def _row(key: str, now: figures.Figures, last: _Last) -> Compared:
    current, before = now.own.get(key), last.figures.get(key)
    if current is None or before is None:
        return Compared(key, "gone" if current is None else "new", current, before)
    if _redefined(key, now, last):
        return Compared(key, "changed", current, before)
    difference, rate = change(current.value, before.value)
    return Compared(key, "compared", current, before, difference, rate)


def change(now: Decimal, last: Decimal) -> tuple[Decimal, Decimal | None]:
    """The difference, and its rate to four places, half up; None where last time's value is 0."""
    difference = EXACT.subtract(now, last)
    if not last:
        return difference, None
    return difference, quotient(abs(difference), last).copy_sign(difference)


def _redefined(key: str, now: figures.Figures, last: _Last) -> bool:
    """Whether a metric means something else now, by itself or by the parts it is a ratio of."""
    metric, before = now.metrics[key], last.figures[key]
    if (metric.unit, metric.aggregation) != (before.unit, before.aggregation):
        return True
    if key in last.metrics:
        if _meaning(metric) != _meaning(last.metrics[key]):
            return True
    elif definition_of(metric, now.metrics) != last.definitions[key]:
        return True
    parts = (metric.numerator, metric.denominator)
    return any(_redefined(part, now, last) for part in parts if part and part in last.figures)


def _meaning(metric: Metric) -> tuple[str, str | None, str | None]:
    return metric.definition, metric.numerator, metric.denominator
