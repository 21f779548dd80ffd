"""The one database of a process: SQLite or PostgreSQL, chosen by an address.

Statements are written once, with named parameters (``:campaign``), and run on both engines. A list
or tuple stands for its members: ``organisation IN (:ids)``. Reads outside a transaction go to the
readers; a unit of work is ``async with transaction()`` in the function that does the work, never in
a dependency or a middleware, where an answer would already be on its way before the commit.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from piccolo.table import TABLE_REGISTRY

from core.postgres_engine import PooledPostgresEngine
from core.sqlite_engine import PooledSQLiteEngine

Row = dict[str, Any]
# What the drivers raise when a database cannot be reached or used at all.
UNREACHABLE: tuple[type[Exception], ...] = (
    OSError,
    sqlite3.DatabaseError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
Engine = PooledSQLiteEngine | PooledPostgresEngine


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that ran: its text, how often, and the seconds until its answer was there.

    ``values`` are its parameters (of a batch: the first row's). They may hold personal data: never
    write them to a log. ``rows`` is the number of rows read, or the size of a batch.
    """

    sql: str
    values: Mapping[str, Any]
    seconds: float
    rows: int
    failed: bool = False


_current: Engine | None = None
_observers: list[Callable[[Statement], object]] = []


class DatabaseAddressError(ValueError):
    """An address that names no database we can use; the message is for people."""


def connect(address: str, *, synchronous: str = "NORMAL") -> Engine:
    """Make the process's engine from ``sqlite:///path`` or ``postgresql://…`` and bind all tables.

    Raises DatabaseAddressError for anything else. Nothing is opened before ``start``.
    """
    global _current  # noqa: PLW0603 — one database a process, chosen once at start
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        raise DatabaseAddressError(f"数据库地址写得不对：{address}") from None
    if parts.scheme == "sqlite":
        path = Path(unquote(address.removeprefix("sqlite:///")))
        if not address.startswith("sqlite:///") or not path.name:
            raise DatabaseAddressError("SQLite 的地址应写成 sqlite:///路径/文件.db")
        path.parent.mkdir(parents=True, exist_ok=True)
        _current = PooledSQLiteEngine(str(path), synchronous=synchronous)
    elif parts.scheme in ("postgresql", "postgres"):
        _current = PooledPostgresEngine(address)
    else:
        raise DatabaseAddressError(
            "数据库地址要以 sqlite:/// 或 postgresql:// 开头，例如 sqlite:///data/tongxing.db"
        )
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
        if durable and isinstance(current, PooledSQLiteEngine):
            async with current.durable_transaction():
                yield
            return
        async with current.transaction():
            yield
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


def in_transaction() -> bool:
    """Whether the caller runs inside a unit of work."""
    return engine().current_transaction.get() is not None


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """PostgreSQL's form of a statement: ``$1`` for the first name, and the names in order."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return PARAMETER.sub(number, sql), tuple(names)


def _expanded(sql: str, params: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Lists written out as one parameter a member; an empty one as ``NULL``: it matches nothing."""
    if not any(isinstance(value, list | tuple) for value in params.values()):
        return sql, params
    flat: dict[str, Any] = {}
    for name, value in params.items():
        if not isinstance(value, list | tuple):
            flat[name] = value
            continue
        members = {f"{name}_{index}": member for index, member in enumerate(value)}
        flat.update(members)
        listed = ", ".join(f":{member}" for member in members) or "NULL"
        sql = re.sub(rf"(?<![:\w]):{name}\b", listed, sql)
    return sql, flat


async def fetch(sql: str, **params: Any) -> list[Row]:
    """All rows of a statement as dictionaries."""
    sql, values = _expanded(sql, params)
    if not _observers:
        return await _rows(sql, values)
    started = time.perf_counter()
    try:
        rows = await _rows(sql, values)
    except BaseException:
        _tell(sql, values, started, 0, failed=True)
        raise
    _tell(sql, values, started, len(rows))
    return rows


async def _rows(sql: str, values: Mapping[str, Any]) -> list[Row]:
    current = engine()
    transaction = current.current_transaction.get()
    if isinstance(current, PooledPostgresEngine):
        text, names = _numbered(sql)
        source = transaction.connection if transaction else current.pool
        if source is None:
            raise RuntimeError("database.start() has not been called")
        return [dict(row) for row in await source.fetch(text, *(values[name] for name in names))]
    used = {name: values[name] for name in _numbered(sql)[1]}
    if transaction:
        return list(await transaction.connection.execute_fetchall(sql, used))
    return await current.run_apart(sql, used)


def _tell(
    sql: str, values: Mapping[str, Any], started: float, rows: int, *, failed: bool = False
) -> None:
    statement = Statement(sql, values, time.perf_counter() - started, rows, failed)
    for observer in _observers:
        observer(statement)


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
    started = time.perf_counter()
    try:
        if isinstance(current, PooledPostgresEngine):
            text, names = _numbered(sql)
            await outer.connection.executemany(text, [tuple(row[n] for n in names) for row in rows])
        else:
            await outer.connection.executemany(sql, rows)
    except BaseException:
        _tell(sql, rows[0], started, len(rows), failed=True)
        raise
    _tell(sql, rows[0], started, len(rows))


@contextmanager
def observing(observer: Callable[[Statement], object]) -> Iterator[None]:
    """Tell ``observer`` every statement run through this module once it has run."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


@asynccontextmanager
async def watching(watcher: Callable[[str], object]) -> AsyncIterator[None]:
    """Tell ``watcher`` the text of every statement run through this module: for tests."""
    with observing(lambda statement: watcher(statement.sql)):
        yield
