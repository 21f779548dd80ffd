"""Figures as JSON: those of an office, one with the offices below it, and its records."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath, FromQuery

from api.figure_views import FigureOut, figure_out, group_of, record_value
from api.kit import paging
from api.kit.campaign_pages import catalogue_of, process_of
from api.kit.guards import current_actor
from api.kit.problems import NotFound, Problem
from core import campaign_access, campaigns, reports
from core.campaigns import Campaign
from core.metrics import ITEMISED_AGGREGATIONS, Metric
from core.recap.sections.explanations import definition_of
from core.reports import Report
from core.scopes import Scope

VIEW = {"permission": "figure.view"}
TAGS = ["figures"]


class FindingOut(msgspec.Struct):
    """Something to check."""

    code: str
    metric: str | None
    organisation: str
    message: str


class FiguresOut(msgspec.Struct):
    """The figures of an office; ``failed_plugins`` names parts that could not be counted."""

    campaign: str
    organisation: str
    figures: list[FigureOut]
    findings: list[FindingOut]
    failed_plugins: list[str]


class OfficeFigure(msgspec.Struct):
    """A figure of an office directly below; null when it has none."""

    organisation: str
    name: str
    figure: FigureOut | None


class FigureDetail(msgspec.Struct):
    """One figure, what it means, and what the offices directly below have of it."""

    metric: str
    label: str
    unit: str
    aggregation: str
    definition: str
    organisation: str
    figure: FigureOut | None
    below: list[OfficeFigure]


class RecordOut(msgspec.Struct):
    """A record under a figure; names of people are masked. ``amount`` is in the figure's unit."""

    label: str
    organisation: str
    on: str
    amount: str
    href: str


async def _looked_at(
    request: Request[Any, Any, Any], key: str, organisation: str
) -> tuple[Campaign, campaign_access.View]:
    """The campaign and the office, where the asker may see figures. Raises Missing."""
    campaign = await campaigns.find(key)
    view = await campaign_access.view(
        current_actor(request), campaign, "figure.view", organisation or None
    )
    return campaign, view


async def _report(request: Request[Any, Any, Any], campaign: Campaign, scope: Scope) -> Report:
    plugins, catalogue = process_of(request).plugins, await catalogue_of(request)
    return await reports.read(campaign, scope.organisation, plugins, catalogue)


def _metric(report: Report, key: str) -> Metric:
    if key not in report.figures.metrics:
        raise NotFound("没有这项指标。")
    return report.figures.metrics[key]


@get("/api/v1/campaigns/{campaign:str}/figures", opt=VIEW, tags=TAGS)
async def figure_index(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    plugin: FromQuery[str] = "",
) -> FiguresOut:
    """Give an office's figures, by default those of the topmost that the asker may see.

    ``plugin`` narrows to one plugin's metrics, ``own`` to the campaign's own.
    """
    looked_at, view = await _looked_at(request, campaign, organisation)
    report = await _report(request, looked_at, view.scope)
    figures = report.figures
    return FiguresOut(
        looked_at.key,
        view.scope.organisation,
        [
            figure_out(figure)
            for key, figure in figures.own.items()
            if plugin in {"", group_of(figures.metrics[key])}
        ],
        [FindingOut(f.code, f.metric, f.organisation, f.message) for f in report.findings],
        list(report.failed),
    )


@get("/api/v1/campaigns/{campaign:str}/figures/{metric:str}", opt=VIEW, tags=TAGS)
async def figure_item(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    metric: FromPath[str],
    organisation: FromQuery[str] = "",
) -> FigureDetail:
    """Give one figure of an office, with those of the offices directly below."""
    looked_at, view = await _looked_at(request, campaign, organisation)
    report = await _report(request, looked_at, view.scope)
    known, by_office = _metric(report, metric), report.figures.by_organisation

    def of_office(key: str) -> FigureOut | None:
        found = by_office.get(key, {}).get(metric)
        return figure_out(found) if found else None

    return FigureDetail(
        metric=known.key,
        label=known.label,
        unit=known.unit,
        aggregation=known.aggregation,
        definition=definition_of(known, report.figures.metrics),
        organisation=view.scope.organisation,
        figure=of_office(view.scope.organisation),
        below=[OfficeFigure(key, name, of_office(key)) for key, name in view.below],
    )


@get("/api/v1/campaigns/{campaign:str}/figures/{metric:str}/records", opt=VIEW, tags=TAGS)
async def figure_record_index(
    request: Request[Any, Any, Any],
    *,
    campaign: FromPath[str],
    metric: FromPath[str],
    organisation: FromQuery[str] = "",
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[RecordOut]:
    """List the records that a figure is made of, in the order they were written."""
    place = paging.decode(cursor, (int,))
    looked_at, view = await _looked_at(request, campaign, organisation)
    plugins = process_of(request).plugins
    measured = {each.key: each for each in plugins.metrics() if each.plugin in looked_at.enabled}
    known = measured.get(metric)
    if known is None or known.plugin is None or known.aggregation not in ITEMISED_AGGREGATIONS:
        raise NotFound("这项指标没有逐条登记的记录。")
    outcome = await plugins.ask_one(
        "figure_records",
        known.plugin,
        scope=view.scope,
        metric=metric,
        after=place[0] if place else 0,
        limit=limit,
    )
    if outcome is None or outcome.value is None:
        if outcome is not None and outcome.failed:
            raise Problem(503)
        return paging.Page([], None)
    following = outcome.value.after
    items = [
        RecordOut(each.label, each.organisation, each.on, record_value(known, each), each.href)
        for each in outcome.value.records
    ]
    return paging.Page(items, None if following is None else paging.encode([following]))


ROUTES = [figure_index, figure_item, figure_record_index]
