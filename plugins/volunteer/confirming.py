"""Many attendances of a shift at once: confirming them, refusing them, marking who did not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.kit.records import Work, find
from api.kit.records.fields import Row
from api.kit.records.writing import hold
from core import audit, database
from core.shapes import Optional, key, list_of, object_of, one_of
from plugins.volunteer.authority import CONFIRM
from plugins.volunteer.overlaps import Claim, clashing
from plugins.volunteer.records import ATTENDANCES, EDIT, SHIFTS
from plugins.volunteer.rules import COUNTED, STATUSES

DECISIONS = {COUNTED: "确认", "rejected": "不予确认", "pending": "改回待确认"}
MARKS = {"no_show": "标为未到", "pending": "标为待确认"}

_chosen = Optional(list_of(key))
DECISION = object_of({"status": one_of(*DECISIONS), "attendances": _chosen})
MARK = object_of({"status": one_of(*MARKS), "attendances": _chosen})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many attendances changed, and how many were left as they were, for which reason."""

    changed: int
    untimed: int = 0
    overlapping: int = 0
    confirmed: int = 0

    def sentence(self, status: str) -> str:
        """What happened, for people."""
        parts = [f"已把{self.changed}条标为“{STATUSES[status]}”" if self.changed else "没有改动"]
        if self.untimed:
            parts.append(f"{self.untimed}条没有签到或签退时间，没有确认")
        if self.overlapping:
            parts.append(f"{self.overlapping}条和同一个人别的记录时间重叠，没有确认")
        if self.confirmed:
            parts.append(f"{self.confirmed}条已经确认过，要由审核人或组织者改")
        return "；".join(parts) + "。"

    @property
    def complete(self) -> bool:
        """Whether nothing was left out."""
        return bool(self.changed) and not (self.untimed or self.overlapping or self.confirmed)


async def decide(
    work: Work, shift_key: str, status: str, chosen: Sequence[str] | None = None
) -> Outcome:
    """Confirm attendances of a shift, refuse them or take that back.

    Without ``chosen`` (keys) it is all that are pending. What lacks a time or would credit
    somebody twice stays as it is. Raises Missing, Conflict.
    """
    async with database.transaction():
        await hold(work, ATTENDANCES)
        shift = await find(work, SHIFTS, shift_key, CONFIRM)
        rows = await _rows(shift, status, chosen, all_of="pending")
        outcome = Outcome(len(rows))
        if status == COUNTED:
            timed = [row for row in rows if row["checked_in_at"] and row["checked_out_at"]]
            refused = await _refused(work, shift, timed)
            kept = [row for row in timed if row["id"] not in refused]
            outcome = Outcome(len(kept), len(rows) - len(timed), len(timed) - len(kept))
            rows = kept
        await _write(work, shift, rows, status)
    return outcome


async def mark(
    work: Work, shift_key: str, status: str, chosen: Sequence[str] | None = None
) -> Outcome:
    """Mark attendances of a shift as not come, or as waiting to be confirmed.

    Without ``chosen`` it is all that only signed up. Confirmed ones stay. Raises Missing, Conflict.
    """
    async with database.transaction():
        await hold(work, ATTENDANCES)
        shift = await find(work, SHIFTS, shift_key, EDIT)
        found = await _rows(shift, status, chosen, all_of="signed_up")
        rows = [row for row in found if row["status"] != COUNTED]
        await _write(work, shift, rows, status)
    return Outcome(len(rows), confirmed=len(found) - len(rows))


async def _rows(shift: Row, status: str, chosen: Sequence[str] | None, *, all_of: str) -> list[Row]:
    """The attendances meant that are not so yet. One statement."""
    values: dict[str, Any]
    condition, values = " AND status = :meant", {"meant": all_of}
    if chosen is not None:
        condition, values = " AND key IN (:chosen)", {"chosen": list(chosen)}
    return await database.fetch(
        "SELECT id, key, volunteer, checked_in_at, checked_out_at, status"
        " FROM volunteer_attendance WHERE shift = :shift AND status <> :status"
        f"{condition} ORDER BY id",
        shift=shift["id"],
        status=status,
        **values,
    )


async def _refused(work: Work, shift: Row, rows: Sequence[Row]) -> set[int]:
    times = shift["starts_at"], shift["ends_at"]
    claims = [
        Claim(row["id"], row["volunteer"], row["checked_in_at"], row["checked_out_at"], times)
        for row in rows
    ]
    return await clashing(work.campaign.id, claims)


async def _write(work: Work, shift: Row, rows: Sequence[Row], status: str) -> None:
    if not rows:
        return
    await database.execute_many(
        "UPDATE volunteer_attendance SET status = :status WHERE id = :id",
        [{"id": row["id"], "status": status} for row in rows],
    )
    await audit.record(
        work.actor,
        f"volunteer.attendances.{status}",
        SHIFTS.purpose,
        shift["key"],
        organisation=shift["office"],
        campaign=work.campaign.key,
        before=_statuses(rows),
        after={row["key"]: status for row in rows},
    )


def _statuses(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {row["key"]: row["status"] for row in rows}
