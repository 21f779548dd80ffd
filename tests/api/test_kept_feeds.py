"""A feed that is kept is never another than the one that would be written now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from litestar import Litestar

from core import campaign_changes, campaigns, database, office_observances, organisations
from core.campaign_plans import Details
from core.moments import now
from core.permissions import SYSTEM
from core.process import Process
from events import activities, feed_tokens, planning
from events.feed_shelf import Shelf
from events.plan import Plan

KEY = "2022-city"
PLAN = Plan(
    title="辅具适配进社区",
    kind="assistive",
    organisation="x1",
    starts_at=datetime(2022, 5, 20, 1, tzinfo=UTC),
    ends_at=datetime(2022, 5, 20, 3, tzinfo=UTC),
)
Get = Callable[[], Awaitable[httpx.Response]]


@pytest.fixture
async def get(campaign_2022: str, client: httpx.AsyncClient) -> Get:
    """Ask for the feed of the campaign's own office."""
    campaign = await campaigns.find(campaign_2022)
    path = feed_tokens.path(await feed_tokens.create(SYSTEM, campaign, "city", now=now()))

    async def get() -> httpx.Response:
        answer = await client.get(path)
        assert answer.status_code == 200
        return answer

    return get


async def statements(get: Get) -> int:
    told: list[str] = []
    async with database.watching(told.append):
        await get()
    return len(told)


async def test_a_feed_that_did_not_change_is_not_written_again(get: Get) -> None:
    written = await get()
    assert await statements(get) == 1
    kept = await get()
    assert kept.content == written.content
    for name in ("etag", "last-modified", "content-disposition", "cache-control", "content-type"):
        assert kept.headers[name] == written.headers[name]


async def test_every_change_is_seen_at_once(
    running_app: Litestar, process: Process, get: Get
) -> None:
    campaign = await campaigns.find(KEY)

    async def add() -> None:
        await planning.add(SYSTEM, campaign, PLAN, now=now(), key="new", draft=False)

    async def edit() -> None:
        await planning.edit(SYSTEM, campaign, "new", replace(PLAN, place="文化馆"), now=now())

    async def cancel() -> None:
        await planning.change_state(SYSTEM, campaign, "new", "cancel", now=now())

    async def reopen() -> None:
        await planning.change_state(SYSTEM, campaign, "new", "reopen", now=now())

    async def describe() -> None:
        details = Details("", "新的主题", campaign.starts_on, campaign.ends_on)
        await campaign_changes.change_details(SYSTEM, KEY, details)

    async def rename() -> None:
        await organisations.rename(SYSTEM, "city", "甲市残疾人联合会")

    async def disable() -> None:
        without = set(campaign.enabled) - {"condolence"}
        await campaign_changes.change_plugins(SYSTEM, KEY, without, process.plugins)

    before = await get()
    for change in (add, edit, cancel, reopen, describe, rename, disable):
        await change()
        seen = await get()
        running_app.state["feeds"] = Shelf()
        anew = await get()
        assert seen.content == anew.content, change.__name__
        assert seen.headers["last-modified"] == anew.headers["last-modified"], change.__name__
        if change is not disable:  # what this campaign's plugins plan belongs to activities
            assert seen.content != before.content, change.__name__
        before = seen


async def test_a_day_of_an_office_that_gets_a_name_of_its_own_is_seen_at_once(
    process: Process, get: Get
) -> None:
    await get()
    await database.execute("UPDATE campaign SET observance = 'own-day', title = NULL")
    assert "甲市助残周" not in (await get()).text
    office = await database.fetch_value("SELECT id FROM organisation WHERE key = 'city'")
    rule = {"name": "甲市助残周", "rule": {"kind": "fixed-day", "month": 5, "day": 20}}
    await office_observances.add(
        SYSTEM, process.catalogue, rule, organisation_id=office, key="own-day"
    )
    assert "甲市助残周" in (await get()).text


async def test_a_secret_that_was_changed_opens_no_kept_feed(
    client: httpx.AsyncClient, get: Get
) -> None:
    campaign = await campaigns.find(KEY)
    path = (await get()).request.url.path
    (feed,) = await feed_tokens.listed(SYSTEM, campaign)
    await feed_tokens.rotate(SYSTEM, campaign, feed.id, now=now())
    assert (await client.get(path)).status_code == 404


async def test_a_cancelled_activity_leaves_a_kept_feed_when_its_time_is_over(
    running_app: Litestar, get: Get
) -> None:
    campaign = await campaigns.find(KEY)
    await planning.add(SYSTEM, campaign, PLAN, now=now(), key="new", draft=False)
    soon = now() - timedelta(days=30) + timedelta(seconds=50)
    await planning.change_state(SYSTEM, campaign, "new", "cancel", now=soon)
    shown = await get()
    assert PLAN.title in shown.text
    shelf: Shelf = running_app.state["feeds"]
    (revision, written), *others = shelf._kept.values()
    assert others == []
    activity = await activities.find(SYSTEM, campaign.id, "new", "activity.view")
    assert activity.cancelled_at == soon
    assert written.stale_at == soon + timedelta(days=30)
    place = next(iter(shelf._kept))
    assert shelf.find(place, revision, written.stale_at - timedelta(seconds=1)) == written
    assert shelf.find(place, revision, written.stale_at) is None


async def test_each_address_of_the_site_has_its_own(client: httpx.AsyncClient, get: Get) -> None:
    path = (await get()).request.url.path
    other = await client.get(path, headers={"host": "calendar.example"})
    assert "http://calendar.example/campaigns/" in other.text.replace("\r\n ", "")
    assert "calendar.example" not in (await get()).text
