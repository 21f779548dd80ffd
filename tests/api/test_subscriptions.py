"""Subscribing: the page, its codes, and feeds as JSON."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import httpx
import pytest

from core import database
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/subscribe"
API = "/api/v1/campaigns/2022-city/feeds"

pytestmark = pytest.mark.usefixtures("campaign_2022")


def shown_path(page: httpx.Response) -> str:
    """The path of the feed that a page shows."""
    assert page.status_code == 200
    (address,) = re.findall(r"<code>(http://localhost/feeds/[^<]+)</code>", page.text)
    return html.unescape(address).removeprefix("http://localhost")


async def test_an_address_is_shown_once_with_codes_to_scan(
    campaign_2022: str, sign_in: SignIn, browsers: Callable[[], httpx.AsyncClient]
) -> None:
    clerk = await sign_in("clerk", "x1")
    empty = await clerk.get(PAGE)
    assert "正在使用的地址" not in empty.text
    assert "/feeds/" not in empty.text
    made = await clerk.post(PAGE, data={"organisation": "x1", "label": "办公室"})
    path = shown_path(made)
    assert made.text.count('class="qr"') == 2
    assert f"webcal://localhost{path}" in made.text
    assert "只有本机能打开" in made.text
    assert made.headers["cache-control"] == "no-store"
    feed = await browsers().get(path)
    assert feed.status_code == 200
    assert "志愿助残第1次" in feed.text

    later = await clerk.get(PAGE)
    assert "办公室" in later.text
    assert path not in later.text


async def test_the_address_is_the_one_that_was_set(campaign_2022: str, sign_in: SignIn) -> None:
    """Behind another name, without a setting, it is the one that the reader used."""
    clerk = await sign_in("clerk", "x1")
    made = await clerk.post(
        PAGE, data={"organisation": "x1"}, headers={"host": "tongxing.example.org"}
    )
    assert "http://tongxing.example.org/feeds/" in made.text
    assert "只有本机能打开" not in made.text


async def test_changing_and_ending_an_address(
    campaign_2022: str, sign_in: SignIn, browsers: Callable[[], httpx.AsyncClient]
) -> None:
    clerk, programme = await sign_in("clerk", "x1"), browsers()
    old = shown_path(await clerk.post(PAGE, data={"organisation": "x1"}))
    number = await database.fetch_value("SELECT id FROM feed_token")
    beside = await sign_in("clerk", "x2")
    for act in ("rotate", "revoke"):
        assert (await beside.post(f"{PAGE}/{number}/{act}")).status_code == 404
    new = shown_path(await clerk.post(f"{PAGE}/{number}/rotate"))
    assert [(await programme.get(each)).status_code for each in (old, new)] == [404, 200]
    assert (await clerk.post(f"{PAGE}/{number}/revoke")).status_code == 303
    assert (await programme.get(new)).status_code == 404
    assert (await clerk.post(f"{PAGE}/{number}/revoke")).status_code == 404


async def test_only_offices_in_reach_are_offered_and_taken(
    campaign_2022: str, sign_in: SignIn
) -> None:
    clerk = await sign_in("clerk", "x1")
    page = await clerk.get(PAGE)
    offered = re.findall(r'<option value="([^"]+)"', page.text)
    assert offered == ["x1"]
    for organisation in ("city", "x2", "nowhere", ""):
        answer = await clerk.post(PAGE, data={"organisation": organisation})
        assert answer.status_code == 422
    long = await clerk.post(PAGE, data={"organisation": "x1", "label": "长" * 51})
    assert long.status_code == 422
    assert await database.fetch_value("SELECT COUNT(*) AS n FROM feed_token") == 0


async def test_feeds_as_json(
    campaign_2022: str, bearer: Bearer, browsers: Callable[[], httpx.AsyncClient]
) -> None:
    client = browsers()
    client.headers.update(await bearer("clerk", "city"))
    once = {"Idempotency-Key": "feed"}
    made = await client.post(API, json={"organisation": "x1", "label": "大屏"}, headers=once)
    path = made.json()["path"]
    assert (made.status_code, (await client.get(path)).status_code) == (201, 200)
    repeat = await client.post(API, json={"organisation": "x1", "label": "大屏"}, headers=once)
    assert repeat.json() == {"path": None}
    (feed,) = (await client.get(API)).json()
    assert (feed["organisation"], feed["label"]) == ("x1", "大屏")
    assert set(feed) == {"id", "organisation", "label", "created_at"}

    rotated = await client.post(f"{API}/{feed['id']}/rotate")
    assert (rotated.status_code, (await client.get(path)).status_code) == (200, 404)
    assert (await client.delete(f"{API}/{feed['id']}")).status_code == 204
    assert (await client.get(rotated.json()["path"])).status_code == 404
    assert (await client.get(API)).json() == []
    wrong = await client.post(API, json={"organisation": "nowhere"})
    assert wrong.status_code == 404
