"""The inbox of conflicts: punches that clash, in words, and what would settle each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.kit.records import Work
from core import database, privacy
from core.permissions import scope_sql
from core.refusals import Missing
from plugins.volunteer.hours.explained import step
from plugins.volunteer.hours.facts import Step
from plugins.volunteer.hours.reading import LABEL, names_of, taken
from plugins.volunteer.hours.words import moment_text
from plugins.volunteer.punching.states import ShiftTimes
from plugins.volunteer.records import VIEW

KINDS = {
    "two_places": "同一时间在两个地方",
    "out_before_in": "签退早于签到",
    "clock": "设备的时钟不准",
    "late": "送到得太晚",
}
NOT_FOUND = "没有这条冲突，或者它不在您的范围之内"

PUNCH = (
    "SELECT p.*, a.key AS attendance_now, a.status, h.organisation AS office,"
    f" {LABEL} AS shift_label, h.starts_at, h.ends_at, v.key AS volunteer_now, v.name_sealed,"
    " EXISTS (SELECT 1 FROM volunteer_punch q WHERE q.attendance = p.attendance"
    " AND q.corrects = p.id) AS corrected FROM volunteer_punch p"
    " LEFT JOIN volunteer_attendance a ON a.id = p.attendance"
    " LEFT JOIN volunteer_shift h ON h.id = p.shift"
    " LEFT JOIN volunteer_person v ON v.id = p.volunteer WHERE p.id IN (:ids)"
)


@dataclass(frozen=True, slots=True)
class Clashing:
    """A punch of a conflict: in words, and the row behind them."""

    row: dict[str, Any]
    step: Step

    @property
    def shift(self) -> str:
        """What people call the shift."""
        return str(self.row["shift_label"] or self.row["shift_key"])

    @property
    def attendance(self) -> str:
        """The key of the attendance it made; "" for none."""
        return str(self.row["attendance_now"] or "")

    @property
    def corrected(self) -> bool:
        """Whether somebody has put it right by now."""
        return bool(self.row["corrected"])

    @property
    def in_time(self) -> bool:
        """Whether the server received it while the shift still took punches."""
        if self.row["starts_at"] is None:
            return False
        times = ShiftTimes(self.row["shift"], self.row["starts_at"], self.row["ends_at"])
        return times.takes(self.row["received_at"])

    @property
    def accepted(self) -> bool:
        """Whether it was recorded as sent."""
        return bool(self.row["result"] == "accepted")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict as it is shown; ``other`` is the punch it clashes with, where there is one."""

    id: int
    kind: str
    name: str
    volunteer: str
    punch: Clashing
    other: Clashing | None
    made_at: datetime
    resolution: str | None
    resolved_by: str
    resolved_at: datetime | None
    office_id: int

    @property
    def title(self) -> str:
        """What clashes, in Chinese."""
        return KINDS[self.kind]

    @property
    def offered(self) -> dict[str, str]:
        """The resolutions that fit, each with its words on a button."""
        return offered(self.kind, self.punch, self.other)

    @property
    def outcome(self) -> str:
        """How it was resolved, in Chinese; "" while it is open."""
        return OUTCOMES[self.resolution] if self.resolution else ""


OUTCOMES = {
    "keep_first": "以先前的记录为准",
    "keep_this": "以这次打卡为准",
    "device_time": "按设备的时间",
    "server_time": "按服务器收到的时间",
    "dismiss": "不用处理",
}


def offered(kind: str, punch: Clashing, other: Clashing | None) -> dict[str, str]:
    """The resolutions that fit a conflict, each with its words; the first is the likeliest."""
    received = moment_text(punch.row["received_at"])
    at = moment_text(punch.row["at"])
    dismiss = {"dismiss": OUTCOMES["dismiss"]}
    if kind == "clock" and punch.attendance and not punch.corrected:
        change = {"server_time": f"改成服务器收到的时间 {received}"} if punch.in_time else {}
        return {**change, "device_time": f"保留设备的时间 {at}"}
    if kind == "out_before_in" and not punch.accepted:
        change = {"server_time": f"按服务器收到的时间 {received} 签退"} if punch.in_time else {}
        return {**change, **dismiss}
    if other is None or not other.accepted or not other.attendance:
        return _offered_alone(kind, other) | dismiss
    if kind == "two_places":
        return {
            "keep_first": f"人在“{other.shift}”，这次打卡不算",
            "keep_this": f"人在“{punch.shift}”，以这次打卡为准",
        }
    if kind == "late":
        return {
            "device_time": f"改成 {at} 签退，重新确认",
            "keep_first": "不改，以已确认的为准",
        }
    return dismiss


def _offered_alone(kind: str, other: Clashing | None) -> dict[str, str]:
    """What fits where the punch clashes with none that stands."""
    if kind == "out_before_in" and other is not None:
        return {"device_time": f"补上 {moment_text(other.row['at'])} 的签退"}
    return {}


async def listed(work: Work, *, waiting: bool, after: int = 0, limit: int) -> list[Conflict]:
    """Conflicts of the actor's offices: open ones the oldest first, resolved ones the latest first.

    ``after`` is the id of the last one seen. Three statements at most.
    """
    state, direction, order = (
        ("c.resolution IS NULL", ">", "c.id")
        if waiting
        else ("c.resolution IS NOT NULL", "<", "c.id DESC")
    )
    values: dict[str, Any] = {"after": after} if after else {}
    place = f" AND c.id {direction} :after" if after else ""
    values["limit"] = limit
    return await _conflicts(work, f"{state}{place}", f"{order} LIMIT :limit", **values)


async def find_one(work: Work, number: int, permission: str = VIEW) -> Conflict:
    """A conflict within the actor's offices. Raises Missing."""
    found = await _conflicts(work, "c.id = :number", "c.id", permission, number=number)
    if not found:
        raise Missing(NOT_FOUND)
    return found[0]


async def _conflicts(
    work: Work, condition: str, order: str, permission: str = VIEW, **values: Any
) -> list[Conflict]:
    sql, scope = scope_sql(work.actor, permission)
    rows = await database.fetch(
        "SELECT c.* FROM volunteer_conflict c WHERE c.campaign = :campaign"
        f" AND {condition} AND c.organisation IN ({sql}) ORDER BY {order}",
        campaign=work.campaign.id,
        **values,
        **scope,
    )
    if not rows:
        return []
    ids = {row["punch"] for row in rows} | {row["other"] for row in rows if row["other"]}
    taken_rows = {row["id"]: row for row in await database.fetch(PUNCH, ids=sorted(ids))}
    names = await names_of(
        {row["actor"] for row in taken_rows.values()} | {row["resolved_by"] for row in rows}
    )
    clashing = {
        number: Clashing(row, step(taken(row), names, used=row["result"] == "accepted"))
        for number, row in taken_rows.items()
    }
    return [_conflict(row, clashing, names) for row in rows]


def _conflict(
    row: dict[str, Any], clashing: dict[int, Clashing], names: dict[str, str]
) -> Conflict:
    punch = clashing[row["punch"]]
    sealed = punch.row["name_sealed"]
    name = privacy.mask_name(privacy.unseal(sealed)) if sealed else punch.row["volunteer_key"]
    return Conflict(
        id=row["id"],
        kind=row["kind"],
        name=name,
        volunteer=punch.row["volunteer_now"] or "",
        punch=punch,
        other=clashing.get(row["other"] or 0),
        made_at=row["made_at"],
        resolution=row["resolution"],
        resolved_by=names.get(row["resolved_by"] or "", row["resolved_by"] or ""),
        resolved_at=row["resolved_at"],
        office_id=row["organisation"],
    )
