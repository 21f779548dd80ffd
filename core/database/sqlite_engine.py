"""SQLite through Piccolo with one writer and a small pool of readers.

Piccolo's own engine opens a connection, and a thread, for every query; under concurrent writers
most of them end in "database is locked". Here one long-lived connection writes, one transaction at
a time and always ``BEGIN IMMEDIATE``, while readers that cannot write serve everything else.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

import aiosqlite
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory

from core.database import waits

READING = re.compile(r"\s*(SELECT|WITH|EXPLAIN|PRAGMA\s+\w+\s*$)", re.IGNORECASE)
WRITING = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
BUSY_MILLISECONDS = 10_000
# What a connection keeps of the file for itself, at most; the system keeps it for all of them.
WRITER_KIBIBYTES, READER_KIBIBYTES = 8_000, 4_000


async def fetched(connection: Any, query: str, args: Any) -> list[dict[str, Any]]:
    """Rows of a statement; one that reads is broken off when nobody waits for it any more.

    Else its thread would go on, and the next statement of that connection wait for it. One that
    writes is let end: broken off, it would take the whole transaction with it, unseen.
    """
    try:
        return list(await connection.execute_fetchall(query, args))
    except asyncio.CancelledError:
        if READING.match(query) and not WRITING.search(query):
            await connection.interrupt()
        raise


class LeasedConnection:
    """The writing connection, on loan to one transaction."""

    __slots__ = ("_lock", "connection")

    def __init__(self, connection: aiosqlite.Connection, lock: asyncio.Lock) -> None:
        self.connection = connection
        self._lock: asyncio.Lock | None = lock

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    async def close(self) -> None:
        """Give the connection back; whatever was left open is rolled back."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        try:
            if self.connection.in_transaction:
                await self.connection.execute("ROLLBACK")
        finally:
            lock.release()


class WritingTransaction(SQLiteTransaction):
    """One ``BEGIN IMMEDIATE`` transaction; the connection goes back whatever happens."""

    __slots__ = ()
    waits_for_disk = False

    async def begin(self) -> None:
        """Begin, after telling SQLite whether to wait for the disk, where the last one differed."""
        await self.engine.wait_for_disk(self.connection, self.waits_for_disk)  # type: ignore[attr-defined]
        await super().begin()

    async def __aenter__(self) -> SQLiteTransaction:
        self.connection = await self.engine.get_connection()
        try:
            await self.begin()
        except BaseException:
            await self.connection.close()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        try:
            if exception_type is None:
                if not self._committed and not self._rolled_back:
                    await self.commit()
            elif not self._rolled_back and self.connection.in_transaction:
                await self.rollback()
        finally:
            self.engine.current_transaction.reset(self.context)
            await self.connection.close()
        return False


class DurableTransaction(WritingTransaction):
    """One that outlasts a power cut once it is committed, whatever the settings say of others."""

    __slots__ = ()
    waits_for_disk = True


