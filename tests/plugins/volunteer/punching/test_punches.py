"""Punches: what becomes of each, by the API, on both engines."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.kit.records import Work, add, change, put
from core import bundles, campaigns, database, moments
from core.campaigns import Campaign
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer import confirming
from plugins.volunteer.punching import clock, corrections, gathering, punches
from plugins.volunteer.punching.states import Direction
from plugins.volunteer.punching.taken import Result, Sending, Sent
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VOLUNTEERS
from tests.fixtures.application import CAMPAIGN_2022, ActorOf, Bearer

SIGNED_UP = {"status": "signed_up", "checked_in_at": None, "checked_out_at": None}
PATH = "/api/v1/campaigns/2022-city/volunteer/punches"
VOLUNTEER = "v00602"


def at(clock: str, day: str = "15") -> str:
    return f"2022-05-{day}T{clock}:00+08:00"


def shift(key: str, begin: str = "08:00", end: str = "12:00") -> dict[str, Any]:
    return {
        "key": key,
        "title": "引导",
        "organisation": "x1",
        "activity": None,
        "starts_at": at(begin),
        "ends_at": at(end),
        "capacity": 20,
    }


def punch(direction: str, clock: str, shift: str = "h1", **members: Any) -> dict[str, Any]:
    return {
        "nonce": str(uuid4()),
        "shift": shift,
        "volunteer": VOLUNTEER,
        "direction": direction,
        "at": at(clock),
        "device": "入口",
        **members,
    }


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    made = Work(SYSTEM, await campaigns.find(campaign_2022))
    await put(
        made, SHIFTS, [shift("h1"), shift("h2", "11:00", "15:00"), shift("h3", "14:00", "18:00")]
    )
    return made


class Device:
    """A programme that punches as a clerk of the county ``x1``."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        return await self.client.post(PATH, json=body, headers={**self.headers, **headers})

    async def send(self, *sent: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.post({"punches": list(sent)})
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        assert [each["nonce"] for each in results] == [each["nonce"] for each in sent]
        return results

    async def said(self, *sent: dict[str, Any]) -> list[str]:
        return [each["code"] or each["result"] for each in await self.send(*sent)]


@pytest.fixture
async def device(work: Work, client: httpx.AsyncClient, bearer: Bearer) -> Device:
    return Device(client, await bearer("clerk", "x1"))


async def attendances() -> list[dict[str, Any]]:
    return await database.fetch(
        "SELECT a.key, h.key AS shift, a.status, a.credited_minutes AS minutes, a.policy,"
        " a.closed_by_itself, a.checked_out_at FROM volunteer_attendance a"
        " JOIN volunteer_shift h ON h.id = a.shift WHERE h.key IN ('h1', 'h2', 'h3') ORDER BY a.id"
    )


async def conflicts() -> list[str]:
    rows = await database.fetch("SELECT kind FROM volunteer_conflict ORDER BY id")
    return [row["kind"] for row in rows if row["kind"] != "clock"]


async def test_a_pair_makes_an_attendance(device: Device) -> None:
    [came] = await device.send(punch("in", "07:50"))
    assert (came["result"], came["code"]) == ("accepted", None)
    [went] = await device.send(punch("out", "11:00"))
    assert went["attendance"] == came["attendance"]
    [stored] = await attendances()
    assert stored["key"] == came["attendance"]
    assert (stored["status"], stored["minutes"], stored["policy"]) == ("pending", 180, "bundle-1")
    listed = await device.client.get(
        "/api/v1/campaigns/2022-city/volunteer/attendances?shift=h1", headers=device.headers
    )
    [item] = listed.json()["items"]
    assert item == {
        "key": came["attendance"],
        "shift": "h1",
        "volunteer": VOLUNTEER,
        "checked_in_at": at("07:50"),
        "checked_out_at": at("11:00"),
        "status": "pending",
    }


async def test_refusals_have_codes_and_block_nothing(device: Device, work: Work) -> None:
    await add(work, SHIFTS, shift("h4"))
    await database.execute(
        "UPDATE volunteer_shift SET cancelled_at = :now WHERE key = 'h4'",
        now=datetime.fromisoformat(at("07:00")),
    )
    said = await device.said(
        punch("in", "08:00"),
        punch("in", "08:05"),
        punch("in", "11:10", "h2"),
        punch("in", "08:00", volunteer="nobody"),
        punch("in", "08:00", volunteer="扫到的别的东西" * 20),
        punch("in", "08:00", "nowhere"),
        punch("in", "05:59", "h3"),
        punch("in", "08:00", "h4"),
        punch("out", "12:00"),
        punch("out", "12:01"),
    )
    assert said == [
        "accepted",
        "already_in",
        "overlap",
        "unknown_volunteer",
        "unknown_volunteer",
        "unknown_shift",
        "outside_window",
        "cancelled",
        "accepted",
        "not_in",
    ]
    assert await conflicts() == ["two_places"]
    assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_punch") == 10


async def test_an_activity_that_was_called_off_takes_nobody(device: Device, work: Work) -> None:
    await change(work, SHIFTS, "h1", {"activity": "v00"})
    assert await device.said(punch("in", "08:00")) == ["accepted"]
    await database.execute("UPDATE activity SET state = 'cancelled' WHERE key = 'v00'")
    assert await device.said(punch("out", "09:00")) == ["cancelled"]


async def test_a_repeat_gets_its_first_result(device: Device) -> None:
    came, refused = punch("in", "08:00"), punch("out", "12:00", "h2")
    first = await device.send(came, refused, came)
    assert [each["result"] for each in first] == ["accepted", "refused", "repeat"]
    again = await device.send(refused, {**came, "direction": "out", "nonce": came["nonce"]})
    assert again == [first[1], first[2]]
    assert again[1]["attendance"] == first[0]["attendance"]
    assert len(await attendances()) == 1
    shouted = await device.send({**came, "nonce": came["nonce"].upper()})
    assert shouted[0]["result"] == "repeat"


async def test_a_batch_is_judged_by_time_and_answered_in_order(device: Device) -> None:
    sent = [
        punch("out", "14:30", "h2"),
        punch("out", "11:00"),
        punch("in", "11:00", "h2"),
        punch("in", "07:55"),
    ]
    assert await device.said(*sent) == ["accepted"] * 4
    assert [(each["shift"], each["minutes"]) for each in await attendances()] == [
        ("h1", 180),
        ("h2", 210),
    ]


async def test_whoever_signed_up_keeps_his_attendance(device: Device, work: Work) -> None:
    await add(work, ATTENDANCES, {"key": "down", "volunteer": VOLUNTEER, "shift": "h1"} | SIGNED_UP)
    [came] = await device.send(punch("in", "08:00"))
    assert came["attendance"] == "down"
    assert [each["status"] for each in await attendances()] == ["open"]


async def test_a_going_that_arrived_before_its_coming_is_looked_at(device: Device) -> None:
    assert await device.said(punch("out", "11:00")) == ["not_in"]
    assert await device.said(punch("in", "08:00")) == ["accepted"]
    assert await conflicts() == ["out_before_in"]
    assert await device.said(punch("out", "07:00")) == ["not_in"]
    assert await conflicts() == ["out_before_in", "out_before_in"]
    others = await database.fetch(
        "SELECT p.direction FROM volunteer_conflict c JOIN volunteer_punch p ON p.id = c.other"
        " WHERE c.kind = 'out_before_in' ORDER BY c.id"
    )
    assert [each["direction"] for each in others] == ["out", "in"]


async def test_a_clock_that_is_off_is_looked_at_once(device: Device) -> None:
    await device.send(punch("in", "08:00"), punch("out", "09:00"))
    kinds = "SELECT kind FROM volunteer_conflict"
    assert [row["kind"] for row in await database.fetch(kinds)] == ["clock"]
    now = moments.now()
    body = {"punches": [punch("in", "10:00")]}
    answer = await device.post(body, **{"x-device-time": now.isoformat()})
    assert answer.json()["results"][0]["result"] == "accepted"
    body = {"punches": [punch("out", "10:30")]}
    ahead = now + timedelta(minutes=6)
    await device.post(body, **{"x-device-time": ahead.isoformat()})
    assert [row["kind"] for row in await database.fetch(kinds)] == ["clock", "clock"]
    assert (await device.post(body, **{"x-device-time": "noon"})).status_code == 422


async def test_another_offices_shift_does_not_exist(
    device: Device, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    elsewhere = Device(client, await bearer("clerk", "x2"))
    sent = punch("in", "08:00")
    assert await elsewhere.said(sent, punch("in", "08:00", "none")) == ["unknown_shift"] * 2
    assert await device.said(punch("in", "08:00")) == ["accepted"]
    viewer = Device(client, await bearer("viewer", "x1"))
    assert (await viewer.post({"punches": [sent]})).status_code == 403


async def test_a_volunteer_of_elsewhere_has_to_be_down_for_the_shift(
    device: Device, work: Work
) -> None:
    await add(work, VOLUNTEERS, {"key": "guest", "name": "客人", "organisation": "x2"})
    guest = punch("in", "08:00", volunteer="guest")
    assert await device.said(guest) == ["unknown_volunteer"]
    await add(work, ATTENDANCES, {"key": "g", "volunteer": "guest", "shift": "h1"} | SIGNED_UP)
    assert await device.said({**guest, "nonce": str(uuid4())}) == ["accepted"]


async def test_every_fault_of_a_body_has_its_pointer(device: Device) -> None:
    good = punch("in", "08:00")
    bad = [
        {**good, "nonce": "1"},
        {**good, "direction": "up", "at": "2026-05-17T08:00:00"},
        {**good, "at": "0001-01-01T00:00:00+08:00"},
        {name: value for name, value in good.items() if name != "shift"},
        {**good, "more": 1, "volunteer": ""},
    ]
    answer = await device.post({"punches": [good, *bad]})
    assert answer.status_code == 422
    faults = {(each["pointer"], each["code"]) for each in answer.json()["errors"]}
    assert faults == {
        ("/punches/1/nonce", "value"),
        ("/punches/2/direction", "value"),
        ("/punches/2/at", "value"),
        ("/punches/4/shift", "missing"),
        ("/punches/5/more", "unknown_key"),
        ("/punches/5/volunteer", "value"),
    }
    answer = await device.post({"punches": [{**good, "at": "0001-01-01T00:00:00+08:00"}]})
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/punches/0/at"]
    answer = await device.post({"punches": [{**good, "nonce": f"{good['nonce']}\n"}]})
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/punches/0/nonce"]
    for count in (0, 501):
        answer = await device.post({"punches": [good] * count})
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/punches"]
    assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_punch") == 0


async def test_a_campaign_that_is_over_takes_none(device: Device) -> None:
    await database.execute("UPDATE campaign SET state = 'closed'")
    answer = await device.post({"punches": [punch("in", "08:00")]})
    assert (answer.status_code, answer.json()["code"]) == (409, "campaign_state")
    assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_punch") == 0


@pytest.fixture
async def other(work: Work, process: Process) -> Work:
    """Another campaign, in which ``same`` is the person that VOLUNTEER is here."""
    bundle = json.loads(CAMPAIGN_2022.read_bytes())
    bundle["campaign"]["key"] = "other"
    bundle |= {"activities": [], "reported": [], "plugins": {"volunteer": {}}}
    await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)
    made = Work(SYSTEM, await campaigns.find("other"))
    await add(made, VOLUNTEERS, {"key": "same", "name": "某人", "organisation": "x1"})
    await put(made, SHIFTS, [shift("h1", "10:00", "13:00")])
    await same_person(VOLUNTEER, "same")
    return made


async def test_one_person_in_two_campaigns(device: Device, other: Work) -> None:
    assert await device.said(punch("in", "08:00")) == ["accepted"]
    path = PATH.replace("2022-city", other.campaign.key)
    body = {"punches": [punch("in", "10:30", volunteer="same")]}
    answer = await device.client.post(path, json=body, headers=device.headers)
    assert answer.json()["results"][0]["code"] == "overlap"


async def test_one_person_in_two_campaigns_at_once(work: Work, other: Work) -> None:
    for minute in range(30, 40, 2):
        came, went = (datetime.fromisoformat(at(f"10:{each}")) for each in (minute, minute + 1))
        for moment, direction, wanted in ((came, "in", 1), (went, "out", 1)):
            results = await asyncio.gather(
                *(
                    punches.take(
                        each.campaign,
                        [Sent(str(uuid4()), "h1", volunteer, direction, moment)],  # type: ignore[arg-type]
                        actor=SYSTEM,
                        source="programme",
                    )
                    for each, volunteer in ((work, VOLUNTEER), (other, "same"))
                )
            )
            assert sum(each.result == "accepted" for [each] in results) == wanted


async def same_person(*keys: str) -> None:
    profile = await database.fetch_value(
        "INSERT INTO volunteer_profile (number, organisation, name_sealed, name_index,"
        " phone_sealed, phone_index, born_sealed, guardian_sealed, skills, consent, created_at)"
        " SELECT 'Z1', id, '', '', '', '', '', '', '[]', '{}', :now FROM organisation"
        " WHERE key = 'x1' RETURNING id",
        now=moments.now(),
    )
    await database.execute(
        "UPDATE volunteer_person SET profile = :profile WHERE key IN (:keys)",
        profile=profile,
        keys=keys,
    )


async def test_as_many_statements_for_many_as_for_two(device: Device, work: Work) -> None:
    known = await database.fetch(
        "SELECT v.key FROM volunteer_person v JOIN organisation o ON o.id = v.organisation"
        " WHERE o.key = 'x1'"
    )
    people = [row["key"] for row in known]
    assert len(people) > 20
    await device.said(punch("in", "08:00", "none"))  # the token was used today
    counts = []
    for shift_key, some in (("h1", people[:2]), ("h3", people)):
        hour = {"h1": "08", "h3": "14"}[shift_key]
        statements: list[str] = []
        sent = [punch("in", f"{hour}:00", shift_key, volunteer=each) for each in some]
        sent += [punch("out", f"{hour}:30", shift_key, volunteer=each) for each in some]
        async with database.watching(statements.append):
            assert await device.said(*sent, *sent[:1]) == ["accepted"] * len(sent) + ["repeat"]
        counts.append(len(statements))
    assert counts[0] == counts[1]


def today(key: str, begins: int, ends: int) -> dict[str, Any]:
    """A shift by hours from now."""
    start, end = moments.now() + timedelta(hours=begins), moments.now() + timedelta(hours=ends)
    return shift(key) | {"starts_at": start.isoformat(), "ends_at": end.isoformat()}


async def test_forgotten_goings_close_at_the_shifts_end(device: Device, work: Work) -> None:
    made = today("h1", -2, -1)
    await put(work, SHIFTS, [made, today("h2", 1, 2)])
    came, ends = datetime.fromisoformat(made["starts_at"]), datetime.fromisoformat(made["ends_at"])
    now = moments.now().isoformat()
    sent = punch("in", "") | {"at": made["starts_at"]}
    await device.send(sent, punch("in", "", "h2", volunteer="v00603") | {"at": now})
    later = moments.now() + timedelta(hours=6)
    assert await clock.close_forgotten(ends + timedelta(hours=6), work.campaign) == 0
    assert await clock.close_forgotten(later - timedelta(minutes=1)) == 0  # it has only just come
    assert await clock.close_forgotten(later, work.campaign) == 1
    assert await clock.close_forgotten(later) == 0
    first, second = await attendances()
    assert (first["status"], first["minutes"], first["policy"]) == ("pending", 60, "bundle-1")
    assert (bool(first["closed_by_itself"]), first["checked_out_at"]) == (True, ends)
    assert second["status"] == "open"
    [taken] = await database.fetch("SELECT * FROM volunteer_punch WHERE source = 'clock'")
    assert (taken["direction"], taken["at"], taken["attendance_key"]) == ("out", ends, first["key"])
    # Whoever did check him out was offline: his time goes before an assumed one.
    out = punch("out", "") | {"at": (came + timedelta(minutes=40)).isoformat()}
    assert await device.said(out) == ["accepted"]
    first = (await attendances())[0]
    assert (first["minutes"], bool(first["closed_by_itself"])) == (40, False)


async def test_punches_close_what_was_forgotten_before(device: Device, work: Work) -> None:
    came = {"status": "open", "checked_in_at": at("08:00")}
    row = {"key": "t1", "volunteer": "v00603", "shift": "h1"} | SIGNED_UP | came
    await add(work, ATTENDANCES, row)
    await device.said(punch("in", "08:00", "h3"))
    assert [each["status"] for each in await attendances()] == ["pending"]
    await add(work, ATTENDANCES, row | {"key": "t2", "volunteer": "v00604"})
    await device.said(punch("in", "08:00", "h3"))  # within the minute nobody looks again
    assert [each["status"] for each in await attendances()] == ["pending", "open"]


async def test_an_assumed_end_that_clashes_is_looked_at(work: Work) -> None:
    await put(work, SHIFTS, [today("h1", -9, -7), today("h2", -9, -7)])
    rows = [
        {"key": key, "volunteer": VOLUNTEER, "shift": shift_key} | SIGNED_UP | {"status": "open"}
        for key, shift_key in (("t1", "h1"), ("t2", "h2"))
    ]
    for row in rows:
        came = moments.now() - timedelta(hours=8)
        await add(work, ATTENDANCES, row | {"checked_in_at": came.isoformat()})
    assert await clock.close_forgotten(moments.now()) == 2
    assert await conflicts() == ["two_places"]


async def test_a_correction_is_a_new_punch(device: Device, work: Work, actor_of: ActorOf) -> None:
    clerk = await actor_of("clerk", "x1")
    [came, _] = await device.send(punch("in", "08:00"), punch("out", "10:00"))
    key, eleven = came["attendance"], datetime.fromisoformat(at("11:00"))
    meant: dict[str, Any] = {"direction": "out", "at": eleven, "reason": "漏扫，按签到表"}
    await corrections.correct(work.campaign, clerk, key, **meant)
    [stored] = await attendances()
    assert (stored["minutes"], stored["status"]) == (180, "pending")
    [_, went, corrected] = await database.fetch("SELECT * FROM volunteer_punch ORDER BY id")
    assert (corrected["source"], corrected["corrects"]) == ("correction", went["id"])
    assert (corrected["actor"], corrected["reason"]) == (clerk.name, "漏扫，按签到表")
    await confirming.decide(work, "h1", "confirmed")
    meant["at"] = datetime.fromisoformat(at("11:30"))
    with pytest.raises(Conflict):
        await corrections.correct(work.campaign, clerk, key, **meant)
    reviewer = await actor_of("reviewer", "x1")
    await corrections.correct(work.campaign, reviewer, key, **meant)
    [stored] = await database.fetch("SELECT * FROM volunteer_attendance WHERE key = :k", k=key)
    assert (stored["status"], stored["credited_minutes"], stored["decided_by"]) == (
        "pending",
        210,
        None,
    )
    stranger = await actor_of("clerk", "x2")
    with pytest.raises(Missing):
        await corrections.correct(work.campaign, stranger, key, **meant)


async def test_corrections_that_are_none(device: Device, work: Work) -> None:
    [came, _] = await device.send(punch("in", "08:00"), punch("out", "10:00"))
    for members, member in (
        ({"at": at("07:59")}, "at"),
        ({"at": at("10:00")}, "at"),
        ({"at": at("18:01")}, "at"),
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 501}, "reason"),
    ):
        meant: dict[str, Any] = {"direction": "out", "at": at("11:00"), "reason": "漏扫"} | members
        meant["at"] = datetime.fromisoformat(meant["at"])
        with pytest.raises(Refusal) as refused:
            await corrections.correct(work.campaign, SYSTEM, came["attendance"], **meant)
        assert [fault.member for fault in refused.value.faults] == [member]


