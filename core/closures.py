"""The closure of a tree: every (ancestor, descendant, depth), rebuilt in one statement."""

from __future__ import annotations

from core import database


async def hold_tree() -> None:
    """Make those who change the tree of offices wait for one another until they have committed.

    SQLite has one writer anyway.
    """
    if database.is_postgresql():
        await database.execute("LOCK TABLE organisation_closure IN SHARE ROW EXCLUSIVE MODE")


async def rebuild_organisations() -> None:
    """Today's tree of offices. One statement each to empty and to fill, whatever its size."""
    await database.execute("DELETE FROM organisation_closure")
    await database.execute(
        """
        INSERT INTO organisation_closure (ancestor, descendant, depth)
        SELECT ancestor, descendant, depth FROM (
            WITH RECURSIVE pairs (ancestor, descendant, depth) AS (
                SELECT id, id, 0 FROM organisation
                UNION ALL
                SELECT pairs.ancestor, child.id, pairs.depth + 1
                FROM pairs JOIN organisation child ON child.parent = pairs.descendant
            )
            SELECT ancestor, descendant, depth FROM pairs
        ) AS found
        """
    )


async def rebuild_campaign(campaign: int) -> None:
    """A campaign's own tree."""
    await database.execute(
        "DELETE FROM campaign_closure WHERE campaign = :campaign", campaign=campaign
    )
    await database.execute(
        """
        INSERT INTO campaign_closure (campaign, ancestor, descendant, depth)
        SELECT CAST(:campaign AS BIGINT), ancestor, descendant, depth FROM (
            WITH RECURSIVE pairs (ancestor, descendant, depth) AS (
                SELECT organisation, organisation, 0 FROM campaign_participant
                WHERE campaign = :campaign
                UNION ALL
                SELECT pairs.ancestor, child.organisation, pairs.depth + 1
                FROM pairs JOIN campaign_participant child
                ON child.campaign = :campaign AND child.parent = pairs.descendant
            )
            SELECT ancestor, descendant, depth FROM pairs
        ) AS found
        """,
        campaign=campaign,
    )
