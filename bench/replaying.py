"""The statements that the project asked of its database, noted and run again on the bare driver."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from core import database
from core.database import inserting, statements


class Noted(NamedTuple):
    """A statement as a driver takes it: its text, what its values are called, and the values.

    ``many`` is set where it was run for many rows: ``values`` holds one tuple a row then.
    ``answer`` are the rows that it gave.
    """

    text: str
    names: tuple[str, ...]
    values: Sequence[Any]
    many: bool = False
    answer: Sequence[dict[str, Any]] = ()


Trace = list[list[Noted]]
"""Transactions, each a list of statements with their values."""


@contextmanager
def recorded(trace: Trace) -> Iterator[None]:
    """Note every statement with its values, as the driver is given them."""
    fetch, execute_many, copied = database.fetch, database.execute_many, inserting.copied

    def written(sql: str) -> tuple[str, tuple[str, ...]]:
        text, names = statements.numbered(sql)
        return (text if database.is_postgresql() else text.replace("$", "?")), names

    async def noting_fetch(sql: str, **params: Any) -> list[dict[str, Any]]:
        expanded, values = statements.expanded(sql, params)
        text, names = written(expanded)
        rows = await fetch(sql, **params)
        noted = Noted(text, names, [values[name] for name in names], answer=rows)
        trace[-1].append(noted)
        return rows

    async def noting_many(sql: str, rows: Sequence[Any]) -> None:
        text, names = written(sql)
        if rows:
            values = [tuple(row[name] for name in names) for row in rows]
            trace[-1].append(Noted(text, names, values, many=True))
        await execute_many(sql, rows)

    async def noting_copied(table: str, columns: tuple[str, ...], rows: Sequence[Any]) -> None:
        text, names = written(inserting.insert_text(table, columns))
        trace[-1].append(
            Noted(text, names, [tuple(row[name] for name in names) for row in rows], many=True)
        )
        await copied(table, columns, rows)

    database.fetch, database.execute_many = noting_fetch, noting_many
    inserting.copied = noting_copied
    try:
        yield
    finally:
        database.fetch, database.execute_many = fetch, execute_many
        inserting.copied = copied


def durable_sqlite(path: Path) -> sqlite3.Connection:
    """A connection whose commits are on disk, as those of punches are."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def replay_sqlite(path: Path, trace: Trace) -> float:
    """Seconds for the same statements on sqlite3, each list committed to disk."""
    connection = durable_sqlite(path)
    started = time.perf_counter()
    for transaction in trace:
        connection.execute("BEGIN IMMEDIATE")
        for each in transaction:
            if each.many:
                connection.executemany(each.text, each.values)
            else:
                connection.execute(each.text, each.values).fetchall()
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


async def replay_postgresql(address: str, trace: Trace) -> float:
    """Seconds for the same statements on asyncpg; a campaign has one writer at a time anyway."""
    connection = await asyncpg.connect(address)
    started = time.perf_counter()
    for transaction in trace:
        async with connection.transaction():
            for each in transaction:
                if each.many:
                    await connection.executemany(each.text, each.values)
                else:
                    await connection.fetch(each.text, *each.values)
    seconds = time.perf_counter() - started
    await connection.close()
    return seconds
