"""Which offices take part in a campaign: its own picture of the tree, taken from today's."""

from __future__ import annotations

from core import audit, campaign_states, campaigns, closures, database, moments
from core.campaigns import Campaign
from core.permissions import Actor

# ``o`` is an open office at or below the campaign's own.
OPEN_BELOW = (
    "o.id IN (SELECT descendant FROM organisation_closure WHERE ancestor = :top)"
    " AND (o.closed_on IS NULL OR o.closed_on > :today)"
    " AND NOT EXISTS (SELECT 1 FROM campaign_participant q"
    " WHERE q.campaign = :campaign AND q.organisation = o.id)"
)


async def take_in_open(campaign_id: int, top: int, *, like: int | None = None) -> int:
    """Let every open office at or below ``top`` take part that does not yet; gives their number.

    With ``like`` only those that took part in that campaign. An office whose superior is closed
    belongs to the nearest one above that takes part.
    """
    alike = (
        " AND o.id IN (SELECT organisation FROM campaign_participant WHERE campaign = :like)"
        if like is not None
        else ""
    )
    added = await database.fetch(
        "INSERT INTO campaign_participant (campaign, organisation, parent, name, level)"
        " SELECT CAST(:campaign AS BIGINT), o.id, NULL, o.name, o.level FROM organisation o"
        f" WHERE {OPEN_BELOW}{alike} RETURNING id",
        campaign=campaign_id,
        top=top,
        today=moments.today(),
        **({} if like is None else {"like": like}),
    )
    if added:
        await _link(campaign_id)
    return len(added)


async def _link(campaign_id: int) -> None:
    """Put each office under the nearest above it, as the tree is today, that takes part."""
    await database.execute(
        "UPDATE campaign_participant SET parent = (SELECT c.ancestor FROM organisation_closure c"
        " JOIN campaign_participant above ON above.campaign = campaign_participant.campaign"
        " AND above.organisation = c.ancestor"
        " WHERE c.descendant = campaign_participant.organisation AND c.depth > 0"
        " ORDER BY c.depth LIMIT 1) WHERE campaign = :campaign",
        campaign=campaign_id,
    )
    await closures.rebuild_campaign(campaign_id)


async def complete(actor: Actor, campaign: Campaign) -> int:
    """Take in the offices that were founded or opened again since; gives their number.

    Who may do it is asked by the caller. Raises Conflict for a campaign that is over.
    """
    async with database.transaction():
        campaign_states.require(campaign, "details")
        added = await take_in_open(campaign.id, campaign.organisation_id)
        if added:
            await campaigns.touch(campaign.id)
            await audit.record(
                actor,
                "campaign.participants_added",
                "campaign",
                campaign.key,
                organisation=campaign.organisation_id,
                campaign=campaign.key,
                after={"added": added},
            )
    return added
