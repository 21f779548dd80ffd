"""Every page of the demonstration, found by following links from the first one."""

from __future__ import annotations

import re
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from litestar import Litestar
from playwright.sync_api import Browser, Page, sync_playwright

from app import create_app
from core.settings import Settings
from tests.fixtures.recap_photos import SAID, photo
from tests.fixtures.served import CSRF, Served

pytestmark = pytest.mark.browser

LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
WIDTHS = (360, 768, 1280)
RENDERED_SECONDS = 60
# Pages that lead away from what is looked at, or that no link leads to on purpose.
WITHOUT_LINK = {
    "/",  # leads on to the campaigns
    "/sign-in",  # for those who are not signed in
    "/health",
    "/metrics",  # for programmes
    "/robots.txt",
    "/feeds/{name:str}",  # the address is a secret that is shown once
    "/feeds/volunteer/{name:str}",
    "/volunteer/certificates/{code:str}",  # the address is printed on a certificate
    "/volunteer/c/{shift:int}/{code:str}",  # scanned at the place, good for a minute
    "/volunteer/c/{shift:int}",
    "/campaigns/{campaign:str}/volunteer/steward/shell",  # for the worker of the steward's page
}
NO_PAGE = re.compile(
    r"^/(api|schema|static)(/|$)|\.(ics|xlsx|json|md|html|css|svg|jpg|js|webmanifest)$|/file$"
)
OUTREACH = {
    "key": "o1",
    "organisation": "city",
    "activity": None,
    "people": 500,
    "on": "2022-05-15",
}
RECRUITING = {
    "key": "h-open",
    "title": "引路",
    "organisation": "x1",
    "capacity": 2,
    "activity": None,
    "starts_at": "2099-05-12T08:00:00+08:00",
    "ends_at": "2099-05-12T12:00:00+08:00",
    "place": "市民广场",
    "risks": "户外日晒",
    "insurance": "主办方已投保",
}
# How each page is reached by Tab, what axe says of it, and how wide it is.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUSABLE = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true})
    && !(e.closest('details:not([open])') && !e.matches('summary'))
    && !(e.type === 'radio' && !e.checked && document.querySelector(
        `input[type=radio][name="${e.name}"]:checked`)))
  .filter(e => e.type !== 'radio' || e.checked || e === document.querySelector(
        `input[type=radio][name="${e.name}"]`)).length"""


def page_patterns(app: Litestar) -> dict[str, re.Pattern[str]]:
    """The paths of all pages: what GET handlers of ours answer, without data and files."""
    found = {}
    for route in app.routes:
        handlers = getattr(route, "route_handler_map", {})
        if "GET" not in handlers or NO_PAGE.search(route.path_format):
            continue
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(route.path_format))
        found[route.path] = re.compile(pattern)
    return found


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, re.Pattern[str]]:
    folder: Path = tmp_path_factory.mktemp("routes")
    return page_patterns(create_app(Settings(f"sqlite:///{folder}/x.db", folder / "x.key")))


def pattern_of(path: str, patterns: dict[str, re.Pattern[str]]) -> str | None:
    """The most literal pattern that fits."""
    fitting = [name for name, pattern in patterns.items() if pattern.fullmatch(path)]
    return min(fitting, key=lambda name: name.count("{"), default=None)


def preview(browser: httpx.Client, address: str, page: str) -> str:
    """Upload a table that is wrong everywhere: the address of the preview it leads to."""
    token = CSRF.search(page)
    assert token, address
    table = "编号,不认识的一列\n!!,1\n".encode()
    answer = browser.post(
        address, data={"csrf_token": token[1]}, files={"file": ("表.csv", table, "text/csv")}
    )
    return str(answer.url) if answer.status_code == 200 else address


def prepare(browser: httpx.Client) -> None:
    """What the demonstration lacks and some pages are about: a draft, an office's own day."""
    page = browser.get("/new-observance").text
    token = CSRF.search(page)
    assert token
    headers = {"X-CSRF-Token": token[1], "accept": "application/json"}
    own = {
        "name": "市助残日",
        "organisation": "city",
        "kind": "fixed-day",
        "month": "5",
        "day": "20",
    }
    assert browser.post("/new-observance", data={**own, "csrf_token": token[1]}).status_code == 200
    draft = {
        "key": "draft",
        "title": "读书会",
        "kind": "culture",
        "organisation": "city",
        "starts_at": "2022-05-20T09:00:00+08:00",
        "ends_at": "2022-05-20T10:00:00+08:00",
        "state": "draft",
    }
    campaign = "/api/v1/campaigns/2022-city"
    answers = [
        browser.post(f"{campaign}/volunteer/shifts", json=RECRUITING, headers=headers),
        browser.post(f"{campaign}/activities", json=draft, headers=headers),
        browser.post(f"{campaign}/publicity/outreach", json=OUTREACH, headers=headers),
        browser.patch(campaign, json={"plugins": enabled(browser)}, headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 200], [
        a.text for a in answers
    ]
    recruiting = "/campaigns/2022-city/volunteer/shifts/h-open/recruiting"
    assert browser.post(recruiting, data={"act": "publish"}, headers=headers).status_code == 200
    disputed(browser, headers)
    written(browser, headers)
    made(browser, headers)
    reason = {"unaccepted": "各县由市里统一写"}
    answer = browser.post(f"{campaign}/recap/versions", json=reason, headers=headers)
    assert answer.status_code == 201, answer.text


def disputed(browser: httpx.Client, headers: dict[str, str]) -> None:
    """Object to a record, and let somebody be in two places at once."""
    volunteer = "/api/v1/campaigns/2022-city/volunteer"
    (record,) = browser.get(f"{volunteer}/attendances?limit=1", headers=headers).json()["items"]
    said = {"attendance": record["key"], "text": "我那天服务到十二点。"}
    answer = browser.post(f"{volunteer}/objections", json=said, headers=headers)
    assert answer.status_code == 201, answer.text
    punches = [
        {
            "nonce": f"7f6c2f7e-5d0e-4b57-9d2b-0d4b8a6f9c1{number}",
            "shift": "h-open",
            "volunteer": record["volunteer"],
            "direction": direction,
            "at": RECRUITING["starts_at"],
            "device": "入口",
        }
        for number, direction in enumerate(("in", "out"))
    ]
    answer = browser.post(f"{volunteer}/punches", json={"punches": punches}, headers=headers)
    assert [each["code"] for each in answer.json()["results"]] == [None, "not_in"]


def written(browser: httpx.Client, headers: dict[str, str]) -> None:
    """Add a part, a photo and a template; the part stands first, where its page is found."""
    address = "/api/v1/campaigns/2022-city/recap"
    parts = [{"key": "free-1", "title": "媒体报道", "text": "三家媒体作了报道。"}]
    order = [*parts, *({"key": key} for key in ("overview", "leadership"))]
    answer = browser.put(
        f"{address}/manuscript", json={"revision": 0, "parts": order}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    files = {"file": ("现场.png", photo(), "image/png")}
    answer = browser.post(f"{address}/photos", data=SAID, files=files, headers=headers)
    assert answer.status_code == 201, answer.text
    template = "/api/v1/organisations/city/recap-templates/condolence"
    worded = {"text": "走访慰问{condolence.visits}。"}
    answer = browser.put(template, json=worded, headers=headers)
    assert answer.status_code == 200, answer.text


def made(browser: httpx.Client, headers: dict[str, str]) -> None:
    """Have a recap made into a file, and wait for it: its page then stands still."""
    address = "/api/v1/campaigns/2022-city/recap/renderings"
    answer = browser.post(address, json={"format": "docx"}, headers=headers)
    assert answer.status_code == 202, answer.text
    deadline = time.monotonic() + RENDERED_SECONDS
    while (told := browser.get(answer.headers["location"]).json())["state"] != "done":
        assert told["state"] != "failed", told
        assert time.monotonic() < deadline, told
        time.sleep(0.2)


def enabled(browser: httpx.Client) -> list[str]:
    """Every plugin that is installed, also the one that only tests install."""
    page = browser.get("/campaigns/2022-city/settings").text
    return re.findall(r'name="plugins"[^>]*value="([^"]+)"', page)


@pytest.fixture(scope="module")
def pages(served: Served, patterns: dict[str, re.Pattern[str]]) -> dict[str, list[str]]:
    """Addresses by path pattern, two of each at most, found by a browser without script."""
    found: dict[str, list[str]] = defaultdict(list)
    with closing(served.browser("admin")) as browser:
        prepare(browser)
        first = ["/campaigns/2022-city/activities/draft", "/campaigns"]
        waiting, seen = deque(first), set(first)
        while waiting:
            address = waiting.popleft()
            path = urlsplit(address).path
            pattern = pattern_of(path, patterns)
            if pattern is None or len(found[pattern]) >= 2:
                continue
            answer = browser.get(address)
            assert answer.status_code == 200, f"{address}: {answer.status_code}"
            if "text/html" not in answer.headers["content-type"]:
                continue
            found[pattern].append(address)
            if pattern.endswith("/import"):
                shown = urlsplit(preview(browser, address, answer.text))
                waiting.append(shown.path + (f"?{shown.query}" if shown.query else ""))
            for link in LINK.findall(answer.text):
                target = urldefrag(urljoin(address, link.replace("&amp;", "&"))).url
                if target.startswith("/") and not target.startswith("//") and target not in seen:
                    seen.add(target)
                    waiting.append(target)
    return {name: addresses for name, addresses in found.items() if addresses}


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


def signed_in(chromium: Browser, served: Served, width: int) -> Page:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, locale="zh-CN", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{served.address}/sign-in")
    page.fill("[name=name]", "admin")
    page.fill("[name=password]", served.logins["admin"])
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def of_volunteers(patterns: Iterable[str]) -> set[str]:
    """Pages of a volunteer's own: test_volunteer_own_pages.py walks them, signed in as one."""
    return {name for name in patterns if name.startswith("/volunteer/me")}


def test_links_lead_to_every_page(
    pages: dict[str, list[str]], patterns: dict[str, re.Pattern[str]]
) -> None:
    assert sorted(set(patterns) - set(pages) - WITHOUT_LINK - of_volunteers(patterns)) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_accessible_and_fit(
    width: int,
    pages: dict[str, list[str]],
    chromium: Browser,
    served: Served,
    axe_source: str,
) -> None:
    page = signed_in(chromium, served, width)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    for addresses in pages.values():
        for address in addresses if width == 360 else addresses[:1]:
            page.goto(served.address + address)
            overflow = page.evaluate(OVERFLOW)
            if overflow > 0:
                complaints.append(f"{address}: {overflow}px too wide at {width}")
            page.evaluate(axe_source)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            complaints += [
                f"{address}: {violation['id']}: {violation['nodes'][0]['html'][:200]}"
                for violation in found["violations"]
            ]
    page.context.close()
    assert complaints == [], "\n".join(complaints)


def test_dark_pages_are_accessible_too(
    pages: dict[str, list[str]], chromium: Browser, served: Served, axe_source: str
) -> None:
    page = signed_in(chromium, served, 360)
    page.emulate_media(color_scheme="dark")
    complaints: list[str] = []
    for addresses in pages.values():
        page.goto(served.address + addresses[0])
        page.evaluate(axe_source)
        found = page.evaluate("axe.run(document, {runOnly: ['color-contrast']})")
        complaints += [
            f"{addresses[0]}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]
        ]
    page.context.close()
    assert complaints == []


def test_the_keyboard_reaches_everything(
    pages: dict[str, list[str]], chromium: Browser, served: Served
) -> None:
    page = signed_in(chromium, served, 1280)
    unreached: list[str] = []
    for addresses in pages.values():
        page.goto(served.address + addresses[0])
        page.evaluate(
            "() => { document.activeElement?.blur?.(); window.reached = new Set();"
            " document.addEventListener('focusin', e => window.reached.add(e.target)) }"
        )
        wanted = page.evaluate(FOCUSABLE)
        # Within a date the keyboard goes from year to month to day.
        dates = page.locator("input[type^=date]").count()
        for _ in range(wanted + 6 * dates + 3):
            page.keyboard.press("Tab")
        reached = page.evaluate("() => window.reached.size")
        if reached < wanted:
            unreached.append(f"{addresses[0]}: {reached} of {wanted}")
    page.context.close()
    assert unreached == [], "\n".join(unreached)


def test_everything_is_read_and_written_without_script(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{served.address}/campaigns/2022-city/reported/new")
    page.fill("[name=name]", "zuzhi")
    page.fill("[name=password]", served.logins["zuzhi"])
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/reported/new*")
    page.select_option("[name=metric]", "publicity.posters")
    page.select_option("[name=organisation]", "city")
    page.fill("[name=value]", "321")
    page.check("[name=basis][value=additional]")
    page.fill("[name=source]", "没有脚本也能填")
    page.click("main form[action*=reported] button[type=submit]")
    page.wait_for_load_state()
    assert "没有脚本也能填" in page.locator("main").inner_text()
    page.goto(f"{served.address}/campaigns/2022-city/figures/publicity.posters")
    assert "321" in page.locator("main").inner_text()
    context.close()
