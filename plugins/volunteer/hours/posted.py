"""Times that were punched are corrected with a reason, never written over."""

from __future__ import annotations

from api.kit.records import Batch
from api.kit.records.revisions import differs
from core import database
from plugins.volunteer.overlaps import narrowed

TIMES = ("checked_in_at", "checked_out_at")
CORRECT = "这是打卡留下的时间，请在这条记录的“时长说明”里更正，写明理由"
STAYS = "这条记录有打卡，不能换成别的志愿者或班次"


async def check_posted(batch: Batch) -> None:
    """Report a change of what punches say. One statement, if any."""
    changed = {
        entry.stored["id"]: (index, entry)
        for index, entry in enumerate(batch.entries)
        if entry.stored and differs(entry.stored, entry.item, (*TIMES, "volunteer", "shift"))
    }
    if not changed:
        return
    condition, values = narrowed("attendance", set(changed))
    rows = await database.fetch(
        "SELECT DISTINCT attendance, direction FROM volunteer_punch WHERE campaign = :campaign"
        f" AND result = 'accepted' AND attendance IS NOT NULL{condition}",
        campaign=batch.work.campaign.id,
        **values,
    )
    for row in rows:
        index, entry = changed.get(row["attendance"], (0, None))
        if entry is None or entry.stored is None:
            continue
        name = TIMES[0] if row["direction"] == "in" else TIMES[1]
        if differs(entry.stored, entry.item, (name,)):
            batch.fail(index, name, "posted", CORRECT)
        for pointing in ("volunteer", "shift"):
            if differs(entry.stored, entry.item, (pointing,)):
                batch.fail(index, pointing, "posted", STAYS)
