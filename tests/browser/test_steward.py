"""Checking in at the place itself: the station's code, and the steward's device without network.

On phones with script, as it is meant; a volunteer without script comes and goes as well.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from core.moments import OFFSET
from plugins.volunteer.punching import states
from tests.fixtures.served import CSRF, Served, serving

pytestmark = pytest.mark.browser

DATA = "/api/v1/campaigns/2022-city/volunteer"
PLUGIN = "/campaigns/2022-city/volunteer"
STEWARD = f"{PLUGIN}/steward"
SHIFT = "now"
CODE = re.compile(r"<code>https?://[^/]+(/volunteer/c/\d+/[A-Z2-7]{10})</code>")
PASSWORD = "tongxing-zhiyuan"
# A camera that shows something and may be used.
ARGUMENTS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
AXE = "axe.run(document, {resultTypes: ['violations']})"
# Keeps what would have been heard and felt; says what would have been seen.
SENSES = """
  globalThis.heard = []; globalThis.felt = [];
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () {
    const source = make.call(this);
    const start = source.start.bind(source);
    source.start = (at) => { globalThis.heard.push(source.frequency.value); start(at); };
    return source;
  };
  navigator.vibrate = (pattern) => { globalThis.felt.push(pattern); return true; };
  globalThis.BarcodeDetector = class {
    static async getSupportedFormats() { return ["qr_code"]; }
    async detect(video) {
      const there = globalThis.before && video.videoWidth > 0;
      return there ? [{ rawValue: globalThis.before }] : [];
    }
  };
"""
# Everything that lies in the page's database, bytes as letters.
STORED = """async () => {
  const [found] = await indexedDB.databases();
  if (!found) return null;
  const base = await new Promise((resolve) => {
    const request = indexedDB.open(found.name);
    request.onsuccess = () => resolve(request.result);
  });
  const words = [];
  for (const name of base.objectStoreNames) {
    const values = await new Promise((resolve) => {
      const request = base.transaction(name).objectStore(name).getAll();
      request.onsuccess = () => resolve(request.result);
    });
    for (const value of values) {
      const data = value.data ? new TextDecoder("latin1").decode(value.data) : "";
      words.push(`${name}: ${JSON.stringify(value)} ${data}`);
    }
  }
  base.close();
  return words.join("\\n");
}"""
LEFT = """async () => ({
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).filter((name) => name.startsWith("steward")).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


@dataclass
class Place:
    """A shift that is on now, its ten volunteers, and phones."""

    server: Served
    chromium: Browser
    axe: str
    office: httpx.Client
    volunteers: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def phone(self, **options: Any) -> Page:
        """A new phone; it keeps what is heard and felt."""
        made = self.chromium.new_context(
            viewport={"width": 360, "height": 800},
            locale="zh-CN",
            reduced_motion="reduce",
            base_url=self.server.address,
            **options,
        )
        made.add_init_script(SENSES)
        self.contexts.append(made)
        page = made.new_page()
        page.set_default_timeout(10_000)
        return page

    def device(self, label: str, name: str = "jingban") -> Page:
        """A steward's phone, set up."""
        page = self.phone()
        page.goto(f"/sign-in?next={STEWARD}")
        page.fill("[name=name]", name)
        page.fill("[name=password]", self.server.logins[name])
        page.press("[name=password]", "Enter")
        page.fill("[name=label]", label)
        page.fill("[data-form=set-up] [name=password]", self.server.logins[name])
        page.click("[data-form=set-up] button")
        expect(page.locator("[data-screen=work]")).to_be_visible()
        expect(page.locator("[data-roster] li")).to_have_count(10)
        return page

    def code(self) -> str:
        """What the station's code says now."""
        found = CODE.search(self.office.get(f"{PLUGIN}/shifts/{SHIFT}/station").text)
        assert found
        return found[1]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the server's database."""
        path = self.server.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as base:
            return base.execute(sql).fetchall()

    def checks(self, page: Page) -> None:
        """Let axe look at a page, and see that it fits a phone."""
        page.evaluate(self.axe)
        found = page.evaluate(AXE)["violations"]
        assert [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found] == []
        assert page.evaluate(OVERFLOW) <= 0


def shift(key: str, starts: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "title": "引导",
        "organisation": "x1",
        "activity": None,
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=3)).isoformat(),
        "capacity": 20,
        "place": "人民广场",
        "risks": "人多时注意安全",
        "insurance": "已统一投保",
    }


