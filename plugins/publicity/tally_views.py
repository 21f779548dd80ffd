"""The tally as its page draws it: tables by level, by kind and by office, and a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.kit.filters import number
from api.kit.ledger import LedgerRow, width
from core.campaign_access import View
from core.scopes import Scope
from plugins.publicity import addresses
from plugins.publicity.checks import Check, Noticed
from plugins.publicity.figures import (
    ITEM_METRICS,
    MATERIAL_METRICS,
    METRICS,
    REACH,
    REPRINTS,
)
from plugins.publicity.rules import OUTLET_LEVELS
from plugins.publicity.tally import Tally

BY_KEY = {metric.key: metric for metric in METRICS}
OF_ITEMS = (*ITEM_METRICS.values(), REPRINTS)
OTHERS = (*MATERIAL_METRICS.values(), REACH)
KIND_OF = {metric: kind for kind, metric in {**ITEM_METRICS, **MATERIAL_METRICS}.items()}


def titled(metric: str) -> str:
    """稿件（篇）."""
    return f"{BY_KEY[metric].label}（{BY_KEY[metric].unit}）"


def records_href(campaign: str, metric: str, office: str, level: str = "") -> str:
    """The list of the records under an amount."""
    if metric == REACH:
        return addresses.list_of(campaign, "outreach", organisation=office)
    if metric in MATERIAL_METRICS.values():
        return addresses.list_of(campaign, "materials", kind=KIND_OF[metric], organisation=office)
    return addresses.list_of(
        campaign,
        "items",
        kind=KIND_OF.get(metric, ""),
        reprint="yes" if metric == REPRINTS else "no",
        outlet_level=level,
        organisation=office,
    )


def next_step(scope: Scope, noticed: Sequence[tuple[Check, Noticed]]) -> dict[str, str] | None:
    """The sentence that says what to do: what most items lack; None when nothing does."""
    counts: dict[Check, int] = {}
    for check, each in noticed:
        counts[check] = counts.get(check, 0) + each.count
    if not counts:
        return None
    check = max(counts, key=lambda each: counts[each])
    return {
        "text": f"有{number(counts[check])}条报道{check.sentence}。",
        "href": addresses.list_of(
            scope.campaign, "items", organisation=scope.organisation, issues=check.words
        ),
    }


@dataclass(frozen=True, slots=True)
class Views:
    """A tally seen from an office. ``asked`` is the metric of the chart, when one was asked for."""

    view: View
    tally: Tally
    asked: str

    def cell(self, metric: str, amount: int, office: str, level: str = "") -> dict[str, str]:
        """An amount that leads to its records; none leads nowhere."""
        href = records_href(self.view.scope.campaign, metric, office, level) if amount else ""
        return {"text": number(amount), "href": href}

    @property
    def empty(self) -> bool:
        """Whether nothing is on record."""
        return not self.tally.by_office

    @property
    def levels(self) -> list[dict[str, str]]:
        """Columns of the table of items."""
        named = [{"key": level, "label": label} for level, label in OUTLET_LEVELS.items()]
        return [{"key": "kind", "label": "类别"}, {"key": "total", "label": "合计"}, *named]

    @property
    def items(self) -> list[dict[str, Any]]:
        """Items by kind and level; reprints are a row of their own."""
        office = self.view.scope.organisation
        return [
            {
                "kind": titled(metric),
                **{
                    level: self.cell(
                        metric, self.tally.by_level.get((metric, level), 0), office, level
                    )
                    for level in OUTLET_LEVELS
                },
                "total": self.cell(metric, self.tally.total(metric), office),
            }
            for metric in OF_ITEMS
            if self.tally.total(metric)
        ]

    @property
    def kinds(self) -> list[dict[str, str]]:
        """Columns of the table of materials and people."""
        return [{"key": "kind", "label": "种类"}, {"key": "amount", "label": "数量"}]

    @property
    def others(self) -> list[dict[str, Any]]:
        """Materials by kind, each in its own unit, and the people reached."""
        office = self.view.scope.organisation
        return [
            {
                "kind": titled(metric),
                "amount": self.cell(metric, self.tally.total(metric), office),
            }
            for metric in OTHERS
            if self.tally.total(metric)
        ]

    @property
    def offices(self) -> list[tuple[str, str]]:
        """Key and name of the office itself, where it has records, and of those below it."""
        own = self.view.scope.organisation
        recorded = any(own in offices for offices in self.tally.by_office.values())
        mine = [(own, f"{self.view.name}（本级）")] if recorded else []
        return [*mine, *self.view.below] if self.view.below else []

    def columns(self, metrics: Sequence[str]) -> list[dict[str, str]]:
        """Columns of a table by office: those metrics that have an amount."""
        found = [metric for metric in metrics if self.tally.total(metric)]
        named = [{"key": each, "label": titled(each)} for each in found]
        return [{"key": "office", "label": "单位"}, *named] if named else []

    @property
    def item_columns(self) -> list[dict[str, str]]:
        """Columns of the table of items by office."""
        return self.columns(OF_ITEMS)

    @property
    def other_columns(self) -> list[dict[str, str]]:
        """Columns of the table of materials and people by office."""
        return self.columns(OTHERS)

    @property
    def by_office(self) -> list[dict[str, Any]]:
        """Rows of both tables. The office's own amounts have no list: it would show all below."""
        own = self.view.scope.organisation
        rows = []
        for key, name in self.offices:
            row: dict[str, Any] = {"office": name}
            for metric in self.counted:
                amount = self.tally.by_office[metric].get(key, 0)
                cell = self.cell(metric, amount, key)
                row[metric] = {**cell, "href": ""} if key == own else cell
            rows.append(row)
        return rows

    @property
    def counted(self) -> list[str]:
        """Metrics with an amount, in the order of the definitions."""
        return [metric.key for metric in METRICS if self.tally.total(metric.key)]

    @property
    def charted(self) -> str:
        """The metric of the chart: the one asked for, else the first."""
        return self.asked if self.asked in self.counted else (self.counted or [""])[0]

    @property
    def choices(self) -> list[dict[str, str]]:
        """Metrics that the chart can show."""
        return [{"value": metric, "label": titled(metric)} for metric in self.counted]

    @property
    def caption(self) -> str:
        """What the chart shows."""
        return f"{BY_KEY[self.charted].label}，按单位"

    @property
    def top(self) -> str:
        """The end of the chart's scale."""
        return f"{number(max(self._amounts.values(), default=0))}{BY_KEY[self.charted].unit}"

    @property
    def _amounts(self) -> dict[str, int]:
        return self.tally.by_office.get(self.charted, {})

    @property
    def chart(self) -> list[LedgerRow]:
        """One bar an office, all on one scale; everything here is on record."""
        own, metric = self.view.scope.organisation, BY_KEY[self.charted]
        largest = Decimal(max(self._amounts.values(), default=0))
        rows = []
        for key, name in self.offices:
            amount = self._amounts.get(key, 0)
            share = width(Decimal(amount), largest)
            linked = amount and key != own
            rows.append(
                LedgerRow(
                    label=name,
                    value=number(amount),
                    unit=metric.unit,
                    href=records_href(self.view.scope.campaign, metric.key, key) if linked else "",
                    target="",
                    completion="",
                    reached=False,
                    kept_percent=share,
                    said_percent=share,
                    mark_percent=None,
                    approximate=False,
                    caption="",
                )
            )
        return rows
