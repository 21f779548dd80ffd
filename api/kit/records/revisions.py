"""Revisions of records that stand in calendars: programmes go by a number and a moment.

The record's table has the columns ``sequence`` (0 at first) and ``modified_at`` (null at first).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kit.records.resource import Batch
from core import database, moments


async def revise(table: str, revised: Iterable[tuple[int, bool]], now: datetime) -> None:
    """Note that rows (by id) are new (False) or show something else than before (True).

    One statement for all of them.
    """
    await database.execute_many(
        f"UPDATE {table} SET modified_at = {moments.LATER}, sequence = sequence + :grown"
        " WHERE id = :id",
        [{"id": row, "grown": int(grown), "now": now} for row, grown in revised],
    )


async def revise_batch(batch: Batch, names: Sequence[str]) -> None:
    """The same for records that a batch has written: ``names`` are the members that are shown."""
    revised = [
        (entry.id, entry.stored is not None)
        for entry in batch.entries
        if entry.id is not None and differs(entry.stored, entry.item, names)
    ]
    await revise(batch.resource.table, revised, moments.now())


async def revise_stored(
    table: str,
    before: Mapping[Any, Mapping[str, Any]],
    after: Mapping[Any, Mapping[str, Any]],
    names: Sequence[str],
    now: datetime,
) -> None:
    """The same for rows that an import has written: rows by identity, with ``id`` and ``names``."""
    revised = [
        (row["id"], identity in before)
        for identity, row in after.items()
        if differs(before.get(identity), row, names)
    ]
    await revise(table, revised, now)


def differs(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], names: Sequence[str]
) -> bool:
    """Whether one of these members is another than before; of what is new it always is."""
    return before is None or any(before[name] != after.get(name) for name in names)
