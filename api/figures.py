"""Pages of figures: all of an office, and one of them, opened down to its records."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from api.figure_views import (
    Visit,
    failed_titles,
    findings,
    group_options,
    groups,
    office_options,
    record_amount,
    visit,
)
from api.kit import paging
from api.kit.campaign_pages import campaign_context
from api.kit.ledger import ledger_row, office_rows
from api.kit.problems import NotFound
from api.reported_views import reported_row
from core import reported_figures
from core.activities import titles
from core.campaign_states import allows
from core.measures import RecordPage
from core.metrics import ITEMISED_AGGREGATIONS, Metric
from core.recap.sections.explanations import definition_of
from core.reported_figures import Wanted
from core.targets import stored

VIEW = {"permission": "figure.view"}
RECORDS, REPORTED = 20, 20


@get("/campaigns/{campaign:str}/figures", opt=VIEW, include_in_schema=False)
async def figure_list(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    plugin: FromQuery[str] = "",
) -> Response[Any]:
    """All figures of an office as a ledger, by plugin."""
    page = await campaign_context(request, campaign, "figure.view")
    found = await visit(page, organisation)
    return page.render(
        request,
        "api/figures.html",
        view=found.view,
        groups=groups(found, plugin),
        plugin=plugin,
        plugins=group_options(found),
        offices=office_options(found.view),
        findings=findings(found),
        failed=failed_titles(found),
        may_report=page.reach.may("figure.report") and allows(page.campaign, "figures"),
        may_define=page.reach.may_lead("campaign.manage"),
    )


@get("/campaigns/{campaign:str}/figures/{metric:str}", opt=VIEW, include_in_schema=False)
async def figure_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    metric: FromPath[str],
    organisation: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """One figure: how much, of what, from whom, and the records under it."""
    place = paging.decode(cursor, (int,))
    page = await campaign_context(request, campaign, "figure.view")
    found = await visit(page, organisation)
    figures = found.report.figures
    if metric not in figures.metrics:
        raise NotFound("没有这项指标。")
    known, figure = figures.metrics[metric], figures.own.get(metric)
    target = (await stored(found.view.scope, metric)).get((metric, found.view.scope.organisation))
    records = await _records(found, known, place[0] if place else 0)
    return page.render(
        request,
        "api/figure.html",
        view=found.view,
        metric=known,
        definition=definition_of(known, figures.metrics),
        figure=figure,
        row=ledger_row(figure) if figure else None,
        target=target,
        path=[{"name": name, "href": found.href(metric, key)} for key, name in found.view.above],
        parts=_parts(found, known),
        chart=_chart(found, known),
        records=_record_rows(found, known, records) if records else [],
        dated=any(record.on for record in records.records) if records else False,
        records_failed=records is None,
        first_href=found.href(metric) if cursor else "",
        next_href=_next_href(found, known, records),
        findings=findings(found, metric),
        failed=failed_titles(found),
        **await _reported(found, known),
    )


async def _records(found: Visit, metric: Metric, after: int) -> RecordPage | None:
    """A page of the records under the figure; None when its plugin could not give them."""
    enabled = metric.plugin in found.page.campaign.enabled
    if metric.plugin is None or metric.aggregation not in ITEMISED_AGGREGATIONS or not enabled:
        return RecordPage((), None)
    outcome = await found.page.plugins.ask_one(
        "figure_records",
        metric.plugin,
        scope=found.view.scope,
        metric=metric.key,
        after=after,
        limit=RECORDS,
    )
    if outcome is None:
        return RecordPage((), None)
    return None if outcome.failed else outcome.value or RecordPage((), None)


def _record_rows(found: Visit, metric: Metric, page: RecordPage) -> list[dict[str, Any]]:
    names = found.report.figures.names
    return [
        {
            "label": {"text": record.label, "href": record.href},
            "organisation": names.get(record.organisation, record.organisation),
            "on": record.on,
            "amount": record_amount(metric, record),
        }
        for record in page.records
    ]


def _next_href(found: Visit, metric: Metric, page: RecordPage | None) -> str:
    if page is None or page.after is None:
        return ""
    return f"{found.href(metric.key)}&{urlencode({'cursor': paging.encode([page.after])})}"


def _parts(found: Visit, metric: Metric) -> list[Any]:
    """The numerator and the denominator of a ratio, each leading to itself."""
    own = found.report.figures.own
    keys = [key for key in (metric.numerator, metric.denominator) if key]
    return [ledger_row(own[key], found.href(key)) for key in keys if key in own]


def _chart(found: Visit, metric: Metric) -> dict[str, Any] | None:
    """The figure over the offices directly below, and the names of those that have none."""
    by_office = found.report.figures.by_organisation
    below = dict(found.view.below)
    shown = [by_office[key][metric.key] for key in below if metric.key in by_office.get(key, {})]
    if not shown:
        return None
    rows, top = office_rows(shown, below, lambda each: found.href(each.metric, each.organisation))
    present = {figure.organisation for figure in shown}
    return {
        "rows": rows,
        "top": top,
        "missing": [name for key, name in below.items() if key not in present],
    }


async def _reported(found: Visit, metric: Metric) -> dict[str, Any]:
    """The reported figures of the office and below it, newest first, and what may be done."""
    page, campaign, metrics = found.page, found.page.campaign, found.report.figures.metrics
    wanted = Wanted(metric=metric.key, office_id=found.view.scope.organisation_id)
    listed = await reported_figures.listed(page.actor, campaign, wanted, limit=REPORTED + 1)
    named = await titles(campaign.id, page.plugins)
    rows = [reported_row(page, each, metrics, named) for each in listed[:REPORTED]]
    query = urlencode({"metric": metric.key, "organisation": found.view.scope.organisation})
    may = page.reach.may("figure.report") and allows(campaign, "figures")
    offered = may and metric.aggregation != "ratio"
    office = found.view.scope.organisation
    return {
        "total_stands": any(
            each.statement.basis == "total"
            and each.statement.activity is None
            and each.statement.organisation == office
            for each in listed
        )
        and metric.aggregation in ITEMISED_AGGREGATIONS,
        "reported": [
            {**row, "organisation": {"text": row["organisation"], "href": row["metric"]["href"]}}
            for row in rows
        ],
        "more_reported": f"{page.href}/reported?{query}" if len(listed) > REPORTED else "",
        "report_href": f"{page.href}/reported/new?{query}" if offered else "",
    }


ROUTES = [figure_list, figure_page]
