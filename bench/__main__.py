"""``python -m bench``: a table, then one JSON line a case. Times are of this machine, now."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar, Event

from bench import punches, recap_files
from bench.bundles import bundle
from bench.measuring import Result, compare
from core import bundles, campaigns, figures
from core.calendar_entries import CalendarEntry
from core.documents import canonical
from core.permissions import SYSTEM
from core.process import Process, opened
from core.settings import Settings
from events.feeds import render_feed

HEAD = f"{'case':<34}{'ours ms':>10} {'limit ms':>10} {'ratio':>7}  limit"
FIGURES_BY_HAND = """
SELECT c.ancestor, COUNT(*), SUM(l.cash),
       COUNT(DISTINCT CASE WHEN p.kind = 'household' THEN p.id END),
       COUNT(DISTINCT CASE WHEN p.kind = 'person' THEN p.id END)
FROM condolence_line l JOIN condolence_round r ON r.id = l.round
JOIN condolence_recipient p ON p.id = l.recipient
CROSS JOIN campaign_closure c
WHERE l.status = 'delivered' AND c.campaign = l.campaign AND c.descendant = r.organisation
GROUP BY c.ancestor
"""


@asynccontextmanager
async def database(folder: Path, name: str) -> AsyncIterator[tuple[Process, Path]]:
    """A database of its own, migrated."""
    path = folder / f"{name}.db"
    settings = Settings(database_url=f"sqlite:///{path}", key_file=folder / "bench.key")
    async with opened(settings, migrate=True) as process:
        yield process, path


async def importing(folder: Path, lines: int) -> Result:
    """A whole import into an empty campaign, beside writing the same number of rows by hand."""
    data = canonical(bundle(lines)).encode()
    empty = bundle(0)
    async with database(folder, "import") as (process, _):

        async def project() -> None:
            await bundles.import_document(empty, process.plugins, process.catalogue, SYSTEM)
            await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)

        async def limit() -> None:
            await asyncio.to_thread(_bare_rows, folder / "bare.db", data)

        return await compare(
            f"import {3 * lines:,} records", project, limit, "json + sqlite3 executemany", runs=3
        )


def _bare_rows(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    section = json.loads(data)["plugins"]["condolence"]
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE p (key TEXT UNIQUE, kind TEXT, name TEXT, o TEXT);"
        "CREATE TABLE l (r TEXT, p TEXT, cash INT, s TEXT); CREATE TABLE g (p TEXT, q INT, v INT);"
    )
    with connection:
        people = [
            (p["key"], p["kind"], p["name"], p["organisation"]) for p in section["recipients"]
        ]
        lines = [(r["key"], line) for r in section["rounds"] for line in r["lines"]]
        connection.executemany("INSERT INTO p VALUES (?, ?, ?, ?)", people)
        connection.executemany(
            "INSERT INTO l VALUES (?, ?, ?, ?)",
            [(key, line["recipient"], 30000, line["status"]) for key, line in lines],
        )
        connection.executemany(
            "INSERT INTO g VALUES (?, ?, ?)",
            [(line["recipient"], g["quantity"], 6000) for _, line in lines for g in line["goods"]],
        )
    connection.close()


async def counting(folder: Path, lines: int) -> Result:
    """All figures of 2,021 offices, beside one statement by hand that gives most of them."""
    async with database(folder, f"count{lines}") as (process, path):
        key = await bundles.import_document(
            bundle(lines), process.plugins, process.catalogue, SYSTEM
        )
        campaign = await campaigns.find(key)
        scope = await campaigns.scope(campaign)
        bare = sqlite3.connect(path, check_same_thread=False)

        async def project() -> None:
            await figures.compute(scope, process.plugins, campaign.enabled)

        async def limit() -> None:
            await asyncio.to_thread(lambda: bare.execute(FIGURES_BY_HAND).fetchall())

        result = await compare(f"figures of {3 * lines:,} records", project, limit, "SQL by hand")
        bare.close()
        return result


async def feed(count: int) -> Result:
    """A calendar of ``count`` activities, beside the icalendar library alone."""
    start = datetime(2026, 5, 1, 1, tzinfo=UTC)
    entries = [
        CalendarEntry(
            uid=f"activity-{number}@bench",
            title=f"走访慰问第{number}组",
            starts=start + timedelta(hours=number),
            ends=start + timedelta(hours=number + 2),
            modified_at=start,
            sequence=0,
            place="红旗街道",
            accessibility=("手语翻译", "轮椅通道"),
        )
        for number in range(count)
    ]

    async def project() -> None:
        render_feed("日程", "", entries, now=start)

    async def limit() -> None:
        _plain_calendar(entries)

    return await compare(f"feed of {count:,} activities", project, limit, "icalendar alone")


def _plain_calendar(entries: list[CalendarEntry]) -> bytes:
    calendar = Calendar()
    for entry in entries:
        event = Event()
        members: dict[str, Any] = {
            "uid": entry.uid,
            "summary": entry.title,
            "dtstart": entry.starts,
            "dtend": entry.ends,
            "dtstamp": entry.modified_at,
            "location": entry.place,
        }
        for name, value in members.items():
            event.add(name, value)
        calendar.add_component(event)
    return calendar.to_ical()


async def main() -> None:
    """Run every case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = [
            await importing(folder, 10_000),
            await counting(folder, 1_000),
            await counting(folder, 10_000),
            await counting(folder, 100_000),
            await feed(1_000),
        ]
    print(HEAD)
    for result in results:
        print(result.row())
    for result in results:
        print(result.as_json())
    await punches.main()
    await recap_files.main(recap_files.RECORDS)


if __name__ == "__main__":
    asyncio.run(main())
