"""What pages and JSON of figures share: addresses, groups, and the words of a record's amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from api.kit.campaign_pages import CampaignPage
from api.kit.ledger import LedgerRow, ledger_row
from core import reports, wording
from core.campaign_access import View
from core.figures import Figure
from core.measures import Record
from core.metrics import Metric
from core.numbers import exact, plain, rounded
from core.plugins import Plugins
from core.recap.formats.as_json import figure_as_json
from core.reports import Report

OWN = "own"
OWN_TITLE = "其他工作"
INDENT = "\u3000"


class FigureOut(msgspec.Struct):
    """A figure; numbers are plain decimal texts, rates are quotients to four places."""

    metric: str
    label: str
    unit: str
    aggregation: str
    value: str
    itemised: str | None
    evidence: str | None
    target: str | None
    completion: str | None
    approximate: bool


def figure_out(figure: Figure) -> FigureOut:
    """A figure as the API and the recap give it."""
    return FigureOut(**figure_as_json(figure))


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one plugin, or of the campaign's own metrics."""

    key: str
    title: str
    rows: Sequence[LedgerRow]


@dataclass(frozen=True, slots=True)
class Visit:
    """Figures being looked at: in which campaign, from which office, and what there is."""

    page: CampaignPage
    view: View
    report: Report

    def href(self, metric: str, organisation: str = "") -> str:
        """Where a figure of an office opens, by default of the office looked from."""
        return figure_href(self.page, metric, organisation or self.view.scope.organisation)


async def visit(page: CampaignPage, organisation: str) -> Visit:
    """The figures from an office where the asker may see them. Raises Missing."""
    view = await page.view("figure.view", organisation)
    report = await reports.read(
        page.campaign, view.scope.organisation, page.plugins, page.catalogue
    )
    return Visit(page, view, report)


def figure_href(page: CampaignPage, metric: str, organisation: str) -> str:
    """Where a figure opens to its records."""
    query = urlencode({"organisation": organisation})
    return f"{page.href}/figures/{quote(metric, safe='')}?{query}"


def group_of(metric: Metric) -> str:
    """The plugin that measures the metric, or OWN."""
    return metric.plugin or OWN


def group_title(key: str, plugins: Plugins) -> str:
    """What a group of figures is called."""
    return OWN_TITLE if key == OWN else plugins.infos[key].title


def groups(found: Visit, wanted: str) -> list[Group]:
    """The office's figures by plugin, of one group where it is named."""
    figures = found.report.figures
    rows: dict[str, list[LedgerRow]] = {}
    for figure in figures.own.values():
        key = group_of(figures.metrics[figure.metric])
        if wanted in {"", key}:
            rows.setdefault(key, []).append(ledger_row(figure, found.href(figure.metric)))
    return [Group(key, group_title(key, found.page.plugins), of) for key, of in rows.items()]


def group_options(found: Visit) -> list[dict[str, str]]:
    """The groups that the office has figures of, for ``select_field``."""
    figures = found.report.figures
    present = dict.fromkeys(group_of(figures.metrics[metric]) for metric in figures.own)
    return [{"value": key, "label": group_title(key, found.page.plugins)} for key in present]


def office_options(view: View) -> list[dict[str, str]]:
    """The office looked from with those above and directly below it, for ``select_field``."""
    path = [*view.above, (view.scope.organisation, view.name)]
    placed = [*enumerate(path), *((len(path), below) for below in view.below)]
    return [{"value": key, "label": INDENT * depth + name} for depth, (key, name) in placed]


def record_amount(metric: Metric, record: Record) -> str:
    """How much of a figure a record is: ``500元``, ``3小时``, of a distinct count its records."""
    if metric.aggregation == "distinct":
        return f"{record.amount}条记录"
    amount = Fraction(record.amount, metric.scale)
    stated = rounded(amount, metric.places) if metric.places is not None else exact(amount)
    return wording.quantity(stated, metric.unit)


def record_value(metric: Metric, record: Record) -> str:
    """The same for programmes: a plain decimal in the metric's unit; 1 of a distinct count."""
    if metric.aggregation == "distinct":
        return "1"
    amount = Fraction(record.amount, metric.scale)
    return plain(rounded(amount, metric.places) if metric.places is not None else exact(amount))


def failed_titles(found: Visit) -> list[str]:
    """Titles of plugins whose part is missing."""
    return list(dict.fromkeys([*found.report.failed, *found.page.failed]))


def findings(found: Visit, metric: str = "") -> list[dict[str, Any]]:
    """What is to be checked, each with the page where it shows; of one metric where it is named."""
    return [
        {
            "text": finding.message,
            "href": finding.href
            or (found.href(finding.metric, finding.organisation) if finding.metric else ""),
        }
        for finding in found.report.findings
        if metric in {"", finding.metric}
    ]
