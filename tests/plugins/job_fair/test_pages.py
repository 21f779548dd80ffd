"""The pages of job fairs: what they show, what their forms do, and what it costs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from api.kit.records import Work, find
from core import bundles, database
from core.moments import today
from core.process import Process
from plugins.job_fair.fair_records import APPLICATIONS, POSITIONS
from plugins.job_fair.records import FAIRS
from tests.fixtures.application import SignIn
from tests.plugins.job_fair.fairs_made import KEY, crowded, load

BASE = f"/campaigns/{KEY}/job_fair"
FAIR = f"{BASE}/fairs/j1"
LOOKED_AT = (
    "/fairs", "/fairs/j1", "/positions", "/positions/p1", "/attendances", "/attendances/j1~s1",
    "/applications", "/applications/s1~p1~0", "/employers", "/employers/e1", "/seekers",
    "/seekers/s1",
)  # fmt: skip
WRITTEN = (
    "/fairs/new", "/fairs/j1/edit", "/fairs/j1/delete", "/fairs/j1/attend", "/fairs/j1/apply",
    "/fairs/j1/stages", "/positions/new", "/positions/new?fair=j1", "/positions/p1/edit",
    "/positions/import?fair=j1", "/attendances/import?fair=j1", "/applications/import",
    "/applications/s1~p1~0/edit", "/employers/new", "/seekers/new",
)  # fmt: skip


async def section(process: Process) -> Any:
    found = await bundles.export_document(KEY, process.plugins)
    return found["plugins"]["job_fair"]


async def test_every_page_opens_for_who_may_and_for_nobody_else(
    fairs: str, sign_in: SignIn
) -> None:
    clerk, viewer = await sign_in("clerk", "c1"), await sign_in("viewer", "city")
    beside = await sign_in("clerk", "c2")
    for path in LOOKED_AT:
        for browser in (clerk, viewer):
            answer = await browser.get(BASE + path)
            assert answer.status_code == 200, (path, answer.text)
            assert "张小三" not in answer.text
            assert "李四" not in answer.text
    for path in WRITTEN:
        assert (await clerk.get(BASE + path)).status_code == 200, path
        assert (await viewer.get(BASE + path)).status_code in {403, 404}, path
        if "j1" in path or "p1" in path:
            assert (await beside.get(BASE + path)).status_code == 404, path
    assert (await clerk.get(BASE)).headers["location"] == f"{BASE}/fairs"


async def test_a_fair_shows_all_that_happened_and_what_comes_next(
    fairs: str, sign_in: SignIn, work: Work
) -> None:
    browser = await sign_in("clerk", "c1")
    page = (await browser.get(FAIR)).text
    for text in (
        "现场招聘会", "1家用人单位招8人，到场1人，2人达成初步意向，1人实现就业",
        "写有“五官端正”，请改掉", "轮椅通道", "没有写明", "张*三", "达成初步意向1份，已就业1份",
        "有1个职位的写法把残疾人挡在了门外",
    ):  # fmt: skip
        assert text in page, text
    looking = (await (await sign_in("viewer", "c1")).get(FAIR)).text
    assert "下一步" not in looking
    assert "登记到场" not in looking


async def test_the_next_step_is_the_next_step(work: Work, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "c1")

    async def said() -> str:
        page = (await browser.get(FAIR)).text
        if "<strong>下一步</strong>" not in page:
            return ""
        return page.split("<strong>下一步</strong><span>", 1)[1].split("</span>", 1)[0]

    await database.execute("UPDATE job_fair_position SET title = '' WHERE key = 'p2'")
    assert await said() == "有1个职位没有写明无障碍条件，问清用人单位再补上。"
    await database.execute("UPDATE job_fair_position SET accommodations = '[\"captions\"]'")
    assert await said() == "跟进结果：还有1份投递没有最后的结果。"
    await database.execute("UPDATE job_fair_application SET stage = 'hired'")
    assert await said() == ""
    await database.execute("DELETE FROM job_fair_application")
    assert await said() == "登记谁投了哪个职位。"
    await database.execute("DELETE FROM job_fair_attendance")
    assert await said() == "登记到场的求职者。"
    await database.execute("UPDATE job_fair_fair SET held_on = :day", day=_far())
    assert await said() == "开招聘会那天，登记谁来了。"
    await database.execute("DELETE FROM job_fair_position")
    assert await said() == "把用人单位带来的职位登记上。"


def _far() -> date:
    return today() + timedelta(days=9)


async def post(browser: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    return await browser.post(path, data=fields)


async def test_a_position_brings_its_employer_along(
    work: Work, process: Process, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "c1")
    new = f"{BASE}/positions/new?fair=j1"
    answer = await post(
        browser, new, employer="丙县电子厂", job_type="质检员", openings="４", title="",
        accommodations=["wheelchair", "captions"], other="安静的工位、captions",
    )  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, FAIR)
    found = await section(process)
    (employer,) = [each for each in found["employers"] if each["name"] == "丙县电子厂"]
    (made,) = [e for e in found["fairs"][0]["positions"] if e["employer"] == employer["key"]]
    assert made["openings"] == 4
    assert made["accommodations"] == ["captions", "wheelchair", "安静的工位"]
    again = await post(
        browser, new, employer="丙县 电子厂", job_type="质检员", openings="1", then="again"
    )
    assert again.headers["location"] == new
    assert len((await section(process))["employers"]) == 3


async def test_a_form_that_is_wrong_comes_back_with_what_was_typed(
    work: Work, process: Process, sign_in: SignIn
) -> None:
    browser, before = await sign_in("clerk", "c1"), await section(process)
    answer = await post(
        browser, f"{BASE}/positions/new?fair=j1", employer="丁厂", job_type="", openings="许多",
        accommodations="captions",
    )  # fmt: skip
    assert answer.status_code == 422
    assert 'value="丁厂"' in answer.text
    assert 'value="许多"' in answer.text
    assert 'value="captions" checked' in answer.text
    assert "有2处要改" in answer.text
    assert await section(process) == before


async def test_wording_that_shuts_people_out_is_said_at_once(work: Work, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "c1")
    await post(
        browser, f"{BASE}/positions/p1/edit", fair="j1", employer="甲县包装厂", job_type="包装工",
        title="包装工，四肢健全", openings="5",
    )  # fmt: skip
    page = (await browser.get(f"{BASE}/positions/p1")).text
    assert "职位里写有“四肢健全”" in page
    stored = await find(work, POSITIONS, "p1")
    assert (stored["title"], stored["accommodations"]) == ("包装工，四肢健全", [])


async def test_a_list_of_names_is_noted_at_once(
    work: Work, process: Process, sign_in: SignIn
) -> None:
    browser, page = await sign_in("clerk", "c1"), f"{FAIR}/attend"
    assert "李*（甲县残联，s2）" in (await browser.get(page)).text
    refused = await post(browser, page, names="新来的\n张小三")
    assert refused.status_code == 422
    assert "“新来的”还没有登记过" in refused.text
    assert "新来的\n张小三" in refused.text
    done = await post(browser, page, names="新来的\n张小三", organisation="c1", seeker="s2")
    assert done.headers["location"] == FAIR
    assert (
        "已登记2人到场，其中1人是新登记的求职者；另外1人以前已经登记过。"
        in (await browser.get(FAIR)).text
    )
    assert len((await section(process))["fairs"][0]["attendances"]) == 3
    nothing = await post(browser, page, names=" ")
    assert "请写上名字，或者在名单里勾选" in nothing.text


async def test_nobody_of_another_office_can_be_ticked(
    work: Work, process: Process, sign_in: SignIn
) -> None:
    browser, before = await sign_in("clerk", "c1"), await section(process)
    answer = await post(browser, f"{FAIR}/attend", seeker="s3")
    assert answer.status_code == 422
    assert await section(process) == before


async def test_an_application_notes_that_somebody_came(
    work: Work, process: Process, sign_in: SignIn
) -> None:
    browser, page = await sign_in("clerk", "c1"), f"{FAIR}/apply"
    wrong = await post(browser, page, seeker="李四", position="p3", stage="applied")
    assert wrong.status_code == 422
    done = await post(browser, page, seeker="李四", position="p2", stage="interviewed", came="true")
    assert done.status_code == 303
    fair = (await section(process))["fairs"][0]
    assert {"seeker": "s2", "position": "p2", "stage": "interviewed"} in fair["applications"]
    assert fair["attendances"] == ["s1", "s2"]
    new = {"seeker": "赵六", "organisation": "c1", "position": "p2", "stage": "applied"}
    again = await post(browser, page, **new, then="again")
    assert again.headers["location"] == page
    fair = (await section(process))["fairs"][0]
    assert len(fair["applications"]) == 4
    assert fair["attendances"] == ["s1", "s2"]


async def test_ticked_applications_move(work: Work, sign_in: SignIn) -> None:
    browser, page = await sign_in("clerk", "c1"), f"{FAIR}/stages?stage=intent"
    shown = (await browser.get(page)).text
    assert 'value="s1~p1~0"' in shown
    assert 'value="s2~p1~0"' not in shown
    assert (await browser.get(f"{FAIR}/stages")).text.count('name="application"') == 2
    await post(browser, page, to="hired")
    assert "请先在名单里勾选" in (await browser.get(page)).text
    await post(browser, page, application="s1~p1~0", to="won")
    assert (await find(work, APPLICATIONS, "s1~p1~0"))["stage"] == "intent"
    moved = await post(browser, page, application="s1~p1~0", to="hired")
    assert moved.headers["location"] == page
    assert (await find(work, APPLICATIONS, "s1~p1~0"))["stage"] == "hired"


async def test_a_fair_is_entered_and_called_by_its_activity(work: Work, sign_in: SignIn) -> None:
    browser = await sign_in("organiser", "city")
    made = await post(
        browser, f"{BASE}/fairs/new", held_on="2026年5月20日", mode="online", organisation="city",
        activity="a1",
    )  # fmt: skip
    page = (await browser.get(made.headers["location"])).text
    assert "<h1>线上专场招聘</h1>" in page
    row = await find(work, FAIRS, made.headers["location"].rsplit("/", 1)[1])
    assert (row["mode"], row["activity"]) == ("online", "a1")


@pytest.mark.parametrize("path", ["/fairs/j1", "/fairs/j1/attend", "/fairs/j1/stages", "/fairs"])
async def test_a_page_costs_as_much_for_a_thousand_as_for_a_few(
    process: Process, work: Work, sign_in: SignIn, path: str
) -> None:
    browser = await sign_in("clerk", "c1")

    async def cost() -> int:
        told: list[str] = []
        async with database.watching(told.append):
            assert (await browser.get(BASE + path)).status_code == 200
        return len(told)

    await cost()
    few = await cost()
    await load(process, crowded(1000))
    assert await cost() == few <= 40
