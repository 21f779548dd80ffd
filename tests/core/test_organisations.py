"""The tree of offices changes; campaigns under way follow, finished ones keep theirs."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from core import bundles, campaigns, database, moments, organisations, reports
from core.permissions import SYSTEM, Actor
from core.process import Process
from core.recap.formats.as_json import report_as_json
from core.refusals import Conflict, Missing, Refusal
from tests.core.bundle_samples import small
from tests.core.stored import everything
from tests.fixtures.application import ActorOf

LIVE = ["draft", "open", "closing"]
FINISHED = ["closed", "archived"]
TREE = {
    "city": ("city", None),
    **{f"c{c}": ("county", "city") for c in range(3)},
    **{f"c{c}t{t}": ("town", f"c{c}") for c in range(3) for t in range(4)},
}
YESTERDAY = moments.today() - timedelta(days=1)


@pytest.fixture
async def loaded(process: Process) -> Process:
    """A city with three counties of four towns each, and a campaign that all take part in."""
    await bundles.import_document(small(), process.plugins, process.catalogue, SYSTEM)
    return process


async def office(key: str) -> dict[str, Any]:
    found = await database.fetch_one("SELECT * FROM organisation WHERE key = :key", key=key)
    assert found is not None
    return found


async def number(key: str) -> int:
    return int((await office(key))["id"])


async def parents() -> dict[str, str | None]:
    """Each office's superior today, by key."""
    rows = await database.fetch(
        "SELECT o.key, p.key AS parent FROM organisation o"
        " LEFT JOIN organisation p ON p.id = o.parent"
    )
    return {row["key"]: row["parent"] for row in rows}


async def picture(campaign: str = "generated-1") -> dict[str, tuple[str, str, str | None]]:
    """Name, level and superior of each office as a campaign knows it."""
    rows = await database.fetch(
        "SELECT o.key, q.name, q.level, p.key AS parent FROM campaign_participant q"
        " JOIN campaign c ON c.id = q.campaign JOIN organisation o ON o.id = q.organisation"
        " LEFT JOIN organisation p ON p.id = q.parent WHERE c.key = :campaign",
        campaign=campaign,
    )
    return {row["key"]: (row["name"], row["level"], row["parent"]) for row in rows}


def closure_of(tree: dict[str, str | None]) -> set[tuple[str, str, int]]:
    """Every (ancestor, descendant, depth), followed upwards one by one."""
    pairs = set()
    for key in tree:
        above: str | None = key
        depth = 0
        while above is not None:
            pairs.add((above, key, depth))
            above, depth = tree[above], depth + 1
    return pairs


async def check_closures() -> None:
    """The closures are those of the trees as they stand now."""
    joined = " JOIN organisation a ON a.id = k.ancestor JOIN organisation d ON d.id = k.descendant"
    rows = await database.fetch(
        f"SELECT a.key AS above, d.key AS below, k.depth FROM organisation_closure k{joined}"
    )
    assert {tuple(row.values()) for row in rows} == closure_of(await parents())
    rows = await database.fetch(
        f"SELECT a.key AS above, d.key AS below, k.depth FROM campaign_closure k{joined}"
    )
    stood = {key: parent for key, (_, _, parent) in (await picture()).items()}
    assert {tuple(row.values()) for row in rows} == closure_of(stood)


async def in_state(state: str) -> None:
    await database.execute("UPDATE campaign SET state = :state", state=state)


async def recap(process: Process) -> dict[str, Any]:
    found = await campaigns.find("generated-1")
    report = await reports.read(found, None, process.plugins, process.catalogue)
    stated = report_as_json(report, process.catalogue)
    return {key: stated[key] for key in ("figures", "by_organisation", "findings")}


