"""Reported figures as pages show them: addresses, what can be chosen, a row of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from api.kit.campaign_pages import CampaignPage
from core import own_metrics
from core.activities import titles
from core.campaigns import Campaign
from core.metrics import Metric
from core.plugins import Plugins
from core.reported_figures import BASIS_LABELS, References, ReportedFigure

BASIS_HINT = "合计：这个单位和它下面的全部，已经登记的明细也包括在内；另加：在明细之外再加上的"
BASIS_OPTIONS = [{"value": value, "label": label} for value, label in BASIS_LABELS.items()]


def reported_href(page: CampaignPage, key: str = "") -> str:
    """The list, or the page of one reported figure."""
    return f"{page.href}/reported" + (f"/{quote(key, safe='')}" if key else "")


async def references(campaign: Campaign, plugins: Plugins) -> tuple[References, dict[str, str]]:
    """What statements may refer to, and the titles of the activities. Two statements."""
    named = await titles(campaign.id, plugins)
    return References(await own_metrics.known(campaign, plugins), named), named


def metric_options(metrics: Iterable[Metric]) -> list[dict[str, str]]:
    """Metrics with their units, for ``select_field``."""
    return [{"value": each.key, "label": each.headed} for each in metrics]


def reported_value(row: ReportedFigure, metrics: Mapping[str, Metric]) -> str:
    """``约500本``, as it was typed."""
    metric = metrics.get(row.statement.metric)
    about = "约" if row.statement.approximate else ""
    return f"{about}{row.statement.value}{metric.unit if metric else ''}"


def reported_row(
    page: CampaignPage,
    row: ReportedFigure,
    metrics: Mapping[str, Metric],
    named: Mapping[str, str],
) -> dict[str, Any]:
    """A row of ``data_table``; ``named`` are the titles of activities."""
    stated = row.statement
    metric = metrics.get(stated.metric)
    occasion = named.get(stated.activity, stated.activity) if stated.activity else ""
    note = f"只指：{occasion}" if occasion else ""
    return {
        "metric": {
            "text": metric.label if metric else stated.metric,
            "href": reported_href(page, row.key),
        },
        "organisation": row.organisation_name,
        "value": reported_value(row, metrics),
        "basis": {"text": BASIS_LABELS[stated.basis], "note": note},
        "source": stated.source or "未注明",
    }
