"""The inbox of conflicts, each with its resolutions as buttons; as a page and as JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages, paging
from api.kit.records.data import body_of
from api.kit.records.visits import Visit, enter, record_href, visit
from api.kit.records.writing import is_open
from core.moments import offset_text
from core.permissions import may_in_campaign
from core.refusals import Missing, Refusal
from core.shapes import Problems, object_of, one_of
from plugins.volunteer.hours import conflicts, settling
from plugins.volunteer.hours.conflicts import Clashing, Conflict
from plugins.volunteer.hours.pages import EDITING, HOME, READING, close_forgotten
from plugins.volunteer.records import ATTENDANCES, EDIT, VIEW

PAGE = f"{HOME}/conflicts"
DATA = "/api/v1/campaigns/{campaign:str}/volunteer/conflicts"
TAGS = ["volunteer"]
RESOLUTION = object_of({"resolution": one_of(*conflicts.OUTCOMES)})


@get(PAGE, **READING)
async def conflict_inbox(
    request: Request[Any, Any, Any], campaign: FromPath[str], cursor: paging.CursorText = ""
) -> Response[Any]:
    """Show conflicts that are open, the oldest first, or those that are resolved."""
    here = await visit(request, campaign, ATTENDANCES)
    await close_forgotten(here)
    waiting = request.query_params.get("state", "") != "resolved"
    after, limit = (paging.decode(cursor, (int,)) or [0])[0], paging.USUAL_PAGE
    found = await conflicts.listed(here.work, after=after, limit=limit + 1, waiting=waiting)
    rows, following = paging.cut(found, limit, lambda each: (each.id,))
    home = f"/campaigns/{here.work.campaign.key}/volunteer/conflicts"
    asked = {} if waiting else {"state": "resolved"}
    may_edit = await may_in_campaign(here.work.actor, EDIT, here.work.campaign.id)
    return here.page.render(
        request,
        "volunteer/hours/conflicts.html",
        visit=here,
        href=home,
        waiting=waiting,
        conflicts=[{"found": each, "records": _records(here, each)} for each in rows],
        clocks=sum(each.kind == "clock" for each in rows) if waiting else 0,
        may_resolve=may_edit and is_open(here.work, ATTENDANCES),
        first_href=f"{home}?{urlencode(asked)}" if cursor else "",
        next_href=f"{home}?{urlencode({**asked, 'cursor': following})}" if following else "",
    )


def _records(here: Visit, found: Conflict) -> dict[str, str]:
    """Where the attendances of a conflict are explained, by their keys."""
    return {
        clash.attendance: f"{record_href(here.work, ATTENDANCES, clash.attendance)}/hours"
        for clash in (found.punch, found.other)
        if clash and clash.attendance
    }


@post(PAGE, **EDITING)
async def clocks_keep(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Keep the devices' time in all conflicts about clocks."""
    here = await visit(request, campaign, ATTENDANCES)
    home = f"/campaigns/{here.work.campaign.key}/volunteer/conflicts"
    number = await settling.keep_clocks(here.work)
    said = f"已处理{number}条：保留设备的时间。" if number else "没有要处理的时钟冲突。"
    return pages.see_other(request, home, said)


@post(f"{PAGE}/{{number:int}}", **EDITING)
async def conflict_resolve(
    request: Request[Any, Any, Any], campaign: FromPath[str], number: FromPath[int]
) -> Response[Any]:
    """Settle a conflict in one step."""
    here = await visit(request, campaign, ATTENDANCES)
    found = await conflicts.find_one(here.work, number, EDIT)
    form = await forms.read(request)
    home = f"/campaigns/{here.work.campaign.key}/volunteer/conflicts"
    try:
        settled = await settling.resolve(here.work, found.id, form.value("resolution"))
    except Refusal as refusal:
        return pages.see_other(request, home, f"没有处理：{refusal}", "bad")
    except Missing as missing:
        sentence = f"没有处理：{missing}。请让审核人或上级处理。"
        return pages.see_other(request, home, sentence, "bad")
    return pages.see_other(request, home, f"已处理：{settled.outcome}。")


def _punch(clash: Clashing | None) -> dict[str, Any] | None:
    """A punch of a conflict as JSON."""
    if clash is None:
        return None
    row = clash.row
    return {
        "nonce": row["nonce"],
        "shift": row["shift_key"],
        "direction": row["direction"],
        "at": offset_text(row["at"]),
        "received_at": offset_text(row["received_at"]),
        "device": row["device"],
        "result": row["result"],
        "code": row["code"],
        "attendance": clash.attendance or None,
    }


def _out(found: Conflict) -> dict[str, Any]:
    """A conflict as JSON; the volunteer by his key alone."""
    return {
        "id": found.id,
        "kind": found.kind,
        "volunteer": found.volunteer or None,
        "punch": _punch(found.punch),
        "other": _punch(found.other),
        "made_at": offset_text(found.made_at),
        "resolutions": [] if found.resolution else list(found.offered),
        "resolution": found.resolution,
        "resolved_at": found.resolved_at and offset_text(found.resolved_at),
    }


@get(DATA, opt={"permission": VIEW}, tags=TAGS)
async def conflict_index(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[dict[str, Any]]:
    """List open conflicts, the oldest first; with ``state=resolved`` those that are settled."""
    work = await enter(request, campaign, ATTENDANCES)
    waiting = request.query_params.get("state", "") != "resolved"
    after = (paging.decode(cursor, (int,)) or [0])[0]
    found = await conflicts.listed(work, after=after, limit=limit + 1, waiting=waiting)
    page, following = paging.cut(found, limit, lambda each: (each.id,))
    return paging.Page([_out(each) for each in page], following)


@post(f"{DATA}/{{number:int}}/resolution", opt={"permission": EDIT}, tags=TAGS, status_code=200)
async def conflict_settle(
    request: Request[Any, Any, Any], campaign: FromPath[str], number: FromPath[int]
) -> dict[str, Any]:
    """Settle a conflict by one of its ``resolutions``."""
    work = await enter(request, campaign, ATTENDANCES)
    await conflicts.find_one(work, number, EDIT)
    problems = Problems()
    asked = RESOLUTION(await body_of(request), (), problems)
    if problems.found:
        raise Refusal(*problems.found)
    return _out(await settling.resolve(work, number, asked["resolution"]))


CONFLICTS: list[Any] = [
    conflict_inbox,
    clocks_keep,
    conflict_resolve,
    conflict_index,
    conflict_settle,
]
