"""Giving stars: on the list, announced for some working days, final, or withdrawn for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api.kit.records import Work
from api.kit.records.writing import hold
from core import audit, database, working_days
from core.documents import compact
from core.moments import now, today
from core.permissions import may
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer.authority import CONFIRM
from plugins.volunteer.honours import schemes
from plugins.volunteer.honours.awards import LIVE, Award, fallen, listed
from plugins.volunteer.honours.candidates import Candidate, candidates
from plugins.volunteer.records import EDIT, VOLUNTEERS
from plugins.volunteer.rules import Scheme

USUAL_DAYS = 5
DAYS = range(3, 21)
LONGEST = timedelta(days=60)
APPLIED = "本人申请"
THING = "volunteer.star_award"
ONLY_OWN = "星级由主办这次活动的机构认定"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many awards went on, and how many stayed because of what is in ``fallen`` and ``own``.

    ``until`` is the last day of the 公示 where one was begun.
    """

    done: int
    fallen: int = 0
    own: int = 0
    waiting: int = 0
    until: date | None = None


async def may_lead(work: Work, permission: str) -> bool:
    """Whether the actor may do this for the whole campaign: its own office gives the stars."""
    return await may(work.actor, permission, work.campaign.organisation_id)


async def _begin(work: Work, permission: str) -> None:
    """Raises Missing without the permission, Conflict by the campaign's state."""
    if not await may_lead(work, permission):
        raise Missing(ONLY_OWN)
    await hold(work, VOLUNTEERS)


async def propose(work: Work, day: date, chosen: Sequence[str] | None = None) -> int:
    """Put on the list whoever has reached a star by ``day``: all, or the chosen (their keys).

    Whose star was withdrawn before is among all only when chosen. Answers how many. Raises Refusal
    where a star is given only to who asks for it and nobody is chosen, and for a day to come;
    Missing, Conflict.
    """
    if day > today():
        raise Refusal.of("value", "统计到哪一天不能晚于今天", "day")
    async with database.transaction():
        await _begin(work, EDIT)
        scheme = await schemes.of_campaign(work.campaign.id)
        if scheme.by_application and chosen is None:
            raise Refusal.of(
                "missing", f"{scheme.label}由志愿者本人申请，请勾选已经申请的人", "volunteer"
            )
        found = [each for each in await candidates(work.campaign.id, scheme, day) if each.due]
        keys = None if chosen is None else set(chosen)
        found = [each for each in found if (not each.doubted if keys is None else each.key in keys)]
        await _add(work, found, scheme, day, APPLIED if scheme.by_application else "")
    return len(found)


async def apply(work: Work, volunteer_id: int) -> bool:
    """Put a volunteer on the list because he asks for it himself; the caller knows that it is he.

    Answers whether there is a star to ask for. Raises Conflict by the campaign's state.
    """
    async with database.transaction():
        await hold(work, VOLUNTEERS)
        scheme = await schemes.of_campaign(work.campaign.id)
        found = [
            each
            for each in await candidates(
                work.campaign.id, scheme, today(), "m.id = :volunteer", volunteer=volunteer_id
            )
            if each.due
        ]
        await _add(work, found, scheme, today(), APPLIED)
    return bool(found)


async def _add(
    work: Work, found: Sequence[Candidate], scheme: Scheme, day: date, reason: str
) -> None:
    if not found:
        return
    kept = compact({**schemes.kept(scheme), "day": day.isoformat()})
    await database.execute_many(
        "INSERT INTO volunteer_star_award (campaign, volunteer, stars, minutes, scheme, state,"
        " reason) VALUES (:campaign, :volunteer, :stars, :minutes, :scheme, 'proposed', :reason)",
        [
            {
                "campaign": work.campaign.id,
                "volunteer": each.volunteer,
                "stars": each.reckoned.stars,
                "minutes": each.reckoned.minutes,
                "scheme": kept,
                "reason": reason,
            }
            for each in found
        ],
    )
    stars = {each.key: each.reckoned.stars for each in found}
    await _log(work, "proposed", {"day": day, "scheme": scheme.name, "stars": stars})


