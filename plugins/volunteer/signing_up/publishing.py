"""Opening a shift to the public, withdrawing it, and cancelling it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.kit.records import Work, find
from api.kit.records.fields import Row
from api.kit.records.revisions import revise
from api.kit.records.writing import hold
from core import audit, database, moments
from core.refusals import Conflict, Fault, Refusal
from plugins.volunteer.records import EDIT, SHIFTS

# 志愿服务条例 12: true and complete information, possible risks among it; 17: insurance before
# service that may endanger the person.
TOLD = {"place": "地点", "risks": "可能的风险", "insurance": "保险"}
ACTS = {"publish": "公开招募", "withdraw": "停止招募"}
BEGUN = "班次已经开始，不能再公开招募"
CANCELLED = "班次已经取消"
CHECKED_IN = "已经有人签到，不能取消；没有办完的，请改班次的结束时间"


def lacking(shift: Mapping[str, Any]) -> list[str]:
    """What the law wants said before anybody is recruited, and is not: labels of fields."""
    return [label for name, label in TOLD.items() if not shift[name].strip()]


async def publish(work: Work, key: str) -> None:
    """Open a shift to volunteers. Raises Missing; Refusal with what is lacking; Conflict."""
    async with database.transaction():
        shift = await _held(work, key)
        if shift["starts_at"] <= moments.now():
            raise Conflict.of("begun", BEGUN)
        if missing := lacking(shift):
            message = f"公开招募前要写明{'、'.join(missing)}，请先修改班次"
            raise Refusal(Fault("", "missing", message))
        if shift["recruiting"] != "published":
            await _write(work, shift, "published", "published_at = :now")


async def withdraw(work: Work, key: str) -> None:
    """Take a shift from the public; who signed up or waits stays. Raises Missing, Conflict."""
    async with database.transaction():
        shift = await _held(work, key)
        if shift["recruiting"] == "published":
            await _write(work, shift, "withdrawn", "published_at = NULL")


async def cancel(work: Work, key: str) -> int:
    """Call a shift off for good; answers how many had signed up.

    They keep their entry, which says that the shift is cancelled; whoever waits waits no more.
    Raises Missing; Conflict once somebody has come.
    """
    async with database.transaction():
        shift = await _held(work, key)
        came = await database.fetch_value(
            "SELECT 1 FROM volunteer_attendance WHERE shift = :shift"
            " AND (checked_in_at IS NOT NULL OR status IN ('open', 'pending', 'confirmed'))"
            " LIMIT 1",
            shift=shift["id"],
        )
        if came:
            raise Conflict.of("checked_in", CHECKED_IN)
        await database.execute(
            "DELETE FROM volunteer_waiting WHERE shift = :shift", shift=shift["id"]
        )
        await _write(work, shift, "cancelled", "cancelled_at = :now")
        await revise(SHIFTS.table, [(shift["id"], True)], moments.now())
    return int(shift["signed_up"])


async def _held(work: Work, key: str) -> Row:
    """The shift, its campaign held. Raises Missing; Conflict when it is cancelled already."""
    await hold(work, SHIFTS)
    shift = await find(work, SHIFTS, key, EDIT)
    if shift["recruiting"] == "cancelled":
        raise Conflict.of("cancelled", CANCELLED)
    return shift


async def _write(work: Work, shift: Row, done: str, assignment: str) -> None:
    values = {"now": moments.now()} if ":now" in assignment else {}
    await database.execute(
        f"UPDATE volunteer_shift SET {assignment} WHERE id = :id", id=shift["id"], **values
    )
    await audit.record(
        work.actor,
        f"volunteer.shifts.{done}",
        SHIFTS.purpose,
        shift["key"],
        organisation=shift["office"],
        campaign=work.campaign.key,
        before={"recruiting": shift["recruiting"]},
        after={"people": shift["people"]},
    )
