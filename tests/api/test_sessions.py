from __future__ import annotations

import pytest

from core import accounts, database
from core.permissions import SYSTEM
from core.sign_in import ATTEMPTS, SENTENCE
from tests.fixtures.people import PASSWORD, csrf_token, sign_in

HTML = {"accept": "text/html"}


async def test_signing_in_goes_where_one_was_going_and_out_ends_it(offices, visit):
    await offices.person("zhang", "administrator", "city")
    async with visit(**HTML) as browser:
        page = await browser.get("/sign-in?next=/accounts")
        form = {
            "name": "zhang",
            "password": PASSWORD,
            "csrf_token": csrf_token(page.text),
            "next": "/accounts",
        }
        done = await browser.post("/sign-in", data=form)
        assert (done.status_code, done.headers["location"]) == (303, "/accounts")
        listed = await browser.get("/accounts")
        assert listed.status_code == 200
        assert "city残联" in listed.text
        out = await browser.post("/sign-out", data={"csrf_token": csrf_token(listed.text)})
        assert out.headers["location"] == "/sign-in?left=true"
        assert "您已退出登录" in (await browser.get("/sign-in?left=true")).text
        assert (await browser.get("/accounts")).status_code == 303
    assert await database.fetch("SELECT id FROM session") == []


async def test_the_session_of_before_is_not_the_session_after(sqlite_offices, visit):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit() as browser:
        browser.cookies.set("session", "chosen-by-somebody-else")
        await sign_in(browser, "zhang")
        cookies = [cookie.value for cookie in browser.cookies.jar if cookie.name == "session"]
    assert any(len(value) == 43 for value in cookies)
    assert "chosen-by-somebody-else" not in str(await database.fetch("SELECT * FROM session"))


async def test_over_http_the_cookie_is_plain_and_over_https_bound_to_the_host(
    sqlite_offices, visit
):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit() as browser:
        plain = (await sign_in(browser, "zhang")).headers.get_list("set-cookie")
    async with visit(base="https://localhost") as browser:
        bound = (await sign_in(browser, "zhang")).headers.get_list("set-cookie")
        browser.cookies.clear()
        value = plain[0].split("=", 1)[1].split(";", 1)[0]
        asked = await browser.get("/api/v1/me", headers={"cookie": f"session={value}"})
        assert asked.status_code == 401
    (one,) = [cookie for cookie in plain if cookie.startswith("session=")]
    (other,) = [cookie for cookie in bound if cookie.startswith("__Host-session=")]
    assert "httponly" in one.casefold()
    assert "secure" not in one.casefold()
    for part in ("httponly", "secure", "path=/", "samesite=lax", "max-age=43200"):
        assert part in other.casefold()
    assert "domain" not in other.casefold()


async def test_what_was_wrong_is_not_told_and_the_password_does_not_come_back(
    sqlite_offices, visit
):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit(**HTML) as browser:
        for name in ("zhang", "nobody"):
            page = await sign_in(browser, name, "not the password")
            assert page.status_code == 422
            assert SENTENCE in page.text
            assert "not the password" not in page.text


async def test_a_locked_account_stays_locked_for_the_right_password(sqlite_offices, visit):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit(**HTML) as browser:
        for _ in range(ATTEMPTS):
            await sign_in(browser, "zhang", "wrong")
        assert (await sign_in(browser, "zhang")).status_code == 422


