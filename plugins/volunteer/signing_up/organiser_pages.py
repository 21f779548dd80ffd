"""Pages of organisers: opening shifts to the public, cancelling, and where people are missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.kit import forms, pages, paging
from api.kit.pages import Link
from api.kit.records import find
from api.kit.records.visits import Visit, record_href, visit
from core import moments
from core.refusals import Refusal
from plugins.volunteer.records import EDIT, SHIFTS, VIEW
from plugins.volunteer.signing_up import publishing, staffing
from plugins.volunteer.signing_up.public_pages import last_seen

HOME = "/campaigns/{campaign:str}/volunteer"
SHIFT = f"{HOME}/shifts/{{key:str}}"
READING: dict[str, Any] = {"opt": {"permission": VIEW}, "include_in_schema": False}
EDITING: dict[str, Any] = {"opt": {"permission": EDIT}, "include_in_schema": False}
DONE = {
    "publish": "班次已经公开，志愿者可以报名了。",
    "withdraw": "已经停止招募；报了名的和候补的都还在。",
}


@post(f"{SHIFT}/recruiting", **EDITING)
async def shift_recruit(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Open a shift to the public, or take it back."""
    here = await visit(request, campaign, SHIFTS)
    form = await forms.read(request)
    act = form.values.get("act", "")
    address = record_href(here.work, SHIFTS, key)
    await find(here.work, SHIFTS, key, EDIT)
    if act not in publishing.ACTS:
        return pages.see_other(request, address, "请选择公开还是停止招募。", "warn")
    change = publishing.publish if act == "publish" else publishing.withdraw
    try:
        await change(here.work, key)
    except Refusal as refusal:
        return pages.see_other(request, address, f"{refusal}。", "warn")
    return pages.see_other(request, address, DONE[act])


@get(f"{SHIFT}/cancel", **EDITING)
async def shift_cancel_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Ask before a shift is called off."""
    here = await visit(request, campaign, SHIFTS)
    here.require_writing()
    row = await find(here.work, SHIFTS, key, EDIT)
    return here.page.render(
        request, "volunteer/signing_up/cancel.html", visit=here, shift=row, href=here.record(row)
    )


@post(f"{SHIFT}/cancel", **EDITING)
async def shift_cancel(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Call a shift off."""
    here = await visit(request, campaign, SHIFTS)
    address = record_href(here.work, SHIFTS, key)
    try:
        people = await publishing.cancel(here.work, key)
    except Refusal as refusal:
        return pages.see_other(request, address, f"{refusal}。", "warn")
    told = f"报了名的{people}人会在自己的页面和日历里看到，最好再打个电话。" if people else ""
    return pages.see_other(request, address, f"班次已经取消。{told}")


def _shown(here: Visit, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A shift's line: what is wanting, and what to say of it."""
    wanting = max(0, row["capacity"] - row["people"])
    under_way = row["starts_at"] <= now < row["ends_at"]
    return {
        **row,
        "href": record_href(here.work, SHIFTS, row["key"]),
        "wanting": wanting,
        "under_way": under_way,
        "missing": row["expected"] if row["starts_at"] <= now else None,
    }


@get(f"{HOME}/staffing", **READING)
async def staffing_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    past: FromQuery[bool] = False,
    cursor: paging.CursorText = "",
) -> Response[Any]:
    """Show where people are missing, the next shift first."""
    here, now = await visit(request, campaign, SHIFTS), moments.now()
    found = await staffing.shifts(
        here.work.actor,
        here.work.campaign.id,
        VIEW,
        now,
        past=past,
        after=last_seen(cursor),
        limit=paging.USUAL_PAGE + 1,
    )
    rows, following = paging.cut(
        found, paging.USUAL_PAGE, lambda row: [row["starts_at"].isoformat(), row["id"]]
    )
    base = f"/campaigns/{here.work.campaign.key}/volunteer/staffing"
    first = f"{base}?past=true" if past else base
    return here.page.render(
        request,
        "volunteer/signing_up/staffing.html",
        visit=here,
        lists=[Link(each.label, each.href, each.href == base) for each in here.siblings],
        shifts=[_shown(here, row, now) for row in rows],
        past=past,
        here_href=base,
        first_href=first if cursor else "",
        next_href=f"{first}{'&' if past else '?'}cursor={following}" if following else "",
        may_add=await here.may_edit(),
    )


ORGANISERS: list[Any] = [shift_recruit, shift_cancel_form, shift_cancel, staffing_page]
