"""Punches over HTTP: the software as it is served, beside a thin handler served in the same way.

16 connections stay open, each with one request under way. The thin handler (``http_thin``) runs the
statements that the software asks for one request alone, on sqlite3 or asyncpg, and commits each
request by itself; what the software copies into a table of PostgreSQL, it inserts. PostgreSQL runs
without waiting for its disk, for both.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import shutil
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app import create_app
from bench import http_servers, punches
from bench.databases import postgresql, settings_for, sqlite_url
from bench.http_thin import Replay
from bench.measuring import Case, Goal, Result
from bench.replaying import Trace, recorded
from core import bundles, campaigns, database, sessions
from core.permissions import SYSTEM
from core.process import opened
from plugins.volunteer.punching.states import Direction

CLIENTS, BATCH, RUNS = 16, 100, 5
# People a connection, and how many of its requests come before the clock starts.
SINGLES, BATCHED, WARM = 120, 400, 20
EARLIER = 1_000
PATH = "/api/v1/campaigns/bench/volunteer/punches"
# Batches are asked to take five times what is asked of singles, which by now take twice that: who
# sends at the same moment shares a commit, too.
SHARE, RATE, TIMES_IN_BATCHES = 0.6, 1500.0, 5


@dataclass(frozen=True, slots=True)
class Load:
    """Requests of one case, as bodies, one list a connection."""

    name: str
    token: str
    bodies: list[list[bytes]]
    size: int
    warm: int

    def __iter__(self) -> Iterator[bytes]:
        """Every body, in an order in which they may be sent one after the other."""
        return (body for each in self.bodies for body in each)


def load(name: str, token: str, people: int, size: int) -> Load:
    """Each connection's own people come and go, ``size`` of them a request."""
    bodies = []
    for client in range(CLIENTS):
        own = range(client * people, (client + 1) * people)
        bodies.append(
            [
                _body(own[start : start + size], direction)
                for start in range(0, people, size)
                for direction in punches.DIRECTIONS
            ]
        )
    return Load(name, token, bodies, size, WARM if size == 1 else 2)


def _body(people: range, direction: Direction) -> bytes:
    at = (punches.START + timedelta(hours=direction == "out")).isoformat()
    listed = [
        {
            "nonce": str(uuid4()),
            "shift": "h1",
            "volunteer": f"v{person}",
            "direction": direction,
            "at": at,
            "device": "bench",
        }
        for person in people
    ]
    return json.dumps({"punches": listed}).encode()


def written(token: str, body: bytes) -> str:
    """The request that carries a body, as text."""
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nX-Device-Time: {datetime.now(UTC).isoformat()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body.decode()}"
    )


async def filled(folder: Path, url: str, people: int) -> str:
    """Make the campaign, its volunteers and a programme's token; gives the token.

    Some have come and gone already: PostgreSQL keeps the plans that it made for empty tables until
    it next counts their rows, which it does by itself within a minute.
    """
    async with opened(settings_for(folder, url), migrate=True) as process:
        made = punches.campaign_of(people + EARLIER)
        await bundles.import_document(made, process.plugins, process.catalogue, SYSTEM)
        await punches.in_batches(await campaigns.find("bench"), range(people, people + EARLIER))
        if database.is_postgresql():
            await database.execute("ANALYZE")
        office = await database.fetch_value("SELECT id FROM organisation WHERE key = 'c0'")
        return await sessions.create_token(
            SYSTEM, "bench", "clerk", office, now=datetime.now(UTC) + timedelta(hours=1)
        )


async def noted(folder: Path, url: str, token: str, bodies: Sequence[bytes]) -> Trace:
    """What the software asks of its database for each request, sent alone."""
    trace: Trace = [[]]
    app = create_app(settings_for(folder, url))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    client = httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers)
    async with app.lifespan(), client:
        await client.post(PATH, content=b"{}")  # once a minute: the token's last use
        with recorded(trace):
            trace.clear()
            for body in bodies:
                trace.append([])
                stamp = {"x-device-time": datetime.now(UTC).isoformat()}
                answer = await client.post(PATH, content=body, headers=stamp)
                answer.raise_for_status()
    return trace


