"""Who may confirm: time counts once somebody else than who wrote it down has looked at it."""

from __future__ import annotations

from api.kit.records import Batch, Work
from api.kit.records.fields import Row
from api.kit.records.revisions import differs
from core import database
from core.permissions import may, scope_sql
from plugins.volunteer.rules import COUNTED

CONFIRM = "volunteer.confirm"
MAY_NOT_CONFIRM = "您登记的记录要由审核人或组织者确认，请选“待确认”"
MAY_NOT_CHANGE = "已确认的记录只有审核人或组织者能改"
MAY_NOT_REMOVE = "已确认的记录只有审核人或组织者能删除"


async def may_remove(work: Work, row: Row) -> str:
    """A confirmed record is removed only by those who may confirm; answers why not."""
    if row["status"] != COUNTED or await may(work.actor, CONFIRM, row["office"]):
        return ""
    return MAY_NOT_REMOVE


async def check_confirming(batch: Batch) -> None:
    """What counts is confirmed, and changed afterwards, only by those who may. One statement."""
    names = ("shift", "volunteer", "checked_in_at", "checked_out_at", "status")
    concerned = [
        (index, entry, MAY_NOT_CHANGE if stored == COUNTED else MAY_NOT_CONFIRM)
        for index, entry in enumerate(batch.entries)
        if COUNTED in (entry.item.get("status"), stored := (entry.stored or {}).get("status"))
        and differs(entry.stored, entry.item, names)
    ]
    if not concerned or batch.work.actor.via == "system":
        return
    sql, values = scope_sql(batch.work.actor, CONFIRM)
    allowed = {row["descendant"] for row in await database.fetch(sql, **values)}
    for index, entry, sentence in concerned:
        offices = {entry.office, *([entry.stored["office"]] if entry.stored else [])}
        if not offices - {None} <= allowed:
            batch.fail(index, "status", "forbidden", sentence)
