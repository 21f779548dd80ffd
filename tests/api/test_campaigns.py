"""Pages of campaigns: the way in, the list, planning, settings, and next year's. Both engines."""

from __future__ import annotations

from datetime import date

import httpx
import pytest
from litestar import Litestar

from api.campaign_list import nearest_first
from core import campaigns, database
from core.process import Process
from tests.fixtures.application import SignIn

NEW = {"observance": "national-disability-day", "year": "2024", "organisation": "city"}


async def test_the_way_in(campaign_2022: str, running_app: Litestar, sign_in: SignIn) -> None:
    transport = httpx.ASGITransport(app=running_app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as stranger:
        answer = await stranger.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    for role, target in (("viewer", "/campaigns"), ("volunteer", "/volunteer/me")):
        answer = await (await sign_in(role, "x1")).get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, target)


async def test_the_list_leads_to_what_is_going_on(campaign_2022: str, sign_in: SignIn) -> None:
    viewer = await sign_in("viewer", "x1")
    page = (await viewer.get("/campaigns")).text
    assert "正在办的活动" in page
    assert '<a class="title" href="/campaigns/2022-city">第32次全国助残日</a>' in page
    assert "策划新的活动" not in page
    assert "策划新的活动" in (await (await sign_in("organiser", "x1")).get("/campaigns")).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("year=2022", True),
        ("year=2021", False),
        ("state=open", True),
        ("state=closed", False),
        ("organisation=city", True),
        ("organisation=x1", False),
        ("year=twenty&state=nonsense", True),
    ],
)
async def test_the_list_narrows(
    campaign_2022: str, sign_in: SignIn, query: str, found: bool
) -> None:
    page = (await (await sign_in("viewer", "city")).get(f"/campaigns?{query}")).text
    assert ("第32次全国助残日" in page) is found
    assert ("没有符合条件的活动" in page) is not found


