"""Handing in and reviewing by pages and as JSON, and what strangers learn from a code."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from core import database
from tests.core.recap.handed_in import change_a_record
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/recap"
DATA = f"/api/v1{PAGE}"
X1 = "organisation=x1"


@pytest.fixture
async def clerk(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("clerk", "x1")


@pytest.fixture
async def chief(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("organiser", "city")


async def told(client: httpx.AsyncClient, answer: httpx.Response) -> str:
    """The page that a form leads to."""
    assert answer.status_code == 303, answer.text
    return (await client.get(answer.headers["location"])).text


async def test_a_life_by_its_pages(clerk: httpx.AsyncClient, chief: httpx.AsyncClient) -> None:
    page = (await clerk.get(f"{PAGE}/versions")).text
    assert "还没有报送过" in page
    assert "报送第1版" in page
    page = await told(clerk, await clerk.post(f"{PAGE}/versions?{X1}", data={"csrf_token": "-"}))
    assert "第1版已报送，等待审核。" in page
    assert "关于第32次全国助残日活动开展情况的总结" in page
    assert 'id="decide"' not in page
    assert page.count("<h1") == 1
    assert '"document"' not in page
    page = (await chief.get(f"{PAGE}/children")).text
    assert "4个单位中，3个未报送、1个已报送；逾期4个。" in page
    assert "有1个单位的总结等着审核" in page
    version = f"{PAGE}/versions/1"
    assert 'id="decide"' in (await chief.get(f"{version}?{X1}")).text
    answer = await chief.post(f"{version}/decision?{X1}", data={"decision": "returned"})
    assert answer.status_code == 422
    assert "退回要写明原因" in answer.text
    data = {"decision": "returned", "reason": "慰问户数请核对"}
    page = await told(chief, await chief.post(f"{version}/decision?{X1}", data=data))
    assert "已退回第1版" in page
    assert "慰问户数请核对" in (await clerk.get(f"{PAGE}/versions")).text
    assert "退回原因：慰问户数请核对" in (await clerk.get(PAGE)).text
    await clerk.post(f"{PAGE}/versions?{X1}", data={"csrf_token": "-"})
    second = f"{PAGE}/versions/2"
    answer = await chief.post(f"{second}/freeze?{X1}")
    assert "现在不能定稿" in await told(chief, answer)
    page = await told(
        chief, await chief.post(f"{second}/decision?{X1}", data={"decision": "accepted"})
    )
    assert 'id="freeze"' in page
    page = await told(chief, await chief.post(f"{second}/freeze?{X1}"))
    assert "第2版（定稿）" in page
    assert "第2版（定稿）" in (await clerk.get(PAGE)).text
    page = (await clerk.get(f"{PAGE}/versions")).text
    assert "更正的原因" in page
    answer = await clerk.post(f"{PAGE}/versions?{X1}", data={"correction": ""})
    assert answer.status_code == 422
    assert "请写明更正的原因" in answer.text


async def test_what_differs_stands_on_the_recap_and_on_the_version(
    clerk: httpx.AsyncClient, chief: httpx.AsyncClient
) -> None:
    await clerk.post(f"{PAGE}/versions?{X1}", data={"csrf_token": "-"})
    assert "不一致" not in (await clerk.get(PAGE)).text
    await chief.post(f"{PAGE}/versions/1/decision?{X1}", data={"decision": "accepted"})
    await chief.post(f"{PAGE}/versions/1/freeze?{X1}")
    await change_a_record()
    for address in (f"{PAGE}?{X1}", f"{PAGE}/versions/1?{X1}"):
        page = (await chief.get(address)).text
        assert "与定稿不一致：1项" in page
        assert "原来没有，现在是8次" in page
    assert "活动的登记有变动" in (await chief.get(f"{PAGE}/children")).text
    await database.execute("UPDATE recap_version SET content = content || ' '")
    page = (await chief.get(f"{PAGE}/versions/1?{X1}")).text
    assert "有人在数据库里改动过它" in page
    assert page.count("<h1") == 1
    assert "请报告管理员" in (await chief.get(f"{PAGE}?{X1}")).text


async def test_over_parts_that_nobody_accepted_a_reason_is_asked(
    chief: httpx.AsyncClient,
) -> None:
    answer = await chief.post(f"{PAGE}/versions", data={"unaccepted": ""})
    assert answer.status_code == 409
    assert "仍要报送，请写明原因" in answer.text
    data = {"unaccepted": "各县今年由市里统一写"}
    page = await told(chief, await chief.post(f"{PAGE}/versions", data=data))
    assert "各县今年由市里统一写" in page
    answer = await chief.post(f"{PAGE}/versions/1/decision", data={"decision": "accepted"})
    assert answer.status_code == 409
    assert "请换一位审核人" in answer.text


async def test_the_deadline_is_set_by_whoever_leads(
    clerk: httpx.AsyncClient, chief: httpx.AsyncClient, sign_in: SignIn
) -> None:
    page = (await chief.get(f"{PAGE}/children")).text
    assert "报送期限：2022年6月10日（没有另定，按活动结束后10天）" in page
    answer = await chief.post(f"{PAGE}/deadline", data={"due_on": "2021-06-10"})
    assert answer.status_code == 422
    assert "早于活动开始" in answer.text
    page = await told(chief, await chief.post(f"{PAGE}/deadline", data={"due_on": "2022-06-30"}))
    assert "报送期限：2022年6月30日。" in page
    below = await sign_in("organiser", "x1")
    assert 'name="due_on"' not in (await below.get(f"{PAGE}/children")).text
    answer = await below.post(f"{PAGE}/deadline", data={"due_on": "2022-06-30"})
    assert answer.status_code == 404


async def test_a_list_of_those_below_is_narrowed(
    clerk: httpx.AsyncClient, chief: httpx.AsyncClient
) -> None:
    await clerk.post(f"{PAGE}/versions?{X1}", data={"csrf_token": "-"})
    page = (await chief.get(f"{PAGE}/children?standing=submitted")).text
    assert "versions/1?organisation=x1" in page
    assert "versions?organisation=x2" not in page
    page = (await chief.get(f"{PAGE}/children?standing=frozen")).text
    assert "没有这种状态的单位" in page
    assert "没有下级单位" in (await clerk.get(f"{PAGE}/children")).text


async def test_a_life_as_data(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    clerk, above = await bearer("clerk", "x1"), await bearer("reviewer", "city")
    first: dict[str, Any] = {"headers": {**clerk, "idempotency-key": "k"}, "json": {}}
    made = await client.post(f"{DATA}/versions?{X1}", **first)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"{DATA}/versions/1?{X1}"
    assert made.json()["state"] == "submitted"
    again = await client.post(f"{DATA}/versions?{X1}", **first)
    assert again.json() == made.json()
    assert again.headers["idempotency-replayed"] == "true"
    second = await client.post(f"{DATA}/versions?{X1}", headers=clerk, json={})
    assert (second.status_code, second.json()["code"]) == (409, "recap_state")
    address = f"{DATA}/versions/1"
    answer = await client.post(
        f"{address}/decision?{X1}", headers=above, json={"decision": "returned"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")
    answer = await client.post(
        f"{address}/decision?{X1}", headers=above, json={"decision": "perhaps"}
    )
    assert answer.status_code == 422
    accepted = {"decision": "accepted", "reason": "数据清楚"}
    answer = await client.post(f"{address}/decision?{X1}", headers=above, json=accepted)
    assert (answer.json()["state"], answer.json()["reason"]) == ("accepted", "数据清楚")
    answer = await client.post(f"{address}/freeze?{X1}", headers=above)
    assert answer.status_code == 403
    chief = await bearer("organiser", "city")
    answer = await client.post(f"{address}/freeze?{X1}", headers=chief)
    assert answer.json()["state"] == "frozen"
    await change_a_record()
    whole = (await client.get(f"{address}?{X1}", headers=clerk)).json()
    assert whole["intact"] is True
    assert whole["recap"]["organisation"] == "x1"
    assert [each["metric"] for each in whole["differences"]] == ["culture.shows"]
    content = await client.get(f"{address}/content?{X1}", headers=clerk)
    assert hashlib.sha256(content.content).hexdigest() == whole["sha256"]
    listed = (await client.get(f"{DATA}/versions?{X1}", headers=chief)).json()
    assert [each["number"] for each in listed] == [1]
    below = (await client.get(f"{DATA}/children", headers=chief, params={"limit": 1})).json()
    assert below["totals"]["frozen"] == 1
    assert below["items"][0]["standing"] == "frozen"
    below = (
        await client.get(f"{DATA}/children", headers=chief, params={"cursor": below["next"]})
    ).json()
    assert [each["key"] for each in below["items"]] == ["x2", "x3", "x4"]
    answer = await client.put(f"{DATA}/deadline", headers=chief, json={"due_on": "2022-06-30"})
    assert answer.json() == {"due_on": "2022-06-30", "usual": False}
    for wrong in ("versions/2", "versions/99999999999999999999", "versions/0"):
        answer = await client.get(f"{DATA}/{wrong}?{X1}", headers=clerk)
        assert answer.status_code == 404


async def test_a_stranger_learns_whether_a_paper_is_current(
    clerk: httpx.AsyncClient, chief: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await clerk.get(f"{PAGE}.html")
    draft = await database.fetch_value("SELECT code FROM recap_print")
    page = await client.get(f"/verify/{draft}")
    assert page.status_code == 200
    assert "草稿，与现在的数据一致" in page.text
    assert "甲旗残联" in page.text
    assert "clerk-x1" not in page.text
    await change_a_record()
    typed = await client.get("/verify", params={"code": draft.lower()})
    assert typed.status_code == 303
    assert "草稿，数据此后有变动" in (await client.get(typed.headers["location"])).text
    await clerk.post(f"{PAGE}/versions?{X1}", data={"csrf_token": "-"})
    await chief.post(f"{PAGE}/versions/1/decision?{X1}", data={"decision": "accepted"})
    await chief.post(f"{PAGE}/versions/1/freeze?{X1}")
    code = await database.fetch_value("SELECT code FROM recap_version")
    page = await client.get(f"/verify/{code}")
    assert "现行定稿（第1版）" in page.text
    assert "这份总结是现行的" in page.text


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/verify", 200, "输入印在总结末尾的核验码"),
        ("/verify?code=7K2M-9QXD-41VH", 303, ""),
        ("/verify?code=7K2M", 422, "核验码是12位"),
        ("/verify/7K2M-9QXD-41VH", 404, "没有这个核验码"),
        ("/verify/UUUU", 404, "核验码是12位"),
        ("/verify/" + "9" * 3000, 404, "核验码是12位"),
        ("/verify/%3Cscript%3E", 404, "&lt;script&gt;"),
    ],
)
async def test_what_is_no_code_is_told_with_help(
    campaign_2022: str, client: httpx.AsyncClient, address: str, status: int, words: str
) -> None:
    answer = await client.get(address)
    assert answer.status_code == status
    assert words in answer.text
