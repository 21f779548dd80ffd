"""How much there is in this database, without counting through large tables."""

from __future__ import annotations

from core import database


async def rows() -> dict[str, int]:
    """About how many rows each table has. One statement that reads no table of ours.

    PostgreSQL's own estimate; of SQLite the highest number ever given, which counts what has been
    deleted since.
    """
    if database.is_postgresql():
        sql = (
            "SELECT relname AS name, reltuples AS number FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
    else:
        sql = "SELECT name, seq AS number FROM sqlite_sequence"
    found = await database.fetch(f"{sql} ORDER BY name")
    return {row["name"]: max(int(row["number"]), 0) for row in found}


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
