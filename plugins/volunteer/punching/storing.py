"""Writing what a batch of punches came to: one statement a table, whatever the number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from core import audit, database
from core.campaigns import Campaign
from core.database.inserting import insert_many
from core.database.side_by_side import meanwhile
from core.database.updating import update_many
from core.tables import KEY_LENGTH
from plugins.volunteer.punching.judging import Judged, Judgement, Matter
from plugins.volunteer.punching.reading import Person
from plugins.volunteer.punching.states import POLICY, Stay

# Columns of an attendance that punches decide.
STAY_TYPES = {
    "checked_in_at": "timestamptz",
    "checked_out_at": "timestamptz",
    "status": "text",
    "credited_minutes": "integer",
    "policy": "text",
    "closed_by_itself": "boolean",
}
# What was decided about an attendance was decided about other times.
UNDECIDED = "decided_by = NULL, decided_at = NULL"
Place = tuple[Person, tuple[int, int]]


async def store(campaign: Campaign, judgement: Judgement) -> None:
    """Attendances, punches, what somebody has to look at, and the log."""
    volunteers = {
        (each.person, each.stay.place): each.volunteer.id
        for each in judgement.judged
        if each.person and each.stay and each.volunteer
    }
    ids, rows = await meanwhile(
        _store_stays(campaign.id, judgement.changed, volunteers),
        lambda: [_punch(campaign.id, each, judgement.now) for each in judgement.judged],
    )
    for row in rows:
        row["attendance"] = ids[row["attendance_key"]] if row["attendance_key"] else None
    _, deeds = await meanwhile(
        insert_many("volunteer_punch", rows), lambda: _deeds(campaign, judgement.judged)
    )
    await _store_matters(campaign.id, judgement, ids)
    await audit.record_all(deeds)


def stay_columns(stay: Stay) -> dict[str, Any]:
    """The columns of an attendance that punches decide."""
    return {
        "checked_in_at": stay.came,
        "checked_out_at": stay.went,
        "status": stay.status,
        "credited_minutes": stay.minutes,
        "policy": POLICY if stay.went else "",
        "closed_by_itself": stay.by_itself,
    }


async def update_stays(stays: Iterable[Stay]) -> None:
    """Write attendances that exist. One statement."""
    rows = [{**stay_columns(stay), "id": stay.id} for stay in stays]
    await update_many("volunteer_attendance", STAY_TYPES, rows, UNDECIDED)


async def _store_stays(
    campaign_id: int, changed: dict[Place, Stay], volunteers: dict[Place, int]
) -> dict[str, int]:
    """Write attendances; gives their ids by key. Three statements at most."""
    await update_stays(stay for stay in changed.values() if stay.id is not None)
    ids = {stay.key: stay.id for stay in changed.values() if stay.id is not None}
    new = {place: stay for place, stay in changed.items() if stay.id is None}
    await insert_many(
        "volunteer_attendance",
        [
            {
                **stay_columns(stay),
                "campaign": campaign_id,
                "key": stay.key,
                "shift": stay.shift.id,
                "volunteer": volunteers[place],
                "ordinal": stay.ordinal,
            }
            for place, stay in new.items()
        ],
    )
    if new:
        rows = await database.fetch(
            "SELECT id, key FROM volunteer_attendance"
            " WHERE campaign = :campaign AND key IN (:keys)",
            campaign=campaign_id,
            keys=[stay.key for stay in new.values()],
        )
        ids.update({row["key"]: row["id"] for row in rows})
    return ids


def _punch(campaign_id: int, judged: Judged, received_at: datetime) -> dict[str, Any]:
    """A row; the attendance's id is not known yet."""
    sent, result = judged.sent, judged.result
    return {
        "campaign": campaign_id,
        "nonce": sent.nonce,
        "shift_key": sent.shift[:KEY_LENGTH],
        "volunteer_key": sent.volunteer[:KEY_LENGTH],
        "shift": judged.shift.times.id if judged.shift else None,
        "volunteer": judged.volunteer.id if judged.volunteer else None,
        "attendance": None,
        "attendance_key": result.attendance,
        "direction": sent.direction,
        "at": sent.at,
        "received_at": received_at,
        "device": sent.device,
        "source": judged.sending.source,
        "actor": judged.sending.actor.name,
        "result": result.result,
        "code": judged.code,
        "corrects": None,
        "reason": "",
    }


async def _store_matters(campaign_id: int, judgement: Judgement, ids: dict[str, int]) -> None:
    """Three statements at most."""
    found = [(each, matter) for each in judgement.judged for matter in each.matters]
    if not found:
        return
    punches = {
        row["nonce"]: row["id"]
        for row in await database.fetch(
            "SELECT id, nonce FROM volunteer_punch"
            " WHERE campaign = :campaign AND nonce IN (:nonces)",
            campaign=campaign_id,
            nonces=[each.sent.nonce for each, _ in found],
        )
    }
    stays = [matter.stay for _, matter in found if matter.stay]
    others = await _last_punches(stay.id or ids[stay.key] for stay in stays)
    await insert_many(
        "volunteer_conflict",
        [
            {
                "campaign": campaign_id,
                "kind": matter.kind,
                "punch": punches[each.sent.nonce],
                "other": _other(matter, ids, others),
                "organisation": each.shift.organisation,
                "made_at": judgement.now,
            }
            for each, matter in found
            if each.shift
        ],
    )


async def _last_punches(ids: Iterable[int]) -> dict[int, int]:
    """The last punch that made each attendance what it is, by the attendance's id."""
    asked = sorted(set(ids))
    if not asked:
        return {}
    rows = await database.fetch(
        "SELECT attendance, MAX(id) AS punch FROM volunteer_punch"
        " WHERE attendance IN (:ids) AND result = 'accepted' GROUP BY attendance",
        ids=asked,
    )
    return {row["attendance"]: row["punch"] for row in rows}


def _other(matter: Matter, ids: dict[str, int], others: dict[int, int]) -> int | None:
    if matter.stay is None:
        return matter.punch
    return others.get(matter.stay.id or ids[matter.stay.key])


def _deeds(campaign: Campaign, judged: Sequence[Judged]) -> list[audit.Deed]:
    """One entry a request: the punches themselves are kept for ever."""
    requests: dict[int, list[Judged]] = {}
    for each in judged:
        requests.setdefault(id(each.sending), []).append(each)
    return [_deed(campaign, own) for own in requests.values()]


def _deed(campaign: Campaign, judged: Sequence[Judged]) -> audit.Deed:
    sending = judged[0].sending
    offices = {each.shift.organisation for each in judged if each.shift}
    accepted = sum(each.code is None for each in judged)
    return audit.Deed(
        sending.actor,
        "volunteer.punches.taken",
        "volunteer.punches",
        judged[0].sent.nonce,
        organisation=offices.pop() if len(offices) == 1 else campaign.organisation_id,
        campaign=campaign.key,
        after={"source": sending.source, "accepted": accepted, "refused": len(judged) - accepted},
    )
