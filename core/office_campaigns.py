"""How campaigns that are still going on follow the tree of offices; finished ones never do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core import campaigns, closures, database

LIVE = "('draft', 'open', 'closing')"


async def live(organisation: int) -> list[int]:
    """Campaigns under way in which the office takes part."""
    rows = await database.fetch(
        "SELECT p.campaign FROM campaign_participant p JOIN campaign c ON c.id = p.campaign"
        f" WHERE p.organisation = :organisation AND c.state IN {LIVE} ORDER BY p.campaign",
        organisation=organisation,
    )
    return [row["campaign"] for row in rows]


async def take_in(offices: Iterable[Sequence[int]]) -> None:
    """Let offices take part wherever the office above them does; closed ones stay out.

    They come in groups, superiors first, none above another in one group.
    """
    joined: set[int] = set()
    for group in offices:
        rows = await database.fetch(
            "INSERT INTO campaign_participant (campaign, organisation, parent, name, level)"
            " SELECT p.campaign, o.id, o.parent, o.name, o.level FROM organisation o"
            " JOIN campaign_participant p ON p.organisation = o.parent"
            " JOIN campaign c ON c.id = p.campaign"
            f" WHERE o.id IN (:offices) AND o.closed_on IS NULL AND c.state IN {LIVE}"
            " AND NOT EXISTS (SELECT 1 FROM campaign_participant q"
            " WHERE q.campaign = p.campaign AND q.organisation = o.id) RETURNING campaign",
            offices=list(group),
        )
        joined |= {row["campaign"] for row in rows}
    await _regrown(joined)


async def describe(organisation: int, name: str, level: str) -> None:
    """Give an office its new name and level."""
    followers = await live(organisation)
    await database.execute(
        "UPDATE campaign_participant SET name = :name, level = :level"
        " WHERE organisation = :organisation AND campaign IN (:campaigns)",
        name=name,
        level=level,
        organisation=organisation,
        campaigns=followers,
    )
    for campaign in followers:
        await campaigns.touch(campaign)


async def move(organisation: int, parent: int) -> None:
    """Put an office below another wherever both take part.

    At a campaign's top it stays there; so it does where that campaign, which did not follow an
    earlier move, has the other below it.
    """
    both = sorted(set(await live(organisation)) & set(await live(parent)))
    await database.execute(
        "UPDATE campaign_participant SET parent = :parent"
        " WHERE campaign IN (:campaigns) AND organisation = :organisation AND parent IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM campaign_closure k WHERE k.ancestor = :organisation"
        " AND k.descendant = :parent AND k.campaign = campaign_participant.campaign)",
        parent=parent,
        campaigns=both,
        organisation=organisation,
    )
    await _regrown(both)


async def _regrown(changed: Iterable[int]) -> None:
    for campaign in sorted(changed):
        await closures.rebuild_campaign(campaign)
        await campaigns.touch(campaign)


async def levels_beside(organisation: int) -> tuple[set[str], set[str]]:
    """Levels of what stands right above and right below an office, today and in live campaigns."""
    rows = await database.fetch(
        "SELECT 'above' AS side, a.level FROM organisation o JOIN organisation a ON a.id = o.parent"
        " WHERE o.id = :office"
        " UNION SELECT 'below', level FROM organisation WHERE parent = :office"
        " UNION SELECT 'above', a.level FROM campaign_participant p"
        " JOIN campaign_participant a ON a.campaign = p.campaign AND a.organisation = p.parent"
        " JOIN campaign c ON c.id = p.campaign"
        f" WHERE p.organisation = :office AND c.state IN {LIVE}"
        " UNION SELECT 'below', p.level FROM campaign_participant p"
        f" JOIN campaign c ON c.id = p.campaign WHERE p.parent = :office AND c.state IN {LIVE}",
        office=organisation,
    )
    found = {side: {r["level"] for r in rows if r["side"] == side} for side in ("above", "below")}
    return found["above"], found["below"]
