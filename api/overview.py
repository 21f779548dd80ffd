"""The overview of a campaign, from its own office or from one below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from api import overview_words
from api.kit.campaign_pages import CampaignPage, campaign_context, process_of
from api.kit.ledger import ledger_row, office_rows
from core import live_counts, moments, reports
from core.campaign_access import View
from core.figures import Figure
from core.findings import Finding
from core.reports import Report
from events import activities, kinds
from events.activities import Activity

VIEW = {"permission": "campaign.view"}
NEXT_ACTIVITIES = 5
FINDINGS_SHOWN = 5
# In these states records are still written.
GOING_ON = ("open", "closing")


def figure_href(page: CampaignPage, metric: str, organisation: str) -> str:
    """Where a figure opens to its records."""
    query = urlencode({"organisation": organisation})
    return f"{page.href}/figures/{quote(metric, safe='')}?{query}"


def office_href(page: CampaignPage, organisation: str) -> str:
    """The overview from an office; the campaign's own needs no naming."""
    if organisation == page.campaign.organisation:
        return page.href
    return f"{page.href}?{urlencode({'organisation': organisation})}"


@get("/campaigns/{campaign:str}", opt=VIEW, include_in_schema=False)
async def overview(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    metric: FromQuery[str] = "",
) -> Response[Any]:
    """How the campaign stands: the next thing to do, figures, what comes, what to look at."""
    page = await campaign_context(request, campaign)
    view = await page.view("campaign.view", organisation)
    plugins = process_of(request).plugins
    report = await reports.read(page.campaign, view.scope.organisation, plugins, page.catalogue)
    coming, today_count = await _coming(page, view)
    today = moments.today()
    own, known = report.figures.own, kinds.kind_labels(plugins)
    planned = bool(coming) or bool(await activities.listed(page.actor, page.campaign.id, limit=1))
    standing = overview_words.Standing(
        page, today, bool(own), len(report.findings), coming, planned
    )
    first = overview_words.key_figures(own, report.figures.metrics)
    return page.render(
        request,
        "api/overview.html",
        view=view,
        countdown=overview_words.countdown(page, today, today_count),
        day=overview_words.day_line(page),
        step=overview_words.next_step(standing),
        rows=[ledger_row(f, figure_href(page, f.metric, f.organisation)) for f in first],
        more=len(own) - len(first),
        chart=_chart(page, view, report, first, metric),
        coming=[overview_words.agenda_item(each, page, known, today) for each in coming],
        findings=[_finding(page, finding) for finding in report.findings],
        findings_shown=FINDINGS_SHOWN,
        live=await _live(page, view),
        failed=list(dict.fromkeys([*report.failed, *page.failed])),
        offices=_offices(page, view, report),
        above=[{"name": name, "href": office_href(page, key)} for key, name in view.above],
    )


async def _live(page: CampaignPage, view: View) -> dict[str, Any] | None:
    """What goes on now, and where a page is told of it; None when nothing is held any more."""
    if page.campaign.state not in GOING_ON:
        return None
    counts = await live_counts.read(view.scope, page.plugins, page.campaign.enabled)
    query = urlencode({"organisation": view.scope.organisation})
    return {
        "address": f"/api/v1/campaigns/{quote(page.campaign.key, safe='')}/live?{query}",
        "counts": counts,
        "at": moments.now(),
        "href": office_href(page, view.scope.organisation),
    }


async def _coming(page: CampaignPage, view: View) -> tuple[list[Activity], int]:
    """The next activities, and how many there are today."""
    if not page.reach.may("activity.view"):
        return [], 0
    now, today = moments.now(), moments.today()
    tomorrow = moments.from_local(today + timedelta(days=1))
    wanted = activities.Wanted(
        states=("published",), since=moments.from_local(today), until=tomorrow
    )
    here = await activities.of_scope(view.scope, wanted)
    return await activities.upcoming(view.scope, now, NEXT_ACTIVITIES), len(here)


def _chart(
    page: CampaignPage, view: View, report: Report, first: Sequence[Figure], metric: str
) -> dict[str, Any] | None:
    """One figure over the offices directly below; None where fewer than two have any."""
    figures = report.figures
    names = dict(view.below)
    shown, choices = overview_words.compared(names, figures.by_organisation, first, metric)
    if len(view.below) < 2 or not shown:
        return None
    rows, top = office_rows(
        shown, names, lambda figure: figure_href(page, figure.metric, figure.organisation)
    )
    options = [{"value": figure.metric, "label": figure.label} for figure in choices]
    own = {"label": shown[0].label, "metric": shown[0].metric}
    return {**own, "rows": rows, "top": top, "options": options}


def _offices(page: CampaignPage, view: View, report: Report) -> list[dict[str, Any]]:
    """The offices directly below, each with how much there is of it."""
    return [
        {
            "name": name,
            "href": office_href(page, key),
            "count": len(report.figures.by_organisation.get(key, {})),
        }
        for key, name in view.below
    ]


def _finding(page: CampaignPage, finding: Finding) -> dict[str, str]:
    href = finding.href
    if not href and finding.metric:
        href = figure_href(page, finding.metric, finding.organisation)
    return {"text": finding.message, "href": href}


ROUTES = [overview]