async def test_the_sign_in_form_of_another_browser_is_refused(sqlite_offices, visit):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit(**HTML) as browser, visit(**HTML) as other:
        foreign = csrf_token((await other.get("/sign-in")).text)
        await browser.get("/sign-in")
        for token in (foreign, ""):
            form = {"name": "zhang", "password": PASSWORD, "csrf_token": token}
            assert (await browser.post("/sign-in", data=form)).status_code == 422
        browser.cookies.clear()
        form = {"name": "zhang", "password": PASSWORD, "csrf_token": ""}
        assert (await browser.post("/sign-in", data=form)).status_code == 422
    assert await database.fetch("SELECT id FROM session") == []


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/accounts?a=b", "/accounts?a=b"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
    ],
)
async def test_after_signing_in_nobody_is_led_off_the_site(sqlite_offices, visit, asked, given):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit(**HTML) as browser:
        token = csrf_token((await browser.get("/sign-in")).text)
        form = {"name": "zhang", "password": PASSWORD, "csrf_token": token, "next": asked}
        assert (await browser.post("/sign-in", data=form)).headers["location"] == given
        again = await browser.get("/sign-in", params={"next": asked})
        assert again.headers["location"] == given


async def test_a_form_of_a_session_needs_that_sessions_token(sqlite_offices, visit):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit(**HTML) as browser, visit(**HTML) as other:
        await sign_in(browser, "zhang")
        await sign_in(other, "zhang")
        own = csrf_token((await browser.get("/password")).text)
        foreign = csrf_token((await other.get("/password")).text)
        for body in ({}, {"csrf_token": ""}, {"csrf_token": foreign}):
            refused = await browser.post("/write", data=body)
            assert refused.status_code == 403
            assert "没有通过安全检查" in refused.text
        assert (await browser.post("/write", data={"csrf_token": own})).status_code == 303
        parts = {"csrf_token": (None, own), "file": ("a.txt", b"x")}
        assert (await browser.post("/write", files=parts)).status_code == 303
        assert (await browser.post("/write", headers={"x-csrf-token": own})).status_code == 303
        json_body = await browser.post("/write", json={"csrf_token": own})
        assert json_body.status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8001"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_another_sites_form_is_refused_even_with_the_token(sqlite_offices, visit, header):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit(**HTML) as browser:
        await sign_in(browser, "zhang")
        token = csrf_token((await browser.get("/password")).text)
        body = {"csrf_token": token}
        assert (await browser.post("/write", data=body, headers=header)).status_code == 403
        own = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
        assert (await browser.post("/write", data=body, headers=own)).status_code == 303
        signing = {"name": "zhang", "password": PASSWORD, "csrf_token": token}
        assert (await browser.post("/sign-in", data=signing, headers=header)).status_code == 403


async def test_a_message_is_shown_once_and_only_if_we_signed_it(sqlite_offices, visit):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit(**HTML) as browser, visit(**HTML) as other:
        await sign_in(browser, "zhang")
        await sign_in(other, "zhang")
        token = csrf_token((await browser.get("/password")).text)
        await browser.post("/write", data={"csrf_token": token})
        left = browser.cookies["messages"]
        assert "写好了。" in (await browser.get("/password")).text
        assert "写好了。" not in (await browser.get("/password")).text
        other.cookies.set("messages", left)
        assert "写好了。" not in (await other.get("/password")).text


async def test_changing_ones_password_keeps_this_session_and_ends_the_others(offices, visit):
    await offices.person("zhang", "clerk", "city")
    async with visit(**HTML) as browser, visit(**HTML) as other:
        await sign_in(browser, "zhang")
        await sign_in(other, "zhang")
        token = csrf_token((await browser.get("/password")).text)
        form = {"current": PASSWORD, "password": "short", "again": "other", "csrf_token": token}
        wrong = await browser.post("/password", data=form)
        assert wrong.status_code == 422
        assert "两次填的密码不一样" in wrong.text
        form |= {"password": "a better password", "again": "a better password"}
        assert (await browser.post("/password", data=form)).status_code == 303
        assert (await browser.get("/password")).status_code == 200
        assert (await other.get("/password")).status_code == 303
        assert (await sign_in(other, "zhang", "a better password")).status_code == 303


async def test_a_disabled_account_is_out_at_once(sqlite_offices, visit):
    await sqlite_offices.person("zhang", "clerk", "city")
    async with visit() as browser:
        await sign_in(browser, "zhang")
        await accounts.set_active(SYSTEM, "zhang", False)
        assert (await browser.get("/api/v1/me")).status_code == 401
