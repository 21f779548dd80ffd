"""Opening a figure to its records: what ``measure`` counted, one by one, names masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from core import database, moments, privacy, wording
from core.measures import Contribution, Record, RecordPage, contributions
from core.scopes import Scope
from plugins.volunteer.figures import ATTENDANCES, SOURCES
from plugins.volunteer.watch import NAMED, base


async def figure_records(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """A page of the records under a figure. Two statements."""
    found, following = await contributions(scope, metric, SOURCES, after, limit)
    if not found:
        return RecordPage((), None)
    if metric in ATTENDANCES.sums:
        records = await _attendances(scope, found)
    elif metric == "volunteer.volunteers":
        records = await _volunteers(scope, found)
    else:
        records = await _activities(scope, found)
    return RecordPage(records, following)


def _name(row: dict[str, Any]) -> str:
    return privacy.mask_name(privacy.unseal(row["name_sealed"]))


async def _rows(sql: str, found: Sequence[Contribution]) -> dict[int, dict[str, Any]]:
    rows = await database.fetch(sql, ids=[each.record for each in found])
    return {row["id"]: row for row in rows}


async def _attendances(scope: Scope, found: Sequence[Contribution]) -> list[Record]:
    rows = await _rows(
        f"SELECT a.id, a.key, {NAMED} AS title, h.starts_at, v.name_sealed, o.key AS organisation"
        " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        " JOIN volunteer_person v ON v.id = a.volunteer"
        " JOIN organisation o ON o.id = h.organisation WHERE a.id IN (:ids)",
        found,
    )
    return [
        Record(
            each.record,
            f"{_name(row)}（{row['title']}）",
            row["organisation"],
            each.amount,
            f"{base(scope)}/attendances/{quote(row['key'], safe='')}",
            wording.day(moments.day_of(row["starts_at"])),
        )
        for each in found
        if (row := rows.get(each.record))
    ]


async def _volunteers(scope: Scope, found: Sequence[Contribution]) -> list[Record]:
    rows = await _rows(
        "SELECT v.id, v.key, v.name_sealed, o.key AS organisation FROM volunteer_person v"
        " JOIN organisation o ON o.id = v.organisation WHERE v.id IN (:ids)",
        found,
    )
    return [
        Record(
            each.record,
            f"{_name(row)}（服务{each.amount}次）",
            row["organisation"],
            each.amount,
            f"{base(scope)}/volunteers/{quote(row['key'], safe='')}",
        )
        for each in found
        if (row := rows.get(each.record))
    ]


async def _activities(scope: Scope, found: Sequence[Contribution]) -> list[Record]:
    rows = await _rows(
        "SELECT e.id, e.key, e.title, e.starts_at, o.key AS organisation FROM activity e"
        " JOIN organisation o ON o.id = e.organisation WHERE e.id IN (:ids)",
        found,
    )
    campaign = quote(scope.campaign, safe="")
    return [
        Record(
            each.record,
            f"{row['title']}（{each.amount}人次）",
            row["organisation"],
            each.amount,
            f"/campaigns/{campaign}/activities/{quote(row['key'], safe='')}",
            wording.day(moments.day_of(row["starts_at"])),
        )
        for each in found
        if (row := rows.get(each.record))
    ]
