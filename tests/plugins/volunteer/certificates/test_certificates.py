"""Certificates: what they state, that they fall with their records, and what is shown of them."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from core import campaigns, database, privacy
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer.certificates import content, issuers, issuing, register
from plugins.volunteer.certificates.register import Certificate
from plugins.volunteer.signing_up.profiles import Profile
from tests.fixtures.application import ActorOf
from tests.plugins.volunteer.volunteers import attend, on, registered, shift


async def issue(profile: Profile, process: Process, **period: date) -> Certificate:
    return await issuing.issue(SYSTEM, profile, process.catalogue, **period)


@pytest.fixture
async def somebody(campaign_2022: str) -> Profile:
    """A volunteer of 甲旗 with 3 and 2.5 confirmed hours there and an hour that waits."""
    assert campaign_2022
    _, profile = await registered()
    await attend(profile, await shift("one", on("2026-03-01")))
    await attend(profile, await shift("two", on("2026-05-17"), hours=2.5, title="手语"))
    await attend(profile, await shift("waits", on("2026-05-18"), hours=1), status="pending")
    return profile


async def test_it_states_what_is_confirmed_and_who_recorded_it(
    somebody: Profile, process: Process
) -> None:
    made = await issue(somebody, process)
    said = made.content
    assert said is not None
    assert (made.minutes, said.minutes, said.first, said.last) == (
        330,
        330,
        "2026-03-01",
        "2026-05-17",
    )
    assert (said.name, said.volunteer, said.issuer) == ("王小芳", somebody.number, "甲旗残联")
    assert [(line.activity, line.tasks, line.times, line.minutes) for line in said.lines] == [
        ("第32次全国助残日", ("引导", "手语"), 2, 330)
    ]
    assert made.number == f"同行-{said.issued_on[:4]}-{made.id:06d}"
    stored = await database.fetch_one("SELECT * FROM volunteer_certificate")
    assert stored is not None
    text = privacy.unseal(stored["content_sealed"])
    assert content.digest(text) == stored["sha256"]
    assert content.read(text) == said
    assert "王小芳" not in stored["content_sealed"]
    logged = await database.fetch_value(
        "SELECT after FROM audit_entry WHERE action = 'volunteer.certificate.issued'"
    )
    assert "王" not in logged


async def test_the_same_is_not_issued_twice_and_a_period_is_another(
    somebody: Profile, process: Process
) -> None:
    first = await issue(somebody, process)
    assert (await issue(somebody, process)).number == first.number
    part = await issue(somebody, process, since=date(2026, 3, 1), until=date(2026, 3, 1))
    assert (part.minutes, part.number != first.number) == (180, True)
    with pytest.raises(Refusal, match="没有已确认的服务时长"):
        await issue(somebody, process, since=date(2026, 5, 18))
    with pytest.raises(Refusal, match="早于开始"):
        await issue(somebody, process, since=date(2026, 5, 18), until=date(2026, 5, 1))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE volunteer_attendance SET status = 'rejected' WHERE status = 'confirmed'",
        "UPDATE volunteer_attendance SET credited_minutes = 149 WHERE credited_minutes = 150",
        "DELETE FROM volunteer_attendance WHERE credited_minutes = 180",
    ],
)
async def test_it_falls_with_its_records_and_stays_down(
    somebody: Profile, process: Process, change: str
) -> None:
    made = await issue(somebody, process)
    await database.execute(change)
    found = await register.of_code(made.code)
    assert found is not None
    assert (found.is_valid, found.why_not) == (False, register.RECORDS_CHANGED)
    done = await database.fetch(
        "SELECT actor, thing_key FROM audit_entry WHERE action = 'volunteer.certificate.withdrawn'"
    )
    assert done == [{"actor": "system", "thing_key": made.number}]
    await database.execute("UPDATE volunteer_attendance SET status = 'confirmed'")
    again = await register.of_code(made.code)
    assert again is not None
    assert not again.is_valid


async def test_other_records_leave_it_alone(somebody: Profile, process: Process) -> None:
    made = await issue(somebody, process)
    await attend(somebody, await shift("later", on("2026-06-01")))
    await database.execute("UPDATE volunteer_shift SET title = '引路' WHERE key = 'one'")
    found = await register.of_profile(somebody.id)
    assert [(each.number, each.is_valid) for each in found] == [(made.number, True)]
    more = await issue(somebody, process)
    assert more.minutes == 510


async def test_a_stored_text_that_was_changed_verifies_nothing(
    somebody: Profile, process: Process
) -> None:
    made = await issue(somebody, process)
    assert made.content is not None
    forged = made.content.text().replace('"minutes":330', '"minutes":33000')
    await database.execute(
        "UPDATE volunteer_certificate SET content_sealed = :text", text=privacy.seal(forged)
    )
    found = await register.of_code(made.code)
    assert found is not None
    assert (found.is_valid, found.content, found.why_not) == (False, None, register.TAMPERED)


async def test_the_lowest_office_above_all_issues_or_who_answers_above_it(
    somebody: Profile, process: Process, actor_of: ActorOf
) -> None:
    organiser = await actor_of("organiser", "city")
    campaign = await campaigns.find("2022-city")
    assert (await issue(somebody, process)).office == "甲旗残联"
    city = await issuers.find(organiser, campaign, "city")
    await issuers.tell(
        organiser, city, {"responsible": "赵主任", "handler": "钱干事", "contact": "0470-1"}
    )
    above = (await issue(somebody, process)).content
    assert above is not None
    assert (above.issuer, above.responsible, above.handler) == ("某市残联", "赵主任", "钱干事")
    own = await issuers.find(organiser, campaign, "x1")
    told = {"responsible": "孙主任", "handler": "李干事", "contact": "0470-2"}
    await issuers.tell(organiser, own, told)
    assert (await issue(somebody, process)).office == "甲旗残联"
    await attend(somebody, await shift("elsewhere", on("2026-06-01"), office="x2"))
    assert (await issue(somebody, process)).office == "某市残联"


async def test_only_organisers_say_who_answers(campaign_2022: str, actor_of: ActorOf) -> None:
    campaign = await campaigns.find(campaign_2022)
    for role, office in (("clerk", "x1"), ("organiser", "x2")):
        with pytest.raises(Missing):
            await issuers.find(await actor_of(role, office), campaign, "x1")
    organiser = await actor_of("organiser", "x1")
    own = await issuers.find(organiser, campaign, "x1")
    with pytest.raises(Refusal) as refused:
        await issuers.tell(organiser, own, {"responsible": " ", "handler": "钱" * 61})
    assert [fault.member for fault in refused.value.faults] == ["responsible", "handler", "contact"]
    assert await issuers.listed(organiser, campaign) == []


async def test_an_office_withdraws_its_own_with_a_reason(
    somebody: Profile, process: Process, actor_of: ActorOf
) -> None:
    made = await issue(somebody, process)
    stranger, own = await actor_of("organiser", "x2"), await actor_of("organiser", "x1")
    with pytest.raises(Missing):
        await register.withdraw(stranger, made.number, "登记有误")
    with pytest.raises(Refusal, match="原因"):
        await register.withdraw(own, made.number, " ")
    await register.withdraw(own, made.number, "登记有误")
    found = await register.of_code(made.code)
    assert found is not None
    assert found.why_not == "登记有误"
    with pytest.raises(Conflict):
        await register.withdraw(own, made.number, "再来一次")


async def test_many_at_once_have_numbers_of_their_own(campaign_2022: str, process: Process) -> None:
    assert campaign_2022
    people = [(await registered(f"志愿者{n}", f"1380000001{n}"))[1] for n in range(5)]
    number = await shift("all", on("2026-03-01"))
    for each in people:
        await attend(each, number)
    made = await asyncio.gather(*(issue(each, process) for each in people))
    assert len({each.number for each in made}) == len({each.code for each in made}) == 5


async def test_codes_are_read_however_they_are_typed(somebody: Profile, process: Process) -> None:
    made = await issue(somebody, process)
    typed = f" {made.code[:4].lower()}－{made.code[4:8]} {made.code[8:]}"
    found = await register.of_code(typed)
    assert found is not None
    assert found.number == made.number
    assert await register.of_code("000000000000") is None
    assert await register.of_code("不是核验码") is None
