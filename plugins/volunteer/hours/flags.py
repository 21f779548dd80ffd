"""What makes a record improbable: it is then looked at by itself, never confirmed with the rest.

Sold hours are entered in minutes, by one hand, from one device; the thresholds are ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core import database, wording
from plugins.volunteer.rules import (
    MOST_MINUTES_A_DAY,
    credited_interval,
    duration_text,
    minutes_by_day,
)

Row = Mapping[str, Any]
MANY_PEOPLE = 10
MOST_A_MINUTE = 20
SELF_WINDOW = timedelta(minutes=10)
MANY_SELF = 5
LABELS = {
    "long_day": "一天太长",
    "no_activity": "没有对应的日程",
    "one_steward": "都由一个人打卡",
    "too_fast": "打卡太快",
    "one_device": "同一设备多人自助打卡",
    "no_minutes": "计入0分钟",
    "closed_by_itself": "没有签退",
    "conflict": "有打卡冲突",
    "objection": "有异议",
}

COUNTED = frozenset({"long_day", "one_steward", "too_fast", "one_device"})


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason to look: ``code`` is a key of LABELS, ``text`` a sentence."""

    code: str
    text: str

    @property
    def counted(self) -> bool:
        """Whether the sentence tells more than the label: how many, how long."""
        return self.code in COUNTED


Flags = dict[int, list[Flag]]


def of_record(row: Row) -> list[Flag]:
    """What a record shows by itself: ``activity``, times, minutes, ``closed_by_itself``."""
    found = []
    if row["activity"] is None:
        found.append(Flag("no_activity", "班次没有对应的日程"))
    if row["closed_by_itself"]:
        found.append(Flag("closed_by_itself", "没有人签退，按班次结束的时间关闭"))
    if row["checked_in_at"] and row["checked_out_at"] and not row["credited_minutes"]:
        found.append(Flag("no_minutes", "签到签退都有，计入的是0分钟"))
    return found


