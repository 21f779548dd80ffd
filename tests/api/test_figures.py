"""Figures opened through pages and JSON: down the offices, to what was reported, to the records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from api.figure_views import record_amount, record_value
from core import database, kept, plugins
from core.measures import Record
from core.metrics import Metric
from core.process import Process
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/figures"
DATA = "/api/v1/campaigns/2022-city/figures"


@pytest.fixture
async def chief(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("organiser", "city")


@pytest.fixture
async def programme(campaign_2022: str, browsers: Any, bearer: Bearer) -> httpx.AsyncClient:
    client: httpx.AsyncClient = browsers()
    client.headers.update(await bearer("viewer", "city"))
    return client


async def test_the_ledger_holds_every_figure_and_leads_to_each(chief: httpx.AsyncClient) -> None:
    page = (await chief.get(PAGE)).text
    assert page.count("/figures/") >= 32
    assert f'href="{PAGE}/condolence.people?organisation=city"' in page
    assert "其中360人有明细，佐证率31.8%" in page
    narrowed = (await chief.get(PAGE, params={"plugin": "own"})).text
    assert "发放辅助器具" in narrowed
    assert 'id="group-2"' not in narrowed


async def test_a_figure_opens_to_offices_reports_and_records(chief: httpx.AsyncClient) -> None:
    page = (await chief.get(f"{PAGE}/condolence.people")).text
    assert "1,132" in page
    assert f'href="{PAGE}/condolence.people?organisation=x2"' in page
    assert "还没有这项数据的单位：丙区残联、丁区残联。" in page
    assert 'href="/campaigns/2022-city/reported/f00601"' in page
    assert "全市汇总" in page
    assert "/condolence/recipients/" in page
    below = (await chief.get(f"{PAGE}/condolence.people", params={"organisation": "x2"})).text
    assert f'<a href="{PAGE}/condolence.people?organisation=city">某市残联</a>' in below
    assert "240" in below
    assert "f00601" not in below


async def test_a_ratio_opens_to_its_two_parts(chief: httpx.AsyncClient) -> None:
    page = (await chief.get(f"{PAGE}/job_fair.intent_rate")).text
    assert "36.94" in page
    assert f'href="{PAGE}/job_fair.intents?organisation=city"' in page
    assert f'href="{PAGE}/job_fair.openings?organisation=city"' in page
    assert "填报这项数据" not in page


async def test_a_metric_without_a_figure_says_so(chief: httpx.AsyncClient) -> None:
    page = await chief.get(f"{PAGE}/condolence.households")
    assert page.status_code == 200
    assert "还没有这项数据" in page.text


async def test_records_are_paged_on_the_page(chief: httpx.AsyncClient) -> None:
    page = (await chief.get(f"{PAGE}/condolence.people")).text
    address = page.split('rel="next" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    following = (await chief.get(address)).text
    assert "回到第一页" in following
    assert following.count("/condolence/recipients/") == 20


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        (("viewer", "x1"), PAGE, 200),
        (("viewer", "x1"), f"{PAGE}?organisation=x2", 404),
        (("viewer", "x1"), f"{PAGE}?organisation=city", 404),
        (("viewer", "x1"), f"{PAGE}/condolence.cash?organisation=x2", 404),
        (("viewer", "x1"), f"{PAGE}/condolence.cash?organisation=x1", 200),
        (("viewer", "city"), f"{PAGE}/no.such", 404),
        (("viewer", "city"), f"{PAGE}?organisation=nowhere", 404),
        (("viewer", "city"), f"{PAGE}/condolence.cash?cursor=nonsense", 422),
        (("viewer", "city"), "/campaigns/nothing/figures", 404),
        (("volunteer", "city"), PAGE, 403),
    ],
)
async def test_who_sees_which_office(
    campaign_2022: str, sign_in: SignIn, who: tuple[str, str], path: str, status: int
) -> None:
    assert (await (await sign_in(*who)).get(path)).status_code == status


@pytest.mark.parametrize("rest", ["", "/condolence.cash", "/condolence.cash/records"])
async def test_data_of_offices_out_of_reach_is_not_there(
    campaign_2022: str, browsers: Any, bearer: Bearer, rest: str
) -> None:
    client = browsers()
    client.headers.update(await bearer("viewer", "x1"))
    path = f"{DATA}{rest}"
    assert (await client.get(path)).status_code == 200
    assert (await client.get(path, params={"organisation": "x2"})).status_code == 404


async def test_who_sees_one_office_sees_nothing_of_the_others(
    campaign_2022: str, sign_in: SignIn
) -> None:
    viewer = await sign_in("viewer", "x1")
    for path in (PAGE, f"{PAGE}/condolence.people", f"{PAGE}/assistive.items"):
        page = (await viewer.get(path)).text
        for leak in ("乙县残联", "全市汇总", "1,132", "organisation=city"):
            assert leak not in page


async def test_the_data_are_those_of_the_recap(programme: httpx.AsyncClient) -> None:
    for office in ("city", "x1"):
        given = (await programme.get(DATA, params={"organisation": office})).json()
        recap = await programme.get(
            "/api/v1/campaigns/2022-city/recap", params={"organisation": office}
        )
        assert given["figures"] == recap.json()["figures"]
        assert given["organisation"] == office
    own = (await programme.get(DATA, params={"plugin": "own"})).json()["figures"]
    measured = {metric.key for metric in plugins.installed().metrics()}
    assert own == [f for f in await all_figures(programme) if f["metric"] not in measured] != []


async def all_figures(programme: httpx.AsyncClient) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = (await programme.get(DATA)).json()["figures"]
    return figures


async def test_one_figure_comes_with_those_of_the_offices_below(
    programme: httpx.AsyncClient,
) -> None:
    given = (await programme.get(f"{DATA}/condolence.people")).json()
    assert given["figure"]["value"] == "1132"
    assert given["definition"] == "有已送达记录的个人，同一人多次走访只计一次"
    below = {each["organisation"]: each["figure"] for each in given["below"]}
    assert {office: figure and figure["value"] for office, figure in below.items()} == {
        "x1": "120",
        "x2": "240",
        "x3": None,
        "x4": None,
    }


async def test_the_records_of_each_figure_come_to_what_is_itemised(
    programme: httpx.AsyncClient, process: Process
) -> None:
    """Every page of every figure of every plugin that opens its figures."""
    opening = {
        key for key in process.plugins.keys if "figure_records" in process.plugins.hooks_of(key)
    }
    assert "condolence" in opening
    measured = {metric.key: metric for metric in process.plugins.metrics()}
    for figure in await all_figures(programme):
        metric = measured.get(figure["metric"])
        if metric is None or metric.plugin not in opening or metric.scale != 1:
            continue
        total, cursor = Decimal(0), ""
        while True:
            page = await programme.get(
                f"{DATA}/{metric.key}/records", params={"cursor": cursor, "limit": 200}
            )
            records = page.json()
            total += sum(Decimal(record["amount"]) for record in records["items"])
            cursor = records["next"] or ""
            if not cursor:
                break
        assert total == Decimal(figure["itemised"]), metric.key


async def test_unchanged_figures_are_not_sent_again(programme: httpx.AsyncClient) -> None:
    first = await programme.get(DATA)
    again = await programme.get(DATA, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    kept.forget()
    await database.execute("UPDATE reported_figure SET value = '1133' WHERE key = 'f00601'")
    changed = await programme.get(DATA, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200


async def test_a_plugin_that_cannot_open_a_figure_is_named_and_takes_nothing_with_it(
    chief: httpx.AsyncClient, programme: httpx.AsyncClient
) -> None:
    await database.execute("ALTER TABLE condolence_recipient RENAME TO away")
    try:
        page = await chief.get(f"{PAGE}/condolence.people")
        data = await programme.get(f"{DATA}/condolence.people/records")
    finally:
        await database.execute("ALTER TABLE away RENAME TO condolence_recipient")
    assert page.status_code == 200
    assert "“走访慰问”部分暂时无法统计" in page.text
    assert "明细暂时取不出来" in page.text
    assert "全市汇总" in page.text
    assert data.status_code == 503


async def test_a_page_takes_as_many_statements_with_many_records_as_with_few(
    chief: httpx.AsyncClient,
) -> None:
    async def statements(path: str) -> int:
        seen: list[str] = []
        kept.forget()
        async with database.watching(seen.append):
            assert (await chief.get(path)).status_code == 200
        return len(seen)

    many = await statements(f"{PAGE}/condolence.cash?organisation=city")
    await database.execute(
        "DELETE FROM condolence_goods WHERE line NOT IN (SELECT MIN(id) FROM condolence_line)"
    )
    await database.execute(
        "DELETE FROM condolence_line WHERE id NOT IN (SELECT MIN(id) FROM condolence_line)"
    )
    assert await statements(f"{PAGE}/condolence.cash?organisation=city") == many


def test_the_amount_of_a_record_is_said_in_the_unit_of_its_metric() -> None:
    cash = Metric("a.cash", "慰问金", "元", "sum", scale=100)
    hours = Metric("a.hours", "时长", "小时", "sum", scale=60, places=1)
    people = Metric("a.people", "人数", "人", "distinct")
    record = Record(1, "甲", "x1", 20_050, "/")
    assert (record_amount(cash, record), record_value(cash, record)) == ("200.5元", "200.5")
    assert record_amount(hours, Record(1, "甲", "x1", 95, "/")) == "1.6小时"
    assert (record_amount(people, record), record_value(people, record)) == ("20050条记录", "1")
