"""Pages of a shift and of a volunteer: who served how long, confirming, stars."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from api.kit import filters, forms, pages, paging
from api.kit.records import find, listing
from api.kit.records.data import after_place, place_of
from api.kit.records.fields import Row
from api.kit.records.reading import Where
from api.kit.records.record_pages import details, heading, record_page
from api.kit.records.values import shown
from api.kit.records.visits import Visit, record_href, visit
from api.kit.records.writing import is_open
from core import moments
from core.permissions import may
from plugins.volunteer import confirming, on_duty, stars
from plugins.volunteer.authority import CONFIRM
from plugins.volunteer.punching.taken import PUNCH
from plugins.volunteer.records import ATTENDANCES, EDIT, SHIFTS, VIEW, VOLUNTEERS
from plugins.volunteer.rules import STATUSES, duration_text
from plugins.volunteer.signing_up.offers import public_shift

HOME = "/campaigns/{campaign:str}/volunteer"
SHIFT = f"{HOME}/shifts/{{key:str}}"
VOLUNTEER = f"{HOME}/volunteers/{{key:str}}"
READING: dict[str, Any] = {"opt": {"permission": VIEW}, "include_in_schema": False}
EDITING: dict[str, Any] = {"opt": {"permission": EDIT}, "include_in_schema": False}
CONFIRMING: dict[str, Any] = {"opt": {"permission": CONFIRM}, "include_in_schema": False}
STATUS_KINDS = {"pending": "warn", "confirmed": "good", "open": "live"}


@get(HOME, **READING)
async def home(campaign: FromPath[str]) -> Redirect:
    """Lead to the shifts."""
    return Redirect(f"/campaigns/{quote(campaign, safe='')}/volunteer/shifts", status_code=303)


def _times(row: Row) -> str:
    """When somebody came and went; the day once."""
    came, went = row["checked_in_at"], row["checked_out_at"]
    if came and went:
        return filters.period(came, went, year=False)
    return filters.moment(came or went) + ("起" if came else "签退" if went else "")


def attendance_rows(here: Visit, rows: list[Row]) -> list[dict[str, Any]]:
    """Attendances as the pages of a shift and of a volunteer show them."""
    by_name = ATTENDANCES.by_name
    return [
        {
            "key": row["key"],
            "name": shown(by_name["volunteer"], row),
            "shift": row["shift_label"],
            "times": _times(row),
            "credited": duration_text(row["credited_minutes"]),
            "counts": row["status"] == "confirmed",
            "status": STATUSES[row["status"]],
            "status_kind": STATUS_KINDS.get(row["status"], ""),
            "href": record_href(here.work, ATTENDANCES, ATTENDANCES.address_key(row)),
        }
        for row in rows
    ]


async def _live(here: Visit, shift: Row) -> dict[str, Any] | None:
    """Who is on duty in a shift, and where its page is told of changes; None once all is over."""
    campaign = here.work.campaign
    if campaign.state not in ("open", "closing"):
        return None
    return {
        "address": f"/api/v1/campaigns/{quote(campaign.key, safe='')}/live",
        "changes": campaign.changes,
        "counts": await on_duty.in_shift(shift["id"]),
        "at": moments.now(),
    }


async def _page_of(here: Visit, where: Where, cursor: str) -> tuple[list[dict[str, Any]], str]:
    """A page of attendances, and where the next one starts."""
    after, limit = after_place(ATTENDANCES, cursor), paging.USUAL_PAGE
    found = await listing(here.work, ATTENDANCES, where, after=after, limit=limit + 1)
    rows, following = paging.cut(found, limit, lambda row: place_of(ATTENDANCES, row))
    return attendance_rows(here, rows), following or ""


@get(SHIFT, **READING)
async def shift_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    cursor: paging.CursorText = "",
) -> Response[Any]:
    """Show a shift with its attendances."""
    here = await visit(request, campaign, SHIFTS)
    row = await find(here.work, SHIFTS, key)
    where = Where(["t.shift = :shift_id"], {"shift_id": row["id"]})
    status = request.query_params.get("status", "")
    asked = {"status": status} if status in STATUSES else {}
    if asked:
        where.add("t.status = :status", status=status)
    rows, following = await _page_of(here, where, cursor)
    href = here.record(row)
    writable = is_open(here.work, ATTENDANCES)
    return here.page.render(
        request,
        "volunteer/shift.html",
        visit=here,
        shift=row,
        href=href,
        attendances_href=f"/campaigns/{here.work.campaign.key}/volunteer/attendances",
        within=urlencode({"shift": row["key"]}),
        steward_href=f"/campaigns/{here.work.campaign.key}/volunteer/steward",
        details=details(here, row, masked=True),
        public_href=public_shift(campaign, key),
        begun=row["starts_at"] <= moments.now(),
        live=await _live(here, row),
        attendances=rows,
        wanting=max(0, row["capacity"] - row["people"]),
        chosen_status=status,
        statuses={"": "全部", **STATUSES},
        may_edit=await here.may_edit(row),
        may_punch=await may(here.work.actor, PUNCH, row["office"]),
        may_write=writable and await may(here.work.actor, EDIT, row["office"]),
        may_confirm=writable and await may(here.work.actor, CONFIRM, row["office"]),
        first_href=f"{href}?{urlencode(asked)}" if cursor else "",
        next_href=f"{href}?{urlencode({**asked, 'cursor': following})}" if following else "",
    )


async def _change(
    request: Request[Any, Any, Any], campaign: str, key: str, *, deciding: bool
) -> Response[Any]:
    """Give the ticked attendances, or all of a kind, another status."""
    here = await visit(request, campaign, SHIFTS)
    form = await forms.read(request)
    known = confirming.DECISIONS if deciding else confirming.MARKS
    everybody = form.values.get("everybody", "")
    status = everybody or form.values.get("status", "")
    chosen = None if everybody else form.lists.get("attendance", [])
    address = record_href(here.work, SHIFTS, key)
    if status not in known:
        return pages.see_other(request, address, "请选择要标成什么状态。", "warn")
    if chosen == []:
        return pages.see_other(request, address, "请先在名单里勾选。", "warn")
    act = confirming.decide if deciding else confirming.mark
    outcome = await act(here.work, key, status, chosen)
    kind = "good" if outcome.complete else "warn"
    return pages.see_other(request, address, outcome.sentence(status), kind)


@post(f"{SHIFT}/decisions", **CONFIRMING)
async def shift_decide(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Confirm or refuse."""
    return await _change(request, campaign, key, deciding=True)


