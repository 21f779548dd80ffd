"""Many rows changed at once, each to values of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from core import database
from core.database.observing import telling

# From so many rows on one statement with arrays is cheaper for PostgreSQL than one for each row.
MANY = 200


@lru_cache(maxsize=64)
def _texts(table: str, types: tuple[tuple[str, str], ...], also: str) -> tuple[str, str]:
    """For one row, and for all of them as arrays."""
    names = [name for name, _ in types]
    one = ", ".join([f"{name} = :{name}" for name in names] + ([also] if also else []))
    every = ", ".join([f"{name} = given.{name}" for name in names] + ([also] if also else []))
    arrays = ", ".join(f"${place}::{kind}[]" for place, (_, kind) in enumerate(types, 2))
    given = f"unnest($1::bigint[], {arrays}) AS given(id, {', '.join(names)})"
    return (
        f"UPDATE {table} SET {one} WHERE id = :id",
        f"UPDATE {table} SET {every} FROM {given} WHERE {table}.id = given.id",
    )


async def update_many(
    table: str, types: Mapping[str, str], rows: Sequence[Mapping[str, Any]], also: str = ""
) -> None:
    """Set the columns of ``types`` in the rows of these ids, inside the current unit of work.

    ``types`` are PostgreSQL's names for the columns' types; ``also`` is SQL that sets what is the
    same for all. A row has an ``id``, which no other has, and the columns. One batch.
    """
    if not rows:
        return
    one, every = _texts(table, tuple(types.items()), also)
    if len(rows) < MANY or not database.is_postgresql() or not database.in_transaction():
        await database.execute_many(one, rows)
        return
    with telling(one, rows):
        await _written(every, ("id", *types), rows)


async def _written(text: str, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    connection: Any = getattr(database.engine().current_transaction.get(), "connection", None)
    await connection.fetch(text, *([row[name] for row in rows] for name in names))
