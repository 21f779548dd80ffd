"""Stars: how a volunteer stands, and the campaign's own way of giving stars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from api.kit.records import Work
from api.kit.records.fields import Row
from api.kit.records.writing import hold
from core import audit, database
from core.moments import day_of, today
from core.permissions import may
from core.refusals import Missing, Refusal
from core.shapes import Problems
from plugins.volunteer.bundle import star_scheme
from plugins.volunteer.bundle_storage import read_star_scheme
from plugins.volunteer.honours import reckoning, schemes, services
from plugins.volunteer.honours.reckoning import Reckoning
from plugins.volunteer.honours.services import Served
from plugins.volunteer.records import EDIT, VOLUNTEERS
from plugins.volunteer.rules import Scheme, star_name


@dataclass(frozen=True, slots=True)
class Standing:
    """What a volunteer has served: minutes of the year and ever, and what waits in the year.

    ``reckoned`` is what they are worth under the scheme.
    """

    year: int
    year_minutes: int
    all_minutes: int
    pending_minutes: int
    scheme: Scheme
    reckoned: Reckoning

    @property
    def counted(self) -> int:
        """The minutes that the scheme goes by."""
        return self.year_minutes if self.scheme.period == "year" else self.all_minutes

    @property
    def stars(self) -> int:
        """How many stars they are worth."""
        return self.reckoned.stars

    @property
    def name(self) -> str:
        """一星, 二星, 未达星级."""
        return star_name(self.stars)

    @property
    def drawn(self) -> str:
        """``★☆☆``."""
        return reckoning.drawn(self.stars, len(self.scheme.hours))

    @property
    def wanting(self) -> str:
        """What is missing to the next star, in a sentence; "" with the last one."""
        return self.reckoned.wanting

    @property
    def weekly(self) -> str:
        """How the weeks went that the first star looks at, in words; "" where it does not."""
        return self.reckoned.weekly_words


def stand(served: Served, scheme: Scheme, year: int) -> Standing:
    """Where somebody stands in a year (the weeks: up to today), by what he served."""

    def of_year(given: list[reckoning.Service]) -> int:
        return sum(minutes for starts, minutes in given if day_of(starts).year == year)

    last = date.max if scheme.period == "all" else date(year, 12, 31)
    weeks_until = min(today(), last)
    counted = reckoning.reckon(served.confirmed, scheme, last)
    seen = reckoning.reckon(served.confirmed, scheme, max(weeks_until, date(year, 1, 1)))
    return Standing(
        year,
        of_year(served.confirmed),
        sum(minutes for _, minutes in served.confirmed),
        of_year(served.pending),
        scheme,
        Reckoning(scheme, counted.minutes, seen.weeks),
    )


async def standing(work: Work, volunteer: Row) -> Standing:
    """How a volunteer stands, over all campaigns that know him. Two statements."""
    found = await services.served("m.id = :volunteer", volunteer=volunteer["id"])
    scheme = await schemes.of_campaign(work.campaign.id)
    return stand(found.get(volunteer["id"], Served()), scheme, work.campaign.year)


async def may_choose(work: Work) -> bool:
    """Whether the actor may say how the campaign gives stars: its own office may."""
    return await may(work.actor, EDIT, work.campaign.organisation_id)


async def choose(work: Work, stated: Any, weekly: str = "") -> Any:
    """Make ``stated``, as a bundle states it, the campaign's scheme.

    ``weekly`` is a code of ``schemes.WEEKLY`` for another condition of the first star than the
    scheme's own. Raises Refusal, Missing without the permission, Conflict by the campaign's state.
    """
    problems = Problems()
    checked = star_scheme(stated, (), problems)
    if problems.found:
        raise Refusal(*problems.found)
    if not await may_choose(work):
        raise Missing("星级办法由主办这次活动的机构来定")
    async with database.transaction():
        await hold(work, VOLUNTEERS)
        before = await read_star_scheme(work.campaign.id)
        values = {"campaign": work.campaign.id, "scheme": schemes.stored(checked, weekly)}
        await database.execute(
            "INSERT INTO volunteer_star_scheme (campaign, scheme) VALUES (:campaign, :scheme)"
            " ON CONFLICT (campaign) DO UPDATE SET scheme = excluded.scheme",
            **values,
        )
        await audit.record(
            work.actor,
            "volunteer.stars.chosen",
            "volunteer.stars",
            "",
            organisation=work.campaign.organisation_id,
            campaign=work.campaign.key,
            before={"star_scheme": before},
            after={"star_scheme": checked, **({"weekly": weekly} if weekly else {})},
        )
    return checked