def add_shifts(office: httpx.Client) -> list[str]:
    """A shift that began half an hour ago, with ten who signed up; one of next week is open."""
    token = CSRF.search(office.get(f"{PLUGIN}/shifts").text)
    assert token
    headers = {"X-CSRF-Token": token[1], "accept": "application/json"}
    now = datetime.now(OFFSET).replace(microsecond=0)
    shifts = shift(SHIFT, now - timedelta(minutes=30)), shift("later", now + timedelta(days=7))
    answers = [office.post(f"{DATA}/shifts", json=each, headers=headers) for each in shifts]
    listed = office.get(f"{DATA}/volunteers", headers=headers).json()["items"][:10]
    volunteers = [str(each["key"]) for each in listed]
    empty = {"checked_in_at": None, "checked_out_at": None, "status": "signed_up"}
    answers += [
        office.post(
            f"{DATA}/attendances",
            json={"volunteer": key, "shift": SHIFT, **empty},
            headers=headers,
        )
        for key in volunteers
    ]
    assert {each.status_code for each in answers} == {201}, [each.text for each in answers]
    form = {"csrf_token": token[1], "act": "publish"}
    published = office.post(f"{PLUGIN}/shifts/later/recruiting", data=form)
    assert "班次已经公开" in published.text
    return volunteers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demonstration of its own: what happens today must not show elsewhere."""
    with serving(tmp_path_factory.mktemp("steward")) as running:
        yield running


@pytest.fixture(scope="module")
def grounds(server: Served, chromium_path: str, axe_source: str) -> Iterator[Place]:
    with sync_playwright() as playwright, closing(server.browser("admin")) as office:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        volunteers = add_shifts(office)
        yield Place(server, chromium, axe_source, office, volunteers)
        chromium.close()


@pytest.fixture
def place(grounds: Place) -> Iterator[Place]:
    """Nobody has come yet."""
    path = grounds.server.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=10)) as base, base:
        base.execute("DELETE FROM volunteer_conflict")
        base.execute("DELETE FROM volunteer_punch")
        base.execute(
            "DELETE FROM volunteer_attendance WHERE volunteer IN"
            " (SELECT id FROM volunteer_person WHERE profile IS NOT NULL)"
        )
        base.execute(
            "UPDATE volunteer_attendance SET status = 'signed_up', checked_in_at = NULL,"
            " checked_out_at = NULL WHERE shift = (SELECT id FROM volunteer_shift WHERE key = ?)",
            (SHIFT,),
        )
    yield grounds
    while grounds.contexts:
        grounds.contexts.pop().close()


def test_the_station_renews_itself(place: Place) -> None:
    page = place.phone()
    page.clock.install()
    page.goto(f"/sign-in?next={PLUGIN}/shifts/{SHIFT}/station")
    page.fill("[name=name]", "jingban")
    page.fill("[name=password]", place.server.logins["jingban"])
    page.press("[name=password]", "Enter")
    here = page.locator(".tally dd").nth(1)
    expect(here).to_have_text("0")
    place.checks(page)
    steward = place.device("服务台")
    steward.fill("[name=number]", place.volunteers[0])
    steward.press("[name=number]", "Enter")
    expect(steward.locator("[data-queue]")).to_have_attribute("data-queue", "0")
    page.clock.fast_forward(31_000)
    expect(here).to_have_text("1")
    page.context.set_offline(True)
    page.clock.fast_forward(31_000)
    expect(page.locator("[data-offline]")).to_be_visible()
    page.context.set_offline(False)
    page.clock.fast_forward(31_000)
    expect(page.locator("[data-offline]")).to_be_hidden()


def test_a_volunteer_registers_at_the_station_and_comes_and_goes(place: Place) -> None:
    page = place.phone()
    page.goto(place.code())
    page.click("main a[href*='/volunteer/register']")
    page.fill("[name=name]", "赵晓明")
    page.fill("[name=phone]", "13800138000")
    page.select_option("[name=organisation]", "x1")
    page.fill("[name=password]", PASSWORD)
    page.check("[name=adult]")
    page.check("[name=agrees]")
    page.click("main form button[type=submit]")
    press = page.get_by_role("button", name="签到", exact=True)
    expect(press).to_be_visible()
    place.checks(page)
    page.context.set_offline(True)
    press.click()
    expect(page.locator("[data-fault]")).to_contain_text("没有网络，还没有记下")
    page.context.set_offline(False)
    press.click()
    expect(page.locator("[data-outcome=in]")).to_contain_text("已签到")
    assert page.evaluate("globalThis.heard") == [880, 1320]
    assert page.evaluate("globalThis.felt") == [[80]]
    place.checks(page)
    page.goto(f"{page.url.rpartition('/')[0]}/0/AAAAAAAAAA")
    expect(page.locator("main")).to_contain_text("每30秒更换一次")
    place.checks(page)
    # A second phone of hers has no script.
    bare = place.phone(java_script_enabled=False, storage_state=page.context.storage_state())
    bare.goto(place.code())
    bare.get_by_role("button", name="签退", exact=True).click()
    assert "已签退" in bare.locator("main").inner_text()
    taken = place.rows("SELECT direction, source, result FROM volunteer_punch ORDER BY id")
    assert taken == [("in", "self", "accepted"), ("out", "self", "accepted")]


def test_a_day_without_network(place: Place) -> None:
    page = place.device("服务台手机")
    place.checks(page)
    page.context.set_offline(True)
    page.locator("h1").click()
    for number, key in enumerate(place.volunteers, start=1):
        page.keyboard.type(key.upper())  # as a keyboard scanner does, wherever the focus is
        page.keyboard.press("Enter")
        expect(page.locator("[data-queue]")).to_have_attribute("data-queue", str(number))
    expect(page.locator("[data-outcome=in]")).to_contain_text("已签到")
    assert page.evaluate("globalThis.felt") == [[80]] * 10
    expect(page.locator("[data-roster] [data-state=here]")).to_have_count(10)
    page.reload()
    expect(page.locator("[data-screen=unlock]")).to_be_visible()
    stored = page.evaluate(STORED)
    assert "服务台手机" in stored
    assert stored.count("queue: ") == 10
    assert not any(key in stored for key in (*place.volunteers, SHIFT + '"', "引导", "token"))
    page.fill("[data-form=unlock] [name=password]", "not the password")
    page.press("[data-form=unlock] [name=password]", "Enter")
    expect(page.locator("[data-form=unlock] [data-fault]")).to_contain_text("密码不对")
    expect(page.locator("[data-roster] li")).to_have_count(0)
    page.evaluate(place.axe)
    assert page.evaluate(AXE)["violations"] == []
    page.fill("[data-form=unlock] [name=password]", place.server.logins["jingban"])
    page.press("[data-form=unlock] [name=password]", "Enter")
    expect(page.locator("[data-queue]")).to_have_attribute("data-queue", "10")
    expect(page.locator("[data-roster] [data-state=here]")).to_have_count(10)
    assert place.rows("SELECT COUNT(*) FROM volunteer_punch") == [(0,)]
    page.context.set_offline(False)
    expect(page.locator("[data-queue]")).to_have_attribute("data-queue", "0")
    expect(page.locator("[data-network]")).to_have_text("有网络")
    told = "SELECT COUNT(*), COUNT(DISTINCT nonce), COUNT(DISTINCT volunteer) FROM volunteer_punch"
    assert place.rows(f"{told} WHERE result = 'accepted' AND source = 'steward'") == [(10, 10, 10)]
    assert place.rows("SELECT COUNT(*) FROM volunteer_punch") == [(10,)]
    here = "SELECT COUNT(*) FROM volunteer_attendance WHERE status = 'open'"
    assert place.rows(here) == [(10,)]


def test_what_is_answered_offline_and_what_only_the_server_knows(place: Place) -> None:
    first, second = place.device("甲"), place.device("乙")
    known, other = place.volunteers[0], place.volunteers[1]
    for page in (first, second):
        page.context.set_offline(True)
    enter(second, known, "in")
    outcomes = [
        enter(first, known, "in"),
        enter(first, known, "in"),
        enter(first, other, "out"),
        enter(first, "没有这个人", "in"),
    ]
    assert outcomes == ["in", "already_in", "not_in", "kept"]
    assert first.evaluate("globalThis.heard.length") == 2 + 2 + 1 + 3
    assert len({str(each) for each in first.evaluate("globalThis.felt")}) == 4
    place.checks(first)
    first.context.set_offline(False)
    expect(first.locator("[data-queue]")).to_have_attribute("data-queue", "0")
    second.context.set_offline(False)
    expect(second.locator("[data-queue]")).to_have_attribute("data-queue", "0")
    # Each device tells what it did not know; what it said itself is not said again.
    expect(first.locator("[data-refused-list] li")).to_have_count(1)
    expect(first.locator("[data-refused-list]")).to_contain_text("没有这个人")
    expect(second.locator("[data-refused-list] li")).to_have_count(1)
    expect(second.locator("[data-refused-list]")).to_contain_text("已经签到过")
    first.get_by_role("button", name="用摄像头扫码").click()
    first.check("[name=direction][value=out]")
    first.evaluate(f"globalThis.before = 'https://example.org/v/{known}?x=1'")
    expect(first.locator("[data-outcome=out]")).to_contain_text(known)
    expect(first.locator("[data-queue]")).to_have_attribute("data-queue", "0")
    first.get_by_role("button", name="用摄像头扫码").click()
    expect(first.locator("[data-camera]")).to_be_hidden()
    first.get_by_role("button", name="都知道了").click()
    expect(first.locator("[data-refused]")).to_be_hidden()
    assert place.rows(
        "SELECT result, code, COUNT(*) FROM volunteer_punch GROUP BY result, code ORDER BY code"
    ) == [
        ("accepted", None, 2),
        ("refused", "already_in", 2),
        ("refused", "not_in", 1),
        ("refused", "unknown_volunteer", 1),
    ]


def enter(page: Page, number: str, direction: str) -> str:
    """Type a number; what the device says."""
    queue = page.locator("[data-queue]")
    before = int(queue.get_attribute("data-queue") or 0)
    page.check(f"[name=direction][value={direction}]")
    page.fill("[name=number]", number)
    page.press("[name=number]", "Enter")
    expect(queue).to_have_attribute("data-queue", str(before + 1))
    return page.locator("[data-outcome]").get_attribute("data-outcome") or ""


def test_a_lost_device_wipes_itself(place: Place) -> None:
    locked, working = place.device("丢了的手机"), place.device("还开着的平板")
    locked.context.set_offline(True)
    locked.reload()
    expect(locked.locator("[data-screen=unlock]")).to_be_visible()
    manager = place.phone(java_script_enabled=False)
    manager.goto(f"/sign-in?next={PLUGIN}/devices")
    manager.fill("[name=name]", "zuzhi")
    manager.fill("[name=password]", place.server.logins["zuzhi"])
    manager.press("[name=password]", "Enter")
    for label in ("丢了的手机", "还开着的平板"):
        row = manager.get_by_role("row").filter(has_text=label)
        row.locator("summary").click()
        row.get_by_role("button", name=re.compile("确定停用")).click()
        assert f"已停用“{label}”" in manager.locator("main").inner_text()
    assert manager.locator("main").inner_text().count("已停用，等它联网") == 2
    locked.context.set_offline(False)
    working.get_by_role("button", name="现在发送，更新名单").click()
    for page in (locked, working):
        expect(page.locator("[data-screen=wiped]")).to_be_visible()
        expect(page.locator("[data-roster] li")).to_have_count(0)
        page.wait_for_function(f"({LEFT})().then((left) => !left.databases)")
        assert page.evaluate(LEFT) == {"databases": 0, "caches": 0, "workers": 0}
    place.checks(locked)
    manager.reload()
    text = manager.locator("main").inner_text()
    assert text.count("已清除") == 2
    done = "SELECT COUNT(*) FROM audit_entry WHERE action = 'volunteer.device.wiped'"
    assert place.rows(done) == [(2,)]


def drawn_day(draw: random.Random) -> dict[str, Any]:
    """A day's roster of one person, and punches of him, mostly in the order of their time."""
    morning = datetime(2026, 5, 17, 8, tzinfo=OFFSET)
    shifts = [
        {
            "key": key,
            "starts_at": (morning + timedelta(hours=draw.randrange(6))).isoformat(),
            "ends_at": (morning + timedelta(hours=draw.randrange(7, 10))).isoformat(),
            "cancelled": draw.random() < 0.1,
        }
        for key in ("a", "b")
    ]
    stays = [
        {"shift": key, "status": draw.choice(states.EXPECTED), "came": None, "went": None}
        for key in ("a", "b")
        for _ in range(draw.randrange(3))
    ]
    minutes = draw.choices(range(-300, 1100, 10), k=9)
    if draw.random() < 0.7:
        minutes.sort()
    punches = [
        {
            "shift": draw.choice("ab"),
            "volunteer": "v1",
            "direction": draw.choice(("in", "out")),
            "at": (morning + timedelta(minutes=each)).isoformat(),
        }
        for each in minutes
    ]
    limits = {"earliest_minutes": 120, "latest_minutes": 360}
    people = [{"key": "v1", "name": "赵*", "stays": stays}]
    return {"roster": {**limits, "shifts": shifts, "people": people}, "punches": punches}


