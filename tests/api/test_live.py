"""Following a campaign as it goes on: what is told, to whom, for how long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from api.live import Pace
from core import campaigns, database, live
from core.live import Watch
from core.permissions import SYSTEM
from core.process import Process
from core.sessions import revoke_token
from tests.fixtures.application import Bearer, SignIn

ADDRESS = "/api/v1/campaigns/2022-city/live"
QUICK = live.Pace(look=0.05, gather=0.01, trying=0.3, again=0.05)


@dataclass
class Followed:
    """A stream being read: its status, its events as they come."""

    status: int
    events: asyncio.Queue[dict[str, Any] | None]

    async def told(self) -> dict[str, Any]:
        """The next event. Fails when there is none for long, or the stream has ended."""
        async with asyncio.timeout(10):
            event = await self.events.get()
        assert event is not None, "the stream ended"
        return event

    async def told_changes(self, changes: int) -> dict[str, Any]:
        """The first event with that count of changes."""
        while (event := await self.told())["changes"] != changes:
            assert event["changes"] < changes
        return event

    async def ended(self) -> None:
        """Return when the stream ends."""
        async with asyncio.timeout(10):
            while await self.events.get() is not None:
                pass


Follow = Callable[..., Any]


@pytest.fixture
def follow(running_app: Litestar) -> Follow:
    """``async with follow(headers) as stream``: as a browser follows, until the block ends."""
    running_app.state["live_pace"] = Pace(gap=0.02, silence=0.2)

    @asynccontextmanager
    async def reading(headers: dict[str, str], query: str = "") -> AsyncIterator[Followed]:
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": ADDRESS, "raw_path": ADDRESS.encode(), "root_path": "",
            "query_string": query.encode(), "headers": [(b"host", b"localhost"), *given],
            "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        }  # fmt: skip
        gone, begun = asyncio.Event(), asyncio.Event()
        stream = Followed(0, asyncio.Queue())
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await gone.wait()
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                stream.status = message["status"]
                begun.set()
                return
            for event in message["body"].decode().split("\n\n"):
                if event.startswith("event: changed"):
                    stream.events.put_nowait(json.loads(event.partition("data: ")[2]))
            if not message.get("more_body"):
                stream.events.put_nowait(None)
                gone.set()

        task = asyncio.create_task(running_app(scope, receive, send))  # type: ignore[arg-type]
        try:
            async with asyncio.timeout(10):
                await begun.wait()
            yield stream
        finally:
            gone.set()
            async with asyncio.timeout(10):
                await task

    return reading


@pytest.fixture
async def watch(campaign_2022: str) -> AsyncIterator[Watch]:
    """The process's watch, at work on the campaign of 2022, and quick."""
    async with live.watching(QUICK) as made:
        async with asyncio.timeout(10):
            while database.is_postgresql() and not made.connected:  # noqa: ASYNC110 — looked at
                await asyncio.sleep(0.01)
        yield made


async def on_duty(count: int) -> int:
    """So many attendances become open, as a check-in makes them; gives the count of changes."""
    campaign = await campaigns.find("2022-city")
    async with database.transaction():
        await database.execute(
            "UPDATE volunteer_attendance SET status = 'open' WHERE id IN (SELECT id FROM"
            " volunteer_attendance WHERE campaign = :id ORDER BY id LIMIT :count)",
            id=campaign.id,
            count=count,
        )
        await campaigns.touch(campaign.id)
    return campaign.changes + 1


async def test_who_is_on_duty_is_told_as_it_changes(
    watch: Watch, follow: Follow, bearer: Bearer
) -> None:
    async with follow(await bearer("viewer", "city")) as stream:
        first = await stream.told()
        assert (stream.status, first["counts"][0]["value"]) == (200, 0)
        told = await stream.told_changes(await on_duty(3))
        assert told["counts"] == [
            {"key": "volunteer.on_duty", "label": "在岗志愿者", "value": 3, "unit": "人"}
        ]
        assert await stream.told_changes(await on_duty(5)) != told
    assert len(watch) == 0


async def test_each_is_told_of_his_own_office(watch: Watch, follow: Follow, bearer: Bearer) -> None:
    """Without an office named it is the topmost he has; what he has not is not there."""
    clerk, leader = await bearer("clerk", "x1"), await bearer("viewer", "city")
    async with (
        follow(clerk) as own,
        follow(leader, "organisation=x1") as below,
        follow(leader) as whole,
    ):
        changes = await on_duty(10_000)
        counts = [
            (await stream.told_changes(changes))["counts"][0]["value"]
            for stream in (own, below, whole)
        ]
    assert 0 < counts[0] == counts[1] < counts[2]
    async with follow(clerk, "organisation=city") as refused:
        assert refused.status == 404


async def test_nobody_follows_what_he_may_not_see(
    watch: Watch, follow: Follow, sign_in: SignIn, bearer: Bearer
) -> None:
    async with follow({}) as stranger, follow(await bearer("volunteer", "city")) as volunteer:
        assert (stranger.status, volunteer.status) == (401, 403)
    assert len(watch) == 0


