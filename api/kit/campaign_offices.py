"""The offices of a campaign to choose from: those that take part and that the actor may reach."""

from __future__ import annotations

from core import database
from core.campaigns import Campaign
from core.permissions import Actor, scope_sql

INDENT = "\u3000"


async def campaign_offices(
    actor: Actor, campaign: Campaign, permission: str
) -> list[dict[str, str]]:
    """Offices of the campaign's own tree where the actor holds the permission, in tree order.

    Each is ``{value: key, label: name}``, with the name indented below its superior's, as
    ``select_field`` takes them. One statement.
    """
    scope, parameters = scope_sql(actor, permission)
    rows = await database.fetch(
        "SELECT o.id, o.key, p.name, p.parent FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        f" WHERE p.campaign = :campaign AND p.organisation IN ({scope})",
        campaign=campaign.id,
        **parameters,
    )
    known = {row["id"]: row for row in rows}
    placed: list[tuple[tuple[str, ...], str]] = []
    for row in rows:
        path, above = [row["key"]], known.get(row["parent"])
        while above is not None:
            path.insert(0, above["key"])
            above = known.get(above["parent"])
        placed.append((tuple(path), row["name"]))
    return [
        {"value": path[-1], "label": INDENT * (len(path) - 1) + name}
        for path, name in sorted(placed)
    ]
