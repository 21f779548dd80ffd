"""Setting campaigns up and leading them through their lives, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core import (
    campaign_changes,
    campaign_participants,
    campaign_states,
    campaigns,
    closures,
    database,
)
from core.campaign_plans import Details, Plan
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Conflict, Missing, Refusal
from tests.fixtures.application import ActorOf

DAYS: dict[str, Any] = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 31)}


async def office(key: str) -> int:
    found: int = await database.fetch_value("SELECT id FROM organisation WHERE key = :k", k=key)
    return found


async def make(process: Process, plan: Plan, at: str = "city") -> str:
    return await campaign_changes.create(
        SYSTEM, plan, process.catalogue, process.plugins, organisation_id=await office(at)
    )


async def told(key: str) -> list[str]:
    rows = await database.fetch(
        "SELECT action FROM audit_entry WHERE thing = 'campaign' AND thing_key = :key ORDER BY id",
        key=key,
    )
    return [row["action"] for row in rows]


async def test_an_observance_gives_days_theme_and_all_open_offices(
    process: Process, campaign_2022: str
) -> None:
    await database.execute(
        "UPDATE organisation SET closed_on = :day WHERE key = 'x2'", day=date(2023, 1, 1)
    )
    key = await make(process, Plan(2025, "national-disability-day"))
    made = await campaigns.find(key)
    assert key == "national-disability-day-2025-city"
    assert made.title(process.catalogue) == "第35次全国助残日"
    assert (made.starts_on, made.ends_on) == (date(2025, 5, 4), date(2025, 6, 1))
    assert made.theme == "弘扬自强与助残精神，凝聚团结奋进力量"
    assert (made.state, made.enabled) == ("draft", process.plugins.keys)
    rows = await database.fetch(
        "SELECT o.key, above.key AS parent FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        " LEFT JOIN organisation above ON above.id = p.parent WHERE p.campaign = :c",
        c=made.id,
    )
    parents = {row["key"]: row["parent"] for row in rows}
    assert "x2" not in parents
    assert (parents["city"], parents["x1"]) == (None, "city")
    pairs = await database.fetch_value(
        "SELECT COUNT(*) FROM campaign_closure WHERE campaign = :c", c=made.id
    )
    assert pairs >= 2 * len(parents) - 1
    assert await told(key) == ["campaign.created"]


async def test_an_office_below_a_closed_one_belongs_to_the_next_above(
    process: Process, campaign_2022: str
) -> None:
    below = await database.fetch_value(
        "INSERT INTO organisation (key, name, level, parent)"
        " VALUES ('x1-t', '某镇残联', 'town', :x1) RETURNING id",
        x1=await office("x1"),
    )
    await closures.rebuild_organisations()
    await database.execute(
        "UPDATE organisation SET closed_on = :day WHERE key = 'x1'", day=date(2023, 1, 1)
    )
    key = await make(process, Plan(2025, "national-disability-day"))
    number = (await campaigns.find(key)).id
    parent = await database.fetch_value(
        "SELECT parent FROM campaign_participant WHERE campaign = :c AND organisation = :o",
        c=number,
        o=below,
    )
    depth = await database.fetch_value(
        "SELECT depth FROM campaign_closure WHERE campaign = :c AND descendant = :o"
        " AND ancestor = :top",
        c=number,
        o=below,
        top=await office("city"),
    )
    assert (parent, depth) == (await office("city"), 1)


@pytest.mark.parametrize(
    ("plan", "faults"),
    [
        (Plan(2026), {"title", "starts_on", "ends_on"}),
        (Plan(1800, "national-disability-day"), {"year"}),
        (Plan(1980, "national-disability-day"), {"year"}),
        (Plan(2026, "no-such-day"), {"observance"}),
        (Plan(2026, title="甲" * 101, theme="乙" * 201, **DAYS), {"title", "theme"}),
        (Plan(2026, title="甲\x00", **DAYS), {"title"}),
        (
            Plan(2026, title="甲", starts_on=date(2026, 5, 2), ends_on=date(2026, 5, 1)),
            {"ends_on"},
        ),
        (
            Plan(2026, title="甲", starts_on=date(2026, 5, 2), ends_on=date(2036, 5, 1)),
            {"ends_on"},
        ),
        (Plan(2026, title="甲", plugins=("events",), **DAYS), {"plugins"}),
        (Plan(2026, title="甲", plugins=("none-such",), key="a b", **DAYS), {"plugins", "key"}),
    ],
)
async def test_every_fault_of_a_plan_is_told_and_nothing_is_written(
    process: Process, campaign_2022: str, plan: Plan, faults: set[str]
) -> None:
    with pytest.raises(Refusal) as refused:
        await make(process, plan)
    assert {fault.member for fault in refused.value.faults} == faults
    assert await database.fetch_value("SELECT COUNT(*) FROM campaign") == 1


async def test_a_key_and_an_observances_year_are_taken_once(
    process: Process, campaign_2022: str
) -> None:
    plan = Plan(2026, title="康复月", **DAYS)
    first, second = await make(process, plan), await make(process, plan)
    assert (first, second) == ("campaign-2026-city", "campaign-2026-city-2")
    with pytest.raises(Conflict, match="已经有活动在用"):
        await make(process, replace(plan, key=first))
    with pytest.raises(Conflict, match="已经有这个节日的活动"):
        await make(process, Plan(2022, "national-disability-day"))
    assert await make(process, Plan(2022, "national-disability-day"), at="x1")


async def test_long_keys_of_offices_leave_room_for_numbers(
    process: Process, campaign_2022: str
) -> None:
    await database.execute("UPDATE organisation SET key = :k WHERE key = 'x1'", k="x" * 64)
    plan = Plan(2026, title="康复月", **DAYS)
    keys = [await make(process, plan, at="x" * 64) for _ in range(3)]
    assert len(set(keys)) == 3
    assert all(len(key) <= 64 for key in keys)


async def test_only_those_who_manage_at_the_office_may(
    process: Process, campaign_2022: str, actor_of: ActorOf
) -> None:
    plan = Plan(2026, title="康复月", **DAYS)
    organiser = await actor_of("organiser", "x1")
    with pytest.raises(Missing):
        await campaign_changes.create(
            organiser, plan, process.catalogue, process.plugins, organisation_id=await office("x2")
        )
    with pytest.raises(Missing):  # he sees the city's campaign and does not lead it
        await campaign_changes.change_state(organiser, campaign_2022, "closing")
    with pytest.raises(Missing):
        await campaign_changes.change_state(
            await actor_of("clerk", "city"), campaign_2022, "closing"
        )
    assert (await campaigns.find(campaign_2022)).state == "open"


async def test_a_campaign_of_a_closed_office_is_refused(
    process: Process, campaign_2022: str
) -> None:
    await database.execute(
        "UPDATE organisation SET closed_on = :day WHERE key = 'x1'", day=date(2023, 1, 1)
    )
    with pytest.raises(Refusal, match="已经撤销"):
        await make(process, Plan(2026, title="康复月", **DAYS), at="x1")


async def test_details_change_counted_and_audited(process: Process, campaign_2022: str) -> None:
    before = await campaigns.find(campaign_2022)
    details = Details("", " 新主题 ", before.starts_on, before.ends_on)
    await campaign_changes.change_details(SYSTEM, campaign_2022, details)
    await campaign_changes.change_details(SYSTEM, campaign_2022, details)
    after = await campaigns.find(campaign_2022)
    assert after.theme == "新主题"
    assert after.changes == before.changes + 1
    assert after.modified_at > before.modified_at
    entry = await database.fetch_one(
        "SELECT before, after FROM audit_entry WHERE action = 'campaign.changed'"
    )
    assert entry is not None
    assert entry["after"] == '{"theme": "新主题"}'
    wrong = Details("", "", date(2022, 5, 2), date(2022, 5, 1))
    with pytest.raises(Refusal, match="结束日期早于开始日期"):
        await campaign_changes.change_details(SYSTEM, campaign_2022, wrong)


async def test_a_campaign_of_no_observance_keeps_a_title(
    process: Process, campaign_2022: str
) -> None:
    key = await make(process, Plan(2026, title="康复月", **DAYS))
    with pytest.raises(Refusal, match="要有名称"):
        await campaign_changes.change_details(SYSTEM, key, Details(" ", "", *DAYS.values()))


async def test_a_life_goes_step_by_step_and_back(process: Process, campaign_2022: str) -> None:
    key = await make(process, Plan(2026, title="康复月", **DAYS))
    with pytest.raises(Conflict, match="只能转为“进行中”"):
        await campaign_changes.change_state(SYSTEM, key, "closed")
    states = ["open", "closing", "closed", "archived", "closed", "closing", "open", "draft"]
    for state in states:
        await campaign_changes.change_state(SYSTEM, key, state, "下级单位不写总结")
        assert (await campaigns.find(key)).state == state
    with pytest.raises(Refusal, match="没有这种状态"):
        await campaign_changes.change_state(SYSTEM, key, "finished")
    assert (await told(key)).count("campaign.state_changed") == len(states)


async def test_each_state_allows_its_own(process: Process, campaign_2022: str) -> None:
    campaign = await campaigns.find(campaign_2022)
    allowed = {
        state: [
            act
            for act in ("details", "plan", "records", "figures")
            if campaign_states.allows(replace(campaign, state=state), act)
        ]
        for state in campaign_states.STATES
    }
    assert allowed == {
        "draft": ["details", "plan"],
        "open": ["details", "plan", "records", "figures"],
        "closing": ["details", "records", "figures"],
        "closed": [],
        "archived": [],
    }
    for state, hint in (("draft", "进行中"), ("closing", "退回"), ("closed", "重新打开")):
        missing: campaign_states.Act = "records" if state == "draft" else "plan"
        with pytest.raises(Conflict, match=hint) as refused:
            campaign_states.require(replace(campaign, state=state), missing)
        assert refused.value.code == "campaign_state"


async def test_a_closed_campaign_is_changed_in_nothing(
    process: Process, campaign_2022: str
) -> None:
    for state in ("closing", "closed"):
        await campaign_changes.change_state(SYSTEM, campaign_2022, state, "下级单位不写总结")
    found = await campaigns.find(campaign_2022)
    details = Details("", "新主题", found.starts_on, found.ends_on)
    with pytest.raises(Conflict):
        await campaign_changes.change_details(SYSTEM, campaign_2022, details)
    with pytest.raises(Conflict):
        await campaign_changes.change_plugins(SYSTEM, campaign_2022, [], process.plugins)
    with pytest.raises(Conflict):
        await campaign_participants.complete(SYSTEM, found)
    assert await campaigns.find(campaign_2022) == found


async def test_a_plugin_that_goes_keeps_its_records(process: Process, campaign_2022: str) -> None:
    count = "SELECT COUNT(*) FROM condolence_line"
    before, enabled = (
        await database.fetch_value(count),
        (await campaigns.find(campaign_2022)).enabled,
    )
    await campaign_changes.change_plugins(SYSTEM, campaign_2022, ["publicity"], process.plugins)
    assert (await campaigns.find(campaign_2022)).enabled == ("publicity",)
    assert await database.fetch_value(count) == before > 0
    await campaign_changes.change_plugins(SYSTEM, campaign_2022, enabled, process.plugins)
    assert (await campaigns.find(campaign_2022)).enabled == enabled


async def test_a_plugin_that_is_no_longer_installed_stays_with_its_campaign(
    process: Process, campaign_2022: str
) -> None:
    campaign = await campaigns.find(campaign_2022)
    await database.execute(
        "INSERT INTO campaign_plugin (campaign, plugin) VALUES (:c, 'gone')", c=campaign.id
    )
    await campaign_changes.change_plugins(SYSTEM, campaign_2022, ["publicity"], process.plugins)
    assert (await campaigns.find(campaign_2022)).enabled == ("gone", "publicity")


async def test_offices_founded_since_are_taken_in_once(
    process: Process, campaign_2022: str
) -> None:
    await database.execute(
        "INSERT INTO organisation (key, name, level, parent)"
        " VALUES ('x1-t', '某镇残联', 'town', :x1)",
        x1=await office("x1"),
    )
    await closures.rebuild_organisations()
    campaign = await campaigns.find(campaign_2022)
    assert await campaign_participants.complete(SYSTEM, campaign) == 1
    assert await campaign_participants.complete(SYSTEM, campaign) == 0
    assert (await campaigns.scope(campaign, "x1-t")).organisation == "x1-t"
    assert (await campaigns.find(campaign_2022)).changes == campaign.changes + 1
