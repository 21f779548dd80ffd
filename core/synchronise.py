"""Making rows of a table those of a document: insert the new, update the changed, remove the rest.

Rows are matched by their identity in the document (keys), so that surrogate ids and all that hangs
on them survive an import, and importing the same twice writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core import database

Identity = tuple[Any, ...]
BATCH = 900


@dataclass(slots=True)
class Synchroniser:
    """One table of one campaign.

    ``select`` yields ``id``, the ``identity`` columns and the compared columns of what is there.
    ``sealed`` columns are compared in clear and written through ``seal``.
    """

    table: str
    select: str
    identity: Sequence[str]
    sealed: Mapping[str, tuple[Callable[[str], str], Callable[[str], str]]] = field(
        default_factory=dict
    )
    now: dict[Identity, dict[str, Any]] = field(default_factory=dict)
    ids: dict[Identity, int] = field(default_factory=dict)
    written: int = 0

    async def load(self, **params: Any) -> None:
        """Read what is there."""
        for row in await database.fetch(self.select, **params):
            for column, (_, unseal) in self.sealed.items():
                if row[column] is not None:
                    row[column] = unseal(row[column])
            identity = tuple(row[column] for column in self.identity)
            self.now[identity] = row
            self.ids[identity] = row["id"]

    async def prune(self, wanted: Iterable[Identity]) -> None:
        """Remove rows that the document no longer holds; children first is the caller's duty."""
        keep = set(wanted)
        gone = [identity for identity in self.now if identity not in keep]
        ids = [self.now.pop(identity)["id"] for identity in gone]
        for identity in gone:
            del self.ids[identity]
        for start in range(0, len(ids), BATCH):
            await database.execute(
                f"DELETE FROM {self.table} WHERE id IN (:ids)", ids=ids[start : start + BATCH]
            )
        self.written += len(ids)

    async def store(self, rows: Mapping[Identity, Mapping[str, Any]], **reload: Any) -> None:
        """Insert and update; afterwards ``ids`` knows every row's id.

        ``rows`` give every column to be written. ``reload`` are the parameters of ``select``.
        """
        new = {i: row for i, row in rows.items() if i not in self.now}
        changed = [
            {**row, "id": self.ids[i]}
            for i, row in rows.items()
            if i in self.now and any(self.now[i].get(c) != v for c, v in row.items())
        ]
        if new:
            columns = list(next(iter(new.values())))
            await database.execute_many(
                f"INSERT INTO {self.table} ({', '.join(columns)})"
                f" VALUES ({', '.join(':' + column for column in columns)})",
                [self._sealed(row) for row in new.values()],
            )
        if changed:
            assignments = ", ".join(f"{c} = :{c}" for c in changed[0] if c != "id")
            await database.execute_many(
                f"UPDATE {self.table} SET {assignments} WHERE id = :id",
                [self._sealed(row) for row in changed],
            )
        self.written += len(new) + len(changed)
        if new or changed:
            self.now.clear()
            self.ids.clear()
            await self.load(**reload)

    def _sealed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        result = dict(row)
        for column, (seal, _) in self.sealed.items():
            if result.get(column) is not None:
                result[column] = seal(result[column])
        return result
