"""The day by which the offices of a campaign hand in their recaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core import audit, database, moments
from core.campaigns import Campaign
from core.permissions import Actor, may
from core.refusals import Missing, Refusal

SET = "recap.freeze"
# How long after the campaign's last day, where nobody has set a day.
USUAL = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day, and whether it is only the usual one."""

    due_on: date
    usual: bool

    @property
    def ends_at(self) -> datetime:
        """The moment from which a recap is late."""
        return moments.from_local(self.due_on + timedelta(days=1))


async def of(campaign: Campaign) -> Deadline:
    """The campaign's deadline. One statement."""
    due_on = await database.fetch_value(
        "SELECT due_on FROM recap_deadline WHERE campaign = :campaign", campaign=campaign.id
    )
    usual = due_on is None
    return Deadline(campaign.ends_on + USUAL if usual else due_on, usual)


async def put(actor: Actor, campaign: Campaign, due_on: date) -> None:
    """Set the day, for all offices. Asked at the campaign's own office.

    Raises Missing for who may not, Refusal for a day before the campaign begins.
    """
    if not await may(actor, SET, campaign.organisation_id):
        raise Missing(f"没有编号为“{campaign.key}”的活动")
    if due_on < campaign.starts_on:
        raise Refusal.of("value", "报送期限早于活动开始的日期", "due_on")
    if due_on.year > campaign.ends_on.year + 10:
        raise Refusal.of("value", "报送期限离活动结束太远，请核对年份", "due_on")
    async with database.transaction():
        before = await of(campaign)
        if before == Deadline(due_on, usual=False):
            return
        await database.execute(
            "INSERT INTO recap_deadline (campaign, due_on) VALUES (:campaign, :due_on)"
            " ON CONFLICT (campaign) DO UPDATE SET due_on = excluded.due_on",
            campaign=campaign.id,
            due_on=due_on,
        )
        await audit.record(
            actor,
            "recap.deadline_set",
            "campaign",
            campaign.key,
            organisation=campaign.organisation_id,
            campaign=campaign.key,
            before={"due_on": before.due_on},
            after={"due_on": due_on},
        )
