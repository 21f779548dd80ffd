"""PostgreSQL through Piccolo, with a pool that nobody waits for in vain.

Piccolo's own engine connects at once to ask for the version, and its transaction keeps the
connection for good when a commit or a rollback fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from core.database import planning, retrying, statements
from core.database.postgres_pool import LOST, BoundedPool, Tuning, closed
from core.database.replicas import Replica

# Before a question, or a beginning, is tried on another connection: a server that restarts cuts
# all of them, and the event loop needs a moment to see it.
PAUSES = (0.02, 0.1)


class PooledTransaction(PostgresTransaction):
    """A unit of work; the connection goes back whatever happens."""

    __slots__ = ()

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        for pause in PAUSES:
            try:
                await self._begin_on_another()
                break
            except LOST as error:
                if isinstance(error, TimeoutError):
                    raise
            await asyncio.sleep(pause)
        else:
            await self._begin_on_another()
        self.context = self.engine.current_transaction.set(self)
        return self

    async def _begin_on_another(self) -> None:
        self.connection = await self.get_connection()
        try:
            await self.connection.plan_anew(False)
            self.transaction = self.connection.transaction()
            await self.begin()
        except BaseException:
            await self._give_back()
            raise

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
        with suppress(*LOST):  # what was committed stands, whatever becomes of the connection
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
        if self.pool is not None:
            await closed(self.pool)
            self.pool = None

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:
        """A unit of work; inside another one Piccolo's silent join."""
        return PooledTransaction(self, allow_nested)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """Read as of one moment, on the replica where ``reporting`` says so; nothing is written."""
        if self.pool is None:
            raise RuntimeError("database.start() has not been called")
        pool = await self.replica.pool() if self.replica is not None else None
        reading = PooledTransaction(self)
        async with (pool or self.pool).acquire() as reading.connection:
            await reading.connection.plan_anew(True)
            async with reading.connection.transaction(isolation="repeatable_read", readonly=True):
                before = self.current_transaction.set(reading)
                try:
                    yield
                finally:
                    self.current_transaction.reset(before)

    async def apart(self) -> asyncpg.Connection:
        """A connection outside the pool, on which nothing is timed: to wait or to listen on."""
        unhurried = replace(self.tuning, statement=0, lock=0, idle=0)
        return await asyncpg.connect(self.address, **unhurried.connecting())

    async def run_apart(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        """Rows of a statement outside any transaction.

        It is a unit of work by itself: done again when the server asks for it. One that only reads
        goes to the replica where ``reporting`` says so, and is asked again on a new connection when
        its own is gone.
        """
        if self.pool is None:
            raise RuntimeError("database.start() has not been called")
        reads = statements.only_reads(text)
        if reads and self.replica is not None:
            rows = await self.replica.rows(text, values)
            if rows is not None:
                return rows
        try:
            rows = await self._asked(text, values)
        except retrying.AGAIN:
            rows = await retrying.repeated(lambda: self._asked(text, values))
        except LOST as error:
            if not reads or isinstance(error, TimeoutError):
                raise
            rows = await self._asked_again(text, values)
        if not reads:
            retrying.note_written()
        return rows

    async def _asked_again(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        for pause in PAUSES:
            await asyncio.sleep(pause)
            with suppress(*LOST):
                return await self._asked(text, values)
        return await self._asked(text, values)

    async def _asked(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        if self.pool is None:
            raise asyncpg.InterfaceError("the pool is closed")
        anew = planning.is_planned_anew() if statements.only_reads(text) else None
        return await self.pool.rows(text, values, anew=anew)

    def get_version_sync(self) -> Any:
        """The oldest version this project is tested with."""
        return 15.0