def long_days(rows: Iterable[Row]) -> dict[int, list[Flag]]:
    """Records on days of which one ``person`` has more than ten hours, in whichever campaign."""
    served: dict[tuple[int, date], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        times = row["starts_at"], row["ends_at"]
        interval = credited_interval(row["checked_in_at"], row["checked_out_at"], *times)
        for day, minutes in (minutes_by_day(*interval) if interval else {}).items():
            served[row["person"], day].append((row["id"], minutes))
    found: Flags = defaultdict(list)
    for (_, day), entries in sorted(served.items()):
        total = sum(minutes for _, minutes in entries)
        if total > MOST_MINUTES_A_DAY:
            text = f"{wording.day(day)}一天合计{duration_text(total)}"
            for record, _ in entries:
                found[record].append(Flag("long_day", text))
    return found


def crowded(
    taken: Iterable[tuple[datetime, int, int]], window: timedelta, many: int
) -> tuple[set[int], int]:
    """Records with punches of at least ``many`` people within a window, and the most at once.

    ``taken`` are (moment, person, record).
    """
    ordered = sorted(taken)
    found: set[int] = set()
    most = first = 0
    people: dict[int, int] = defaultdict(int)
    for index, (moment, person, _) in enumerate(ordered):
        people[person] += 1
        while moment - ordered[first][0] >= window:
            gone = ordered[first][1]
            people[gone] -= 1
            if not people[gone]:
                del people[gone]
            first += 1
        if len(people) >= many:
            most = max(most, len(people))
            found |= {record for _, _, record in ordered[first : index + 1]}
    return found, most


def of_punches(punches: Sequence[Row]) -> Flags:
    """One steward for everything, too many a minute, one device for many self check-ins."""
    shifts: dict[int, list[Row]] = defaultdict(list)
    stewards: dict[str, list[tuple[datetime, int, int]]] = defaultdict(list)
    devices: dict[str, list[tuple[datetime, int, int]]] = defaultdict(list)
    for row in punches:
        place = row["at"], row["volunteer"], row["attendance"]
        if row["source"] == "self":
            if row["device"]:
                devices[row["device"]].append(place)
        else:
            shifts[row["shift"]].append(row)
            stewards[row["actor"]].append(place)
    found: Flags = defaultdict(list)
    for rows in shifts.values():
        people = {row["volunteer"] for row in rows}
        if len(people) >= MANY_PEOPLE and len({row["actor"] for row in rows}) == 1:
            _add(
                found,
                {row["attendance"] for row in rows},
                Flag("one_steward", f"这个班次{len(people)}人的签到签退都是同一个人打的"),
            )
    for taken in stewards.values():
        fast, most = crowded(taken, timedelta(minutes=1), MOST_A_MINUTE + 1)
        _add(found, fast, Flag("too_fast", f"同一个人一分钟里给{most}人打卡"))
    for taken in devices.values():
        many, most = crowded(taken, SELF_WINDOW, MANY_SELF)
        _add(found, many, Flag("one_device", f"同一台设备十分钟里有{most}人自助打卡"))
    return found


def _add(found: Flags, records: Iterable[int], flag: Flag) -> None:
    for record in records:
        found[record].append(flag)


async def of_pending(campaign: int, pending: Sequence[Row]) -> Flags:
    """Flags of pending records by id; ``pending`` are rows as ``of_record`` reads them.

    Four statements, if any.
    """
    if not pending:
        return {}
    days = long_days(await _long(campaign))
    punches = of_punches(await _punches(campaign))
    waiting = await _waiting(campaign)
    found = {}
    for row in pending:
        own = [
            *days.get(row["id"], []),
            *of_record(row),
            *punches.get(row["id"], []),
            *waiting.get(row["id"], []),
        ]
        if own:
            found[row["id"]] = own
    return found


async def _long(campaign: int) -> list[dict[str, Any]]:
    """Everything of people with more than ten hours in all: only they can have a long day."""
    return await database.fetch(
        # Who serves here, and the same people in other campaigns; not OR, which reads all of them.
        "WITH known AS (SELECT id, COALESCE(profile, -id) AS person FROM volunteer_person"
        " WHERE campaign = :campaign UNION SELECT other.id, other.profile"
        " FROM volunteer_person here JOIN volunteer_person other"
        " ON other.profile = here.profile WHERE here.campaign = :campaign),"
        " served AS (SELECT k.person, a.id, a.checked_in_at,"
        " a.checked_out_at, a.credited_minutes, h.starts_at, h.ends_at"
        " FROM known k JOIN volunteer_attendance a ON a.volunteer = k.id"
        " JOIN volunteer_shift h ON h.id = a.shift"
        " WHERE a.status IN ('pending', 'confirmed'))"
        " SELECT * FROM served WHERE person IN (SELECT person FROM served GROUP BY person"
        " HAVING SUM(credited_minutes) > :longest)",
        campaign=campaign,
        longest=MOST_MINUTES_A_DAY,
    )


async def _punches(campaign: int) -> list[dict[str, Any]]:
    """The accepted punches of shifts in which something is pending."""
    return await database.fetch(
        "SELECT attendance, shift, volunteer, actor, device, source, at FROM volunteer_punch"
        " WHERE campaign = :campaign AND result = 'accepted' AND attendance IS NOT NULL"
        " AND source IN ('steward', 'programme', 'self') AND shift IN"
        " (SELECT shift FROM volunteer_attendance WHERE campaign = :campaign"
        " AND status = 'pending')",
        campaign=campaign,
    )


async def _waiting(campaign: int) -> Flags:
    """Records about which a conflict or an objection is open. Two statements."""
    found: Flags = defaultdict(list)
    for row in await database.fetch(
        "SELECT DISTINCT p.attendance FROM volunteer_conflict c"
        " JOIN volunteer_punch p ON p.id = c.punch OR p.id = c.other"
        " WHERE c.campaign = :campaign AND c.resolution IS NULL AND p.attendance IS NOT NULL",
        campaign=campaign,
    ):
        found[row["attendance"]].append(Flag("conflict", "打卡冲突还没有处理"))
    for row in await database.fetch(
        "SELECT DISTINCT attendance FROM volunteer_objection"
        " WHERE campaign = :campaign AND answered_at IS NULL",
        campaign=campaign,
    ):
        found[row["attendance"]].append(Flag("objection", "志愿者有异议，还没有答复"))
    return found
