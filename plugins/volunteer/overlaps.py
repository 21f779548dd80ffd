"""Nobody is credited twice for one time: intervals about to count, against those that do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import database
from plugins.volunteer.rules import Interval, credited_interval, overlapping

# A statement takes at most some 32,000 parameters.
MANY = 2_000
Times = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Claim:
    """An attendance that is to count: ``place`` is the caller's, ``shift`` its times."""

    place: int
    volunteer: int
    came: datetime | None
    went: datetime | None
    shift: Times


def narrowed(column: str, ids: Collection[int]) -> tuple[str, dict[str, Any]]:
    """A condition on ids, left out where there are too many to name."""
    if len(ids) > MANY:
        return "", {}
    return f" AND {column} IN (:ids)", {"ids": sorted(ids)}


def of_either(campaign_id: int, column: str, ids: Collection[int]) -> tuple[str, dict[str, Any]]:
    """A condition on ids of a campaign's rows; on the campaign where they are too many to name.

    Of both conditions SQLite would take the campaign's index, and read all of its rows.
    """
    if len(ids) > MANY:
        return "campaign = :campaign", {"campaign": campaign_id}
    return f"{column} IN (:ids)", {"ids": sorted(ids)}


async def clashing(
    campaign_id: int, claims: Sequence[Claim], replaced: Collection[int] = ()
) -> set[int]:
    """The places of claims that overlap an earlier claim or a confirmed attendance.

    Of the confirmed those whose ids are ``replaced`` do not count. One statement, if any.
    """
    if not claims:
        return set()
    intervals: dict[int, list[Interval]] = defaultdict(list)
    for row in await _confirmed(campaign_id, {claim.volunteer for claim in claims}):
        times = row["starts_at"], row["ends_at"]
        found = credited_interval(row["checked_in_at"], row["checked_out_at"], *times)
        if found and row["id"] not in replaced:
            # What counts already stands before every claim.
            intervals[row["volunteer"]].append(Interval(-row["id"], *found))
    for index, claim in enumerate(claims):
        found = credited_interval(claim.came, claim.went, *claim.shift)
        if found:
            intervals[claim.volunteer].append(Interval(index, *found))
    return {
        claims[index].place
        for own in intervals.values()
        for index in overlapping(own)
        if index >= 0
    }


async def _confirmed(campaign_id: int, volunteers: Collection[int]) -> list[dict[str, Any]]:
    condition, values = narrowed("a.volunteer", volunteers)
    return await database.fetch(
        "SELECT a.id, a.volunteer, a.checked_in_at, a.checked_out_at, h.starts_at, h.ends_at"
        " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        f" WHERE a.campaign = :campaign AND a.status = 'confirmed'{condition}",
        campaign=campaign_id,
        **values,
    )


async def shift_times(campaign_id: int, shifts: Collection[int]) -> Mapping[int, Times]:
    """Start and end of shifts by id. One statement."""
    condition, values = narrowed("id", shifts)
    return {
        row["id"]: (row["starts_at"], row["ends_at"])
        for row in await database.fetch(
            "SELECT id, starts_at, ends_at FROM volunteer_shift"
            f" WHERE campaign = :campaign{condition}",
            campaign=campaign_id,
            **values,
        )
    }
