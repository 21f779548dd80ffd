"""Facts of this installation that are made once and stay."""

from __future__ import annotations

from uuid import uuid4

from core import database


async def identifier() -> str:
    """The name of this installation in the UIDs of calendar entries; made when first asked for.

    It is kept in the database, so that a copy moved to another machine stays the same calendar.
    """
    kept = await database.fetch_value("SELECT value FROM installation WHERE name = 'identifier'")
    if kept is not None:
        return str(kept)
    async with database.transaction():
        await database.execute(
            "INSERT INTO installation (name, value) VALUES ('identifier', :made)"
            " ON CONFLICT (name) DO NOTHING",
            made=str(uuid4()),
        )
        return str(
            await database.fetch_value("SELECT value FROM installation WHERE name = 'identifier'")
        )
