from __future__ import annotations

import pytest

from core import audit, sessions
from core.account_views import find
from core.permissions import ROLES, SYSTEM
from tests.core.test_sign_in import NOW
from tests.fixtures.people import PASSWORD, csrf_token, sign_in

HTML = {"accept": "text/html"}
NEW = {"name": "li", "password": PASSWORD, "role": "clerk", "organisation": "town-a"}


@pytest.fixture
async def browser(offices, visit):
    """The administrator of county-a, signed in."""
    await offices.person("boss", "administrator", "city")
    await offices.person("chief", "administrator", "county-a")
    async with visit(**HTML) as made:
        await sign_in(made, "chief")
        yield made


async def send(browser, page, address, **values):
    token = csrf_token((await browser.get(page)).text)
    return await browser.post(address, data={**values, "csrf_token": token})


async def test_an_account_is_made_used_and_disabled_through_pages(browser, visit):
    form = (await browser.get("/new-account")).text
    assert "town-a残联" in form
    assert "county-b残联" not in form
    done = await send(browser, "/new-account", "/new-account", **NEW, display_name="李四")
    assert done.headers["location"] == "/accounts"
    listed = (await browser.get("/accounts")).text
    assert "已建立账号 li" in listed
    assert "李四" in listed
    assert "boss" not in listed
    async with visit(**HTML) as other:
        assert (await sign_in(other, "li")).status_code == 303
        page = "/accounts/li"
        await send(browser, page, f"{page}/active")
        assert (await sign_in(other, "li")).status_code == 422
        await send(browser, page, f"{page}/active", active="true")
        await send(browser, page, f"{page}/password", password="a better password")
        assert (await sign_in(other, "li", "a better password")).status_code == 303


async def test_roles_are_added_and_removed_on_the_page(browser):
    await send(browser, "/new-account", "/new-account", **NEW)
    page = "/accounts/li"
    await send(browser, page, f"{page}/roles", role="viewer", organisation="county-a")
    roles = (await find("li")).roles
    assert [(role.role, role.organisation) for role in roles] == [
        ("clerk", "town-a"),
        ("viewer", "county-a"),
    ]
    await send(browser, page, f"{page}/roles/{roles[0].id}/remove")
    await send(browser, page, f"{page}/roles/{roles[1].id}/remove")
    assert "仅有的角色" in (await browser.get(page)).text
    assert len((await find("li")).roles) == 1


async def test_a_form_with_faults_comes_back_with_all_of_them_and_no_password(browser):
    bad = {"name": "a b", "password": "short-secret", "role": "emperor", "organisation": "city"}
    page = await send(browser, "/new-account", "/new-account", **bad)
    assert page.status_code == 422
    assert "请从列出的选项里选" in page.text
    assert "不在您的范围之内" in page.text
    assert "short-secret" not in page.text
    again = await send(browser, "/new-account", "/new-account", **{**NEW, "name": "chief"})
    assert "已经有人用了" in again.text


async def test_an_account_above_does_not_exist_for_who_is_below(browser):
    for address in ("/accounts/boss", "/accounts/nobody"):
        assert (await browser.get(address)).status_code == 404
    for action in ("password", "active", "roles"):
        answer = await send(
            browser,
            "/password",
            f"/accounts/boss/{action}",
            password="a better password",
            role="viewer",
            organisation="county-a",
        )
        assert answer.status_code == 404
    assert (await find("boss")).active


@pytest.mark.parametrize("role", sorted(ROLES - {"administrator"}))
async def test_other_roles_find_the_pages_closed(sqlite_offices, visit, role):
    await sqlite_offices.person("somebody", role, "city")
    async with visit(**HTML) as browser:
        await sign_in(browser, "somebody")
        for address in ("/accounts", "/new-account", "/accounts/somebody", "/tokens"):
            assert (await browser.get(address)).status_code == 403
        seen = (await browser.get("/audit")).status_code
    assert seen == (200 if role in {"organiser", "reviewer"} else 403)


async def test_a_token_is_shown_once_and_works(browser, visit):
    made = await send(
        browser, "/tokens", "/tokens", name="feeder", role="viewer", organisation="town-a"
    )
    token = made.text.split("<code>tx_", 1)[1].split("</code>", 1)[0]
    assert "no-store" in made.headers["cache-control"]
    assert "tx_" not in (await browser.get("/tokens")).text
    async with visit(token=f"tx_{token}") as programme:
        assert (await programme.get("/api/v1/me")).status_code == 200
        await send(browser, "/tokens", "/tokens/feeder/revoke")
        assert (await programme.get("/api/v1/me")).status_code == 401