async def audited() -> list[tuple[str, str, Any, Any]]:
    rows = await database.fetch(
        "SELECT action, thing_key, before, after FROM audit_entry WHERE thing = 'organisation'"
        " ORDER BY id"
    )
    decoded = [{**row, "before": row["before"] and json.loads(row["before"])} for row in rows]
    return [
        (row["action"], row["thing_key"], row["before"], row["after"] and json.loads(row["after"]))
        for row in decoded
    ]


async def test_a_bundle_makes_the_tree(loaded: Process) -> None:
    assert await parents() == {key: parent for key, (_, parent) in TREE.items()}
    await check_closures()


@pytest.mark.parametrize("state", LIVE)
async def test_campaigns_under_way_follow(state: str, loaded: Process) -> None:
    await in_state(state)
    await organisations.rename(SYSTEM, "c0", "甲区残联")
    await organisations.move(SYSTEM, "c0t0", "c1")
    made = await organisations.create(
        SYSTEM, "c1t9", name="新镇残联", level="town", parent_id=await number("c1")
    )
    assert made == await number("c1t9")
    known = await picture()
    assert known["c0"] == ("甲区残联", "county", "city")
    assert known["c0t0"][2] == "c1"
    assert known["c1t9"] == ("新镇残联", "town", "c1")
    assert (await parents())["c0t0"] == "c1"
    await check_closures()


async def test_figures_follow_the_tree(loaded: Process) -> None:
    """c0t0 reported 25 screened: with it they go from one county to the other, not to the city."""

    def screened(stated: dict[str, Any], key: str) -> str:
        figures = {f["metric"]: f["value"] for f in stated["by_organisation"].get(key, [])}
        return str(figures.get("hearing.screened", "0"))

    before = await recap(loaded)
    await organisations.move(SYSTEM, "c0t0", "c1")
    after = await recap(loaded)
    assert (screened(before, "c0"), screened(before, "c1")) == ("86", "0")
    assert (screened(after, "c0"), screened(after, "c1")) == ("61", "25")
    assert before["figures"] == after["figures"]


@pytest.mark.parametrize("state", FINISHED)
async def test_finished_campaigns_keep_everything(state: str, loaded: Process) -> None:
    await in_state(state)
    kept = ("campaign", "campaign_participant", "campaign_closure")
    before, stated = await everything(), await recap(loaded)
    exported = await bundles.export_bundle("generated-1", loaded.plugins)
    await organisations.rename(SYSTEM, "c0", "甲区残联")
    await organisations.change(SYSTEM, "c2t3", level="community")
    await organisations.move(SYSTEM, "c0t0", "c1")
    await organisations.create(
        SYSTEM, "c1t9", name="新镇残联", level="town", parent_id=await number("c1")
    )
    for town in ("c2t0", "c2t1", "c2t2", "c2t3", "c2"):
        await organisations.close(SYSTEM, town, YESTERDAY)
    after = await everything()
    assert {table: after[table] for table in kept} == {table: before[table] for table in kept}
    assert await recap(loaded) == stated
    assert await bundles.export_bundle("generated-1", loaded.plugins) == exported
    assert after["organisation"] != before["organisation"]
    await check_closures()


async def test_a_move_takes_along_what_is_below(loaded: Process) -> None:
    await organisations.create(SYSTEM, "city2", name="乙市", level="city", parent_id=None)
    await organisations.move(SYSTEM, "c0", "city2")
    rows = await database.fetch(
        "SELECT d.key FROM organisation_closure k JOIN organisation a ON a.id = k.ancestor"
        " JOIN organisation d ON d.id = k.descendant WHERE a.key = 'city2'"
    )
    assert {row["key"] for row in rows} == {"city2", "c0", "c0t0", "c0t1", "c0t2", "c0t3"}
    # The new superior takes no part in the campaign, where the county stays below the old one.
    assert (await picture())["c0"][2] == "city"
    await check_closures()