def said_by_the_server(day: dict[str, Any]) -> list[str]:
    """What the server's rules say to each punch of a day."""
    shifts = {
        each["key"]: states.ShiftTimes(
            number,
            datetime.fromisoformat(each["starts_at"]),
            datetime.fromisoformat(each["ends_at"]),
            each["cancelled"],
        )
        for number, each in enumerate(day["roster"]["shifts"])
    }
    stays: dict[str, states.Stay] = {}
    for number, each in enumerate(day["roster"]["people"][0]["stays"]):
        shift_times = shifts[each["shift"]]
        stays[f"s{number}"] = states.Stay(f"s{number}", shift_times, each["status"], number)
    said = []
    for number, punch in enumerate(day["punches"]):
        at, shift_times = datetime.fromisoformat(punch["at"]), shifts[punch["shift"]]
        known = list(stays.values())
        found = states.step(known, shift_times, punch["direction"], at, f"n{number}")
        if found.stay is not None and found.code is None:
            stays[found.stay.key] = found.stay
        said.append(found.code or punch["direction"])
    return said


def test_a_device_says_what_the_server_would_say(place: Place) -> None:
    draw = random.Random(2026)
    days = [drawn_day(draw) for _ in range(400)]
    page = place.phone()
    page.goto("/help")
    said = page.evaluate(
        """async (days) => {
          const { Day } = await import("/static/volunteer/steward/rules.js");
          return days.map(({ roster, punches }) => {
            const day = new Day(roster);
            return punches.map((punch) => day.take(punch));
          });
        }""",
        days,
    )
    expected = [said_by_the_server(day) for day in days]
    assert said == expected
    assert {word for each in expected for word in each} == {
        *("in", "out", "already_in", "not_in", "overlap", "outside_window", "cancelled")
    }
