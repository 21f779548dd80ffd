"""Telling whoever looks at a campaign that it has changed, in whichever process it did.

On PostgreSQL one connection of each process listens, and on it the process tells the others what it
has just committed, several changes at once. It is not told inside the transaction: NOTIFY there
makes all commits of the server wait for one another (docs/decisions/0011). On SQLite, which has no
such thing, a process looks once a second while somebody waits. Either way nothing is told but that
there is something new: what it is, is read. What is lost on the way is found at the next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

import asyncpg

from core import database
from core.database.postgres_engine import PooledPostgresEngine
from core.database.postgres_pool import LOST

log = logging.getLogger("tongxing.live")

CHANNEL = "tongxing_campaign"
# A payload holds at most 8,000 bytes.
TOLD_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: how often SQLite is looked at, how long changes are gathered before they are told.

    A silent connection is tried every ``trying``; a lost one is made again after ``again``, which
    doubles up to ``trying``.
    """

    look: float = 1.0
    gather: float = 0.1
    trying: float = 20.0
    again: float = 0.5


@dataclass(slots=True)
class Watch:
    """Who waits in this process for which campaign."""

    pace: Pace = Pace()
    listens: bool = True
    """Whether it makes sense to wait: until the process is about to stop."""
    connected: bool = False
    _waiting: dict[int, set[asyncio.Event]] = field(default_factory=dict)
    _somebody: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: set[int] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    @contextmanager
    def waiting(self, campaign: int) -> Iterator[asyncio.Event]:
        """An event that is set whenever the campaign (id) changes, or when the process ends."""
        event = asyncio.Event()
        self._waiting.setdefault(campaign, set()).add(event)
        self._somebody.set()
        try:
            yield event
        finally:
            self._waiting[campaign].discard(event)
            if not self._waiting[campaign]:
                del self._waiting[campaign]
            if not self._waiting:
                self._somebody.clear()

    def wake(self, campaign: int) -> None:
        """Let those who wait for a campaign look."""
        for event in self._waiting.get(campaign, ()):
            event.set()

    def tell(self, campaign: int) -> None:
        """Let everybody of this process look, and soon those of the others."""
        self.wake(campaign)
        if self.connected:
            self._changed.add(campaign)
            self._news.set()

    def wake_all(self) -> None:
        """Let everybody look."""
        for campaign in self._waiting:
            self.wake(campaign)

    def end(self) -> None:
        """Let everybody go: the process ends."""
        self.listens = False
        self.wake_all()

    async def run(self) -> None:
        """Go on for ever: listen or look, whichever the database allows."""
        engine = database.engine()
        if isinstance(engine, PooledPostgresEngine):
            await self._listen(engine)
        else:
            await self._look()

    async def _listen(self, engine: PooledPostgresEngine) -> None:
        pause = self.pace.again
        while True:
            try:
                connection = await engine.apart()
                try:
                    await connection.add_listener(CHANNEL, self._told)
                    self.connected, pause = True, self.pace.again
                    self.wake_all()  # nobody knows what was told while nobody listened
                    await self._until_lost(connection)
                finally:
                    self.connected = False
                    connection.terminate()
            except (*LOST, asyncpg.PostgresError) as error:
                log.warning("changes are not told at the moment: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, self.pace.trying)

    def _told(self, _: object, __: int, ___: str, payload: object) -> None:
        for campaign in str(payload).split():
            with suppress(ValueError):
                self.wake(int(campaign))

    async def _until_lost(self, connection: asyncpg.Connection) -> None:
        """Tell what changes here, until the connection is gone; a silent one is tried at times."""
        connection.add_termination_listener(lambda _: self._news.set())
        while not connection.is_closed():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), self.pace.trying)
                await asyncio.sleep(self.pace.gather)
            self._news.clear()
            await self._tell_others(connection)

    async def _tell_others(self, connection: asyncpg.Connection) -> None:
        changed = sorted(self._changed)
        self._changed.clear()
        if not changed:
            await connection.execute("SELECT 1", timeout=self.pace.trying)
        for start in range(0, len(changed), TOLD_TOGETHER):
            payload = " ".join(map(str, changed[start : start + TOLD_TOGETHER]))
            await connection.execute(
                "SELECT pg_notify($1, $2)", CHANNEL, payload, timeout=self.pace.trying
            )

    async def _look(self) -> None:
        """Compare the campaigns that somebody waits for with how they were."""
        known: dict[int, int] = {}
        while True:
            await self._somebody.wait()
            try:
                rows = await database.fetch(
                    "SELECT id, changes FROM campaign WHERE id IN (:ids)", ids=list(self._waiting)
                )
            except database.UNREACHABLE as error:
                log.warning("changes are not told at the moment: %s", type(error).__name__)
                rows = []
            for row in rows:
                if known.get(row["id"], row["changes"]) != row["changes"]:
                    self.wake(row["id"])
                known[row["id"]] = row["changes"]
            await asyncio.sleep(self.pace.look)


_current: Watch | None = None


@asynccontextmanager
async def watching(pace: Pace = Pace()) -> AsyncIterator[Watch]:
    """A watch at work, known to ``watch`` and ``end``."""
    global _current  # noqa: PLW0603 — one watch a process
    made = _current = Watch(pace)
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        made.end()
        _current = None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def changed(campaign: int) -> None:
    """Tell of a campaign's change (by id) as soon as the unit of work is committed."""

    async def tell() -> None:
        if _current is not None:
            _current.tell(campaign)
        elif database.is_postgresql():
            await _tell_apart(campaign)

    await database.afterwards(("campaign", campaign), tell)


async def _tell_apart(campaign: int) -> None:
    """Tell the servers from a process that serves nobody itself, a command's."""
    try:
        await database.execute(
            "SELECT pg_notify(:channel, :campaign)", channel=CHANNEL, campaign=str(campaign)
        )
    except database.UNREACHABLE as error:
        log.warning("a change is not told: %s", type(error).__name__)


def watch() -> Watch | None:
    """The watch of this process; None before it is started and after it has ended."""
    return _current


def end() -> None:
    """Let go of everybody who waits in this process, for it is about to stop."""
    if _current is not None:
        _current.end()
