"""What has to be known before punches are taken: a fixed number of statements for any batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from core import database
from plugins.volunteer.punching.states import ShiftTimes, Stay
from plugins.volunteer.punching.taken import PUNCH, Sending

STAY = (
    "SELECT a.id, a.key, a.campaign, a.volunteer, v.profile, a.shift, a.ordinal, a.status,"
    " a.checked_in_at, a.checked_out_at, a.closed_by_itself, h.starts_at, h.ends_at,"
    " h.key AS shift_key, v.key AS volunteer_key, h.organisation"
    " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
    " JOIN volunteer_person v ON v.id = a.volunteer"
)
# Shifts and volunteers.
SUBJECTS = (
    "SELECT 'shift' AS kind, h.id, h.key, h.organisation, h.starts_at, h.ends_at, h.cancelled_at,"
    " e.state, CAST(NULL AS INTEGER) AS profile FROM volunteer_shift h"
    " LEFT JOIN activity e ON e.id = h.activity"
    " WHERE h.campaign = :campaign AND h.key IN (:shifts)"
    " UNION ALL SELECT 'volunteer', id, key, organisation, NULL, NULL, NULL, NULL, profile"
    " FROM volunteer_person WHERE campaign = :campaign AND key IN (:volunteers)"
)
# Who is one person in several campaigns. The number keeps these locks apart from others.
HOLD_PEOPLE = (
    "SELECT pg_advisory_xact_lock(20121, CAST(id % 2000000000 AS INTEGER)) FROM"
    " (SELECT id FROM volunteer_profile WHERE id IN (:profiles) ORDER BY id) AS held"
)
Person = tuple[str, int]
Row = Mapping[str, Any]


class KnownShift(msgspec.Struct, frozen=True):
    """A shift of the campaign, and its office."""

    times: ShiftTimes
    organisation: int


class KnownVolunteer(msgspec.Struct, frozen=True):
    """A volunteer of the campaign; ``person`` is the same for him in every campaign."""

    id: int
    person: Person
    organisation: int


@dataclass(slots=True)
class Known:
    """All that a batch of punches is judged by."""

    shifts: dict[str, KnownShift]
    volunteers: dict[str, KnownVolunteer]
    above: dict[int, set[int]]
    """Each office with those at or above it."""
    stays: dict[Person, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    goings: dict[tuple[int, int], list[Row]] = field(default_factory=lambda: defaultdict(list))
    """Goings that found no coming, by shift and volunteer: ``id`` and ``at``."""
    _senders: dict[int, frozenset[int]] = field(default_factory=dict)
    """The offices of each sender: asked for every punch, and the same for all of a request."""

    def may_take(self, sending: Sending, office: int) -> bool:
        """Whether whoever sends may take punches there; one's own are asked for elsewhere."""
        if sending.source == "self" or sending.actor.via == "system":
            return True
        offices = self._senders.get(id(sending))
        if offices is None:
            offices = self._senders[id(sending)] = frozenset(sending.actor.offices(PUNCH))
        return not offices.isdisjoint(self.above.get(office, ()))


def stay_of(row: Row) -> Stay:
    """A row of STAY as rules see it."""
    return Stay(
        key=row["key"],
        shift=ShiftTimes(row["shift"], row["starts_at"], row["ends_at"]),
        status=row["status"],
        ordinal=row["ordinal"],
        came=row["checked_in_at"],
        went=row["checked_out_at"],
        by_itself=bool(row["closed_by_itself"]),
        id=row["id"],
    )


async def first_results(campaign_id: int, nonces: Sequence[str]) -> dict[str, Row]:
    """What was answered to punches that are known already, by nonce. One statement."""
    rows = await database.fetch(
        "SELECT nonce, result, code, attendance_key FROM volunteer_punch"
        " WHERE campaign = :campaign AND nonce IN (:nonces)",
        campaign=campaign_id,
        nonces=nonces,
    )
    return {row["nonce"]: row for row in rows}