def sent(folder: Path, port: int, requests: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Run the client in a process of its own. Raises RuntimeError when anything was refused."""
    file = folder / "requests.json"
    file.write_text(json.dumps(requests), encoding="utf-8")
    command = [sys.executable, "-m", "bench.http_load", str(port), str(file)]
    done = subprocess.run(command, cwd=http_servers.ROOT, stdout=subprocess.PIPE, check=True)
    outcome: dict[str, Any] = json.loads(done.stdout)
    if outcome["refused"]:
        raise RuntimeError(outcome["refused"][0])
    return outcome


@dataclass(frozen=True, slots=True)
class Site:
    """A database engine: makes copies of one content, and knows how the two are served on it."""

    name: str
    folder: Path
    copy: Callable[[str], str]
    """A copy under a name; gives its address."""

    def environment(self, copied: str, replay: Path) -> dict[str, str]:
        """For both kinds of server."""
        return {
            "TONGXING_DATABASE_URL": copied,
            "TONGXING_KEY_FILE": str(self.folder / "bench.key"),
            "BENCH_DATABASE": copied.removeprefix("sqlite:///"),
            "BENCH_TRACE": str(replay),
        }


def run_once(
    site: Site, given: Load, command: http_servers.Command, workers: int, run: str
) -> tuple[float, float, float]:
    """Serve, warm up, measure: punches a second, CPU seconds a punch, the slowest answer."""
    requests = [[written(given.token, body) for body in own] for own in given.bodies]
    environment = site.environment(
        site.copy(f"{given.name}-{workers}-{run}"), site.folder / f"{given.name}.replay"
    )
    with http_servers.running(command, workers, environment) as server:
        sent(site.folder, server.port, [own[: given.warm] for own in requests])
        before = server.cpu_seconds()
        outcome = sent(site.folder, server.port, [own[given.warm :] for own in requests])
        used = server.cpu_seconds() - before
    accepted = outcome["accepted"]
    return accepted / outcome["seconds"], used / accepted, outcome["slowest"]


def measured(site: Site, given: Load, workers: int, goals: tuple[Goal, ...]) -> Result:
    """Both kinds of server in turn, each on a fresh copy: medians."""
    found: dict[http_servers.Command, list[tuple[float, float, float]]] = {}
    for run in range(RUNS):
        for command in (http_servers.project, http_servers.thin):
            once = run_once(site, given, command, workers, f"{run}-{command.__name__}")
            found.setdefault(command, []).append(once)
    ours, bare = (
        [statistics.median(values) for values in zip(*found[command], strict=True)]
        for command in (http_servers.project, http_servers.thin)
    )
    case = f"{given.name} over HTTP, {site.name}, {workers} process{'es' * (workers > 1)}"
    where = (
        f"server CPU a punch {ours[1] * 1e6:,.0f} µs (thin handler {bare[1] * 1e6:,.0f} µs),"
        f" slowest answer {ours[2] * 1000:,.0f} ms"
    )
    return Result(case, ours[0], bare[0], "thin handler, bare driver", "/s", where, goals)


async def measure(site: Site, base: str, processes: Sequence[int]) -> list[Result]:
    """One by one and in batches, with each number of processes."""
    token = await filled(site.folder, base, CLIENTS * BATCHED)
    found: list[Result] = []
    for given in (
        load("singles", token, SINGLES, 1),
        load("batches of 100", token, BATCHED, BATCH),
    ):
        trace = await noted(site.folder, site.copy(f"{given.name}-noted"), token, list(given))
        replay = site.folder / f"{given.name}.replay"
        replay.write_bytes(pickle.dumps(Replay.of(trace)))
        for workers in processes:
            goals: tuple[Goal, ...] = (Goal(SHARE, "ratio", at_least=True),)
            if given.size == 1 and (site.name == "SQLite" or workers > 1):
                goals += (Goal(RATE, at_least=True),)
            if given.size > 1:
                goals = (Goal(TIMES_IN_BATCHES * RATE, at_least=True),)
            result = await asyncio.to_thread(measured, site, given, workers, goals)
            if given.size > 1:
                single = next(each for each in found if f", {workers} process" in each.case)
                times = f"{result.project / single.project:.1f} times the singles; "
                result = replace(result, where=times + result.where)
            found.append(result)
    return found


def sqlite_site(folder: Path, base: str) -> Site:
    """Copies of a file."""

    def copy(name: str) -> str:
        source = sqlite3.connect(folder / f"{base}.db")
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        source.close()
        shutil.copyfile(folder / f"{base}.db", folder / f"{name}.db")
        return sqlite_url(folder, name)

    return Site("SQLite", folder, copy)


async def over_http(folder: Path) -> list[Result]:
    """SQLite with one process, PostgreSQL with one and with two, where there is one."""
    found = await measure(sqlite_site(folder, "http"), sqlite_url(folder, "http"), (1,))
    with postgresql() as server:
        if server:
            base = server.create_database()
            site = Site("PostgreSQL", folder, lambda _: server.url(server.create_database(base)))
            found += await measure(site, server.url(base), (1, 2))
    return found


CASES = (Case("punches.http", over_http),)
