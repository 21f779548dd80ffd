"""Campaigns in lists: what somebody may see, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core import database
from core.campaigns import SELECT, Campaign, of_rows
from core.permissions import Actor, campaign_scope_sql

VIEW = "campaign.view"
RUNNING = ("draft", "open", "closing")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which campaigns are asked for; what is None or empty does not narrow.

    Archived ones are found by their state alone. ``office`` is the key of the campaign's own
    office; ``observance`` a key of the catalogue.
    """

    year: int | None = None
    states: tuple[str, ...] = ()
    office: str = ""
    observance: str = ""

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """The conditions in SQL over ``c`` (the campaign) and ``o`` (its office), with values."""
        columns: dict[str, tuple[str, Any]] = {
            "year": ("c.year = :year", self.year),
            "states": ("c.state IN (:states)", self.states or None),
            "office": ("o.key = :office", self.office or None),
            "observance": ("c.observance = :observance", self.observance or None),
        }
        chosen = {name: pair for name, pair in columns.items() if pair[1] is not None}
        conditions = [condition for condition, _ in chosen.values()]
        if not self.states:
            conditions.append("c.state <> 'archived'")
        return conditions, {name: value for name, (_, value) in chosen.items()}


async def listed(
    actor: Actor,
    wanted: Wanted = Wanted(),
    after: tuple[date, int] | None = None,
    limit: int | None = None,
) -> list[Campaign]:
    """Campaigns that an office of the actor's takes part in, the latest first. Two statements.

    ``after`` is the place (first day, id) of the last one of a page.
    """
    scope, parameters = campaign_scope_sql(actor, VIEW)
    conditions, values = wanted.conditions()
    if after is not None:
        conditions.append(
            "(c.starts_on < :after_day OR (c.starts_on = :after_day AND c.id < :after_id))"
        )
        values |= {"after_day": after[0], "after_id": after[1]}
    sql = f"{SELECT} WHERE {' AND '.join([f'c.id IN ({scope})', *conditions])}"
    sql += " ORDER BY c.starts_on DESC, c.id DESC"
    if limit is not None:
        sql, values = f"{sql} LIMIT :limit", {**values, "limit": limit}
    return await of_rows(await database.fetch(sql, **parameters, **values))


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list can be narrowed to: years, and offices as (key, name)."""

    years: tuple[int, ...]
    offices: tuple[tuple[str, str], ...]


async def choices(actor: Actor) -> Choices:
    """The years and offices of the campaigns that the actor may see. One statement."""
    scope, parameters = campaign_scope_sql(actor, VIEW)
    rows = await database.fetch(
        "SELECT DISTINCT c.year, o.key, o.name FROM campaign c"
        f" JOIN organisation o ON o.id = c.organisation WHERE c.id IN ({scope})",
        **parameters,
    )
    return Choices(
        tuple(sorted({row["year"] for row in rows}, reverse=True)),
        tuple(sorted({(row["key"], row["name"]) for row in rows})),
    )
