"""Stars on their way: proposed, announced, final or withdrawn. Reading them; writing is apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import database, privacy
from plugins.volunteer.honours import schemes, services
from plugins.volunteer.honours.reckoning import Reckoning, reckon
from plugins.volunteer.honours.services import Served
from plugins.volunteer.rules import Scheme, star_name

STATES = {
    "proposed": "拟认定",
    "announced": "公示中",
    "final": "已认定",
    "withdrawn": "已撤回",
}
STATE_KINDS = {"proposed": "warn", "announced": "live", "final": "good"}
LIVE = ("proposed", "announced", "final")
TAIL = 4


def tail(number: str) -> str:
    """The end of a volunteer's number, by which two of one masked name are told apart."""
    return number[-TAIL:]


@dataclass(frozen=True, slots=True)
class Award:
    """A star of somebody, with the scheme and the day by which it was reckoned.

    ``account`` is the volunteer's own account, None where he has none.
    """

    id: int
    volunteer: int
    key: str
    name_sealed: str
    office: str
    office_id: int
    stars: int
    minutes: int
    state: str
    scheme: Scheme
    day: date
    announced_on: date | None
    until: date | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    account: int | None

    @property
    def name(self) -> str:
        """The name in full."""
        return privacy.unseal(self.name_sealed)

    @property
    def masked(self) -> str:
        """The name as lists show it."""
        return privacy.mask_name(self.name)

    @property
    def called(self) -> str:
        """三星: what the star is called."""
        return star_name(self.stars)

    @property
    def numbered(self) -> str:
        """张*（编号尾号0602）."""
        return f"{self.masked}（编号尾号{tail(self.key)}）"

    @property
    def label(self) -> str:
        """张*（编号尾号0602，二星）: what tells it from others in a list to choose from."""
        return f"{self.masked}（编号尾号{tail(self.key)}，{self.called}）"

    def over(self, today: date) -> bool:
        """Whether its 公示 has ended: the last day of it belongs to it."""
        return self.state == "announced" and self.until is not None and self.until < today


async def listed(
    campaign_id: int, states: Sequence[str], within: str = "", **values: Any
) -> list[Award]:
    """Awards of a campaign in those states, the most stars first. One statement.

    ``within`` is a condition that narrows them, on ``v`` (the person) and ``w`` (the award).
    """
    narrowed = f" AND {within}" if within else ""
    rows = await database.fetch(
        "SELECT w.id, w.volunteer, v.key, v.name_sealed, COALESCE(p.name, o.name) AS office,"
        " v.organisation AS office_id, w.stars, w.minutes, w.state, w.scheme, w.announced_on,"
        " w.until, w.decided_by, w.decided_at, w.reason, f.account FROM volunteer_star_award w"
        " JOIN volunteer_person v ON v.id = w.volunteer AND v.campaign = w.campaign"
        " JOIN organisation o ON o.id = v.organisation"
        " LEFT JOIN campaign_participant p ON p.campaign = w.campaign"
        " AND p.organisation = v.organisation LEFT JOIN volunteer_profile f ON f.id = v.profile"
        f" WHERE w.campaign = :campaign AND w.state IN (:states){narrowed}"
        " ORDER BY w.stars DESC, w.minutes DESC, o.key, v.key",
        campaign=campaign_id,
        states=list(states),
        **values,
    )
    return [_award(row) for row in rows]


def _award(row: dict[str, Any]) -> Award:
    written = json.loads(row["scheme"])
    given = {name: row[name] for name in row if name != "scheme"}
    return Award(
        **given,
        scheme=schemes.taken_out(written),
        day=date.fromisoformat(written["day"]),
    )


@dataclass(frozen=True, slots=True)
class Fallen:
    """An award that today's records no longer carry."""

    award: Award
    now: Reckoning


async def fallen(campaign_id: int, awards: Iterable[Award]) -> list[Fallen]:
    """Those of the live awards whose hours, reckoned again by their own rule, are not enough.

    One statement.
    """
    live = [award for award in awards if award.state in LIVE]
    if not live:
        return []
    found = await services.served(
        "m.campaign = :campaign AND m.id IN (SELECT volunteer FROM volunteer_star_award"
        " WHERE campaign = :campaign AND state <> 'withdrawn')",
        campaign=campaign_id,
    )
    again = [
        Fallen(each, reckon(found.get(each.volunteer, Served()).confirmed, each.scheme, each.day))
        for each in live
    ]
    return [each for each in again if each.now.stars < each.award.stars]


def by_stars(awards: Iterable[Award]) -> list[tuple[str, int]]:
    """How many there are of each star, the highest first: (三星, 4)."""
    counted = Counter(award.stars for award in awards)
    return [(star_name(stars), counted[stars]) for stars in sorted(counted, reverse=True)]
