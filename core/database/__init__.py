"""The one database of a process: SQLite or PostgreSQL, chosen by an address.

Statements are written once, with named parameters (``:campaign``), and run on both engines. A list
or tuple stands for its members: ``organisation IN (:ids)``. Reads outside a transaction go to the
readers; a unit of work is ``async with transaction()`` in the function that does the work, never in
a dependency or a middleware, where an answer would already be on its way before the commit.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import asyncpg
from piccolo.table import TABLE_REGISTRY

from core.database import retrying
from core.database.addresses import (
    DatabaseAddressError as DatabaseAddressError,
)
from core.database.addresses import (
    Engine as Engine,
)
from core.database.addresses import engine_for
from core.database.observing import Statement as Statement
from core.database.observing import observers, tell, telling
from core.database.observing import observing as observing
from core.database.observing import watching as watching
from core.database.postgres_engine import PooledPostgresEngine
from core.database.postgres_pool import Tuning
from core.database.sqlite_engine import PooledSQLiteEngine, fetched
from core.database.statements import expanded, numbered

Row = dict[str, Any]
Answer = TypeVar("Answer")
Given = ParamSpec("Given")
# What the drivers raise when a database cannot be reached or used at all.
UNREACHABLE: tuple[type[Exception], ...] = (
    OSError,
    sqlite3.DatabaseError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


_current: Engine | None = None
# What is to be done once the unit of work is committed, each thing once.
_afterwards: ContextVar[dict[Hashable, Callable[[], Awaitable[None]]] | None] = ContextVar(
    "afterwards", default=None
)


def connect(
    address: str,
    *,
    synchronous: str = "NORMAL",
    tuning: Tuning | None = None,
    replica: str = "",
) -> Engine:
    """Make the process's engine from ``sqlite:///path`` or ``postgresql://…`` and bind all tables.

    ``synchronous`` is SQLite's; ``tuning`` and ``replica`` (an address to read reports from) are
    PostgreSQL's. Raises DatabaseAddressError. Nothing is opened before ``start``.
    """
    global _current  # noqa: PLW0603 — one database a process, chosen once at start
    _current = engine_for(address, synchronous, tuning or Tuning(), replica)
    bind()
    return _current


def bind() -> None:
    """Point every Piccolo table at the current engine (again, after plugins brought theirs)."""
    for table in TABLE_REGISTRY:
        table._meta.db = engine()


def engine() -> Engine:
    """The process's engine; ``connect`` comes first."""
    if _current is None:
        raise RuntimeError("database.connect() has not been called")
    return _current


def is_connected() -> bool:
    """Whether ``connect`` has been called."""
    return _current is not None


def is_postgresql() -> bool:
    """Whether the current engine is PostgreSQL."""
    return isinstance(engine(), PooledPostgresEngine)


async def start() -> None:
    """Open the connections. Raises the driver's error when the database cannot be reached."""
    await engine().start()


async def stop() -> None:
    """Close all connections."""
    await engine().stop()


@asynccontextmanager
async def running() -> AsyncIterator[Engine]:
    """``start`` and ``stop`` around a block."""
    await start()
    try:
        yield engine()
    finally:
        await stop()


@asynccontextmanager
async def transaction(*, durable: bool = False) -> AsyncIterator[None]:
    """A unit of work. Nested, it is a savepoint: an error in it undoes only the inner part.

    ``durable`` waits until it is on disk, also where SQLite's settings leave that to a checkpoint.
    """
    current = engine()
    outer = current.current_transaction.get()
    if outer is None:
        waiting: dict[Hashable, Callable[[], Awaitable[None]]] = {}
        token = _afterwards.set(waiting)
        try:
            if durable and isinstance(current, PooledSQLiteEngine):
                async with current.durable_transaction():
                    yield
            else:
                async with current.transaction():
                    yield
        finally:
            _afterwards.reset(token)
        for act in waiting.values():
            await act()
        return
    if isinstance(current, PooledPostgresEngine):
        async with outer.connection.transaction():
            yield
        return
    savepoint = await outer.savepoint()
    try:
        yield
    except BaseException:
        await savepoint.rollback_to()
        raise
    finally:
        await savepoint.release()


