"""Punches a second, beside the same statements on the bare driver.

The limit replays what the project asked the database, punch by punch and each in a transaction of
its own, on sqlite3 or asyncpg and a copy of the database: what is left is the driver's. Where many
punches share a commit, the project may be faster than that.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.bundles import bundle
from bench.databases import postgresql
from bench.measuring import Case, Result
from bench.replaying import Trace, recorded, replay_postgresql, replay_sqlite
from core import bundles, campaigns, database
from core.campaigns import Campaign
from core.permissions import SYSTEM
from core.process import opened
from core.settings import Settings
from plugins.volunteer.punching import punches
from plugins.volunteer.punching.states import Direction
from plugins.volunteer.punching.taken import Sending, Sent
from tests.fixtures.postgres import PostgresServer

CLIENTS, PAIRS = 16, 60
RUNS = 5
BATCH = 100
START = datetime(2026, 5, 17, 0, 0, tzinfo=UTC)


def campaign_of(people: int) -> dict[str, Any]:
    """A campaign with volunteers and one long shift."""
    made = bundle(0)
    made["campaign"] |= {"starts_on": "2026-05-01", "ends_on": "2026-05-31"}
    made["plugins"] = {
        "volunteer": {
            "volunteers": [
                {"key": f"v{number}", "name": f"志愿者{number}", "organisation": "c0"}
                for number in range(people)
            ],
            "shifts": [
                {
                    "key": "h1",
                    "activity": None,
                    "organisation": "c0",
                    "title": "引导",
                    "starts_at": START.isoformat(),
                    "ends_at": (START + timedelta(hours=8)).isoformat(),
                    "capacity": people,
                }
            ],
            "star_scheme": "street-annual",
        }
    }
    return made


def taken(direction: Direction, volunteer: int) -> Sent:
    """Somebody comes at the start and goes an hour later."""
    at = START + timedelta(hours=direction == "out")
    return Sent(str(uuid4()), "h1", f"v{volunteer}", direction, at, "bench")


async def one_by_one(campaign: Campaign, people: range) -> int:
    """As many clients as CLIENTS, each sending one punch after the other; gives their number."""

    async def client(number: int) -> None:
        for person in people[number::CLIENTS]:
            for direction in DIRECTIONS:
                sent = [taken(direction, person)]
                await punches.take(campaign, sent, actor=SYSTEM, source="steward")

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return len(people) * len(DIRECTIONS)


async def in_batches(campaign: Campaign, people: range) -> int:
    """Batches of BATCH, one after the other; gives the number of punches."""
    for batch in batches(people):
        await punches.take(campaign, batch, actor=SYSTEM, source="steward")
    return len(people) * len(DIRECTIONS)


def batches(people: range) -> Iterator[list[Sent]]:
    """Everybody comes, and then everybody goes."""
    for start in range(0, len(people), BATCH):
        for direction in DIRECTIONS:
            yield [taken(direction, person) for person in people[start : start + BATCH]]


DIRECTIONS: tuple[Direction, ...] = ("in", "out")


async def record(campaign: Campaign, sent: Iterator[list[Sent]]) -> Trace:
    """Take each list in a transaction of its own and give what was asked of the database."""
    trace: Trace = []
    with recorded(trace):
        for each in sent:
            trace.append([])
            await punches.take_all(campaign, [Sending(each, SYSTEM, "steward")])
    return trace


@dataclass(frozen=True, slots=True)
class Engine:
    """An empty database of one kind, copies of it, and how to replay on a copy."""

    name: str
    url: str
    copy: Callable[[str], str]
    replay: Callable[[str, Trace], Awaitable[float]]
    limit_name: str


def sqlite_engine(folder: Path) -> Engine:
    """A file."""

    def copy(name: str) -> str:
        target = folder / f"{name}.db"
        source = sqlite3.connect(folder / "punches.db")
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        source.close()
        shutil.copyfile(folder / "punches.db", target)
        return str(target)

    async def replay(path: str, trace: Trace) -> float:
        return await asyncio.to_thread(replay_sqlite, Path(path), trace)

    return Engine("SQLite", f"sqlite:///{folder}/punches.db", copy, replay, "sqlite3, FULL")


def postgresql_engine(server: PostgresServer) -> Engine:
    """A database of a server that does not wait for its disk."""
    base = server.create_database()

    def copy(_: str) -> str:
        return server.url(server.create_database(base))

    return Engine("PostgreSQL", server.url(base), copy, replay_postgresql, "asyncpg")


@asynccontextmanager
async def campaign_in(url: str, folder: Path) -> AsyncIterator[Campaign]:
    """The campaign of a database, brought up to date."""
    async with opened(Settings(url, folder / "bench.key"), migrate=True) as process:
        found = await database.fetch_value("SELECT COUNT(*) FROM campaign")
        if not found:
            made = campaign_of(CLIENTS * PAIRS)
            await bundles.import_document(made, process.plugins, process.catalogue, SYSTEM)
        yield await campaigns.find("bench")


async def rates(engine: Engine, folder: Path) -> list[Result]:
    """Both cases, project and limit in turn, each on a copy of the same content: medians."""
    everybody = range(CLIENTS * PAIRS)
    async with campaign_in(engine.url, folder):
        pass
    found = []
    cases = (
        (f"one by one, {CLIENTS} clients, {engine.name}", one_by_one, 1),
        (f"batches of {BATCH}, {engine.name}", in_batches, BATCH),
    )
    for number, (case, work, size) in enumerate(cases):
        noted = _address(engine, engine.copy(f"{number}-noted"))
        async with campaign_in(noted, folder) as campaign:
            singles = ([taken(d, p)] for p in everybody for d in DIRECTIONS)
            trace = await record(campaign, singles if size == 1 else batches(everybody))
        ours, bare = [], []
        for run in range(RUNS):
            address = _address(engine, engine.copy(f"{number}-{run}-ours"))
            async with campaign_in(address, folder) as campaign:
                started = time.perf_counter()
                count = await work(campaign, everybody)
                ours.append(count / (time.perf_counter() - started))
            copied = engine.copy(f"{number}-{run}-bare")
            bare.append(count / await engine.replay(copied, trace))
        found.append(
            Result(case, statistics.median(ours), statistics.median(bare), engine.limit_name, "/s")
        )
    return found


def _address(engine: Engine, copied: str) -> str:
    return copied if engine.name == "PostgreSQL" else f"sqlite:///{copied}"


async def in_process(folder: Path) -> list[Result]:
    """Both engines; PostgreSQL where there is one."""
    found = await rates(sqlite_engine(folder), folder)
    with postgresql() as server:
        if server:
            found += await rates(postgresql_engine(server), folder)
    return found


CASES = (Case("punches.in-process", in_process),)
