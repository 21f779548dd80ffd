"""A volunteer's own pages: the one button, records, objections, certificates; and the office's."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from core import database, moments
from plugins.volunteer.self_service import overview
from plugins.volunteer.signing_up.engagements import signed_up
from plugins.volunteer.signing_up.profiles import Profile
from tests.core.recap.conformance import words
from tests.fixtures.application import SignIn
from tests.plugins.volunteer.volunteers import attend, browser_of, on, registered, shift

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
OFFICE = "/campaigns/2022-city/volunteer"


@dataclass
class Own:
    """Somebody and his browser."""

    profile: Profile
    browser: httpx.AsyncClient

    async def text(self, rest: str = "") -> str:
        """A page of his own."""
        answer = await self.browser.get(f"/volunteer/me{rest}")
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
async def own(campaign_2022: str, running_app: Litestar) -> AsyncIterator[Own]:
    """A volunteer without anything yet."""
    assert campaign_2022
    actor, profile = await registered()
    browser = await browser_of(running_app, actor)
    yield Own(profile, browser)
    await browser.aclose()


def button(page: str) -> str:
    """The words of the big button."""
    found = re.findall(r'<a class="button huge" href="([^"]+)">([^<]+)<', page)
    assert len(found) == 1
    return f"{found[0][1]} {found[0][0]}"


async def test_the_button_does_what_fits_now(own: Own) -> None:
    assert button(await own.text()) == "找一个班次报名 /volunteer"
    now = moments.now()
    far = await shift("far", now + timedelta(days=2), title="引路")
    await attend(own.profile, far, status="signed_up")
    page = await own.text()
    assert button(page) == "看班次，或退出 /volunteer/shifts/2022-city/far"
    assert "人民广场东门" in page
    near = await shift("near", now + timedelta(hours=1), title="手语")
    await attend(own.profile, near, status="signed_up")
    page = await own.text()
    assert button(page) == "签到 /volunteer/me/code"
    assert page.index("手语") < page.index("以后的班次") < page.index("引路")
    await database.execute("UPDATE volunteer_attendance SET status = 'open' WHERE id > 0")
    assert button(await own.text()) == "签退 /volunteer/me/code"


async def test_a_cancelled_shift_is_said_and_past_ones_are_not_ahead(own: Own) -> None:
    now = moments.now()
    await attend(own.profile, await shift("past", now - timedelta(days=2)), status="signed_up")
    gone = await shift("gone", now + timedelta(days=2), title="陪伴")
    await attend(own.profile, gone, status="signed_up")
    await database.execute(
        "UPDATE volunteer_shift SET cancelled_at = :now WHERE id = :id", now=now, id=gone
    )
    page = await own.text()
    assert "取消了的班次" in page
    assert button(page).startswith("找一个班次报名")
    plans = overview.plans(await signed_up(own.profile.id), now)
    assert (plans.following, [each.shift for each in plans.cancelled]) == (None, ["gone"])


async def test_hours_and_stars_are_those_that_are_confirmed(own: Own) -> None:
    year = moments.today().year
    await attend(own.profile, await shift("a", on(f"{year}-01-02"), hours=25))
    await attend(own.profile, await shift("b", on("2022-05-15"), hours=2))
    waits = await shift("c", on(f"{year}-01-05"), hours=4)
    await attend(own.profile, waits, status="pending")
    page = re.sub(r"\s+", "", await own.text())
    assert "今年已确认</dt><dd>25小时<" in page
    assert "累计已确认</dt><dd>27小时<" in page
    assert "今年待确认</dt><dd>4小时<" in page
    assert "再服务25小时达到一星" in page
    assert 'class="bar-kept"width="50%"' in page


async def test_a_record_is_explained_and_objected_to_once(own: Own) -> None:
    key = await attend(own.profile, await shift("a", on("2026-05-15")), status="pending")
    assert f"/volunteer/me/records/{key}" in await own.text("/records")
    page = await own.text(f"/records/{key}")
    assert "确认以后计入3小时" in page
    assert "班次之内的3小时计入" in page
    address = f"/volunteer/me/records/{key}/objections"
    answer = await own.browser.post(address, data={"text": " "})
    assert answer.status_code == 422
    assert 'href="#field-text"' in answer.text
    said = {"text": "我12点才走"}
    assert (await own.browser.post(address, data=said)).status_code == 303
    page = await own.text(f"/records/{key}")
    assert "我12点才走" in page
    assert "等待答复" in page
    assert 'name="text"' not in page
    answer = await own.browser.post(address, data=said)
    assert answer.status_code == 422
    assert "已经有一条异议" in answer.text


async def test_nobody_sees_another_ones(own: Own) -> None:
    _, other = await registered("李强", "13800000002")
    key = await attend(other, await shift("a", on("2026-05-15")))
    assert (await own.browser.get(f"/volunteer/me/records/{key}")).status_code == 404
    answer = await own.browser.post(f"/volunteer/me/records/{key}/objections", data={"text": "x"})
    assert answer.status_code == 404
    assert "李强" not in await own.text("/records")


async def test_a_certificate_is_got_verified_and_withdrawn(
    own: Own, client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    assert "还没有已确认的服务时长" in await own.text("/certificate")
    await attend(own.profile, await shift("a", on("2026-05-15")))
    answer = await own.browser.post("/volunteer/me/certificate", data={"period": "own"})
    assert answer.status_code == 422
    answer = await own.browser.post("/volunteer/me/certificate", data={"period": "all"})
    assert answer.status_code == 303
    page = await own.text("/certificate")
    number = re.findall(r"同行-\d{4}-\d{6}", page)[0]
    code = re.findall(r"/volunteer/certificates/([\w-]+)", page)[0]
    file = re.findall(r'href="(/volunteer/me/certificates/\w+/file)"', page)[0]
    answer = await own.browser.get(file)
    assert answer.headers["content-type"] == "application/pdf"
    said = words(answer.content)
    assert number in said
    assert "王小芳" in said
    answer = await client.get(f"/volunteer/certificates/{code}")
    assert "这份证明有效" in answer.text
    assert "王*芳" in answer.text
    assert "3小时" in answer.text
    for hidden in ("王小芳", own.profile.number, own.profile.phone, "人民广场"):
        assert hidden not in answer.text
    office = await sign_in("organiser", "x1")
    form = {"number": number, "reason": "登记有误"}
    answer = await office.post(f"{OFFICE}/certificates/withdrawals", data=form)
    assert answer.status_code == 303
    answer = await client.get(f"/volunteer/certificates/{code}")
    assert "无效" in answer.text
    assert "登记有误" in answer.text
    assert "王*芳" not in answer.text
    assert (await own.browser.get(file)).status_code == 303
    assert "登记有误" in await own.text("/certificate")


async def test_a_certificate_is_its_owners_alone(own: Own, running_app: Litestar) -> None:
    await attend(own.profile, await shift("a", on("2026-05-15")))
    await own.browser.post("/volunteer/me/certificate", data={"period": "all"})
    code = await database.fetch_value("SELECT code FROM volunteer_certificate")
    actor, _ = await registered("李强", "13800000002")
    other = await browser_of(running_app, actor)
    assert (await other.get(f"/volunteer/me/certificates/{code}/file")).status_code == 404
    await other.aclose()


async def test_codes_that_are_none_are_told(client: httpx.AsyncClient, campaign_2022: str) -> None:
    assert campaign_2022
    typed = await client.get("/volunteer/certificates", params={"code": "7k2m 9qxd 41vh"})
    assert typed.headers["location"] == "/volunteer/certificates/7K2M-9QXD-41VH"
    assert (await client.get("/volunteer/certificates", params={"code": "1"})).status_code == 422
    answer = await client.get("/volunteer/certificates/7K2M-9QXD-41VH")
    assert answer.status_code == 404
    assert "没有这个核验码" in answer.text


async def test_an_office_says_who_answers_and_keeps_the_register(own: Own, sign_in: SignIn) -> None:
    await attend(own.profile, await shift("a", on("2026-05-15")))
    organiser = await sign_in("organiser", "x1")
    form = {"organisation": "x1", "responsible": "孙主任", "handler": "李干事", "contact": "1234"}
    answer = await organiser.post(f"{OFFICE}/issuers", data={**form, "contact": ""})
    assert answer.status_code == 422
    answer = await organiser.post(f"{OFFICE}/issuers", data={**form, "organisation": "x2"})
    assert answer.status_code == 422
    answer = await organiser.post(f"{OFFICE}/issuers", data=form)
    assert answer.status_code == 303
    await own.browser.post("/volunteer/me/certificate", data={"period": "all"})
    page = (await organiser.get(f"{OFFICE}/certificates")).text
    assert "孙主任" in page
    assert "王*芳" in page
    assert "王小芳" not in page
    beside = await sign_in("organiser", "x2")
    assert "王*芳" not in (await beside.get(f"{OFFICE}/certificates")).text
    clerk = await sign_in("clerk", "x1")
    page = (await clerk.get(f"{OFFICE}/certificates")).text
    assert "王*芳" in page
    assert "撤回一份证明" not in page


async def test_an_account_without_profile_is_told_how_to_get_one(
    campaign_2022: str, sign_in: SignIn
) -> None:
    assert campaign_2022
    browser = await sign_in("volunteer", "x1")
    assert "/volunteer/register" in (await browser.get("/volunteer/me")).text
    for rest in ("/records", "/certificate", "/calendar", "/data", "/leave", "/code"):
        answer = await browser.get(f"/volunteer/me{rest}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/volunteer/me")


async def test_pages_ask_as_often_for_many_records_as_for_one(own: Own, sign_in: SignIn) -> None:
    office = await sign_in("organiser", "x1")
    places = ("", "/records", "/certificate", "/calendar", "/data", "/data.json")

    async def asked() -> dict[str, int]:
        found = {}
        for place in (*(f"/volunteer/me{rest}" for rest in places), f"{OFFICE}/certificates"):
            told: list[str] = []
            async with database.watching(told.append):
                browser = own.browser if "/me" in place else office
                assert (await browser.get(place)).status_code == 200
            found[place] = len(told)
        return found

    async def serve(day: int) -> None:
        await attend(own.profile, await shift(f"s{day}", on(f"2026-05-{day:02}")))
        period = {"period": "own", "since": "2026-05-01", "until": f"2026-05-{day:02}"}
        answer = await own.browser.post("/volunteer/me/certificate", data=period)
        assert answer.status_code == 303

    await serve(1)
    await asked()
    few = await asked()
    for day in range(2, 12):
        await serve(day)
    assert await asked() == few
    assert "同行-" in (await office.get(f"{OFFICE}/certificates")).text