async def test_the_list_is_paged(campaign_2022: str, sign_in: SignIn) -> None:
    await database.execute(
        "UPDATE campaign SET state = 'closed' WHERE key = :key", key=campaign_2022
    )
    for number in range(60):
        made = await database.fetch_value(
            "INSERT INTO campaign (key, organisation, year, title, theme, starts_on, ends_on,"
            " state, changes, modified_at) SELECT :key, organisation, 2022, 'T', '', starts_on,"
            " ends_on, 'closed', 0, modified_at FROM campaign WHERE key = '2022-city' RETURNING id",
            key=f"held-{number:02}",
        )
        await database.execute(
            "INSERT INTO campaign_participant (campaign, organisation, name, level)"
            " SELECT :made, id, name, level FROM organisation WHERE key = 'city'",
            made=made,
        )
    viewer = await sign_in("viewer", "city")
    first = (await viewer.get("/campaigns")).text
    onward = first.split('rel="next" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    second = (await viewer.get(onward)).text
    assert first.count('class="title"') == 50
    assert second.count('class="title"') == 11
    assert "回到第一页" in second
    assert (await viewer.get("/campaigns?cursor=WyJub3QgYSBkYXkiLDFd")).status_code == 422


async def test_planning_from_an_observance(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    form = (await organiser.get("/new-campaign?observance=national-disability-day&year=2024")).text
    assert '<option value="national-disability-day" selected>全国助残日（5月19日）' in form
    assert 'value="2024"' in form
    plugins = ["condolence", "publicity"]
    made = await organiser.post("/new-campaign", data={**NEW, "plugins": plugins})
    assert made.headers["location"] == "/campaigns/national-disability-day-2024-city"
    found = await campaigns.find("national-disability-day-2024-city")
    assert (found.state, found.enabled) == ("draft", ("condolence", "publicity"))
    page = (await organiser.get(made.headers["location"])).text
    assert "已建立活动，现在是“筹备中”" in page
    assert "先把日程安排出来。" in page


async def test_a_faulty_plan_is_shown_again_as_typed(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    typed = {"year": "180", "organisation": "x9", "title": "", "starts_on": "昨天", "ends_on": ""}
    answer = await organiser.post("/new-campaign", data={**typed, "plugins": ["publicity"]})
    assert answer.status_code == 422
    for name in ("year", "organisation", "starts_on"):
        assert f'href="#field-{name}"' in answer.text
    assert 'value="昨天"' in answer.text
    assert answer.text.count(" checked") == 1
    assert await database.fetch_value("SELECT COUNT(*) FROM campaign") == 1
    blank = dict.fromkeys(("observance", "title", "theme", "starts_on", "ends_on"), "")
    free = {**blank, "year": "2026", "organisation": "city"}
    answer = await organiser.post("/new-campaign", data=free)
    assert all(f'href="#field-{name}"' in answer.text for name in ("title", "starts_on", "ends_on"))
    assert " checked" not in answer.text


async def test_a_form_without_its_token_writes_nothing(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    del organiser.headers["x-csrf-token"]
    assert (await organiser.post("/new-campaign", data=NEW)).status_code == 403
    page = (await organiser.get("/new-campaign")).text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    made = await organiser.post("/new-campaign", data={**NEW, "csrf_token": token})
    assert made.status_code == 303


@pytest.mark.parametrize(
    ("role", "office", "status"),
    [
        ("organiser", "city", 200),
        ("administrator", "city", 200),
        ("organiser", "x1", 404),
        ("clerk", "city", 403),
        ("viewer", "city", 403),
    ],
)
async def test_those_who_lead_reach_the_settings(
    campaign_2022: str, sign_in: SignIn, role: str, office: str, status: int
) -> None:
    person = await sign_in(role, office)
    for rest in ("settings", "clone"):
        assert (await person.get(f"/campaigns/2022-city/{rest}")).status_code == status
    if status == 200:
        return
    for rest in ("settings", "state", "plugins", "participants", "clone"):
        answer = await person.post(f"/campaigns/2022-city/{rest}", data={"state": "closing"})
        assert answer.status_code == status
    assert (await campaigns.find(campaign_2022)).changes == 0


async def test_settings_are_kept_or_shown_again(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    address = "/campaigns/2022-city/settings"
    days = {"starts_on": "2022-05-01", "ends_on": "2022-05-20"}
    answer = await organiser.post(address, data={"title": "", "theme": "同心", **days})
    assert answer.headers["location"] == address
    found = await campaigns.find(campaign_2022)
    assert (found.theme, found.ends_on) == ("同心", date(2022, 5, 20))
    wrong = {"title": "某某活动", "theme": "x", **days, "ends_on": "2022-04-01"}
    answer = await organiser.post(address, data=wrong)
    assert answer.status_code == 422
    assert "结束日期早于开始日期" in answer.text
    assert 'value="某某活动"' in answer.text
    assert (await organiser.post(address, data={"title": ""})).status_code == 422


async def test_a_life_by_its_buttons(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    address = "/campaigns/2022-city/settings"
    for state, label in (("closing", "收尾中"), ("closed", "已结束"), ("archived", "已归档")):
        wanted = {"state": state}
        if state == "closed":
            answer = await organiser.post("/campaigns/2022-city/state", data=wanted)
            page = (await organiser.get(answer.headers["location"])).text
            assert "仍要结束活动，请写明原因" in page
            assert 'name="reason"' in page
            wanted["reason"] = "今年各县不写总结"
        answer = await organiser.post("/campaigns/2022-city/state", data=wanted)
        assert answer.headers["location"] == address
        assert f"活动已转为“{label}”" in (await organiser.get(address)).text
    assert "第32次全国助残日" not in (await organiser.get("/campaigns")).text
    assert "第32次全国助残日" in (await organiser.get("/campaigns?state=archived")).text
    page = (await organiser.get(address)).text
    assert 'name="theme"' not in page
    await organiser.post("/campaigns/2022-city/state", data={"state": "open"})
    assert "只能转为“已结束”" in (await organiser.get(address)).text
    for rest, data in (("plugins", {"plugins": "publicity"}), ("participants", {})):
        await organiser.post(f"/campaigns/2022-city/{rest}", data=data)
        assert "请组织者重新打开活动" in (await organiser.get(address)).text


async def test_plugins_and_offices_are_chosen(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    await organiser.post("/campaigns/2022-city/plugins", data={"plugins": ["publicity"]})
    assert (await campaigns.find(campaign_2022)).enabled == ("publicity",)
    await organiser.post("/campaigns/2022-city/plugins", data={"plugins": ["no-such"]})
    page = (await organiser.get("/campaigns/2022-city/settings")).text
    assert "请从列出的选项里选" in page
    assert (await campaigns.find(campaign_2022)).enabled == ("publicity",)
    await organiser.post("/campaigns/2022-city/participants")
    assert "没有要补充的单位" in (await organiser.get("/campaigns/2022-city/settings")).text


async def test_next_years_campaign_says_what_came_along(
    campaign_2022: str, sign_in: SignIn
) -> None:
    await database.execute(
        "UPDATE organisation SET closed_on = :day WHERE key = 'x4'", day=date(2023, 1, 1)
    )
    organiser = await sign_in("organiser", "city")
    answer = await organiser.post("/campaigns/2022-city/clone", data={"year": "2024"})
    assert answer.headers["location"] == "/campaigns/national-disability-day-2024-city"
    page = (await organiser.get(answer.headers["location"])).text
    assert "4 个单位参加" in page
    assert "有 1 个单位已撤销或调走" in page
    assert "日程和任务都安排好以后，开始活动。" in page
    again = await organiser.post("/campaigns/2022-city/clone", data={"year": "2024"})
    assert again.status_code == 422
    assert "已经有这个节日的活动" in again.text


async def test_what_is_current_stands_before_what_is_past(
    process: Process, campaign_2022: str
) -> None:
    from dataclasses import replace

    held = await campaigns.find(campaign_2022)

    def at(number: int, starts: date, ends: date) -> campaigns.Campaign:
        return replace(held, id=number, starts_on=starts, ends_on=ends)

    given = [
        at(1, date(2025, 1, 1), date(2025, 2, 1)),
        at(2, date(2026, 6, 1), date(2026, 7, 1)),
        at(3, date(2026, 5, 1), date(2026, 5, 10)),
        at(4, date(2025, 1, 1), date(2026, 5, 9)),
    ]
    ordered = nearest_first(given, date(2026, 5, 10))
    assert [campaign.id for campaign in ordered] == [3, 2, 4, 1]


async def test_a_campaign_that_is_not_there(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    for rest in ("", "/settings", "/clone"):
        assert (await organiser.get(f"/campaigns/nothing{rest}")).status_code == 404
