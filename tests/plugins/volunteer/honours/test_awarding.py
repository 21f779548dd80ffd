"""From a list over a 公示 to a star, and off the list again."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from api.kit.records import Work
from core import campaigns, database
from core.moments import today
from core.permissions import SYSTEM
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer import stars
from plugins.volunteer.honours import awarding, noticed
from plugins.volunteer.honours.awards import Award, fallen, listed
from plugins.volunteer.honours.candidates import candidates
from plugins.volunteer.honours.schemes import SCHEMES, of_campaign
from plugins.volunteer.honours.shown import shown
from tests.fixtures.application import ActorOf
from tests.plugins.volunteer.honours.conftest import Credit

LAST = date(2022, 12, 31)
ALL = ("proposed", "announced", "final", "withdrawn")


async def states(work: Work) -> dict[str, tuple[int, str]]:
    return {each.key: (each.stars, each.state) for each in await listed(work.campaign.id, ALL)}


async def one(work: Work, key: str) -> Award:
    return next(each for each in await listed(work.campaign.id, ALL) if each.key == key)


async def end_notice(days_ago: int = 1) -> None:
    await database.execute(
        "UPDATE volunteer_star_award SET until = :until WHERE state = 'announced'",
        until=today() - timedelta(days=days_ago),
    )


async def actions() -> list[str]:
    rows = await database.fetch("SELECT action FROM audit_entry ORDER BY id")
    return [row["action"] for row in rows if row["action"].startswith("volunteer.stars")]


async def test_a_star_goes_all_its_way(work: Work, credit: Credit, typed_end: date | None) -> None:
    await credit("v00602", 50)
    await credit("v00603", 150)
    assert await awarding.propose(work, LAST) == 2
    assert await states(work) == {"v00602": (1, "proposed"), "v00603": (3, "proposed")}
    assert await awarding.propose(work, LAST) == 0
    outcome = await awarding.announce(work, 5, typed_end)
    assert (outcome.done, outcome.fallen) == (2, 0)
    award = await one(work, "v00602")
    assert (award.announced_on, award.until) == (today(), outcome.until)
    assert (await awarding.finalise(work)).waiting == 2
    await end_notice(days_ago=0)
    assert (await awarding.finalise(work)).done == 0
    await end_notice()
    assert (await awarding.finalise(work)).done == 2
    award = await one(work, "v00602")
    assert (award.state, award.decided_by, award.minutes) == ("final", "system", 3000)
    assert award.decided_at is not None
    assert (award.scheme.name, award.day) == ("street-annual", LAST)
    assert await actions() == [
        "volunteer.stars.proposed",
        "volunteer.stars.announced",
        "volunteer.stars.final",
    ]


async def test_only_the_chosen_and_only_who_has_reached_one(work: Work, credit: Credit) -> None:
    await credit("v00602", 50)
    await credit("v00603", 50)
    await credit("v00604", 49.9)
    assert await awarding.propose(work, LAST, ["v00603", "v00604", "nobody"]) == 1
    assert await states(work) == {"v00603": (1, "proposed")}
    with pytest.raises(Refusal, match="不能晚于今天"):
        await awarding.propose(work, today() + timedelta(days=1))


async def test_an_objection_takes_somebody_off_and_he_may_come_back(
    work: Work, credit: Credit, typed_end: date | None
) -> None:
    await credit("v00602", 50)
    await awarding.propose(work, LAST)
    await awarding.announce(work, 5, typed_end)
    award = await one(work, "v00602")
    await awarding.withdraw(work, award.id, "有人反映没有到场")
    await end_notice()
    assert (await awarding.finalise(work)).done == 0
    gone = await one(work, "v00602")
    assert (gone.state, gone.reason) == ("withdrawn", "有人反映没有到场")
    with pytest.raises(Missing):
        await awarding.withdraw(work, award.id, "再来一次")
    assert await awarding.propose(work, LAST) == 0  # not unawares
    assert await awarding.propose(work, LAST, ["v00602"]) == 1
    told = json.loads(
        await database.fetch_value(
            "SELECT after FROM audit_entry WHERE action = 'volunteer.stars.withdrawn'"
        )
    )
    assert told == {"reason": "有人反映没有到场", "stars": {"v00602": 1}}


async def test_whose_hours_are_gone_goes_no_further(
    work: Work, credit: Credit, typed_end: date | None
) -> None:
    await credit("v00602", 50)
    await credit("v00603", 50)
    await credit("v00604", 50)
    await awarding.propose(work, LAST)
    await credit("v00602", 20)
    outcome = await awarding.announce(work, 5, typed_end)
    assert (outcome.done, outcome.fallen) == (2, 1)
    await end_notice()
    await credit("v00603", 20)
    outcome = await awarding.finalise(work)
    assert (outcome.done, outcome.fallen) == (1, 1)
    await credit("v00604", 20)
    found = await fallen(work.campaign.id, await listed(work.campaign.id, ALL))
    assert {each.award.key for each in found} == {"v00602", "v00603", "v00604"}
    scope = await campaigns.scope(work.campaign)
    said = [each for each in await noticed.findings(scope) if each.code == "star_below_hours"]
    assert len(said) == 3
    assert "一星）的星级已认定，现在记录的时长是20小时，不够这一级" in "".join(
        e.message for e in said
    )
    assert "志愿者00604" not in "".join(each.message for each in said)
    other = await campaigns.scope(work.campaign, "x2")
    assert await noticed.findings(other) == []


async def test_nobody_makes_his_own_star_final(
    work: Work, credit: Credit, typed_end: date | None, actor_of: ActorOf
) -> None:
    await credit("v00602", 50)
    await awarding.propose(work, LAST)
    await awarding.announce(work, 5, typed_end)
    await end_notice()
    reviewer = await actor_of("reviewer", "city")
    profile = await database.fetch_value(
        "INSERT INTO volunteer_profile (number, account, organisation, name_sealed, name_index,"
        " phone_sealed, phone_index, born_sealed, guardian_sealed, skills, consent, created_at)"
        " SELECT 'Z1', CAST(:account AS BIGINT), organisation, name_sealed, name_index, '', 'x',"
        " '', '', '[]', '{}', :at FROM volunteer_person WHERE key = 'v00602' RETURNING id",
        account=reviewer.account_id,
        at=work.campaign.modified_at,
    )
    await database.execute(
        "UPDATE volunteer_person SET profile = :profile WHERE key = 'v00602'", profile=profile
    )
    own = await awarding.finalise(Work(reviewer, work.campaign))
    assert (own.done, own.own) == (0, 1)
    other = await awarding.finalise(Work(await actor_of("organiser", "city"), work.campaign))
    assert (other.done, other.own) == (1, 0)


@pytest.mark.parametrize(
    ("role", "office", "proposes", "decides"),
    [
        ("clerk", "city", True, False),
        ("organiser", "city", True, True),
        ("reviewer", "city", False, True),
        ("organiser", "x1", False, False),
        ("viewer", "city", False, False),
    ],
)
async def test_the_campaigns_own_office_gives_stars(
    *,
    work: Work,
    actor_of: ActorOf,
    typed_end: date | None,
    role: str,
    office: str,
    proposes: bool,
    decides: bool,
) -> None:
    own = Work(await actor_of(role, office), work.campaign)
    for allowed, act in (
        (proposes, awarding.propose(own, LAST)),
        (proposes, awarding.announce(own, 5, typed_end)),
        (decides, awarding.finalise(own)),
    ):
        if allowed:
            await act
        else:
            with pytest.raises(Missing, match="星级由主办这次活动的机构认定"):
                await act


async def test_a_clerk_withdraws_what_is_announced_and_not_what_is_final(
    work: Work, credit: Credit, typed_end: date | None, actor_of: ActorOf
) -> None:
    await credit("v00602", 50)
    await awarding.propose(work, LAST)
    await awarding.announce(work, 5, typed_end)
    await end_notice()
    await awarding.finalise(work)
    clerk = Work(await actor_of("clerk", "city"), work.campaign)
    number = (await one(work, "v00602")).id
    with pytest.raises(Conflict, match="审核人或组织者"):
        await awarding.withdraw(clerk, number, "查实")
    organiser = Work(await actor_of("organiser", "city"), work.campaign)
    assert (await awarding.withdraw(organiser, number, "查实")).key == "v00602"


async def test_a_scheme_by_application_takes_who_asks(work: Work, credit: Credit) -> None:
    await stars.choose(work, "national-cumulative")
    await credit("v00602", 100)
    await credit("v00603", 300)
    with pytest.raises(Refusal, match="本人申请"):
        await awarding.propose(work, today())
    ids = {
        row["key"]: row["id"]
        for row in await database.fetch("SELECT id, key FROM volunteer_person")
    }
    assert await awarding.apply(work, ids["v00603"]) is True
    assert await awarding.apply(work, ids["v00603"]) is False
    assert await awarding.apply(work, ids["v00604"]) is False
    assert await awarding.propose(work, today(), ["v00602"]) == 1
    assert await states(work) == {"v00602": (1, "proposed"), "v00603": (2, "proposed")}
    assert (await one(work, "v00603")).reason == "本人申请"


async def test_a_closed_campaign_gives_no_stars(work: Work, credit: Credit) -> None:
    await credit("v00602", 50)
    await database.execute("UPDATE campaign SET state = 'closed'")
    with pytest.raises(Conflict, match="活动已结束"):
        await awarding.propose(work, LAST)
    assert await states(work) == {}


@pytest.mark.parametrize(
    ("begins", "days", "until", "ends"),
    [
        ("2026-05-17", 5, None, "2026-05-22"),
        ("2026-02-12", 7, None, "2026-02-28"),
        ("2026-05-17", 5, "2026-05-22", "2026-05-22"),
        ("2026-12-24", 5, "2027-01-04", "2027-01-04"),
    ],
)
def test_where_a_notice_ends(begins: str, days: int, until: str | None, ends: str) -> None:
    typed = date.fromisoformat(until) if until else None
    assert awarding.period_end(date.fromisoformat(begins), days, typed).isoformat() == ends


@pytest.mark.parametrize(
    ("begins", "days", "until", "said"),
    [
        ("2026-05-17", 2, None, "公示3到20个工作日"),
        ("2026-05-17", 21, None, "公示3到20个工作日"),
        ("2026-05-17", 5, "2026-05-21", "到2026-05-22，这一项不用填"),
        ("2026-12-24", 5, None, "2027年的放假安排还没有公布"),
        ("2026-12-24", 5, "2026-12-28", "要在5天以后、60天以内"),
        ("2026-12-24", 5, "2027-03-01", "要在5天以后、60天以内"),
    ],
)
def test_where_a_notice_cannot_end(begins: str, days: int, until: str | None, said: str) -> None:
    typed = date.fromisoformat(until) if until else None
    with pytest.raises(Refusal, match=said):
        awarding.period_end(date.fromisoformat(begins), days, typed)


async def another_campaign(profile: bool) -> tuple[int, int]:
    """A campaign of the same year that v00602 serves in as well: its id, and his there."""
    number = await database.fetch_value(
        "INSERT INTO campaign (key, organisation, year, title, theme, starts_on, ends_on, state,"
        " changes, modified_at) SELECT '2022-b', organisation, 2022, 'b', '', starts_on,"
        " ends_on, 'open', 0, modified_at FROM campaign WHERE key = '2022-city' RETURNING id"
    )
    name = "CASE WHEN :renamed = 1 THEN 'another-number' ELSE key END"
    person = await database.fetch_value(
        "INSERT INTO volunteer_person (campaign, key, name_sealed, name_index, organisation)"
        f" SELECT CAST(:number AS BIGINT), {name}, name_sealed, name_index, organisation"
        " FROM volunteer_person WHERE key = 'v00602' RETURNING id",
        number=number,
        renamed=int(profile),
    )
    return number, person


@pytest.mark.parametrize("profile", [False, True])
async def test_one_star_a_year_over_all_campaigns(
    work: Work, credit: Credit, profile: bool
) -> None:
    await credit("v00602", 50)
    number, person = await another_campaign(profile)
    if profile:
        made: Any = await database.fetch_value(
            "INSERT INTO volunteer_profile (number, organisation, name_sealed, name_index,"
            " phone_sealed, phone_index, born_sealed, guardian_sealed, skills, consent, created_at)"
            " SELECT 'Z1', organisation, name_sealed, name_index, '', 'x', '', '', '[]', '{}', :at"
            " FROM volunteer_person WHERE key = 'v00602' RETURNING id",
            at=work.campaign.modified_at,
        )
        await database.execute(
            "UPDATE volunteer_person SET profile = :made WHERE key = 'v00602' OR id = :person",
            made=made,
            person=person,
        )
    other = Work(SYSTEM, await campaigns.find("2022-b"))
    street = SCHEMES["street-annual"]
    (found,) = await candidates(number, street, LAST)
    assert (found.reckoned.minutes, found.held, found.due) == (3000, 0, True)
    await awarding.propose(work, LAST)
    (found,) = await candidates(number, street, LAST)
    assert (found.held, found.due) == (1, False)
    assert await awarding.propose(other, LAST) == 0
    await credit("v00602", 100)
    (found,) = await candidates(number, street, LAST)
    assert (found.held, found.due) == (1, True)
    (found,) = await candidates(number, SCHEMES["national-cumulative"], LAST)
    assert found.held == 0


async def test_the_statements_are_as_many_for_all(work: Work, credit: Credit) -> None:
    asked: list[str] = []
    scheme = await of_campaign(work.campaign.id)
    async with database.watching(asked.append):
        everybody = await candidates(work.campaign.id, scheme, LAST)
    assert len(everybody) > 5
    assert len(asked) == 3
    await database.execute("UPDATE volunteer_person SET name_index = '' WHERE key = 'v00602'")
    assert len(await candidates(work.campaign.id, scheme, LAST)) == len(everybody) - 1


async def test_the_page_asks_as_often_for_three_stars_as_for_one(
    work: Work, credit: Credit
) -> None:
    asked: list[int] = []
    on_lists: list[int] = []
    for key in ("v00602", "v00603", "v00604"):
        await credit(key, 50)
        await awarding.propose(work, LAST)
        statements: list[str] = []
        async with database.watching(statements.append):
            found = await shown(work, LAST)
            await noticed.findings(await campaigns.scope(work.campaign))
        asked.append(len(statements))
        on_lists.append(len(found.awards))
    assert on_lists == [1, 2, 3]
    assert asked[0] == asked[-1]
