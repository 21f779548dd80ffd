"""Pages of a campaign of 100,000 records: server time in this process, from the call to the end.

Each page is asked for after something has changed, so that all of it is computed, and again when
nothing has. The limit of the latter is what the same statements take on the bare driver.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import statistics
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

from bench.asking import Browser, serving, signed_in
from bench.databases import sqlite_url
from bench.measuring import Case, Goal, Result, compare, sql_share
from bench.records import filled
from core import kept
from core.database.observing import Statement, observing

RECORDS, EARLIER = 100_000, 10_000
RUNS = 15
GOAL = Goal(0.030)
CAMPAIGN = "/campaigns/bench"
LIST = f"{CAMPAIGN}/volunteer/attendances"
PAGES_DEEP = 20
PAGES = {
    "campaign overview page": CAMPAIGN,
    "figures page": f"{CAMPAIGN}/figures",
    "recap page": f"{CAMPAIGN}/recap",
    "records list, first page": LIST,
}
NEXT = re.compile(r'href="([^"]*[?&;]cursor=[^"]*)"[^>]*>\s*下一页')


async def _deep(browser: Browser) -> str:
    """The address of a page far down the list, as one comes to it by turning pages."""
    address = LIST
    for _ in range(PAGES_DEEP):
        following = NEXT.search((await browser.get(address)).body.decode())
        if following is None:
            raise RuntimeError(f"{address} leads to no further page")
        found = unescape(following[1])
        address = found if found.startswith("/") else f"{LIST}{found}"
    return address


def _bare(path: Path, trace: list[Statement]) -> None:
    connection = sqlite3.connect(path)
    for statement in trace:
        connection.execute(statement.sql, statement.values).fetchall()
    connection.close()


async def _measured(browser: Browser, path: Path, case: str, address: str) -> list[Result]:
    async def project() -> None:
        await browser.get(address)

    cold = []
    for _ in range(3):
        kept.forget()
        cold.append((await browser.get(address)).seconds)
    trace: list[Statement] = []
    with observing(trace.append):
        await project()
    ordinary = [each for each in trace if each.sql.lstrip()[:6].upper() in {"SELECT", "WITH"}]

    async def limit() -> Any:
        await asyncio.to_thread(_bare, path, ordinary)

    result = await compare(case, project, limit, "its SQL on sqlite3", runs=RUNS)
    where = await sql_share(project)
    first = f"after a change {statistics.median(cold) * 1000:.0f} ms"
    return [replace(result, where=f"{where}; {first}", goals=(GOAL,))]


async def on_sqlite(folder: Path) -> list[Result]:
    """Each page as the city's organiser sees it."""
    path = folder / "pages.db"
    async with serving(folder, sqlite_url(folder, "pages")) as (app, process):
        await filled(process, EARLIER, key="earlier", year=2025)
        await filled(process, RECORDS)
        browser = await signed_in(app, "organiser", "city")
        pages = {**PAGES, f"records list, page {PAGES_DEEP + 1}": await _deep(browser)}
        return [
            result
            for case, address in pages.items()
            for result in await _measured(browser, path, case, address)
        ]


CASES = (Case("pages", on_sqlite),)
