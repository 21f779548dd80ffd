"""Taking one's data along and leaving: what goes at once, and what stays without a name."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from litestar import Litestar

from core import database, moments, passwords, personal, privacy
from core.permissions import SYSTEM, Actor
from core.process import Process
from core.refusals import Conflict, Refusal
from plugins.volunteer.certificates import issuing, register
from plugins.volunteer.hours import objections
from plugins.volunteer.self_service import departure
from plugins.volunteer.signing_up import joining
from plugins.volunteer.signing_up.profiles import Profile
from tests.plugins.volunteer.volunteers import (
    PASSWORD,
    attend,
    browser_of,
    on,
    registered,
    shift,
)

NAME, PHONE = "王小芳", "13800000001"
Somebody = tuple[Actor, Profile]


@pytest.fixture
async def somebody(campaign_2022: str, process: Process) -> Somebody:
    """A volunteer with confirmed hours, a certificate, an objection, a shift to come."""
    assert campaign_2022
    await database.execute("UPDATE campaign SET state = 'open'")
    actor, profile = await registered(NAME, PHONE)
    await database.execute(
        "UPDATE account SET password_hash = :hash WHERE id = :id",
        hash=await passwords.hashed(PASSWORD),
        id=actor.account_id,
    )
    key = await attend(profile, await shift("one", on("2026-03-01")))
    await objections.raise_(actor, key, "我是王小芳，走得更晚")
    await issuing.issue(actor, profile, process.catalogue)
    last = await shift("last", moments.now() + timedelta(days=2), capacity=1)
    await attend(profile, last, status="signed_up")
    other, waits = await registered("李强", "13800000002")
    assert await joining.join(other, waits, "2022-city", "last") == "waiting"
    return actor, profile


async def everything() -> str:
    """The whole database with what is sealed opened."""
    found = []
    for table in (
        "volunteer_profile",
        "volunteer_person",
        "volunteer_objection",
        "volunteer_certificate",
        "volunteer_own_feed",
        "account",
        "audit_entry",
    ):
        for row in await database.fetch(f"SELECT * FROM {table}"):
            found += [
                privacy.unseal(value) if str(value).startswith("v1:") else str(value)
                for value in row.values()
            ]
    return "\n".join(found)


async def test_leaving_erases_who_somebody_is_and_keeps_what_was_served(somebody: Somebody) -> None:
    actor, profile = somebody
    assert NAME in await everything()
    await departure.leave(actor, profile, PASSWORD)
    left = await everything()
    assert NAME not in left
    assert PHONE not in left
    assert privacy.index(NAME, "name") not in left
    assert privacy.index(PHONE, "phone") not in left
    assert profile.number in left
    minutes = await database.fetch_value(
        "SELECT SUM(credited_minutes) FROM volunteer_attendance WHERE status = 'confirmed'"
    )
    assert minutes == 180
    stored = await database.fetch_one("SELECT * FROM account WHERE id = :id", id=actor.account_id)
    assert stored is not None
    assert (bool(stored["active"]), stored["password_hash"]) == (False, "")


async def test_his_certificates_can_still_be_verified_without_his_name(somebody: Somebody) -> None:
    actor, profile = somebody
    before = (await register.of_profile(profile.id))[0]
    await departure.leave(actor, profile, PASSWORD)
    found = await register.of_code(before.code)
    assert found is not None
    assert found.is_valid
    assert found.content is not None
    assert found.content.name == "（姓名已按本人要求删除）"
    assert (found.number, found.minutes) == (before.number, before.minutes)


async def test_his_places_go_to_those_who_wait(somebody: Somebody) -> None:
    actor, profile = somebody
    await departure.leave(actor, profile, PASSWORD)
    people = await database.fetch(
        "SELECT v.profile FROM volunteer_attendance a JOIN volunteer_person v"
        " ON v.id = a.volunteer JOIN volunteer_shift h ON h.id = a.shift WHERE h.key = 'last'"
    )
    assert [row["profile"] != profile.id for row in people] == [True]


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_wrong_password_and_being_checked_in_keep_him(somebody: Somebody) -> None:
    actor, profile = somebody
    with pytest.raises(Refusal, match="密码不对"):
        await departure.leave(actor, profile, "not it at all")
    await attend(profile, await shift("now", moments.now() - timedelta(hours=1)), status="open")
    with pytest.raises(Conflict, match="签退"):
        await departure.leave(actor, profile, PASSWORD)
    assert NAME in await everything()


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_his_session_and_phone_are_free_afterwards(
    somebody: Somebody, running_app: Litestar
) -> None:
    actor, _ = somebody
    browser = await browser_of(running_app, actor)
    answer = await browser.post("/volunteer/me/leave", data={"password": "wrong"})
    assert answer.status_code == 422
    assert "密码不对" in answer.text
    answer = await browser.post("/volunteer/me/leave", data={"password": PASSWORD})
    assert answer.status_code == 200
    assert "已经注销" in answer.text
    assert "退出登录" not in answer.text
    answer = await browser.get("/volunteer/me")
    assert answer.headers["location"].startswith("/sign-in")
    await browser.aclose()
    await registered(NAME, PHONE)


async def test_the_data_are_given_whole(somebody: Somebody, running_app: Litestar) -> None:
    actor, profile = somebody
    browser = await browser_of(running_app, actor)
    answer = await browser.get("/volunteer/me/data.json")
    await browser.aclose()
    assert answer.status_code == 200
    told = json.loads(answer.content)
    assert (told["name"], told["phone"], told["number"]) == (NAME, PHONE, profile.number)
    assert [each["credited_minutes"] for each in told["records"] if each["status"] == "confirmed"]
    assert {each["shift"] for each in told["shifts"]} == {"one", "last"}
    assert told["objections"][0]["text"] == "我是王小芳，走得更晚"
    assert len(told["certificates"]) == 1
    assert told["consent"]["by"] == "self"
    logged = await database.fetch_value(
        "SELECT COUNT(*) FROM audit_entry WHERE action = 'volunteer.profile.exported'"
    )
    assert logged == 1


async def test_an_office_can_give_out_and_erase_by_name(
    somebody: Somebody, process: Process
) -> None:
    _, profile = somebody
    found = await personal.ask(SYSTEM, process.plugins, NAME, personal.EXPORT)
    stated = [each for each in found["volunteer"] if each["record"] == "志愿者登记"]
    assert [(each["key"], each["phone"]) for each in stated] == [(profile.number, PHONE)]
    await personal.ask(SYSTEM, process.plugins, NAME, personal.ERASE)
    left = await everything()
    assert NAME not in left
    assert PHONE not in left
    assert "volunteer" not in await personal.ask(SYSTEM, process.plugins, NAME, personal.EXPORT)