@post(f"{SHIFT}/marks", **EDITING)
async def shift_mark(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Mark who did not come."""
    return await _change(request, campaign, key, deciding=False)


async def _volunteer(
    request: Request[Any, Any, Any], here: Visit, row: Row, *, cursor: str = "", masked: bool = True
) -> Response[Any]:
    where = Where(["t.volunteer = :volunteer_id"], {"volunteer_id": row["id"]})
    rows, following = await _page_of(here, where, cursor)
    href = here.record(row)
    plugin = f"/campaigns/{here.work.campaign.key}/volunteer"
    return await record_page(
        request,
        here,
        row,
        masked=masked,
        template="volunteer/volunteer.html",
        standing=await stars.standing(here.work, row),
        heading=heading(VOLUNTEERS, row, masked=masked),
        duration=duration_text,
        stars_href=f"{plugin}/stars",
        attendances=rows,
        first_href=href if cursor else "",
        next_href=f"{href}?{urlencode({'cursor': following})}" if following else "",
    )


@get(VOLUNTEER, **READING)
async def volunteer_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    cursor: paging.CursorText = "",
) -> Response[Any]:
    """Show a volunteer: hours, stars, attendances."""
    here = await visit(request, campaign, VOLUNTEERS)
    return await _volunteer(request, here, await find(here.work, VOLUNTEERS, key), cursor=cursor)


PAGES: list[Any] = [home, shift_page, shift_decide, shift_mark, volunteer_page]
