"""The overview of the recaps below an office, and the day by which they are to come."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.figure_views import office_options
from api.kit import forms, pages, paging
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.kit.filters import iso_day, moment
from api.kit.ledger import width
from api.recap.links import recap_links
from api.recap.standing import CHILDREN, STANDING_OPTIONS, children_href, versions_href
from core.campaign_access import View
from core.recap.life import children, deadlines
from core.recap.life.children import STANDINGS, Child, Totals
from core.refusals import Refusal

VIEW = {"permission": children.VIEW}
COLUMNS = (
    {"key": "office", "label": "单位"},
    {"key": "state", "label": "状态"},
    {"key": "submitted", "label": "报送"},
    {"key": "decided", "label": "审核"},
    {"key": "since", "label": "此后"},
)
MOVED = "活动的登记有变动"
PLACEHOLDER = "—"


def child_row(page: CampaignPage, each: Child) -> dict[str, Any]:
    """A row of the overview; an office that has handed in leads to what it handed in."""
    office = {"text": each.name, "href": versions_href(page, each.key, each.number or 0)}
    reason = each.reason if each.standing == "returned" else ""
    note = "；".join(filter(None, ("逾期" if each.late else "", reason)))
    when = moment(each.submitted_at, year=True)
    return {
        "office": office,
        "state": {"text": each.label, "note": note},
        "submitted": {"text": when or PLACEHOLDER, "note": each.submitted_by or ""},
        "decided": moment(each.decided_at, year=True),
        "since": MOVED if each.moved else "",
    }


def total_rows(totals: Totals) -> list[dict[str, Any]]:
    """Each standing with its offices and their share of all."""
    return [
        {"label": STANDINGS[key], "count": count, "width": _share(count, totals.offices)}
        for key, count in totals.by_standing.items()
    ]


def _share(count: int, offices: int) -> Decimal:
    return width(Decimal(count), Decimal(offices))


def summary(totals: Totals) -> str:
    """The overview in a sentence: how many offices of each standing, and how many are late."""
    counts: Mapping[str, int] = totals.by_standing
    said = "、".join(f"{count}个{STANDINGS[key]}" for key, count in counts.items() if count)
    late = f"；逾期{totals.late}个" if totals.late else ""
    return f"{totals.offices}个单位中，{said}{late}。"


async def _overview(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    view: View,
    *,
    standing: str = "",
    cursor: str = "",
    form: forms.Form | None = None,
) -> Response[Any]:
    scope, deadline = view.scope, await deadlines.of(page.campaign)
    place = paging.decode(cursor, (str,))
    found = await children.listed(
        page.actor,
        scope,
        deadline,
        standing=standing if standing in {each["value"] for each in STANDING_OPTIONS} else "",
        after=place[0] if place else "",
        limit=paging.USUAL_PAGE + 1,
    )
    shown, following = paging.cut(found, paging.USUAL_PAGE, lambda each: (each.key,))
    totals = await children.totals(page.actor, scope, deadline)
    narrowed = {"standing": standing} if standing else {}
    return page.render(
        request,
        "api/recap_children.html",
        status=422 if form and not form.ok else 200,
        view=view,
        links=recap_links(page, scope.organisation, CHILDREN),
        offices=office_options(view),
        standings=STANDING_OPTIONS,
        standing=standing,
        deadline=deadline,
        summary=summary(totals) if totals.offices else "",
        totals=total_rows(totals),
        columns=COLUMNS,
        rows=[child_row(page, each) for each in shown],
        first_href=children_href(page, scope.organisation, **narrowed) if cursor else "",
        next_href=children_href(page, scope.organisation, cursor=following, **narrowed)
        if following
        else "",
        waiting_href=children_href(page, scope.organisation, standing=children.WAITING),
        waiting=totals.by_standing["submitted"] if page.reach.may("recap.review") else 0,
        may_set=page.reach.may_lead(deadlines.SET),
        form=form or forms.filled([("due_on", iso_day(deadline.due_on))]),
    )


@get("/campaigns/{campaign:str}/recap/children", opt=VIEW, include_in_schema=False)
async def children_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    standing: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """How far the offices directly below are."""
    page = await campaign_context(request, campaign, children.VIEW)
    view = await page.view(children.VIEW, organisation)
    return await _overview(request, page, view, standing=standing, cursor=cursor)


@post(
    "/campaigns/{campaign:str}/recap/deadline",
    opt={"permission": deadlines.SET},
    include_in_schema=False,
)
async def deadline_set(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Set the day, for the whole campaign."""
    page, form = await campaign_context(request, campaign, deadlines.SET), await forms.read(request)
    view = await page.view(deadlines.SET, page.campaign.organisation)
    due_on = form.day("due_on", required=True)
    if due_on is not None:
        try:
            await deadlines.put(page.actor, page.campaign, due_on)
        except Refusal as refusal:
            form.absorb(refusal)
    if not form.ok:
        return await _overview(request, page, view, form=form)
    address = children_href(page, view.scope.organisation)
    return pages.see_other(request, address, "已保存报送期限。")


ROUTES = [children_page, deadline_set]
