"""The records that a certificate may state: confirmed, with credited time, of one profile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core import database, moments

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(9990, 1, 1)

_SELECT = (
    "SELECT v.profile, c.key AS campaign, a.key AS attendance, h.starts_at, h.title AS shift,"
    " COALESCE(e.title, '') AS activity, h.organisation AS office_id,"
    " COALESCE(p.name, o.name) AS office, a.credited_minutes AS minutes"
    " FROM volunteer_attendance a JOIN volunteer_person v ON v.id = a.volunteer"
    " JOIN volunteer_shift h ON h.id = a.shift JOIN campaign c ON c.id = a.campaign"
    " JOIN organisation o ON o.id = h.organisation"
    " LEFT JOIN campaign_participant p ON p.campaign = a.campaign"
    " AND p.organisation = h.organisation LEFT JOIN activity e ON e.id = h.activity"
    " WHERE v.profile IN (:profiles) AND a.status = 'confirmed' AND a.credited_minutes > 0"
)


@dataclass(frozen=True, slots=True)
class Served:
    """One confirmed attendance. ``campaign`` and ``attendance`` are keys, ``day`` is in China."""

    campaign: str
    attendance: str
    day: date
    activity: str
    shift: str
    office_id: int
    office: str
    minutes: int


async def served(
    profile: int, since: date | None = None, until: date | None = None
) -> list[Served]:
    """What a profile has served between two days, both included, by day. One statement."""
    rows = await database.fetch(
        f"{_SELECT} AND h.starts_at >= :since AND h.starts_at < :until ORDER BY h.starts_at, a.id",
        profiles=[profile],
        since=moments.from_local(since or FIRST_DAY),
        until=moments.from_local((until or LAST_DAY) + timedelta(days=1)),
    )
    return [_read(row) for row in rows]


OnRecord = dict[tuple[str, str], tuple[int, str]]


async def on_record(profiles: Iterable[int]) -> dict[int, OnRecord]:
    """By profile, then by campaign and attendance: the minutes and the ISO day. One statement."""
    found: dict[int, OnRecord] = {}
    for row in await database.fetch(_SELECT, profiles=sorted(set(profiles))):
        each = _read(row)
        known = found.setdefault(row["profile"], {})
        known[each.campaign, each.attendance] = (each.minutes, each.day.isoformat())
    return found


def _read(row: dict[str, Any]) -> Served:
    return Served(
        campaign=row["campaign"],
        attendance=row["attendance"],
        day=moments.day_of(row["starts_at"]),
        activity=row["activity"],
        shift=row["shift"],
        office_id=row["office_id"],
        office=row["office"],
        minutes=int(row["minutes"]),
    )
