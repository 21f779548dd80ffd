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
    ``sealed`` columns are compared in clear and written through ``seal``. A ``leaf`` is a table on
    whose rows nothing hangs: what was written is not read back, and ``ids`` are those from before.
    """

    table: str
    select: str
    identity: Sequence[str]
    sealed: Mapping[str, tuple[Callable[[str], str], Callable[[str], str]]] = field(
        default_factory=dict
    )
    now: dict[Identity, dict[str, Any]] = field(default_factory=dict)
    ids: dict[Identity, int] = field(default_factory=dict)
    leaf: bool = False
    written: int = 0

    async def load(self, **params: Any) -> None:
        """Read what is there."""
        await self._load({}, params)

    async def _load(
        self, known: Mapping[Identity, Mapping[str, Any]], params: Mapping[str, Any]
    ) -> None:
        """Read what is there; of the rows ``known`` it is not unsealed what they say in clear."""
        for row in await database.fetch(self.select, **params):
            identity = tuple([row[column] for column in self.identity])
            for column, (_, unseal) in self.sealed.items():
                if row[column] is not None:
                    in_clear = known.get(identity, {}).get(column)
                    row[column] = unseal(row[column]) if in_clear is None else in_clear
            self.now[identity] = row
            self.ids[identity] = row["id"]

    async def prune(self, wanted: Iterable[Identity]) -> None:
        """Remove rows that the document no longer holds; children first is the caller's duty."""
        if not self.now:
            return
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
            if i in self.now and _differ(self.now[i], row)
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
        if (new or changed) and not self.leaf:
            self.now.clear()
            self.ids.clear()
            await self._load(rows, reload)

    def _sealed(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.sealed:
            return row
        result = dict(row)
        for column, (seal, _) in self.sealed.items():
            if result.get(column) is not None:
                result[column] = seal(result[column])
        return result


def _differ(stored: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return any(stored.get(column) != value for column, value in row.items())
