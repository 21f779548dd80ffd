"""Stars: a volunteer's hours in the year, and the campaign's own way of giving stars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from api.kit.records import Work
from api.kit.records.fields import Row
from api.kit.records.writing import hold
from core import audit, database
from core.documents import compact
from core.moments import from_local
from core.permissions import may
from core.refusals import Missing, Refusal
from core.shapes import Problems
from plugins.volunteer.bundle import star_scheme
from plugins.volunteer.bundle_storage import read_star_scheme
from plugins.volunteer.records import EDIT, VOLUNTEERS
from plugins.volunteer.rules import Scheme, duration_text, next_star, scheme, star, star_name

# The same person in other campaigns: the same number, name and office.
SAME = (
    "(v.id = :volunteer OR (v.name_index <> '' AND EXISTS (SELECT 1 FROM volunteer_person own"
    " WHERE own.id = :volunteer AND own.name_index = v.name_index AND own.key = v.key"
    " AND own.organisation = v.organisation)))"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a volunteer has served: minutes of the year and ever, and what waits in the year."""

    year: int
    year_minutes: int
    all_minutes: int
    pending_minutes: int
    scheme: Scheme

    @property
    def counted(self) -> int:
        """The minutes that the scheme goes by."""
        return self.year_minutes if self.scheme.period == "year" else self.all_minutes

    @property
    def stars(self) -> int:
        """How many stars they are worth."""
        return star(self.counted, self.scheme)

    @property
    def name(self) -> str:
        """一星, 二星, 未达星级."""
        return star_name(self.stars)

    @property
    def drawn(self) -> str:
        """``★☆☆``."""
        return "★" * self.stars + "☆" * (len(self.scheme.hours) - self.stars)

    @property
    def wanting(self) -> str:
        """What is missing to the next star, in a sentence; "" with the last one."""
        missing = next_star(self.counted, self.scheme)
        if missing is None:
            return ""
        return f"再服务{duration_text(missing)}达到{star_name(self.stars + 1)}"


async def standing(work: Work, volunteer: Row) -> Standing:
    """How a volunteer stands, over all campaigns that know him. Two statements."""
    year = work.campaign.year
    row = await database.fetch_one(
        "SELECT CAST(SUM(CASE WHEN a.status = 'confirmed' THEN a.credited_minutes ELSE 0 END)"
        " AS BIGINT) AS served, CAST(SUM(CASE WHEN a.status = 'confirmed'"
        f" AND {IN_YEAR} THEN a.credited_minutes ELSE 0 END) AS BIGINT) AS of_year,"
        f" CAST(SUM(CASE WHEN a.status = 'pending' AND {IN_YEAR}"
        " THEN a.credited_minutes ELSE 0 END) AS BIGINT) AS pending"
        " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        f" JOIN volunteer_person v ON v.id = a.volunteer WHERE {SAME}",
        volunteer=volunteer["id"],
        begins=from_local(date(year, 1, 1)),
        ends=from_local(date(year + 1, 1, 1)),
    )
    found = row or {}
    return Standing(
        year,
        int(found.get("of_year") or 0),
        int(found.get("served") or 0),
        int(found.get("pending") or 0),
        scheme(await read_star_scheme(work.campaign.id)),
    )


IN_YEAR = "h.starts_at >= :begins AND h.starts_at < :ends"


async def may_choose(work: Work) -> bool:
    """Whether the actor may say how the campaign gives stars: its own office may."""
    return await may(work.actor, EDIT, work.campaign.organisation_id)


async def choose(work: Work, stated: Any) -> Any:
    """Make ``stated``, as a bundle states it, the campaign's scheme.

    Raises Refusal, Missing without the permission, Conflict by the campaign's state.
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
        values = {"campaign": work.campaign.id, "scheme": compact(checked)}
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
            after={"star_scheme": checked},
        )
    return checked
