"""Who confirms what: never oneself, never what one corrected, and what is improbable one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.kit.records import Work, add, change
from core import database
from core.refusals import Refusal
from plugins.volunteer import confirming
from plugins.volunteer.confirming import Outcome
from plugins.volunteer.hours import flags
from plugins.volunteer.punching import corrections
from plugins.volunteer.records import ATTENDANCES, SHIFTS
from tests.fixtures.application import ActorOf, SignIn
from tests.fixtures.people import csrf_token

PAGE = "/campaigns/2022-city/volunteer/confirm"


def pending(key: str, volunteer: str, shift: str = "h1", **members: Any) -> dict[str, Any]:
    return {
        "key": key,
        "volunteer": volunteer,
        "shift": shift,
        "checked_in_at": "2022-05-15T08:00:00+08:00",
        "checked_out_at": "2022-05-15T11:00:00+08:00",
        "status": "pending",
        **members,
    }


async def stored(key: str) -> dict[str, Any]:
    row = await database.fetch_one(
        "SELECT status, decided_by, decided_at FROM volunteer_attendance WHERE key = :key", key=key
    )
    assert row is not None
    return row


async def test_who_corrected_does_not_confirm(
    work: Work, reviewer: Work, actor_of: ActorOf, punch: Any
) -> None:
    organiser = Work(await actor_of("organiser", "x1"), work.campaign)
    key = await punch("v1", "in", "08:00", actor=organiser.actor)
    assert await punch("v1", "out", "11:00", actor=organiser.actor) == key
    # Who only took the punches may: a village office has nobody else.
    assert await confirming.decide(organiser, "h1", "confirmed") == Outcome(1)
    await corrections.correct(
        work.campaign,
        organiser.actor,
        key,
        direction="out",
        at=datetime(2022, 5, 15, 2, 30, tzinfo=UTC),
        reason="走得早",
    )
    assert (await stored(key))["status"] == "pending"
    assert await confirming.decide(organiser, "h1", "confirmed") == Outcome(0, barred=1)
    with pytest.raises(Refusal, match="由别人确认"):
        await change(organiser, ATTENDANCES, key, {"status": "confirmed"})
    assert await confirming.decide(reviewer, "h1", "confirmed") == Outcome(1)
    row = await stored(key)
    assert (row["status"], row["decided_by"]) == ("confirmed", reviewer.actor.name)
    assert row["decided_at"] is not None
    await confirming.decide(reviewer, "h1", "pending", [key])
    assert await stored(key) == {"status": "pending", "decided_by": None, "decided_at": None}


async def test_nobody_confirms_his_own_hours(work: Work, reviewer: Work, belongs: Any) -> None:
    await add(work, ATTENDANCES, pending("t1", "v1"))
    await add(work, ATTENDANCES, pending("t2", "v2"))
    await belongs("v1", reviewer.actor)
    outcome = await confirming.confirm_unflagged(reviewer)
    assert outcome == Outcome(1, barred=1)
    assert outcome.sentence("confirmed") == (
        "已把1条标为“已确认”；1条是您自己的、或您更正过的，要由别人确认。"
    )
    assert (await stored("t1"))["status"] == "pending"


async def test_a_form_keeps_who_confirmed(work: Work, actor_of: ActorOf) -> None:
    organiser = Work(await actor_of("organiser", "x1"), work.campaign)
    await add(work, ATTENDANCES, pending("t1", "v1"))
    assert (await stored("t1"))["decided_by"] is None
    await change(organiser, ATTENDANCES, "t1", {"status": "confirmed"})
    assert (await stored("t1"))["decided_by"] == organiser.actor.name
    await change(organiser, ATTENDANCES, "t1", {"status": "pending"})
    assert (await stored("t1"))["decided_by"] is None


async def test_punched_times_are_not_written_over(work: Work, punch: Any) -> None:
    key = await punch("v1", "in", "08:00")
    for members, pointer in (
        ({"checked_in_at": "2022-05-15T07:00:00+08:00"}, "/checked_in_at"),
        ({"volunteer": "v2"}, "/volunteer"),
        ({"shift": "h2"}, "/shift"),
    ):
        with pytest.raises(Refusal) as refused:
            await change(work, ATTENDANCES, key, members)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [(pointer, "posted")]
    # What no punch says may be entered, and what stays the same is no change.
    await change(
        work, ATTENDANCES, key, {"checked_out_at": "2022-05-15T11:00:00+08:00", "status": "pending"}
    )


async def test_all_without_a_flag(work: Work, reviewer: Work, punch: Any) -> None:
    nowhere = {
        "key": "h3",
        "title": "值守",
        "organisation": "x1",
        "activity": None,
        "starts_at": "2022-05-15T15:00:00+08:00",
        "ends_at": "2022-05-15T18:00:00+08:00",
        "capacity": 3,
    }
    await add(work, SHIFTS, nowhere)
    later = {
        "checked_in_at": "2022-05-15T15:00:00+08:00",
        "checked_out_at": "2022-05-15T18:00:00+08:00",
    }
    for each in (
        pending("t1", "v1"),
        pending("t2", "v2", checked_out_at=None),
        pending("t3", "v3", shift="h3", **later),
        pending(
            "t4",
            "v4",
            shift="h2",
            checked_in_at="2022-05-15T09:00:00+08:00",
            checked_out_at="2022-05-15T10:00:00+08:00",
        ),
        pending("t5", "v5", status="signed_up"),
    ):
        await add(work, ATTENDANCES, each)
    waiting = await confirming.pending(reviewer)
    assert [row["key"] for row in waiting] == ["t1", "t2", "t4", "t3"]
    found = await flags.of_pending(work.campaign.id, waiting)
    ids = {row["id"]: row["key"] for row in waiting}
    assert {ids[n]: [flag.code for flag in own] for n, own in found.items()} == {
        "t3": ["no_activity"],
        "t4": ["no_minutes"],
    }
    assert await confirming.confirm_unflagged(reviewer, "h2") == Outcome(0, flagged=1)
    assert await confirming.confirm_unflagged(reviewer) == Outcome(1, untimed=1, flagged=2)
    assert (await stored("t1"))["status"] == "confirmed"
    assert (await stored("t3"))["status"] == "pending"


async def test_ten_people_by_one_hand_and_a_long_day(
    work: Work, reviewer: Work, punch: Any
) -> None:
    for number in range(1, 11):
        await punch(f"v{number}", "in", "08:00")
        await punch(f"v{number}", "out", "11:00")
    all_day = {
        "checked_in_at": "2022-05-15T12:00:00+08:00",
        "checked_out_at": "2022-05-15T20:00:00+08:00",
    }
    evening = {
        "key": "h3",
        "title": "晚间",
        "organisation": "x1",
        "activity": "a1",
        "starts_at": all_day["checked_in_at"],
        "ends_at": all_day["checked_out_at"],
        "capacity": 3,
    }
    await add(work, SHIFTS, evening)
    await add(work, ATTENDANCES, pending("t1", "v1", shift="h3", **all_day))
    waiting = await confirming.pending(reviewer)
    found = await flags.of_pending(work.campaign.id, waiting)
    keys = {row["id"]: (row["shift_key"], row["volunteer"]) for row in waiting}
    long = {keys[n][0] for n, own in found.items() if "long_day" in [flag.code for flag in own]}
    assert long == {"h1", "h3"}
    assert sum("one_steward" in [flag.code for flag in own] for own in found.values()) == 10
    assert (await confirming.confirm_unflagged(reviewer)).changed == 0


async def test_the_page_keeps_the_improbable_apart(work: Work, sign_in: SignIn) -> None:
    for each in (
        pending("t1", "v1"),
        pending(
            "t2",
            "v2",
            checked_in_at="2022-05-15T12:00:00+08:00",
            checked_out_at="2022-05-15T13:00:00+08:00",
        ),
    ):
        await add(work, ATTENDANCES, each)
    browser = await sign_in("reviewer", "x1")
    page = (await browser.get(PAGE)).text
    assert "确认没有疑点的1条，合计3小时" in page
    assert "计入0分钟" in page
    token = csrf_token(page)

    async def send(**form: str) -> httpx.Response:
        return await browser.post(PAGE, data={"csrf_token": token, **form})

    assert (await send()).status_code == 303
    assert (await stored("t1"))["status"] == "pending"
    assert (await send(all="clear")).status_code == 303
    assert (await stored("t1"))["status"] == "confirmed"
    assert (await stored("t2"))["status"] == "pending"
    await send(shift="h1", attendance="t2", status="rejected")
    assert (await stored("t2"))["status"] == "rejected"
    assert "没有等待确认的记录" in (await browser.get(PAGE)).text
    clerk = await sign_in("clerk", "x1")
    assert (await clerk.get(PAGE)).status_code == 200
    refused = await clerk.post(PAGE, data={"csrf_token": "x", "all": "clear"})
    assert refused.status_code == 403