async def test_the_audit_page_shows_the_readers_part_and_narrows(browser, offices):
    await send(browser, "/new-account", "/new-account", **NEW)
    everything = (await browser.get("/audit")).text
    assert "建立账号" in everything
    assert "boss" not in everything
    narrowed = (await browser.get("/audit?actor=nobody&since=2026-05-01")).text
    assert "没有这样的记录" in narrowed
    assert 'value="2026-05-01"' in narrowed
    wrong = await browser.get("/audit?since=soon")
    assert wrong.status_code == 422
    assert "日期看不懂" in wrong.text


async def test_the_same_by_json(offices, visit):
    token = await sessions.create_token(
        SYSTEM, "programme", "administrator", offices["county-a"], now=NOW
    )
    await offices.person("boss", "administrator", "city")
    async with visit(token=token) as programme:
        made = await programme.post("/api/v1/accounts", json=NEW)
        assert made.status_code == 201
        place = made.headers["location"]
        assert (await programme.get(place)).json() == made.json()
        assert made.json()["roles"][0]["organisation"] == "town-a"
        assert (await programme.post("/api/v1/accounts", json=NEW)).status_code == 409
        listed = (await programme.get("/api/v1/accounts")).json()
        assert [each["name"] for each in listed["items"]] == ["li"]
        off = await programme.patch(place, json={"active": False})
        assert off.json()["active"] is False
        more = await programme.post(
            f"{place}/roles", json={"role": "viewer", "organisation": "county-a"}
        )
        extra = more.json()["roles"][1]["id"]
        assert (await programme.delete(f"{place}/roles/{extra}")).status_code == 204
        password = {"password": "a better password"}
        assert (await programme.put(f"{place}/password", json=password)).status_code == 204
        assert (await programme.get("/api/v1/accounts/boss")).status_code == 404
        assert (
            await programme.put("/api/v1/accounts/boss/password", json=password)
        ).status_code == 404
        outside = {**NEW, "name": "wang", "organisation": "city"}
        refused = (await programme.post("/api/v1/accounts", json=outside)).json()
        assert refused["errors"][0]["pointer"] == "/organisation"
    assert PASSWORD not in str([entry.after for entry in await audit.entries(SYSTEM)])


async def test_lists_by_json_are_paged_by_cursor(offices, visit):
    token = await sessions.create_token(
        SYSTEM, "programme", "administrator", offices["city"], now=NOW
    )
    for name in ("an", "bai", "chen"):
        await offices.person(name, "viewer", "town-a")
    async with visit(token=token) as programme:
        first = (await programme.get("/api/v1/accounts?limit=2")).json()
        rest = (
            await programme.get("/api/v1/accounts", params={"limit": 2, "cursor": first["next"]})
        ).json()
        assert [each["name"] for each in first["items"] + rest["items"]] == ["an", "bai", "chen"]
        assert rest["next"] is None
        entries = (await programme.get("/api/v1/audit?limit=1&action=account.created")).json()
        assert entries["items"][0]["thing_key"] == "chen"
        older = await programme.get(
            "/api/v1/audit",
            params={"limit": 1, "action": "account.created", "cursor": entries["next"]},
        )
        assert older.json()["items"][0]["thing_key"] == "bai"
        for limit in (0, 201, "x"):
            refused = await programme.get(f"/api/v1/accounts?limit={limit}")
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/limit")


async def test_a_repeated_token_request_makes_one_token_and_tells_it_once(offices, visit):
    token = await sessions.create_token(
        SYSTEM, "programme", "administrator", offices["city"], now=NOW
    )
    body = {"name": "feeder", "role": "viewer", "organisation": "town-a"}
    key = {"idempotency-key": "once"}
    async with visit(token=token) as programme:
        first = (await programme.post("/api/v1/tokens", json=body, headers=key)).json()
        again = (await programme.post("/api/v1/tokens", json=body, headers=key)).json()
        assert first["token"].startswith("tx_")
        assert again == {"name": "feeder", "token": None}
        assert (await programme.delete("/api/v1/tokens/feeder")).status_code == 204
        (view,) = [
            each
            for each in (await programme.get("/api/v1/tokens")).json()["items"]
            if each["name"] == "feeder"
        ]
    assert view["revoked_at"] is not None
