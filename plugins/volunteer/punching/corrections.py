"""Putting a coming or going right: a new punch that names the one it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from msgspec import structs

from core import audit, campaign_states, campaigns, database, moments
from core.campaigns import Campaign
from core.database.inserting import insert_many
from core.permissions import Actor, may
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer.authority import CONFIRM, MAY_NOT_CHANGE
from plugins.volunteer.punching.reading import STAY, Row, stay_of
from plugins.volunteer.punching.states import Direction, Stay
from plugins.volunteer.punching.storing import update_stays
from plugins.volunteer.rules import COUNTED

EDIT = "volunteer.edit"
LONGEST_REASON = 500
MISSING = "没有这条服务记录，或者它不在您的范围之内"
OUTSIDE = "只能在班次开始前2小时到结束后6小时之间"
NO_REASON = "请写明为什么更正"


async def correct(
    campaign: Campaign,
    actor: Actor,
    attendance: str,
    *,
    direction: Direction,
    at: datetime,
    reason: str,
) -> Stay:
    """State anew when somebody came or went; gives the attendance (by its key) as it is then.

    What was there stays on record: a punch of source "correction" is added that ``corrects`` it.
    An attendance with both times waits to be confirmed, also one that was. Raises Missing, Refusal
    on ``at`` or ``reason``, Conflict by the campaign's state or for want of the right to confirm.
    """
    async with database.transaction():
        state = await campaigns.touch(campaign.id)
        campaign_states.require(replace(campaign, state=state), "records")
        row = await _row(campaign, actor, attendance)
        before = stay_of(row)
        after = _moved(before, direction, at)
        _check(before, after, at, reason)
        await update_stays([after])
        punch = await _punch(campaign, actor, row, direction=direction, at=at, reason=reason)
        await insert_many("volunteer_punch", [punch])
        await audit.record(
            actor,
            "volunteer.attendances.corrected",
            "volunteer.attendances",
            attendance,
            organisation=row["organisation"],
            campaign=campaign.key,
            before=_logged(before),
            after={**_logged(after), "reason": reason},
        )
    return after


async def _row(campaign: Campaign, actor: Actor, key: str) -> Row:
    """The attendance, for somebody who may change it. Raises Missing, Conflict."""
    row = await database.fetch_one(
        f"{STAY} WHERE a.campaign = :campaign AND a.key = :key", campaign=campaign.id, key=key
    )
    if row is None:
        raise Missing(MISSING)
    confirms = await may(actor, CONFIRM, row["organisation"])
    if not confirms and not await may(actor, EDIT, row["organisation"]):
        raise Missing(MISSING)
    if row["status"] == COUNTED and not confirms:
        raise Conflict.of("forbidden", MAY_NOT_CHANGE)
    return row


def _moved(stay: Stay, direction: Direction, at: datetime) -> Stay:
    changes = {"came": at} if direction == "in" else {"went": at, "by_itself": False}
    moved = structs.replace(stay, **changes)
    return structs.replace(moved, status="pending" if moved.went else "open")


def _check(before: Stay, after: Stay, at: datetime, reason: str) -> None:
    if not after.shift.takes(at):
        raise Refusal.of("outside_window", OUTSIDE, "at")
    if after.came is None:
        raise Refusal.of("not_in", "还没有签到，请先补签到", "at")
    if after.went is not None and after.went < after.came:
        raise Refusal.of("ends_before_starts", "签退早于签到", "at")
    if (before.came, before.went, before.by_itself) == (after.came, after.went, after.by_itself):
        raise Refusal.of("value", "和原来的时间一样，没有要更正的", "at")
    if not reason.strip():
        raise Refusal.of("missing", NO_REASON, "reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal.of("too_long", f"最多{LONGEST_REASON}个字", "reason")


async def _punch(
    campaign: Campaign,
    actor: Actor,
    row: Row,
    *,
    direction: Direction,
    at: datetime,
    reason: str,
) -> Mapping[str, Any]:
    corrects = await database.fetch_value(
        "SELECT MAX(id) FROM volunteer_punch WHERE attendance = :attendance"
        " AND direction = :direction AND result = 'accepted'",
        attendance=row["id"],
        direction=direction,
    )
    return {
        "campaign": campaign.id,
        "nonce": str(uuid4()),
        "shift_key": row["shift_key"],
        "volunteer_key": row["volunteer_key"],
        "shift": row["shift"],
        "volunteer": row["volunteer"],
        "attendance": row["id"],
        "attendance_key": row["key"],
        "direction": direction,
        "at": at,
        "received_at": moments.now(),
        "device": "",
        "source": "correction",
        "actor": actor.name,
        "result": "accepted",
        "code": None,
        "corrects": corrects,
        "reason": reason,
    }


def _logged(stay: Stay) -> dict[str, Any]:
    return {"came": stay.came, "went": stay.went, "status": stay.status}
