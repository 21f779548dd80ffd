"""What an office sees of the recaps below it, and what may not pass over them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core import campaign_changes, campaigns, database, moments
from core.permissions import SYSTEM, Actor
from core.process import Process
from core.recap.life import children, deadlines, handing_in
from core.recap.life.children import LATE, Child
from core.recap.life.deadlines import Deadline
from core.refusals import Conflict, Missing, Refusal
from tests.core.recap.handed_in import KEY, change_a_record, submit, to_final
from tests.fixtures.application import ActorOf

pytestmark = pytest.mark.usefixtures("campaign_2022")


@pytest.fixture
async def chief(campaign_2022: str, actor_of: ActorOf) -> Actor:
    return await actor_of("organiser", "city")


async def below(actor: Actor, standing: str = "", **more: object) -> list[Child]:
    campaign = await campaigns.find(KEY)
    scope = await campaigns.scope(campaign)
    deadline = await deadlines.of(campaign)
    return await children.listed(actor, scope, deadline, standing=standing, **more)  # type: ignore[arg-type]


async def test_each_office_below_is_where_it_is(
    process: Process, chief: Actor, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(KEY)
    await to_final(process, await actor_of("clerk", "x1"), chief)
    returned = await submit(process, await actor_of("clerk", "x2"), "x2")
    await handing_in.decide(chief, campaign, returned, "returned", "缺数据来源")
    await submit(process, await actor_of("clerk", "x3"), "x3")
    found = await below(chief)
    assert [(each.key, each.label, each.number) for each in found] == [
        ("x1", "已定稿", 1),
        ("x2", "已退回", 1),
        ("x3", "已报送", 1),
        ("x4", "未报送", None),
    ]
    assert found[1].reason == "缺数据来源"
    assert [each.moved for each in found] == [False] * 4
    await change_a_record()
    assert [each.moved for each in await below(chief)] == [True, True, True, False]
    assert [each.key for each in await below(chief, "submitted")] == ["x3"]
    assert [each.key for each in await below(chief, "absent")] == ["x4"]
    assert [each.key for each in await below(chief, after="x2", limit=1)] == ["x3"]
    scope, deadline = await campaigns.scope(campaign), await deadlines.of(campaign)
    totals = await children.totals(chief, scope, deadline)
    assert totals.by_standing == {
        "absent": 1, "submitted": 1, "accepted": 0, "returned": 1, "frozen": 1,
    }  # fmt: skip
    assert (totals.offices, totals.unsettled, totals.late) == (4, 3, 4)
    # Whoever sees one office alone sees none below the city but it.
    own = await actor_of("viewer", "x4")
    assert [each.key for each in await below(own)] == ["x4"]
    assert (await children.totals(own, scope, deadline)).offices == 1


async def test_late_is_whose_first_version_came_after_the_day(
    process: Process, chief: Actor, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(KEY)
    today = moments.today()
    await submit(process, await actor_of("clerk", "x1"), "x1")
    await deadlines.put(chief, campaign, campaign.ends_on)
    assert [each.key for each in await below(chief, LATE)] == ["x1", "x2", "x3", "x4"]
    for due_on, late in ((today, []), (today - timedelta(days=1), ["x1", "x2", "x3", "x4"])):
        await database.execute("UPDATE recap_deadline SET due_on = :due_on", due_on=due_on)
        assert [each.key for each in await below(chief, LATE)] == late
    then = moments.from_local(today - timedelta(days=1), 23, 59)
    await database.execute("UPDATE recap_version SET submitted_at = :then", then=then)
    assert [each.key for each in await below(chief, LATE)] == ["x2", "x3", "x4"]


async def test_the_deadline_is_the_usual_one_until_it_is_set(
    chief: Actor, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(KEY)
    assert await deadlines.of(campaign) == Deadline(date(2022, 6, 10), usual=True)
    for due_on in (date(2022, 7, 1), date(2022, 7, 15), date(2022, 7, 15)):
        await deadlines.put(chief, campaign, due_on)
        assert await deadlines.of(campaign) == Deadline(due_on, usual=False)
    told = "SELECT COUNT(*) FROM audit_entry WHERE action = 'recap.deadline_set'"
    assert await database.fetch_value(told) == 2
    for wrong in (date(2022, 4, 30), date(9999, 12, 31)):
        with pytest.raises(Refusal):
            await deadlines.put(chief, campaign, wrong)
    with pytest.raises(Missing):
        await deadlines.put(await actor_of("organiser", "x1"), campaign, date(2022, 7, 1))


async def test_a_campaign_ends_over_accepted_recaps_or_with_a_reason(
    process: Process, chief: Actor, actor_of: ActorOf
) -> None:
    await campaign_changes.change_state(chief, KEY, "closing")
    for office in ("x1", "x2", "x3"):
        await to_final(process, await actor_of("clerk", office), chief, office)
    with pytest.raises(Conflict, match="丁区残联（未报送）1个下级单位") as refused:
        await campaign_changes.change_state(chief, KEY, "closed")
    assert refused.value.code == "unaccepted"
    assert refused.value.faults[0].member == "reason"
    with pytest.raises(Refusal, match="最多 500 个字"):
        await campaign_changes.change_state(chief, KEY, "closed", "长" * 501)
    assert (await campaigns.find(KEY)).state == "closing"
    await campaign_changes.change_state(chief, KEY, "closed", " 丁区今年没有参加 ")
    after = await database.fetch_value(
        "SELECT after FROM audit_entry WHERE action = 'campaign.state_changed'"
        " ORDER BY id DESC LIMIT 1"
    )
    assert '"丁区今年没有参加"' in after
    assert '"unaccepted": 1' in after
    await campaign_changes.change_state(chief, KEY, "closing")
    await to_final(process, await actor_of("clerk", "x4"), chief, "x4")
    await campaign_changes.change_state(chief, KEY, "closed")


async def test_the_statements_are_as_many_for_a_thousand_offices(chief: Actor) -> None:
    campaign = await campaigns.find(KEY)
    told: list[str] = []
    async with database.watching(told.append):
        await below(chief)
    few = len(told)
    ids = [
        {"key": f"y{number:04}", "campaign": campaign.id, "parent": campaign.organisation_id}
        for number in range(1000)
    ]
    await database.execute_many(
        "INSERT INTO organisation (key, name, level, parent)"
        " VALUES (:key, '某镇残联', 'town', :parent)",
        [{"key": row["key"], "parent": row["parent"]} for row in ids],
    )
    await database.execute(
        "INSERT INTO organisation_closure (ancestor, descendant, depth)"
        " SELECT parent, id, 1 FROM organisation WHERE key LIKE 'y%'"
    )
    await database.execute(
        "INSERT INTO campaign_participant (campaign, organisation, parent, name, level)"
        " SELECT CAST(:campaign AS BIGINT), id, parent, name, level FROM organisation"
        " WHERE key LIKE 'y%'",
        campaign=campaign.id,
    )
    told.clear()
    async with database.watching(told.append):
        assert len(await below(chief, limit=2000)) == 1004
    assert len(told) == few
    scope = await campaigns.scope(campaign)
    count, first = await children.unsettled(scope)
    assert (count, len(first)) == (1004, children.NAMED)
    assert "等1004个下级单位" in children.unsettled_words(count, first)


async def test_who_has_nobody_below_needs_no_reason(process: Process) -> None:
    version = await submit(process, SYSTEM, "x4", unaccepted="无关")
    assert version.unaccepted == ""
