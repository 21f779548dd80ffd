"""What somebody has signed up for or waits for, in all campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import database
from plugins.volunteer.rules import AWAY

# Who takes a place of the shift ``h``; AWAY in SQL.
TAKEN = (
    "(SELECT COUNT(DISTINCT t.volunteer) FROM volunteer_attendance t WHERE t.shift = h.id"
    " AND t.status NOT IN ('rejected', 'no_show'))"
)
# A row ``w`` of the waiting list that still waits: who moved up has an attendance.
STILL_WAITS = (
    "NOT EXISTS (SELECT 1 FROM volunteer_attendance m WHERE m.shift = w.shift"
    " AND m.volunteer = w.volunteer)"
)
WAITING = f"(SELECT COUNT(*) FROM volunteer_waiting w WHERE w.shift = h.id AND {STILL_WAITS})"
WAITS = "waiting"
NAMED = "COALESCE(NULLIF(h.title, ''), '志愿服务')"


@dataclass(frozen=True, slots=True)
class Engagement:
    """A shift that somebody has a place in, or waits for.

    ``status`` is that of the attendance, or ``waiting`` with his ``place`` in the list (from 1).
    ``moved_up`` tells that he waited for the place he has. ``sequence`` and ``modified_at`` are for
    calendars; ``office`` is the name of the shift's office.
    """

    campaign: str
    campaign_id: int
    shift: str
    shift_id: int
    attendance: str | None
    volunteer: str
    volunteer_id: int
    title: str
    where: str
    office: str
    starts_at: datetime
    ends_at: datetime
    status: str
    place: int | None
    moved_up: bool
    cancelled_at: datetime | None
    sequence: int
    modified_at: datetime | None

    @property
    def stands(self) -> bool:
        """Whether he is expected: neither waiting, refused, absent nor the shift cancelled."""
        return self.status != WAITS and self.status not in AWAY and self.cancelled_at is None


SHIFT = (
    "SELECT c.key AS campaign, c.id AS campaign_id, h.key AS shift, h.id AS shift_id,"
    f' v.key AS volunteer, v.id AS volunteer_id, {NAMED} AS title, h.place AS "where",'
    " COALESCE(p.name, o.name) AS office, h.starts_at, h.ends_at, h.cancelled_at, h.sequence,"
    " h.modified_at"
)
JOINED = (
    " JOIN volunteer_shift h ON h.id = x.shift JOIN volunteer_person v ON v.id = x.volunteer"
    " JOIN campaign c ON c.id = h.campaign JOIN organisation o ON o.id = h.organisation"
    " LEFT JOIN campaign_participant p ON p.campaign = h.campaign"
    " AND p.organisation = h.organisation WHERE v.profile = :profile"
)


async def signed_up(profile_id: int) -> list[Engagement]:
    """Everything a profile has signed up for or waits for, by start, past and cancelled too.

    Two statements.
    """
    places = await database.fetch(
        f"{SHIFT}, x.key AS attendance, x.status, (SELECT COUNT(*) FROM volunteer_waiting w"
        " WHERE w.shift = x.shift AND w.volunteer = x.volunteer) AS waited"
        f" FROM volunteer_attendance x{JOINED} ORDER BY h.starts_at, x.id",
        profile=profile_id,
    )
    waits = await database.fetch(
        f"{SHIFT}, (SELECT COUNT(*) FROM volunteer_waiting w WHERE w.shift = x.shift"
        f" AND w.id <= x.id AND {STILL_WAITS}) AS place FROM volunteer_waiting x{JOINED}"
        f" AND {STILL_WAITS.replace('w.', 'x.')} ORDER BY h.starts_at, x.id",
        profile=profile_id,
    )
    found = [_placed(row) for row in places] + [
        Engagement(**row, attendance=None, status=WAITS, moved_up=False) for row in waits
    ]
    return sorted(found, key=lambda each: (each.starts_at, each.shift_id))


def _placed(row: dict[str, Any]) -> Engagement:
    waited = bool(row.pop("waited"))
    return Engagement(**row, place=None, moved_up=waited)
