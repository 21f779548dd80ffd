"""Pages of reported figures: the list, the form, taking one back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.figure_views import figure_href, office_options
from api.kit import forms, pages, paging
from api.kit.campaign_offices import campaign_offices
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.reported_views import (
    BASIS_HINT,
    BASIS_OPTIONS,
    metric_options,
    references,
    reported_href,
    reported_row,
)
from core import own_metrics, reported_figures
from core.campaign_states import allows
from core.numbers import plain
from core.refusals import Missing, Refusal
from core.reported_figures import BASIS_LABELS, REPORT, ReportedFigure, Statement, Wanted

VIEW, WRITE = {"permission": "figure.view"}, {"permission": REPORT}


@get("/campaigns/{campaign:str}/reported", opt=VIEW, include_in_schema=False)
async def reported_list(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    metric: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """What was reported in the asker's offices, the latest first."""
    page = await campaign_context(request, campaign, "figure.view")
    view = await page.view("figure.view", organisation)
    known, named = await references(page.campaign, page.plugins)
    place, limit = paging.decode(cursor, (int,)), paging.USUAL_PAGE
    wanted = Wanted(metric=metric, office_id=view.scope.organisation_id)
    found = await reported_figures.listed(
        page.actor, page.campaign, wanted, place[0] if place else 0, limit + 1
    )
    rows, following = paging.cut(found, limit, lambda row: (row.id,))
    query = {"organisation": organisation, "metric": metric}
    kept = {name: value for name, value in query.items() if value}
    first = reported_href(page) + (f"?{urlencode(kept)}" if kept else "")
    return page.render(
        request,
        "api/reported.html",
        view=view,
        rows=[reported_row(page, row, known.metrics, named) for row in rows],
        metrics=metric_options(
            own_metrics.offered(known.metrics, page.campaign.enabled, ratios=False)
        ),
        metric=metric,
        offices=office_options(view),
        narrowed=bool(kept),
        may_report=page.reach.may(REPORT) and allows(page.campaign, "figures"),
        first_href=first if cursor else "",
        next_href=f"{reported_href(page)}?{urlencode({**kept, 'cursor': following})}"
        if following
        else "",
        new_query=f"?{urlencode(kept)}" if kept else "",
    )


@get("/campaigns/{campaign:str}/reported/new", opt=WRITE, include_in_schema=False)
async def reported_form(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    metric: FromQuery[str] = "",
) -> Response[Any]:
    """Show the form, filled with what somebody came from."""
    page = await campaign_context(request, campaign, REPORT)
    given = [("organisation", organisation), ("metric", metric), ("basis", "total")]
    return await _form_page(request, page, forms.filled(given))


