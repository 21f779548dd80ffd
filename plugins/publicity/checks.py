"""What somebody should look at among publicity's records, as SQL that lists and findings share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import database
from core.measures import IN_SCOPE
from core.scopes import Scope


@dataclass(frozen=True, slots=True)
class Check:
    """Something that may be wrong with an item.

    ``words`` say it in a list, ``sentence`` after 某单位有3条报道. ``condition`` is SQL over
    ``{item}``, ``{original}`` (which may be absent) and ``{campaign}``.
    """

    code: str
    words: str
    sentence: str
    condition: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """How many records of an office show something; ``key`` and ``label`` are one's of them."""

    organisation: str
    office: str
    count: int
    key: str
    label: str


CHECKS = (
    Check(
        "publicity_without_outlet",
        "没有媒体名称",
        "没有写明媒体，请补上",
        "TRIM({item}.outlet) = ''",
    ),
    Check(
        "publicity_without_url",
        "没有网址",
        "没有网址，请补上，便于核对",
        "TRIM(COALESCE({item}.url, '')) = ''",
    ),
    Check(
        "publicity_outside_window",
        "不在活动期间",
        "的刊发日期不在活动期间，请核对日期",
        "({item}.published_on < {campaign}.starts_on OR {item}.published_on > {campaign}.ends_on)",
    ),
    Check(
        "publicity_reprint_too_early",
        "早于原报道",
        "的刊发日期早于原报道，请核对日期和转载关系",
        "({original}.id IS NOT NULL AND {item}.published_on < {original}.published_on)",
    ),
)
MARK = "、"
# What an item is called by: its title, else its outlet, else its key.
CALLED = "COALESCE(NULLIF(TRIM(i.title), ''), NULLIF(TRIM(i.outlet), ''), i.key)"
OUTSIDE = "(r.happened_on < c.starts_on OR r.happened_on > c.ends_on)"


def words_sql(item: str, original: str, campaign: str) -> str:
    """SQL that says of an item all that may be wrong, each with MARK behind it."""
    parts = (
        f"CASE WHEN {each.condition.format(item=item, original=original, campaign=campaign)}"
        f" THEN '{each.words}{MARK}' ELSE '' END"
        for each in CHECKS
    )
    return " || ".join(parts)


async def items(scope: Scope) -> list[tuple[Check, Noticed]]:
    """Items that show something, counted by office and check. One statement."""
    columns = []
    for number, each in enumerate(CHECKS):
        found = each.condition.format(item="i", original="original", campaign="c")
        columns += [
            f"SUM(CASE WHEN {found} THEN 1 ELSE 0 END) AS count_{number}",
            f"MIN(CASE WHEN {found} THEN i.key END) AS key_{number}",
            f"MIN(CASE WHEN {found} THEN {CALLED} END) AS label_{number}",
        ]
    rows = await database.fetch(
        f"SELECT o.key AS organisation, p.name AS office, {', '.join(columns)}"
        " FROM publicity_item i JOIN campaign c ON c.id = i.campaign"
        " LEFT JOIN publicity_item original ON original.id = i.reprint_of"
        " JOIN organisation o ON o.id = i.organisation JOIN campaign_participant p"
        " ON p.campaign = i.campaign AND p.organisation = i.organisation"
        f" WHERE i.campaign = :campaign AND i.organisation IN ({IN_SCOPE})"
        " GROUP BY o.key, p.name ORDER BY o.key",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    return [
        (each, _noticed(row, f"_{number}"))
        for row in rows
        for number, each in enumerate(CHECKS)
        if row[f"count_{number}"]
    ]


async def outside(scope: Scope, table: str) -> list[Noticed]:
    """Materials or outreach (by their table) of days that the campaign does not have."""
    rows: Sequence[dict[str, Any]] = await database.fetch(
        "SELECT o.key AS organisation, p.name AS office, COUNT(*) AS count, MIN(r.key) AS key,"
        f" '' AS label FROM {table} r JOIN campaign c ON c.id = r.campaign"
        " JOIN organisation o ON o.id = r.organisation JOIN campaign_participant p"
        " ON p.campaign = r.campaign AND p.organisation = r.organisation"
        f" WHERE r.campaign = :campaign AND r.organisation IN ({IN_SCOPE}) AND {OUTSIDE}"
        " GROUP BY o.key, p.name ORDER BY o.key",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    return [_noticed(row, "") for row in rows]


def _noticed(row: dict[str, Any], suffix: str) -> Noticed:
    return Noticed(
        row["organisation"],
        row["office"],
        int(row[f"count{suffix}"]),
        row[f"key{suffix}"],
        row[f"label{suffix}"] or row[f"key{suffix}"],
    )
