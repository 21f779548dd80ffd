"""What signing up asks of records that organisers write: what must stay said, and who moves up."""

from __future__ import annotations

from api.kit.records import Batch, Work
from api.kit.records.fields import Row
from core import database
from plugins.volunteer.rules import AWAY
from plugins.volunteer.signing_up import waiting

TOLD = ("place", "risks", "insurance")
STAYS_SAID = "班次已经公开招募，这一项不能空着"


def check_told(batch: Batch) -> None:
    """What the law wants said (志愿服务条例 12, 17) stays said while a shift is published."""
    for index, entry in enumerate(batch.entries):
        if entry.stored is None or entry.stored["recruiting"] != "published":
            continue
        for name in TOLD:
            if name in entry.item and not entry.item[name].strip():
                batch.fail(index, name, "missing", STAYS_SAID)


async def shifts_written(batch: Batch) -> None:
    """More places: whoever waits moves up."""
    grown = [
        entry.stored["id"]
        for entry in batch.changed
        if entry.stored and entry.item["capacity"] > entry.stored["capacity"]
    ]
    await waiting.move_up(batch.work.actor, grown)


async def attendances_written(batch: Batch) -> None:
    """Somebody refused, or put into another shift: whoever waits there moves up."""
    freed = set()
    for entry in batch.changed:
        if entry.stored and entry.stored["status"] not in AWAY:
            elsewhere = entry.item["shift"] != entry.stored["shift"]
            if elsewhere or entry.item["status"] in AWAY:
                freed.add(entry.stored["shift"])
    if not freed:
        return
    rows = await database.fetch(
        "SELECT id FROM volunteer_shift WHERE campaign = :campaign AND key IN (:keys)",
        campaign=batch.work.campaign.id,
        keys=sorted(freed),
    )
    await waiting.move_up(batch.work.actor, [row["id"] for row in rows])


async def attendance_removed(work: Work, row: Row) -> None:
    """Who was taken off the list waits no more; whoever waits moves up."""
    shift = await database.fetch_value(
        "SELECT id FROM volunteer_shift WHERE campaign = :campaign AND key = :key",
        campaign=work.campaign.id,
        key=row["shift"],
    )
    await database.execute(
        "DELETE FROM volunteer_waiting WHERE shift = :shift AND volunteer IN"
        " (SELECT id FROM volunteer_person WHERE campaign = :campaign AND key = :volunteer)",
        shift=shift,
        campaign=work.campaign.id,
        volunteer=row["volunteer"],
    )
    await waiting.move_up(work.actor, [shift])