async def test_a_token_that_is_revoked_ends_its_stream(
    watch: Watch, follow: Follow, bearer: Bearer
) -> None:
    """In silence, and while there is always something to tell."""
    quiet, busy = await bearer("viewer", "city"), await bearer("clerk", "city")
    async with follow(quiet) as one, follow(busy) as other:
        await one.told()
        await other.told()
        await revoke_token(SYSTEM, "viewer-city", _now())
        await one.ended()
        await revoke_token(SYSTEM, "clerk-city", _now())
        writing = asyncio.create_task(_write_for_ever())
        await other.ended()
        writing.cancel()


def _now() -> Any:
    import arrow

    return arrow.utcnow().datetime


async def _write_for_ever() -> None:
    while True:
        await on_duty(1)
        await asyncio.sleep(0.01)


async def test_a_session_that_ends_or_loses_its_role_ends_its_stream(
    watch: Watch, follow: Follow, sign_in: SignIn
) -> None:
    for lost in ("DELETE FROM session", "DELETE FROM account_grant"):
        browser = await sign_in("clerk", "x1")
        cookie = {"cookie": f"session={browser.cookies['session']}"}
        async with follow(cookie) as stream:
            await stream.told()
            await database.execute(lost)
            await stream.ended()


async def test_following_does_not_keep_a_session_alive(
    watch: Watch, follow: Follow, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "x1")
    async with follow({"cookie": f"session={browser.cookies['session']}"}) as stream:
        await stream.told()
        long_ago = (await campaigns.find("2022-city")).modified_at.replace(year=2020)
        await database.execute("UPDATE session SET last_seen_at = :t", t=long_ago)
        await stream.ended()
    assert await database.fetch_value("SELECT last_seen_at FROM session") == long_ago


async def test_a_process_has_room_for_so_many(
    watch: Watch, follow: Follow, bearer: Bearer, process: Process, running_app: Litestar
) -> None:
    headers = await bearer("viewer", "city")
    running_app.state["process"] = replace(
        process, settings=replace(process.settings, live_streams=1)
    )
    async with follow(headers) as first:
        await first.told()
        async with follow(headers) as second:
            assert second.status == 503
        changes = await on_duty(1)
        assert await first.told_changes(changes)


async def test_streams_end_when_the_process_does(
    watch: Watch, follow: Follow, bearer: Bearer
) -> None:
    async with follow(await bearer("viewer", "city")) as stream:
        await stream.told()
        live.end()
        await stream.ended()


async def test_where_nobody_tells_of_changes_it_says_how_things_stand(
    campaign_2022: str, browsers: Callable[[], httpx.AsyncClient], bearer: Bearer
) -> None:
    """It ends then, and a browser asks again."""
    answer = await browsers().get(ADDRESS, headers=await bearer("viewer", "city"))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.count("event: changed") == 1


async def test_a_change_in_another_process_is_told(
    watch: Watch, follow: Follow, bearer: Bearer, migrated_url: str
) -> None:
    """A connection that is none of ours; on SQLite it tells nobody and is seen all the same."""
    campaign = await campaigns.find("2022-city")
    async with follow(await bearer("viewer", "city")) as stream:
        await stream.told()
        if database.is_postgresql():
            other = await asyncpg.connect(migrated_url)
            await other.execute("UPDATE campaign SET changes = changes + 1")
            await other.execute(f"SELECT pg_notify('{live.CHANNEL}', '{campaign.id}')")
            await other.close()
        else:
            import sqlite3

            with sqlite3.connect(migrated_url.removeprefix("sqlite:///")) as file:
                file.execute("UPDATE campaign SET changes = changes + 1")
            file.close()
        assert await stream.told_changes(campaign.changes + 1)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_listener_that_was_cut_off_listens_again(
    watch: Watch, follow: Follow, bearer: Bearer, migrated_url: str
) -> None:
    async with follow(await bearer("viewer", "city")) as stream:
        await stream.told()
        other = await asyncpg.connect(migrated_url)
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~* 'listen'"
        await other.execute(f"{cut} AND pid <> pg_backend_pid()")
        async with asyncio.timeout(10):
            while watch.connected:  # noqa: ASYNC110 — the same
                await asyncio.sleep(0.01)
        await other.execute("UPDATE campaign SET changes = changes + 1")  # while nobody listens
        await other.close()
        changes = (await campaigns.find("2022-city")).changes
        assert await stream.told_changes(changes)
        assert await stream.told_changes(await on_duty(2))
        assert watch.connected


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_changes_are_told_together_and_none_that_was_undone(
    watch: Watch, migrated_url: str
) -> None:
    """Forty changes side by side are a handful of notices; a command tells its own."""
    heard: list[str] = []
    other = await asyncpg.connect(migrated_url)
    await other.add_listener(live.CHANNEL, lambda *given: heard.append(given[-1]))
    campaign = await campaigns.find("2022-city")

    async def undone() -> None:
        async with database.transaction():
            await campaigns.touch(campaign.id)
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    await asyncio.sleep(0.1)
    assert str(campaign.id) not in heard
    await asyncio.gather(*(on_duty(1) for _ in range(40)))
    await asyncio.sleep(0.2)
    assert 1 <= heard.count(str(campaign.id)) < 20
    heard.clear()
    live._current = None  # as in a command, which serves nobody
    await on_duty(1)
    await asyncio.sleep(0.1)
    assert heard == [str(campaign.id)]
    await other.close()