async def test_together_is_as_one_after_the_other(work: Work) -> None:
    """Requests that share a commit; one of them about a campaign that is over by then."""

    async def one(direction: Direction, clock: str) -> list[Result]:
        moment = datetime.fromisoformat(at(clock))
        sent = Sent(str(uuid4()), "h1", VOLUNTEER, direction, moment)
        return await punches.take(work.campaign, [sent], actor=SYSTEM, source="steward")

    clocks: list[tuple[Direction, str]] = [("in", "08:00"), ("in", "08:00"), ("out", "09:00")]
    results = await asyncio.gather(*(one(*each) for each in clocks))
    assert [each.code or each.result for [each] in results] == [
        "accepted",
        "already_in",
        "accepted",
    ]


async def test_a_request_that_fails_takes_no_other_along(work: Work) -> None:
    async def failing(_: Campaign, join: gathering.Join) -> list[list[Result]]:
        sendings = join()
        if any(sending.sent[0].nonce == "bad" for sending in sendings):
            raise RuntimeError("disk full")
        return [[Result(sending.sent[0].nonce, "accepted")] for sending in sendings]

    async def one(nonce: str) -> list[Result]:
        sent = Sent(nonce, "h1", VOLUNTEER, "in", moments.now())
        sending = Sending([sent], SYSTEM, "programme")
        return await gathering.results(work.campaign, sending, failing)

    asked = [one(nonce) for nonce in ("a", "b", "bad", "c")]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in found] == [list, list, RuntimeError, list]
    assert isinstance(await one("d"), list)


