"""What a database says about its own tables, in one form for both engines; and rows for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from core import database
from tests.core.stored import tables

SQLITE_COLUMNS = """
SELECT m.name AS "table", c.name, LOWER(c.type) AS type, c."notnull" AS required,
 c.pk AS primary_key,
 (SELECT f."table" FROM pragma_foreign_key_list(m.name) f WHERE f."from" = c.name) AS target
FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'
"""
POSTGRES_COLUMNS = """
SELECT c.table_name AS "table", c.column_name AS name, c.data_type AS type,
 CASE WHEN c.is_nullable = 'NO' THEN 1 ELSE 0 END AS required,
 CASE WHEN EXISTS (SELECT 1 FROM information_schema.key_column_usage k
  JOIN information_schema.table_constraints t USING (constraint_name, table_name)
  WHERE t.constraint_type = 'PRIMARY KEY' AND k.table_name = c.table_name
  AND k.column_name = c.column_name) THEN 1 ELSE 0 END AS primary_key,
 (SELECT CAST(CAST(f.confrelid AS regclass) AS text) FROM pg_constraint f
  JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
  WHERE f.contype = 'f' AND CAST(CAST(f.conrelid AS regclass) AS text) = c.table_name
  AND a.attname = c.column_name) AS target
FROM information_schema.columns c WHERE c.table_schema = 'public'
"""
VALUES: dict[str, Any] = {
    "boolean": False,
    "date": date(2026, 5, 17),
    "timestamp with time zone": datetime(2026, 5, 17, 1, tzinfo=UTC),
    "timestamptz": datetime(2026, 5, 17, 1, tzinfo=UTC),
}
NUMBERS = ("bigint", "integer", "smallint", "serial", "bigserial", "numeric", "real")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``target`` is the table it refers to."""

    name: str
    type: str
    required: bool
    primary_key: bool
    target: str | None

    def value(self) -> Any:
        """Something that may stand there; 1 where it refers to a row."""
        if self.target is not None or self.type.startswith(NUMBERS):
            return 1
        return VALUES.get(self.type, "x")


async def columns() -> dict[str, dict[str, Column]]:
    """Columns of every table, by name."""
    found: dict[str, dict[str, Column]] = {}
    sql = POSTGRES_COLUMNS if database.is_postgresql() else SQLITE_COLUMNS
    for row in await database.fetch(sql):
        column = Column(
            row["name"], row["type"], bool(row["required"]), bool(row["primary_key"]), row["target"]
        )
        found.setdefault(row["table"], {})[column.name] = column
    return {name: found[name] for name in await tables()}


async def indexes() -> list[str]:
    """Names of all indexes but those that engines make for keys."""
    rows = await database.fetch(
        "SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)"
        if database.is_postgresql()
        else "SELECT name FROM sqlite_master WHERE type = 'index'"
    )
    return sorted(row["name"] for row in rows if not row["name"].startswith("sqlite_"))


async def fill(known: dict[str, dict[str, Column]]) -> list[str]:
    """Put one row into every empty table, those referred to first; answers the tables."""
    filled: list[str] = []
    waiting = [
        name
        for name in known
        if name != "migration" and not await database.fetch(f'SELECT 1 FROM "{name}" LIMIT 1')
    ]
    while waiting:
        ready = [
            name
            for name in waiting
            if not {c.target for c in known[name].values() if c.target != name} & set(waiting)
        ]
        assert ready, f"tables that refer to each other: {waiting}"
        for name in ready:
            await _insert(name, known[name])
        filled += ready
        waiting = [name for name in waiting if name not in ready]
    return filled


async def _insert(table: str, known: dict[str, Column]) -> None:
    row = {c.name: c.value() for c in known.values() if c.required and not _drawn(c)}
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(f":v{index}" for index, _ in enumerate(row))
    values = {f"v{index}": value for index, value in enumerate(row.values())}
    await database.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', **values)


def _drawn(column: Column) -> bool:
    """Whether the database gives the value itself: the number of a row."""
    return column.primary_key and column.name == "id"
