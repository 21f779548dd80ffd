"""Stewards' devices: set up by a password, known by a token, revoked, and what they are told."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core import accounts, database
from core.moments import now, offset_text
from core.permissions import SYSTEM
from tests.fixtures.application import SignIn
from tests.fixtures.people import PASSWORD, sign_in

DATA = "/api/v1/campaigns/2022-city/volunteer"
PLUGIN = "/campaigns/2022-city/volunteer"
JSON = {"accept": "application/json"}


@pytest.fixture
async def steward(campaign_2022: str, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A clerk of 甲旗 in his browser; it shows the token that requests of a session need."""
    office = await database.fetch_value("SELECT id FROM organisation WHERE key = 'x1'")
    await accounts.create(
        SYSTEM,
        "wang",
        display_name="王经办",
        password=PASSWORD,
        role="clerk",
        organisation_id=office,
    )
    assert (await sign_in(client, "wang")).status_code == 303
    told = await client.get(f"{DATA}/steward", headers=JSON)
    assert told.json()["steward"] == "王经办"
    client.headers["x-csrf-token"] = told.json()["csrf_token"]
    return client


async def set_up(browser: httpx.AsyncClient, password: str = PASSWORD) -> httpx.Response:
    body = {"label": "服务台平板", "password": password}
    return await browser.post(f"{DATA}/devices", json=body, headers=JSON)


@pytest.fixture
async def device(steward: httpx.AsyncClient) -> dict[str, str]:
    """The headers of a device of the clerk's."""
    answer = await set_up(steward)
    assert answer.status_code == 201, answer.text
    return {**JSON, "x-device-token": answer.json()["token"], "key": answer.json()["key"]}


async def add_shift(key: str, office: str, hours: int) -> int:
    """A shift of two hours that begins so many hours from now; gives its id."""
    begins = now() + timedelta(hours=hours)
    found: int = await database.fetch_value(
        "INSERT INTO volunteer_shift (campaign, key, organisation, title, starts_at, ends_at,"
        " capacity, label, sequence, place, skills, tasks, risks, insurance)"
        " SELECT c.id, :key, o.id, '引导', :starts, :ends, 20, '引导', 0, '', '[]', '[]', '', ''"
        " FROM campaign c, organisation o WHERE c.key = '2022-city' AND o.key = :office"
        " RETURNING id",
        key=key,
        office=office,
        starts=begins,
        ends=begins + timedelta(hours=2),
    )
    return found


async def sign_up(shift: int, volunteer: str) -> None:
    await database.execute(
        "INSERT INTO volunteer_attendance (campaign, key, shift, volunteer, ordinal, status,"
        " credited_minutes, policy, closed_by_itself) SELECT v.campaign, :key, :shift, v.id, 0,"
        " 'signed_up', 0, '', :no FROM volunteer_person v WHERE v.key = :volunteer",
        key=f"{volunteer}-{shift}",
        shift=shift,
        volunteer=volunteer,
        no=False,
    )


def punch(shift: str, volunteer: str = "v00602", **members: Any) -> dict[str, Any]:
    return {
        "nonce": str(uuid.uuid4()),
        "shift": shift,
        "volunteer": volunteer,
        "direction": "in",
        "at": offset_text(now().replace(microsecond=0)),
        "device": "服务台平板",
        **members,
    }


async def audited() -> list[str]:
    rows = await database.fetch(
        "SELECT action FROM audit_entry WHERE thing = 'volunteer_device' ORDER BY id"
    )
    return [row["action"] for row in rows]


async def test_a_device_is_given_the_day_of_its_office_and_no_full_name(
    client: httpx.AsyncClient, device: dict[str, str]
) -> None:
    soon = await add_shift("soon", "x1", 0)
    for key, office, hours in (("far", "x1", 24 * 9), ("past", "x1", -24 * 3), ("other", "x2", 0)):
        await sign_up(await add_shift(key, office, hours), "v00603")
    await sign_up(soon, "v00602")
    client.cookies.clear()
    told: list[str] = []
    async with database.watching(told.append):
        answer = await client.get(f"{DATA}/roster", headers=device)
    roster = answer.json()
    assert [each["key"] for each in roster["shifts"]] == ["soon"]
    assert [(each["key"], each["stays"][0]["status"]) for each in roster["people"]] == [
        ("v00602", "signed_up")
    ]
    assert "*" in roster["people"][0]["name"]
    for volunteer in ("v00604", "v00605", "v00606"):
        await sign_up(soon, volunteer)
    again: list[str] = []
    async with database.watching(again.append):
        assert len((await client.get(f"{DATA}/roster", headers=device)).json()["people"]) == 4
    assert len(again) == len(told)
    stored = await database.fetch_value("SELECT token_hash FROM volunteer_device")
    assert device["x-device-token"] not in stored


