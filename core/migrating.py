"""Bringing the schema up to date: forwards only, under a lock, all of it or nothing.

Piccolo notes that a migration has run after the migration's own transaction. A process that ends
between the two leaves a database that no start can bring further, so everything is one transaction
here: both engines undo changes of the schema like any others.
"""

from __future__ import annotations

import asyncio
import fcntl
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, redirect_stdout
from pathlib import Path
from typing import IO, Any

from piccolo.apps.migrations.tables import Migration

from core import database
from core.database.sqlite_engine import PooledSQLiteEngine
from core.deferred_imports import leave_formatter_out

# Any number does, as long as every server of one database takes the same.
ADVISORY_LOCK = 0x746F6E67


class MigrationFailedError(RuntimeError):
    """A migration did not succeed; what was before all of them stands, nothing of them does."""


def _locked(path: Path) -> IO[str]:
    """The file, once nobody else holds it; closing it lets go."""
    lock = path.open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


@asynccontextmanager
async def alone() -> AsyncIterator[None]:
    """Only one process migrates a database, or fills it first; whoever comes second waits.

    A lock file for SQLite, an advisory lock otherwise.
    """
    engine = database.engine()
    if isinstance(engine, PooledSQLiteEngine):
        lock = await asyncio.to_thread(_locked, Path(f"{engine.path}.migrating"))
        with lock:
            yield
        return
    connection = await engine.apart()  # nothing is timed on it: another may migrate for long
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        yield
    finally:
        await connection.close()


async def migrate(report: Callable[[str], Any] = lambda _: None) -> int:
    """Run every migration that has not run; answers how many there were.

    Raises MigrationFailedError with Piccolo's words when one does not succeed.
    """
    database.bind()
    async with alone():
        waiting = await pending()
        if not waiting:
            return 0
        report(f"正在更新数据库结构：{len(waiting)} 步")
        from piccolo.apps.migrations.commands.forwards import run_forwards

        said = io.StringIO()
        with redirect_stdout(said):
            async with database.transaction(durable=True):
                await database.allow_long()
                result = await run_forwards("all")
                if not result.success:
                    raise MigrationFailedError(said.getvalue())
    return len(waiting)


async def pending() -> list[str]:
    """Migrations that have not run on this database, as ``app/id``."""
    database.bind()
    done: set[str] = set()
    if await has_schema():
        rows = await database.fetch("SELECT app_name, name FROM migration")
        done = {f"{row['app_name']}/{row['name']}" for row in rows}
    return [each for each in known() if each not in done]


def known() -> list[str]:
    """Every migration that this software has, as ``app/id``, in the order they run in."""
    leave_formatter_out()
    from piccolo.apps.migrations.commands.base import BaseMigrationManager

    manager = BaseMigrationManager()
    return [
        f"{app.app_name}/{name}"
        for app in (manager.get_app_config(name) for name in manager.get_sorted_app_names())
        for name in sorted(manager.get_migration_modules(app.resolved_migrations_folder_path))
    ]


async def has_schema() -> bool:
    """Whether the database has ever been migrated."""
    return bool(await Migration.table_exists())
