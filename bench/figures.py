"""A recap as JSON, with every figure of 2,021 offices: how it grows, and once it is kept.

The limit gives the same figures (it is checked that they are the same) by statements by hand on the
bare driver; see ``bench.figures_by_hand``. The project's time is that of the whole answer of
``GET /api/v1/campaigns/bench/recap``: figures, findings, JSON.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from bench import figures_by_hand
from bench.asking import Browser, serving, signed_in
from bench.databases import postgresql, sqlite_url
from bench.measuring import Case, Goal, Result, compare, median_of, sql_share
from bench.records import filled
from core import kept

ADDRESS = "/api/v1/campaigns/bench/recap"
SIZES = (10_000, 100_000, 1_000_000)
RUNS = 5
AS_BY_HAND = Goal(1.5, "ratio")
NOTHING_CHANGED = Goal(0.050)
ByHand = Callable[[], Awaitable[Sequence[Any]]]


async def _measured(browser: Browser, records: int, engine: str, by_hand: ByHand) -> list[Result]:
    async def project() -> None:
        await browser.get(ADDRESS)

    async def forget() -> None:
        kept.forget()

    kept.forget()
    _check_same(json.loads((await browser.get(ADDRESS)).body), await by_hand())
    case, largest = f"recap JSON of {records:,} records, {engine}", records == SIZES[-1]
    cold = await compare(case, project, by_hand, "SQL by hand", runs=RUNS, before=forget)
    kept.forget()
    where = await sql_share(project)
    warm = await median_of(project, RUNS * 3)
    again = Result(f"{case}, again", warm, None, "", where=await sql_share(project))
    return [
        replace(cold, where=where, goals=(AS_BY_HAND,) if largest else ()),
        replace(again, goals=(NOTHING_CHANGED,) if largest else ()),
    ]


def _check_same(recap: dict[str, Any], rows: Iterable[Sequence[Any]]) -> None:
    """Raise ValueError unless each figure of each office is what the limit gives."""
    ours = {
        (each["metric"], office): tuple(
            None if each[name] is None else float(each[name])
            for name in ("value", "itemised", "evidence", "target", "completion")
        )
        for office, figures in recap["by_organisation"].items()
        for each in figures
    }
    theirs = {
        (metric, office): tuple(
            None if number is None else float(number) for number in numbers[:-1]
        )
        for metric, office, *numbers in rows
    }
    if ours.keys() != theirs.keys():
        raise ValueError(f"other figures: {sorted(ours.keys() ^ theirs.keys())[:5]}")
    for place, numbers in ours.items():
        for one, other in zip(numbers, theirs[place], strict=True):
            if (one is None) != (other is None) or abs((one or 0) - (other or 0)) > 0.000101:
                raise ValueError(f"{place}: {numbers} here, {theirs[place]} by hand")


async def on_sqlite(records: int, folder: Path) -> list[Result]:
    """On a file of SQLite."""
    async with serving(folder, sqlite_url(folder, "figures")) as (app, process):
        await filled(process, records)
        bare = sqlite3.connect(folder / "figures.db", isolation_level=None, check_same_thread=False)
        for pragma in ("cache_size=-16000", "temp_store=MEMORY"):
            bare.execute(f"PRAGMA {pragma}")

        async def by_hand() -> Sequence[Any]:
            return await asyncio.to_thread(figures_by_hand.on_sqlite, bare)

        found = await _measured(
            await signed_in(app, "organiser", "city"), records, "SQLite", by_hand
        )
        bare.close()
        return found


async def on_postgresql(records: int, folder: Path) -> list[Result]:
    """On a PostgreSQL server of its own."""
    with postgresql() as server:
        if server is None:
            return []
        url = server.url(server.create_database())
        async with serving(folder, url) as (app, process):
            await filled(process, records)
            bare = await asyncpg.connect(url)
            browser = await signed_in(app, "organiser", "city")
            try:
                return await _measured(
                    browser,
                    records,
                    "PostgreSQL",
                    partial(figures_by_hand.on_postgresql, bare),
                )
            finally:
                await bare.close()


CASES = (
    *(Case(f"figures.sqlite.{size:,}", partial(on_sqlite, size)) for size in SIZES),
    *(Case(f"figures.postgresql.{size:,}", partial(on_postgresql, size)) for size in SIZES),
)
