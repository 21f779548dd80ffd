"""What somebody may do in one campaign, and the offices from which he may look at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core import database
from core.campaigns import Campaign
from core.permissions import Actor, scope_sql
from core.refusals import Missing
from core.scopes import Scope


@dataclass(frozen=True, slots=True)
class Reach:
    """Which of an actor's offices have a part in a campaign; answers about every permission."""

    actor: Actor
    present: frozenset[int]
    """Offices of his that take part, or have an office below them that does."""
    leading: frozenset[int]
    """Those of them at or above the campaign's own office."""

    def may(self, permission: str) -> bool:
        """Whether he holds the permission at any office that takes part."""
        return self._holds(permission, self.present)

    def may_lead(self, permission: str) -> bool:
        """Whether he holds it at the campaign's own office, and so over all that take part."""
        return self._holds(permission, self.leading)

    def _holds(self, permission: str, offices: frozenset[int]) -> bool:
        if self.actor.via == "system":
            return True
        return not offices.isdisjoint(self.actor.offices(permission))


async def reach(actor: Actor, campaign: Campaign) -> Reach:
    """One statement, whatever will be asked of the answer."""
    rows = await database.fetch(
        "SELECT c.ancestor, MAX(CASE WHEN c.descendant = :top THEN 1 ELSE 0 END) AS leads"
        " FROM organisation_closure c JOIN campaign_participant p"
        " ON p.campaign = :campaign AND p.organisation = c.descendant"
        " WHERE c.ancestor IN (:offices) GROUP BY c.ancestor",
        top=campaign.organisation_id,
        campaign=campaign.id,
        offices=sorted({grant.organisation_id for grant in actor.grants}),
    )
    return Reach(
        actor,
        frozenset(row["ancestor"] for row in rows),
        frozenset(row["ancestor"] for row in rows if row["leads"]),
    )


@dataclass(frozen=True, slots=True)
class View:
    """A campaign seen from one office of it: ``above`` leads up as far as the actor may see."""

    scope: Scope
    name: str
    above: tuple[tuple[str, str], ...]
    """Key and name of the offices above, the topmost first."""
    below: tuple[tuple[str, str], ...]
    """Key and name of the offices directly below."""


async def view(
    actor: Actor, campaign: Campaign, permission: str, organisation: str | None = None
) -> View:
    """The campaign from an office, by default the topmost where the actor holds the permission.

    Raises Missing when it takes no part or lies outside his offices. Two statements.
    """
    inside, parameters = scope_sql(actor, permission)
    chosen = "o.key = :key AND" if organisation is not None else ""
    office = await database.fetch_one(
        "SELECT o.id, o.key, p.name FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        " JOIN campaign_closure c ON c.campaign = p.campaign AND c.descendant = p.organisation"
        f" AND c.ancestor = :top WHERE {chosen} p.campaign = :campaign"
        f" AND p.organisation IN ({inside}) ORDER BY c.depth, o.key LIMIT 1",
        campaign=campaign.id,
        top=campaign.organisation_id,
        **({} if organisation is None else {"key": organisation}),
        **parameters,
    )
    if office is None:
        raise Missing(
            f"活动“{campaign.key}”里没有编号为“{organisation}”的机构" if organisation else ""
        )
    scope = Scope(campaign.id, campaign.key, office["id"], office["key"])
    above, below = await _neighbours(scope, inside, parameters)
    return View(scope, office["name"], above, below)


async def _neighbours(
    scope: Scope, inside: str, parameters: Mapping[str, Any]
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Those above the scope's office, the topmost first, and those directly below it."""
    rows = await database.fetch(
        "SELECT o.key, p.name, up.depth AS distance FROM campaign_closure up"
        " JOIN campaign_participant p ON p.campaign = up.campaign AND p.organisation = up.ancestor"
        " JOIN organisation o ON o.id = p.organisation"
        " WHERE up.campaign = :campaign AND up.descendant = :office AND up.depth > 0"
        f" AND p.organisation IN ({inside})"
        " UNION ALL SELECT o.key, p.name, -1 FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        f" WHERE p.campaign = :campaign AND p.parent = :office AND p.organisation IN ({inside})",
        campaign=scope.campaign_id,
        office=scope.organisation_id,
        **parameters,
    )
    above = sorted((row for row in rows if row["distance"] > 0), key=lambda row: -row["distance"])
    below = sorted((row for row in rows if row["distance"] < 0), key=lambda row: row["key"])
    return _named(above), _named(below)


def _named(rows: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((row["key"], row["name"]) for row in rows)
