"""How much there is in this database, without counting through large tables."""

from __future__ import annotations

from core import database


async def rows() -> dict[str, int]:
    """About how many rows each table has, without reading them. Two statements at most.

    PostgreSQL's own estimate; of SQLite each table's highest number, which counts what was deleted
    before it too.
    """
    sql = (
        "SELECT relname AS name, reltuples AS number FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    if not database.is_postgresql():
        named = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        sql = " UNION ALL ".join(
            f"SELECT '{row['name']}' AS name, MAX(rowid) AS number FROM \"{row['name']}\""
            for row in await database.fetch(named)
        )
    found = await database.fetch(sql)
    return {row["name"]: max(int(row["number"] or 0), 0) for row in found}


async def campaigns() -> dict[str, int]:
    """How many campaigns are in each state."""
    found = await database.fetch("SELECT state, COUNT(*) AS number FROM campaign GROUP BY state")
    return {row["state"]: int(row["number"]) for row in found}


async def renderings() -> dict[str, int]:
    """How many files of recaps are in each state, of those that have not expired."""
    found = await database.fetch(
        "SELECT state, COUNT(*) AS number FROM recap_rendering GROUP BY state"
    )
    return {row["state"]: int(row["number"]) for row in found}
