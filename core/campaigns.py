"""Campaigns: finding one, its title and day, and the scope in which its figures are counted."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import database, live, moments
from core.database.gathered import Gathered
from core.observances import Catalogue
from core.refusals import Missing
from core.scopes import Scope


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it is stored, with its office's key and name."""

    id: int
    key: str
    organisation_id: int
    organisation: str
    organisation_name: str
    observance: str | None
    year: int
    own_title: str | None
    theme: str
    starts_on: date
    ends_on: date
    state: str
    changes: int
    modified_at: datetime
    enabled: tuple[str, ...]

    def title(self, catalogue: Catalogue) -> str:
        """What people call it: 第32次全国助残日, or the title it was given."""
        if self.own_title:
            return self.own_title
        observance = catalogue.get(self.observance) if self.observance else None
        return observance.title(self.year) if observance else self.key

    def edition(self, catalogue: Catalogue) -> int | None:
        """Which time the observance is held, where that is counted."""
        observance = catalogue.get(self.observance) if self.observance else None
        return observance.edition(self.year) if observance else None

    def day(self, catalogue: Catalogue) -> date | None:
        """The observance's day; None for a campaign of no observance."""
        observance = catalogue.get(self.observance) if self.observance else None
        return observance.date(self.year) if observance else None


COLUMNS = (
    "c.id, c.key, c.organisation AS organisation_id, o.key AS organisation,"
    " COALESCE(p.name, o.name) AS organisation_name, c.observance, c.year, c.title AS own_title,"
    " c.theme, c.starts_on, c.ends_on, c.state, c.changes, c.modified_at"
)
SOURCE = (
    "campaign c JOIN organisation o ON o.id = c.organisation"
    " LEFT JOIN campaign_participant p ON p.campaign = c.id AND p.organisation = c.organisation"
)
SELECT = f"SELECT {COLUMNS} FROM {SOURCE}"


async def of_rows(rows: list[dict[str, Any]]) -> list[Campaign]:
    """Rows of SELECT as campaigns, with their plugins: one more statement for all of them."""
    enabled: dict[int, list[str]] = {row["id"]: [] for row in rows}
    for row in await database.fetch(
        "SELECT campaign, plugin FROM campaign_plugin WHERE campaign IN (:ids)", ids=list(enabled)
    ):
        enabled[row["campaign"]].append(row["plugin"])
    return [Campaign(**row, enabled=tuple(sorted(enabled[row["id"]]))) for row in rows]


async def find(key: str) -> Campaign:
    """The campaign of that key. Raises Missing."""
    found = await _by_key.ask(key)
    if found is None:
        raise Missing(f"没有编号为“{key}”的活动")
    return found


async def _of_keys(keys: Sequence[str]) -> dict[str, Campaign]:
    """Campaigns by key. One statement: a row a plugin."""
    rows = await database.fetch(
        f"SELECT {COLUMNS}, x.plugin FROM {SOURCE}"
        " LEFT JOIN campaign_plugin x ON x.campaign = c.id"
        " WHERE c.key IN (:keys) ORDER BY x.plugin",
        keys=keys,
    )
    enabled: dict[str, list[str]] = {}
    columns: dict[str, database.Row] = {}
    for row in rows:
        plugin = row.pop("plugin")
        columns[row["key"]] = row
        enabled.setdefault(row["key"], []).extend([plugin] if plugin else [])
    return {
        key: Campaign(**row, enabled=tuple(sorted(enabled[key]))) for key, row in columns.items()
    }


_by_key = Gathered(_of_keys)


async def scope(campaign: Campaign, organisation: str | None = None) -> Scope:
    """The campaign seen from its own office, or from one below. Raises Missing."""
    if organisation is None:
        return Scope(campaign.id, campaign.key, campaign.organisation_id, campaign.organisation)
    number = await database.fetch_value(
        "SELECT o.id FROM campaign_participant p JOIN organisation o ON o.id = p.organisation"
        " WHERE p.campaign = :campaign AND o.key = :key",
        campaign=campaign.id,
        key=organisation,
    )
    if number is None:
        raise Missing(f"活动“{campaign.key}”里没有编号为“{organisation}”的机构")
    return Scope(campaign.id, campaign.key, number, organisation)


async def touch(campaign_id: int) -> str:
    """Count a change of the campaign, so that nothing shows what was computed before it.

    Every write to what belongs to a campaign calls it, in its own transaction. Whoever looks at the
    campaign is told once that is committed (core/live.py). Other writers wait from here on: gives
    the campaign's state, which nobody can change any more before the commit.
    """
    state: str = await database.fetch_value(
        f"UPDATE campaign SET changes = changes + 1, modified_at = {moments.LATER}"
        " WHERE id = :campaign RETURNING state",
        now=moments.now(),
        campaign=campaign_id,
    )
    await live.changed(campaign_id)
    return state


async def revision(campaign_id: int) -> tuple[Hashable, ...]:
    """What tells one state of a campaign's records from every other. One statement.

    The moment stands beside the counter for a database that was put back to an earlier state.
    """
    row = await database.fetch_one(
        "SELECT changes, modified_at FROM campaign WHERE id = :campaign", campaign=campaign_id
    )
    return tuple((row or {}).values())


async def revision_of_all(campaign_id: int) -> tuple[Hashable, ...]:
    """The same of whatever belongs to any campaign at all. One statement."""
    row = await database.fetch_one(
        "SELECT changes, modified_at, (SELECT COUNT(*) FROM campaign) AS campaigns,"
        " (SELECT SUM(changes) FROM campaign) AS all_changes,"
        " (SELECT MAX(modified_at) FROM campaign) AS last"
        " FROM campaign WHERE id = :campaign",
        campaign=campaign_id,
    )
    return tuple((row or {}).values())
