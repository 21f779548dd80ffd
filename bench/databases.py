"""Databases for measuring: a file of SQLite, or a PostgreSQL server of one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from core.process import Process, opened
from core.settings import Settings
from tests.fixtures.postgres import PostgresServer, PostgresUnavailableError, start_server


def settings_for(folder: Path, url: str) -> Settings:
    """Settings with a key file in the folder."""
    return Settings(database_url=url, key_file=folder / "bench.key")


def sqlite_url(folder: Path, name: str) -> str:
    """The address of a file in the folder."""
    return f"sqlite:///{folder}/{name}.db"


@asynccontextmanager
async def migrated(folder: Path, url: str) -> AsyncIterator[Process]:
    """The process's database, opened and brought up to date."""
    async with opened(settings_for(folder, url), migrate=True) as process:
        yield process


@contextmanager
def postgresql() -> Iterator[PostgresServer | None]:
    """A server that does not wait for its disk; None, and why on the screen, where none starts."""
    try:
        server = start_server()
    except PostgresUnavailableError as error:
        print(f"PostgreSQL: {error}")
        yield None
        return
    try:
        yield server
    finally:
        server.stop()
