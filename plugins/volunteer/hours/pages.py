"""Pages that explain hours: a volunteer's, one record's with correcting it, what waits."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages
from api.kit.records import find
from api.kit.records.fields import Row
from api.kit.records.record_pages import heading
from api.kit.records.values import shown
from api.kit.records.visits import Visit, record_href, visit
from api.kit.records.writing import is_open
from core import database, deferrable, moments
from core.permissions import may
from core.refusals import Refusal
from plugins.volunteer.authority import CONFIRM
from plugins.volunteer.hours import flags, objections, reading
from plugins.volunteer.hours.words import STATUS_KINDS
from plugins.volunteer.punching import clock, corrections
from plugins.volunteer.records import ATTENDANCES, EDIT, SHIFTS, VIEW, VOLUNTEERS
from plugins.volunteer.rules import COUNTED, duration_text

HOME = "/campaigns/{campaign:str}/volunteer"
ATTENDANCE = f"{HOME}/attendances/{{key:str}}"
READING: dict[str, Any] = {"opt": {"permission": VIEW}, "include_in_schema": False}
EDITING: dict[str, Any] = {"opt": {"permission": EDIT}, "include_in_schema": False}


async def close_forgotten(here: Visit) -> None:
    """Close what was left open too long, so that the page shows it. One statement, mostly.

    Where nothing can be written, the page shows what is there; it is closed when there is room.
    """
    if is_open(here.work, ATTENDANCES):
        campaign = here.work.campaign
        await deferrable.attempt(
            "forgotten check-outs", lambda: clock.close_forgotten(moments.now(), campaign)
        )


@get(f"{HOME}/volunteers/{{key:str}}/hours", **READING)
async def volunteer_hours(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show a volunteer's hours in the campaign, punch by punch."""
    here = await visit(request, campaign, VOLUNTEERS)
    row = await find(here.work, VOLUNTEERS, key)
    await close_forgotten(here)
    hours = await reading.of_volunteers([row["id"]])
    return here.page.render(
        request,
        "volunteer/hours/volunteer.html",
        visit=here,
        heading=heading(VOLUNTEERS, row),
        href=here.record(row),
        hours=hours,
        objections=await objections.of_volunteers([row["id"]]),
        records={
            each.key: f"{record_href(here.work, ATTENDANCES, each.key)}/hours"
            for each in hours.explanations
        },
        duration=duration_text,
        kinds=STATUS_KINDS,
        today=moments.today(),
    )


async def _attendance(
    request: Request[Any, Any, Any], here: Visit, row: Row, form: forms.Form, status: int = 200
) -> Response[Any]:
    work = here.work
    more = await database.fetch_one(
        "SELECT a.volunteer AS volunteer_id, a.closed_by_itself, h.activity"
        " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift WHERE a.id = :id",
        id=row["id"],
    )
    row = {**row, **(more or {})}
    found = await objections.of_volunteers([row["volunteer_id"]])
    own = found.get(row["key"], [])
    waiting = next((each for each in own if each.open), None)
    writable = is_open(work, ATTENDANCES)
    may_edit = await may(work.actor, EDIT, row["office"])
    may_confirm = await may(work.actor, CONFIRM, row["office"])
    plugin = f"/campaigns/{work.campaign.key}/volunteer"
    href = here.record(row)
    each = await reading.of_attendance(row)
    return here.page.render(
        request,
        "volunteer/hours/attendance.html",
        status=status,
        visit=here,
        each=each,
        uncorrected=objections.is_uncorrected(own, each.corrected_at if each else None),
        heading=shown(ATTENDANCES.by_name["volunteer"], row),
        volunteer_href=f"{record_href(work, VOLUNTEERS, row['volunteer'])}/hours",
        shift_href=record_href(work, SHIFTS, row["shift"]),
        record_href=href,
        href=href,
        flagged=flags.of_record(row),
        objections=own,
        waiting=f"{plugin}/objections/{waiting.key}" if waiting and may_confirm else "",
        may_edit=writable and may_edit and (may_confirm or row["status"] != COUNTED),
        may_note=may_edit and waiting is None,
        days=objections.DAYS,
        form=form,
        kinds=STATUS_KINDS,
        today=moments.today(),
    )


@get(f"{ATTENDANCE}/hours", **READING)
async def attendance_hours(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Explain one record, with the forms to correct it and to note an objection."""
    here = await visit(request, campaign, ATTENDANCES)
    row = await find(here.work, ATTENDANCES, key)
    return await _attendance(request, here, row, forms.Form())


@post(f"{ATTENDANCE}/corrections", **EDITING)
async def correct(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Correct when somebody came or went."""
    here = await visit(request, campaign, ATTENDANCES)
    row = await find(here.work, ATTENDANCES, key, EDIT)
    form = await forms.read(request)
    direction = form.choice("direction", ("in", "out"), required=True)
    at = form.moment("at", required=True)
    reason = form.text("reason", required=True)
    if form.ok and at is not None:
        try:
            await corrections.correct(
                here.work.campaign,
                here.work.actor,
                row["key"],
                direction="in" if direction == "in" else "out",
                at=at,
                reason=reason,
            )
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            done = "已更正，等别人确认。原来的打卡还在。"
            return pages.see_other(request, f"{here.record(row)}/hours", done)
    return await _attendance(request, here, row, form, 422)


@post(f"{ATTENDANCE}/objections", **EDITING)
async def note_objection(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Note an objection that a volunteer raised by word of mouth."""
    here = await visit(request, campaign, ATTENDANCES)
    row = await find(here.work, ATTENDANCES, key, EDIT)
    form = await forms.read(request)
    text = form.text("text", required=True)
    if form.ok:
        try:
            await objections.note(here.work, row["key"], text)
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            done = f"已记下异议，要在{objections.DAYS}天之内答复。"
            return pages.see_other(request, f"{here.record(row)}/hours", done)
    return await _attendance(request, here, row, form, 422)


EXPLANATIONS: list[Any] = [volunteer_hours, attendance_hours, correct, note_objection]
