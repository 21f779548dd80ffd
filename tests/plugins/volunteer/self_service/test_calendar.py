"""A volunteer's own calendar: his shifts alone, whom he has told when to ring, and its address."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from core import database, moments
from core.permissions import Actor, Grant
from plugins.volunteer.self_service import calendar
from plugins.volunteer.signing_up import joining
from plugins.volunteer.signing_up.profiles import Profile
from tests.plugins.volunteer.volunteers import attend, browser_of, registered, shift

ADDRESS = re.compile(r"http://localhost(/feeds/volunteer/[\w-]+\.ics)")
UID = re.compile(r"UID:(.*)\r")
SOON = timedelta(days=3)


async def made(browser: httpx.AsyncClient, alarm: str = "") -> str:
    answer = await browser.post("/volunteer/me/calendar", data={"alarm": alarm, "act": "make"})
    assert answer.status_code == 200, answer.text
    found = ADDRESS.search(answer.text)
    assert found
    return found[1]


async def events(client: httpx.AsyncClient, address: str) -> dict[str, str]:
    """The calendar's entries by title, unfolded."""
    answer = await client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    text = answer.text.replace("\r\n ", "")
    found = re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text, re.DOTALL)
    return {re.findall(r"SUMMARY:(.*)\r", each)[0]: each for each in found}


@pytest.fixture
async def mine(campaign_2022: str) -> Profile:
    """Somebody with a place in one shift who waits for another; a third shift is not his."""
    assert campaign_2022
    await database.execute("UPDATE campaign SET state = 'open'")
    actor, profile = await registered()
    _, other = await registered("李强", "13800000002")
    start = moments.now().replace(microsecond=0) + SOON
    await attend(profile, await shift("own", start, title="引路"), status="signed_up")
    full = await shift("full", start + timedelta(days=1), title="手语", capacity=1)
    await attend(other, full, status="signed_up")
    assert await joining.join(actor, profile, "2022-city", "full") == "waiting"
    await shift("free", start, title="推轮椅")
    return profile


def actor_of(profile: Profile) -> Actor:
    """Who he is when he is signed in."""
    grants = (Grant("volunteer", profile.organisation_id),)
    return Actor(profile.number, profile.number, profile.account_id, grants, "session")


@pytest.fixture
async def browser(mine: Profile, running_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """His browser."""
    opened = await browser_of(running_app, actor_of(mine))
    yield opened
    await opened.aclose()


async def test_it_holds_what_he_signed_up_for_and_what_he_waits_for(
    mine: Profile, browser: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    address = await made(browser)
    found = await events(client, address)
    assert sorted(found) == ["【候补】志愿服务（手语）", "志愿服务（引路）"]
    own, waiting = found["志愿服务（引路）"], found["【候补】志愿服务（手语）"]
    assert "STATUS:CONFIRMED" in own
    assert "LOCATION:人民广场东门" in own
    assert "VALARM" not in own
    assert "STATUS:TENTATIVE" in waiting
    assert "候补第1位" in waiting
    await database.execute(
        "DELETE FROM volunteer_attendance WHERE shift = :shift", shift=await shift_id("full")
    )
    await attend(mine, await shift_id("full"), status="signed_up")
    moved = (await events(client, address))["志愿服务（手语）"]
    assert "STATUS:CONFIRMED" in moved
    assert UID.findall(moved) == UID.findall(waiting)


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_cancelled_shift_says_so_and_rings_no_more(
    browser: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    address = await made(browser, "60")
    assert "TRIGGER:-PT60M" in (await events(client, address))["志愿服务（引路）"]
    await database.execute(
        "UPDATE volunteer_shift SET cancelled_at = :now, sequence = 1 WHERE key = 'own'",
        now=moments.now(),
    )
    cancelled = (await events(client, address))["【已取消】志愿服务（引路）"]
    assert "STATUS:CANCELLED" in cancelled
    assert "SEQUENCE:1" in cancelled
    assert "VALARM" not in cancelled


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_the_day_before_has_an_entry_of_its_own_where_it_was_asked_for(
    browser: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    address = await made(browser, "1440")
    found = await events(client, address)
    reminders = [each for title, each in found.items() if title.startswith("明天有志愿服务")]
    assert len(reminders) == 1
    day = moments.day_of(moments.now() + SOON) - timedelta(days=1)
    assert f"DTSTART;VALUE=DATE:{day:%Y%m%d}" in reminders[0]
    assert "TRANSP:TRANSPARENT" in reminders[0]
    answer = await browser.post("/volunteer/me/calendar", data={"alarm": "", "act": "remind"})
    assert answer.status_code == 303
    assert sorted(await events(client, address)) == [
        "【候补】志愿服务（手语）",
        "志愿服务（引路）",
    ]


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_has_not_changed_is_not_sent_again(
    browser: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    address = await made(browser)
    first = await client.get(address)
    tag = {"if-none-match": first.headers["etag"]}
    assert (await client.get(address, headers=tag)).status_code == 304
    head = await client.head(address)
    assert head.headers["content-length"] == str(len(first.content))
    await database.execute("DELETE FROM volunteer_waiting WHERE campaign > 0")
    assert (await client.get(address, headers=tag)).status_code == 200
    assert "last-modified" not in first.headers


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_an_address_is_kept_as_a_hash_changed_and_ended(
    mine: Profile, browser: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    old = await made(browser)
    stored = await database.fetch_value("SELECT token_hash FROM volunteer_own_feed")
    assert stored not in old
    new = await made(browser)
    assert new != old
    assert (await client.get(old)).status_code == 404
    assert (await client.get(new)).status_code == 200
    assert (await browser.post("/volunteer/me/calendar/stop")).status_code == 303
    assert (await client.get(new)).status_code == 404
    done = await database.fetch(
        "SELECT action FROM audit_entry WHERE action LIKE 'volunteer.calendar.%' ORDER BY id"
    )
    assert [row["action"].rpartition(".")[2] for row in done] == ["made", "made", "ended"]
    assert await calendar.find(mine.id) is None


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_an_unknown_reminder_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/volunteer/me/calendar", data={"alarm": "7"})
    assert answer.status_code == 422
    assert "请从列出的选项里选" in answer.text


async def shift_id(key: str) -> int:
    found: int = await database.fetch_value(
        "SELECT id FROM volunteer_shift WHERE key = :key", key=key
    )
    return found
