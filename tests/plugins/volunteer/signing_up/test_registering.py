"""Registering and signing in: what is asked, what is kept, what strangers learn."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.kit.records import Work
from core import audit, campaigns, database, moments
from core.permissions import SYSTEM
from core.refusals import Refusal
from plugins.volunteer.signing_up import registering
from plugins.volunteer.signing_up.registering import SENTENCE
from tests.plugins.volunteer.signing_up.volunteers_made import (
    PASSWORD,
    open_shift,
    registration,
    volunteer,
)

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
ADULT = {
    "name": "王芳",
    "phone": "138 0000 0001",
    "organisation": "x1",
    "password": PASSWORD,
    "adult": "true",
    "agrees": "true",
    "skills": ["手语", "引路"],
    "other_skills": "说方言、修轮椅",
}
OFFER = "/volunteer/shifts/2022-city/one"


@pytest.fixture
async def recruiting(campaign_2022: str) -> Work:
    work = Work(SYSTEM, await campaigns.find(campaign_2022))
    await open_shift(work, "one")
    return work


async def send(client: httpx.AsyncClient, address: str, form: dict[str, Any]) -> httpx.Response:
    """Fill in a form as a browser does."""
    token = TOKEN.search((await client.get(address)).text)
    assert token
    return await client.post(
        address.split("?", maxsplit=1)[0], data={"csrf_token": token[1], **form}
    )


async def test_somebody_registers_and_signs_up(
    client: httpx.AsyncClient, browsers: Callable[[], httpx.AsyncClient], recruiting: Work
) -> None:
    answer = await send(client, f"/volunteer/register?next={OFFER}", {**ADULT, "next": OFFER})
    assert (answer.status_code, answer.headers["location"]) == (303, OFFER)
    page = (await client.get(OFFER)).text
    row = await database.fetch_one(
        "SELECT p.*, a.name AS account_name, a.display_name FROM volunteer_profile p"
        " JOIN account a ON a.id = p.account"
    )
    assert row is not None
    number = row["number"]
    assert f"您的志愿者编号是{number}" in page
    assert (row["account_name"], row["display_name"]) == (number, f"志愿者{number}")
    assert json.loads(row["skills"]) == ["手语", "引路", "说方言", "修轮椅"]
    assert json.loads(row["consent"])["by"] == "self"
    assert (row["born_sealed"], row["guardian_sealed"]) == ("", "")
    # Nothing that names a person lies open, in the row or in the log.
    entries = await audit.entries(SYSTEM)
    for secret in ("王芳", "13800000001"):
        assert secret not in repr(row)
        assert secret not in repr(entries)
    assert {"account.created", "account.granted", "volunteer.profile.registered"} <= {
        each.action for each in entries
    }
    token = TOKEN.search(page)
    assert token
    joined = await client.post(f"{OFFER}/join", data={"csrf_token": token[1]})
    assert joined.headers["location"] == OFFER
    assert "您已经报名" in (await client.get(OFFER)).text
    assert "您已报名" in (await client.get("/volunteer")).text
    # The first page leads him to his own, and every page's navigation does.
    assert (await client.get("/")).headers["location"] == "/volunteer/me"
    assert '<a href="/volunteer/me">我的志愿服务</a>' in page
    # He comes back by phone or by number, in whatever way he types it.
    for name in ("+86 138-0000-0001", number):
        other = browsers()
        came = await send(other, "/volunteer/sign-in", {"name": name, "password": PASSWORD})
        assert (came.status_code, came.headers["location"]) == (303, "/volunteer/me")


async def test_what_is_missing_is_said_at_once(client: httpx.AsyncClient, recruiting: Work) -> None:
    answer = await send(client, "/volunteer/register", {"password": "short", "phone": "12345"})
    assert answer.status_code == 422
    for sentence in ("请填写姓名", "11位手机号", "同意以后", "密码至少", "请确认已满18周岁"):
        assert sentence in answer.text
    assert "请选择一个正在招募志愿者的单位" in answer.text
    assert "short" not in answer.text
    assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_profile") == 0


async def test_nobody_chooses_where_there_is_one_office(
    client: httpx.AsyncClient, recruiting: Work
) -> None:
    page = (await client.get("/volunteer/register")).text
    offered = page.partition('name="organisation"')[2].partition("</select>")[0]
    assert offered.count("<option") == 1
    assert 'value="x1"' in offered


async def test_a_minor_comes_with_a_guardian(client: httpx.AsyncClient, recruiting: Work) -> None:
    today = moments.today()
    minor = {**ADULT, "age": "minor", "adult": ""}
    page = "/volunteer/register?age=minor"
    alone = await send(client, page, {**minor, "born": f"{today.year - 15}-01-01"})
    assert alone.status_code == 422
    for sentence in ("监护人的姓名", "监护人的11位手机号", "要由监护人同意"):
        assert sentence in alone.text
    guarded = {
        **minor,
        "guardian_name": "王建国",
        "guardian_phone": "13900000009",
        "guardian_agrees": "true",
    }
    young = await send(client, page, {**guarded, "born": str(today - timedelta(days=13 * 365))})
    assert young.status_code == 422
    assert "到活动现场" in young.text
    born = f"{today.year - 15}-01-01"
    assert (await send(client, page, {**guarded, "born": born})).status_code == 303
    row = await database.fetch_one("SELECT * FROM volunteer_profile")
    assert row is not None
    assert json.loads(row["consent"])["by"] == "guardian"
    assert born not in repr(row)
    assert "王建国" not in repr(row)
    assert row["guardian_sealed"]


async def test_strangers_learn_nothing_of_a_phone(
    client: httpx.AsyncClient, browsers: Callable[[], httpx.AsyncClient], recruiting: Work
) -> None:
    _, profile = await volunteer(1)
    known = registration("别人", profile.phone, password="another long password")
    await database.execute("UPDATE account SET failures = 3")
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await registering.register(known, moments.now())
        assert str(refused.value) == SENTENCE
    # The fifth wrong guess locks him, so that his own password does not help either.
    with pytest.raises(Refusal) as locked:
        await registering.register(replace(known, password=PASSWORD), moments.now())
    assert str(locked.value) == SENTENCE
    await database.execute("UPDATE account SET locked_until = NULL, failures = 0")
    account, number = await registering.register(replace(known, password=PASSWORD), moments.now())
    assert (account, number) == (profile.account_id, profile.number)
    assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_profile") == 1
    wrong = {"password": "wrong wrong wrong"}
    answers = [
        await send(browsers(), "/volunteer/sign-in", {"name": name, **wrong})
        for name in (profile.phone, "13911111111", profile.number, "")
    ]
    assert [each.status_code for each in answers] == [422] * 4
    assert all("或者密码不对" in each.text for each in answers[:3])


async def test_the_form_is_the_browsers_own(client: httpx.AsyncClient, recruiting: Work) -> None:
    answer = await client.post("/volunteer/register", data=ADULT)
    assert answer.status_code == 422
    assert "页面放得太久了" in answer.text
    elsewhere = await client.post(
        "/volunteer/register", data=ADULT, headers={"origin": "https://elsewhere.example"}
    )
    assert elsewhere.status_code == 403
    assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_profile") == 0
