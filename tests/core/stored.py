"""What a database holds, as one value: for tests that nothing, or only this, was written."""

from __future__ import annotations

from typing import Any

from core import database

Stored = dict[str, list[tuple[Any, ...]]]


async def tables() -> list[str]:
    """Names of all tables, in order."""
    rows = await database.fetch(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
        if database.is_postgresql()
        else "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return sorted(row["name"] for row in rows)


async def everything(*but: str) -> Stored:
    """Every row of every table, but for some tables."""
    found: Stored = {}
    for table in await tables():
        if table not in but:
            rows = await database.fetch(f'SELECT * FROM "{table}"')
            found[table] = sorted((tuple(row.items()) for row in rows), key=repr)
    return found
