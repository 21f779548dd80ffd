"""Settling a conflict in one step.

Nothing posted is changed: a resolution takes new punches, or decides about attendances.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from api.kit.records import Work
from core import audit, campaigns, database, moments
from core.permissions import scope_sql
from core.refusals import Conflict as Clash
from core.refusals import Fault, Refusal
from plugins.volunteer import confirming
from plugins.volunteer.hours.conflicts import OUTCOMES, Clashing, Conflict, find_one
from plugins.volunteer.punching import corrections, punches
from plugins.volunteer.punching.states import Direction
from plugins.volunteer.records import EDIT

PURPOSE = "volunteer.conflicts"
REFUSED_AGAIN = "按这种方式打卡仍然不能记入，请在服务记录里更正，或者选别的处理方式"


async def resolve(work: Work, number: int, resolution: str) -> Conflict:
    """Settle a conflict by one of the resolutions offered.

    Raises Missing, Refusal for one that does not fit, Conflict (of refusals) when it is settled
    already or what it needs clashes with how things stand.
    """
    async with database.transaction():
        await campaigns.touch(work.campaign.id)
        found = await find_one(work, number, EDIT)
        if found.resolution:
            raise Clash.of("resolved", "这条冲突已经处理过了")
        if resolution not in found.offered:
            raise Refusal(Fault("/resolution", "value", "请从列出的处理方式里选"))
        await _carry_out(work, found, resolution)
        await database.execute(
            "UPDATE volunteer_conflict SET resolution = :resolution, resolved_by = :actor,"
            " resolved_at = :now WHERE id = :id",
            id=number,
            resolution=resolution,
            actor=work.actor.name,
            now=moments.now(),
        )
        await audit.record(
            work.actor,
            f"{PURPOSE}.resolved",
            PURPOSE,
            str(number),
            organisation=found.office_id,
            campaign=work.campaign.key,
            after={"kind": found.kind, "resolution": resolution},
        )
        return await find_one(work, number, EDIT)


async def keep_clocks(work: Work) -> int:
    """Settle every open conflict about a clock by keeping the device's time; gives their number.

    A programme that sends a day's punches at once makes one of each of its requests.
    """
    sql, values = scope_sql(work.actor, EDIT)
    async with database.transaction():
        await campaigns.touch(work.campaign.id)
        rows = await database.fetch(
            "UPDATE volunteer_conflict SET resolution = 'device_time', resolved_by = :actor,"
            " resolved_at = :now WHERE campaign = :campaign AND kind = 'clock'"
            f" AND resolution IS NULL AND organisation IN ({sql}) RETURNING id",
            campaign=work.campaign.id,
            actor=work.actor.name,
            now=moments.now(),
            **values,
        )
        if rows:
            await audit.record(
                work.actor,
                f"{PURPOSE}.clocks_kept",
                PURPOSE,
                "",
                organisation=work.campaign.organisation_id,
                campaign=work.campaign.key,
                after={"number": len(rows)},
            )
    return len(rows)


async def _carry_out(work: Work, found: Conflict, resolution: str) -> None:
    """The new punches or decisions of a resolution."""
    punch, other = found.punch, found.other
    reason = f"处理打卡冲突：{found.title}，{OUTCOMES[resolution]}"
    if found.kind == "clock" and resolution == "server_time":
        await _correct(work, punch, punch.row["direction"], punch.row["received_at"], reason)
    elif found.kind == "out_before_in" and resolution == "server_time":
        await _take_again(work, [punch.row], at=punch.row["received_at"])
    elif found.kind == "out_before_in" and resolution == "device_time" and other:
        await _take_again(work, [other.row])
    elif found.kind == "late" and resolution == "device_time" and other:
        await _correct(work, other, "out", punch.row["at"], reason)
    elif found.kind == "two_places" and other:
        await _choose_place(work, found, other, reason, first=resolution == "keep_first")


async def _choose_place(
    work: Work, found: Conflict, other: Clashing, reason: str, *, first: bool
) -> None:
    """One of two places holds. A punch that was refused has made nothing to be taken back."""
    punch = found.punch
    if punch.accepted:
        loser = punch if first else other
        row = loser.row
        await confirming.decide(work, row["shift_key"], "rejected", [loser.attendance])
    elif not first:
        await _correct(work, other, "out", punch.row["at"], reason)
        await _take_again(work, [punch.row, *await _goings_after(punch.row)])


async def _goings_after(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The first going that was refused because the coming was."""
    return await database.fetch(
        "SELECT * FROM volunteer_punch WHERE shift = :shift AND volunteer = :volunteer"
        " AND direction = 'out' AND code = 'not_in' AND at > :at ORDER BY at, id LIMIT 1",
        shift=row["shift"],
        volunteer=row["volunteer"],
        at=row["at"],
    )


async def _correct(
    work: Work, clashing: Clashing, direction: Direction, at: datetime, reason: str
) -> None:
    await corrections.correct(
        work.campaign,
        work.actor,
        clashing.attendance,
        direction=direction,
        at=at,
        reason=reason,
    )


async def _take_again(
    work: Work, rows: Sequence[dict[str, Any]], at: datetime | None = None
) -> None:
    """Take refused punches anew. Raises Conflict when they are refused again."""
    sent = [
        punches.Sent(
            str(uuid4()),
            row["shift_key"],
            row["volunteer_key"],
            row["direction"],
            at or row["at"],
            row["device"],
        )
        for row in rows
    ]
    results = await punches.take(work.campaign, sent, actor=work.actor, source="correction")
    if results[0].result == "refused":
        raise Clash.of(results[0].code or "refused", REFUSED_AGAIN)
    # A coming taken anew finds the going that was refused for want of it: both stand here.
    await database.execute(
        "UPDATE volunteer_conflict SET resolution = 'device_time', resolved_by = :actor,"
        " resolved_at = :now WHERE campaign = :campaign AND kind = 'out_before_in'"
        " AND resolution IS NULL AND punch IN (SELECT id FROM volunteer_punch"
        " WHERE campaign = :campaign AND nonce IN (:nonces))",
        campaign=work.campaign.id,
        actor=work.actor.name,
        now=moments.now(),
        nonces=[sent[0].nonce] if results[-1].result != "refused" else [],
    )
