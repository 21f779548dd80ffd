"""Forgotten goings: six hours after the end of its shift an open attendance closes by itself.

A device that was offline for a day sends comings and goings long after they were taken, in several
batches: an attendance is left open for six hours after the last punch of it has arrived, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from core import campaigns, database
from core.campaigns import Campaign
from core.permissions import SYSTEM
from plugins.volunteer.punching.judging import Judged, Judgement, Matter
from plugins.volunteer.punching.reading import (
    STAY,
    Known,
    KnownShift,
    KnownVolunteer,
    Row,
    person_of,
    profiles_of,
    stay_of,
    stays_of,
)
from plugins.volunteer.punching.states import LATEST, Stay, assumed_end, clashing
from plugins.volunteer.punching.storing import store
from plugins.volunteer.punching.taken import Sending, Sent

AT_MOST_EVERY = timedelta(minutes=1)
# In which database, and when, this process last looked at a campaign.
_looked: dict[int, tuple[object, datetime]] = {}
FORGOTTEN = (
    "a.status = 'open' AND h.ends_at < :limit AND NOT EXISTS (SELECT 1 FROM volunteer_punch p"
    " WHERE p.attendance = a.id AND p.received_at >= :limit)"
)


async def close_forgotten(now: datetime, campaign: Campaign | None = None) -> int:
    """Close what was left open until six hours after its shift; gives their number.

    Of one campaign, or of all that still take records. Each ends at its shift's end, marked, waits
    to be confirmed, and has a punch of source "clock". One statement where there are none. Inside
    a unit of work the caller has made the campaign's writers wait.
    """
    if campaign is None:
        return sum([await close_forgotten(now, each) for each in await _concerned(now)])
    if not await _open_still(campaign, now):
        return 0
    async with database.transaction():
        await campaigns.touch(campaign.id)
        rows = await _open_still(campaign, now)
        if rows:
            await store(campaign, await _judgement(rows, now))
    return len(rows)


async def close_forgotten_at_times(now: datetime, campaign: Campaign) -> int:
    """The same, at most once a minute: it looks at everybody who is in, and punches are many."""
    engine = database.engine()
    where, last = _looked.get(campaign.id, (None, now))
    if where is engine and now - last < AT_MOST_EVERY:
        return 0
    _looked[campaign.id] = engine, now
    return await close_forgotten(now, campaign)


async def _concerned(now: datetime) -> list[Campaign]:
    rows = await database.fetch(
        "SELECT DISTINCT c.key FROM volunteer_attendance a"
        " JOIN volunteer_shift h ON h.id = a.shift JOIN campaign c ON c.id = a.campaign"
        f" WHERE {FORGOTTEN} AND c.state IN ('open', 'closing') ORDER BY c.key",
        limit=now - LATEST,
    )
    return [await campaigns.find(row["key"]) for row in rows]


async def _open_still(campaign: Campaign, now: datetime) -> list[Row]:
    return list(
        await database.fetch(
            f"{STAY} WHERE a.campaign = :campaign AND {FORGOTTEN} ORDER BY a.id",
            campaign=campaign.id,
            limit=now - LATEST,
        )
    )


async def _judgement(rows: Sequence[Row], now: datetime) -> Judgement:
    people = [person_of(row["volunteer"], row) for row in rows]
    others = await stays_of(
        sorted({row["volunteer"] for row in rows}),
        profiles_of(people),
        min(row["checked_in_at"] or row["starts_at"] for row in rows),
        (),
    )
    found = Judgement(Known({}, {}, {}), now)
    sending = Sending((), SYSTEM, "clock")
    for row, person in zip(rows, people, strict=True):
        stay = stay_of(row)
        closed = stay.ended(assumed_end(stay), by_itself=True)
        clash = clashing(closed, others[person])
        others[person].append(closed)
        found.changed[person, closed.place] = closed
        found.judged.append(
            Judged(
                _sent(row, closed),
                sending,
                KnownShift(stay.shift, row["organisation"]),
                KnownVolunteer(row["volunteer"], person, row["organisation"]),
                None,
                person,
                closed,
                (Matter("two_places", clash),) if clash else (),
            )
        )
    return found


def _sent(row: Row, closed: Stay) -> Sent:
    at = closed.went or closed.shift.ends
    return Sent(str(uuid4()), row["shift_key"], row["volunteer_key"], "out", at)
