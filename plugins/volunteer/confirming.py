"""Many attendances of a shift at once: confirming them, refusing them, marking who did not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.kit.records import Work, find
from api.kit.records.fields import Row
from api.kit.records.writing import hold
from core import audit, database, moments
from core.permissions import scope_sql
from core.shapes import Optional, key, list_of, object_of, one_of
from plugins.volunteer.authority import CONFIRM, DECIDED, barred
from plugins.volunteer.hours import flags
from plugins.volunteer.overlaps import Claim, clashing
from plugins.volunteer.records import ATTENDANCES, EDIT, SHIFTS
from plugins.volunteer.rules import AWAY, COUNTED, STATUSES
from plugins.volunteer.signing_up import waiting

DECISIONS = {COUNTED: "确认", "rejected": "不予确认", "pending": "改回待确认"}
MARKS = {"no_show": "标为未到", "pending": "标为待确认"}

ROWS = (
    "SELECT a.id, a.key, a.volunteer, a.checked_in_at, a.checked_out_at, a.status,"
    " a.credited_minutes, a.closed_by_itself, h.key AS shift_key, h.label AS shift_label,"
    " h.organisation AS office, h.activity, h.starts_at, h.ends_at FROM volunteer_attendance a"
    " JOIN volunteer_shift h ON h.id = a.shift AND h.campaign = a.campaign"
)
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
    barred: int = 0
    flagged: int = 0

    def sentence(self, status: str) -> str:
        """What happened, for people."""
        parts = [f"已把{self.changed}条标为“{STATUSES[status]}”" if self.changed else "没有改动"]
        if self.untimed:
            parts.append(f"{self.untimed}条没有签到或签退时间，没有确认")
        if self.overlapping:
            parts.append(f"{self.overlapping}条和同一个人别的记录时间重叠，没有确认")
        if self.confirmed:
            parts.append(f"{self.confirmed}条已经确认过，要由审核人或组织者改")
        if self.barred:
            parts.append(f"{self.barred}条是您自己的、或您更正过的，要由别人确认")
        if self.flagged:
            parts.append(f"{self.flagged}条有疑点，请逐条核对")
        return "；".join(parts) + "。"

    @property
    def complete(self) -> bool:
        """Whether nothing was left out."""
        left_out = self.untimed, self.overlapping, self.confirmed, self.barred, self.flagged
        return bool(self.changed) and not any(left_out)


async def decide(
    work: Work, shift_key: str, status: str, chosen: Sequence[str] | None = None
) -> Outcome:
    """Confirm attendances of a shift, refuse them or take that back.

    Without ``chosen`` (keys) it is all that are pending. What lacks a time, would credit somebody
    twice, or is the actor's own, stays as it is. Raises Missing, Conflict.
    """
    async with database.transaction():
        await hold(work, ATTENDANCES)
        shift = await find(work, SHIFTS, shift_key, CONFIRM)
        rows = await _rows(shift, status, chosen, all_of="pending")
        outcome = Outcome(len(rows))
        if status == COUNTED:
            rows, outcome = await _confirmable(work, rows)
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


async def pending(work: Work, permission: str = CONFIRM) -> list[Row]:
    """All that wait to be confirmed within the actor's offices, the earliest shift first.

    One statement.
    """
    sql, values = scope_sql(work.actor, permission)
    return await database.fetch(
        f"{ROWS} WHERE a.campaign = :campaign AND a.status = 'pending'"
        f" AND h.organisation IN ({sql}) ORDER BY h.starts_at, h.id, a.id",
        campaign=work.campaign.id,
        **values,
    )


async def confirm_unflagged(work: Work, shift_key: str = "") -> Outcome:
    """Confirm all that are pending, of a shift or within the actor's offices, without any flag.

    Raises Conflict by the campaign's state.
    """
    async with database.transaction():
        await hold(work, ATTENDANCES)
        waiting = await pending(work)
        if shift_key:
            waiting = [row for row in waiting if row["shift_key"] == shift_key]
        flagged = await flags.of_pending(work.campaign.id, waiting)
        clear = [row for row in waiting if row["id"] not in flagged]
        rows, outcome = await _confirmable(work, clear)
        outcome = replace(outcome, flagged=len(waiting) - len(clear))
        for shift in {row["shift_key"]: row for row in rows}.values():
            own = [row for row in rows if row["shift_key"] == shift["shift_key"]]
            await _write(work, {"key": shift["shift_key"], "office": shift["office"]}, own, COUNTED)
    return outcome


async def _confirmable(work: Work, rows: Sequence[Row]) -> tuple[list[Row], Outcome]:
    """Those that may be confirmed by this actor, and what was left out. Three statements."""
    timed = [row for row in rows if row["checked_in_at"] and row["checked_out_at"]]
    forbidden = await barred(work.actor, work.campaign.id, {row["id"] for row in timed})
    others = [row for row in timed if row["id"] not in forbidden]
    claims = [
        Claim(
            row["id"],
            row["volunteer"],
            row["checked_in_at"],
            row["checked_out_at"],
            (row["starts_at"], row["ends_at"]),
        )
        for row in others
    ]
    refused = await clashing(work.campaign.id, claims)
    kept = [row for row in others if row["id"] not in refused]
    return kept, Outcome(
        len(kept),
        untimed=len(rows) - len(timed),
        overlapping=len(others) - len(kept),
        barred=len(timed) - len(others),
    )


async def _rows(shift: Row, status: str, chosen: Sequence[str] | None, *, all_of: str) -> list[Row]:
    """The attendances meant that are not so yet. One statement."""
    values: dict[str, Any]
    condition, values = " AND a.status = :meant", {"meant": all_of}
    if chosen is not None:
        condition, values = " AND a.key IN (:chosen)", {"chosen": list(chosen)}
    return await database.fetch(
        f"{ROWS} WHERE a.shift = :shift AND a.status <> :status{condition} ORDER BY a.id",
        shift=shift["id"],
        status=status,
        **values,
    )


async def _write(work: Work, shift: Row, rows: Sequence[Row], status: str) -> None:
    if not rows:
        return
    decided = status in DECIDED
    actor, now = (work.actor.name, moments.now()) if decided else (None, None)
    await database.execute_many(
        "UPDATE volunteer_attendance SET status = :status, decided_by = :actor, decided_at = :now"
        " WHERE id = :id",
        [{"id": row["id"], "status": status, "actor": actor, "now": now} for row in rows],
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
    if status in AWAY:
        await waiting.move_up(work.actor, [shift["id"]])


def _statuses(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {row["key"]: row["status"] for row in rows}
