"""Opening a figure to its records: what ``measure`` counted, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from core import database, privacy, wording
from core.measures import Contribution, Record, RecordPage, contributions
from core.scopes import Scope
from plugins.condolence.figures import GOODS, LINES, SOURCES
from plugins.condolence.rules import PERSONAL
from plugins.condolence.watch import base

OF_LINE = (
    " JOIN condolence_round r ON r.id = l.round JOIN condolence_recipient p ON p.id = l.recipient"
    " JOIN organisation o ON o.id = r.organisation"
)
COLUMNS = (
    "r.key AS round, r.occasion, r.visited_on, p.key AS recipient, p.kind, p.name_sealed,"
    " o.key AS organisation"
)


async def figure_records(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """A page of the records under a figure; names are masked. Three statements."""
    found, following = await contributions(scope, metric, SOURCES, after, limit)
    if not found:
        return RecordPage((), None)
    if metric in GOODS.sums:
        records = await _goods(scope, found)
    elif metric in LINES.subjects:
        records = await _recipients(scope, found)
    else:
        records = await _lines(scope, found)
    return RecordPage(records, following)


def _name(row: dict[str, Any]) -> str:
    name = privacy.unseal(row["name_sealed"])
    return privacy.mask_name(name) if row["kind"] in PERSONAL else name


def _line_href(scope: Scope, row: dict[str, Any]) -> str:
    return f"{base(scope)}/lines/{quote(row['round'], safe='')}~{quote(row['recipient'], safe='')}"


async def _rows(sql: str, found: Sequence[Contribution]) -> dict[int, dict[str, Any]]:
    rows = await database.fetch(sql, ids=[each.record for each in found])
    return {row["id"]: row for row in rows}


async def _lines(scope: Scope, found: Sequence[Contribution]) -> list[Record]:
    rows = await _rows(
        f"SELECT l.id, {COLUMNS} FROM condolence_line l{OF_LINE} WHERE l.id IN (:ids)", found
    )
    return [
        Record(
            each.record,
            f"{_name(row)}（{row['occasion']}）",
            row["organisation"],
            each.amount,
            _line_href(scope, row),
            wording.day(row["visited_on"]),
        )
        for each in found
        if (row := rows.get(each.record))
    ]


async def _goods(scope: Scope, found: Sequence[Contribution]) -> list[Record]:
    rows = await _rows(
        f"SELECT g.id, g.item, g.quantity, g.unit, {COLUMNS} FROM condolence_goods g"
        f" JOIN condolence_line l ON l.id = g.line{OF_LINE} WHERE g.id IN (:ids)",
        found,
    )
    return [
        Record(
            each.record,
            f"{row['item']}{row['quantity']}{row['unit']}（{_name(row)}）",
            row["organisation"],
            each.amount,
            _line_href(scope, row),
            wording.day(row["visited_on"]),
        )
        for each in found
        if (row := rows.get(each.record))
    ]


async def _recipients(scope: Scope, found: Sequence[Contribution]) -> list[Record]:
    rows = await _rows(
        "SELECT p.id, p.key AS recipient, p.kind, p.name_sealed, o.key AS organisation"
        " FROM condolence_recipient p JOIN organisation o ON o.id = p.organisation"
        " WHERE p.id IN (:ids)",
        found,
    )
    return [
        Record(
            each.record,
            f"{_name(row)}（走访{each.amount}次）",
            row["organisation"],
            each.amount,
            f"{base(scope)}/recipients/{quote(row['recipient'], safe='')}",
        )
        for each in found
        if (row := rows.get(each.record))
    ]
