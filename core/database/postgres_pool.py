"""Connections to PostgreSQL: how they are made, and a pool in which nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
from asyncpg.pool import Pool, PoolAcquireContext

from core.database import waits

# What a connection says when nobody answers at its other end.
LOST: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asked on a connection that was told good-bye a moment ago
)


class PoolExhaustedError(TimeoutError):
    """Every connection of the process was in use for as long as anybody waits for one."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How a process uses a PostgreSQL server; all times in seconds, 0 for no limit.

    ``statement`` bounds one statement, ``lock`` its wait for another's row, ``idle`` a unit of work
    in which nothing is asked, ``turn`` the wait for a free connection and ``reach`` the making of
    one. docs/operating.md says what may be set.
    """

    pool_size: int = 10
    statement: int = 60
    lock: int = 30
    idle: int = 60
    turn: float = 10.0
    reach: float = 5.0
    name: str = "tongxing"

    def patient(self, name: str = "tongxing command") -> Tuning:
        """For commands and files in the making, where nobody waits at a page."""
        few = min(self.pool_size, 4)
        return replace(self, pool_size=few, statement=0, lock=300, idle=600, turn=60.0, name=name)

    def connecting(self) -> dict[str, Any]:
        """What the driver is told of each connection."""
        return {
            "timeout": self.reach,
            # The server ends a statement that takes too long; a server that went silent cannot.
            "command_timeout": self.statement + 10 if self.statement else None,
            "connection_class": LentConnection,
            "server_settings": {
                "application_name": self.name,
                "timezone": "UTC",
                "statement_timeout": f"{self.statement}s",
                "lock_timeout": f"{self.lock}s",
                "idle_in_transaction_session_timeout": f"{self.idle}s",
            },
        }


class LentConnection(asyncpg.Connection):
    """A connection that needs no cleaning between borrowers.

    A transaction left open is rolled back all the same. Beyond its transaction nobody changes the
    session: settings are made with ``SET LOCAL``, locks taken with ``pg_advisory_xact_lock``, and
    who listens has a connection of his own. It spares a round trip after every statement. Only how
    statements are planned is set for the session, by ``plan_anew``, which every borrower calls.
    """

    __slots__ = ("_plans_anew",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans_anew: bool | None = None

    async def plan_anew(self, wanted: bool) -> None:
        """Have statements planned for their values each time, or by the server's own rule.

        Outside a transaction. A round trip where the last borrower wanted the other.
        """
        if wanted != self._plans_anew:
            mode = "force_custom_plan" if wanted else "auto"
            await self.execute(f"SET plan_cache_mode = {mode}")
            self._plans_anew = wanted

    def get_reset_query(self) -> str:
        """Nothing to run before the connection is lent to somebody else."""
        return ""


class _Turn:
    """A connection as soon as one is free. Raises PoolExhaustedError when none is for too long."""

    __slots__ = ("_waiting",)

    def __init__(self, waiting: PoolAcquireContext) -> None:
        self._waiting = waiting

    async def _taken(self) -> Any:
        try:
            with waits.CONNECTION.one():
                return await self._waiting
        except TimeoutError:
            raise PoolExhaustedError("all connections are in use") from None

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._taken().__await__()

    async def __aenter__(self) -> Any:
        try:
            with waits.CONNECTION.one():
                return await self._waiting.__aenter__()
        except TimeoutError:
            raise PoolExhaustedError("all connections are in use") from None

    async def __aexit__(self, *error: object) -> None:
        await self._waiting.__aexit__(*error)


class BoundedPool(Pool):
    """asyncpg's pool; whoever finds no free connection waits for a bounded time."""

    __slots__ = ("_turn_seconds",)

    def __init__(self, address: str, tuning: Tuning) -> None:
        super().__init__(
            address,
            init_size=1,
            min_size=1,
            max_size=tuning.pool_size,
            max_queries=50_000,
            max_inactive_connection_lifetime=300.0,
            loop=asyncio.get_running_loop(),
            record_class=asyncpg.Record,
            **tuning.connecting(),
        )
        self._turn_seconds = tuning.turn

    def acquire(self, *, timeout: float | None = None) -> Any:
        """A connection, to be awaited or entered."""
        if timeout is not None or self.get_idle_size():
            return super().acquire(timeout=timeout)
        return _Turn(super().acquire(timeout=self._turn_seconds))

    async def rows(self, text: str, values: Sequence[Any], *, anew: bool | None) -> Sequence[Any]:
        """Rows of a statement on one of the connections; ``anew``: see ``plan_anew``, or either."""
        async with self.acquire() as connection:
            if anew is not None:
                await connection.plan_anew(anew)
            rows: Sequence[Any] = await connection.fetch(text, *values)
            return rows


async def closed(pool: Pool) -> None:
    """Close a pool; whoever still works is waited for a moment, then cut off."""
    try:
        async with asyncio.timeout(5):
            await pool.close()
    except TimeoutError:
        pool.terminate()
