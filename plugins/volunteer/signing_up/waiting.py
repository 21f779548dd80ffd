"""The waiting list: whoever waits longest and is free moves up as soon as there is a place.

Call ``move_up`` in the unit of work that frees a place, once, after the campaign is held
(``campaigns.touch``). A row of the list stays when its volunteer moves up: it tells him so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from core import audit, database, moments
from core.permissions import Actor
from plugins.volunteer.signing_up.engagements import STILL_WAITS, TAKEN

Row = dict[str, Any]
# The same person as ``v``: himself, or the same profile in another campaign.
SAME_PERSON = "(own.id = v.id OR own.profile = v.profile)"


async def hold_people(profiles: Collection[int]) -> None:
    """Make whoever signs these people up wait for one another, across campaigns. One statement.

    Always after the campaign and for all people at once, in order, so that nobody waits in a ring.
    SQLite has one writer anyway.
    """
    if profiles and database.is_postgresql():
        await database.execute(
            "SELECT id FROM volunteer_profile WHERE id IN (:ids) ORDER BY id FOR UPDATE",
            ids=sorted(profiles),
        )


async def profiles_waiting(shifts: Collection[int]) -> set[int]:
    """The profiles of those who wait for one of these shifts. One statement."""
    rows = await database.fetch(
        "SELECT v.profile FROM volunteer_waiting w JOIN volunteer_person v ON v.id = w.volunteer"
        f" WHERE w.shift IN (:shifts) AND v.profile IS NOT NULL AND {STILL_WAITS}",
        shifts=sorted(shifts),
    )
    return {row["profile"] for row in rows}


async def move_up(actor: Actor, shifts: Collection[int], *, held: bool = False) -> int:
    """Give free places of shifts (ids, of one campaign) to those who wait; answers how many.

    ``held`` tells that ``hold_people`` was called for all who wait. One statement where nobody
    waits or no place is free.
    """
    now = moments.now()
    open_shifts = await _with_room(shifts, now)
    if not open_shifts:
        return 0
    if not held:
        await hold_people(await profiles_waiting(open_shifts))
    waiting = await database.fetch(
        "SELECT w.id, w.shift, w.volunteer, v.key, v.profile FROM volunteer_waiting w"
        " JOIN volunteer_person v ON v.id = w.volunteer"
        f" WHERE w.shift IN (:shifts) AND {STILL_WAITS} ORDER BY w.id",
        shifts=sorted(open_shifts),
    )
    moving = _chosen(waiting, open_shifts, await _busy(open_shifts))
    campaign = next(iter(open_shifts.values()))["campaign"]
    await take_places([(campaign, each["shift"], each["volunteer"]) for each in moving])
    for shift_id, shift in open_shifts.items():
        keys = [each["key"] for each in moving if each["shift"] == shift_id]
        if keys:
            await audit.record(
                actor,
                "volunteer.shifts.moved_up",
                "volunteer.shifts",
                shift["key"],
                organisation=shift["organisation"],
                campaign=shift["campaign_key"],
                after={"volunteers": keys},
            )
    return len(moving)


async def _with_room(shifts: Collection[int], now: datetime) -> dict[int, Row]:
    """Shifts that have a free place, have not begun and that somebody waits for."""
    if not shifts:
        return {}
    rows = await database.fetch(
        "SELECT h.id, h.key, h.campaign, c.key AS campaign_key, h.organisation, h.starts_at,"
        f" h.ends_at, h.capacity - {TAKEN} AS room FROM volunteer_shift h"
        " JOIN campaign c ON c.id = h.campaign WHERE h.id IN (:shifts) AND h.cancelled_at IS NULL"
        f" AND h.starts_at > :now AND h.capacity > {TAKEN} AND EXISTS"
        f" (SELECT 1 FROM volunteer_waiting w WHERE w.shift = h.id AND {STILL_WAITS})"
        " ORDER BY h.starts_at, h.id",
        shifts=sorted(shifts),
        now=now,
    )
    return {row["id"]: row for row in rows}


async def _busy(shifts: Collection[int]) -> set[int]:
    """Rows of the waiting list whose volunteer stands elsewhere at that time. One statement."""
    rows = await database.fetch(
        "SELECT DISTINCT w.id FROM volunteer_waiting w JOIN volunteer_shift h ON h.id = w.shift"
        " JOIN volunteer_person v ON v.id = w.volunteer"
        f" JOIN volunteer_person own ON {SAME_PERSON}"
        " JOIN volunteer_attendance a ON a.volunteer = own.id"
        " AND a.status NOT IN ('rejected', 'no_show') JOIN volunteer_shift other"
        " ON other.id = a.shift AND other.cancelled_at IS NULL"
        " AND other.starts_at < h.ends_at AND other.ends_at > h.starts_at"
        f" WHERE w.shift IN (:shifts) AND {STILL_WAITS}",
        shifts=sorted(shifts),
    )
    return {row["id"] for row in rows}


def _chosen(waiting: Sequence[Row], shifts: dict[int, Row], busy: Collection[int]) -> list[Row]:
    """Who moves up: the first who are free, and nobody into two shifts at one time."""
    chosen: list[Row] = []
    given: dict[Any, list[Row]] = defaultdict(list)
    room = {shift_id: shift["room"] for shift_id, shift in shifts.items()}
    for each in waiting:
        shift, person = shifts[each["shift"]], each["profile"] or ("person", each["volunteer"])
        clashes = any(
            other["starts_at"] < shift["ends_at"] and other["ends_at"] > shift["starts_at"]
            for other in given[person]
        )
        if room[each["shift"]] > 0 and each["id"] not in busy and not clashes:
            room[each["shift"]] -= 1
            given[person].append(shift)
            chosen.append(each)
    return chosen


async def take_places(places: Sequence[tuple[int, int, int]]) -> None:
    """Write attendances that are signed up: (campaign, shift, volunteer) each. One statement."""
    await database.execute_many(
        "INSERT INTO volunteer_attendance (campaign, key, shift, volunteer, ordinal, status)"
        " VALUES (:campaign, :key, :shift, :volunteer, 0, 'signed_up')",
        [
            {"campaign": campaign, "key": uuid4().hex, "shift": shift, "volunteer": volunteer}
            for campaign, shift, volunteer in places
        ],
    )
