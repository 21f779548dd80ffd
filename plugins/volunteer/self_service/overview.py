"""What a volunteer's own page shows: his next shift and what to do about it, hours, stars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from core import database, moments
from plugins.volunteer import stars
from plugins.volunteer.honours import schemes, services
from plugins.volunteer.signing_up.engagements import WAITS, Engagement
from plugins.volunteer.stars import Standing

# So long before a shift the page offers to check in rather than to leave.
CHECK_IN_OPENS = timedelta(hours=2)
CODE = "/volunteer/me/code"
OFFERS = "/volunteer"


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing to do now: the words of the big button, where it leads, a sentence below."""

    text: str
    href: str
    why: str


@dataclass(frozen=True, slots=True)
class Plans:
    """What lies ahead: the next shift, those after it, those waited for, those cancelled."""

    following: Engagement | None
    later: tuple[Engagement, ...]
    waiting: tuple[Engagement, ...]
    cancelled: tuple[Engagement, ...]


def shift_href(engagement: Engagement) -> str:
    """The public page of its shift, where a place is given back."""
    campaign, shift = quote(engagement.campaign, safe=""), quote(engagement.shift, safe="")
    return f"/volunteer/shifts/{campaign}/{shift}"


def plans(engagements: Sequence[Engagement], now: datetime) -> Plans:
    """Sort what somebody has signed up for; a shift he is still in comes before all others.

    Who forgot to check out is asked to do so until six hours after the shift's end: then it closes
    by itself.
    """
    here = [each for each in engagements if each.status == "open" and each.cancelled_at is None]
    ahead = [
        each
        for each in engagements
        if each.stands and each.status == "signed_up" and each.ends_at > now
    ]
    coming = [*here, *ahead]
    return Plans(
        following=coming[0] if coming else None,
        later=tuple(coming[1:]),
        waiting=tuple(
            each
            for each in engagements
            if each.status == WAITS and each.starts_at > now and each.cancelled_at is None
        ),
        cancelled=tuple(
            each for each in engagements if each.cancelled_at is not None and each.ends_at > now
        ),
    )


def step(following: Engagement | None, now: datetime) -> Step:
    """What the one big button does now."""
    if following is None:
        return Step("找一个班次报名", OFFERS, "看看哪里需要人，选一个有空的时间。")
    if following.status == "open":
        return Step("签退", CODE, "服务结束了，扫现场的二维码，或者把您的码给工作人员扫。")
    if following.starts_at - CHECK_IN_OPENS <= now:
        return Step("签到", CODE, "到了现场，扫那里的二维码，或者把您的码给工作人员扫。")
    why = "来不了，请在那一页退出，把名额让给别人。"
    return Step("看班次，或退出", shift_href(following), why)


@dataclass(frozen=True, slots=True)
class Progress:
    """Hours and stars as of today; ``percent`` of the way to the next star, 100 with the last."""

    standing: Standing
    percent: int

    @property
    def goal(self) -> str:
        """What the bar goes to, for people."""
        return self.standing.wanting or "已经是最高一级"


async def progress(profile: int) -> Progress:
    """How a profile stands this year, by the scheme of the newest campaign that he is in.

    Three statements.
    """
    campaign = await database.fetch_value(
        "SELECT c.id FROM volunteer_person v JOIN campaign c ON c.id = v.campaign"
        " WHERE v.profile = :profile ORDER BY c.starts_on DESC, c.id DESC LIMIT 1",
        profile=profile,
    )
    scheme = await schemes.of_campaign(campaign or 0)
    found = await services.served("m.profile = :profile", profile=profile)
    # Each of his places in campaigns stands for all of them.
    served = next(iter(found.values()), services.Served())
    standing = stars.stand(served, scheme, moments.today().year)
    goals = [hours * 60 for hours in scheme.hours if hours * 60 > standing.counted]
    return Progress(standing, standing.counted * 100 // goals[0] if goals else 100)
