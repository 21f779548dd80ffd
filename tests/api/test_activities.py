"""Activities on pages and as JSON, through the whole application."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import ics
import pytest

from api import activity_views as views
from core import database
from core.calendar_entries import CalendarEntry
from events.activities import Activity
from tests.fixtures.application import Bearer, SignIn

BASE = "/campaigns/2022-city"
API = "/api/v1/campaigns/2022-city/activities"
FIELDS = {
    "title": "辅具适配进社区",
    "kind": "assistive",
    "organisation": "x1",
    "starts_at": "2022-05-20T09:00",
    "ends_at": "2022-05-20T11:30",
    "place": "甲旗文化馆",
    "accessibility": ["sign_language", "wheelchair"],
    "accessibility_other": "陪诊、字幕",
    "capacity": "３０",
}
BODY = {
    "title": "读书会",
    "kind": "culture",
    "organisation": "x1",
    "starts_at": "2022-05-20T09:00:00+08:00",
    "ends_at": "2022-05-20T11:00:00+08:00",
}

pytestmark = pytest.mark.usefixtures("campaign_2022")


@pytest.fixture
async def clerk(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    """A clerk of the first county."""
    return await sign_in("clerk", "x1")


@pytest.fixture
async def programme(
    campaign_2022: str, bearer: Bearer, browsers: Callable[[], httpx.AsyncClient]
) -> Callable[[str, str], Awaitable[httpx.AsyncClient]]:
    """Clients with a token of a role at an office."""

    async def make(role: str, office: str) -> httpx.AsyncClient:
        client = browsers()
        client.headers.update(await bearer(role, office))
        return client

    return make


Programme = Callable[[str, str], Awaitable[httpx.AsyncClient]]


def titles(page: httpx.Response) -> list[str]:
    assert page.status_code == 200
    return re.findall(r'class="title"[^>]*>([^<]+)<', page.text)


async def test_an_activity_goes_from_form_to_feed_to_cancellation(
    clerk: httpx.AsyncClient,
) -> None:
    form = await clerk.get(f"{BASE}/new-activity?on=2022-05-20")
    assert 'value="2022-05-20T09:00"' in form.text
    made = await clerk.post(f"{BASE}/new-activity", data=FIELDS)
    assert made.status_code == 303
    href = made.headers["location"]
    page = await clerk.get(href)
    assert "草稿" in page.text
    assert "手语翻译、字幕、轮椅通道、陪诊" in page.text
    assert "30人" in page.text
    stored = await database.fetch_one("SELECT * FROM activity WHERE title = '辅具适配进社区'")
    assert stored is not None
    assert stored["starts_at"] == datetime(2022, 5, 20, 1, tzinfo=UTC)

    assert (await clerk.post(f"{href}/state", data={"act": "publish"})).status_code == 303
    assert "已发布" in (await clerk.get(href)).text
    downloaded = await clerk.get(f"{href}.ics")
    assert downloaded.headers["content-type"] == "text/calendar; charset=utf-8"
    assert downloaded.headers["content-disposition"].startswith("attachment")
    (event,) = ics.Calendar(downloaded.text).events
    assert (event.name, event.location) == ("辅具适配进社区", "甲旗文化馆")

    asked = await clerk.get(f"{href}/cancel")
    assert "取消“辅具适配进社区”" in asked.text
    await clerk.post(f"{href}/state", data={"act": "cancel"})
    assert "取消。" in (await clerk.get(href)).text
    row = await database.fetch_one("SELECT * FROM activity WHERE id = :id", id=stored["id"])
    assert row is not None
    assert (row["state"], row["sequence"]) == ("cancelled", 1)


async def test_published_at_once(clerk: httpx.AsyncClient) -> None:
    made = await clerk.post(f"{BASE}/new-activity", data={**FIELDS, "publish": "true"})
    assert made.status_code == 303
    state = await database.fetch_value(
        "SELECT state FROM activity WHERE title = :title", title=FIELDS["title"]
    )
    assert state == "published"


async def test_all_that_is_wrong_is_told_and_nothing_typed_is_lost(
    clerk: httpx.AsyncClient,
) -> None:
    count = "SELECT COUNT(*) AS n FROM activity"
    before = await database.fetch_value(count)
    wrong = {
        **FIELDS,
        "title": "",
        "ends_at": "2022-05-20T08:00",
        "capacity": "许多",
        "notes": "带投影",
        "organisation": "x2",
    }
    page = await clerk.post(f"{BASE}/new-activity", data=wrong)
    assert page.status_code == 422
    assert re.findall(r'<li><a href="#field-([a-z_]+)">', page.text) == [
        "title",
        "capacity",
        "ends_at",
    ]
    assert "带投影" in page.text
    assert re.search(r'value="sign_language" checked', page.text)
    right = {**wrong, "title": "甲", "ends_at": FIELDS["ends_at"], "capacity": ""}
    other = await clerk.post(f"{BASE}/new-activity", data=right)
    assert other.status_code == 422
    assert "不在您的范围之内" in other.text
    assert await database.fetch_value(count) == before


async def test_an_edit_keeps_what_the_form_does_not_know(clerk: httpx.AsyncClient) -> None:
    """A kind and a service that nobody has named stay; a second editor is told."""
    await database.execute(
        "UPDATE activity SET kind = 'made-up', accessibility = '[\"captions\", \"陪诊\"]'"
        " WHERE key = 'v00'"
    )
    href = f"{BASE}/activities/v00"
    form = await clerk.get(f"{href}/edit")
    assert '<option value="made-up" selected>' in form.text
    fields = read_form(form.text)
    fields["title"] = "第一次志愿助残"
    assert (await clerk.post(f"{href}/edit", data=fields)).status_code == 303
    row = await database.fetch_one("SELECT * FROM activity WHERE key = 'v00'")
    assert row is not None
    assert (row["title"], row["kind"]) == ("第一次志愿助残", "made-up")
    assert (row["accessibility"], row["sequence"]) == ('["captions", "陪诊"]', 0)
    late = await clerk.post(f"{href}/edit", data={**fields, "title": "另一个名称"})
    assert late.status_code == 422
    assert "别人刚刚改过" in late.text


def read_form(html: str) -> dict[str, Any]:
    """The fields of a page's form as a browser would send them unchanged."""
    main = html.split('<form class="form"', 1)[1].split("</form>", 1)[0]
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", main):
        given = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if given.get("type") == "checkbox":
            if " checked" in tag:
                fields.setdefault(given["name"], []).append(given["value"])
        else:
            fields[given["name"]] = given.get("value", "").replace("&#39;", "'")
    select = re.compile(r'<select[^>]*name="([a-z_]+)"[^>]*>(.*?)</select>', re.DOTALL)
    for name, body in select.findall(main):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[name] = chosen[1] if chosen else ""
    area = re.compile(r'<textarea[^>]*name="([a-z_]+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
    fields |= dict(area.findall(main))
    return fields


async def test_only_drafts_are_removed(clerk: httpx.AsyncClient) -> None:
    href = (await clerk.post(f"{BASE}/new-activity", data=FIELDS)).headers["location"]
    assert "删除草稿" in (await clerk.get(f"{href}/delete")).text
    assert (await clerk.post(f"{href}/delete")).status_code == 303
    assert (await clerk.get(href)).status_code == 404
    refused = await clerk.post(f"{BASE}/activities/v00/delete")
    assert refused.headers["location"] == f"{BASE}/activities/v00"
    assert "只有草稿可以删除" in (await clerk.get(f"{BASE}/activities/v00")).text


@pytest.mark.parametrize("path", ["activities", "activities/v00", "new-activity", "subscribe"])
async def test_the_tab_of_activities_is_the_current_one(
    clerk: httpx.AsyncClient, path: str
) -> None:
    page = await clerk.get(f"{BASE}/{path}")
    tabs = page.text.split('<nav class="tabs"', 1)[1].split("</nav>", 1)[0]
    assert re.findall(r'aria-current="page">([^<]+)<', tabs) == ["日程"]


async def test_the_list_and_its_filters(sign_in: SignIn) -> None:
    city = await sign_in("viewer", "city")
    everything = titles(await city.get(f"{BASE}/activities"))
    assert len(everything) == 23
    assert "第32次全国助残日" in everything
    assert titles(await city.get(f"{BASE}/activities?kind=job_fair")) == ["就业援助线上专场招聘会"]
    own = titles(await city.get(f"{BASE}/activities?organisation=x1"))
    assert set(own) - {"第32次全国助残日"} == {"志愿助残第1次", "志愿助残第5次", "志愿助残第9次"}
    assert "没有符合条件的安排" in (await city.get(f"{BASE}/activities?service=captions")).text
    late = titles(await city.get(f"{BASE}/activities?on=2022-05-16"))
    assert late == ["爱心公益助残帮扶", "志愿助残第12次"]
    assert (await city.get(f"{BASE}/activities?organisation=nowhere")).status_code == 404


async def test_views_by_day_week_and_month(sign_in: SignIn) -> None:
    city = await sign_in("viewer", "city")
    day = titles(await city.get(f"{BASE}/activities?view=day&on=2022-05-15"))
    assert (day[0], len(day)) == ("第32次全国助残日", 6)
    week = await city.get(f"{BASE}/activities?view=week&on=2022-05-15")
    assert "2022年5月9日至15日" in week.text
    assert "志愿助残第12次" not in week.text
    assert len(titles(week)) == 17
    month = await city.get(f"{BASE}/activities?view=month")
    assert "2022年5月" in month.text
    assert month.text.count("/activities/") == 22
    empty = await city.get(f"{BASE}/activities?view=month&on=2022-07-01")
    assert "这个月还没有安排" in empty.text


@pytest.mark.parametrize(
    "query",
    [
        "view=month&on=1900-01-01",
        "view=week&on=1900-01-01",
        "view=month&on=2100-12-31",
        "view=week&on=2100-12-31",
        "view=day&on=9999-12-31",
        "view=day&on=0001-01-01",
        "view=day&on=nonsense",
        "view=sideways",
        "kind=%01&service=%25_",
    ],
)
async def test_strange_addresses_are_answered(sign_in: SignIn, query: str) -> None:
    city = await sign_in("viewer", "city")
    assert (await city.get(f"{BASE}/activities?{query}")).status_code == 200


async def test_an_address_with_nul_is_unknown(sign_in: SignIn) -> None:
    city = await sign_in("viewer", "city")
    for address in (f"{BASE}/activities?kind=%00", f"{BASE}/activities/a%00", "/campaigns/a%00"):
        assert (await city.get(address)).status_code == 404, address


async def test_long_lists_are_paged_without_gap_or_repeat(sign_in: SignIn) -> None:
    row = await database.fetch_one("SELECT * FROM activity WHERE key = 'a14'")
    assert row is not None
    del row["id"]
    await database.execute_many(
        f"INSERT INTO activity ({', '.join(row)}) VALUES ({', '.join(':' + n for n in row)})",
        [{**row, "key": f"k{number:03}", "title": f"同时{number:03}"} for number in range(100)],
    )
    city = await sign_in("viewer", "city")
    address, found = f"{BASE}/activities", []
    while address:
        page = await city.get(address)
        found += titles(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(found) == 123
    assert len(set(found)) == 123
    assert (await city.get(f"{BASE}/activities?cursor=nonsense")).status_code == 422


async def test_pages_cost_the_same_statements_whatever_there_is(sign_in: SignIn) -> None:
    city = await sign_in("clerk", "city")
    paths = [
        f"{BASE}/activities",
        f"{BASE}/activities?view=month",
        f"{BASE}/activities?view=week&on=2022-05-15",
        f"{BASE}/activities/a14",
        f"{BASE}/new-activity",
        f"{BASE}/subscribe",
    ]

    async def statements(path: str) -> int:
        told: list[str] = []
        async with database.watching(told.append):
            assert (await city.get(path)).status_code == 200
        return len(told)

    for path in paths:
        await city.get(path)
    few = {path: await statements(path) for path in paths}
    row = await database.fetch_one("SELECT * FROM activity WHERE key = 'a14'")
    assert row is not None
    del row["id"]
    await database.execute_many(
        f"INSERT INTO activity ({', '.join(row)}) VALUES ({', '.join(':' + n for n in row)})",
        [{**row, "key": f"k{number}"} for number in range(40)],
    )
    assert {path: await statements(path) for path in paths} == few
    assert max(few.values()) <= 16


ROUTES = [
    ("GET", f"{BASE}/activities"),
    ("GET", f"{BASE}/activities/v00"),
    ("GET", f"{BASE}/activities/v00.ics"),
    ("GET", f"{BASE}/activities/v00/edit"),
    ("POST", f"{BASE}/activities/v00/edit"),
    ("POST", f"{BASE}/activities/v00/state"),
    ("GET", f"{BASE}/activities/v00/cancel"),
    ("GET", f"{BASE}/activities/v00/delete"),
    ("POST", f"{BASE}/activities/v00/delete"),
    ("GET", f"{BASE}/new-activity"),
    ("GET", f"{BASE}/subscribe"),
    ("POST", f"{BASE}/subscribe"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_who_reaches_what(sign_in: SignIn, method: str, path: str) -> None:
    """v00 belongs to x1: beside it nobody finds it; who only looks may not change."""
    is_read = path in {f"{BASE}/activities", f"{BASE}/activities/v00", f"{BASE}/activities/v00.ics"}
    data: dict[str, str] | None = {} if method == "POST" else None
    viewer = await (await sign_in("viewer", "x1")).request(method, path, data=data)
    assert viewer.status_code == (200 if is_read else 403)
    beside = await (await sign_in("clerk", "x2")).request(method, path, data=data)
    assert (beside.status_code == 404) is ("v00" in path)
    volunteer = await (await sign_in("volunteer", "x1")).request(method, path, data=data)
    assert volunteer.status_code == 403


async def test_nobody_outside_the_campaign_finds_it(sign_in: SignIn) -> None:
    await database.execute(
        "INSERT INTO organisation (key, name, level) VALUES ('other', '外市残联', 'city')"
    )
    await database.execute(
        "INSERT INTO organisation_closure (ancestor, descendant, depth)"
        " SELECT id, id, 0 FROM organisation WHERE key = 'other'"
    )
    stranger = await sign_in("administrator", "other")
    for method, path in ROUTES:
        data: dict[str, str] | None = {} if method == "POST" else None
        assert (await stranger.request(method, path, data=data)).status_code == 404


async def test_strangers_are_sent_to_sign_in(browsers: Callable[[], httpx.AsyncClient]) -> None:
    for method, path in ROUTES:
        answer = await browsers().request(method, path)
        assert (answer.status_code, urlsplit(answer.headers["location"]).path) == (303, "/sign-in")


async def test_json_create_read_change_and_remove(programme: Programme) -> None:
    client = await programme("clerk", "x1")
    made = await client.post(API, json={**BODY, "state": "draft", "accessibility": ["captions"]})
    assert made.status_code == 201
    item = made.json()
    assert made.headers["location"] == f"{API}/{item['key']}"
    assert item["starts_at"] == "2022-05-20T09:00:00+08:00"
    address = made.headers["location"]
    read = await client.get(address)
    assert read.json() == item
    again = await client.get(address, headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 304

    moved = await client.patch(address, json={"starts_at": "2022-05-20T00:30:00Z"})
    assert (moved.json()["starts_at"], moved.json()["sequence"]) == (
        "2022-05-20T08:30:00+08:00",
        1,
    )
    assert moved.json()["accessibility"] == ["captions"]
    for act, state in (("publish", "published"), ("cancel", "cancelled"), ("reopen", "published")):
        answer = await client.post(f"{address}/state", json={"act": act})
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    refused = await client.delete(address)
    assert (refused.status_code, refused.json()["code"]) == (409, "state")
    draft = await client.post(API, json={**BODY, "key": "mine", "state": "draft"})
    assert (await client.delete(draft.headers["location"])).status_code == 204
    assert (await client.get(f"{API}/mine")).status_code == 404


async def test_a_repeated_request_works_once(programme: Programme) -> None:
    client = await programme("clerk", "x1")
    headers = {"Idempotency-Key": "one"}
    first = await client.post(API, json=BODY, headers=headers)
    second = await client.post(API, json=BODY, headers=headers)
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    other = await client.post(API, json={**BODY, "title": "另一个"}, headers=headers)
    assert other.status_code == 409
    count = await database.fetch_value("SELECT COUNT(*) AS n FROM activity WHERE title = '读书会'")
    assert count == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"starts_at": "2022-05-20T09:00:00"}, "/starts_at"),
        ({"ends_at": "2022-05-20T08:00:00+08:00"}, "/ends_at"),
        ({"title": ""}, "/title"),
        ({"kind": "A B"}, "/kind"),
        ({"organisation": "x2"}, "/organisation"),
        ({"organisation": "nowhere"}, "/organisation"),
        ({"organisation": "x1\x00"}, "/organisation"),
        ({"capacity": -1}, "/capacity"),
        ({"capacity": 10**30}, "/capacity"),
        ({"accessibility": ["x" * 501]}, "/accessibility/0"),
        ({"key": "a b"}, "/key"),
        ({"state": "done"}, "/state"),
        ({"colour": "red"}, "/colour"),
        ({"starts_at": "0001-01-01T00:00:00+08:00"}, "/starts_at"),
        ({"ends_at": "9999-12-31T23:59:59-08:00"}, "/ends_at"),
    ],
)
async def test_json_refuses_what_is_wrong_and_says_where(
    programme: Programme, change: dict[str, Any], pointer: str
) -> None:
    client = await programme("clerk", "x1")
    answer = await client.post(API, json={**BODY, **change})
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert all(re.search("[\u4e00-\u9fff]", each["message"]) for each in answer.json()["errors"])


async def test_json_lists_are_paged_and_narrowed(programme: Programme) -> None:
    client = await programme("viewer", "city")
    found, cursor = [], ""
    while True:
        page = (await client.get(API, params={"limit": 5, "cursor": cursor})).json()
        found += [item["key"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 22
    narrowed = await client.get(
        API, params={"organisation": "x1", "since": "2022-05-09T00:00:00+08:00"}
    )
    assert [item["title"] for item in narrowed.json()["items"]] == [
        "志愿助残第5次",
        "志愿助残第9次",
    ]
    drafts = await client.get(API, params={"state": "draft"})
    assert drafts.json() == {"items": [], "next": None}
    unknown = await client.get(API, params={"organisation": "x1\x00"})
    assert unknown.status_code == 404
    for bad in ({"since": "2022-05-09T00:00:00"}, {"state": "gone"}, {"limit": 0}):
        assert (await client.get(API, params=bad)).status_code == 422


async def test_json_knows_the_same_limits_as_the_pages(programme: Programme) -> None:
    beside, viewer = await programme("clerk", "x2"), await programme("viewer", "x1")
    assert (await beside.get(f"{API}/v00")).status_code == 404
    assert (await beside.patch(f"{API}/v00", json={"title": "x"})).status_code == 404
    assert (await beside.delete(f"{API}/v00")).status_code == 404
    assert (await viewer.get(f"{API}/v00")).status_code == 200
    assert (await viewer.post(API, json=BODY)).status_code == 403
    assert (await viewer.patch(f"{API}/v00", json={"title": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("view", "on", "starts", "ends"),
    [
        ("day", date(2022, 5, 15), date(2022, 5, 15), date(2022, 5, 16)),
        ("week", date(2022, 5, 15), date(2022, 5, 9), date(2022, 5, 16)),
        ("week", date(2022, 5, 16), date(2022, 5, 16), date(2022, 5, 23)),
        ("month", date(2022, 2, 14), date(2022, 2, 1), date(2022, 3, 1)),
        ("month", date(2022, 12, 31), date(2022, 12, 1), date(2023, 1, 1)),
    ],
)
def test_periods(view: str, on: date, starts: date, ends: date) -> None:
    found = views.period(view, on)
    assert (found.starts, found.ends) == (starts, ends)


def test_what_lasts_several_days_stands_on_each_of_them_and_midnight_on_none() -> None:
    entry = CalendarEntry(
        uid="x",
        title="展览",
        starts=datetime(2022, 5, 30, 1, tzinfo=UTC),
        ends=datetime(2022, 6, 1, 16, tzinfo=UTC),  # midnight after 1 June in China
        modified_at=datetime(2022, 5, 1, tzinfo=UTC),
        sequence=0,
    )
    item = views.of_entry(entry)
    assert (item.first, item.last) == (date(2022, 5, 30), date(2022, 6, 1))
    june = views.period("month", date(2022, 6, 1))
    assert [each["day"] for each in views.month([item], june)] == [date(2022, 6, 1)]
    week = views.period("week", date(2022, 6, 1))
    assert len(views.days([item], week)) == 3
    assert len(views.agenda([item])) == 1


def test_the_parameters_of_a_choice_survive_its_change() -> None:
    choice = views.Choice("week", date(2022, 5, 9), "culture", "x1", "captions")
    assert choice.query(view="month") == {
        "view": "month",
        "on": "2022-05-09",
        "kind": "culture",
        "organisation": "x1",
        "service": "captions",
    }
    assert views.Choice().query() == {"view": "agenda"}


def test_an_activity_without_a_title_is_called_by_its_key() -> None:
    at = datetime(2022, 5, 1, tzinfo=UTC)
    activity = Activity(
        1, "v00", "", "culture", 1, "x1", "甲旗残联", at, at, "", "", "", None, "", (), (), "",
        "published", 0, at, None,
    )  # fmt: skip
    assert views.of_activity(activity, "c", {}).words["title"] == "v00"
