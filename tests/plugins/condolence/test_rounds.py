"""Rounds: pages, everybody at once, marking, spreadsheets of lines."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import httpx
from openpyxl import Workbook, load_workbook

from core import database
from tests.fixtures.application import Bearer, SignIn

ROUNDS = "/campaigns/{}/condolence/rounds"
LINES = "/campaigns/{}/condolence/lines"
DATA = "/api/v1/campaigns/{}/condolence/rounds"
NEW = {
    "key": "n1",
    "occasion": "全国助残日",
    "organisation": "x1",
    "activity": None,
    "visited_on": "2022-05-15",
}


async def make_round(client: httpx.AsyncClient, headers: dict[str, str], campaign: str) -> None:
    made = await client.post(DATA.format(campaign), json=NEW, headers=headers)
    assert made.status_code == 201, made.text


async def lines_of(key: str) -> list[dict[str, Any]]:
    return await database.fetch(
        "SELECT l.*, p.key AS recipient_key FROM condolence_line l"
        " JOIN condolence_round r ON r.id = l.round"
        " JOIN condolence_recipient p ON p.id = l.recipient WHERE r.key = :key ORDER BY p.key",
        key=key,
    )


async def test_everybody_of_an_office_gets_the_same_in_one_go(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer, sign_in: SignIn
) -> None:
    await make_round(client, await bearer("clerk", "x1"), campaign_2022)
    browser = await sign_in("clerk", "x1")
    page = f"{ROUNDS.format(campaign_2022)}/n1"
    form = {
        "organisation": "x1",
        "kinds": "person",
        "cash": "300",
        "goods": "大米 1袋 60元；食用油 2桶 80.5元",
        "status": "delivered",
    }
    asked = await browser.post(f"{page}/recipients", data=form)
    assert asked.status_code == 200
    assert "把120个对象加进名单？" in asked.text
    assert "36,000.00元" in asked.text
    assert await lines_of("n1") == []
    done = await browser.post(f"{page}/recipients", data={**form, "confirmed": "true"})
    assert done.status_code == 303, done.text
    lines = await lines_of("n1")
    assert len(lines) == 120
    assert {(line["cash"], line["status"]) for line in lines} == {(30000, "delivered")}
    goods = await database.fetch(
        "SELECT item, quantity, unit, unit_value, COUNT(*) AS n FROM condolence_goods"
        " WHERE line IN (:ids) GROUP BY item, quantity, unit, unit_value ORDER BY item",
        ids=[line["id"] for line in lines],
    )
    assert [tuple(row.values()) for row in goods] == [
        ("大米", 1, "袋", 6000, 120),
        ("食用油", 2, "桶", 8050, 120),
    ]
    again = await browser.post(f"{page}/recipients", data={**form, "confirmed": "true"})
    assert again.status_code == 303
    assert len(await lines_of("n1")) == 120


async def test_lines_are_marked_one_by_one_and_all_at_once(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer, sign_in: SignIn
) -> None:
    headers = await bearer("clerk", "x1")
    await make_round(client, headers, campaign_2022)
    path = f"{DATA.format(campaign_2022)}/n1"
    given = await client.post(
        f"{path}/recipients", json={"organisation": "x1", "cash": "100.00"}, headers=headers
    )
    assert (given.status_code, given.json()) == (201, {"added": 120})
    browser = await sign_in("clerk", "x1")
    page = f"{ROUNDS.format(campaign_2022)}/n1/status"
    ticked = {"recipient": ["r00239", "r00240"], "status": "returned"}
    assert (await browser.post(page, data=ticked)).status_code == 303
    assert (await browser.post(page, data={"everybody": "delivered"})).status_code == 303
    counts = {line["recipient_key"]: line["status"] for line in await lines_of("n1")}
    assert counts["r00239"] == counts["r00240"] == "returned"
    assert list(counts.values()).count("delivered") == 118
    audit = await database.fetch(
        "SELECT action FROM audit_entry WHERE thing_key = 'n1' ORDER BY id"
    )
    assert [row["action"] for row in audit] == [
        "condolence.rounds.added",
        "condolence.lines.given",
        "condolence.lines.returned",
        "condolence.lines.delivered",
    ]


HEAD = ["姓名或名称", "类别", "所属机构", "慰问金", "慰问品", "状态", "编号"]


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def upload(browser: httpx.AsyncClient, campaign: str, data: bytes) -> str:
    answer = await browser.post(
        f"{LINES.format(campaign)}/import?round=n1",
        files={"file": ("名单.xlsx", data, "application/octet-stream")},
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_a_spreadsheet_of_lines_brings_new_recipients_along(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer, sign_in: SignIn
) -> None:
    await make_round(client, await bearer("clerk", "x1"), campaign_2022)
    browser = await sign_in("clerk", "x1")
    before = await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient")
    rows: list[Sequence[object]] = [
        ["对象00239", "个人", "", "300", "大米 1袋 60元", "已送达", ""],
        ["对 象 00240", "个人", "甲旗残联", 200.5, "", "", ""],
        ["新来的", "家庭户", "x1", "", "", "退回", ""],
        ["对象00241", "个人", "x1", "1", "", "", "r00241"],
    ]
    preview = await upload(browser, campaign_2022, xlsx(HEAD, *rows))
    shown = (await browser.get(preview)).text
    assert "将新增4条" in shown, shown
    assert "其中1个对象还没有登记过" in shown
    assert await lines_of("n1") == []
    done = await browser.post(preview)
    assert done.status_code == 303, done.text
    lines = {line["recipient_key"]: line for line in await lines_of("n1")}
    assert {"r00239", "r00240", "r00241"} < lines.keys()
    assert lines["r00239"]["cash"] == 30000
    assert lines["r00240"]["cash"] == 20050
    assert lines["r00240"]["status"] == "planned"
    assert len(lines) == 4
    assert await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient") == before + 1
    again = await upload(browser, campaign_2022, xlsx(HEAD, *rows))
    assert "将更新4条" in (await browser.get(again)).text


async def test_every_error_of_a_spreadsheet_of_lines_is_at_its_cell(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer, sign_in: SignIn
) -> None:
    await make_round(client, await bearer("clerk", "x1"), campaign_2022)
    browser = await sign_in("clerk", "x1")
    before = await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient")
    data = xlsx(
        HEAD,
        ["对象00239", "个人", "", "三百", "大米一袋", "送了", ""],
        ["对象00240", "个人", "", "1", "", "", ""],
        ["对象00240", "个人", "", "1", "", "", ""],
        ["对象00241", "个人", "x2", "1", "大米 99999999999袋 9999999元", "", ""],
        ["别的名字", "个人", "", "1", "", "", "r00242"],
        ["新来的", "", "", "1", "", "", ""],
    )
    preview = await upload(browser, campaign_2022, data)
    shown = (await browser.get(preview)).text
    cells = [f"{column}{row}" for row in range(2, 8) for column in "ABCDEFG"]
    found = {cell for cell in cells if f'id="cell-{cell}"' in shown}
    assert found == {"D2", "E2", "F2", "A4", "C5", "E5", "G6", "B7"}
    assert (await browser.post(preview)).status_code == 422
    assert await lines_of("n1") == []
    assert await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient") == before


async def test_pages_of_rounds_and_lines(campaign_2022: str, sign_in: SignIn) -> None:
    for role, path, status in (
        ("clerk", ROUNDS, 200),
        ("clerk", f"{ROUNDS}/n00359", 200),
        ("clerk", f"{ROUNDS}/n00359?status=planned", 200),
        ("clerk", f"{ROUNDS}/n00359/edit", 200),
        ("clerk", f"{ROUNDS}/n00359/delete", 200),
        ("clerk", f"{ROUNDS}/n00359/recipients", 200),
        ("clerk", f"{ROUNDS}/n00600", 404),
        ("clerk", LINES, 200),
        ("clerk", f"{LINES}/n00359~r00239", 200),
        ("clerk", f"{LINES}/n00359~r00239/edit", 200),
        ("clerk", f"{LINES}/n00359~r00239/delete", 200),
        ("clerk", f"{LINES}/new?round=n00359", 200),
        ("clerk", f"{LINES}/import?round=n00359", 200),
        ("clerk", f"{LINES}/import?round=none", 404),
        ("clerk", f"{LINES}?recipient=r00239", 200),
        ("viewer", f"{ROUNDS}/n00359", 200),
        ("viewer", f"{ROUNDS}/n00359/edit", 403),
    ):
        browser = await sign_in(role, "x1")
        answer = await browser.get(path.format(campaign_2022))
        assert answer.status_code == status, (path, answer.text)


async def test_an_exported_list_of_lines_names_recipients_masked(
    campaign_2022: str, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "x1")
    path = f"{LINES.format(campaign_2022)}/export.xlsx?round=n00359"
    sheet = load_workbook(io.BytesIO((await browser.get(path)).content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows) == 121
    assert rows[1][:2] == ["r00239", "对*****9"]
    assert (await browser.post(path)).status_code == 403


async def test_a_line_is_entered_by_the_full_name(campaign_2022: str, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "x1")
    elsewhere = f"{LINES.format(campaign_2022)}/new?round=n00600"
    assert (await browser.get(elsewhere)).status_code == 404
    form = {"recipient": "对象00239", "cash": "1,000.50", "goods": "", "status": "delivered"}
    assert (await browser.post(elsewhere, data=form)).status_code == 404
    own = f"{LINES.format(campaign_2022)}/new?round=n00359"
    twice = await browser.post(own, data=form)
    assert twice.status_code == 422
    assert "已经有了" in twice.text
    await database.execute("DELETE FROM condolence_goods")
    await database.execute("DELETE FROM condolence_line")
    assert (await browser.post(own, data=form)).status_code == 303
    assert [(line["recipient_key"], line["cash"]) for line in await lines_of("n00359")] == [
        ("r00239", 100050)
    ]