@pytest.mark.parametrize(
    ("key", "below", "code"),
    [
        ("c0", "c0", "cycle"),
        ("c0", "c0t1", "cycle"),
        ("city", "c0t1", "cycle"),
        ("c0", "c1t0", "level"),
        ("c0", "c1", "level"),
        ("c0t0", "c0t1", "level"),
    ],
)
async def test_a_move_into_itself_or_below_its_level_is_refused(
    key: str, below: str, code: str, loaded: Process
) -> None:
    before = await everything()
    with pytest.raises(Refusal) as refused:
        await organisations.move(SYSTEM, key, below)
    assert refused.value.code == code
    assert await everything() == before


async def test_a_move_to_where_it_is_changes_nothing(loaded: Process) -> None:
    before = await everything()
    await organisations.move(SYSTEM, "c0t0", "c0")
    await organisations.rename(SYSTEM, "c0", (await office("c0"))["name"])
    assert await everything() == before


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({"key": "a b"}, {("/key", "value")}),
        ({"key": "k" * 65}, {("/key", "too_long")}),
        ({"name": ""}, {("/name", "missing")}),
        ({"name": " \u3000"}, {("/name", "missing")}),
        ({"name": "长" * 101}, {("/name", "too_long")}),
        ({"level": "village"}, {("/level", "value")}),
        ({"level": "county"}, {("/level", "level")}),
        ({"level": "nation"}, {("/level", "level")}),
        (
            {"key": "", "name": "", "level": ""},
            {("/key", "value"), ("/name", "missing"), ("/level", "value")},
        ),
    ],
)
async def test_a_new_office_has_a_key_a_name_and_a_level_that_fits(
    members: dict[str, str], codes: set[tuple[str, str]], loaded: Process
) -> None:
    before = await everything()
    given = {"key": "new", "name": "新镇", "level": "town", **members}
    with pytest.raises(Refusal) as refused:
        await organisations.create(
            SYSTEM, given["key"], name=given["name"], level=given["level"],
            parent_id=await number("c0"),
        )  # fmt: skip
    assert {(fault.pointer, fault.code) for fault in refused.value.faults} == codes
    assert await everything() == before


async def test_a_key_is_given_once(loaded: Process) -> None:
    with pytest.raises(Conflict) as refused:
        await organisations.create(
            SYSTEM, "c0t0", name="又一个", level="town", parent_id=await number("c1")
        )
    assert (refused.value.code, refused.value.faults[0].member) == ("duplicate", "key")
    assert (await office("c0t0"))["parent"] == await number("c0")


async def test_a_level_stays_between_those_above_and_below(loaded: Process) -> None:
    for key, level in [("c0", "town"), ("c0", "city"), ("c0t0", "county"), ("city", "county")]:
        with pytest.raises(Refusal) as refused:
            await organisations.change(SYSTEM, key, level=level)
        assert refused.value.code == "level"
    await organisations.change(SYSTEM, "c0t0", level="community")
    assert (await office("c0t0"))["level"] == (await picture())["c0t0"][1] == "community"


async def test_only_an_office_with_none_open_below_closes(loaded: Process) -> None:
    with pytest.raises(Conflict) as refused:
        await organisations.close(SYSTEM, "c0", YESTERDAY)
    assert refused.value.code == "open_below"
    assert "4" in str(refused.value)
    for town in ("c0t0", "c0t1", "c0t2", "c0t3"):
        await organisations.close(SYSTEM, town, YESTERDAY)
    await organisations.close(SYSTEM, "c0", YESTERDAY)
    assert (await office("c0"))["closed_on"] == YESTERDAY
    with pytest.raises(Conflict) as refused:
        await organisations.close(SYSTEM, "c0t0", None)
    assert refused.value.code == "closed"
    await organisations.close(SYSTEM, "c0", None)
    await organisations.close(SYSTEM, "c0t0", None)
    assert (await office("c0t0"))["closed_on"] is None


