"""Many new rows at once, by the shortest way that each engine has.

PostgreSQL takes them as COPY, in binary: what a row costs there is then its indexes and foreign
keys, and no longer a statement of its own. SQLite runs an INSERT for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from core import database
from core.database.observing import telling


@lru_cache(maxsize=256)
def insert_text(table: str, columns: tuple[str, ...]) -> str:
    """The INSERT of one row, with each column's own name for its parameter."""
    names = ", ".join(f":{column}" for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({names})"


async def insert_many(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows with the same columns, in their order, inside the current unit of work.

    One batch. Raises the driver's error, as the INSERT would.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    text = insert_text(table, columns)
    if not database.in_transaction() or not database.is_postgresql() or len(columns) == 1:
        await database.execute_many(text, rows)
        return
    with telling(text, rows):
        await copied(table, columns, rows)


async def copied(table: str, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of two columns or more, by PostgreSQL's COPY inside a unit of work."""
    connection: Any = getattr(database.engine().current_transaction.get(), "connection", None)
    records = map(itemgetter(*columns), rows)
    await connection.copy_records_to_table(table, records=records, columns=columns)
