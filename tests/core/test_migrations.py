"""Migrations: forwards on both engines, over tables with rows, once, to what the code expects."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.apps.migrations.commands.new import AutoMigrationManager

from core import database, migrating
from core.migrating import MigrationFailedError
from tests.core.introspection import columns, fill, indexes
from tests.core.stored import everything

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[str]:
    """An open database without anything in it, on each engine in turn."""
    database.connect(database_url)
    async with database.running():
        yield database_url


async def step(name: str) -> None:
    """Run one migration, named as ``migrating.pending`` does: ``core/2026-…``."""
    app, _, number = name.partition("/")
    with contextlib.redirect_stdout(io.StringIO()):
        result = await run_forwards(app, number)
    assert result.success


async def test_an_empty_database_is_brought_up_to_date_once(empty: str) -> None:
    assert not await migrating.has_schema()
    waiting = await migrating.pending()
    told: list[str] = []
    assert await migrating.migrate(told.append) == len(waiting) > 10
    assert str(len(waiting)) in told[0]
    assert await migrating.has_schema()
    assert await migrating.pending() == []
    before = (await columns(), await indexes(), await everything())
    assert await migrating.migrate(told.append) == 0
    assert len(told) == 1
    assert (await columns(), await indexes(), await everything()) == before


async def test_every_migration_runs_over_tables_with_rows(empty: str) -> None:
    """One at a time; before each, every table of the state before it gets a row."""
    for name in await migrating.pending():
        await step(name)
        if await database.fetch("SELECT 1 FROM migration LIMIT 1"):
            await fill(await columns())
    assert await migrating.pending() == []
    known = await columns()
    stored = await everything("migration")
    assert set(stored) == set(known) - {"migration"}
    # Number 1 everywhere: no row was lost and made anew.
    numbers = {name: [dict(row).get("id", 1) for row in rows] for name, rows in stored.items()}
    assert numbers == {name: [1] for name in stored}


@pytest.mark.parametrize("left", [1, 2, 5, 9])
async def test_the_rest_runs_at_once_from_an_earlier_state(left: int, empty: str) -> None:
    waiting = await migrating.pending()
    for name in waiting[:-left]:
        await step(name)
    filled = await fill(await columns())
    assert "organisation" in filled
    before = await everything("migration")
    assert await migrating.pending() == waiting[-left:]
    assert await migrating.migrate() == left
    assert await migrating.pending() == []
    after = await everything("migration")
    for table, rows in before.items():
        kept = [tuple(sorted(row)) for row in after[table]]
        for row in rows:
            assert any(set(row) <= set(found) for found in kept), table


async def test_the_schema_is_that_of_the_tables(empty: str) -> None:
    """Piccolo would find nothing to migrate, and every column of every table is there."""
    await migrating.migrate()
    known = await columns()
    manager = BaseMigrationManager()
    declared = set()
    for name in manager.get_sorted_app_names():
        app = manager.get_app_config(name)
        found = await AutoMigrationManager().get_alter_statements(app)
        assert [line for each in found for line in each.statements] == []
        for table in app.table_classes:
            tablename = table._meta.tablename
            declared.add(tablename)
            stated = {c._meta.db_column_name: not c._meta.null for c in table._meta.columns}
            assert set(known[tablename]) == set(stated)
            required = {c.name for c in known[tablename].values() if c.required or c.primary_key}
            assert required == {name for name, needed in stated.items() if needed}
    assert set(known) - declared == {"migration"}


async def test_both_engines_come_to_the_same(sqlite_url: str, postgresql_url: str) -> None:
    found = []
    for address in (sqlite_url, postgresql_url):
        database.connect(address)
        async with database.running():
            await migrating.migrate()
            known = await columns()
            found.append((await indexes(), {name: set(known[name]) for name in known}))
    assert found[0] == found[1]


async def test_a_migration_that_fails_leaves_what_was_before_it(empty: str) -> None:
    """Something stands in the way of one plugin's table; once it is gone, the rest runs."""
    waiting = await migrating.pending()
    at = next(i for i, name in enumerate(waiting) if name.startswith("publicity/"))
    for name in waiting[:at]:
        await step(name)
    before = await columns()
    await database.execute("CREATE TABLE publicity_outreach (id INTEGER)")
    with pytest.raises((*database.UNREACHABLE, MigrationFailedError)):
        await migrating.migrate()
    assert (await migrating.pending())[0] == waiting[at]
    now = await columns()
    del now["publicity_outreach"]
    assert now == before
    await database.execute("DROP TABLE publicity_outreach")
    assert await migrating.migrate() == len(waiting) - at
    assert await migrating.pending() == []


def test_two_processes_at_once_migrate_one_after_the_other(
    database_url: str, tmp_path: Path
) -> None:
    environment = os.environ | {
        "TONGXING_DATABASE_URL": database_url,
        "TONGXING_KEY_FILE": str(tmp_path / "tongxing.key"),
    }
    running = [
        subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "migrate"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )
        for _ in range(3)
    ]  # fmt: skip
    ended = [(*process.communicate(timeout=120), process.returncode) for process in running]
    assert [(output, status) for output, _, status in ended] == [("", 0)] * 3
    told = [errors for _, errors, _ in ended]
    assert sum("正在更新数据库结构" in errors for errors in told) == 1
    assert all("数据库结构已是最新" in errors for errors in told)
