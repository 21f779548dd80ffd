"""The overview: from every office, with what is next to do, in so many statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import httpx
import pytest

from api import overview_words
from api.kit.campaign_pages import CampaignPage
from core import campaign_access, campaigns, closures, database
from core.permissions import SYSTEM, Actor
from core.process import Process
from tests.fixtures.application import ActorOf, SignIn


async def test_the_citys_overview(campaign_2022: str, sign_in: SignIn) -> None:
    page = (await (await sign_in("organiser", "city")).get("/campaigns/2022-city")).text
    assert "<h1>第32次全国助残日</h1>" in page
    assert "主题：促进残疾人就业，保障残疾人权益" in page
    assert "全国助残日：5月15日（星期日）" in page
    assert "已经过了，可以转入收尾" in page
    assert "/campaigns/2022-city/figures/condolence.people?organisation=city" in page
    assert "甲旗残联" in page
    for label in ("总览", "日程", "数据", "填报数据", "任务", "总结", "设置"):
        assert f">{label}</a>" in page
    assert page.count('aria-current="page"') == 2  # the main navigation's and the tabs'


async def test_an_office_below_sees_itself_alone(campaign_2022: str, sign_in: SignIn) -> None:
    clerk = await sign_in("clerk", "x1")
    page = (await clerk.get("/campaigns/2022-city")).text
    assert "甲旗残联完成情况" in page
    assert "乙县残联" not in page
    assert "organisation=city" not in page
    assert ">设置</a>" not in page
    for office in ("city", "x2", "nowhere"):
        answer = await clerk.get(f"/campaigns/2022-city?organisation={office}")
        assert answer.status_code == 404


async def test_the_city_looks_from_below_and_back(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    page = (await organiser.get("/campaigns/2022-city?organisation=x1")).text
    assert "甲旗残联完成情况" in page
    assert '<a href="/campaigns/2022-city">某市残联</a>' in page


async def test_one_figure_is_compared_over_the_offices(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    usual = (await organiser.get("/campaigns/2022-city")).text
    assert "走访慰问人数，按单位" in usual
    chosen = (await organiser.get("/campaigns/2022-city?metric=condolence.visits")).text
    assert '<option value="condolence.visits" selected>' in chosen
    unknown = await organiser.get("/campaigns/2022-city?metric=no.such")
    assert "走访慰问人数，按单位" in unknown.text


async def test_findings_lead_to_where_they_are_mended(campaign_2022: str, sign_in: SignIn) -> None:
    await database.execute(
        "UPDATE campaign SET ends_on = :day WHERE key = '2022-city'", day=date(2022, 5, 2)
    )
    page = (await (await sign_in("organiser", "city")).get("/campaigns/2022-city")).text
    assert "不在这次活动的期间" in page
    assert "/campaigns/2022-city/activities/a01" in page
    assert "<summary>另外" in page


async def test_a_plugin_that_fails_is_named_and_the_rest_stands(
    campaign_2022: str, sign_in: SignIn
) -> None:
    await database.execute("ALTER TABLE publicity_item RENAME TO publicity_item_away")
    page = await (await sign_in("organiser", "city")).get("/campaigns/2022-city")
    assert page.status_code == 200
    assert "“宣传”部分暂时无法统计" in page.text
    assert "走访慰问人数" in page.text


async def test_who_is_elsewhere_finds_no_campaign(campaign_2022: str, sign_in: SignIn) -> None:
    await database.execute(
        "INSERT INTO organisation (key, name, level) VALUES ('elsewhere', '邻市残联', 'city')"
    )
    await closures.rebuild_organisations()
    stranger = await sign_in("organiser", "elsewhere")
    assert (await stranger.get("/campaigns/2022-city")).status_code == 404
    volunteer = await sign_in("volunteer", "city")
    assert (await volunteer.get("/campaigns/2022-city")).status_code == 403


async def _statements(client: httpx.AsyncClient) -> int:
    statements: list[str] = []
    async with database.watching(statements.append):
        assert (await client.get("/campaigns/2022-city")).status_code == 200
    return len(statements)


async def test_the_number_of_statements_does_not_grow(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    before = await _statements(organiser)
    for number in range(200):
        await database.execute(
            "INSERT INTO organisation (key, name, level, parent) SELECT :key, :name, 'town', id"
            " FROM organisation WHERE key = 'city'",
            key=f"t{number}",
            name=f"{number}镇残联",
        )
    await closures.rebuild_organisations()
    await organiser.post("/campaigns/2022-city/participants")
    await organiser.get("/campaigns")  # takes the message
    assert await _statements(organiser) == before


# What to say, by how things stand. No page is needed for that: a campaign, a day, a few counts.

Make = Callable[..., CampaignPage]


@pytest.fixture
async def page_of(process: Process, campaign_2022: str) -> Make:
    held = await campaigns.find(campaign_2022)

    def make(reach: campaign_access.Reach, **changes: object) -> CampaignPage:
        campaign = replace(held, **changes)  # type: ignore[arg-type]
        return CampaignPage(
            campaign, "题", [], SYSTEM, reach, process.catalogue, process.plugins, ()
        )

    return make


def leading(actor: Actor = SYSTEM) -> campaign_access.Reach:
    return campaign_access.Reach(actor, frozenset(), frozenset())


DAY = date(2022, 5, 15)


@pytest.mark.parametrize(
    ("today", "count", "line"),
    [
        (date(2022, 4, 1), 44, "天后是全国助残日，5月15日（星期日）"),
        (date(2021, 12, 31), 135, "天后是全国助残日，2022年5月15日（星期日）"),
        (date(2022, 5, 14), 1, "天后是全国助残日，5月15日（星期日）"),
        (DAY, "今天", "是全国助残日，5月15日（星期日）"),
        (date(2022, 5, 16), 15, "天后活动结束，5月31日（星期二）"),
        (date(2022, 5, 31), "今天", "活动结束，5月31日（星期二）"),
        (date(2022, 6, 1), None, ""),
    ],
)
async def test_days_to_go(page_of: Make, today: date, count: object, line: str) -> None:
    found = overview_words.countdown(page_of(leading()), today, 0)
    if count is None:
        assert found is None
    else:
        assert found == {"count": count, "lines": [line]}


async def test_days_to_go_without_an_observance_and_with_work_today(page_of: Make) -> None:
    page = page_of(leading(), observance=None)
    before = overview_words.countdown(page, date(2022, 4, 30), 0)
    assert before == {"count": 1, "lines": ["天后活动开始，5月1日（星期日）"]}
    week = page_of(leading(), observance="disability-fitness-week", ends_on=date(2022, 12, 1))
    found = overview_words.countdown(week, date(2022, 8, 1), 2)
    lines = ["天后是残疾人健身周的第一天，8月8日（星期一）", "今天有 2 项安排。"]
    assert found == {"count": 7, "lines": lines}
    assert overview_words.countdown(page_of(leading(), state="closed"), DAY, 0) is None


@pytest.mark.parametrize(
    ("changes", "stands", "said"),
    [
        ({"state": "draft"}, {"planned": False}, "先把日程安排出来"),
        ({"state": "draft"}, {}, "日程和任务都安排好以后"),
        ({"state": "closing"}, {}, "结束活动"),
        ({"state": "closed"}, {}, "已经结束"),
        ({"state": "archived"}, {}, "已经结束"),
        ({}, {"today": date(2022, 6, 1)}, "可以转入收尾"),
        ({"theme": ""}, {}, "主题还没有填写"),
        ({}, {"has_figures": False}, "还没有任何数据"),
        ({}, {"findings": 3}, "有 3 处需要核对"),
        ({}, {}, "活动办完一项"),
    ],
)
async def test_the_next_thing_to_do(
    page_of: Make, changes: dict[str, object], stands: dict[str, object], said: str
) -> None:
    usual: dict[str, object] = {
        "today": DAY,
        "has_figures": True,
        "findings": 0,
        "activities": [],
        "planned": True,
    }
    page = page_of(leading(), **changes)
    standing = overview_words.Standing(page, **{**usual, **stands})  # type: ignore[arg-type]
    assert said in overview_words.next_step(standing).text


async def test_who_does_not_lead_is_not_asked_to(page_of: Make, actor_of: ActorOf) -> None:
    clerk = await actor_of("clerk", "x1")
    office = clerk.grants[0].organisation_id
    reach = campaign_access.Reach(clerk, frozenset({office}), frozenset())
    for state, said, href in (
        ("draft", "活动还在筹备", ""),
        ("closing", "补登还没有登记的记录", "/campaigns/2022-city/reported"),
        ("open", "还没有任何数据", "/campaigns/2022-city/reported"),
    ):
        page = page_of(reach, state=state, theme="")
        step = overview_words.next_step(
            overview_words.Standing(page, date(2022, 6, 1), False, 0, [], True)
        )
        assert said in step.text
        assert step.href == href
