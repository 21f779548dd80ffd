"""Who may confirm: time counts once somebody else than who wrote it down has looked at it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from api.kit.records import Batch, Entry, Work
from api.kit.records.fields import Row
from api.kit.records.revisions import differs
from core import database, moments
from core.permissions import Actor, may, scope_sql
from plugins.volunteer.overlaps import narrowed
from plugins.volunteer.rules import COUNTED

CONFIRM = "volunteer.confirm"
SELF = "volunteer.self"
MAY_NOT_CONFIRM = "您登记的记录要由审核人或组织者确认，请选“待确认”"
MAY_NOT_CHANGE = "已确认的记录只有审核人或组织者能改"
MAY_NOT_REMOVE = "已确认的记录只有审核人或组织者能删除"
DECIDED = frozenset({COUNTED, "rejected"})
OWN_HOURS = "自己的服务时长要由别人确认"
OWN_CORRECTION = "您更正过的记录要由别人确认"


async def may_remove(work: Work, row: Row) -> str:
    """A confirmed record is removed only by those who may confirm; answers why not."""
    if row["status"] != COUNTED or await may(work.actor, CONFIRM, row["office"]):
        return ""
    return MAY_NOT_REMOVE


async def owns(actor: Actor, volunteer: int) -> bool:
    """Whether the actor's account is the volunteer's (id) own."""
    found = await database.fetch_value(
        "SELECT 1 FROM volunteer_person v JOIN volunteer_profile f ON f.id = v.profile"
        " WHERE v.id = :volunteer AND f.account = :account",
        volunteer=volunteer,
        account=actor.account_id,
    )
    return found is not None


async def barred(actor: Actor, campaign: int, attendances: Collection[int]) -> dict[int, str]:
    """Of attendances (ids) those that the actor may not confirm, with the sentence why.

    Time is confirmed by somebody other than the volunteer, and a correction by somebody other than
    who made it. Who only took the punches may confirm: a village office has nobody else, and one
    hand for everything is a flag. Two statements at most.
    """
    if actor.via == "system" or not attendances:
        return {}
    asked = set(attendances)
    condition, values = narrowed("p.attendance", asked)
    punched = await database.fetch(
        "SELECT DISTINCT p.attendance AS id FROM volunteer_punch p WHERE p.campaign = :campaign"
        f" AND p.actor = :actor AND p.result = 'accepted' AND p.source = 'correction'{condition}",
        campaign=campaign,
        actor=actor.name,
        **values,
    )
    found = {row["id"]: OWN_CORRECTION for row in punched if row["id"] in asked}
    if actor.account_id is not None:
        condition, values = narrowed("a.id", asked)
        own = await database.fetch(
            "SELECT a.id FROM volunteer_attendance a JOIN volunteer_person v ON v.id = a.volunteer"
            " JOIN volunteer_profile f ON f.id = v.profile"
            f" WHERE a.campaign = :campaign AND f.account = :account{condition}",
            campaign=campaign,
            account=actor.account_id,
            **values,
        )
        found |= {row["id"]: OWN_HOURS for row in own if row["id"] in asked}
    return found


async def check_confirming(batch: Batch) -> None:
    """What counts is confirmed, and changed afterwards, only by those who may.

    Three statements at most.
    """
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
    await _check_own(batch, [(index, entry) for index, entry, _ in concerned])


async def _check_own(batch: Batch, concerned: Sequence[tuple[int, Entry]]) -> None:
    """Nobody confirms by a form what he may not confirm by the button."""
    confirmed = {
        entry.stored["id"]: index
        for index, entry in concerned
        if entry.stored and entry.item.get("status") == COUNTED
    }
    work = batch.work
    for attendance, sentence in (await barred(work.actor, work.campaign.id, confirmed)).items():
        batch.fail(confirmed[attendance], "status", "forbidden", sentence)


async def note_decisions(batch: Batch) -> None:
    """Keep who confirmed or refused by a form, and when. One statement, if any."""
    names = ("shift", "volunteer", "checked_in_at", "checked_out_at", "status")
    decided = []
    for entry in batch.entries:
        if entry.stored and not differs(entry.stored, entry.item, names):
            continue
        done = entry.item.get("status") in DECIDED
        if not done and (entry.stored or {}).get("status") not in DECIDED:
            continue
        decided.append(
            {
                "id": entry.id,
                "actor": batch.work.actor.name if done else None,
                "now": moments.now() if done else None,
            }
        )
    await database.execute_many(
        "UPDATE volunteer_attendance SET decided_by = :actor, decided_at = :now WHERE id = :id",
        decided,
    )
