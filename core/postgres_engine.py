"""PostgreSQL through Piccolo: a pool that waits for nobody for ever, and gives back what it lent.

Piccolo's own engine connects at once to ask for the version, and its transaction keeps the
connection for good when a commit or a rollback fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

import asyncpg
from asyncpg.pool import Pool, PoolAcquireContext
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from core import retrying, statements, waits
from core.replicas import Replica

# What a connection says when nobody answers at its other end.
LOST: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
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
    who listens has a connection of his own. It spares a round trip after every statement.
    """

    __slots__ = ()

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
        if timeout is not None or self.get_idle_size() or self.get_size() < self.get_max_size():
            return super().acquire(timeout=timeout)
        return _Turn(super().acquire(timeout=self._turn_seconds))


class PooledTransaction(PostgresTransaction):
    """A unit of work; the connection goes back whatever happens."""

    __slots__ = ()

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        self.connection = await self.get_connection()
        try:
            self.transaction = self.connection.transaction()
            await self.begin()
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if self._parent is not None:
            return False
        try:
            if exception_type is None:
                if not self._committed and not self._rolled_back:
                    await self.commit()
            elif not self._rolled_back:
                # A lost connection has rolled back by itself; what led here is what to tell.
                with suppress(*LOST, asyncpg.PostgresError):
                    await self.rollback()
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return False

    async def commit(self) -> None:
        """Commit; what was done is not tried again after this."""
        try:
            await super().commit()
        except retrying.AGAIN:
            raise
        except BaseException:
            retrying.note_written()  # nobody knows whether it stands
            raise
        retrying.note_written()

    async def _give_back(self) -> None:
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


class PooledPostgresEngine(PostgresEngine):
    """Piccolo's engine; making it touches no network: a bad address is told where it is used."""

    def __init__(self, address: str, tuning: Tuning, replica: str = "") -> None:
        self.tuning = tuning
        self.address = address
        self.replica = Replica(lambda: BoundedPool(replica, tuning)) if replica else None
        super().__init__({"dsn": address, **tuning.connecting()})

    async def check_version(self) -> None:
        """Nothing: ``start`` is the first to connect."""

    async def prep_database(self) -> None:
        """Nothing: no extension is needed."""

    async def start(self) -> None:
        """Open the pool. Raises OSError or asyncpg's error when the server cannot be reached."""
        pool = BoundedPool(self.address, self.tuning)
        await pool
        self.pool = pool

    async def stop(self) -> None:
        """Close the pools; whoever still works is waited for a moment, then cut off."""
        if self.replica is not None:
            await self.replica.stop()
        pool, self.pool = self.pool, None
        if pool is not None:
            await _closed(pool)

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:
        """A unit of work; inside another one Piccolo's silent join."""
        return PooledTransaction(self, allow_nested)

    async def apart(self) -> asyncpg.Connection:
        """A connection outside the pool, on which nothing is timed: to wait or to listen on."""
        unhurried = replace(self.tuning, statement=0, lock=0, idle=0)
        return await asyncpg.connect(self.address, **unhurried.connecting())

    async def run_apart(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        """Rows of a statement outside any transaction.

        It is a unit of work by itself: done again when the server asks for it. One that only reads
        goes to the replica where ``reporting`` says so, and is asked once more on a new connection
        when its own is gone.
        """
        if self.pool is None:
            raise RuntimeError("database.start() has not been called")
        reads = statements.only_reads(text)
        if reads and self.replica is not None:
            rows = await self.replica.rows(text, values)
            if rows is not None:
                return rows
        try:
            rows = await self.pool.fetch(text, *values)
        except retrying.AGAIN:
            rows = await retrying.repeated(lambda: self._asked(text, values))
        except LOST as error:
            if not reads or isinstance(error, TimeoutError):
                raise
            rows = await self._asked(text, values)
        if not reads:
            retrying.note_written()
        return rows

    async def _asked(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        if self.pool is None:
            raise asyncpg.InterfaceError("the pool is closed")
        rows: Sequence[Any] = await self.pool.fetch(text, *values)
        return rows

    def get_version_sync(self) -> Any:
        """The oldest version this project is tested with."""
        return 15.0


async def _closed(pool: Pool) -> None:
    try:
        async with asyncio.timeout(5):
            await pool.close()
    except TimeoutError:
        pool.terminate()
