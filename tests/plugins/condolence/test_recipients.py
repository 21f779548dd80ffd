"""Recipients through their pages, their JSON and their spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Sequence

import httpx
from openpyxl import Workbook, load_workbook

from core import database
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/{}/condolence/recipients"
DATA = "/api/v1/campaigns/{}/condolence/recipients"
PERSON = {"kind": "person", "name": "张小三", "organisation": "x1", "members": 2}


async def test_a_programme_adds_reads_changes_and_removes_one(
    campaign_2022: str, client, bearer: Bearer
) -> None:
    headers = await bearer("clerk", "x1")
    path = DATA.format(campaign_2022)
    made = await client.post(path, json={"key": "new", **PERSON}, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json() == {"key": "new", **PERSON, "name": "张*三"}
    assert made.headers["location"] == f"{path}/new"
    changed = await client.patch(f"{path}/new", json={"members": 3}, headers=headers)
    assert changed.json() == {"key": "new", **PERSON, "name": "张*三", "members": 3}
    gone = await client.delete(f"{path}/new", headers=headers)
    assert gone.status_code == 204
    assert (await client.get(f"{path}/new", headers=headers)).status_code == 404


async def test_all_that_is_wrong_is_told_at_once(
    campaign_2022: str, client, bearer: Bearer
) -> None:
    bad = {"kind": "家庭", "organisation": "nowhere", "members": -1, "phone": "1"}
    answer = await client.post(
        DATA.format(campaign_2022), json=bad, headers=await bearer("clerk", "x1")
    )
    assert answer.status_code == 422
    found = {(each["pointer"], each["code"]) for each in answer.json()["errors"]}
    assert found == {
        ("/kind", "value"),
        ("/organisation", "unknown_reference"),
        ("/members", "value"),
        ("/phone", "unknown_key"),
        ("/name", "missing"),
    }


async def test_pages_work(campaign_2022: str, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "x1")
    page = PAGE.format(campaign_2022)
    for path in ("", "/new", "/import", "/r00239", "/r00239/edit", "/r00239/delete"):
        answer = await browser.get(page + path)
        assert answer.status_code == 200, (path, answer.text)
    for path in ("/template.xlsx", "/export.xlsx"):
        answer = await browser.get(page + path)
        assert answer.status_code == 200, answer.text
        assert load_workbook(io.BytesIO(answer.content)).active is not None


def xlsx(*rows: Sequence[object]) -> bytes:
    """A workbook with these rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def count() -> int:
    return int(await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient"))


async def upload(browser: httpx.AsyncClient, page: str, data: bytes, query: str = "") -> str:
    """Upload a file; answers the address of its preview."""
    answer = await browser.post(
        f"{page}/import{query}", files={"file": ("名单.xlsx", data, "application/octet-stream")}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


HEAD = ["姓名或名称", "类别", "所属机构", "家庭人口", "编号"]


async def test_a_preview_shows_every_error_at_its_cell_and_nothing_is_written(
    campaign_2022: str, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "x1")
    page, before = PAGE.format(campaign_2022), await count()
    preview = await upload(
        browser,
        page,
        xlsx(
            HEAD,
            ["王一", "个人", "", "", ""],
            ["", "朋友", "没有的残联", "两", "r 1"],
            ["李*", "个人", "x1", "1", "k1"],
            ["李二", "个人", "x1", "1", "k1"],
        ),
    )
    shown = (await browser.get(preview)).text
    for cell in ("A3", "B3", "C3", "D3", "A4", "E5"):
        assert f'id="cell-{cell}"' in shown, cell
    assert 'id="cell-E3"' not in shown
    assert "确认导入" not in shown
    refused = await browser.post(preview)
    assert refused.status_code == 422
    assert await count() == before


async def test_a_sound_file_is_written_once(campaign_2022: str, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "x1")
    page, before = PAGE.format(campaign_2022), await count()
    preview = await upload(
        browser, page, xlsx(HEAD, *([f"新{n}", "家庭户", "", n, ""] for n in range(1000)))
    )
    shown = (await browser.get(preview)).text
    assert "将新增1,000个" in shown
    assert await count() == before
    done = await browser.post(preview)
    assert done.status_code == 303, done.text
    assert await count() == before + 1000
    again = await browser.post(preview)
    assert again.status_code == 404
    assert await count() == before + 1000


async def test_an_export_comes_back_without_a_change(campaign_2022: str, sign_in: SignIn) -> None:
    """Its names are masked, and mean the names as they are."""
    browser = await sign_in("clerk", "x1")
    page = PAGE.format(campaign_2022)
    before = await database.fetch(
        "SELECT key, kind, name_index, organisation, members FROM condolence_recipient ORDER BY id"
    )
    exported = await browser.get(f"{page}/export.xlsx")
    assert "对象0".encode() not in exported.content
    preview = await upload(browser, page, exported.content)
    shown = (await browser.get(preview)).text
    assert "将更新120个" in shown
    assert (await browser.post(preview)).status_code == 303
    after = await database.fetch(
        "SELECT key, kind, name_index, organisation, members FROM condolence_recipient ORDER BY id"
    )
    assert after == before
