"""Files in the making: ordering, the queue, what is given up and what is taken away."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from core import campaigns, database, moments
from core.recap.making import queue as rendering_queue
from core.recap.making import renderings
from core.recap.making.files import DRAWING, PAPER, STEPS, File
from core.recap.making.queue import INTERRUPTED
from core.recap.making.renderings import KEPT_FOR, MOST_AT_ONCE, Rendering
from core.refusals import Conflict, Missing, Refusal
from core.scopes import Scope
from tests.fixtures.application import ActorOf

FILE = File("总结.docx", "application/octet-stream", b"PK\x00\xff")


@pytest.fixture
async def scope(campaign_2022: str) -> Scope:
    return await campaigns.scope(await campaigns.find(campaign_2022))


async def found(key: str) -> Rendering:
    return await renderings.find(await campaigns.find("2022-city"), key)


async def test_a_file_is_ordered_made_and_kept(scope: Scope, actor_of: ActorOf) -> None:
    actor = await actor_of("viewer", "city")
    key = await renderings.order(actor, scope, "docx")
    waiting = await found(key)
    assert (waiting.state, waiting.is_active, waiting.size) == ("queued", True, None)
    with pytest.raises(Conflict, match="排队中，现在还不能下载"):
        await renderings.content(waiting)
    assert await rendering_queue.claim() == key
    await rendering_queue.advance(key, DRAWING)
    made = await rendering_queue.running(key)
    assert (made.step, made.done_steps, made.all_steps) == ("画图", 2, len(STEPS))
    assert (made.actor, made.account) == (actor.name, actor.account_id)
    await rendering_queue.finish(key, FILE)
    done = await found(key)
    assert (done.state, done.step, done.done_steps, done.size) == ("done", "完成", 4, 4)
    assert (done.filename, done.organisation_name) == ("总结.docx", "某市残联")
    assert await renderings.content(done) == FILE.content
    assert [each.key for each in await renderings.recent(actor, await _campaign())] == [key]
    log = await database.fetch("SELECT actor FROM audit_entry WHERE action = 'recap.file_ordered'")
    assert [row["actor"] for row in log] == [actor.name]


async def _campaign() -> campaigns.Campaign:
    return await campaigns.find("2022-city")


async def test_what_is_asked_twice_is_made_once(scope: Scope, actor_of: ActorOf) -> None:
    actor, other = await actor_of("viewer", "city"), await actor_of("clerk", "city")
    key = await renderings.order(actor, scope, "pdf")
    assert await renderings.order(actor, scope, "pdf") == key
    assert await renderings.order(other, scope, "pdf") != key
    assert await renderings.order(actor, scope, "xlsx") != key
    assert await rendering_queue.claim() == key
    assert await renderings.order(actor, scope, "pdf") == key
    async with database.transaction():
        await campaigns.touch(scope.campaign_id)  # it began with data that are no longer so
    assert await renderings.order(actor, scope, "pdf") != key


async def test_a_version_is_asked_for_by_its_number(scope: Scope, actor_of: ActorOf) -> None:
    actor = await actor_of("viewer", "city")
    for number in (1, 2**40):
        with pytest.raises(Missing, match=f"没有第{number}版"):
            await renderings.order(actor, scope, "docx", number)
    await database.execute(
        "INSERT INTO recap_version (campaign, organisation, number, state, code, content, sha256,"
        " fingerprint, campaign_changes, unaccepted, submitted_by, submitted_at, reason)"
        " VALUES (:campaign, :office, 1, 'frozen', 'C1', '', '', '', 0, '', 'x', :now, '')",
        campaign=scope.campaign_id,
        office=scope.organisation_id,
        now=moments.now(),
    )
    key = await renderings.order(actor, scope, "docx", 1)
    assert (await found(key)).version == 1
    assert await renderings.order(actor, scope, "docx") != key
    assert await renderings.order(actor, scope, "docx", 1) == key


async def test_there_is_an_end_to_ordering(scope: Scope, actor_of: ActorOf) -> None:
    actor = await actor_of("viewer", "city")
    places = [scope, await campaigns.scope(await _campaign(), "x1")]
    wanted = [(place, form) for place in places for form in PAPER]
    for place, form in wanted[:MOST_AT_ONCE]:
        await renderings.order(actor, place, form)
    with pytest.raises(Conflict, match="正在生成"):
        await renderings.order(actor, *wanted[MOST_AT_ONCE])
    await renderings.order(await actor_of("clerk", "city"), *wanted[MOST_AT_ONCE])
    with pytest.raises(Refusal, match="格式只能是"):
        await renderings.order(actor, places[0], "odt")


async def test_one_is_made_at_a_time_in_order(scope: Scope, actor_of: ActorOf) -> None:
    actor = await actor_of("viewer", "city")
    first, second = [await renderings.order(actor, scope, form) for form in ("docx", "pdf")]
    claims = await asyncio.gather(*(rendering_queue.claim() for _ in range(4)))
    assert sorted(claims, key=str) == sorted([first, None, None, None], key=str)
    await rendering_queue.fail(first, "不行。")
    assert await rendering_queue.claim() == second
    await rendering_queue.put_back(second)
    assert (await found(second)).state == "queued"
    assert await rendering_queue.claim() == second


async def heartbeat(key: str) -> datetime:
    sql = "SELECT heartbeat_at FROM recap_rendering WHERE key = :key"
    beat: datetime = await database.fetch_value(sql, key=key)
    return beat


async def test_what_nobody_tells_of_is_given_up(scope: Scope, actor_of: ActorOf) -> None:
    actor = await actor_of("viewer", "city")
    key = await renderings.order(actor, scope, "docx")
    await rendering_queue.claim()
    clock = iter((0.0, 59.0, 60.0, 119.0, 120.0))
    listening = rendering_queue.Listening(lambda: next(clock))
    assert [await listening.silent() for _ in range(2)] == [{}, {}]
    await rendering_queue.beat(key)
    assert [await listening.silent() for _ in range(2)] == [{}, {}]
    silent = await listening.silent()
    assert set(silent) == {key}
    await rendering_queue.beat(key)  # heard at the last moment
    assert await rendering_queue.clear_up(moments.now(), silent) == []
    silent = {key: await heartbeat(key)}
    assert await rendering_queue.clear_up(moments.now(), silent) == [key]
    lost = await found(key)
    assert (lost.state, lost.fault) == ("failed", INTERRUPTED)
    await rendering_queue.finish(key, FILE)  # too late
    assert (await found(key)).state == "failed"
    with pytest.raises(Missing):
        await rendering_queue.running(key)
    assert await renderings.order(actor, scope, "docx") != key


async def test_a_file_is_taken_away_after_a_day(scope: Scope, actor_of: ActorOf) -> None:
    key = await renderings.order(await actor_of("viewer", "city"), scope, "docx")
    await rendering_queue.claim()
    await rendering_queue.finish(key, FILE)
    made = await found(key)
    await rendering_queue.clear_up(made.kept_until - timedelta(seconds=1), {})
    assert (await found(key)).state == "done"
    await rendering_queue.clear_up(made.created_at + KEPT_FOR + timedelta(seconds=1), {})
    with pytest.raises(Missing, match="24 小时"):
        await found(key)