async def test_punches_of_a_device_are_its_stewards(
    client: httpx.AsyncClient, device: dict[str, str]
) -> None:
    await add_shift("soon", "x1", 0)
    await add_shift("other", "x2", 0)
    client.cookies.clear()
    client.headers.pop("x-csrf-token")
    sent = [punch("soon"), punch("other"), punch("soon"), punch("soon", "nobody")]
    answers = [
        await client.post(f"{DATA}/device-punches", json={"punches": sent}, headers=device)
        for _ in range(2)
    ]
    first, second = [[each["code"] for each in one.json()["results"]] for one in answers]
    assert first == second == [None, "unknown_shift", "already_in", "unknown_volunteer"]
    assert answers[1].json()["results"][0]["result"] == "repeat"
    rows = await database.fetch("SELECT DISTINCT source, actor FROM volunteer_punch")
    assert [(row["source"], row["actor"]) for row in rows] == [("steward", "wang")]


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_wrong_password_sets_nothing_up_and_counts(steward: httpx.AsyncClient) -> None:
    for _ in range(5):
        answer = await set_up(steward, "not the password")
        assert answer.status_code == 422
        assert "密码不对" in answer.json()["detail"]
    assert (await set_up(steward)).status_code == 422  # the account is locked by now
    assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_device") == 0
    assert await audited() == []


async def test_a_revoked_device_is_told_to_wipe_itself_and_says_so(
    client: httpx.AsyncClient, device: dict[str, str], sign_in: SignIn
) -> None:
    key = device["key"]
    state = f"{DATA}/devices/{key}/state"
    assert (await client.get(state, headers=JSON)).json() == {"state": "in_use"}
    stranger = await sign_in("clerk", "x2")
    assert (await stranger.post(f"{PLUGIN}/devices/{key}/revoke")).status_code == 404
    colleague = await sign_in("clerk", "x1")
    assert "由组织者停用" in (await colleague.get(f"{PLUGIN}/devices")).text
    refused = await colleague.post(f"{PLUGIN}/devices/{key}/revoke")
    assert refused.status_code == 422
    assert "由组织者停用" in refused.text
    organiser = await sign_in("organiser", "city")
    assert "服务台平板" in (await organiser.get(f"{PLUGIN}/devices")).text
    for _ in range(2):
        assert (await organiser.post(f"{PLUGIN}/devices/{key}/revoke")).status_code == 303
    for address in (state, f"{DATA}/roster"):
        answer = await client.get(address, headers=device)
        assert (answer.status_code, answer.json()["code"]) == (410, "device_revoked")
    body = {"punches": [punch("soon")]}
    assert (
        await client.post(f"{DATA}/device-punches", json=body, headers=device)
    ).status_code == 410
    assert "等它联网" in (await organiser.get(f"{PLUGIN}/devices")).text
    for _ in range(2):
        wiped = await client.post(f"{DATA}/devices/{key}/wiped", json={}, headers=JSON)
        assert wiped.status_code == 204
    assert "已清除" in (await organiser.get(f"{PLUGIN}/devices")).text
    done = [f"volunteer.device.{each}" for each in ("set_up", "revoked", "wiped")]
    assert await audited() == done


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_device_is_worth_as_much_as_its_account(
    client: httpx.AsyncClient, device: dict[str, str]
) -> None:
    async def answer() -> int:
        return (await client.get(f"{DATA}/roster", headers=device)).status_code

    role = (
        "UPDATE account_grant SET role = :role WHERE account ="
        " (SELECT id FROM account WHERE name = 'wang')"
    )
    assert await answer() == 200
    await database.execute(role, role="viewer")
    assert await answer() == 410
    await database.execute(role, role="clerk")
    assert await answer() == 200
    await database.execute("UPDATE account SET active = 0 WHERE name = 'wang'")
    assert await answer() == 410


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_nobody_elses_token_opens_anything(
    client: httpx.AsyncClient, device: dict[str, str], steward: httpx.AsyncClient
) -> None:
    for token in ("", "x", device["x-device-token"] + "x"):
        answer = await client.get(f"{DATA}/roster", headers={**JSON, "x-device-token": token})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_device")
    answer = await client.get(f"{DATA}/devices/nothing/state", headers=JSON)
    assert answer.status_code == 400
    blank = {"label": " ", "password": PASSWORD}
    assert (await steward.post(f"{DATA}/devices", json=blank, headers=JSON)).status_code == 422
    bare = {"label": "平板", "password": PASSWORD}
    steward.headers["x-csrf-token"] = "wrong"
    assert (await steward.post(f"{DATA}/devices", json=bare, headers=JSON)).status_code == 403


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_the_shell_and_its_worker_hold_nothing_of_anybody(
    client: httpx.AsyncClient, steward: httpx.AsyncClient
) -> None:
    page = (await steward.get(f"{PLUGIN}/steward")).text
    shell = (await client.get(f"{PLUGIN}/steward/shell")).text
    assert page == shell
    assert "王经办" not in shell
    assert steward.headers["x-csrf-token"] not in shell
    worker = await client.get(f"{PLUGIN}/steward/worker.js")
    assert worker.headers["service-worker-allowed"] == f"{PLUGIN}/steward"
    again = await client.get(f"{PLUGIN}/steward/worker.js")
    assert worker.content == again.content
    manifest = (await client.get(f"{PLUGIN}/steward/app.webmanifest")).json()
    assert manifest["start_url"] == manifest["scope"] == f"{PLUGIN}/steward"
    kept = worker.text.split("\n", 1)[0]
    loaded = [part for part in kept.split('"') if part.startswith("/static/")]
    for address in [*loaded, *(icon["src"] for icon in manifest["icons"])]:
        assert (await client.get(address)).status_code == 200, address
    modules = {part.rpartition("/")[2] for part in loaded if part.endswith(".js")}
    for address in loaded:
        if address.endswith(".js"):
            source = (await client.get(address)).text
            for line in source.splitlines():
                if line.startswith("import "):
                    assert line.split('"')[1].rpartition("/")[2] in modules, line
