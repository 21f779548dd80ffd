"""How offices arrange their recaps, carried over to next year's campaign."""

from __future__ import annotations

from core import database, moments
from core.permissions import Actor


async def carry(actor: Actor, source: int, target: int) -> None:
    """Take recipient, order, titles and hidden parts along; no heading, no text, no photo.

    For the offices that take part in the target (both are ids), in the transaction of the clone.
    """
    await database.execute(
        "INSERT INTO recap_manuscript"
        " (campaign, organisation, title, recipient, revision, changed_by, changed_at)"
        " SELECT p.campaign, m.organisation, '', m.recipient, 1, :by, :now"
        " FROM recap_manuscript m JOIN campaign_participant p"
        " ON p.campaign = :target AND p.organisation = m.organisation WHERE m.campaign = :source",
        source=source,
        target=target,
        by=actor.name,
        now=moments.now(),
    )
    await database.execute(
        "INSERT INTO recap_part (manuscript, key, position, title, text, hidden)"
        " SELECT n.id, p.key, p.position, p.title, '', p.hidden FROM recap_part p"
        " JOIN recap_manuscript m ON m.id = p.manuscript AND m.campaign = :source"
        " JOIN recap_manuscript n ON n.organisation = m.organisation AND n.campaign = :target",
        source=source,
        target=target,
    )
