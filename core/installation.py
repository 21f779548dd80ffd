"""Facts of this installation: those that are made once and stay, and its last backup."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from core import database


async def identifier() -> str:
    """The name of this installation in the UIDs of calendar entries; made when first asked for.

    It is kept in the database, so that a copy moved to another machine stays the same calendar.
    """
    return await _kept("identifier") or await _remember("identifier", str(uuid4()))


async def key_identity() -> str | None:
    """Which key ring personal fields are sealed with; None while none has been used."""
    return await _kept("key")


async def remember_key(identity: str) -> str:
    """Note the ring of a new database; answers the one that stands, should another be first."""
    return await _remember("key", identity)


async def last_backup() -> datetime | None:
    """When the database was last backed up by ``app.py backup``; None for never."""
    value = await _kept("backup")
    return None if value is None else datetime.fromisoformat(value)


async def note_backup(at: datetime) -> None:
    """Note when a backup was made."""
    await database.execute(
        "INSERT INTO installation (name, value) VALUES ('backup', :value)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        value=at.isoformat(),
    )


async def _kept(name: str) -> str | None:
    value = await database.fetch_value(
        "SELECT value FROM installation WHERE name = :name", name=name
    )
    return None if value is None else str(value)


@database.retried
async def _remember(name: str, value: str) -> str:
    async with database.transaction():
        await database.execute(
            "INSERT INTO installation (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO NOTHING",
            name=name,
            value=value,
        )
        return await _kept(name) or value
