"""Reporting figures: what is refused, what is written, whose it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import campaigns, database, own_metrics, reported_figures
from core.campaigns import Campaign
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Conflict, Missing, Refusal
from core.reported_figures import References, Statement, Wanted
from core.reported_keys import later_key
from tests.core.stored import everything
from tests.fixtures.application import ActorOf

PEOPLE = Statement("condolence.people", "x1", "25", "additional", "走访组统计")


@pytest.fixture
async def campaign(campaign_2022: str) -> Campaign:
    return await campaigns.find(campaign_2022)


@pytest.fixture
async def references(campaign: Campaign, process: Process) -> References:
    metrics = await own_metrics.known(campaign, process.plugins)
    return References(metrics, {"a01", "a09"})


async def state(key: str) -> dict[str, Any]:
    row = await database.fetch_one("SELECT * FROM reported_figure WHERE key = :key", key=key)
    assert row is not None
    return row


async def log() -> list[dict[str, Any]]:
    return await database.fetch(
        "SELECT actor, action, thing_key, before, after FROM audit_entry"
        " WHERE thing = 'reported_figure' ORDER BY id"
    )


async def test_a_figure_is_written_with_its_trace_and_counts_as_a_change(
    campaign: Campaign, references: References, actor_of: ActorOf
) -> None:
    clerk = await actor_of("clerk", "x1")
    key = await reported_figures.add(clerk, campaign, references, PEOPLE)
    found = await reported_figures.find(clerk, campaign, key)
    assert (found.statement, found.organisation_name) == (PEOPLE, "甲旗残联")
    assert (await campaigns.find(campaign.key)).changes == campaign.changes + 1
    (entry,) = await log()
    assert (entry["actor"], entry["action"], entry["thing_key"], entry["before"]) == (
        "clerk-x1",
        "figure.reported",
        key,
        None,
    )
    assert '"value": "25"' in entry["after"]


async def test_changing_and_removing_keep_what_was_said_in_the_log(
    campaign: Campaign, references: References, actor_of: ActorOf
) -> None:
    clerk = await actor_of("clerk", "x1")
    key = await reported_figures.add(clerk, campaign, references, PEOPLE, "mine")
    later = replace(PEOPLE, value="30", approximate=True, basis="total", activity="a01")
    before = (await state(key))["id"]
    await reported_figures.change(clerk, campaign, references, key, later)
    assert (await state(key))["id"] == before
    assert (await reported_figures.find(clerk, campaign, key)).statement == later
    await reported_figures.remove(clerk, campaign, key)
    with pytest.raises(Missing):
        await reported_figures.find(clerk, campaign, key)
    entries = await log()
    assert [entry["action"] for entry in entries] == [
        "figure.reported",
        "figure.changed",
        "figure.removed",
    ]
    assert entries[1]["before"] == entries[0]["after"]
    assert entries[2]["before"] == entries[1]["after"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"metric": "job_fair.intent_rate"}, ("/metric", "value")),
        ({"metric": "no.such"}, ("/metric", "unknown_reference")),
        ({"value": "-3"}, ("/value", "value")),
        ({"value": "1e3"}, ("/value", "value")),
        ({"basis": "guess"}, ("/basis", "value")),
        ({"source": "  "}, ("/source", "missing")),
        ({"source": "字" * 501}, ("/source", "too_long")),
        ({"activity": "nowhere"}, ("/activity", "unknown_reference")),
    ],
)
async def test_a_faulty_statement_is_refused_whole(
    campaign: Campaign, references: References, change: dict[str, Any], place: tuple[str, str]
) -> None:
    before = await everything()
    with pytest.raises(Refusal) as refused:
        await reported_figures.add(SYSTEM, campaign, references, replace(PEOPLE, **change))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [place]
    assert await everything() == before


async def test_every_fault_is_told_at_once(campaign: Campaign, references: References) -> None:
    statement = Statement("no.such", "x1", "many", "guess", "")
    with pytest.raises(Refusal) as refused:
        await reported_figures.add(SYSTEM, campaign, references, statement)
    assert {fault.member for fault in refused.value.faults} == {
        "metric",
        "value",
        "basis",
        "source",
    }


async def test_there_is_one_total_a_metric_office_and_activity(
    campaign: Campaign, references: References
) -> None:
    total = replace(PEOPLE, basis="total")
    first = await reported_figures.add(SYSTEM, campaign, references, total)
    of_activity = replace(total, activity="a01")
    await reported_figures.add(SYSTEM, campaign, references, of_activity)
    await reported_figures.add(SYSTEM, campaign, references, replace(total, organisation="x2"))
    before = await everything()
    for again in (total, of_activity):
        with pytest.raises(Conflict) as refused:
            await reported_figures.add(SYSTEM, campaign, references, again)
        assert refused.value.code == "duplicate_total"
    other = await reported_figures.find(SYSTEM, campaign, first)
    assert await everything() == before
    # The total itself may be stated anew; an additional figure may not become a second one.
    await reported_figures.change(SYSTEM, campaign, references, other.key, total)
    extra = await reported_figures.add(SYSTEM, campaign, references, PEOPLE)
    with pytest.raises(Conflict):
        await reported_figures.change(SYSTEM, campaign, references, extra, total)


async def test_two_who_report_a_total_at_once_do_not_both_succeed(
    campaign: Campaign, references: References
) -> None:
    total = replace(PEOPLE, basis="total")
    outcomes = await asyncio.gather(
        *(reported_figures.add(SYSTEM, campaign, references, total) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3


async def test_a_key_is_used_once(campaign: Campaign, references: References) -> None:
    await reported_figures.add(SYSTEM, campaign, references, PEOPLE, "mine")
    with pytest.raises(Conflict) as refused:
        await reported_figures.add(SYSTEM, campaign, references, PEOPLE, "mine")
    assert (refused.value.code, refused.value.faults[0].pointer) == ("duplicate", "/key")


@pytest.mark.parametrize("role", ["viewer", "reviewer", "volunteer"])
async def test_who_may_not_report_finds_nothing(
    campaign: Campaign, references: References, actor_of: ActorOf, role: str
) -> None:
    actor = await actor_of(role, "x1")
    with pytest.raises(Missing):
        await reported_figures.add(actor, campaign, references, PEOPLE)


async def test_a_clerk_reports_for_his_own_offices_only(
    campaign: Campaign, references: References, actor_of: ActorOf
) -> None:
    clerk = await actor_of("clerk", "x1")
    theirs = await reported_figures.add(
        SYSTEM, campaign, references, replace(PEOPLE, organisation="x2")
    )
    for office in ("x2", "city", "nowhere"):
        with pytest.raises(Missing):
            await reported_figures.add(
                clerk, campaign, references, replace(PEOPLE, organisation=office)
            )
    mine = await reported_figures.add(clerk, campaign, references, PEOPLE)
    with pytest.raises(Missing):  # nor may he hand a figure over to another office
        await reported_figures.change(
            clerk, campaign, references, mine, replace(PEOPLE, organisation="x2")
        )
    for call in (
        reported_figures.change(clerk, campaign, references, theirs, PEOPLE),
        reported_figures.remove(clerk, campaign, theirs),
        reported_figures.find(clerk, campaign, theirs),
    ):
        with pytest.raises(Missing):
            await call
    assert [found.key for found in await reported_figures.listed(clerk, campaign)] == [mine]


async def test_lists_are_narrowed_and_paged(campaign: Campaign, references: References) -> None:
    keys = [
        await reported_figures.add(
            SYSTEM, campaign, references, replace(PEOPLE, organisation=office), f"k{office}{n}"
        )
        for office in ("x1", "x2")
        for n in range(3)
    ]
    office = await database.fetch_value("SELECT id FROM organisation WHERE key = 'x2'")
    wanted = Wanted(metric="condolence.people", office_id=office, basis="additional")
    first = await reported_figures.listed(SYSTEM, campaign, wanted, limit=2)
    rest = await reported_figures.listed(SYSTEM, campaign, wanted, after=first[-1].id, limit=2)
    assert [found.key for found in (*first, *rest)] == list(reversed(keys[3:]))


@pytest.mark.parametrize("state_now", ["draft", "closed", "archived"])
async def test_nothing_is_reported_before_or_after_the_campaign(
    campaign: Campaign, references: References, state_now: str
) -> None:
    key = await reported_figures.add(SYSTEM, campaign, references, PEOPLE)
    await database.execute("UPDATE campaign SET state = :state", state=state_now)
    still = await campaigns.find(campaign.key)
    before = await everything()
    for call in (
        reported_figures.add(SYSTEM, still, references, PEOPLE),
        reported_figures.change(SYSTEM, still, references, key, PEOPLE),
        reported_figures.remove(SYSTEM, still, key),
    ):
        with pytest.raises(Conflict):
            await call
    assert await everything() == before


async def test_what_is_reported_last_has_the_greatest_key(
    campaign: Campaign, references: References
) -> None:
    await reported_figures.add(SYSTEM, campaign, references, PEOPLE, "zz.top")
    made = [await reported_figures.add(SYSTEM, campaign, references, PEOPLE) for _ in range(5)]
    assert made == sorted(made)
    assert made[0] > "zz.top"


stamps = st.from_regex(r"20[0-9]{15}", fullmatch=True)


@given(st.one_of(stamps, st.from_regex(r"[A-Za-z0-9._-]{1,40}", fullmatch=True)), stamps)
def test_a_made_key_stands_after_the_greatest(greatest: str, stamp: str) -> None:
    made = later_key(greatest, stamp)
    assert made > greatest
    assert len(made) <= 64
    assert made.rpartition(".")[2] >= stamp
