"""What waits to be confirmed, by shift; what is improbable stands apart, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages
from api.kit.records.fields import Row
from api.kit.records.visits import Visit, record_href, visit
from api.kit.records.writing import is_open
from core import database, privacy
from core.permissions import may_in_campaign
from plugins.volunteer import confirming
from plugins.volunteer.authority import CONFIRM
from plugins.volunteer.hours import flags
from plugins.volunteer.hours.pages import HOME, READING, close_forgotten
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VIEW
from plugins.volunteer.rules import duration_text

PAGE = f"{HOME}/confirm"
MOST = 100
ALLOWED = ("confirmed", "rejected")


def _shifts(here: Visit, rows: Sequence[Row], found: flags.Flags) -> list[dict[str, Any]]:
    """How many wait in each shift, with and without a flag."""
    shifts: dict[str, dict[str, Any]] = {}
    for row in rows:
        shift = shifts.setdefault(
            row["shift_key"],
            {
                "key": row["shift_key"],
                "label": row["shift_label"] or row["shift_key"],
                "href": record_href(here.work, SHIFTS, row["shift_key"]),
                "unflagged": 0,
                "minutes": 0,
                "flagged": 0,
            },
        )
        if row["id"] in found:
            shift["flagged"] += 1
        else:
            shift["unflagged"] += 1
            shift["minutes"] += row["credited_minutes"]
    return list(shifts.values())


async def _flagged(here: Visit, rows: Sequence[Row], found: flags.Flags) -> list[dict[str, Any]]:
    """The flagged ones with their volunteers' names, masked. One statement, if any."""
    names = {
        row["id"]: privacy.mask_name(privacy.unseal(row["name_sealed"]))
        for row in await database.fetch(
            "SELECT id, name_sealed FROM volunteer_person WHERE id IN (:ids)",
            ids=sorted({row["volunteer"] for row in rows}),
        )
    }
    return [
        {
            "key": row["key"],
            "name": names[row["volunteer"]],
            "shift": row["shift_label"] or row["shift_key"],
            "shift_key": row["shift_key"],
            "minutes": row["credited_minutes"],
            "flags": found[row["id"]],
            "href": f"{record_href(here.work, ATTENDANCES, row['key'])}/hours",
        }
        for row in rows
    ]


@get(PAGE, **READING)
async def waiting_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show what waits to be confirmed."""
    here = await visit(request, campaign, ATTENDANCES)
    await close_forgotten(here)
    rows = await confirming.pending(here.work, VIEW)
    found = await flags.of_pending(here.work.campaign.id, rows)
    clear = [row for row in rows if row["id"] not in found]
    flagged = [row for row in rows if row["id"] in found]
    shifts = _shifts(here, rows, found)
    may_confirm = await may_in_campaign(here.work.actor, CONFIRM, here.work.campaign.id)
    return here.page.render(
        request,
        "volunteer/hours/confirm.html",
        visit=here,
        href=f"/campaigns/{here.work.campaign.key}/volunteer/confirm",
        total=len(rows),
        clear_total=len(clear),
        clear_minutes=sum(row["credited_minutes"] for row in clear),
        flagged_total=len(flagged),
        shifts=shifts[:MOST],
        more_shifts=max(0, len(shifts) - MOST),
        flagged=await _flagged(here, flagged[:MOST], found),
        more_flagged=max(0, len(flagged) - MOST),
        labels=flags.LABELS,
        duration=duration_text,
        may_confirm=may_confirm and is_open(here.work, ATTENDANCES),
    )


@post(PAGE, opt={"permission": CONFIRM}, include_in_schema=False)
async def waiting_confirm(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[Any]:
    """Confirm all without a flag, those of a shift, or decide about one."""
    here = await visit(request, campaign, ATTENDANCES)
    form = await forms.read(request)
    address = f"/campaigns/{here.work.campaign.key}/volunteer/confirm"
    shift, attendance = form.value("shift"), form.value("attendance")
    status = form.value("status") or "confirmed"
    if status not in ALLOWED or not (shift or form.value("all")):
        return pages.see_other(request, address, "请选择要确认哪些记录。", "warn")
    if attendance:
        outcome = await confirming.decide(here.work, shift, status, [attendance])
    else:
        outcome = await confirming.confirm_unflagged(here.work, shift)
    kind = "good" if outcome.changed else "warn"
    return pages.see_other(request, address, outcome.sentence(status), kind)


CONFIRMATIONS: list[Any] = [waiting_page, waiting_confirm]
