"""A replica of the database that takes the reading of reports off the primary.

It is asked only inside ``reading``, and only while it has what the primary had: it lags behind by
moments, and nobody may miss in a figure what he has just written. Whatever goes wrong with it, the
primary answers instead.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg

from core.database import planning
from core.database.postgres_pool import BoundedPool

log = logging.getLogger("tongxing.database")

# Seconds for which one that failed is left alone.
LEFT_ALONE = 30.0
FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
CHANGES = "SELECT changes FROM campaign WHERE id = $1"

_in_use: ContextVar[bool] = ContextVar("reads_from_replica", default=False)


class Replica:
    """Connections to the replica, made when first needed."""

    def __init__(self, make: Callable[[], BoundedPool]) -> None:
        self._make = make
        self._pool: BoundedPool | None = None
        self._opening = asyncio.Lock()
        self._not_before = 0.0
        self.reads = 0

    @asynccontextmanager
    async def reading(self, campaign: int, changes: int) -> AsyncIterator[None]:
        """Read from it inside the block, if it has the campaign as of that count of changes."""
        if not await self._has(campaign, changes):
            yield
            return
        before = _in_use.set(True)
        try:
            yield
        finally:
            _in_use.reset(before)

    async def _has(self, campaign: int, changes: int) -> bool:
        found = await self.asked(CHANGES, (campaign,))
        return found is not None and any(row["changes"] >= changes for row in found)

    async def rows(self, text: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """Rows of a reading statement; None where the primary is to be asked."""
        return await self.asked(text, values) if _in_use.get() else None

    async def asked(self, text: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """Rows of a statement, wherever one is; None when the replica does not answer."""
        if time.monotonic() < self._not_before:
            return None
        try:
            pool = await self._opened()
            rows = await pool.rows(text, values, anew=planning.is_planned_anew())
        except FAILURES as error:
            # Also a query that stood in the way of what the primary sent (40001 on a standby).
            self._not_before = time.monotonic() + LEFT_ALONE
            log.warning("the replica is left alone for a while: %s", type(error).__name__)
            return None
        self.reads += 1
        return rows

    async def _opened(self) -> BoundedPool:
        async with self._opening:
            if self._pool is None:
                pool = self._make()
                await pool
                self._pool = pool
            return self._pool

    async def pool(self) -> BoundedPool | None:
        """Its connections, where ``reading`` says so; None where the primary is to be asked."""
        return await self._opened() if _in_use.get() else None

    async def stop(self) -> None:
        """Close the connections."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()
