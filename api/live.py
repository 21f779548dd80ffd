"""A campaign as it goes on: a stream of events that tells each change, and who is on duty now.

One stream serves a page until it is closed, the session ends, the rights are gone or the server
stops; browsers then ask again by themselves. It tells that something has changed and a few counts,
never what: that is read from where it is read without a stream.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from litestar import Request, get
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from api.kit.campaign_pages import process_of
from api.kit.guards import current_actor
from api.kit.problems import NotFound, Problem
from api.kit.requests import session_token
from core import campaign_access, campaigns, database, live, live_counts, moments, sessions
from core.campaigns import Campaign
from core.live import Watch
from core.permissions import Actor
from core.plugins import Plugins
from core.refusals import Missing
from core.scopes import Scope

PERMISSION = "campaign.view"
HEADERS = {"X-Accel-Buffering": "no"}  # nginx would keep events back until a buffer is full
FULL = "实时更新的连接太多，请过一会儿再试。页面上的数字可以点“刷新”更新。"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: the least time between two events, and how long a stream may be silent.

    As often as that it is asked again whether the reader may still read.
    """

    gap: float = 1.0
    silence: float = 15.0


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, what he showed for it, and what he reads."""

    actor: Actor
    token: str
    campaign: Campaign
    organisation: str
    scope: Scope

    async def may_still(self) -> bool:
        """Whether the session or token is still good, and the office still in its reach."""
        now = moments.now()
        bearer = self.actor.via == "token"
        resolve = sessions.resolve_token if bearer else sessions.resolve_session
        actor = await resolve(self.token, now, noted=False)
        if actor is None:
            return False
        try:
            chosen = self.organisation or None
            view = await campaign_access.view(actor, self.campaign, PERMISSION, chosen)
        except Missing:
            return False
        return view.scope == self.scope


class Readings:
    """What was counted last of each scope, so that many readers of one cost as much as one."""

    MOST = 500

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._known: dict[tuple[int, int], tuple[int, str]] = {}

    async def read(self, scope: Scope, plugins: Plugins) -> str:
        """The campaign's count of changes and the counts of the scope, as JSON."""
        async with self._turn:
            row = await database.fetch_one(
                "SELECT changes FROM campaign WHERE id = :id", id=scope.campaign_id
            )
            changes = row["changes"] if row else 0
            place = scope.campaign_id, scope.organisation_id
            known = self._known.pop(place, None)
            if known is None or known[0] != changes:
                known = changes, await self._counted(scope, plugins, changes)
            self._known[place] = known
            while len(self._known) > self.MOST:
                del self._known[next(iter(self._known))]
            return known[1]

    async def _counted(self, scope: Scope, plugins: Plugins, changes: int) -> str:
        campaign = await campaigns.find(scope.campaign)
        counts = await live_counts.read(scope, plugins, campaign.enabled)
        told = {
            "changes": changes,
            "at": moments.offset_text(moments.now()),
            "counts": [asdict(count) for count in counts],
        }
        return json.dumps(told, ensure_ascii=False)


@get(
    "/api/v1/campaigns/{campaign:str}/live",
    opt={"permission": PERMISSION},
    media_type="text/event-stream",
    tags=["campaigns"],
    summary="Follow a campaign",
)
async def follow(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Stream:
    """Tell, as server-sent events, how often the campaign has changed and what is going on in it.

    An event ``changed`` comes at once and after every change, at most one a second; its data are
    ``changes``, ``at`` and ``counts`` (key, label, value, unit) at the office, by default the
    topmost of the asker's.
    """
    process = process_of(request)
    watch = live.watch()
    if watch is not None and len(watch) >= process.settings.live_streams:
        raise Problem(503, "too_many_streams", FULL, again_after=60)
    reader = await _reader(request, campaign, organisation)
    readings = _readings(request.app.state, watch)
    pace = request.app.state.get("live_pace", Pace())
    events = _events(reader, watch, readings, process.plugins, pace)
    return Stream(events, media_type="text/event-stream", headers=HEADERS)


def _readings(state: State, watch: Watch | None) -> Readings:
    """What was counted since the process began to watch."""
    if state.get("live_readings", (None, None))[0] is not watch or watch is None:
        state["live_readings"] = watch, Readings()
    found: Readings = state["live_readings"][1]
    return found


async def _reader(request: Request[Any, Any, Any], key: str, organisation: str) -> Reader:
    actor = current_actor(request)
    campaign = await campaigns.find(key)
    try:
        view = await campaign_access.view(actor, campaign, PERMISSION, organisation or None)
    except Missing as missing:
        raise NotFound(f"{str(missing) or f'没有编号为“{key}”的活动'}。") from None
    shown = session_token(request)
    if shown is None:
        shown = request.headers.get("authorization", "").partition(" ")[2].strip()
    return Reader(actor, shown, campaign, organisation, view.scope)


async def _events(
    reader: Reader, watch: Watch | None, readings: Readings, plugins: Plugins, pace: Pace
) -> AsyncIterator[str]:
    """The text of the stream. Where nobody tells of changes it says how things stand, and ends."""
    if watch is None:
        yield _event(await readings.read(reader.scope, plugins))
        return
    with watch.waiting(reader.campaign.id) as changed, suppress(Missing, *database.UNREACHABLE):
        told, asked_at = "", time.monotonic()
        while watch.listens:
            changed.clear()
            reading = await readings.read(reader.scope, plugins)
            yield _event(reading) if reading != told else ":\n\n"
            told = reading
            await asyncio.sleep(pace.gap)
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), pace.silence)
            if time.monotonic() - asked_at >= pace.silence:
                if not await reader.may_still():
                    return
                asked_at = time.monotonic()


def _event(data: str) -> str:
    return f"event: changed\ndata: {data}\n\n"


ROUTES = [follow]
