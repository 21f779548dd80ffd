"""A volunteer's hours as JSON: every record with its parts, and the sums."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath

from api.kit.records import find
from api.kit.records.data import data_path
from api.kit.records.visits import enter
from core.moments import offset_text
from plugins.volunteer.hours import reading
from plugins.volunteer.hours.facts import Explanation
from plugins.volunteer.records import VIEW, VOLUNTEERS


def _out(each: Explanation) -> dict[str, Any]:
    """An attendance explained, as JSON; ``seconds`` of parts add up to the time from in to out."""
    return {
        "attendance": each.key,
        "shift": each.shift.key,
        "status": each.status,
        "checked_in_at": each.came and offset_text(each.came),
        "checked_out_at": each.went and offset_text(each.went),
        "credited_minutes": each.minutes,
        "counts": each.counts,
        "parts": [
            {"part": part.code, "seconds": part.length.total_seconds(), "words": part.words}
            for part in each.parts
        ],
        "punches": [
            {
                "at": offset_text(step.at),
                "words": f"{step.what}，{step.by}",
                "state": step.state,
                "notes": list(step.notes),
            }
            for step in each.steps
        ],
        "policy": each.policy,
        "decided": each.decided or None,
        "notes": list(each.notes),
    }


@get(f"{data_path(VOLUNTEERS)}/{{key:str}}/hours", opt={"permission": VIEW}, tags=["volunteer"])
async def hours_read(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> dict[str, Any]:
    """Explain a volunteer's hours: each record, then the sums, minutes added before hours."""
    work = await enter(request, campaign, VOLUNTEERS)
    row = await find(work, VOLUNTEERS, key)
    hours = await reading.of_volunteers([row["id"]])
    return {
        "volunteer": row["key"],
        "confirmed_minutes": hours.totals.confirmed,
        "pending_minutes": hours.totals.pending,
        "hours": hours.totals.hours,
        "attendances": [_out(each) for each in hours.explanations],
    }


HOURS: list[Any] = [hours_read]
