"""This year's campaign from last year's: plan comes along, record does not. Both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core import campaign_changes, campaign_cloning, campaigns, closures, database
from core.campaign_plans import Plan
from core.moments import day_of
from core.observances import Observance
from core.permissions import SYSTEM
from core.plugins import Outcome, Plugins
from core.process import Process
from core.refusals import Conflict, Missing, Refusal
from events import cloning
from tests.fixtures.application import ActorOf


async def clone(process: Process, key: str, plan: Plan) -> campaign_cloning.Cloned:
    return await campaign_cloning.clone(SYSTEM, key, plan, process.catalogue, process.plugins)


async def set_targets() -> None:
    await database.execute(
        "INSERT INTO target (campaign, metric, organisation, value)"
        " SELECT c.id, 'training.people', o.id, '120' FROM campaign c, organisation o"
    )


async def rows(table: str, campaign: str) -> list[dict[str, Any]]:
    return await database.fetch(
        f"SELECT t.*, o.key AS office FROM {table} t JOIN organisation o ON o.id = t.organisation"
        " JOIN campaign c ON c.id = t.campaign WHERE c.key = :key",
        key=campaign,
    )


async def test_a_clone_is_a_draft_on_this_years_days(process: Process, campaign_2022: str) -> None:
    source = await campaigns.find(campaign_2022)
    made = await clone(process, campaign_2022, Plan(2024))
    target = await campaigns.find(made.key)
    assert (target.state, target.year, target.enabled) == ("draft", 2024, source.enabled)
    assert target.title(process.catalogue) == "第34次全国助残日"
    assert target.theme == "科技助残，共享美好生活"
    day = date(2024, 5, 19)
    assert day - target.starts_on == date(2022, 5, 15) - source.starts_on
    assert target.ends_on - day == source.ends_on - date(2022, 5, 15)
    assert made == campaign_cloning.Cloned(target.key, made.offices, 0, ())


async def test_offices_targets_and_own_metrics_come_along_records_do_not(
    process: Process, campaign_2022: str
) -> None:
    await set_targets()
    made = await clone(process, campaign_2022, Plan(2024))
    for table, columns in (
        ("campaign_participant", ("office", "name", "level", "parent")),
        ("target", ("office", "metric", "value")),
    ):
        found = [
            {tuple(row[column] for column in columns) for row in await rows(table, campaign)}
            for campaign in (campaign_2022, made.key)
        ]
        assert found[0] == found[1] != set()
    target = (await campaigns.find(made.key)).id
    kept = "SELECT COUNT(*) FROM {} WHERE campaign = :c"
    for table in ("reported_figure", "condolence_round", "publicity_item", "job_fair_fair"):
        assert await database.fetch_value(kept.format(table), c=target) == 0
    metrics = "SELECT key, label, aggregation FROM metric WHERE campaign = :c ORDER BY key"
    source = (await campaigns.find(campaign_2022)).id
    assert await database.fetch(metrics, c=target) == await database.fetch(metrics, c=source) != []
    pairs = "SELECT COUNT(*) FROM campaign_closure WHERE campaign = :c"
    assert await database.fetch_value(pairs, c=target) == await database.fetch_value(
        pairs, c=source
    )


async def test_activities_become_drafts_with_new_keys_in_order(
    process: Process, campaign_2022: str
) -> None:
    await database.execute("UPDATE activity SET state = 'cancelled' WHERE key = 'a01'")
    source = [row for row in await rows("activity", campaign_2022) if row["state"] != "cancelled"]
    made = await clone(process, campaign_2022, Plan(2024))
    copies = sorted(await rows("activity", made.key), key=lambda row: str(row["key"]))
    assert len(copies) == len(source) > 0
    assert [row["key"] for row in copies] == [f"a{n:02}" for n in range(1, len(source) + 1)]
    assert {(row["state"], row["sequence"]) for row in copies} == {("draft", 0)}
    before = sorted(str(row["title"]) for row in source)
    assert sorted(str(row["title"]) for row in copies) == before
    starts = [row["starts_at"] for row in copies]
    assert starts == sorted(starts)


async def test_closed_and_moved_offices_stay_behind_with_what_is_theirs(
    process: Process, campaign_2022: str
) -> None:
    await database.execute(
        "UPDATE organisation SET closed_on = :day WHERE key = 'x1'", day=date(2023, 1, 1)
    )
    await database.execute("UPDATE organisation SET parent = NULL WHERE key = 'x2'")
    await closures.rebuild_organisations()
    await set_targets()
    made = await clone(process, campaign_2022, Plan(2024))
    assert made.left_out == 2
    for table in ("campaign_participant", "target"):
        assert {row["office"] for row in await rows(table, made.key)} == {
            "city",
            "x3",
            "x4",
        }
    assert "x1" in {row["office"] for row in await rows("campaign_participant", campaign_2022)}


async def test_offices_founded_since_are_not_taken_in(process: Process, campaign_2022: str) -> None:
    await database.execute(
        "INSERT INTO organisation (key, name, level, parent)"
        " SELECT 'new', '新区残联', 'county', id FROM organisation WHERE key = 'city'"
    )
    await closures.rebuild_organisations()
    made = await clone(process, campaign_2022, Plan(2024))
    offices = {row["office"] for row in await rows("campaign_participant", made.key)}
    assert "new" not in offices


async def test_a_year_is_cloned_into_once_and_only_where_it_can_be(
    process: Process, campaign_2022: str
) -> None:
    await clone(process, campaign_2022, Plan(2024))
    with pytest.raises(Conflict, match="已经有这个节日的活动"):
        await clone(process, campaign_2022, Plan(2024))
    for year in (1980, 3000):
        with pytest.raises(Refusal) as refused:
            await clone(process, campaign_2022, Plan(year))
        assert refused.value.faults[0].member == "year"
    assert await database.fetch_value("SELECT COUNT(*) FROM campaign") == 2


async def test_a_campaign_of_no_observance_moves_by_its_first_day(
    process: Process, campaign_2022: str
) -> None:
    city = await database.fetch_value("SELECT id FROM organisation WHERE key = 'city'")
    days: dict[str, Any] = {"starts_on": date(2024, 2, 29), "ends_on": date(2024, 3, 31)}
    key = await campaign_changes.create(
        SYSTEM,
        Plan(2024, title="康复月", **days),
        process.catalogue,
        process.plugins,
        organisation_id=city,
    )
    made = await clone(process, key, Plan(2025, title="2025年康复月"))
    target = await campaigns.find(made.key)
    assert (target.starts_on, target.own_title) == (date(2025, 2, 28), "2025年康复月")
    with pytest.raises(Refusal, match="要有名称"):
        await clone(process, key, Plan(2026))
    for year in (0, -5, 99999):
        with pytest.raises(Refusal) as refused:
            await clone(process, key, Plan(year, title="康复月"))
        assert "year" in {fault.member for fault in refused.value.faults}


async def test_who_does_not_lead_the_campaign_cannot_clone_it(
    process: Process, campaign_2022: str, actor_of: ActorOf
) -> None:
    with pytest.raises(Missing):
        await campaign_cloning.clone(
            await actor_of("organiser", "x1"),
            campaign_2022,
            Plan(2024),
            process.catalogue,
            process.plugins,
        )


class OneFails(Plugins):
    """The installed plugins, of which one writes a row and then fails when it is asked to carry."""

    async def ask_one(self, hook: str, key: str, **arguments: object) -> Outcome | None:
        if key == "publicity":
            await database.execute(
                "INSERT INTO metric (campaign, key, label, unit, aggregation)"
                " VALUES (:target, 'left.behind', '', '', 'sum')",
                target=arguments["target"],
            )
            return Outcome(key, "宣传", failed=True)
        return await super().ask_one(hook, key, **arguments)


async def test_a_plugin_that_fails_is_named_and_leaves_nothing(
    process: Process, campaign_2022: str
) -> None:
    found = process.plugins
    broken = OneFails(found.manager, found.infos, found.foundations, found.failures)
    made = await clone(replace(process, plugins=broken), campaign_2022, Plan(2024))
    assert made.failed == ("宣传",)
    assert await rows("activity", made.key)
    left = await database.fetch_value("SELECT COUNT(*) FROM metric WHERE key = 'left.behind'")
    assert left == 0


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_the_day_itself_is_on_the_day_again_and_others_keep_their_weekday() -> None:
    rule = {"kind": "fixed-day", "month": 3, "day": 3}
    ear_day = Observance.from_mapping("ear", {"name": "爱耳日", "rule": rule})
    from_day, to_day = ear_day.date(2025), ear_day.date(2026)  # a Monday, a Tuesday
    day, _ = cloning.shifted(at(from_day, 1), at(from_day, 3), from_day, to_day)
    assert day == at(to_day, 1)
    saturday = date(2025, 3, 1)
    start, end = cloning.shifted(at(saturday, 1), at(date(2025, 3, 2), 3), from_day, to_day)
    assert start == at(date(2026, 2, 28), 1)
    assert start.weekday() == saturday.weekday()
    assert end - start == at(date(2025, 3, 2), 3) - at(saturday, 1)


def test_days_are_those_of_shanghai() -> None:
    """At 17:00 UTC it is the next day there already."""
    late = datetime(2022, 5, 14, 17, tzinfo=UTC)
    start, _ = cloning.shifted(late, late, date(2022, 5, 15), date(2023, 5, 21))
    assert day_of(start) == date(2023, 5, 21)
