"""Files of a recap made in the background: as pages without script, and for programmes."""

from __future__ import annotations

import asyncio
import re
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import docx
import httpx
import pytest

from core import database
from core.process import Process
from core.recap.making import process as rendering_process
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/recap/renderings"
DATA = f"/api/v1{PAGE}"


@pytest.fixture
async def chief(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("organiser", "city")


async def ordered(browser: httpx.AsyncClient, **fields: str) -> str:
    answer = await browser.post(PAGE, data={"format": "docx", **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def put(state: str, **values: Any) -> None:
    """Let all files be in a state."""
    columns = "".join(f", {name} = :{name}" for name in values)
    await database.execute(
        f"UPDATE recap_rendering SET state = :state{columns}", **{**values, "state": state}
    )


async def test_a_file_is_really_made_and_can_be_taken_along(
    process: Process, campaign_2022: str, browsers: Any, bearer: Bearer
) -> None:
    client = browsers()
    client.headers.update(await bearer("viewer", "x1"))
    async with rendering_process.supervising(process.settings):
        answer = await client.post(DATA, json={"format": "docx"})
        assert answer.status_code == 202
        told, address = answer.json(), answer.headers["location"]
        assert (told["organisation"], told["file"]) == ("x1", None)
        async with asyncio.timeout(60):
            while told["state"] in {"queued", "running"}:
                await asyncio.sleep(0.1)
                told = (await client.get(address)).json()
    assert (told["state"], told["fault"], told["step"]) == ("done", "", "完成")
    assert told["done_steps"] == told["all_steps"] == 4
    file = await client.get(told["file"])
    assert file.headers["content-type"].endswith("wordprocessingml.document")
    assert unquote(file.headers["content-disposition"]).endswith(told["filename"])
    assert len(file.content) == told["size"]
    text = "\n".join(each.text for each in docx.Document(BytesIO(file.content)).paragraphs)
    assert "甲旗残联" in text
    assert "乙县残联" not in text


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_key_that_looks_like_an_option_is_a_key(
    process: Process, campaign_2022: str, browsers: Any, bearer: Bearer
) -> None:
    client = browsers()
    client.headers.update(await bearer("viewer", "x1"))
    address = (await client.post(DATA, json={"format": "xlsx"})).headers["location"]
    await database.execute("UPDATE recap_rendering SET key = '-9w3c9nLY1Al'")
    address = f"{address.rpartition('/')[0]}/-9w3c9nLY1Al"
    told = (await client.get(address)).json()
    assert told["state"] == "queued"
    async with rendering_process.supervising(process.settings), asyncio.timeout(60):
        while told["state"] in {"queued", "running"}:
            await asyncio.sleep(0.1)
            told = (await client.get(address)).json()
    assert (told["state"], told["fault"]) == ("done", "")


async def test_what_is_being_made_shows_how_far_it_is(chief: httpx.AsyncClient) -> None:
    address = await ordered(chief, organisation="x2")
    waiting = (await chief.get(address)).text
    assert "乙县残联总结：Word 文件" in waiting
    assert "排队中" in waiting
    await put("running", step="画图", done_steps=2)
    page = (await chief.get(address)).text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert "本页每隔几秒自动更新" in page
    assert "第3步，共4步：画图" in page
    assert re.search(r'<progress max="4" value="2" aria-labelledby="progress">', page)
    still = (await chief.get(f"{address}?refresh=no")).text
    assert "http-equiv" not in still
    assert "data-rendering" not in still
    assert f'href="{address}"' in still  # the way back to updating by itself
    early = await chief.get(f"{address}/file")
    assert early.status_code == 409
    assert "生成中，现在还不能下载" in early.text


async def test_what_is_done_leads_to_the_file(chief: httpx.AsyncClient) -> None:
    address = await ordered(chief)
    await put("done", content=b"PK" * 1024, filename="关于总结-某市残联.docx")
    page = (await chief.get(address)).text
    assert "http-equiv" not in page
    assert f'href="{address}/file"' in page
    assert "下载 Word 文件（2 KB）" in page
    file = await chief.get(f"{address}/file")
    assert file.content == b"PK" * 1024
    name = "attachment; filename*=UTF-8''关于总结-某市残联.docx"
    assert unquote(file.headers["content-disposition"]) == name
    assert "sandbox" in file.headers["content-security-policy"]
    mine = (await chief.get(PAGE)).text
    assert f'href="{address}"' in mine
    assert "2 KB" in mine


async def test_what_failed_says_why_and_is_tried_again(chief: httpx.AsyncClient) -> None:
    address = await ordered(chief, organisation="x2", format="pdf")
    await put("failed", fault="内存不够。")
    page = (await chief.get(address)).text
    assert "内存不够。" in page
    assert "再试一次" in page
    fields = dict(
        re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.split("再试一次")[0])
    )
    assert (fields["organisation"], fields["format"]) == ("x2", "pdf")
    again = await ordered(chief, organisation="x2", format="pdf")
    assert again != address


async def test_wrong_orders_are_told(chief: httpx.AsyncClient, campaign_2022: str) -> None:
    for fields, sentence in (
        ({}, "请填写这一项"),
        ({"format": "odt"}, "请从列出的选项里选"),
        ({"format": "docx", "version": "x"}, "有1处要改"),
    ):
        answer = await chief.post(PAGE, data=fields or {"nothing": "1"})
        assert answer.status_code == 422
        assert sentence in answer.text
    missing = await chief.post(PAGE, data={"format": "docx", "version": "7"})
    assert missing.status_code == 404
    assert "没有第7版" in missing.text
    for data, status, code in (
        ({"format": "odt"}, 422, "invalid"),
        ({"format": "docx", "version": 0}, 422, "invalid"),
        ({"format": "docx", "organisation": "nowhere"}, 404, "not_found"),
        ({"form": "docx"}, 422, "invalid"),
    ):
        answer = await chief.post(DATA, json=data, headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (status, code), data


async def test_a_repeated_request_orders_once(
    campaign_2022: str, browsers: Any, bearer: Bearer
) -> None:
    client = browsers()
    client.headers.update({**await bearer("viewer", "city"), "idempotency-key": "k1"})
    first = await client.post(DATA, json={"format": "pdf"})
    await put("done")
    again = await client.post(DATA, json={"format": "pdf"})
    assert again.json()["key"] == first.json()["key"]
    assert again.headers["location"] == first.headers["location"]


async def test_who_may_not_read_the_recap_may_not_have_its_file(
    chief: httpx.AsyncClient, sign_in: SignIn
) -> None:
    address = await ordered(chief, organisation="x2")
    await put("done", content=b"PK", filename="x.docx")
    for place, status in (("x1", 404), ("x2", 200), ("city", 200)):
        browser = await sign_in("viewer", place)
        for path in (address, f"{address}/file", f"/api/v1{address}", f"/api/v1{address}/file"):
            assert (await browser.get(path)).status_code == status, (place, path)
        mine = (await browser.get(PAGE)).text
        assert address not in mine  # somebody else's, though it may be read
    refused = await (await sign_in("viewer", "x1")).post(
        PAGE, data={"format": "docx", "organisation": "x2"}
    )
    assert refused.status_code == 404


async def test_the_recap_leads_to_its_files(chief: httpx.AsyncClient) -> None:
    page = (await chief.get("/campaigns/2022-city/recap?organisation=x2")).text
    assert f'href="{PAGE}?organisation=x2"' in page
    for form in ("docx", "pdf", "xlsx"):
        assert f'name="format" value="{form}"' in page
