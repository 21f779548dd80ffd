"""Start-up: ``serve`` until the first answer of /health, and commands, on a migrated database.

The limit of the server is the smallest one that can do it: uvicorn, Litestar and one handler that
asks sqlite3. That of commands is a Python that imports click and says hello.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench.bundles import bundle
from bench.databases import migrated, sqlite_url
from bench.measuring import Case, Goal, Result
from core import bundles
from core.permissions import SYSTEM

ROOT = Path(__file__).parents[1]
RUNS = 5
PATIENCE = 60.0
START = Goal(1.5)
SMALLEST = """
import sqlite3, sys
import uvicorn
from litestar import Litestar, get
connection = sqlite3.connect(sys.argv[2])
@get("/health")
async def health() -> dict[str, str]:
    connection.execute("SELECT 1").fetchall()
    return {"status": "ok"}
uvicorn.run(Litestar([health]), port=int(sys.argv[1]), log_level="warning")
"""
HELLO = "import click; click.command()(lambda: click.echo('hello')).main([])"
IMPORTED = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \| \s*(\S+)", re.MULTILINE)
PARTS = ("litestar", "piccolo", "core", "events", "api", "plugins")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


Taken = tuple[float, float]
"""Seconds by the clock, and seconds of the processor."""


def until_health(command: Sequence[str], port: int, environment: Mapping[str, str]) -> Taken:
    """From starting the program until /health answers 200; the program is then ended."""
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            while not _is_healthy(port):
                if server.poll() is not None or time.perf_counter() - started > PATIENCE:
                    raise RuntimeError(f"{' '.join(command)} does not answer")
                time.sleep(0.005)
            return time.perf_counter() - started, _processor_seconds(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def until_end(command: Sequence[str], environment: Mapping[str, str]) -> Taken:
    """The same of a whole program."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def imports(environment: Mapping[str, str]) -> str:
    """What a server imports, in shares of the time of importing."""
    program = "import app; app.create_app()"
    command = [sys.executable, "-X", "importtime", "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    shares: dict[str, int] = {}
    for microseconds, module in IMPORTED.findall(done.stderr.decode()):
        package = module.split(".")[0]
        part = package if package in PARTS else "other libraries"
        shares[part] = shares.get(part, 0) + int(microseconds)
    total = sum(shares.values())
    largest = sorted(shares.items(), key=lambda item: -item[1])
    told = ", ".join(f"{part} {share / total:.0%}" for part, share in largest)
    return f"of {total / 1e6:.2f} s for imports: {told}"


async def starting(folder: Path) -> list[Result]:
    """The server, the help of the command line, and a recap of a small campaign."""
    url = sqlite_url(folder, "start")
    async with migrated(folder, url) as process:
        await bundles.import_document(bundle(100), process.plugins, process.catalogue, SYSTEM)
    environment = {
        **os.environ,
        "TONGXING_DATABASE_URL": url,
        "TONGXING_KEY_FILE": str(folder / "bench.key"),
    }
    return await asyncio.to_thread(_measured, folder / "start.db", environment)


def _measured(path: Path, environment: Mapping[str, str]) -> list[Result]:
    def serve() -> Taken:
        port = free_port()
        command = [sys.executable, "app.py", "serve", "--port", str(port)]
        return until_health(command, port, environment)

    def smallest() -> Taken:
        port = free_port()
        command = [sys.executable, "-c", SMALLEST, str(port), str(path)]
        return until_health(command, port, environment)

    def command(*arguments: str) -> Callable[[], Taken]:
        return lambda: until_end([sys.executable, "app.py", *arguments], environment)

    def hello() -> Taken:
        return until_end([sys.executable, "-c", HELLO], environment)

    where = imports(environment)
    return [
        _in_turn("serve until /health", serve, smallest, "smallest Litestar", where, START),
        _in_turn("app.py --help", command("--help"), hello, "click alone"),
        _in_turn("app.py doctor", command("doctor"), hello, "click alone"),
        _in_turn("app.py recap, small", command("recap", "bench"), hello, "click alone"),
    ]


def _in_turn(
    case: str,
    project: Callable[[], Taken],
    limit: Callable[[], Taken],
    limit_name: str,
    where: str = "",
    *goals: Goal,
) -> Result:
    ours: list[Taken] = []
    theirs: list[Taken] = []
    for run in range(RUNS + 1):
        times = project(), limit()
        if run:  # the first finds nothing in the cache of files
            ours.append(times[0])
            theirs.append(times[1])
    seconds, processor = _medians(ours)
    least, least_processor = _medians(theirs)
    told = f"processor {processor:.2f} s, of the limit {least_processor:.2f} s"
    where = f"{told}; {where}" if where else told
    return Result(case, seconds, least, limit_name, "s", where, goals)


def _medians(taken: Sequence[Taken]) -> Taken:
    return statistics.median(t[0] for t in taken), statistics.median(t[1] for t in taken)


CASES = (Case("starting", starting),)
