"""Who has reached a star on a day, and how far the others are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import database, privacy
from plugins.volunteer.honours import schemes, services
from plugins.volunteer.honours.awards import tail
from plugins.volunteer.honours.reckoning import Reckoning, reckon
from plugins.volunteer.honours.services import Served
from plugins.volunteer.rules import Scheme


@dataclass(frozen=True, slots=True)
class Candidate:
    """A volunteer of the campaign and what he has earned.

    ``held`` is the most stars that he has, or that are on their way, by the same scheme in the
    same period, in this campaign or another; ``withdrawn`` the most that were withdrawn there.
    """

    volunteer: int
    key: str
    name_sealed: str
    office: str
    office_id: int
    reckoned: Reckoning
    held: int
    withdrawn: int

    @property
    def name(self) -> str:
        """The name in full."""
        return privacy.unseal(self.name_sealed)

    @property
    def masked(self) -> str:
        """The name as lists show it."""
        return privacy.mask_name(self.name)

    @property
    def label(self) -> str:
        """张*（编号尾号0602）."""
        return f"{self.masked}（编号尾号{tail(self.key)}）"

    @property
    def due(self) -> bool:
        """Whether there is a star that he has reached and that nobody has put on a list."""
        return self.reckoned.stars > self.held

    @property
    def doubted(self) -> bool:
        """Whether this star was withdrawn before: nobody puts it on a list again unawares."""
        return self.withdrawn >= self.reckoned.stars


async def candidates(
    campaign_id: int, scheme: Scheme, day: date, within: str = "", **values: Any
) -> list[Candidate]:
    """Everybody who serves in the campaign, those with the most minutes first. Three statements.

    ``within`` is a condition that narrows them, on ``m`` (the person). Who had his name erased is
    left out: there is nobody to honour.
    """
    whom = f"m.campaign = :campaign AND m.name_index <> ''{f' AND {within}' if within else ''}"
    place = {"campaign": campaign_id, **values}
    people = await database.fetch(
        "SELECT m.id, m.key, m.name_sealed, m.organisation AS office_id,"
        " COALESCE(p.name, o.name) AS office FROM volunteer_person m"
        " JOIN organisation o ON o.id = m.organisation LEFT JOIN campaign_participant p"
        f" ON p.campaign = m.campaign AND p.organisation = m.organisation WHERE {whom}",
        **place,
    )
    served = await services.served(whom, **place)
    held, withdrawn = await _given(whom, place, scheme, day)
    found = [
        Candidate(
            volunteer=row["id"],
            key=row["key"],
            name_sealed=row["name_sealed"],
            office=row["office"],
            office_id=row["office_id"],
            reckoned=reckon(served.get(row["id"], Served()).confirmed, scheme, day),
            held=held.get(row["id"], 0),
            withdrawn=withdrawn.get(row["id"], 0),
        )
        for row in people
    ]
    return sorted(found, key=lambda each: (-each.reckoned.minutes, each.key))


async def _given(
    whom: str, place: dict[str, Any], scheme: Scheme, day: date
) -> tuple[dict[int, int], dict[int, int]]:
    """The most stars of each person on the scheme's ladder: live ones, and withdrawn ones."""
    rows = await database.fetch(
        f"SELECT s.person, w.stars, w.scheme, w.state FROM ({services.same_people(whom)}) s"
        " JOIN volunteer_star_award w ON w.volunteer = s.other",
        **place,
    )
    held: dict[int, int] = {}
    withdrawn: dict[int, int] = {}
    for row in rows:
        written = json.loads(row["scheme"])
        rank = _rank(schemes.taken_out(written), date.fromisoformat(written["day"]))
        if rank == _rank(scheme, day):
            most = withdrawn if row["state"] == "withdrawn" else held
            most[row["person"]] = max(most.get(row["person"], 0), row["stars"])
    return held, withdrawn


def _rank(scheme: Scheme, day: date) -> tuple[Any, ...]:
    """What two awards share that are of one ladder: its name, its steps, and the year if it asks.

    A later version of a scheme with the same steps is the same ladder.
    """
    return scheme.name, scheme.hours, day.year if scheme.period == "year" else None
