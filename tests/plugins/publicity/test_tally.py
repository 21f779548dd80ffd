"""The tally: counts by kind and level, by office, its chart, and who sees what."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.kit.records import Work
from core import bundles, campaigns, database
from core.permissions import SYSTEM
from core.process import Process
from plugins.publicity import tally
from tests.core.bundle_samples import campaign as bundle
from tests.fixtures.application import SignIn
from tests.plugins.publicity.records_made import add_item, add_material, add_outreach

PAGE = "/campaigns/2022-city/publicity"


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


def table(html: str, caption: str) -> list[list[str]]:
    """The rows of the table with that caption, as text."""
    (found,) = re.findall(rf"<caption>{caption}</caption>(.*?)</table>", html, re.DOTALL)
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in re.findall(r"<tr.*?</tr>", found, re.DOTALL)
    ]


async def fill(work: Work) -> None:
    await add_item(work, "a", outlet_level="nation")
    await add_item(work, "b", kind="tv")
    await add_item(work, "c", reprint_of="a", organisation="x2")
    await add_material(work, "b1")
    await add_material(work, "b2", kind="banner", quantity=3, organisation="x2")
    await add_outreach(work, "o1", organisation="x2")


async def test_it_counts_by_kind_level_and_office(work: Work, sign_in: SignIn) -> None:
    await fill(work)
    browser = await sign_in("viewer", "city")
    html = (await browser.get(PAGE)).text
    assert table(html, "按类别和媒体级别") == [
        ["类别", "合计", "国家级", "省级", "市级", "县级"],
        ["稿件（篇）", "201", "1", "0", "200", "0"],
        ["电视（条）", "1", "0", "0", "1", "0"],
        ["转载（篇）", "1", "0", "0", "1", "0"],
    ]
    assert table(html, "按种类") == [
        ["种类", "数量"],
        ["横幅（条）", "8"],
        ["宣传单（份）", "2,000"],
        ["宣传册（本）", "500"],
        ["宣传受众（人次）", "500"],
    ]
    assert table(html, "各单位的报道") == [
        ["单位", "稿件（篇）", "电视（条）", "转载（篇）"],
        ["某市残联（本级）", "200", "0", "0"],
        ["甲旗残联", "1", "1", "0"],
        ["乙县残联", "0", "0", "1"],
        ["丙区残联", "0", "0", "0"],
        ["丁区残联", "0", "0", "0"],
    ]
    assert table(html, "各单位的宣传品和受众")[2:4] == [
        ["甲旗残联", "0", "1,000", "0", "0"],
        ["乙县残联", "3", "0", "0", "500"],
    ]
    assert "登记报道" not in html


async def test_the_chart_shows_what_was_asked_for(work: Work, sign_in: SignIn) -> None:
    await fill(work)
    browser = await sign_in("viewer", "city")
    chart = table((await browser.get(PAGE)).text, "稿件，按单位")
    assert [row[:2] for row in chart[1:3]] == [
        ["某市残联（本级）", "200篇"],
        ["甲旗残联", "甲旗残联 1篇"],
    ]
    asked = (await browser.get(PAGE, params={"metric": "publicity.banners"})).text
    assert [row[:2] for row in table(asked, "横幅，按单位")[1:]] == [
        ["某市残联（本级）", "5条"],
        ["甲旗残联", "0条"],
        ["乙县残联", "乙县残联 3条"],
        ["丙区残联", "0条"],
        ["丁区残联", "0条"],
    ]
    assert 'width="60.00%"' in asked
    assert "稿件，按单位" in (await browser.get(PAGE, params={"metric": "nonsense"})).text


async def test_every_amount_opens_its_records(process: Process, sign_in: SignIn) -> None:
    """What the list shows is as many as the cell said, whichever office is looked at."""
    key = await bundles.import_document(
        bundle("generated-1"), process.plugins, process.catalogue, SYSTEM
    )
    browser = await sign_in("viewer", "city")
    for office in ("city", "c0", "c1t0"):
        html = (
            await browser.get(f"/campaigns/{key}/publicity", params={"organisation": office})
        ).text
        links = re.findall(r'<td class="numeric"><a href="([^"]+/items\?[^"]+)">([\d,]+)</a>', html)
        assert links
        for href, amount in links:
            page = (await browser.get(href.replace("&amp;", "&"))).text
            assert f"共{amount}条" in page, href


async def test_what_is_below_counts_for_the_office_above_it(process: Process) -> None:
    document: Any = bundle("generated-1")
    key = await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
    found = await tally.read(await campaigns.scope(await campaigns.find(key)))
    parents = {each["key"]: each["parent"] for each in document["organisations"]}
    wanted: dict[str, int] = {}
    for outreach in document["plugins"]["publicity"]["outreach"]:
        office = outreach["organisation"]
        while parents[office] not in (None, "city"):
            office = parents[office]
        wanted[office] = wanted.get(office, 0) + outreach["people"]
    assert found.by_office["publicity.reach"] == wanted
    items = document["plugins"]["publicity"]["items"]
    reprints = sum(item["reprint_of"] is not None for item in items)
    assert found.total("publicity.reprints") == reprints
    assert sum(found.by_level.values()) == len(items)


async def test_an_office_sees_itself_and_what_is_below_it(work: Work, sign_in: SignIn) -> None:
    await fill(work)
    browser = await sign_in("clerk", "x1")
    html = (await browser.get(PAGE)).text
    assert table(html, "按类别和媒体级别")[1] == ["稿件（篇）", "1", "1", "0", "0", "0"]
    assert "各单位" not in html
    assert "登记报道" in html
    for beside in ("city", "x2", "nowhere"):
        answer = await browser.get(PAGE, params={"organisation": beside})
        assert answer.status_code == 404, beside
    above = await sign_in("organiser", "city")
    answer = await above.get(PAGE, params={"organisation": "x1"})
    assert table(answer.text, "按类别和媒体级别")[1][1] == "1"
    volunteer = await sign_in("volunteer", "x1")
    assert (await volunteer.get(PAGE)).status_code in {403, 404}


async def test_nothing_yet_is_said_in_words(work: Work, sign_in: SignIn) -> None:
    html = (await (await sign_in("clerk", "x4")).get(PAGE)).text
    assert "还没有登记宣传情况。可以一条一条登记，也可以从表格一次导入。" in html
    assert "<table" not in html


async def test_it_says_what_to_do_next(work: Work, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "x1")
    assert "下一步" not in (await browser.get(PAGE)).text
    await add_item(work, "a", url=None)
    await add_item(work, "b", url=None)
    await add_item(work, "c", published_on="2022-04-30")
    html = (await browser.get(PAGE)).text
    assert "有2条报道没有网址，请补上，便于核对。" in html
    (href,) = re.findall(r'href="([^"]+)">去核对</a>', html)
    assert "共2条" in (await browser.get(href.replace("&amp;", "&"))).text


async def test_without_the_plugin_there_is_no_page(work: Work, sign_in: SignIn) -> None:
    await database.execute("DELETE FROM campaign_plugin WHERE plugin = 'publicity'")
    assert (await (await sign_in("clerk", "x1")).get(PAGE)).status_code == 404


async def test_statements_do_not_grow_with_the_number_of_records(
    work: Work, sign_in: SignIn
) -> None:
    await fill(work)
    browser = await sign_in("viewer", "city")

    async def statements() -> int:
        ran: list[str] = []
        async with database.watching(ran.append):
            assert (await browser.get(PAGE)).status_code == 200
        return len(ran)

    before = await statements()
    offices = await database.fetch("SELECT id FROM organisation")
    await database.execute_many(
        "INSERT INTO publicity_item (campaign, key, kind, title, outlet, outlet_level,"
        " published_on, organisation) SELECT campaign, :key, kind, title, outlet, outlet_level,"
        " published_on, :office FROM publicity_item WHERE key = 'a'",
        [
            {"key": f"k{number}", "office": offices[number % len(offices)]["id"]}
            for number in range(1000)
        ],
    )
    assert await statements() == before
