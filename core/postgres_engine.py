"""PostgreSQL through Piccolo, without the connection that Piccolo opens to ask for the version."""

from __future__ import annotations

from typing import Any

from piccolo.engine.postgres import PostgresEngine

STATEMENT_TIMEOUT_MILLISECONDS = "60000"
POOL_SIZE = 10


class PooledPostgresEngine(PostgresEngine):
    """Piccolo's engine; making it touches no network: a bad address is told where it is used."""

    def __init__(self, address: str) -> None:
        settings = {"statement_timeout": STATEMENT_TIMEOUT_MILLISECONDS, "timezone": "UTC"}
        super().__init__({"dsn": address, "server_settings": settings})

    async def check_version(self) -> None:
        """Nothing: ``start`` is the first to connect."""

    async def prep_database(self) -> None:
        """Nothing: no extension is needed."""

    async def start(self) -> None:
        """Open the pool. Raises OSError or asyncpg's error when the server cannot be reached."""
        await self.start_connection_pool(min_size=1, max_size=POOL_SIZE)

    async def stop(self) -> None:
        """Close the pool."""
        if self.pool:
            await self.close_connection_pool()

    def get_version_sync(self) -> Any:
        """The oldest version this project is tested with."""
        return 15.0
