"""The thin handler: Litestar, the bare driver and the statements of the software, no more.

``python -m bench.http_thin PORT WORKERS``, with BENCH_TRACE (a pickled ``Replay``) and
BENCH_DATABASE (a file for sqlite3, or an address for asyncpg). Each request runs what the software
asked of its database for that same request alone, and commits it before it answers.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import asyncpg
import msgspec
import uvicorn
from litestar import Litestar, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from bench.replaying import Noted, Trace, durable_sqlite

CONNECTIONS = 16


class Punch(msgspec.Struct):
    """A coming or going."""

    nonce: str
    shift: str
    volunteer: str
    direction: Literal["in", "out"]
    at: str
    device: str = ""


class Punches(msgspec.Struct):
    """What a request brings."""

    punches: list[Punch]


class Answer(msgspec.Struct):
    """What became of one."""

    nonce: str
    result: str
    code: str | None
    attendance: str | None


class Answers(msgspec.Struct):
    """An answer for each."""

    results: list[Answer]


class Step(NamedTuple):
    """A statement; ``replaced`` says where its values hold numbers that the database gives."""

    noted: Noted
    replaced: tuple[int, ...]
    tells: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """The statements of each request by its first nonce, and attendances' keys by number."""

    steps: dict[str, list[Step]]
    keys: dict[int, str]

    @classmethod
    def of(cls, trace: Trace) -> Replay:
        """What was noted, made ready to run in another order: numbers come out otherwise then."""
        keys: dict[int, str] = {}
        steps: dict[str, list[Step]] = {}
        for noted in trace:
            nonce = ""
            for each in noted:
                if _tells(each):
                    keys.update({row["id"]: row["key"] for row in each.answer})
                if each.text.startswith("INSERT INTO audit_entry"):
                    nonce = _rows(each)[0][each.names.index("thing_key")]
            steps[nonce] = [_step(each) for each in noted]
        return cls(steps, keys)


def _rows(noted: Noted) -> Sequence[Any]:
    return noted.values if noted.many else [noted.values]


def _tells(noted: Noted) -> bool:
    begins = ("SELECT a.id, a.key,", "SELECT id, key FROM volunteer_attendance")
    return noted.text.startswith(begins)


def _step(noted: Noted) -> Step:
    holds = {"INSERT INTO volunteer_punch": "attendance", "UPDATE volunteer_attendance": "id"}
    names = [name for begin, name in holds.items() if noted.text.startswith(begin)]
    places = tuple(noted.names.index(name) for name in names)
    return Step(noted._replace(answer=()), places, _tells(noted))


class Driver(Protocol):
    """Runs the statements of a request."""

    async def run(self, steps: Sequence[Step], keys: dict[int, str]) -> dict[str, int]:
        """The numbers of the attendances by key, after the commit."""


class Sqlite:
    """sqlite3 in the event loop itself: no thread is faster."""

    def __init__(self, address: str) -> None:
        """Open the file."""
        self._connection = durable_sqlite(Path(address))

    async def run(self, steps: Sequence[Step], keys: dict[int, str]) -> dict[str, int]:
        """One transaction, committed to disk."""
        execute = self._connection.execute
        found: dict[str, int] = {}
        execute("BEGIN IMMEDIATE")
        for noted, replaced, tells in steps:
            values = list(_filled(noted, replaced, keys, found))
            if noted.many:
                self._connection.executemany(noted.text, values)
                continue
            cursor = execute(noted.text, values[0])
            rows = cursor.fetchall()
            if tells:
                names = [each[0] for each in cursor.description]
                number, key = names.index("id"), names.index("key")
                found.update({row[key]: row[number] for row in rows})
        execute("COMMIT")
        return found


class Postgresql:
    """asyncpg with as many connections as there are clients."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Take the pool."""
        self._pool = pool

    async def run(self, steps: Sequence[Step], keys: dict[int, str]) -> dict[str, int]:
        """One transaction."""
        found: dict[str, int] = {}
        async with self._pool.acquire() as connection, connection.transaction():
            for noted, replaced, tells in steps:
                values = list(_filled(noted, replaced, keys, found))
                if noted.many:
                    await connection.executemany(noted.text, values)
                    continue
                rows = await connection.fetch(noted.text, *values[0])
                if tells:
                    found.update({row["key"]: row["id"] for row in rows})
        return found


def _filled(
    noted: Noted, replaced: Sequence[int], keys: dict[int, str], found: dict[str, int]
) -> Iterator[Sequence[Any]]:
    if not replaced:
        yield from _rows(noted)
        return
    for row in _rows(noted):
        filled = list(row)
        for place in replaced:
            filled[place] = found[keys[row[place]]]
        yield filled


@get("/health", sync_to_thread=False)
def health() -> str:
    """Answers."""
    return "ok"


@post("/api/v1/campaigns/{campaign:str}/volunteer/punches", status_code=200)
async def take(state: State, campaign: FromPath[str], data: JSONBody[Punches]) -> Answers:  # noqa: ARG001
    """Run the statements of this request."""
    replay: Replay = state.replay
    found = await state.driver.run(replay.steps[data.punches[0].nonce], replay.keys)
    keys = list(found)
    return Answers(
        [Answer(each.nonce, "accepted", None, keys[0] if keys else None) for each in data.punches]
    )


def create() -> Litestar:
    """The application on what the environment names."""
    address = os.environ["BENCH_DATABASE"]
    replay = pickle.loads(Path(os.environ["BENCH_TRACE"]).read_bytes())

    @asynccontextmanager
    async def connected(app: Litestar) -> AsyncIterator[None]:
        app.state.replay = replay
        if not address.startswith("postgresql"):
            app.state.driver = Sqlite(address)
            yield
            return
        async with asyncpg.create_pool(
            address, min_size=CONNECTIONS, max_size=CONNECTIONS, server_settings={"timezone": "UTC"}
        ) as pool:
            app.state.driver = Postgresql(pool)
            yield

    return Litestar([health, take], lifespan=[connected], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    uvicorn.run(
        "bench.http_thin:create",
        factory=True,
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        log_level="warning",
        server_header=False,
    )