async def test_nothing_new_comes_below_a_closed_office(loaded: Process) -> None:
    for key in ("c0t0", "c0t1", "c0t2", "c0t3", "c0"):
        await organisations.close(SYSTEM, key, YESTERDAY)
    with pytest.raises(Conflict):
        await organisations.create(
            SYSTEM, "c0t9", name="新镇", level="town", parent_id=await number("c0")
        )
    with pytest.raises(Conflict):
        await organisations.move(SYSTEM, "c1t0", "c0")
    assert (await parents())["c1t0"] == "c1"


async def test_an_office_does_not_close_in_the_future(loaded: Process) -> None:
    with pytest.raises(Refusal):
        await organisations.close(SYSTEM, "c0t0", moments.today() + timedelta(days=1))
    await organisations.close(SYSTEM, "c0t0", moments.today())


async def test_a_closed_office_keeps_its_part_in_campaigns(loaded: Process) -> None:
    """What it has on record goes on counting."""
    before = await recap(loaded)
    await organisations.close(SYSTEM, "c0t0", YESTERDAY)
    assert "c0t0" in await picture()
    assert await recap(loaded) == before


async def test_every_change_is_in_the_log(loaded: Process) -> None:
    county, old = await number("c1"), await number("c0")
    name = (await office("c0"))["name"]
    await organisations.create(SYSTEM, "c1t9", name="新镇", level="town", parent_id=county)
    await organisations.rename(SYSTEM, "c0", "甲区残联")
    await organisations.move(SYSTEM, "c0t0", "c1")
    await organisations.close(SYSTEM, "c0t1", date(2026, 1, 1))
    await organisations.close(SYSTEM, "c0t1", None)
    assert await audited() == [
        ("organisation.created", "c1t9", None, {"name": "新镇", "level": "town", "parent": county}),
        ("organisation.renamed", "c0", {"name": name}, {"name": "甲区残联"}),
        ("organisation.moved", "c0t0", {"parent": old}, {"parent": county}),
        ("organisation.closed", "c0t1", {"closed_on": None}, {"closed_on": "2026-01-01"}),
        ("organisation.reopened", "c0t1", {"closed_on": "2026-01-01"}, {"closed_on": None}),
    ]


async def test_changes_are_for_those_who_manage_that_office(
    loaded: Process, actor_of: ActorOf
) -> None:
    """An administrator of one county: outside it there is nothing; an organiser changes nothing."""
    administrator: Actor = await actor_of("administrator", "c0")
    await organisations.rename(administrator, "c0t0", "甲镇残联")
    before = await everything("account", "account_grant")
    organiser = await actor_of("organiser", "city")
    county = await number("c1")
    for actor, key, other in [
        (administrator, "c1t0", "c0"),
        (administrator, "city", "c0"),
        (administrator, "nowhere", "c0"),
        (organiser, "c1t0", "c0"),
    ]:
        with pytest.raises(Missing):
            await organisations.rename(actor, key, "别的名字")
        with pytest.raises(Missing):
            await organisations.close(actor, key, YESTERDAY)
        with pytest.raises(Missing):
            await organisations.move(actor, key, other)
    with pytest.raises(Missing):
        await organisations.move(administrator, "c0t0", "c1")
    with pytest.raises(Missing):
        await organisations.create(administrator, "x", name="新", level="town", parent_id=county)
    with pytest.raises(Refusal):
        await organisations.create(administrator, "x", name="新", level="city", parent_id=None)
    assert await everything("account", "account_grant") == before


async def test_the_next_import_of_a_bundle_brings_its_tree_back(loaded: Process) -> None:
    """What an office sends stands for its tree; offices that are only here stay where they are."""
    await organisations.create(
        SYSTEM, "c1t9", name="新镇", level="town", parent_id=await number("c1")
    )
    await organisations.move(SYSTEM, "c0t0", "c1")
    await bundles.import_document(small(), loaded.plugins, loaded.catalogue, SYSTEM)
    now = await parents()
    assert now["c0t0"] == "c0"
    assert now["c1t9"] == "c1"
    assert "c1t9" not in await picture()
    await check_closures()
