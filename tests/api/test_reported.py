"""Reporting figures through pages, JSON and spreadsheets."""

from __future__ import annotations

import io
from typing import Any

import httpx
import openpyxl
import pytest

from core import database
from tests.core.stored import everything
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/reported"
DATA = "/api/v1/campaigns/2022-city/reported"
FIELDS = {
    "metric": "condolence.people",
    "organisation": "x1",
    "value": "２５",
    "basis": "additional",
    "source": "走访组统计",
}
BODY = {**FIELDS, "value": "25"}
# An answer to a request that changed nothing else still counts its token's use.
UNSEEN = ("api_token", "session")


@pytest.fixture
async def clerk(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("clerk", "x1")


@pytest.fixture
async def programme(campaign_2022: str, browsers: Any, bearer: Bearer) -> httpx.AsyncClient:
    client: httpx.AsyncClient = browsers()
    client.headers.update(await bearer("clerk", "x1"))
    return client


async def reported(**conditions: str) -> list[dict[str, Any]]:
    where = " AND ".join(f"{name} = :{name}" for name in conditions)
    return await database.fetch(f"SELECT * FROM reported_figure WHERE {where}", **conditions)


async def test_a_figure_is_reported_and_shows_at_once(clerk: httpx.AsyncClient) -> None:
    form = await clerk.get(f"{PAGE}/new", params={"metric": "condolence.people"})
    assert '<option value="condolence.people" selected>' in form.text
    assert "岗位意向率" not in form.text
    done = await clerk.post(f"{PAGE}/new", data={**FIELDS, "approximate": "true"})
    assert done.status_code == 303
    figure = await clerk.get(done.headers["location"])
    assert "已填报" in figure.text
    assert "145" in figure.text  # 120 on record and 25 besides
    (row,) = await reported(source="走访组统计")
    assert (row["value"], bool(row["approximate"]), row["activity"]) == ("25", True, None)
    assert "走访组统计" in (await clerk.get(PAGE)).text


async def test_a_faulty_form_comes_back_with_every_fault_and_what_was_typed(
    clerk: httpx.AsyncClient,
) -> None:
    before = await everything(*UNSEEN)
    page = await clerk.post(
        f"{PAGE}/new", data={**FIELDS, "value": "很多", "source": "", "basis": ""}
    )
    assert page.status_code == 422
    for name in ("value", "source", "basis"):
        assert f'href="#field-{name}"' in page.text
    assert 'value="很多"' in page.text
    assert await everything(*UNSEEN) == before


async def test_a_second_total_is_refused_with_what_stands(clerk: httpx.AsyncClient) -> None:
    total = {**FIELDS, "basis": "total"}
    assert (await clerk.post(f"{PAGE}/new", data=total)).status_code == 303
    again = await clerk.post(f"{PAGE}/new", data=total)
    assert again.status_code == 422
    assert "已经填报过这项合计（25）" in again.text


async def test_an_office_out_of_reach_cannot_be_chosen(clerk: httpx.AsyncClient) -> None:
    assert "乙县残联" not in (await clerk.get(f"{PAGE}/new")).text
    page = await clerk.post(f"{PAGE}/new", data={**FIELDS, "organisation": "x2"})
    assert page.status_code == 422
    assert "没有这个单位" in page.text


async def test_a_figure_is_changed_and_taken_back(clerk: httpx.AsyncClient) -> None:
    await clerk.post(f"{PAGE}/new", data=FIELDS)
    (row,) = await reported(source="走访组统计")
    address = f"{PAGE}/{row['key']}"
    assert 'value="25"' in (await clerk.get(address)).text
    done = await clerk.post(address, data={**FIELDS, "value": "26", "activity": "a01"})
    assert done.status_code == 303
    (row,) = await reported(source="走访组统计")
    assert (row["value"], row["activity"]) == ("26", "a01")
    wrong = await clerk.post(address, data={**FIELDS, "value": ""})
    assert wrong.status_code == 422
    assert "删除这条填报的数据" in (await clerk.get(f"{address}/delete")).text
    assert (await clerk.post(f"{address}/delete")).status_code == 303
    assert await reported(source="走访组统计") == []
    assert (await clerk.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("who", "method", "path", "status"),
    [
        (("viewer", "city"), "GET", f"{PAGE}/f00601", 200),
        (("viewer", "city"), "GET", f"{PAGE}/new", 403),
        (("viewer", "city"), "POST", f"{PAGE}/f00601", 403),
        (("viewer", "x1"), "GET", f"{PAGE}/f00601", 404),
        (("clerk", "x1"), "GET", f"{PAGE}/f00601", 404),
        (("clerk", "x1"), "POST", f"{PAGE}/f00601", 404),
        (("clerk", "x1"), "GET", f"{PAGE}/f00601/delete", 404),
        (("clerk", "x1"), "POST", f"{PAGE}/f00601/delete", 404),
        (("clerk", "city"), "GET", f"{PAGE}/nothing", 404),
        (("clerk", "x1"), "GET", f"{PAGE}?organisation=x2", 404),
    ],
)
@pytest.mark.usefixtures("campaign_2022")
async def test_who_may_do_what(
    sign_in: SignIn, who: tuple[str, str], method: str, path: str, status: int
) -> None:
    person = await sign_in(*who)
    data = FIELDS if method == "POST" else None
    assert (await person.request(method, path, data=data)).status_code == status
    assert (await reported(key="f00601"))[0]["value"] == "1132"


async def test_who_may_only_look_gets_no_form(campaign_2022: str, sign_in: SignIn) -> None:
    page = (await (await sign_in("viewer", "city")).get(f"{PAGE}/f00601")).text
    assert "全市汇总" in page
    assert "保存修改" not in page


async def test_nothing_is_reported_once_the_campaign_is_closed(clerk: httpx.AsyncClient) -> None:
    await database.execute("UPDATE campaign SET state = 'closed'")
    assert "填报一项数据" not in (await clerk.get(PAGE)).text
    page = await clerk.post(f"{PAGE}/new", data=FIELDS)
    assert page.status_code == 422
    assert "活动已结束，不能填报数据" in page.text


async def test_the_list_is_narrowed_by_office_and_metric(
    campaign_2022: str, sign_in: SignIn
) -> None:
    chief = await sign_in("organiser", "city")
    await chief.post(f"{PAGE}/new", data=FIELDS)
    everything_there = (await chief.get(PAGE)).text
    assert "全市汇总" in everything_there
    narrowed = (await chief.get(PAGE, params={"organisation": "x1"})).text
    assert "走访组统计" in narrowed
    assert "全市汇总" not in narrowed
    assert "没有符合条件的" in (await chief.get(PAGE, params={"metric": "volunteer.hours"})).text


async def test_programmes_report_change_list_and_remove(programme: httpx.AsyncClient) -> None:
    made = await programme.post(DATA, json={**BODY, "key": "mine"})
    assert made.status_code == 201
    assert made.headers["location"] == f"{DATA}/mine"
    stated = {**BODY, "key": "mine", "activity": None, "approximate": False}
    assert made.json() == stated
    assert (await programme.get(f"{DATA}/mine")).json() == stated
    listed = (await programme.get(DATA, params={"metric": "condolence.people"})).json()
    assert listed == {"items": [stated], "next": None}
    changed = await programme.patch(f"{DATA}/mine", json={"value": "26.5", "activity": "a01"})
    assert changed.json() == {**stated, "value": "26.5", "activity": "a01"}
    assert (await programme.delete(f"{DATA}/mine")).status_code == 204
    assert (await programme.get(f"{DATA}/mine")).status_code == 404


async def test_lists_are_paged_without_gaps(programme: httpx.AsyncClient) -> None:
    keys = [f"k{n}" for n in range(5)]
    for key in keys:
        await programme.post(DATA, json={**BODY, "key": key})
    found: list[str] = []
    cursor: str | None = ""
    for _ in range(3):
        page = (await programme.get(DATA, params={"limit": 2, "cursor": cursor})).json()
        found += [item["key"] for item in page["items"]]
        cursor = page["next"]
    assert (found, cursor) == (keys[::-1], None)


async def test_a_repeated_request_reports_once(programme: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "k-1"}
    first = await programme.post(DATA, json=BODY, headers=headers)
    again = await programme.post(DATA, json=BODY, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(await reported(source="走访组统计")) == 1
    other = await programme.post(DATA, json={**BODY, "value": "9"}, headers=headers)
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("change", "status", "pointers"),
    [
        ({"value": "-1"}, 422, ["/value"]),
        ({"source": ""}, 422, ["/source"]),
        ({"basis": "guess"}, 422, ["/basis"]),
        ({"metric": "job_fair.intent_rate"}, 422, ["/metric"]),
        ({"activity": "nowhere"}, 422, ["/activity"]),
        ({"surprise": 1}, 422, ["/surprise"]),
        ({"organisation": "x2"}, 404, []),
    ],
)
async def test_a_faulty_report_is_refused_where_it_is_faulty(
    programme: httpx.AsyncClient, change: dict[str, Any], status: int, pointers: list[str]
) -> None:
    refused = await programme.post(DATA, json={**BODY, **change})
    assert refused.status_code == status
    assert [error["pointer"] for error in refused.json().get("errors", [])] == pointers


async def template(person: httpx.AsyncClient) -> openpyxl.Workbook:
    answer = await person.get(f"{PAGE}/template.xlsx")
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


async def filled(person: httpx.AsyncClient, *rows: dict[str, Any]) -> bytes:
    """The template with these rows under its headings."""
    book = await template(person)
    sheet = book.worksheets[0]
    headings = {cell.value: cell.column for cell in sheet[1] if cell.value}
    headings = {str(name).rstrip("*").strip(): column for name, column in headings.items()}
    if sheet.max_row > 1:
        sheet.delete_rows(2, sheet.max_row)
    for number, row in enumerate(rows, start=2):
        for heading, value in row.items():
            sheet.cell(number, headings[heading], value)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def upload(data: bytes) -> dict[str, tuple[str, bytes]]:
    return {"file": ("填报.xlsx", data)}


ROW = {
    "指标": "走访慰问人数（人）",
    "单位": "甲旗残联",
    "数值": 25,
    "口径": "另加",
    "约数": "是",
    "数据来源": "走访组统计",
}


def token_of(page: str) -> str:
    return page.split('name="token" value="', 1)[1].split('"', 1)[0]


async def test_a_spreadsheet_is_previewed_and_then_written_once(clerk: httpx.AsyncClient) -> None:
    books = {"指标": "发放辅助器具（件）", "单位": "x1", "数值": "12.5", "口径": "合计"}
    data = await filled(
        clerk, ROW, {**books, "数据来源": "登记册", "只指某一项日程": "辅助器具展示与义诊"}
    )
    before = await everything("upload", *UNSEEN)
    preview = await clerk.post(f"{PAGE}/import", files=upload(data))
    assert "将填报 2 项数据" in preview.text
    assert await everything("upload", *UNSEEN) == before
    token = token_of(preview.text)
    done = await clerk.post(f"{PAGE}/import/confirm", data={"token": token})
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    (people,) = await reported(source="走访组统计")
    assert (people["value"], people["basis"], bool(people["approximate"])) == (
        "25",
        "additional",
        True,
    )
    (items,) = await reported(source="登记册")
    assert (items["value"], items["basis"], items["activity"]) == ("12.5", "total", "a09")
    assert (await clerk.post(f"{PAGE}/import/confirm", data={"token": token})).status_code == 404
    again = await clerk.post(f"{PAGE}/import", files=upload(data))
    assert "都已经填报过了" in again.text


async def test_every_fault_of_a_spreadsheet_is_named_by_its_cell(clerk: httpx.AsyncClient) -> None:
    await clerk.post(f"{PAGE}/new", data={**FIELDS, "basis": "total"})
    data = await filled(
        clerk,
        ROW,
        {**ROW, "单位": "乙县残联"},
        {**ROW, "数值": "很多", "数据来源": None},
        {**ROW, "口径": "合计", "数值": 99},
        {**ROW, "只指某一项日程": "没有的日程"},
        {**ROW, "指标": "岗位意向率（%）"},
    )
    before = await everything("upload", *UNSEEN)
    preview = await clerk.post(f"{PAGE}/import", files=upload(data))
    assert preview.status_code == 422
    assert "有6处要改" in preview.text
    for sentence in (
        "没有叫“乙县残联”的单位",
        "已经填报过这项合计（25）",
        "没有叫“没有的日程”的日程",
    ):
        assert sentence in preview.text
    for cell in ("B3", "C4", "D5", "G6", "A7"):
        assert f'href="#cell-{cell}"' in preview.text
    assert "token" not in preview.text.split("csrf_token")[-1]
    assert await everything("upload", *UNSEEN) == before


async def test_what_came_to_stand_in_the_way_since_the_preview_stops_the_import(
    clerk: httpx.AsyncClient,
) -> None:
    data = await filled(clerk, {**ROW, "口径": "合计"})
    preview = await clerk.post(f"{PAGE}/import", files=upload(data))
    await clerk.post(f"{PAGE}/new", data={**FIELDS, "basis": "total"})
    before = await everything("upload", *UNSEEN)
    done = await clerk.post(f"{PAGE}/import/confirm", data={"token": token_of(preview.text)})
    assert done.headers["location"] == f"{PAGE}/import"
    assert await everything("upload", *UNSEEN) == before
    assert "没有写入" in (await clerk.get(done.headers["location"])).text


async def test_a_thousand_rows_take_as_many_statements_as_one(clerk: httpx.AsyncClient) -> None:
    async def statements(count: int) -> int:
        rows = [{**ROW, "数据来源": f"{count}-{n}"} for n in range(count)]
        preview = await clerk.post(f"{PAGE}/import", files=upload(await filled(clerk, *rows)))
        seen: list[str] = []
        async with database.watching(seen.append):
            await clerk.post(f"{PAGE}/import/confirm", data={"token": token_of(preview.text)})
        return len(seen)

    assert await statements(1) == await statements(1_000)
