"""Shifts and attendances: credited time, confirming, overlaps, pages, spreadsheets, permissions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from api.kit.records import Work, add, change, find, put
from core import bundles, campaigns, database
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Missing, Refusal
from plugins.volunteer import confirming
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VOLUNTEERS
from tests.fixtures.application import ActorOf, Bearer, SignIn

PLUGIN = "/campaigns/{}/volunteer"
DATA = "/api/v1/campaigns/{}/volunteer"


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


def at(clock: str, day: str = "15") -> str:
    return f"2022-05-{day}T{clock}:00+08:00"


def shift(key: str = "h1", begin: str = "08:00", end: str = "12:00") -> dict[str, Any]:
    return {
        "key": key,
        "title": "引导",
        "organisation": "x1",
        "activity": None,
        "starts_at": at(begin),
        "ends_at": at(end),
        "capacity": 20,
    }


def attendance(key: str, volunteer: str = "v00602", **members: Any) -> dict[str, Any]:
    return {
        "key": key,
        "volunteer": volunteer,
        "shift": "h1",
        "checked_in_at": at("07:50"),
        "checked_out_at": at("11:00"),
        "status": "pending",
        **members,
    }


async def statuses() -> dict[str, str]:
    rows = await database.fetch(
        "SELECT a.key, a.status FROM volunteer_attendance a JOIN volunteer_shift h"
        " ON h.id = a.shift WHERE h.key IN ('h1', 'h2') ORDER BY a.key"
    )
    return {row["key"]: row["status"] for row in rows}


async def test_credited_time_follows_the_shift(work: Work) -> None:
    await add(work, SHIFTS, shift())
    await add(work, ATTENDANCES, attendance("t1"))
    assert (await find(work, ATTENDANCES, "t1"))["credited_minutes"] == 180
    await change(work, SHIFTS, "h1", {"starts_at": at("09:00")})
    assert (await find(work, ATTENDANCES, "t1"))["credited_minutes"] == 120
    await change(work, ATTENDANCES, "t1", {"checked_out_at": at("10:30")})
    assert (await find(work, ATTENDANCES, "t1"))["credited_minutes"] == 90
    await change(work, ATTENDANCES, "t1", {"checked_out_at": None})
    assert (await find(work, ATTENDANCES, "t1"))["credited_minutes"] == 0


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        ({"checked_out_at": at("07:00")}, "/checked_out_at", "ends_before_starts"),
        ({"checked_out_at": None, "status": "confirmed"}, "/checked_out_at", "missing"),
        ({"volunteer": "nobody"}, "/volunteer", "unknown_reference"),
        ({"status": "here"}, "/status", "value"),
    ],
)
async def test_an_attendance_that_is_none(
    work: Work, members: dict[str, Any], pointer: str, code: str
) -> None:
    await add(work, SHIFTS, shift())
    with pytest.raises(Refusal) as refused:
        await add(work, ATTENDANCES, attendance("t1", **members))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]


async def test_a_shift_ends_after_it_starts(work: Work) -> None:
    with pytest.raises(Refusal) as refused:
        await add(work, SHIFTS, shift(begin="12:00", end="08:00"))
    assert [fault.pointer for fault in refused.value.faults] == ["/ends_at"]


async def test_nobody_is_credited_twice_for_one_time(work: Work) -> None:
    await put(work, SHIFTS, [shift(), shift("h2", "10:00", "14:00")])
    await add(work, ATTENDANCES, attendance("t1", status="confirmed"))
    second = attendance("t2", shift="h2", checked_in_at=at("10:00"), checked_out_at=at("13:00"))
    with pytest.raises(Refusal) as refused:
        await add(work, ATTENDANCES, {**second, "status": "confirmed"})
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/checked_in_at", "overlap")]
    # Beside it is no overlap, and the same record may be changed.
    await add(work, ATTENDANCES, {**second, "checked_in_at": at("11:00"), "status": "confirmed"})
    await change(work, ATTENDANCES, "t1", {"checked_in_at": at("08:10")})
    with pytest.raises(Refusal):
        await change(work, ATTENDANCES, "t1", {"checked_out_at": at("11:01")})


async def test_moving_a_shift_credits_nobody_twice(work: Work) -> None:
    await add(work, SHIFTS, shift())
    times = {"checked_out_at": at("12:30"), "status": "confirmed"}
    await add(work, ATTENDANCES, attendance("t1", **times))
    again = attendance("t2", checked_in_at=at("12:10"), checked_out_at=at("13:00"))
    await add(work, ATTENDANCES, {**again, "status": "confirmed"})
    with pytest.raises(Refusal) as refused:
        await change(work, SHIFTS, "h1", {"ends_at": at("13:00")})
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/starts_at", "overlap")]
    await change(work, SHIFTS, "h1", {"ends_at": at("12:10")})


async def test_one_comes_twice_to_a_shift(process: Process, work: Work) -> None:
    await put(work, SHIFTS, [shift(), shift("h2", "13:00", "14:00")])
    first = attendance("t1", checked_out_at=at("09:00"), status="confirmed")
    later = attendance("t2", checked_in_at=at("10:00"), status="confirmed")
    await put(work, ATTENDANCES, [first, later])
    ordinals = "SELECT ordinal FROM volunteer_attendance WHERE key IN ('t1', 't2') ORDER BY key"
    assert [row["ordinal"] for row in await database.fetch(ordinals)] == [0, 1]
    await change(work, ATTENDANCES, "t2", {"shift": "h2", "status": "pending"})
    await change(work, ATTENDANCES, "t2", {"shift": "h1", "status": "confirmed"})
    assert [row["ordinal"] for row in await database.fetch(ordinals)] == [0, 1]
    data = await bundles.export_bundle(work.campaign.key, process.plugins)
    await bundles.import_bundle(data.encode(), process.plugins, process.catalogue, SYSTEM)
    keys = "SELECT key FROM volunteer_attendance WHERE key IN ('t1', 't2')"
    assert len(await database.fetch(keys)) == 2


async def test_confirming_leaves_out_what_cannot_count(work: Work, actor_of: ActorOf) -> None:
    await put(work, SHIFTS, [shift(), shift("h2", "10:00", "14:00")])
    overlap = {"shift": "h2", "checked_in_at": at("10:00"), "checked_out_at": at("13:00")}
    await put(
        work,
        ATTENDANCES,
        [
            attendance("t1"),
            attendance("t2", "v00603", checked_out_at=None),
            attendance("t3", "v00604"),
            attendance("t4", "v00604", **overlap, status="confirmed"),
            attendance("t5", "v00605", status="signed_up"),
            # The same person twice in one go: the first counts.
            attendance("t6", checked_in_at=at("10:00"), checked_out_at=at("12:00")),
        ],
    )
    reviewer = Work(await actor_of("reviewer", "x1"), work.campaign)
    outcome = await confirming.decide(reviewer, "h1", "confirmed")
    assert outcome == confirming.Outcome(1, untimed=1, overlapping=2)
    assert await statuses() == {
        "t1": "confirmed",
        "t2": "pending",
        "t3": "pending",
        "t4": "confirmed",
        "t5": "signed_up",
        "t6": "pending",
    }
    clerk = Work(await actor_of("clerk", "x1"), work.campaign)
    with pytest.raises(Missing):
        await confirming.decide(clerk, "h1", "confirmed")
    with pytest.raises(Missing):
        await confirming.mark(reviewer, "h1", "no_show")
    outcome = await confirming.mark(clerk, "h1", "no_show", ["t1", "t2"])
    assert outcome == confirming.Outcome(1, confirmed=1)
    assert (await confirming.mark(clerk, "h1", "no_show")).changed == 1
    found = await statuses()
    assert (found["t1"], found["t2"], found["t5"]) == ("confirmed", "no_show", "no_show")
    actions = await database.fetch("SELECT action FROM audit_entry ORDER BY id DESC LIMIT 3")
    assert [row["action"] for row in actions] == [
        "volunteer.attendances.no_show",
        "volunteer.attendances.no_show",
        "volunteer.attendances.confirmed",
    ]


async def test_who_writes_does_not_confirm(
    work: Work, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    await add(work, SHIFTS, shift())
    path = f"{DATA.format(work.campaign.key)}/attendances"
    clerk, organiser = await bearer("clerk", "x1"), await bearer("organiser", "x1")
    made = await client.post(path, json=attendance("t1", status="confirmed"), headers=clerk)
    assert [(e["pointer"], e["code"]) for e in made.json()["errors"]] == [("/status", "forbidden")]
    made = await client.post(path, json=attendance("t1"), headers=clerk)
    assert made.status_code == 201, made.text
    decided = f"{DATA.format(work.campaign.key)}/shifts/h1/decisions"
    body = {"status": "confirmed"}
    assert (await client.post(decided, json=body, headers=clerk)).status_code == 403
    beside = await bearer("reviewer", "x2")
    assert (await client.post(decided, json=body, headers=beside)).status_code == 404
    answer = await client.post(decided, json=body, headers=await bearer("reviewer", "city"))
    told = {"changed": 1, "untimed": 0, "overlapping": 0, "confirmed": 0, "barred": 0}
    assert answer.json() == told
    later = {"checked_out_at": at("11:30")}
    refused = await client.patch(f"{path}/t1", json=later, headers=clerk)
    assert [e["code"] for e in refused.json()["errors"]] == ["forbidden"]
    gone = await client.delete(f"{path}/t1", headers=clerk)
    assert (gone.status_code, gone.json()["code"]) == (409, "forbidden")
    changed = await client.patch(f"{path}/t1", json=later, headers=organiser)
    assert changed.status_code == 200, changed.text
    beside = await bearer("clerk", "x2")
    for part in ("attendances/t1", "shifts/h1", "volunteers/v00602"):
        one = f"{DATA.format(work.campaign.key)}/{part}"
        assert (await client.get(one, headers=beside)).status_code == 404, part
        assert (await client.delete(one, headers=beside)).status_code == 404, part
    assert (await client.delete(f"{path}/t1", headers=organiser)).status_code == 204


async def test_pages_of_a_shift(work: Work, sign_in: SignIn) -> None:
    await add(work, SHIFTS, shift())
    await put(work, ATTENDANCES, [attendance("t1"), attendance("t2", "v00603", status="signed_up")])
    page = f"{PLUGIN.format(work.campaign.key)}/shifts/h1"
    reviewer, clerk = await sign_in("reviewer", "x1"), await sign_in("clerk", "x1")
    seen = (await reviewer.get(page)).text
    assert "确认后3小时" in seen
    assert "志******2" in seen
    assert "志愿者00602" not in seen
    assert "全部1条待确认的都确认" in seen
    assert "未到</button>" not in seen
    seen = (await clerk.get(page)).text
    assert "都确认" not in seen
    assert "只报了名的1人都标为未到" in seen
    assert (await clerk.post(f"{page}/decisions", data={"status": "confirmed"})).status_code == 403
    assert (await reviewer.post(f"{page}/marks", data={"status": "no_show"})).status_code == 403
    assert (await reviewer.post(f"{page}/decisions", data={"status": "no_show"})).status_code == 303
    assert (await reviewer.post(f"{page}/decisions", data={"status": "pending"})).status_code == 303
    assert await statuses() == {"t1": "pending", "t2": "signed_up"}
    await reviewer.post(f"{page}/decisions", data={"everybody": "confirmed"})
    await clerk.post(f"{page}/marks", data={"attendance": "t2", "status": "no_show"})
    assert await statuses() == {"t1": "confirmed", "t2": "no_show"}
    assert "已把1条标为“未到”" in (await clerk.get(page)).text
    assert "没有这种状态的记录" in (await clerk.get(f"{page}?status=open")).text
    assert (await (await sign_in("clerk", "x2")).get(page)).status_code == 404
    viewer = (await (await sign_in("viewer", "x1")).get(page)).text
    assert "checkbox" not in viewer


async def test_other_pages_answer(work: Work, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "x1")
    for path, status in (
        ("", 303),
        ("/shifts", 200),
        ("/shifts/new", 200),
        ("/shifts/h00607/edit", 200),
        ("/shifts/h00607/delete", 200),
        ("/shifts/export.xlsx", 200),
        ("/shifts/import", 200),
        ("/volunteers", 200),
        ("/volunteers/v00602/edit", 200),
        ("/attendances?shift=h00607", 200),
        ("/attendances/new?shift=h00607", 200),
        ("/attendances/new?shift=h00614", 404),
        ("/attendances/import?shift=h00607", 200),
        ("/attendances/template.xlsx?shift=h00607", 200),
        ("/attendances/export.xlsx", 200),
    ):
        answer = await browser.get(f"{PLUGIN.format(work.campaign.key)}{path}")
        assert answer.status_code == status, (path, answer.text)


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_a_spreadsheet_of_a_shift(work: Work, sign_in: SignIn) -> None:
    await add(work, SHIFTS, shift())
    browser = await sign_in("clerk", "x1")
    path = f"{PLUGIN.format(work.campaign.key)}/attendances/import?shift=h1"
    head = ["志愿者", "签到", "签退", "状态"]

    async def upload(*rows: Sequence[object]) -> str:
        files = {"file": ("名单.xlsx", xlsx(head, *rows), "application/octet-stream")}
        answer = await browser.post(path, files=files)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    good = ["志愿者00602", "2022-5-15 7:50", "2022-5-15 11:00", ""]
    bad = await upload(
        good,
        ["没有的人", "2022-5-15 7:50", "2022-5-15 11:00", "待确认"],
        ["v00603", "2022-5-15 12:00", "2022-5-15 11:00", "来了"],
        ["v00604", "2022-5-15 8:00", "2022-5-15 11:00", "已确认"],
    )
    shown = (await browser.get(bad)).text
    cells = [f"{column}{row}" for row in range(2, 6) for column in "ABCD"]
    wrong = {cell for cell in cells if f'id="cell-{cell}"' in shown}
    assert wrong == {"A3", "C4", "D4", "D5"}
    assert (await browser.post(bad)).status_code == 422
    assert await statuses() == {}
    assert (await browser.post(await upload(good, ["v00603", "", "", "已报名"]))).status_code == 303
    assert sorted((await statuses()).values()) == ["pending", "signed_up"]


async def test_a_thousand_take_as_many_statements_as_one(work: Work, sign_in: SignIn) -> None:
    await add(work, SHIFTS, shift())
    browser = await sign_in("organiser", "x1")
    counts = []
    for amount in (1, 1000):
        people = [
            {"key": f"p{amount}-{n}", "name": f"甲{n}", "organisation": "x1"} for n in range(amount)
        ]
        told: list[str] = []
        async with database.watching(told.append):
            # Two batches of one differ from two of many: a single row tells its own id.
            await put(work, VOLUNTEERS, [*people, {**people[0], "key": f"q{amount}"}])
            given = [attendance(f"t{each['key']}", each["key"]) for each in people]
            await put(work, ATTENDANCES, [*given, attendance(f"u{amount}", f"q{amount}")])
            for path in ("shifts/h1", "shifts", f"volunteers/q{amount}", "attendances"):
                page = f"{PLUGIN.format(work.campaign.key)}/{path}"
                assert (await browser.get(page)).status_code == 200
            await confirming.decide(work, "h1", "confirmed")
        counts.append(len(told))
    assert counts[0] == counts[1]
    assert list((await statuses()).values()) == ["confirmed"] * 1003
