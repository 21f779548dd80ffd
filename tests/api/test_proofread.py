"""Proof-reading by page and as JSON."""

from __future__ import annotations

import io
from typing import Any

import docx
import httpx
import pytest

from core import database
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/recap/proofread"
DATA = "/api/v1/campaigns/2022-city/proofread"
DRAFT = (
    "全市提供岗位500个，达成初步就业意向181人。\n"
    "任务436人，完成786人，完成率161.7%。\n"
    "召开<b>专题会议2次。"
)


@pytest.fixture
async def viewer(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("viewer", "city")


def word(text: str) -> bytes:
    document = docx.Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


async def test_what_is_pasted_is_held_against_figures_and_itself(
    viewer: httpx.AsyncClient,
) -> None:
    page = (await viewer.post(PAGE, data={"text": DRAFT})).text
    assert "有2处需要修改" in page
    assert "写的是500个，系统中提供岗位是" in page
    assert "786人÷436人＝180.28%" in page
    assert "召开&lt;b&gt;专题会议" in page  # what was pasted is text, never markup
    assert 'href="/campaigns/2022-city/figures/job_fair.openings' in page
    for number in range(1, page.count('class="proof-quote"') + 1):
        assert f'href="#mark-{number}"' in page
        assert f'id="finding-{number}"' in page


async def test_a_word_file_is_read_as_well(viewer: httpx.AsyncClient) -> None:
    page = await viewer.post(PAGE, files={"file": ("总结.docx", word(DRAFT))})
    assert page.status_code == 200
    assert "有2处需要修改" in page.text


async def test_a_text_without_faults_is_said_to_be_so(viewer: httpx.AsyncClient) -> None:
    page = (await viewer.post(PAGE, data={"text": "达成初步就业意向181人。"})).text
    assert "没有发现需要修改的地方" in page
    nothing = (await viewer.post(PAGE, data={"text": "大家辛苦了。"})).text
    assert "没有找到数据" in nothing


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"data": {"text": " "}}, "请粘贴文字，或者选择"),
        ({"files": {"file": ("a.docx", b"PK\x03\x04nothing")}}, "不是有效的 Word 文档"),
        ({"files": {"file": ("a.exe", b"MZ\0")}}, "请选择 .txt"),
        ({"data": {"text": "字" * 400_001}}, "文字太长"),
    ],
)
async def test_what_cannot_be_read_is_said(
    viewer: httpx.AsyncClient, form: dict[str, Any], words: str
) -> None:
    answer = await viewer.post(PAGE, **form)
    assert answer.status_code == 422
    assert words in answer.text


async def test_an_office_below_is_held_against_its_own_figures(
    campaign_2022: str, sign_in: SignIn
) -> None:
    county = await sign_in("viewer", "x1")
    page = (await county.post(PAGE, data={"text": "走访慰问残疾人120人。"})).text
    assert "与系统中的数据一致：走访慰问人数120人" in page
    other = await county.post(PAGE, data={"text": "走访慰问120人。", "organisation": "city"})
    assert other.status_code == 404


async def test_programmes_get_findings_in_the_order_of_the_text(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    client.headers.update(await bearer("viewer", "city"))
    found = (await client.post(DATA, json={"text": DRAFT})).json()["findings"]
    assert [(each["quote"], each["finding"], each["metric"]) for each in found] == [
        ("500个", "differs", "job_fair.openings"),
        ("181人", "agrees", "job_fair.intents"),
        ("786人", "unknown", None),
        ("161.7%", "ratio", None),
        ("2次", "unknown", None),
    ]
    for each in found:
        assert set(each) == {
            "quote",
            "offset",
            "finding",
            "stated",
            "expected",
            "metric",
            "message",
        }
        at = each["offset"]
        assert DRAFT[at : at + len(each["quote"])] == each["quote"]
    assert (found[0]["stated"], found[0]["expected"]) == ("500", "490")
    alone = (await client.post(DATA, json={"text": DRAFT, "text_only": True})).json()["findings"]
    assert [each["finding"] for each in alone] == ["ratio"]
    assert (await client.post(DATA, json={"text": ""})).status_code == 422
    assert (await client.post(DATA, json={"text": " \n"})).status_code == 422


async def test_nothing_of_the_text_is_kept(viewer: httpx.AsyncClient) -> None:
    before = await database.fetch_value("SELECT COUNT(*) FROM audit_entry")
    await viewer.post(PAGE, files={"file": ("总结.docx", word(DRAFT))})
    assert await database.fetch_value("SELECT COUNT(*) FROM audit_entry") == before
    assert await database.fetch_value("SELECT COUNT(*) FROM upload") == 0
