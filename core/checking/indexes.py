"""Whether every index is there that the migrations make: without one a page takes seconds.

What they make is read from an empty SQLite database that a process of its own brings up to date;
PostgreSQL has the same indexes on the same columns, and one for each primary key.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core import database
from core.checking.complaints import Complaint
from core.settings import ROOT

COMMAND = (sys.executable, "-m", "core.checking.fresh_schema")
SECONDS = 120
SQLITE = """
SELECT m.name AS "table", l.name, l."unique" AS is_unique, l.partial AS is_partial,
 (SELECT GROUP_CONCAT(COALESCE(i.name, ''), ',') FROM pragma_index_info(l.name) i) AS columns
FROM sqlite_master m, pragma_index_list(m.name) l WHERE m.type = 'table'
UNION ALL
SELECT m.name, 'primary key', 1, 0, GROUP_CONCAT(c.name, ',')
FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.pk > 0 GROUP BY m.name
"""
POSTGRESQL = """
SELECT t.relname AS "table", c.relname AS name, x.indisunique AS is_unique,
 x.indpred IS NOT NULL AS is_partial,
 (SELECT STRING_AGG(COALESCE(a.attname, ''), ',' ORDER BY k.place)
  FROM UNNEST(x.indkey) WITH ORDINALITY k (number, place)
  LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number) AS columns
FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE c.relnamespace = current_schema()::regnamespace
"""
_expected: list[frozenset[Index]] = []


@dataclass(frozen=True, slots=True)
class Index:
    """An index by what it is good for; ``columns`` are joined by commas, "" is an expression."""

    table: str
    name: str
    unique: bool
    partial: bool
    columns: str

    def serves_as(self, wanted: Index) -> bool:
        """Whether it does what another is meant for, whatever their names.

        A table that was divided by campaign holds the campaign in every unique index.
        """
        if (self.table, self.partial) != (wanted.table, wanted.partial):
            return False
        if self.columns == wanted.columns and self.unique >= wanted.unique:
            return True
        return self.unique and wanted.unique and self._elsewhere() == wanted._elsewhere()

    def _elsewhere(self) -> list[str]:
        return [column for column in self.columns.split(",") if column != "campaign"]


async def there() -> frozenset[Index]:
    """The indexes of the current database."""
    rows = await database.fetch(POSTGRESQL if database.is_postgresql() else SQLITE)
    return frozenset(
        Index(
            row["table"],
            row["name"],
            bool(row["is_unique"]),
            bool(row["is_partial"]),
            row["columns"],
        )
        for row in rows
    )


async def check() -> list[Complaint]:
    """Name every index that is missing; a note where nobody can say which there should be."""
    try:
        expected = await _made_by_migrations()
    except (OSError, ValueError, TimeoutError) as error:
        message = f"没有核对索引：不知道应当有哪些（{type(error).__name__}）"
        return [Complaint("not_checked", "indexes", message)]
    found = await there()
    return [
        _missing(wanted)
        for wanted in sorted(expected, key=lambda index: (index.table, index.name))
        if not any(index.serves_as(wanted) for index in found)
    ]


def _missing(wanted: Index) -> Complaint:
    columns = "、".join(column or "表达式" for column in wanted.columns.split(","))
    # Where a column was declared unique, each engine gives the index a name of its own.
    name = "" if wanted.name.startswith("sqlite_") or " " in wanted.name else f" {wanted.name}"
    harm = "重复的内容拦不住，查询也会变慢" if wanted.unique else "查询会变慢"
    place = f"{wanted.table} {wanted.columns}"
    return Complaint("index_missing", place, f"{wanted.table} 缺少索引{name}（{columns}）：{harm}")


async def _made_by_migrations() -> frozenset[Index]:
    """The same once for each process: what is installed does not change meanwhile."""
    if not _expected:
        with tempfile.TemporaryDirectory() as folder:
            _expected.append(await _read(Path(folder) / "fresh.db"))
    return _expected[0]


async def _read(path: Path) -> frozenset[Index]:
    child = await asyncio.create_subprocess_exec(
        *COMMAND, str(path), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, cwd=ROOT
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await child.communicate()
    except BaseException:
        with suppress(ProcessLookupError):
            child.kill()
        raise
    if child.returncode:
        raise ChildProcessError(f"status {child.returncode}")
    return frozenset(Index(*told) for told in json.loads(said))
