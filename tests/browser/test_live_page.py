"""A campaign's page that stays fresh while it is looked at, and does without script."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.fixtures.served import Served

pytestmark = pytest.mark.browser
CAMPAIGN = "/campaigns/2022-city"
SLOW = 20_000


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield made
        made.close()


def signed_in(browser: Browser, served: Served, *, script: bool = True) -> Page:
    context = browser.new_context(base_url=served.address, java_script_enabled=script)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("账号").fill("zuzhi")
    page.get_by_label("密码").fill(served.logins["zuzhi"])
    page.get_by_role("main").get_by_role("button", name="登录").click()
    return page


def on_duty(served: Served, *, count: int) -> str:
    """So many people are on duty, written by another process; gives the shift of one of them."""
    with closing(sqlite3.connect(served.database_url.removeprefix("sqlite:///"))) as file, file:
        file.execute("UPDATE volunteer_attendance SET status = 'confirmed' WHERE status = 'open'")
        file.execute(
            "UPDATE volunteer_attendance SET status = 'open' WHERE id IN"
            " (SELECT id FROM volunteer_attendance ORDER BY id LIMIT ?)",
            (count,),
        )
        file.execute("UPDATE campaign SET changes = changes + 1")
        row = file.execute(
            "SELECT h.key FROM volunteer_shift h JOIN volunteer_attendance a ON a.shift = h.id"
            " ORDER BY a.id LIMIT 1"
        ).fetchone()
    return str(row[0])


def test_numbers_follow_the_campaign_without_the_page_being_asked_for(
    browser: Browser, served: Served
) -> None:
    """And whoever listens rather than looks is told, politely."""
    on_duty(served, count=0)
    page = signed_in(browser, served)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(CAMPAIGN)
    page.evaluate("window.sameDocument = true")
    count = page.locator("[data-live-count='volunteer.on_duty']")
    expect(count).to_have_text("0")
    shift = on_duty(served, count=3)
    expect(count).to_have_text("3", timeout=SLOW)
    said = page.get_by_role("status").filter(has_text="页面上的数字已更新")
    expect(said).to_have_count(1, timeout=SLOW)
    assert page.evaluate("window.sameDocument") is True

    page.goto(f"{CAMPAIGN}/volunteer/shifts/{shift}")
    here = page.locator("[data-live-count='volunteer.on_duty_in_shift']")
    before = int(here.inner_text())
    assert before > 0
    ticked = page.locator("input[type=checkbox]").first
    ticked.check()
    on_duty(served, count=0)
    expect(here).to_have_text("0", timeout=SLOW)
    assert ticked.is_checked()  # what somebody was about to do stays
    assert faults == []
    page.context.close()


def test_without_script_it_is_asked_for_again_by_hand(browser: Browser, served: Served) -> None:
    on_duty(served, count=0)
    page = signed_in(browser, served, script=False)
    page.goto(CAMPAIGN)
    on_duty(served, count=2)
    page.get_by_role("link", name="刷新").click()
    expect(page.locator("[data-live-count='volunteer.on_duty']")).to_have_text("2")
    on_duty(served, count=0)
    page.context.close()
