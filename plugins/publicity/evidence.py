"""From a figure of publicity to the records under it."""

from __future__ import annotations

from typing import Any

from core import database, measures, wording
from core.measures import Record, RecordPage
from core.scopes import Scope
from plugins.publicity import addresses
from plugins.publicity.figures import ITEMS, MATERIALS, SOURCES
from plugins.publicity.rules import MATERIAL_KINDS

_OFFICE = " JOIN organisation o ON o.id = r.organisation"
_ACTIVITY = " LEFT JOIN activity a ON a.id = r.activity"
ITEM_ROWS = (
    "SELECT r.id, r.key, o.key AS organisation, r.published_on AS happened_on, r.kind, r.title,"
    f" r.outlet AS context FROM publicity_item r{_OFFICE} WHERE r.id IN (:ids)"
)
MATERIAL_ROWS = (
    "SELECT r.id, r.key, o.key AS organisation, r.happened_on, r.kind, '' AS title,"
    f" a.title AS context FROM publicity_material r{_OFFICE}{_ACTIVITY} WHERE r.id IN (:ids)"
)
OUTREACH_ROWS = (
    "SELECT r.id, r.key, o.key AS organisation, r.happened_on, '' AS kind, '' AS title,"
    f" a.title AS context FROM publicity_outreach r{_OFFICE}{_ACTIVITY} WHERE r.id IN (:ids)"
)


async def records_under(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """The records that make up a figure, a page of them. Two statements."""
    found, following = await measures.contributions(scope, metric, SOURCES, after, limit)
    if not found:
        return RecordPage([], None)
    resource, statement = _kept(metric)
    rows = {
        row["id"]: row
        for row in await database.fetch(statement, ids=[each.record for each in found])
    }
    records = [
        Record(
            id=each.record,
            label=_label(resource, rows[each.record]),
            organisation=rows[each.record]["organisation"],
            amount=each.amount,
            href=addresses.record(scope.campaign, resource, rows[each.record]["key"]),
            on=wording.day(rows[each.record]["happened_on"]),
        )
        for each in found
    ]
    return RecordPage(records, following)


def _kept(metric: str) -> tuple[str, str]:
    """Which list a metric's records stand in, and the statement that names them."""
    if metric in ITEMS.sums:
        return "items", ITEM_ROWS
    if metric in MATERIALS.sums:
        return "materials", MATERIAL_ROWS
    return "outreach", OUTREACH_ROWS


def _label(resource: str, row: dict[str, Any]) -> str:
    """题目（媒体）, or 横幅（活动）."""
    named = {"items": row["title"], "materials": MATERIAL_KINDS.get(row["kind"], "")}
    label = named.get(resource, "宣传受众")
    if not label:
        return row["context"] or row["key"]
    return f"{label}（{row['context']}）" if row["context"] else label