@post("/campaigns/{campaign:str}/reported/new", opt=WRITE, include_in_schema=False)
async def reported_create(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[Any]:
    """Report a figure, or show the form again with all that is wrong."""
    page, form = await campaign_context(request, campaign, REPORT), await forms.read(request)
    known, _ = await references(page.campaign, page.plugins)
    statement = _statement(form)
    try:
        if form.ok:
            await reported_figures.add(page.actor, page.campaign, known, statement)
    except (Refusal, Missing) as refusal:
        _absorb(form, refusal)
    if not form.ok:
        return await _form_page(request, page, form, status=422)
    href = figure_href(page, statement.metric, statement.organisation)
    return pages.see_other(request, href, "已填报。下面是填报以后的数字。")


@get("/campaigns/{campaign:str}/reported/{key:str}", opt=VIEW, include_in_schema=False)
async def reported_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """One reported figure: the form for those who may change it, else what it says."""
    page = await campaign_context(request, campaign, "figure.view")
    found = await reported_figures.find(page.actor, page.campaign, key)
    if await _may_change(page, found):
        return await _form_page(request, page, _filled(found.statement), found)
    known, named = await references(page.campaign, page.plugins)
    return page.render(
        request,
        "api/reported_one.html",
        found=found,
        row=reported_row(page, found, known.metrics, named),
        href=figure_href(page, found.statement.metric, found.statement.organisation),
    )


@post("/campaigns/{campaign:str}/reported/{key:str}", opt=WRITE, include_in_schema=False)
async def reported_change(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """State a reported figure anew."""
    page, form = await campaign_context(request, campaign, REPORT), await forms.read(request)
    found = await reported_figures.find(page.actor, page.campaign, key, REPORT)
    known, _ = await references(page.campaign, page.plugins)
    statement = _statement(form)
    try:
        if form.ok:
            await reported_figures.change(page.actor, page.campaign, known, key, statement)
    except (Refusal, Missing) as refusal:
        _absorb(form, refusal)
    if not form.ok:
        return await _form_page(request, page, form, found, status=422)
    href = figure_href(page, statement.metric, statement.organisation)
    return pages.see_other(request, href, "已修改。下面是修改以后的数字。")


@get("/campaigns/{campaign:str}/reported/{key:str}/delete", opt=WRITE, include_in_schema=False)
async def reported_removal(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Ask before a reported figure is taken back."""
    page = await campaign_context(request, campaign, REPORT)
    found = await reported_figures.find(page.actor, page.campaign, key, REPORT)
    known, named = await references(page.campaign, page.plugins)
    row = reported_row(page, found, known.metrics, named)
    return page.render(request, "api/reported_delete.html", row=row, href=reported_href(page, key))


@post("/campaigns/{campaign:str}/reported/{key:str}/delete", opt=WRITE, include_in_schema=False)
async def reported_remove(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Take a reported figure back."""
    page = await campaign_context(request, campaign, REPORT)
    try:
        await reported_figures.remove(page.actor, page.campaign, key)
    except Refusal as refusal:
        return pages.see_other(request, reported_href(page, key), str(refusal), "bad")
    return pages.see_other(request, reported_href(page), "已删除这条填报的数据。")


async def _form_page(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    form: forms.Form,
    found: ReportedFigure | None = None,
    status: int = 200,
) -> Response[Any]:
    known, named = await references(page.campaign, page.plugins)
    offered = own_metrics.offered(known.metrics, page.campaign.enabled, ratios=False)
    if found and found.statement.metric not in {each.key for each in offered}:
        offered += [m for key, m in known.metrics.items() if key == found.statement.metric]
    return page.render(
        request,
        "api/reported_form.html",
        status=status,
        form=form,
        found=found,
        action=reported_href(page, found.key if found else "new"),
        metrics=metric_options(offered),
        offices=await campaign_offices(page.actor, page.campaign, REPORT),
        activities=[{"value": key, "label": title} for key, title in named.items()],
        bases=BASIS_OPTIONS,
        basis_hint=BASIS_HINT,
        closed="" if allows(page.campaign, "figures") else page.state_label,
    )


async def _may_change(page: CampaignPage, found: ReportedFigure) -> bool:
    if not allows(page.campaign, "figures"):
        return False
    return bool(await reported_figures.changeable(page.actor, [found]))


def _statement(form: forms.Form) -> Statement:
    """What a form states; its faults are kept in the form."""
    metric = form.key("metric", required=True) or ""
    organisation = form.key("organisation", required=True) or ""
    value = form.decimal("value", required=True)
    return Statement(
        metric=metric,
        organisation=organisation,
        value=plain(value) if value is not None else "",
        basis=form.choice("basis", BASIS_LABELS, required=True) or "",
        source=form.text("source", required=True),
        activity=form.key("activity"),
        approximate=form.flag("approximate"),
    )


def _filled(stated: Statement) -> forms.Form:
    return forms.filled(
        [
            ("metric", stated.metric),
            ("organisation", stated.organisation),
            ("value", stated.value),
            ("basis", stated.basis),
            ("source", stated.source),
            ("activity", stated.activity or ""),
            ("approximate", "true" if stated.approximate else ""),
        ]
    )


def _absorb(form: forms.Form, refusal: Refusal | Missing) -> None:
    if isinstance(refusal, Refusal):
        form.absorb(refusal)
    else:
        form.fail("organisation", "没有这个单位，或者它不在您的范围之内")


ROUTES = [
    reported_list,
    reported_form,
    reported_create,
    reported_page,
    reported_change,
    reported_removal,
    reported_remove,
]