class PooledSQLiteEngine(SQLiteEngine):
    """Piccolo's SQLite engine on long-lived connections; see the module's docstring."""

    __slots__ = (
        "_idle",
        "_lock",
        "_readers",
        "_synchronous_now",
        "_writer",
        "reader_count",
        "synchronous",
    )

    def __init__(self, path: str, *, readers: int = 3, synchronous: str = "NORMAL") -> None:
        super().__init__(path, timeout=BUSY_MILLISECONDS / 1000)
        self.reader_count = readers
        self.synchronous = self._synchronous_now = synchronous
        self._writer: aiosqlite.Connection | None = None
        self._readers: list[aiosqlite.Connection] = []
        self._idle: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        self._lock = asyncio.Lock()

    async def _open(self, *, read_only: bool) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(**self.connection_kwargs)
        connection.row_factory = dict_factory  # type: ignore[assignment]
        try:
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={self.synchronous}",
                f"busy_timeout={BUSY_MILLISECONDS}",
                "foreign_keys=ON",
                "temp_store=MEMORY",
                f"cache_size=-{READER_KIBIBYTES if read_only else WRITER_KIBIBYTES}",
                *(["query_only=ON"] if read_only else []),
            ):
                await connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            await connection.close()  # else its thread keeps the process from ending
            raise
        return connection

    def _require_usable(self) -> None:
        """Make a new file its owner's alone; raise for a path that cannot be opened.

        aiosqlite raises too, and leaves a thread that speaks to the event loop after its end.
        """
        with suppress(OSError):  # it is there, or SQLite says in a moment why it cannot be
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        sqlite3.connect(self.path).close()

    async def start(self) -> None:
        """Open the writer and the readers. Raises sqlite3.Error when the file is unusable."""
        self._lock = asyncio.Lock()
        self._idle = asyncio.LifoQueue()
        await asyncio.to_thread(self._require_usable)
        try:
            self._writer = await self._open(read_only=False)
            self._synchronous_now = self.synchronous
            for _ in range(self.reader_count):
                reader = await self._open(read_only=True)
                self._readers.append(reader)
                self._idle.put_nowait(reader)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close every connection; their threads end."""
        connections = [*self._readers, *([self._writer] if self._writer else [])]
        self._writer, self._readers = None, []
        for connection in connections:
            await connection.close()

    async def get_connection(self) -> Any:
        """The writing connection, on loan until ``close``; others wait their turn."""
        if self._writer is None:
            return await super().get_connection()
        if self._lock.locked():
            with waits.WRITER.one():
                await self._lock.acquire()
        else:
            await self._lock.acquire()
        return LeasedConnection(self._writer, self._lock)

    def idle_readers(self) -> int:
        """How many of the reading connections nobody uses at the moment."""
        return self._idle.qsize()

    async def wait_for_disk(self, connection: Any, wait: bool) -> None:
        """Let the leased writer's next commits wait for the disk, or only as the settings say."""
        wanted = "FULL" if wait else self.synchronous
        if wanted != self._synchronous_now or self._writer is None:
            await connection.execute(f"PRAGMA synchronous={wanted}")
            self._synchronous_now = wanted

    async def _run_in_new_connection(
        self,
        query: str,
        args: Any = None,
        query_type: str = "generic",
        table: Any = None,
    ) -> list[dict[str, Any]]:
        if self._writer is None:
            return await super()._run_in_new_connection(query, list(args or ()), query_type, table)
        if READING.match(query):
            return await self.read(query, args or ())
        async with self._lock:
            return list(await self._writer.execute_fetchall(query, args or ()))  # type: ignore[arg-type]

    async def _run_in_existing_connection(
        self,
        connection: Any,
        query: str,
        args: Sequence[Any] | None = None,
        query_type: str = "generic",  # noqa: ARG002 — Piccolo's signature
        table: Any = None,  # noqa: ARG002 — the same
    ) -> list[dict[str, Any]]:
        return list(await connection.execute_fetchall(query, args or ()))

    async def run_apart(self, query: str, args: Any) -> list[dict[str, Any]]:
        """Rows of a statement outside any transaction: a reader's, or the writer's at once."""
        return await self._run_in_new_connection(query, args)

    async def read(self, query: str, args: Any) -> list[dict[str, Any]]:
        """Rows of a reading statement, from the pool of readers."""
        reader = await self._idle.get()
        try:
            return await fetched(reader, query, args)
        finally:
            self._idle.put_nowait(reader)

    def transaction(
        self,
        transaction_type: TransactionType = TransactionType.immediate,
        allow_nested: bool = True,
    ) -> SQLiteTransaction:
        """A writing transaction; inside another one Piccolo's silent join."""
        if self.current_transaction.get() is not None:
            return super().transaction(transaction_type, allow_nested)
        return WritingTransaction(self, transaction_type, allow_nested)

    def durable_transaction(self) -> SQLiteTransaction:
        """A writing transaction, inside no other one, that is on disk once it is committed."""
        return DurableTransaction(self, TransactionType.immediate)


def is_busy(error: BaseException) -> bool:
    """Whether a statement failed because another process holds the database."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
