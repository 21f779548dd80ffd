"""Whole campaigns, from file to figures and back to the file; and what that costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core import bundles, campaigns, database, reports
from core.documents import canonical
from core.permissions import SYSTEM
from core.process import Process
from core.recap.formats.as_json import report_as_json
from tests.core.bundle_samples import NAMES
from tests.core.stored import everything

FOLDER = Path(__file__).parents[1] / "campaigns"
# An import leaves its own trace, and moves what says that a campaign may have changed.
TRACES = ("audit_entry", "campaign")


def document(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return read


async def load(bundle: dict[str, Any], process: Process) -> str:
    return await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)


async def recap(key: str, process: Process) -> dict[str, Any]:
    report = await reports.read(await campaigns.find(key), None, process.plugins, process.catalogue)
    return report_as_json(report, process.catalogue)


def unordered(value: Any) -> Any:
    """A document with its lists in one order."""
    if isinstance(value, dict):
        return {name: unordered(member) for name, member in value.items()}
    if isinstance(value, list):
        return sorted(map(unordered, value), key=canonical)
    return value


def by_office(recap: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Figures by office and metric."""
    return {
        office: {figure["metric"]: figure for figure in figures}
        for office, figures in recap["by_organisation"].items()
    }


@pytest.mark.parametrize("name", NAMES)
async def test_a_campaign_comes_to_the_figures_that_people_worked_out(
    name: str, process: Process
) -> None:
    expected = json.loads((FOLDER / f"{name}.expected.json").read_bytes())["figures"]
    found = by_office(await recap(await load(document(name), process), process))
    assert {office: set(figures) for office, figures in found.items()} == {
        office: set(figures) for office, figures in expected.items()
    }
    for office, figures in expected.items():
        stated = {
            metric: {member: found[office][metric][member] for member in figure}
            for metric, figure in figures.items()
        }
        assert stated == figures


@pytest.mark.parametrize("name", NAMES)
async def test_exporting_again_gives_the_same_bytes(name: str, process: Process) -> None:
    key = await load(document(name), process)
    first = await bundles.export_bundle(key, process.plugins)
    assert await load(json.loads(first), process) == key
    assert await bundles.export_bundle(key, process.plugins) == first


@pytest.mark.parametrize("name", NAMES)
async def test_an_export_holds_what_was_imported(name: str, process: Process) -> None:
    """No more and no less: the files leave nothing out, so that only the order may differ."""
    given = document(name)
    exported = json.loads(await bundles.export_bundle(await load(given, process), process.plugins))
    assert unordered(exported) == unordered(given)


@pytest.mark.parametrize("name", NAMES)
async def test_importing_twice_is_importing_once(name: str, process: Process) -> None:
    """Every row is the row it was, its id and an activity's sequence included."""
    key = await load(document(name), process)
    once = await everything(*TRACES, "campaign_closure")
    campaign = await database.fetch_one("SELECT * FROM campaign")
    await load(document(name), process)
    assert await everything(*TRACES, "campaign_closure") == once
    again = await database.fetch_one("SELECT * FROM campaign WHERE key = :key", key=key)
    assert campaign is not None
    assert again == {**campaign, "changes": campaign["changes"] + 1}
    assert {row["sequence"] for row in await database.fetch("SELECT sequence FROM activity")} == {0}


async def test_a_changed_activity_is_a_new_version_of_the_same(process: Process) -> None:
    given = document("2022-city")
    key = await load(given, process)
    before = {row["key"]: row for row in await database.fetch("SELECT * FROM activity")}
    given["activities"][0]["place"] = "市民广场"
    given["activities"][1]["title"] = "改了名称"
    await load(given, process)
    after = {row["key"]: row for row in await database.fetch("SELECT * FROM activity")}
    moved, renamed = (activity["key"] for activity in given["activities"][:2])
    assert {k: row["id"] for k, row in after.items()} == {k: r["id"] for k, r in before.items()}
    assert {k: row["sequence"] for k, row in after.items() if row["sequence"]} == {moved: 1}
    assert after[renamed]["title"] == "改了名称"
    untouched = after.keys() - {moved, renamed}
    assert {k: after[k] for k in untouched} == {k: before[k] for k in untouched}
    exported = json.loads(await bundles.export_bundle(key, process.plugins))
    assert unordered(exported) == unordered(given)