async def known(campaign_id: int, sendings: Sequence[Sending]) -> Known:
    """Shifts, volunteers and the attendances of these people. Five statements at most."""
    sent = [each for sending in sendings for each in sending.sent]
    if not sent:
        return Known({}, {}, {})
    found = await _subjects(
        campaign_id, {each.shift for each in sent}, {each.volunteer for each in sent}
    )
    if found.shifts and found.volunteers:
        # What a going credits reaches back to its coming, at most to the shift's start.
        starts = (each.times.starts for each in found.shifts.values())
        await _add_stays(found, min(*(each.at for each in sent), *starts))
        if any(each.direction == "in" for each in sent):
            await _add_goings(campaign_id, found)
    return found


async def _subjects(campaign_id: int, shifts: Iterable[str], volunteers: Iterable[str]) -> Known:
    """What punches are about, and the offices at or above. Two statements."""
    found = Known({}, {}, defaultdict(set))
    for row in await database.fetch(
        SUBJECTS, campaign=campaign_id, shifts=sorted(shifts), volunteers=sorted(volunteers)
    ):
        office = row["organisation"]
        if row["kind"] == "shift":
            found.shifts[row["key"]] = KnownShift(_times(row), office)
        else:
            person = person_of(row["id"], row)
            found.volunteers[row["key"]] = KnownVolunteer(row["id"], person, office)
    offices = {each.organisation for each in found.shifts.values()}
    offices |= {each.organisation for each in found.volunteers.values()}
    for row in await database.fetch(
        "SELECT ancestor, descendant FROM organisation_closure WHERE descendant IN (:offices)",
        offices=sorted(offices),
    ):
        found.above[row["descendant"]].add(row["ancestor"])
    return found


def _times(row: Row) -> ShiftTimes:
    cancelled = row["cancelled_at"] is not None or row["state"] == "cancelled"
    return ShiftTimes(row["id"], row["starts_at"], row["ends_at"], cancelled)


def person_of(volunteer: int, row: Row) -> Person:
    """Who a volunteer is: himself, or somebody known by his profile in every campaign."""
    return ("volunteer", volunteer) if row["profile"] is None else ("profile", row["profile"])


async def _add_stays(found: Known, earliest: datetime) -> None:
    """Those of the shifts, and of any campaign what is open or was not over by then."""
    profiles = profiles_of(each.person for each in found.volunteers.values())
    if profiles and database.is_postgresql():
        await database.execute(HOLD_PEOPLE, profiles=profiles)
    stays = await stays_of(
        sorted(each.id for each in found.volunteers.values()),
        profiles,
        earliest,
        sorted(each.times.id for each in found.shifts.values()),
    )
    found.stays.update(stays)


def profiles_of(people: Iterable[Person]) -> list[int]:
    """The profiles among people."""
    return sorted({number for kind, number in people if kind == "profile"})


async def stays_of(
    volunteers: Sequence[int], profiles: Sequence[int], earliest: datetime, shifts: Sequence[int]
) -> dict[Person, list[Stay]]:
    """Attendances that may clash, in any campaign, with what is later than ``earliest``.

    Of ``shifts`` all attendances of these people are among them.
    """
    stays: dict[Person, list[Stay]] = defaultdict(list)
    people = "a.volunteer IN (:volunteers)"
    if profiles:
        people = (
            "a.volunteer IN (SELECT id FROM volunteer_person"
            " WHERE id IN (:volunteers) OR profile IN (:profiles))"
        )
    for row in await database.fetch(
        f"{STAY} WHERE {people} AND (a.shift IN (:shifts) OR a.status = 'open' OR"
        " (a.status IN ('pending', 'confirmed') AND h.ends_at > :earliest)) ORDER BY a.id",
        volunteers=volunteers,
        profiles=profiles,
        shifts=shifts,
        earliest=earliest,
    ):
        stays[person_of(row["volunteer"], row)].append(stay_of(row))
    return stays


async def _add_goings(campaign_id: int, found: Known) -> None:
    for row in await database.fetch(
        "SELECT id, shift, volunteer, at FROM volunteer_punch WHERE campaign = :campaign"
        " AND shift IN (:shifts) AND volunteer IN (:volunteers)"
        " AND direction = 'out' AND code = 'not_in' ORDER BY at",
        campaign=campaign_id,
        shifts=sorted(each.times.id for each in found.shifts.values()),
        volunteers=sorted(each.id for each in found.volunteers.values()),
    ):
        found.goings[row["shift"], row["volunteer"]].append(row)
