"""The 公示 of stars: what anybody may read of it, while it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core import campaigns
from core.campaigns import Campaign
from core.refusals import Missing
from plugins.volunteer.honours.awards import Award, listed
from plugins.volunteer.records import PLUGIN


@dataclass(frozen=True, slots=True)
class Notice:
    """A campaign with what is announced on a day; no awards outside a 公示."""

    campaign: Campaign
    awards: Sequence[Award]

    @property
    def begins(self) -> date | None:
        """The first day of the 公示, of several the earliest."""
        return min((each.announced_on for each in self.awards if each.announced_on), default=None)

    @property
    def ends(self) -> date | None:
        """Its last day, of several the latest."""
        return max((each.until for each in self.awards if each.until), default=None)


async def running(key: str, day: date) -> Notice:
    """What is announced on that day, its last day included.

    Whoever had his name erased is not shown. Raises Missing for a campaign that is none, is still
    being prepared, or has no volunteers.
    """
    campaign = await campaigns.find(key)
    if campaign.state == "draft" or PLUGIN not in campaign.enabled:
        raise Missing(f"没有编号为“{key}”的活动")
    shown = await listed(
        campaign.id,
        ["announced"],
        "v.name_index <> '' AND w.announced_on <= :day AND w.until >= :day",
        day=day,
    )
    return Notice(campaign, shown)
