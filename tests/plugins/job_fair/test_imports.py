"""Positions, attendees and applications from spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import httpx
from openpyxl import Workbook, load_workbook

from core import bundles, database
from core.process import Process
from tests.fixtures.application import SignIn
from tests.plugins.job_fair.fairs_made import KEY

BASE = f"/campaigns/{KEY}/job_fair"
POSITIONS = ["工种", "职位名称", "用人单位", "招聘人数", "无障碍条件", "编号"]
ATTENDEES = ["姓名", "所属机构", "编号"]
APPLICATIONS = ["求职者", "职位", "进展"]


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def upload(browser: httpx.AsyncClient, resource: str, data: bytes, query: str = "") -> str:
    """Upload a file; answers the address of its preview."""
    answer = await browser.post(
        f"{BASE}/{resource}/import{query}",
        files={"file": ("表.xlsx", data, "application/octet-stream")},
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def section(process: Process) -> Any:
    found = await bundles.export_document(KEY, process.plugins)
    return found["plugins"]["job_fair"]


async def test_positions_bring_their_employers(
    fairs: str, process: Process, sign_in: SignIn
) -> None:
    browser, before = await sign_in("clerk", "c1"), await section(process)
    preview = await upload(
        browser,
        "positions",
        xlsx(
            POSITIONS,
            ["质检员", "质检员（身体健康）", "丙县电子厂", 4, "轮椅通道、可坐着工作", ""],
            ["质检员", "", "丙县 电子厂", 2, "", ""],
            ["包装工", "", "甲县 包装厂", 1, "", ""],
            ["包装工", "", "e2", 1, "", ""],
        ),
        "?fair=j1",
    )
    shown = (await browser.get(preview)).text
    assert "将新增4个" in shown
    assert "其中1家用人单位还没有登记过，会一并登记。" in shown
    assert "有1个职位名称写有“身体健康”" in shown
    assert await section(process) == before
    done = await browser.post(preview)
    assert done.headers["location"] == f"{BASE}/fairs/j1"
    found = await section(process)
    assert [each["name"] for each in found["employers"]].count("丙县电子厂") == 1
    made = [each for each in found["fairs"][0]["positions"] if each["job_type"] == "质检员"]
    assert sorted(each["openings"] for each in made) == [2, 4]
    assert {tuple(each["accommodations"]) for each in made} == {("wheelchair", "可坐着工作"), ()}


async def test_wrong_cells_of_positions_are_shown_and_nothing_is_written(
    fairs: str, process: Process, sign_in: SignIn
) -> None:
    browser, before = await sign_in("clerk", "c1"), await section(process)
    preview = await upload(
        browser,
        "positions",
        xlsx(
            POSITIONS,
            ["", "", "新厂", "三", "", ""],
            ["质检员", "", "", 4, "", "编号一"],
            ["质检员", "", "新厂", 1, "", "p3"],
        ),
        "?fair=j1",
    )
    shown = (await browser.get(preview)).text
    for cell in ("A2", "D2", "C3", "F3", "F4"):
        assert f'id="cell-{cell}"' in shown, cell
    assert "确认导入" not in shown
    assert (await browser.post(preview)).status_code == 422
    assert await section(process) == before


async def test_attendees_who_are_new_are_entered_with_them(
    fairs: str, process: Process, sign_in: SignIn
) -> None:
    browser, before = await sign_in("clerk", "c1"), await section(process)
    rows = [
        ["张 小三", "", ""],
        ["李四", "甲县残联", ""],
        ["赵六", "", ""],
        ["某人", "甲镇残联", "k7"],
    ]
    preview = await upload(browser, "attendances", xlsx(ATTENDEES, *rows), "?fair=j1")
    answer = await browser.get(preview)
    assert "所属机构" in answer.text
    # 甲县 has a town below it: whose people they are has to be said.
    assert 'id="cell-B2"' in answer.text
    assert await section(process) == before
    for row in rows:
        row[1] = row[1] or "甲县残联"
    preview = await upload(browser, "attendances", xlsx(ATTENDEES, *rows), "?fair=j1")
    shown = (await browser.get(preview)).text
    assert "将新增3条，更新1条" in shown
    assert "其中2个求职者还没有登记过，会一并登记。" in shown
    assert (await browser.post(preview)).headers["location"] == f"{BASE}/fairs/j1"
    found = await section(process)
    assert {"s1", "s2", "k7"} < set(found["fairs"][0]["attendances"])
    assert len(found["seekers"]) == 5
    assert len(found["fairs"][0]["attendances"]) == 4
    once_more = await upload(browser, "attendances", xlsx(ATTENDEES, *rows), "?fair=j1")
    assert "将更新4条" in (await browser.get(once_more)).text


async def test_an_attendee_twice_or_under_anothers_key_is_refused(
    fairs: str, process: Process, sign_in: SignIn
) -> None:
    browser, before = await sign_in("clerk", "t1"), await section(process)
    clerk = await sign_in("clerk", "c1")
    rows = [["李四", "c1", ""], ["李四", "c1", ""], ["李四", "c1", "s1"], ["王小五", "c2", ""]]
    preview = await upload(clerk, "attendances", xlsx(ATTENDEES, *rows), "?fair=j1")
    shown = (await clerk.get(preview)).text
    for cell in ("A3", "C4", "B5"):
        assert f'id="cell-{cell}"' in shown, cell
    assert (await clerk.post(preview)).status_code == 422
    assert await section(process) == before
    page = await browser.get(f"{BASE}/attendances/import?fair=j1")
    assert page.status_code == 404


async def test_the_fair_is_asked_for(fairs: str, sign_in: SignIn) -> None:
    answer = await (await sign_in("clerk", "c1")).get(f"{BASE}/attendances/import")
    assert answer.status_code == 404
    assert "请先打开一个“招聘会”" in answer.text


async def test_a_thousand_attendees_cost_as_many_statements_as_ten(
    fairs: str, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "c1")
    costs = []
    for count in (10, 1000):
        rows = [[f"来{count}人{number}", "c1", ""] for number in range(count)]
        preview = await upload(browser, "attendances", xlsx(ATTENDEES, *rows), "?fair=j1")
        told: list[str] = []
        async with database.watching(told.append):
            assert (await browser.post(preview)).status_code == 303
        costs.append(len(told))
    assert costs[0] == costs[1]
    assert await database.fetch_value("SELECT COUNT(*) FROM job_fair_attendance") == 1013


async def test_applications_of_a_file_meet_those_on_record(
    fairs: str, process: Process, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "c1")
    exported = await browser.get(f"{BASE}/applications/export.xlsx")
    head, *rows = load_workbook(io.BytesIO(exported.content)).active.iter_rows(values_only=True)  # type: ignore[union-attr]
    assert "李四" not in str(rows)
    assert {"s1", "s2"} <= {cell for row in rows for cell in row}
    before = await section(process)
    again = await upload(browser, "applications", exported.content)
    assert "将更新2份" in (await browser.get(again)).text
    assert (await browser.post(again)).status_code == 303
    assert await section(process) == before
    rows_changed = [["张小三", "p1", "已就业"], ["s1", "p1", "已投递简历"], ["s2", "p2", "已面试"]]
    preview = await upload(browser, "applications", xlsx(APPLICATIONS, *rows_changed))
    assert "将新增2份，更新1份" in (await browser.get(preview)).text
    assert (await browser.post(preview)).status_code == 303
    found = (await section(process))["fairs"][0]["applications"]
    assert [(e["seeker"], e["position"], e["stage"]) for e in found] == [
        ("s1", "p1", "hired"),
        ("s1", "p1", "applied"),
        ("s2", "p1", "hired"),
        ("s2", "p2", "interviewed"),
    ]
    assert head is not None


async def test_exports_come_back_without_a_change(
    fairs: str, process: Process, sign_in: SignIn
) -> None:
    browser, before = await sign_in("organiser", "city"), await section(process)
    for resource in ("employers", "seekers", "fairs", "positions"):
        exported = await browser.get(f"{BASE}/{resource}/export.xlsx")
        preview = await upload(browser, resource, exported.content)
        shown = (await browser.get(preview)).text
        assert "将更新" in shown, (resource, shown)
        assert (await browser.post(preview)).status_code == 303
    assert await section(process) == before
