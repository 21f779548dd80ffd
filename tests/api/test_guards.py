from __future__ import annotations

import pytest
from litestar import get

from api.application import create
from api.kit.guards import DECLARATIONS, handlers, undeclared
from core import sessions
from core.permissions import ROLES, SYSTEM, registry
from tests.core.test_sign_in import NOW
from tests.fixtures.people import sign_in

HTML = {"accept": "text/html"}


async def bearer(offices, role, office):
    return await sessions.create_token(SYSTEM, f"{role}-{office}", role, offices[office], now=NOW)


def test_every_handler_of_ours_says_who_may_use_it():
    app = create()
    assert undeclared(app) == []
    found = handlers(app.routes)
    assert len(found) > 20
    for path, method, handler in found:
        said = [name for name in DECLARATIONS if handler.opt.get(name)]
        assert len(said) == 1, f"{method} {path}: {said}"


def test_every_unsafe_handler_but_the_sign_in_form_needs_an_actor():
    public = {
        (method, path)
        for path, method, handler in handlers(create().routes)
        if handler.opt.get("public") and method not in {"GET", "HEAD"}
    }
    assert public == {("POST", "/sign-in")}


def test_asking_for_a_permission_that_nobody_registered_fails_at_start():
    @get("/x", opt={"permission": "no.such"})
    async def handler() -> str:
        return ""

    with pytest.raises(KeyError, match=r"no\.such"):
        create([handler])


async def test_a_handler_that_declares_nothing_is_closed_to_everybody(sqlite_offices, visit):
    token = await bearer(sqlite_offices, "administrator", "city")
    async with visit() as stranger, visit(token=token) as programme:
        assert (await stranger.get("/silent")).status_code == 401
        refused = await programme.get("/silent")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_each_role_reaches_its_own_subtree_and_the_rest_does_not_exist(offices, visit, role):
    token = await bearer(offices, role, "county-a")
    may = role in registry()["campaign.view"].roles
    async with visit(token=token) as programme:
        codes = {
            key: (await programme.get(f"/api/v1/things/{offices[key]}")).status_code
            for key in offices.ids
        }
        assert (await programme.get("/api/v1/things/999999")).status_code == (404 if may else 403)
    own = {"county-a", "town-a"}
    assert codes == {key: (200 if key in own else 404) if may else 403 for key in offices.ids}


async def test_a_stranger_is_sent_to_the_sign_in_page_and_a_programme_is_told(
    sqlite_offices, visit
):
    async with visit(**HTML) as browser:
        page = await browser.get("/accounts?cursor=a%26b")
        assert page.status_code == 303
        assert page.headers["location"] == "/sign-in?next=%2Faccounts%3Fcursor%3Da%2526b"
        data = await browser.get("/api/v1/accounts")
    assert (data.status_code, data.headers["www-authenticate"]) == (401, "Bearer")
    assert data.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("header", ["Bearer tx_wrong", "Bearer", "Basic eDp5", "nonsense"])
async def test_a_bad_bearer_token_is_refused_even_with_a_good_cookie(sqlite_offices, visit, header):
    await sqlite_offices.person("zhang", "administrator", "city")
    async with visit() as browser:
        await sign_in(browser, "zhang")
        assert (await browser.get("/api/v1/me")).status_code == 200
        refused = await browser.get("/api/v1/me", headers={"authorization": header})
    assert refused.status_code == 401


async def test_a_token_signs_requests_until_it_is_revoked(sqlite_offices, visit):
    token = await bearer(sqlite_offices, "clerk", "city")
    async with visit(token=token) as programme:
        me = (await programme.get("/api/v1/me")).json()
        assert (me["name"], me["via"]) == ("token:clerk-city", "token")
        assert "figure.report" in me["permissions"]
        assert "target.set" not in me["permissions"]
        await sessions.revoke_token(SYSTEM, "clerk-city", NOW)
        assert (await programme.get("/api/v1/me")).status_code == 401


async def test_options_tell_a_stranger_nothing(sqlite_offices, visit):
    async with visit() as stranger:
        assert (await stranger.options("/api/v1/accounts")).status_code == 401
