"""Conflicts of punches, each settled in one step and still to be seen afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from api.kit.records import Work
from core import database, moments
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer import confirming
from plugins.volunteer.hours import conflicts, settling
from plugins.volunteer.punching import clock
from tests.fixtures.application import ActorOf, Bearer, SignIn
from tests.fixtures.people import csrf_token

PAGE = "/campaigns/2022-city/volunteer/conflicts"


async def only(work: Work) -> conflicts.Conflict:
    (found,) = await conflicts.listed(work, waiting=True, limit=10)
    return found


async def received(found: conflicts.Conflict, moment: datetime) -> None:
    """Let the server have received a conflict's punch then."""
    await database.execute(
        "UPDATE volunteer_punch SET received_at = :at WHERE id = :id",
        at=moment,
        id=found.punch.row["id"],
    )


async def times(work: Work, volunteer: str) -> list[tuple[str, str, str | None, str | None]]:
    rows = await database.fetch(
        "SELECT h.key, a.status, a.checked_in_at, a.checked_out_at FROM volunteer_attendance a"
        " JOIN volunteer_shift h ON h.id = a.shift JOIN volunteer_person v ON v.id = a.volunteer"
        " WHERE v.key = :key ORDER BY h.key",
        key=volunteer,
    )

    def clock(moment: Any) -> str | None:
        return f"{(moment.hour + 8) % 24:02}:{moment.minute:02}" if moment else None

    return [
        (row["key"], row["status"], clock(row["checked_in_at"]), clock(row["checked_out_at"]))
        for row in rows
    ]


async def test_one_person_in_two_places_stays_in_the_first(
    work: Work, steward: Work, punch: Any
) -> None:
    await punch("v1", "in", "08:00")
    assert await punch("v1", "in", "10:30", "h2") == "overlap"
    found = await only(steward)
    assert found.kind == "two_places"
    assert list(found.offered) == ["keep_first", "keep_this"]
    assert found.name.startswith("志")
    settled = await settling.resolve(steward, found.id, "keep_first")
    assert (settled.resolution, settled.outcome) == ("keep_first", "以先前的记录为准")
    assert await times(work, "v1") == [("h1", "open", "08:00", None)]
    with pytest.raises(Conflict):
        await settling.resolve(steward, found.id, "keep_this")
    assert [each.id for each in await conflicts.listed(steward, waiting=False, limit=5)] == [
        found.id
    ]


async def test_one_person_in_two_places_is_in_the_second(
    work: Work, steward: Work, punch: Any
) -> None:
    await punch("v1", "in", "08:00")
    await punch("v1", "in", "10:30", "h2")
    assert await punch("v1", "out", "13:00", "h2") == "not_in"
    await settling.resolve(steward, (await only(steward)).id, "keep_this")
    assert await times(work, "v1") == [
        ("h1", "pending", "08:00", "10:30"),
        ("h2", "pending", "10:30", "13:00"),
    ]
    assert await conflicts.listed(steward, waiting=True, limit=5) == []
    # Nothing was written over: the refused punch is there, and what was taken anew beside it.
    codes = await database.fetch("SELECT code FROM volunteer_punch WHERE code IS NOT NULL")
    assert sorted(row["code"] for row in codes) == ["not_in", "overlap"]


@pytest.mark.parametrize(
    ("resolution", "left"),
    [
        ("keep_first", {"h1": "pending", "h2": "rejected"}),
        ("keep_this", {"h1": "rejected", "h2": "pending"}),
    ],
)
async def test_of_two_stays_that_overlap_one_is_not_confirmed(
    *,
    work: Work,
    steward: Work,
    actor_of: ActorOf,
    punch: Any,
    resolution: str,
    left: dict[str, str],
) -> None:
    await punch("v1", "in", "09:00")
    await punch("v1", "out", "11:00")
    # From a device that was offline: he had come to the other shift before.
    await punch("v1", "in", "08:30", "h2")
    await punch("v1", "out", "13:00", "h2")
    found = await only(steward)
    with pytest.raises(Missing):  # a clerk refuses nobody his hours
        await settling.resolve(steward, found.id, resolution)
    organiser = Work(await actor_of("organiser", "x1"), work.campaign)
    await settling.resolve(organiser, found.id, resolution)
    assert {row[0]: row[1] for row in await times(work, "v1")} == left


async def test_a_going_before_its_coming(work: Work, steward: Work, punch: Any, at: Any) -> None:
    await punch("v1", "in", "10:00")
    assert await punch("v1", "out", "09:00") == "not_in"
    found = await only(steward)
    assert found.kind == "out_before_in"
    with pytest.raises(Refusal, match="列出的处理方式"):
        await settling.resolve(steward, found.id, "keep_this")
    # The server received it years after the shift: that time is not offered.
    assert list(found.offered) == ["dismiss"]
    await received(found, at("11:15"))
    found = await only(steward)
    assert list(found.offered) == ["server_time", "dismiss"]
    await settling.resolve(steward, found.id, "server_time")
    assert await times(work, "v1") == [("h1", "pending", "10:00", "11:15")]


