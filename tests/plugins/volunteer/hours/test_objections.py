"""Objections: raised by the volunteer, due in seven days, answered once, then corrected."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from api.kit.records import Work, add, find
from core import database, moments
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer.hours import objections, reading
from plugins.volunteer.records import ATTENDANCES
from tests.fixtures.application import ActorOf, Bearer, SignIn
from tests.fixtures.people import csrf_token
from tests.plugins.volunteer.hours.test_confirming import pending

PLUGIN = "/campaigns/2022-city/volunteer"
DATA = f"/api/v1{PLUGIN}/objections"


def test_the_answer_is_due_on_the_seventh_day_after() -> None:
    # 16:30 in UTC is already the next day in China.
    raised = moments.from_local(date(2022, 5, 15), 0, 30)
    assert raised.day == 14
    assert objections.due(raised) == date(2022, 5, 22)


async def test_a_volunteer_objects_to_his_own_record_alone(
    work: Work, reviewer: Work, actor_of: ActorOf, belongs: Any
) -> None:
    await add(work, ATTENDANCES, pending("t1", "v1"))
    await add(work, ATTENDANCES, pending("t2", "v2"))
    himself = await actor_of("volunteer", "x1")
    await belongs("v1", himself)
    with pytest.raises(Missing):
        await objections.raise_(himself, "t2", "我服务到十二点")
    with pytest.raises(Missing):
        await objections.raise_(reviewer.actor, "t1", "我服务到十二点")
    with pytest.raises(Refusal):
        await objections.raise_(himself, "t1", "  ")
    key = await objections.raise_(himself, "t1", "我服务到十二点")
    with pytest.raises(Conflict):
        await objections.raise_(himself, "t1", "再说一遍")
    (waiting,) = await objections.listed(reviewer, limit=10, waiting=True)
    assert (waiting.key, waiting.attendance, waiting.text) == (key, "t1", "我服务到十二点")
    assert waiting.due_on == moments.today() + timedelta(days=7)
    assert "志愿者" not in waiting.name.replace("志", "")
    assert not waiting.overdue(waiting.due_on)
    assert waiting.overdue(waiting.due_on + timedelta(days=1))
    answered = await objections.answer(reviewer, key, "值班表上是十二点", upheld=True)
    assert (answered.upheld, answered.outcome) == (True, "异议成立")
    with pytest.raises(Conflict):
        await objections.answer(reviewer, key, "又", upheld=False)
    assert await objections.listed(reviewer, limit=10, waiting=True) == []
    assert len(await objections.listed(reviewer, limit=10, waiting=False)) == 1
    # He may object again to what was answered.
    await objections.raise_(himself, "t1", "还是不对")
    found = await objections.of_volunteers([waiting.volunteer_id])
    assert [each.open for each in found["t1"]] == [False, True]
    actions = await database.fetch(
        "SELECT action FROM audit_entry WHERE thing = 'volunteer.objections' ORDER BY id"
    )
    assert [row["action"].rpartition(".")[2] for row in actions] == ["raised", "answered", "raised"]


async def test_nobody_answers_himself_or_for_another_office(
    work: Work, reviewer: Work, actor_of: ActorOf, belongs: Any
) -> None:
    await add(work, ATTENDANCES, pending("t1", "v1"))
    await belongs("v1", reviewer.actor)
    key = await objections.raise_(reviewer.actor, "t1", "少算了一小时")
    with pytest.raises(Conflict, match="自己的"):
        await objections.answer(reviewer, key, "对", upheld=True)
    elsewhere = Work(await actor_of("organiser", "x2"), work.campaign)
    with pytest.raises(Missing):
        await objections.answer(elsewhere, key, "对", upheld=True)
    assert await objections.listed(elsewhere, limit=10, waiting=True) == []


async def test_from_an_objection_to_the_corrected_record(
    work: Work, sign_in: SignIn, punch: Any
) -> None:
    key = await punch("v1", "in", "08:00")
    await punch("v1", "out", "11:00")
    record = f"{PLUGIN}/attendances/{key}"
    clerk, reviewer = await sign_in("clerk", "x1"), await sign_in("organiser", "x1")
    page = (await clerk.get(f"{record}/hours")).text
    token = csrf_token(page)
    assert "班次之内的3小时计入" in page

    async def send(browser: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
        own = csrf_token((await browser.get(f"{record}/hours")).text)
        return await browser.post(path, data={"csrf_token": own, **form})

    assert token
    empty = await send(clerk, f"{record}/objections", text="")
    assert empty.status_code == 422
    assert (await send(clerk, f"{record}/objections", text="十二点才走")).status_code == 303
    inbox = (await reviewer.get(f"{PLUGIN}/objections")).text
    assert "十二点才走" in inbox
    (one,) = await objections.listed(work, limit=2, waiting=True)
    address = f"{PLUGIN}/objections/{one.key}"
    assert "十二点才走" in (await reviewer.get(address)).text
    assert (await send(reviewer, address, outcome="upheld", answer="")).status_code == 422
    answered = await send(reviewer, address, outcome="upheld", answer="值班表是十二点")
    assert answered.headers["location"] == f"{record}/hours"
    wrong = {"direction": "out", "at": "2022-05-15T07:00", "reason": "值班表"}
    refused = await send(reviewer, f"{record}/corrections", **wrong)
    assert refused.status_code == 422
    assert "签退早于签到" in refused.text
    right = {**wrong, "at": "2022-05-15T12:00"}
    assert (await send(reviewer, f"{record}/corrections", **right)).status_code == 303
    row = await find(work, ATTENDANCES, key)
    assert (row["status"], row["credited_minutes"]) == ("pending", 240)
    volunteer = await database.fetch_value("SELECT id FROM volunteer_person WHERE key = 'v1'")
    (found,) = (await reading.of_volunteers([volunteer])).explanations
    assert [step.state for step in found.steps] == ["used", "replaced", "used"]
    page = (await clerk.get(f"{PLUGIN}/volunteers/v1/hours")).text
    for words in ("理由：值班表", "异议成立", "值班表是十二点", "更正签退时间"):
        assert words in page


async def test_programmes(work: Work, client: httpx.AsyncClient, bearer: Bearer) -> None:
    await add(work, ATTENDANCES, pending("t1", "v1"))
    clerk, reviewer = await bearer("clerk", "x1"), await bearer("reviewer", "x1")
    bad = await client.post(DATA, json={"attendance": "t1"}, headers=clerk)
    assert [(e["pointer"], e["code"]) for e in bad.json()["errors"]] == [("/text", "missing")]
    unknown = {"attendance": "nothing", "text": "少了"}
    assert (await client.post(DATA, json=unknown, headers=clerk)).status_code == 404
    body = {"attendance": "t1", "text": "少了"}
    once = {**clerk, "Idempotency-Key": "k1"}
    made = await client.post(DATA, json=body, headers=once)
    assert made.status_code == 201, made.text
    assert (await client.post(DATA, json=body, headers=once)).json() == made.json()
    assert (await client.post(DATA, json=body, headers=clerk)).status_code == 409
    key = made.json()["key"]
    assert (await client.get(made.headers["location"], headers=clerk)).json() == made.json()
    answer = {"answer": "按打卡算", "upheld": False}
    address = f"{DATA}/{key}/answer"
    assert (await client.post(address, json=answer, headers=clerk)).status_code == 403
    done = (await client.post(address, json=answer, headers=reviewer)).json()
    assert (done["upheld"], done["answer"]) == (False, "按打卡算")
    assert (await client.get(DATA, headers=clerk)).json()["items"] == []
    told = await client.get(f"{DATA}?state=answered", headers=clerk)
    assert [each["key"] for each in told.json()["items"]] == [key]
    hours = await client.get(f"/api/v1{PLUGIN}/volunteers/v1/hours", headers=clerk)
    body = hours.json()
    assert (body["confirmed_minutes"], body["pending_minutes"], body["hours"]) == (0, 180, "0")
    (record,) = body["attendances"]
    assert sum(part["seconds"] for part in record["parts"]) == 3 * 3600