async def afterwards(name: Hashable, act: Callable[[], Awaitable[None]]) -> None:
    """Do something once the unit of work stands, or at once outside one; once for each name.

    It must not raise: what it follows is committed.
    """
    waiting = _afterwards.get()
    if waiting is None:
        await act()
    else:
        waiting[name] = act


def in_transaction() -> bool:
    """Whether the caller runs inside a unit of work."""
    return engine().current_transaction.get() is not None


async def repeated(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """What ``work`` gives, begun anew when PostgreSQL asks for it; see core/database/retrying.py.

    Inside a unit of work it is called once: what is begun anew is the whole.
    """
    if in_transaction() or not is_postgresql():
        return await work()
    return await retrying.repeated(work)


def retried(
    function: Callable[Given, Awaitable[Answer]],
) -> Callable[Given, Awaitable[Answer]]:
    """``repeated`` for a function that is, or opens, a whole unit of work."""

    @wraps(function)
    async def persistent(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        return await repeated(lambda: function(*args, **kwargs))

    return persistent


@asynccontextmanager
async def reporting(campaign: int, changes: int) -> AsyncIterator[None]:
    """Read a report of a campaign: from the replica, if it has it as of that count of changes.

    What is read inside a unit of work, and everything where there is no replica, is read as ever.
    """
    current = engine()
    replica = current.replica if isinstance(current, PooledPostgresEngine) else None
    if replica is None or in_transaction():
        yield
        return
    async with replica.reading(campaign, changes):
        yield


@asynccontextmanager
async def snapshot() -> AsyncIterator[None]:
    """Read everything inside as of one moment, whatever is committed meanwhile. Write nothing."""
    current = engine()
    if in_transaction() or not isinstance(current, PooledPostgresEngine):
        async with transaction():
            yield
        return
    async with current.snapshot():
        yield


async def allow_long() -> None:
    """Let the statements of this unit of work take long: an import, say. Nothing on SQLite."""
    if is_postgresql():
        await execute("SET LOCAL statement_timeout = 0")
        await execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")


async def fetch(sql: str, **params: Any) -> list[Row]:
    """All rows of a statement as dictionaries."""
    sql, values = expanded(sql, params)
    if not observers:
        return await _rows(sql, values)
    started = time.perf_counter()
    try:
        rows = await _rows(sql, values)
    except BaseException:
        tell(sql, values, started, 0, failed=True)
        raise
    tell(sql, values, started, len(rows))
    return rows


async def _rows(sql: str, values: Mapping[str, Any]) -> list[Row]:
    current = engine()
    transaction = current.current_transaction.get()
    if isinstance(current, PooledPostgresEngine):
        text, names = numbered(sql)
        given = [values[name] for name in names]
        if transaction:
            return [dict(row) for row in await transaction.connection.fetch(text, *given)]
        return [dict(row) for row in await current.run_apart(text, given)]
    used = {name: values[name] for name in numbered(sql)[1]}
    if transaction:
        return await fetched(transaction.connection, sql, used)
    return await current.run_apart(sql, used)


async def fetch_one(sql: str, **params: Any) -> Row | None:
    """The first row, or None."""
    rows = await fetch(sql, **params)
    return rows[0] if rows else None


async def fetch_value(sql: str, **params: Any) -> Any:
    """The first column of the first row, or None."""
    row = await fetch_one(sql, **params)
    return next(iter(row.values())) if row else None


async def execute(sql: str, **params: Any) -> None:
    """Run a statement for its effect."""
    await fetch(sql, **params)


async def execute_many(sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run one statement for every row, as one batch inside the current unit of work."""
    if not rows:
        return
    current = engine()
    outer = current.current_transaction.get()
    if outer is None:
        async with transaction():
            await execute_many(sql, rows)
        return
    with telling(sql, rows):
        if isinstance(current, PooledPostgresEngine):
            text, names = numbered(sql)
            await outer.connection.executemany(text, [tuple(row[n] for n in names) for row in rows])
        else:
            await outer.connection.executemany(sql, rows)