async def test_who_arrives_while_others_hold_the_campaign_goes_along(work: Work) -> None:
    """And is there still when the work is begun anew, or fails before it asked who waits."""
    batches: list[list[str]] = []
    held = asyncio.Event()

    async def waiting(_: Campaign, join: gathering.Join) -> list[list[Result]]:
        await held.wait()
        if not batches:
            batches.append([])
            raise RuntimeError("the campaign is closed")
        batches.append([sending.sent[0].nonce for sending in join()])
        assert batches[-1] == [sending.sent[0].nonce for sending in join()]
        return [[Result(nonce, "accepted")] for nonce in batches[-1]]

    async def one(nonce: str) -> list[Result]:
        sent = Sent(nonce, "h1", VOLUNTEER, "in", moments.now())
        sending = Sending([sent], SYSTEM, "programme")
        return await gathering.results(work.campaign, sending, waiting)

    first = asyncio.create_task(one("a"))
    await asyncio.sleep(0)
    later = [asyncio.create_task(one(nonce)) for nonce in ("b", "c")]
    await asyncio.sleep(0)
    held.set()
    found = await asyncio.gather(first, *later)
    assert [[each.nonce for each in results] for results in found] == [["a"], ["b"], ["c"]]
    assert batches == [[], ["a"], ["b"], ["c"]]
    again = await asyncio.gather(one("d"), one("e"))
    assert [[each.nonce for each in results] for results in again] == [["d"], ["e"]]
    assert batches[4:] == [["d", "e"]]
