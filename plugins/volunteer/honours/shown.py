"""What the page of honours shows: who is due, who is on which list, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.kit import filters
from api.kit.records import Work
from core.moments import today
from core.permissions import scope_sql
from plugins.volunteer.honours import schemes
from plugins.volunteer.honours.awards import STATES, Award, Fallen, fallen, listed
from plugins.volunteer.honours.candidates import Candidate, candidates
from plugins.volunteer.records import VIEW
from plugins.volunteer.rules import Scheme, duration_text, star_name

MOST = 200


def usual_day(year: int) -> date:
    """The day up to which a campaign's year is counted: today, in a year that is over its last."""
    return min(today(), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Shown:
    """Everybody whom the actor may see, by what is to be done about them."""

    scheme: Scheme
    day: date
    people: Sequence[Candidate]
    awards: Sequence[Award]
    fallen: Sequence[Fallen] = field(default_factory=list)

    @property
    def due(self) -> list[Candidate]:
        """Who has reached a star and is on no list."""
        return [each for each in self.people if each.due]

    @property
    def sound(self) -> list[Candidate]:
        """Those of them whose star was never withdrawn."""
        return [each for each in self.due if not each.doubted]

    def of(self, state: str) -> list[Award]:
        """The awards in a state."""
        return [award for award in self.awards if award.state == state]

    @property
    def over(self) -> list[Award]:
        """Those whose 公示 has ended."""
        return [award for award in self.awards if award.over(today())]

    @property
    def counts(self) -> str:
        """一星4人、二星1人, of everybody by what they have reached."""
        reached = [each.reckoned.stars for each in self.people]
        return "、".join(
            f"{star_name(stars)}{reached.count(stars)}人"
            for stars in range(1, len(self.scheme.hours) + 1)
            if stars in reached
        )

    @property
    def next(self) -> str:
        """The sentence that says what to do; "" when there is nothing."""
        if self.fallen:
            return f"{len(self.fallen)}人的时长核算后不够了，请核对记录，不该认定的撤回。"
        if self.over:
            return f"{len(self.over)}人公示期满；没有人提出异议的，可以认定了。"
        if self.of("proposed"):
            return f"{len(self.of('proposed'))}人在拟认定名单里，请公示。"
        if self.due:
            asked = "本人申请了的，" if self.scheme.by_application else ""
            return f"{len(self.due)}人达到了星级，{asked}请列入拟认定名单。"
        if announced := self.of("announced"):
            ends = max(award.until for award in announced if award.until)
            return f"公示到{filters.day(ends)}；有人提出异议的，撤回并写明理由。"
        return ""


async def shown(work: Work, day: date, *, awards: bool = True) -> Shown:
    """The scheme, the people of the actor's offices and their awards. Six statements at most."""
    scope, values = scope_sql(work.actor, VIEW)
    scheme = await schemes.of_campaign(work.campaign.id)
    people = await candidates(
        work.campaign.id, scheme, day, f"m.organisation IN ({scope})", **values
    )
    if not awards:
        return Shown(scheme, day, people, [])
    found = await listed(work.campaign.id, list(STATES), f"v.organisation IN ({scope})", **values)
    return Shown(scheme, day, people, found, await fallen(work.campaign.id, found))


def due_rows(people: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Candidates as the page shows them."""
    return [
        {
            "key": each.key,
            "name": each.label,
            "office": each.office,
            "hours": duration_text(each.reckoned.minutes),
            "star": star_name(each.reckoned.stars),
            "held": _before(each),
        }
        for each in people[:MOST]
    ]


def _before(each: Candidate) -> str:
    """What is known of earlier stars: the one he has, or that this one was withdrawn."""
    said = [star_name(each.held)] if each.held else []
    return "，".join([*said, "撤回过"] if each.doubted else said)


def award_rows(awards: Sequence[Award]) -> list[dict[str, Any]]:
    """Awards as the page shows them."""
    return [
        {
            "name": award.numbered,
            "office": award.office,
            "hours": duration_text(award.minutes),
            "star": award.called,
            "on": filters.day(award.day, year=True),
            "reason": award.reason,
            "until": filters.day(award.until) if award.until else "",
            "over": award.over(today()),
        }
        for award in awards[:MOST]
    ]


def progress_rows(people: Sequence[Candidate]) -> list[dict[str, Any]]:
    """How far everybody is."""
    return [
        {
            "name": each.label,
            "office": each.office,
            "hours": duration_text(each.reckoned.minutes),
            "star": star_name(each.reckoned.stars),
            "wanting": each.reckoned.wanting or "已经是最高一级",
            "weekly": each.reckoned.weekly_words,
        }
        for each in people
    ]
