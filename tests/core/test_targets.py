"""Setting many targets at once."""

from __future__ import annotations

from typing import Any

import pytest

from core import campaigns, database, targets
from core.campaigns import Campaign
from core.permissions import SYSTEM
from core.refusals import Conflict, Missing, Refusal
from tests.core.stored import everything
from tests.fixtures.application import ActorOf

KNOWN = frozenset({"condolence.people", "job_fair.hired"})
PEOPLE, HIRED = "condolence.people", "job_fair.hired"


@pytest.fixture
async def campaign(campaign_2022: str) -> Campaign:
    return await campaigns.find(campaign_2022)


async def stored(campaign: Campaign) -> dict[tuple[str, str], str]:
    return await targets.stored(await campaigns.scope(campaign))


async def test_targets_are_set_changed_and_removed_together(campaign: Campaign) -> None:
    first = {(PEOPLE, "x1"): "120", (PEOPLE, "x2"): "80", (HIRED, "city"): "5"}
    assert await targets.set_many(SYSTEM, campaign, first, KNOWN) == 3
    assert await stored(campaign) == first
    second = {(PEOPLE, "x1"): None, (PEOPLE, "x2"): "90", (HIRED, "city"): "5", (HIRED, "x3"): None}
    assert await targets.set_many(SYSTEM, campaign, second, KNOWN) == 2
    assert await stored(campaign) == {(PEOPLE, "x2"): "90", (HIRED, "city"): "5"}
    entry = await database.fetch_one(
        "SELECT before, after FROM audit_entry WHERE thing = 'target' ORDER BY id DESC LIMIT 1"
    )
    assert entry == {
        "before": '{"condolence.people x1": "120", "condolence.people x2": "80"}',
        "after": '{"condolence.people x1": null, "condolence.people x2": "90"}',
    }
    # The same again changes nothing, and leaves no entry.
    count = await database.fetch_value("SELECT COUNT(*) FROM audit_entry")
    assert await targets.set_many(SYSTEM, campaign, second, KNOWN) == 0
    assert await database.fetch_value("SELECT COUNT(*) FROM audit_entry") == count


async def test_one_fault_and_nothing_is_set(campaign: Campaign) -> None:
    before = await everything()
    with pytest.raises(Refusal) as refused:
        await targets.set_many(
            SYSTEM,
            campaign,
            {(PEOPLE, "x1"): "120", (PEOPLE, "x2"): "many", ("no.such", "x1"): "1"},
            KNOWN,
        )
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/condolence.people/x2", "value"),
        ("/no.such/x1", "unknown_reference"),
    ]
    assert await everything() == before


async def test_an_office_out_of_reach_is_not_there(campaign: Campaign, actor_of: ActorOf) -> None:
    organiser = await actor_of("organiser", "x1")
    assert await targets.set_many(organiser, campaign, {(PEOPLE, "x1"): "1"}, KNOWN) == 1
    before = await everything()
    for office in ("x2", "city", "nowhere"):
        with pytest.raises(Missing):
            await targets.set_many(
                organiser, campaign, {(PEOPLE, "x1"): "9", (PEOPLE, office): "1"}, KNOWN
            )
    clerk = await actor_of("clerk", "x1")
    with pytest.raises(Missing):
        await targets.set_many(clerk, campaign, {(PEOPLE, "x1"): "9"}, KNOWN)
    after = await everything()
    assert {name: after[name] for name in ("target", "campaign")} == {
        name: before[name] for name in ("target", "campaign")
    }


async def test_nobody_overwrites_what_he_has_not_seen(campaign: Campaign) -> None:
    cell = (PEOPLE, "x1")
    await targets.set_many(SYSTEM, campaign, {cell: "120"}, KNOWN)
    with pytest.raises(Conflict) as refused:
        await targets.set_many(SYSTEM, campaign, {cell: "130"}, KNOWN, seen={cell: None})
    assert refused.value.faults[0].pointer == "/condolence.people/x1"
    assert "120" in refused.value.faults[0].message
    assert await targets.set_many(SYSTEM, campaign, {cell: "130"}, KNOWN, seen={cell: "120"}) == 1


@pytest.mark.parametrize("state", ["closing", "closed", "archived"])
async def test_the_plan_is_fixed_once_the_campaign_comes_to_an_end(
    campaign: Campaign, state: str
) -> None:
    await database.execute("UPDATE campaign SET state = :state", state=state)
    with pytest.raises(Conflict):
        await targets.set_many(
            SYSTEM, await campaigns.find(campaign.key), {(PEOPLE, "x1"): "1"}, KNOWN
        )
    assert await stored(campaign) == {}


async def test_the_table_holds_the_office_and_those_directly_below(campaign: Campaign) -> None:
    await targets.set_many(SYSTEM, campaign, {(PEOPLE, "x2"): "80"}, KNOWN)
    rows = await targets.table(await campaigns.scope(campaign))
    assert [(row.organisation, row.name, row.values) for row in rows] == [
        ("city", "某市残联", {}),
        ("x1", "甲旗残联", {}),
        ("x2", "乙县残联", {PEOPLE: "80"}),
        ("x3", "丙区残联", {}),
        ("x4", "丁区残联", {}),
    ]
    (alone,) = await targets.table(await campaigns.scope(campaign, "x2"))
    assert alone == rows[2]


async def test_many_targets_take_as_many_statements_as_few(campaign: Campaign) -> None:
    async def statements(values: dict[tuple[str, str], Any]) -> int:
        seen: list[str] = []
        async with database.watching(seen.append):
            await targets.set_many(SYSTEM, campaign, values, {m for m, _ in values})
        return len(seen)

    few = await statements({("m0", "x1"): "1", ("m1", "x1"): "1"})
    many = {(f"m{n}", office): str(n + 2) for n in range(100) for office in ("x1", "x2", "city")}
    assert await statements(many) == few