def period_end(begins: date, days: int, until: date | None) -> date:
    """The last day of a 公示 of so many working days; ``until`` only where that is not known.

    Raises Refusal.
    """
    if days not in DAYS:
        raise Refusal.of("value", f"公示{DAYS.start}到{DAYS.stop - 1}个工作日", "days")
    try:
        reckoned = working_days.after(begins, days)
    except working_days.UnannouncedYearError as error:
        if until is None:
            raise Refusal.of("missing", f"{error}", "until") from error
        if not begins + timedelta(days=days) <= until <= begins + LONGEST:
            raise Refusal.of(
                "value", f"公示截止日期要在{days}天以后、{LONGEST.days}天以内", "until"
            ) from error
        return until
    if until is not None and until != reckoned:
        raise Refusal.of("value", f"按放假安排，{days}个工作日到{reckoned}，这一项不用填", "until")
    return reckoned


async def announce(work: Work, days: int = USUAL_DAYS, until: date | None = None) -> Outcome:
    """Announce what is proposed, for so many working days from today, which is not counted.

    Whose hours are no longer enough stays behind. Raises Refusal, Missing, Conflict.
    """
    async with database.transaction():
        await _begin(work, EDIT)
        ends = period_end(today(), days, until)
        proposed = await listed(work.campaign.id, ["proposed"])
        behind = {each.award.id for each in await fallen(work.campaign.id, proposed)}
        going = [award for award in proposed if award.id not in behind]
        await _change(going, "announced", announced_on=today(), until=ends)
        if going:
            await _log(work, "announced", {"until": ends, "stars": _stars(going)})
    return Outcome(len(going), fallen=len(behind), until=ends)


async def withdraw(work: Work, award_id: int, reason: str) -> Award:
    """Take an award off its list because somebody objected, or its hours are no longer there.

    It may be proposed anew when the matter is settled. Raises Missing, Conflict.
    """
    async with database.transaction():
        await _begin(work, EDIT)
        found = await listed(work.campaign.id, LIVE, "w.id = :award", award=award_id)
        if not found:
            raise Missing("没有这一条，或者已经撤回")
        if found[0].state == "final" and not await may_lead(work, CONFIRM):
            raise Conflict.of("forbidden", "已经认定的星级要由审核人或组织者撤回")
        await _change(
            found, "withdrawn", reason=reason, decided_by=work.actor.name, decided_at=now()
        )
        before = {"state": found[0].state}
        await _log(work, "withdrawn", {"stars": _stars(found), "reason": reason}, before)
    return found[0]


async def finalise(work: Work) -> Outcome:
    """Make final what nobody objected to until its 公示 was over.

    Whose hours are no longer enough stays behind, and so does the actor's own star. Raises
    Missing, Conflict.
    """
    async with database.transaction():
        await _begin(work, CONFIRM)
        announced = await listed(work.campaign.id, ["announced"])
        over = [award for award in announced if award.over(today())]
        behind = {each.award.id for each in await fallen(work.campaign.id, over)}
        sound = [award for award in over if award.id not in behind]
        going = [award for award in sound if not _own(work, award)]
        await _change(going, "final", decided_by=work.actor.name, decided_at=now())
        if going:
            await _log(work, "final", {"stars": _stars(going)})
    return Outcome(
        len(going),
        fallen=len(behind),
        own=len(sound) - len(going),
        waiting=len(announced) - len(over),
    )


def _own(work: Work, award: Award) -> bool:
    return award.account is not None and award.account == work.actor.account_id


def _stars(awards: Sequence[Award]) -> dict[str, int]:
    return {award.key: award.stars for award in awards}


async def _change(awards: Sequence[Award], state: str, **values: Any) -> None:
    """Give awards another state; each row must still have the one that was read."""
    assignments = ", ".join(f"{name} = :{name}" for name in ("state", *values))
    await database.execute_many(
        f"UPDATE volunteer_star_award SET {assignments} WHERE id = :id AND state = :was",
        [{"id": award.id, "was": award.state, "state": state, **values} for award in awards],
    )


async def _log(
    work: Work, act: str, after: dict[str, Any], before: dict[str, Any] | None = None
) -> None:
    await audit.record(
        work.actor,
        f"volunteer.stars.{act}",
        THING,
        "",
        organisation=work.campaign.organisation_id,
        campaign=work.campaign.key,
        before=before,
        after=after,
    )
