"""docs/partitioning.sql: the same figures, bundle and rules, and each campaign read by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core import bundles, campaigns, database, migrating, reports
from core.checking import indexes
from core.permissions import SYSTEM
from core.process import Process, opened
from core.settings import ROOT, Settings
from tests.core.stored import everything
from tests.fixtures.application import CAMPAIGN_2022

pytestmark = pytest.mark.postgres
SCRIPT = (ROOT / "docs" / "partitioning.sql").read_text(encoding="utf-8")
DIVIDED = ("condolence_line", "condolence_goods", "volunteer_attendance", "volunteer_punch")
REFUSED = (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError)


async def figures(process: Process, key: str) -> dict[str, dict[str, str]]:
    """Every figure of every office."""
    campaign = await campaigns.find(key)
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    return {
        office: {metric: str(figure) for metric, figure in held.items()}
        for office, held in report.figures.by_organisation.items()
    }


async def told(process: Process) -> Any:
    """All that the campaigns hold, as figures and as bundles."""
    keys = ("2022-city", "2023-city")
    held = [(await figures(process, key), await exported(process, key)) for key in keys]
    assert held[0][0]["city"] != {}
    return held


async def exported(process: Process, key: str) -> str:
    return await bundles.export_bundle(key, process.plugins)


async def plan(sql: str, **values: Any) -> str:
    rows = await database.fetch(f"EXPLAIN {sql}", **values)
    return "\n".join(str(row["QUERY PLAN"]) for row in rows)


async def divide(url: str) -> None:
    """Run the script as psql would: in one transaction, stopped by the first error."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute(SCRIPT)
    await connection.close()


async def test_divided_tables_hold_and_refuse_the_same(
    migrated_postgresql_url: str, key_file: Path
) -> None:
    settings = Settings(migrated_postgresql_url, key_file)
    first = json.loads(CAMPAIGN_2022.read_bytes())
    second = json.loads(CAMPAIGN_2022.read_bytes())
    second["campaign"] |= {"key": "2023-city", "year": 2023}
    async with opened(settings) as process:
        for document in (first, second):
            data = json.dumps(document).encode()
            await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)
        before, rows = await told(process), await everything()
    await divide(migrated_postgresql_url)
    async with opened(settings) as process:
        assert await migrating.pending() == []
        assert await indexes.check() == []
        after = await everything()
        assert {name: sorted(after[name]) for name in rows} == {
            name: sorted(found) for name, found in rows.items()
        }
        assert await told(process) == before
        await each_campaign_is_read_by_itself()
        await what_was_refused_is_refused()
        await what_was_done_can_be_done(process, first)


async def each_campaign_is_read_by_itself() -> None:
    campaign = (await campaigns.find("2022-city")).id
    for table in DIVIDED:
        found = await plan(f"SELECT * FROM {table} WHERE campaign = :campaign", campaign=campaign)
        assert found.count("Scan on") == 1, found
        joined = await plan(
            f"SELECT COUNT(*) FROM {table} t JOIN campaign c ON c.id = t.campaign"
            " WHERE t.campaign = :campaign",
            campaign=campaign,
        )
        assert joined.count(f"on {table}_") == 1, joined
    found = await plan("SELECT * FROM audit_entry WHERE id = 5")
    assert found.count("on audit_entry_") == 1, found


async def what_was_refused_is_refused() -> None:
    """Uniqueness and references, across what is divided."""
    twice = {
        "condolence_line": "round, recipient, cash, status",
        "condolence_goods": "line, position, item, quantity, unit, unit_value",
        "volunteer_attendance": "shift, volunteer, ordinal, status",
    }
    for sql in (
        *(
            f"INSERT INTO {table} (campaign, {columns}) SELECT campaign, {columns}"
            f" FROM {table} LIMIT 1"
            for table, columns in twice.items()
        ),
        "DELETE FROM condolence_line WHERE id = (SELECT MIN(line) FROM condolence_goods)",
        "UPDATE condolence_goods SET line = 999999",
        "DELETE FROM condolence_recipient",
    ):
        with pytest.raises(REFUSED):
            await database.execute(sql)


async def what_was_done_can_be_done(process: Process, document: dict[str, Any]) -> None:
    """Numbers go on, a changed bundle comes in, a punch forgets its attendance, a campaign goes."""
    last = await database.fetch_value("SELECT MAX(id) FROM condolence_line")
    visits = document["plugins"]["condolence"]["rounds"][0]["lines"]
    dropped = visits.pop()
    data = json.dumps(document).encode()
    await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)
    visits.append(dropped)
    data = json.dumps(document).encode()
    await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)
    assert await database.fetch_value("SELECT MAX(id) FROM condolence_line") > last
    row = await database.fetch_one("SELECT id, campaign FROM volunteer_attendance ORDER BY id")
    assert row
    await database.execute(
        "INSERT INTO volunteer_punch (campaign, nonce, attendance, direction, at, received_at)"
        " VALUES (:campaign, 'n', :attendance, 'in', now(), now())",
        campaign=row["campaign"],
        attendance=row["id"],
    )
    await database.execute("DELETE FROM volunteer_attendance WHERE id = :id", id=row["id"])
    punch = await database.fetch_one("SELECT campaign, attendance FROM volunteer_punch")
    assert punch == {"campaign": row["campaign"], "attendance": None}


async def test_it_stands_or_falls_as_a_whole(migrated_postgresql_url: str) -> None:
    """Run again by mistake it changes nothing."""
    await divide(migrated_postgresql_url)
    with pytest.raises(asyncpg.PostgresError):
        await divide(migrated_postgresql_url)
    connection = await asyncpg.connect(migrated_postgresql_url)
    left = await connection.fetchval("SELECT COUNT(*) FROM pg_class WHERE relname LIKE '%_whole'")
    assert left == 0
    await connection.close()