async def test_what_is_refused_again_settles_nothing(
    work: Work, steward: Work, punch: Any, at: Any
) -> None:
    await punch("v1", "in", "10:00")
    await punch("v1", "out", "09:00")
    found = await only(steward)
    await received(found, at("09:30"))
    with pytest.raises(Conflict, match="仍然不能记入"):
        await settling.resolve(steward, found.id, "server_time")
    assert found.id in [each.id for each in await conflicts.listed(steward, waiting=True, limit=5)]


async def test_a_going_that_arrived_before_its_coming(
    work: Work, steward: Work, punch: Any
) -> None:
    assert await punch("v1", "out", "11:00") == "not_in"
    await punch("v1", "in", "08:00")
    found = await only(steward)
    assert list(found.offered) == ["device_time", "dismiss"]
    await settling.resolve(steward, found.id, "device_time")
    assert await times(work, "v1") == [("h1", "pending", "08:00", "11:00")]


async def test_a_wrong_clock(work: Work, steward: Work, punch: Any, at: Any) -> None:
    await punch("v1", "in", "08:00", source="programme")
    found = await only(steward)
    assert found.kind == "clock"
    assert list(found.offered) == ["device_time"]
    await received(found, at("08:20"))
    await settling.resolve(steward, found.id, "server_time")
    assert await times(work, "v1") == [("h1", "open", "08:20", None)]


async def test_many_wrong_clocks_at_once(
    work: Work, steward: Work, sign_in: SignIn, punch: Any
) -> None:
    for number in (1, 2):
        await punch(f"v{number}", "in", "08:00", source="programme")
    await punch("v1", "in", "10:30", "h2")
    browser = await sign_in("clerk", "x1")
    page = (await browser.get(PAGE)).text
    assert "都保留设备的时间" in page
    await browser.post(PAGE, data={"csrf_token": csrf_token(page)})
    assert (await only(steward)).kind == "two_places"
    assert "已处理2条" in (await browser.get(PAGE)).text
    assert await settling.keep_clocks(steward) == 0


async def test_a_going_that_comes_after_confirming(
    work: Work, steward: Work, reviewer: Work, actor_of: ActorOf, punch: Any
) -> None:
    key = await punch("v1", "in", "08:00")
    await clock.close_forgotten(moments.now() + timedelta(hours=7), work.campaign)
    assert (await times(work, "v1"))[0][3] == "12:00"
    await confirming.decide(reviewer, "h1", "confirmed", [key])
    assert await punch("v1", "out", "09:00") == "not_in"
    found = await only(steward)
    assert found.kind == "late"
    with pytest.raises(Conflict, match="只有审核人"):
        await settling.resolve(steward, found.id, "device_time")
    organiser = Work(await actor_of("organiser", "x1"), work.campaign)
    await settling.resolve(organiser, found.id, "device_time")
    assert await times(work, "v1") == [("h1", "pending", "08:00", "09:00")]


async def test_the_inbox(
    work: Work, sign_in: SignIn, client: httpx.AsyncClient, bearer: Bearer, punch: Any
) -> None:
    await punch("v1", "in", "08:00")
    await punch("v1", "in", "10:30", "h2")
    browser, viewer = await sign_in("clerk", "x1"), await sign_in("viewer", "x1")
    page = (await browser.get(PAGE)).text
    assert "同一时间在两个地方" in page
    assert "没有记入：同一时间已在别的班次" in page
    assert "以这次打卡为准" not in (await viewer.get(PAGE)).text
    found = await only(work)
    address = f"{PAGE}/{found.id}"
    token = csrf_token(page)
    wrong = await browser.post(address, data={"csrf_token": token, "resolution": "server_time"})
    assert wrong.status_code == 303
    assert "没有处理" in (await browser.get(PAGE)).text
    away = await sign_in("clerk", "x2")
    elsewhere = csrf_token((await away.get(PAGE)).text)
    refused = await away.post(address, data={"csrf_token": elsewhere, "resolution": "keep_first"})
    assert refused.status_code == 404
    headers = await bearer("clerk", "x1")
    (item,) = (await client.get(f"/api/v1{PAGE}", headers=headers)).json()["items"]
    assert item["resolutions"] == ["keep_first", "keep_this"]
    assert item["punch"]["code"] == "overlap"
    done = await client.post(
        f"/api/v1{PAGE}/{item['id']}/resolution",
        json={"resolution": "keep_first"},
        headers=headers,
    )
    assert done.json()["resolution"] == "keep_first"
    again = await client.post(
        f"/api/v1{PAGE}/{item['id']}/resolution",
        json={"resolution": "keep_first"},
        headers=headers,
    )
    assert again.status_code == 409
    assert "以先前的记录为准" in (await browser.get(f"{PAGE}?state=resolved")).text


async def test_others_do_not_find_it(work: Work, actor_of: ActorOf, punch: Any) -> None:
    await punch("v1", "in", "08:00")
    await punch("v1", "in", "10:30", "h2")
    found = await only(work)
    with pytest.raises(Missing):
        await conflicts.find_one(Work(await actor_of("clerk", "x2"), work.campaign), found.id)
