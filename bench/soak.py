"""``python -m bench.soak --minutes 10``: mixed load, servers killed at random, nothing lost.

Real server processes serve clients that write and read at once. In every round the servers, or one
of their workers, are killed by SIGKILL at some moment and started again; when all clients have
their answers, ``check`` must be clean (figures equal the slow reading, among others) and everything
that was ever acknowledged must be there. It ends with exit status 1 at the first thing that is not,
and prints the seed: the same seed draws the same requests, though not the same moments.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import http_servers
from bench.databases import postgresql, sqlite_url
from bench.soak_campaigns import first_bundle
from bench.soak_clients import Client, Ledger
from bench.soak_invariants import broken
from core import bundles, database, sessions
from core.permissions import SYSTEM
from core.process import opened
from core.settings import Settings

CLIENTS = 6
ROUND_SECONDS = (1.5, 6.0)
# How often one worker alone is killed, where there are several.
WORKERS_SHARE = 0.4
SETTLING_SECONDS = 100

Say = Callable[[str], Any]


@dataclass(slots=True)
class Summary:
    """What a soak did, and the invariants that did not hold (none, if all is well)."""

    seed: int
    rounds: int = 0
    kills: int = 0
    seconds: float = 0.0
    acknowledged: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The summary for people."""
        told = [f"{name}: {count}" for name, count in sorted(self.answers.items())]
        head = (
            f"seed {self.seed}: {self.rounds} rounds, {self.kills} kills, {self.seconds:.0f} s,"
            f" {self.acknowledged} writes acknowledged"
        )
        return [head, *told, *(f"VIOLATED: {each}" for each in self.violations[:20])]


class Servers:
    """The server under test: started, killed and started again on the same port."""

    def __init__(self, settings: Settings, workers: int, folder: Path) -> None:
        """What it says goes into ``server.log`` of the folder."""
        self.port = http_servers.free_port()
        self._settings, self._workers = settings, workers
        self._log = (folder / "server.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError when it ends instead."""
        self._process = subprocess.Popen(
            http_servers.project(self.port, self._workers),
            cwd=http_servers.ROOT,
            env={**os.environ, **self._settings.as_environment(), "TONGXING_LIMIT_FACTOR": "0"},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        deadline = time.monotonic() + http_servers.START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the server does not start: see {self._log.name}")

    @property
    def is_down(self) -> bool:
        """Whether it was killed, or not started yet."""
        return self._process is None

    def kill(self) -> None:
        """SIGKILL to the server and all its workers, at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def kill_worker(self, draw: random.Random) -> bool:
        """SIGKILL to one worker alone: its supervisor starts another. False where there is none."""
        if self._process is None or self._workers == 1:
            return False
        number = self._process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        for child in draw.sample(children, len(children)):
            if b"multiprocessing.spawn" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)
                return True
        return False

    def stop(self) -> None:
        """End it as its operator would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None
        self._log.close()


async def _prepared(settings: Settings) -> tuple[str, str]:
    """Make the campaign and the tokens of two programmes."""
    async with opened(settings, migrate=True) as process:
        await bundles.import_document(first_bundle(), process.plugins, process.catalogue, SYSTEM)
        await database.execute("UPDATE campaign SET state = 'open'")
        office = await database.fetch_value("SELECT id FROM organisation WHERE key = 'city'")
        first, second = [
            await sessions.create_token(
                SYSTEM,
                f"soak-{secrets.token_hex(4)}",
                "administrator",
                office,
                now=datetime.now(UTC),
            )
            for _ in range(2)
        ]
    return first, second


def soak(
    settings: Settings,
    folder: Path,
    *,
    seconds: float,
    seed: int,
    workers: int = 1,
    say: Say = lambda _: None,
) -> tuple[Summary, Ledger]:
    """Rounds of load and kills until the time is over or an invariant does not hold."""
    draw, summary, ledger = random.Random(seed), Summary(seed), Ledger()
    tokens = asyncio.run(_prepared(settings))
    servers, started = Servers(settings, workers, folder), time.monotonic()
    try:
        while not summary.violations and time.monotonic() - started < seconds:
            summary.rounds += 1
            _round(servers, tokens, ledger, draw, summary)
            summary.violations = [*ledger.violations, *asyncio.run(broken(settings, ledger))]
            say(f"round {summary.rounds}: {ledger.acknowledged} writes acknowledged")
    finally:
        servers.stop()
    summary.seconds = time.monotonic() - started
    summary.acknowledged, summary.answers = ledger.acknowledged, ledger.answers
    return summary, ledger


def _round(
    servers: Servers, tokens: tuple[str, str], ledger: Ledger, draw: random.Random, summary: Summary
) -> None:
    """Load, a kill in the midst of it, a new server, and the end of all that was under way."""
    if servers.is_down:
        servers.start()
    clients = [Client(servers.port, tokens, ledger, draw.getrandbits(32)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(draw.uniform(*ROUND_SECONDS))
    summary.kills += 1
    if not (draw.random() < WORKERS_SHARE and servers.kill_worker(draw)):
        servers.kill()
        servers.start()
    time.sleep(draw.uniform(0.2, 1.0))
    for client in clients:
        client.stopping.set()
    for client in clients:
        client.join(SETTLING_SECONDS)
        if client.is_alive():
            ledger.violate("a client never got its answer")


@contextmanager
def _database(engine: str, folder: Path, url: str) -> Iterator[str]:
    """The address that was given, or that of a database made for this."""
    with ExitStack() as stack:
        if url or engine == "sqlite":
            yield url or sqlite_url(folder, "soak")
            return
        server = stack.enter_context(postgresql())
        if server is None:
            raise SystemExit(1)
        yield server.url(server.create_database())


def main() -> int:
    """The command; answers the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workers", type=int, default=0, help="server processes; 1, or 2")
    parser.add_argument("--database", default="", help="an empty database of yours to use")
    given = parser.parse_args()
    workers = given.workers or (2 if given.engine == "postgresql" else 1)
    with (
        tempfile.TemporaryDirectory() as name,
        _database(given.engine, Path(name), given.database) as url,
    ):
        folder = Path(name)
        summary, _ = soak(
            Settings(database_url=url, key_file=folder / "soak.key"),
            folder,
            seconds=given.minutes * 60,
            seed=given.seed,
            workers=workers,
            say=print,
        )
        print("\n".join(summary.lines()))
        if summary.violations:
            print((folder / "server.log").read_text(errors="replace")[-4000:], file=sys.stderr)
    return 1 if summary.violations else 0


if __name__ == "__main__":
    sys.exit(main())
