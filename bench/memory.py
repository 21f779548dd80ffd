"""``python -m bench.memory [--minutes N]``: a server's resident memory under mixed load.

Somebody reads pages and figures, of a campaign of 100,000 records too, somebody signs in and out,
calendar programmes ask for feeds, volunteers punch, and now and then a file of a recap is made, a
bundle of 11 MB comes in, a campaign of 100,000 records goes out as JSON, a list as a spreadsheet,
and a text is proof-read. Read from /proc: Linux alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench import punches
from bench.bundles import bundle
from bench.databases import migrated, sqlite_url
from bench.feeds import planned
from bench.http_servers import Server, project, running
from bench.measuring import HEAD, Case, Goal, Result
from bench.memory_clients import BROWSERS, CLIENTS, PASSWORD, PEOPLE, Place, Visitor
from core import accounts, bundles, campaigns, database
from core.documents import canonical_bytes
from core.permissions import SYSTEM
from core.sessions import create_token
from events import feed_tokens

MINUTES = 2.0
MOST_MEGABYTES = 200.0
BIG, UPLOADED = 33_334, 20_000
PAUSE = {"reads": 0.02, "signs in": 1.0, "calendars": 0.1, "punches": 0.02, "files": 5.0}


@dataclass(slots=True)
class Watched:
    """Resident megabytes by seconds since the start, and what was answered how often.

    ``beside`` are those of the process that answers large requests, while there is one.
    """

    seen: list[tuple[float, float]] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


async def filled(folder: Path, url: str) -> tuple[str, tuple[str, ...]]:
    """Two campaigns, one of them big, an account, a token and feeds."""
    small = bundle(3_000)
    small["activities"] = planned(300)["activities"]
    small["plugins"]["volunteer"] = punches.campaign_of(PEOPLE)["plugins"]["volunteer"]
    big = bundle(BIG)
    big["campaign"] |= {"key": "big", "year": 2025}
    async with migrated(folder, url) as process:
        for document in (big, small):
            await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
        office = await database.fetch_value("SELECT id FROM organisation WHERE key = 'city'")
        await accounts.create(
            SYSTEM,
            "bench",
            display_name="",
            password=PASSWORD,
            role="administrator",
            organisation_id=office,
        )
        now = datetime.now(UTC)
        campaign = await campaigns.find("bench")
        secrets = [
            await feed_tokens.create(SYSTEM, campaign, f"c{number}", now=now)
            for number in range(20)
        ]
        token = await create_token(SYSTEM, "bench", "administrator", office, now=now)
    return token, tuple(feed_tokens.path(secret) for secret in secrets)


@contextmanager
def load(place: Place, watched: Watched) -> Iterator[None]:
    """All clients at once, until the block ends."""
    over = threading.Event()

    def run(name: str) -> None:
        headers = {} if name in BROWSERS else {"authorization": f"Bearer {place.token}"}
        with httpx.Client(base_url=place.address, headers=headers, timeout=120) as client:
            for answer in CLIENTS[name](Visitor(place, client, random.Random(name))):
                watched.answers[f"{name} {answer.status_code}"] += 1
                if over.wait(PAUSE[name]):
                    return

    threads = [threading.Thread(target=run, args=(name,)) for name in CLIENTS]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def resident(pid: int) -> float:
    """Resident megabytes of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def annexed(pid: int) -> Iterator[int]:
    """The process of a server that answers large requests, if there is one."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    for child in map(int, children.split()):
        with suppress(FileNotFoundError):
            if b"\0annex\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                yield child


def watch(server: Server, place: Place, minutes: float) -> Watched:
    """Look once a second while everybody is at work."""
    watched, started = Watched(), time.monotonic()
    with load(place, watched):
        while (elapsed := time.monotonic() - started) < 60 * minutes:
            watched.seen.append((elapsed, resident(server.process.pid)))
            watched.beside.extend(map(resident, annexed(server.process.pid)))
            time.sleep(1)
    return watched


def told(watched: Watched, minutes: float) -> list[Result]:
    """The greatest, and how it grows an hour once everything has been used."""
    half = watched.seen[len(watched.seen) // 2 :]
    slope = statistics.linear_regression(*zip(*half, strict=True)).slope * 3600
    sizes = [size for _, size in watched.seen]
    quarters = statistics.quantiles(sizes, n=4)
    where = (
        f"first {sizes[0]:.0f}, quartiles {', '.join(f'{size:.0f}' for size in quarters)},"
        f" last {sizes[-1]:.0f} MB; the second half grows by {slope:+.0f} MB an hour;"
        f" large requests beside it: most {max(watched.beside, default=0):.0f} MB; "
        + ", ".join(f"{what}: {count}" for what, count in sorted(watched.answers.items()))
    )
    case = f"memory, {minutes:g} minutes of mixed load"
    goals = (Goal(MOST_MEGABYTES),)
    return [Result(case, max(sizes), None, "greatest resident set", "MB", where, goals)]


async def measured(folder: Path, minutes: float) -> list[Result]:
    """Fill a database, serve it, and watch."""
    url = sqlite_url(folder, "memory")
    token, feeds = await filled(folder, url)
    uploaded = bundle(UPLOADED)
    uploaded["campaign"] |= {"key": "uploaded", "year": 2024}
    environment = {
        "TONGXING_DATABASE_URL": url,
        "TONGXING_KEY_FILE": str(folder / "bench.key"),
        "TONGXING_LIMIT_FACTOR": "1000",
        "TONGXING_LOG_LEVEL": "warning",
    }

    def work() -> Watched:
        with running(project, 1, environment) as server:
            address = f"http://127.0.0.1:{server.port}"
            return watch(server, Place(address, token, feeds, canonical_bytes(uploaded)), minutes)

    return told(await asyncio.to_thread(work), minutes)


async def two_minutes(folder: Path) -> list[Result]:
    """A short look; an hour is ``python -m bench.memory --minutes 60``."""
    return await measured(folder, MINUTES)


CASES = (Case("memory", two_minutes),)


def main() -> int:
    """Watch for as long as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    minutes: float = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        results = asyncio.run(measured(Path(folder), minutes))
    print(HEAD)
    for result in results:
        print(result.row())
        print(result.as_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
