"""Signing up as a volunteer does it: on a phone, without script, from registering to a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from core import moments
from tests.fixtures.served import CSRF, Served

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 800}
PASSWORD = "春天我们一起去做服务"
OFFER = "/volunteer/shifts/2022-city/flow"
SHIFTS = "/campaigns/2022-city/volunteer/shifts"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
AXE = "axe.run(document, {resultTypes: ['violations']})"


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def organiser(served: Served) -> Iterator[httpx.Client]:
    """Somebody of the office, with a shift of one place opened to the public."""
    day = moments.today() + timedelta(days=20)
    with closing(served.browser("zuzhi")) as browser:
        token = CSRF.search(browser.get("/password").text)
        assert token
        browser.headers["x-csrf-token"] = token[1]
        shift = {
            "key": "flow",
            "title": "推轮椅",
            "organisation": "x1",
            "activity": None,
            "capacity": 1,
            "starts_at": f"{day}T08:00:00+08:00",
            "ends_at": f"{day}T12:00:00+08:00",
            "place": "市民广场",
            "tasks": ["推轮椅"],
            "risks": "上下坡",
            "insurance": "主办方已投保",
        }
        address = "/api/v1/campaigns/2022-city/volunteer/shifts"
        answer = browser.post(address, json=shift, headers={"accept": "application/json"})
        assert answer.status_code == 201, answer.text
        page = browser.post(f"{SHIFTS}/flow/recruiting", data={"act": "publish"}).text
        assert "班次已经公开" in page
        yield browser


class Visitor:
    """Somebody at a phone; what axe says of the pages that he passes is kept."""

    def __init__(self, chromium: Browser, served: Served, axe: str) -> None:
        context = chromium.new_context(java_script_enabled=False, viewport=PHONE, locale="zh-CN")
        context.set_default_timeout(15_000)
        self.page: Page = context.new_page()
        self.address, self.axe = served.address, axe
        self.chromium = chromium
        self.complaints: list[str] = []
        self.looked_at: set[str] = set()

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(self.address + path)

    def press(self, role: str, name: str) -> None:
        """Press a button, or follow a link, by its name."""
        found = self.page.get_by_role("button" if role == "button" else "link", name=name)
        found.first.click()
        self.page.wait_for_load_state()

    def says(self, text: str) -> None:
        """The page says so; look at it with axe, which needs script."""
        assert text in self.page.locator("main").inner_text(), self.page.locator(
            "main"
        ).inner_text()
        seeing = self.chromium.new_context(viewport=PHONE, locale="zh-CN")
        seeing.add_cookies(self.page.context.cookies())  # type: ignore[arg-type]
        page = seeing.new_page()
        page.goto(self.page.url)
        page.evaluate(self.axe)
        found = page.evaluate(AXE)["violations"]
        self.complaints += [
            f"{page.url}: {each['id']}: {each['nodes'][0]['html']}" for each in found
        ]
        if page.evaluate(OVERFLOW) > 0:
            self.complaints.append(f"{page.url}: too wide")
        seeing.close()

    def register(self, name: str, phone: str) -> None:
        """From the list of shifts to an account, and back to the shift."""
        self.go("/volunteer")
        self.says("正在招募的班次")
        self.press("link", "推轮椅")
        self.says("可能的风险")
        self.press("link", "第一次来，先登记")
        self.says("个人信息怎样使用")
        self.press("button", "登记")
        self.says("请填写姓名")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=phone]", phone)
        self.page.fill("[name=password]", PASSWORD)
        self.page.check("[name=adult]")
        self.page.check("[name=agrees]")
        assert self.page.input_value("[name=organisation]") == "x1"
        self.press("button", "登记")
        self.page.wait_for_url(f"**{OFFER}")
        assert re.search(r"志愿者编号是\d{10}", self.page.inner_text("main"))


def test_from_registering_to_moving_up(
    chromium: Browser, served: Served, organiser: httpx.Client, axe_source: str
) -> None:
    first, second = (Visitor(chromium, served, axe_source) for _ in range(2))
    first.register("王芳", "13800000001")
    first.press("button", "报名")
    first.says("您已经报名")
    second.looked_at = {f"{served.address}{each}" for each in ("/volunteer", OFFER)}
    second.register("李建国", "13800000002")
    second.looked_at.clear()
    second.press("button", "名额已满，排候补")
    second.says("您在候补，排在第1位")
    staffing = organiser.get("/campaigns/2022-city/volunteer/staffing").text
    assert "1人，需要1人" in staffing
    first.press("button", "退出这个班次")
    first.says("已经退出")
    second.go("/volunteer")
    second.says("您已报名")
    second.go(OFFER)
    second.says("前面有人退出，您已经补上了")
    # Another day, another phone: by the number typed as people type it.
    third = Visitor(chromium, served, axe_source)
    third.go(f"/volunteer/sign-in?next={OFFER}")
    third.says("手机号或志愿者编号")
    third.page.fill("[name=name]", "138 0000 0002")
    third.page.fill("[name=password]", PASSWORD)
    third.press("button", "登录")
    third.says("您已经补上了")
    complaints = [each for one in (first, second, third) for each in one.complaints]
    assert complaints == [], "\n".join(complaints)


def test_a_minor_finds_the_guardians_form(
    chromium: Browser, served: Served, organiser: httpx.Client, axe_source: str
) -> None:
    minor = Visitor(chromium, served, axe_source)
    minor.go("/volunteer/register")
    minor.press("link", "未满18周岁的，和监护人一起登记")
    minor.says("监护人姓名")
    minor.page.fill("[name=born]", f"{moments.today().year - 10}-01-01")
    minor.press("button", "登记")
    minor.says("请由监护人陪同，到活动现场")
    assert minor.complaints == []
