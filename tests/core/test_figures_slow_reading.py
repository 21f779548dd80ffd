"""Whatever a campaign holds, its recap states what the law, read slowly, says it should."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from core import bundles, campaigns, reports
from core.checking.slow_reading import SlowReading
from core.permissions import SYSTEM
from core.process import Process, opened
from core.recap.formats.as_json import report_as_json
from core.settings import Settings
from tests.core.generated_bundles import bundles as generated
from tests.core.slow_readers import READERS

EXAMPLES = Path(__file__).parents[1] / "campaigns"
MEMBERS = ("value", "itemised", "evidence", "target", "completion", "approximate")


@pytest.fixture
async def on_sqlite(migrated_sqlite_url: str, key_file: Path) -> AsyncIterator[Process]:
    async with opened(Settings(migrated_sqlite_url, key_file)) as process:
        yield process


@pytest.fixture
async def on_postgresql(migrated_postgresql_url: str, key_file: Path) -> AsyncIterator[Process]:
    async with opened(Settings(migrated_postgresql_url, key_file)) as process:
        yield process


async def recap(bundle: dict[str, Any], process: Process, office: str | None = None) -> Any:
    """The recap that programmes get, of a campaign that was imported."""
    campaign = await campaigns.find(bundle["campaign"]["key"])
    report = await reports.read(campaign, office, process.plugins, process.catalogue)
    return json.loads(json.dumps(report_as_json(report, process.catalogue)))


def stated(document: Any) -> dict[str, dict[str, Any]]:
    """Figures by office and metric, with the members that the slow reading gives."""
    by_office = {**document["by_organisation"]}
    by_office.setdefault(document["organisation"], document["figures"])
    return {
        office: {
            figure["metric"]: {member: figure[member] for member in MEMBERS} for figure in figures
        }
        for office, figures in by_office.items()
        if figures
    }


async def compare(bundle: dict[str, Any], process: Process) -> None:
    """Import, then hold the recap against the slow reading: from the root and from each office."""
    await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)
    reading = SlowReading(bundle, READERS)
    expected = reading.figures()
    for office in sorted(reading.parents):
        document = await recap(bundle, process, office)
        below = reading.subtree(office)
        assert stated(document) == {key: expected[key] for key in sorted(below & expected.keys())}
        assert document["failed_plugins"] == []
        found = {
            (finding["metric"], finding["organisation"])
            for finding in document["findings"]
            if finding["code"] == "total_below_parts"
        }
        assert found == {(m, o) for m, o in reading.totals_below_parts() if o in below}


CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@given(bundle=generated())
@settings(max_examples=400, deadline=None, suppress_health_check=CHECKS)
async def test_the_recap_of_any_campaign_agrees_with_a_slow_reading(
    on_sqlite: Process, bundle: dict[str, Any]
) -> None:
    await compare(bundle, on_sqlite)


@pytest.mark.postgres
@given(bundle=generated())
@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS)
async def test_it_does_so_on_postgresql(on_postgresql: Process, bundle: dict[str, Any]) -> None:
    await compare(bundle, on_postgresql)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.expected.json")), ids=lambda p: p.stem)
def test_the_slow_reading_itself_comes_to_what_people_worked_out(path: Path) -> None:
    bundle = json.loads((path.parent / path.name.replace(".expected", "")).read_bytes())
    expected = json.loads(path.read_bytes())["figures"]
    found = SlowReading(bundle, READERS).figures()
    assert {office: set(figures) for office, figures in found.items()} == {
        office: set(figures) for office, figures in expected.items()
    }
    for office, figures in expected.items():
        for metric, figure in figures.items():
            assert {member: found[office][metric][member] for member in figure} == figure
