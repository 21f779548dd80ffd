"""A volunteer's own pages on a phone without script: from registering to leaving."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from app import create_app
from core.settings import Settings
from tests.browser.test_every_page import LINK, OVERFLOW, page_patterns, pattern_of
from tests.fixtures.served import CSRF, Served

pytestmark = pytest.mark.browser
DATA = "/api/v1/campaigns/2022-city/volunteer"
PASSWORD = "battery correct horse"
PAST = ("2022-05-14T08:00:00+08:00", "2022-05-14T11:30:00+08:00")
AHEAD = ("2098-05-14T08:00:00+08:00", "2098-05-14T11:30:00+08:00")


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def phone(chromium: Browser, served: Served, *, script: bool = False) -> Iterator[Page]:
    context = chromium.new_context(
        java_script_enabled=script,
        viewport={"width": 360, "height": 800},
        locale="zh-CN",
        base_url=served.address,
        accept_downloads=True,
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def enter(page: Page, number: str) -> None:
    page.goto("/volunteer/sign-in?next=/volunteer/me")
    page.fill("[name=name]", number)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/volunteer/me")


def arrange(served: Served, key: str, times: tuple[str, str]) -> None:
    """A shift of 甲旗, open for sign-up."""
    shift = {
        "key": key,
        "title": "盲人电影引路",
        "organisation": "x1",
        "capacity": 5,
        "activity": None,
        "starts_at": times[0],
        "ends_at": times[1],
        "place": "市民文化中心三楼",
        "risks": "楼梯较多",
        "insurance": "主办方已投保",
    }
    with office(served) as (client, headers):
        answer = client.post(f"{DATA}/shifts", json=shift, headers=headers)
        assert answer.status_code == 201, answer.text
        address = f"/campaigns/2022-city/volunteer/shifts/{key}/recruiting"
        answer = client.post(address, data={"act": "publish"}, headers=headers)
        assert answer.status_code == 200, answer.text


@contextmanager
def office(served: Served) -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    """The administrator's browser, and what it sends along."""
    with closing(served.browser("admin")) as client:
        token = CSRF.search(client.get("/campaigns").text)
        assert token
        yield client, {"X-CSRF-Token": token[1], "accept": "application/json"}


def serve(served: Served, number: str) -> None:
    """Three and a half confirmed hours."""
    arrange(served, "own-past", PAST)
    record = {
        "volunteer": number,
        "shift": "own-past",
        "checked_in_at": PAST[0],
        "checked_out_at": PAST[1],
        "status": "confirmed",
    }
    with office(served) as (client, headers):
        answer = client.post(f"{DATA}/attendances", json=record, headers=headers)
        assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def volunteer(served: Served, chromium: Browser) -> str:
    """Somebody who registers on his phone and signs up for a shift; gives his number."""
    arrange(served, "own-ahead", AHEAD)
    with phone(chromium, served) as page:
        page.goto("/volunteer/register?next=/volunteer/shifts/2022-city/own-ahead")
        page.fill("[name=name]", "赵晓梅")
        page.fill("[name=phone]", "139 0000 0007")
        page.select_option("[name=organisation]", "x1")
        page.fill("[name=password]", PASSWORD)
        page.check("[name=adult]")
        page.check("[name=agrees]")
        page.click("main button[type=submit]")
        page.wait_for_load_state()
        page.goto("/volunteer/shifts/2022-city/own-ahead")
        page.click("form[action$='/join'] button")
        page.wait_for_load_state()
        page.goto("/volunteer/me")
        found = re.search(r"志愿者编号 (\d{10})", page.locator("main").inner_text())
        assert found, page.content()
    serve(served, found[1])
    return found[1]


def test_from_the_next_shift_to_the_certificate(
    volunteer: str, chromium: Browser, served: Served
) -> None:
    with phone(chromium, served) as page:
        enter(page, volunteer)
        said = page.locator("main").inner_text()
        assert "盲人电影引路" in said
        assert "市民文化中心三楼" in said
        assert "3小时30分钟" in said
        assert page.locator(".huge").bounding_box()["height"] >= 64  # type: ignore[index]
        page.click("text=开服务证明")
        page.click("text=开证明 >> nth=-1")
        page.wait_for_load_state()
        with page.expect_download() as waiting:
            page.click("a:has-text('下载证明')")
        pdf = Path(waiting.value.path()).read_bytes()
        text = "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages)
        assert "赵晓梅" in text
        address = re.search(r"/volunteer/certificates/[A-Z0-9-]{14}", re.sub(r"\s", "", text))
        assert address
        page.context.clear_cookies()
        page.goto(address[0])
        said = page.locator("main").inner_text()
        assert "这份证明有效" in said
        assert "赵*梅" in said
        assert "赵晓梅" not in said


def test_a_record_is_objected_to_and_a_calendar_made(
    volunteer: str, chromium: Browser, served: Served
) -> None:
    with phone(chromium, served) as page:
        enter(page, volunteer)
        page.click("text=看每一条记录")
        page.click("main table a >> nth=0")
        page.fill("[name=text]", "我12点才走")
        page.click("main form button[type=submit]")
        page.wait_for_load_state()
        assert "等待答复" in page.locator("main").inner_text()
        page.goto("/volunteer/me/calendar")
        page.check("[name=alarm][value='1440']")
        page.click("text=建立地址 >> nth=-1")
        page.wait_for_load_state()
        address = page.locator("figcaption code").inner_text()
    feed = httpx.get(address).text.replace("\r\n ", "")
    assert feed.count("BEGIN:VEVENT") == 3  # both shifts, and a reminder of the one to come
    assert "明天有志愿服务" in feed


def test_links_lead_to_every_own_page_and_all_are_accessible(
    volunteer: str,
    chromium: Browser,
    served: Served,
    axe_source: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("routes")
    patterns = page_patterns(create_app(Settings(f"sqlite:///{folder}/x.db", folder / "x.key")))
    own = {
        name for name in patterns if name.startswith(("/volunteer/me", "/volunteer/certificates/"))
    }
    complaints: list[str] = []
    seen: set[str] = set()
    with phone(chromium, served, script=True) as page:
        enter(page, volunteer)
        waiting = ["/volunteer/me"]
        while waiting:
            address = waiting.pop()
            pattern = pattern_of(urlsplit(address).path, patterns)
            if pattern not in own or pattern in seen:
                continue
            seen.add(pattern)
            page.goto(address)
            complaints += faults(page, axe_source)
            waiting += [
                urldefrag(urljoin(address, link.replace("&amp;", "&"))).url
                for link in LINK.findall(page.content())
            ]
    assert complaints == []
    assert own - seen == set()


def faults(page: Page, axe_source: str) -> list[str]:
    """What axe finds, and whether the page is wider than the phone."""
    page.evaluate(axe_source)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    told = [f"{page.url}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    return told + ([f"{page.url}: too wide"] if page.evaluate(OVERFLOW) > 0 else [])


def test_leaving_ends_the_account(volunteer: str, chromium: Browser, served: Served) -> None:
    with phone(chromium, served) as page:
        enter(page, volunteer)
        page.goto("/volunteer/me/data")
        assert "赵晓梅" in page.locator("main").inner_text()
        page.click("text=注销，删除个人信息")
        page.fill("[name=password]", PASSWORD)
        page.click("text=注销并删除")
        page.wait_for_load_state()
        assert "已经注销" in page.locator("main").inner_text()
        page.goto("/volunteer/me")
        assert "/sign-in" in page.url