async def test_a_bundle_replaces_its_campaign_and_leaves_the_others(process: Process) -> None:
    first, other = document("2022-city"), document("2015-county")
    await load(first, process)
    await load(other, process)
    kept = await bundles.export_bundle(other["campaign"]["key"], process.plugins)
    bare = {name: first[name] for name in ("format", "version", "organisations", "campaign")} | {
        "activities": []
    }
    key = await load(bare, process)
    found = json.loads(await bundles.export_bundle(key, process.plugins))
    assert found == {**bare, "metrics": [], "targets": [], "reported": [], "plugins": {}}
    assert await bundles.export_bundle(other["campaign"]["key"], process.plugins) == kept


def crowded(lines: int, offices: int) -> dict[str, Any]:
    """A campaign of one round an office, with so many delivered lines in all, and totals."""
    names = [f"o{index}" for index in range(offices)]
    return {
        "format": "campaign-bundle",
        "version": 1,
        "organisations": [
            {
                "key": name,
                "name": name,
                "level": "city" if name == "o0" else "county",
                "parent": None if name == "o0" else "o0",
            }
            for name in names
        ],
        "campaign": {
            "key": "crowded",
            "observance": "national-disability-day",
            "year": 2022,
            "organisation": "o0",
            "starts_on": "2022-05-01",
            "ends_on": "2022-05-31",
        },
        "activities": [
            {
                "key": "a",
                "kind": "condolence",
                "organisation": "o0",
                "starts_at": "2022-05-10T09:00:00+08:00",
                "ends_at": "2022-05-10T17:00:00+08:00",
            }
        ],
        "reported": [
            {
                "key": f"f{name}",
                "metric": "condolence.cash",
                "organisation": name,
                "activity": "a",
                "value": "100000000",
                "basis": "total",
            }
            for name in names
        ],
        "plugins": {
            "condolence": {
                "recipients": [
                    {"key": f"r{i}", "kind": "person", "name": f"人{i}", "organisation": "o0"}
                    for i in range(lines)
                ],
                "rounds": [
                    {
                        "key": f"n{name}",
                        "occasion": "走访",
                        "organisation": name,
                        "activity": "a",
                        "visited_on": "2022-05-12",
                        "lines": [
                            {"recipient": f"r{i}", "cash": "1.00", "status": "delivered"}
                            for i in range(index, lines, offices)
                        ],
                    }
                    for index, name in enumerate(names)
                ],
            }
        },
    }


async def statements(lines: int, offices: int, process: Process) -> dict[str, list[str]]:
    """The statements of an import into a database without this campaign, and of its recap."""
    seen: list[str] = []
    async with database.watching(seen.append):
        key = await load(crowded(lines, offices), process)
        imported = list(seen)
        seen.clear()
        found = by_office(await recap(key, process))
    assert found["o0"]["condolence.visits"]["value"] == str(lines)
    await database.execute("DELETE FROM reported_figure")
    for table in ("goods", "line", "round", "recipient"):
        await database.execute(f"DELETE FROM condolence_{table}")
    await database.execute("DELETE FROM campaign")
    # Some are run side by side, in no certain order.
    return {"import": sorted(imported), "recap": sorted(seen)}


async def test_ten_thousand_lines_take_no_more_statements_than_a_thousand(
    process: Process,
) -> None:
    """Offices that exist already are updated by key, so the tree is loaded once before."""
    await load(crowded(30, 30), process)
    await database.execute("UPDATE campaign SET key = 'before'")
    few = await statements(1_000, 3, process)
    assert await statements(10_000, 3, process) == few
    many = await statements(1_000, 30, process)
    assert {act: len(found) for act, found in many.items()} == {
        act: len(found) for act, found in few.items()
    }
