"""Too much from one side: told so, with the seconds to wait, and others none the worse."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar

from api.annex import carrying
from api.kit import limits
from api.kit.guards import handlers
from api.kit.limits import ALLOWANCES, Limiter
from core import accounts, database
from core.permissions import SYSTEM
from tests.fixtures.people import PASSWORD, csrf_token

NOW = 1_000.0  # nobody waits in these tests, so nothing is filled again


@pytest.fixture
def engine_name() -> str:
    """Buckets are in memory."""
    return "sqlite"


@pytest.fixture
def limiter(running_app: Litestar) -> Iterator[Limiter]:
    """The limiter of a server that starts now."""
    before = running_app.state[limits.STATE]
    running_app.state[limits.STATE] = made = Limiter(clock=lambda: NOW)
    yield made
    running_app.state[limits.STATE] = before


def from_address(app: Litestar, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 1))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


# The buckets


def test_a_bucket_gives_so_many_at_once_and_fills_with_time():
    limiter, allowance = Limiter(), ALLOWANCES["sign-in"]
    taken = [limiter.take("sign-in", "a", 0.0) for _ in range(allowance.at_once)]
    assert taken == [0.0] * allowance.at_once
    wait = limiter.take("sign-in", "a", 0.0)
    assert wait == pytest.approx(60 / allowance.a_minute)
    assert limiter.take("sign-in", "a", wait / 2) > 0
    assert limiter.take("sign-in", "a", wait + 0.001) == 0
    assert limiter.take("sign-in", "a", wait + 0.001) > 0
    assert limiter.take("sign-in", "b", wait) == 0
    again = [limiter.take("sign-in", "a", 10_000.0) for _ in range(allowance.at_once + 1)]
    assert again.count(0.0) == allowance.at_once


def test_what_is_given_back_was_not_taken():
    limiter = Limiter()
    for _ in range(ALLOWANCES["code"].at_once * 3):
        assert limiter.take("code", "a", 0.0) == 0
        limiter.give_back("code", "a")
    limiter.give_back("code", "nobody")


def test_a_factor_multiplies_what_is_allowed():
    limiter = Limiter(3)
    taken = [limiter.take("upload", "a", 0.0) for _ in range(ALLOWANCES["upload"].at_once * 3 + 1)]
    assert taken.count(0.0) == len(taken) - 1


def test_the_buckets_are_so_many_and_no_more(monkeypatch):
    monkeypatch.setattr(limits, "MOST_BUCKETS", 10)
    limiter = Limiter()
    for number in range(100):
        limiter.take("page", str(number), 0.0)
        limiter.take("page", "0", 0.0)
    assert len(limiter.buckets) == 10
    assert ("page", "0") in limiter.buckets  # who is busy is not forgotten


# The routes


def test_every_limit_that_a_route_names_is_known(built_app):
    named = {handler.opt.get("limit") for _, _, handler in handlers(built_app.routes)} - {None}
    assert named == set(ALLOWANCES)


async def test_guesses_of_a_password_are_refused_by_address(running_app, limiter):
    async with from_address(running_app, "192.0.2.7") as client:
        token = csrf_token((await client.get("/sign-in")).text)
        form = {"name": "nobody", "password": "x", "csrf_token": token}
        client.headers["accept"] = "text/html"
        # As many as are allowed at once, but for three, are gone already.
        for _ in range(ALLOWANCES["sign-in"].at_once - 3):
            limiter.take("sign-in", "192.0.2.7", NOW)
        statuses = [(await client.post("/sign-in", data=form)).status_code for _ in range(4)]
        assert statuses == [422, 422, 422, 429]
        answer = await client.post("/sign-in", data=form)
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert "秒后再试" in answer.text
        assert (await client.get("/sign-in")).status_code == 200
    async with from_address(running_app, "192.0.2.8") as client:
        assert (await client.post("/sign-in", data=form)).status_code == 422


async def test_an_office_behind_one_address_signs_in_as_often_as_it_likes(
    running_app, limiter, campaign_2022
):
    await accounts.create(
        SYSTEM,
        "li",
        display_name="李",
        password=PASSWORD,
        role="viewer",
        organisation_id=await database.fetch_value(
            "SELECT id FROM organisation WHERE key = 'city'"
        ),
    )
    for _ in range(ALLOWANCES["sign-in"].at_once - 1):
        limiter.take("sign-in", "192.0.2.7", NOW)
    for _ in range(3):
        async with from_address(running_app, "192.0.2.7") as client:
            token = csrf_token((await client.get("/sign-in")).text)
            form = {"name": "li", "password": PASSWORD, "csrf_token": token}
            assert (await client.post("/sign-in", data=form)).status_code == 303


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("feed", "/feeds/nothing.ics"),
        ("feed", "/feeds/volunteer/nothing.ics"),
        ("code", "/verify/7K2M-9QXD-41VH"),
        ("code", "/volunteer/certificates/7K2M-9QXD-41VH"),
        ("page", "/volunteer"),
    ],
)
async def test_what_is_public_is_limited_by_address(running_app, limiter, kind, path):
    async with from_address(running_app, "2001:db8::1") as client:
        for _ in range(ALLOWANCES[kind].at_once - 1):
            limiter.take(kind, "2001:db8::/64", NOW)
        first, second = [await client.get(path) for _ in range(2)]
        assert first.status_code in {200, 404}
        assert second.status_code == 429
        assert second.headers["retry-after"]
    async with from_address(running_app, "2001:db8:0:1::1") as client:
        assert (await client.get(path)).status_code == first.status_code


@pytest.mark.parametrize("kind", ["upload", "rendering"])
async def test_what_is_dear_is_limited_by_account(
    running_app, limiter, campaign_2022, bearer, kind
):
    headers = await bearer("administrator", "city")
    other = await bearer("organiser", "city")
    path, body = {
        "upload": ("/api/v1/bundles", b"{}"),
        "rendering": (
            f"/api/v1/campaigns/{campaign_2022}/recap/renderings",
            b'{"format": "nothing"}',
        ),
    }[kind]
    for _ in range(ALLOWANCES[kind].at_once - 1):
        limiter.take(kind, "account token:administrator-city", NOW)
    async with from_address(running_app, "192.0.2.7") as client:
        assert (await client.post(path, content=body, headers=headers)).status_code == 422
        refused = await client.post(path, content=body, headers=headers)
        assert refused.status_code == 429
        assert refused.json()["code"] == "too_many"
        assert (await client.post(path, content=body, headers=other)).status_code == 422


async def test_a_file_in_a_form_counts_as_an_upload(running_app, limiter, campaign_2022, sign_in):
    browser = await sign_in("clerk", "x1")
    for _ in range(ALLOWANCES["upload"].at_once - 1):
        limiter.take("upload", "account clerk-x1", NOW)
    path = f"/campaigns/{campaign_2022}/reported/import"
    files = {"file": ("表.csv", b"x")}
    assert (await browser.post(path, files=files)).status_code == 422
    assert (await browser.post(path, files=files)).status_code == 429
    assert (await browser.post(path, data={"x": "1"})).status_code == 422


async def test_what_is_answered_beside_the_server_counts_alike(
    limiter, process, campaign_2022, sign_in, bearer
):
    browser, headers = await sign_in("clerk", "x1"), await bearer("organiser", "city")
    for account in ("clerk-x1", "token:organiser-city"):
        for _ in range(ALLOWANCES["upload"].at_once - 1):
            limiter.take("upload", f"account {account}", NOW)
    path = f"/campaigns/{campaign_2022}/reported/import"
    files = {"file": ("表.csv", b"x")}
    bundle = b'{"format": "%s"}' % (b"x" * 300_000)
    async with carrying(process.settings) as porter:
        assert (await browser.post(path, files=files)).status_code == 422
        assert porter.pid is not None
        assert (await browser.post(path, files=files)).status_code == 429
        for status in (422, 429):
            answer = await browser.post("/api/v1/bundles", content=bundle, headers=headers)
            assert answer.status_code == status
