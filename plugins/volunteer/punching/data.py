"""Punches as JSON, for programmes and devices that queue them while they are offline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, post
from litestar.params import FromPath, JSONBody

from api.kit.guards import current_actor, require_in_campaign
from api.kit.problems import NotFound, Problem
from core import campaigns, moments
from core.refusals import Fault
from plugins.volunteer.punching import punches
from plugins.volunteer.punching.states import Direction
from plugins.volunteer.punching.taken import PUNCH, Result, Sent

PATH = "/api/v1/campaigns/{campaign:str}/volunteer/punches"
MOST = 500
DEVICE_TIME = "x-device-time"
BAD_DEVICE_TIME = "X-Device-Time 要写成 2026-05-17T08:00:00+08:00 的样子"
# What databases keep, with room for every offset.
FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)

# Whatever a scanner reads comes along and is refused by itself: it never blocks the rest.
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Device = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Nonce = Annotated[
    str,
    msgspec.Meta(
        # ``$`` lets a line's end pass, and the column holds no more.
        max_length=36,
        pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        extra_json_schema={"format": "uuid"},
    ),
]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class PunchIn(msgspec.Struct, forbid_unknown_fields=True):
    """A coming or going by the device's clock; ``nonce`` tells a repeat from another."""

    nonce: Nonce
    shift: Text
    volunteer: Text
    direction: Direction
    at: Moment
    device: Device = ""


class PunchesIn(msgspec.Struct, forbid_unknown_fields=True):
    """1 to 500 punches."""

    punches: list[PunchIn]


class PunchOut(msgspec.Struct):
    """What became of a punch. A repeat is answered with its first result."""

    nonce: str
    result: Literal["accepted", "repeat", "refused"]
    code: str | None
    attendance: str | None


class PunchesOut(msgspec.Struct):
    """A result for each punch, in the order sent."""

    results: list[PunchOut]


def results_out(given: PunchesIn, results: Sequence[Result]) -> PunchesOut:
    """Results as the API gives them: each nonce as it was written."""
    return PunchesOut(
        [
            PunchOut(each.nonce, result.result, result.code, result.attendance)
            for each, result in zip(given.punches, results, strict=True)
        ]
    )


def sent_of(given: PunchesIn) -> list[Sent]:
    """The punches of a body. Raises Problem with every fault."""
    if not 1 <= len(given.punches) <= MOST:
        raise Problem(422, errors=[Fault("/punches", "value", f"一次要有 1 到 {MOST} 条")])
    faults = [
        Fault(f"/punches/{index}/at", "value", "时间超出了范围")
        for index, each in enumerate(given.punches)
        if not FIRST <= each.at <= LAST
    ]
    if faults:
        raise Problem(422, errors=faults)
    return [
        Sent(
            each.nonce.lower(),
            each.shift,
            each.volunteer,
            each.direction,
            each.at.astimezone(UTC),
            each.device,
        )
        for each in given.punches
    ]


def skew_of(request: Request[Any, Any, Any]) -> timedelta | None:
    """How far the device's clock is ahead, where it says what time it has. Raises Problem 422."""
    text = request.headers.get(DEVICE_TIME)
    if text is None:
        return None
    try:
        device = datetime.fromisoformat(text)
        if device.tzinfo is not None and FIRST <= device <= LAST:
            return device - moments.now()
    except ValueError:
        pass
    raise Problem(422, errors=[Fault("", "value", BAD_DEVICE_TIME)])


@post(PATH, opt={"permission": PUNCH}, tags=["volunteer"], status_code=200, summary="签到签退")
async def take_punches(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[PunchesIn]
) -> PunchesOut:
    """Record comings and goings. Accepted means committed; a refused one never blocks others.

    A device that sends later than it took them says what time it has now in ``X-Device-Time``;
    without it a time more than five minutes off is put before somebody, since the clock may be.
    """
    actor = current_actor(request)
    found = await campaigns.find(campaign)
    await require_in_campaign(actor, PUNCH, found.id)
    if "volunteer" not in found.enabled:
        raise NotFound
    sent = sent_of(data)
    results = await punches.take(
        found, sent, actor=actor, source="programme", skew=skew_of(request)
    )
    return results_out(data, results)


ROUTES: list[Any] = [take_punches]
