"""An import's work grows with what it brings, and not with its square."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from core import bundles, database
from core.database.sqlite_engine import PooledSQLiteEngine
from core.permissions import SYSTEM
from core.process import Process

STEPS = 1_000
TIMES = 4


def campaign(key: str, offices: int) -> dict[str, Any]:
    """A county with so many towns and villages, a visit to each, and a volunteer of each."""
    towns = [f"{key}-{number}" for number in range(offices)]
    below = [
        {
            "key": town,
            "name": f"机构{number}",
            "level": "town" if number % 10 == 0 else "community",
            "parent": key if number % 10 == 0 else towns[number - number % 10],
        }
        for number, town in enumerate(towns)
    ]
    shift = {
        "starts_at": "2026-05-17T08:00:00+08:00",
        "ends_at": "2026-05-17T12:00:00+08:00",
        "capacity": 10 * offices,
    }
    came = {"checked_in_at": shift["starts_at"], "checked_out_at": shift["ends_at"]}
    return {
        "format": "campaign-bundle",
        "version": 1,
        "organisations": [
            {"key": key, "name": "某县残联", "level": "county", "parent": None},
            *below,
        ],
        "campaign": {
            "key": key,
            "observance": "national-disability-day",
            "year": 2026,
            "organisation": key,
            "starts_on": "2026-05-01",
            "ends_on": "2026-05-31",
        },
        "activities": [
            {
                "key": "a", "title": "助残日", "kind": "service", "organisation": key,
                "starts_at": shift["starts_at"], "ends_at": shift["ends_at"],
            }
        ],
        "plugins": {
            "volunteer": {
                "star_scheme": "street-annual",
                "volunteers": [
                    {"key": town, "name": "张三", "organisation": town}
                    for town in towns
                ],
                "shifts": [{"key": "h", "activity": "a", "organisation": key, **shift}],
                "attendances": [
                    {"shift": "h", "volunteer": town, "status": "confirmed", **came}
                    for town in towns
                ],
            },
        },
    }  # fmt: skip


async def steps(process: Process, document: dict[str, Any]) -> int:
    """How many thousand steps SQLite's machine takes for an import."""
    engine = database.engine()
    assert isinstance(engine, PooledSQLiteEngine)
    assert engine._writer is not None
    ticks = count()

    def tick() -> int:
        next(ticks)
        return 0

    await engine._writer.set_progress_handler(tick, STEPS)
    await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
    await engine._writer.set_progress_handler(lambda: 0, 0)
    return next(ticks)


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_an_import_of_four_times_as_much_is_four_times_the_work(process: Process) -> None:
    await steps(process, campaign("warm", 10))
    few = await steps(process, campaign("few", 300))
    many = await steps(process, campaign("many", 300 * TIMES))
    assert few > 50
    assert many < 1.5 * TIMES * few
    again = await steps(process, campaign("many", 300 * TIMES))
    assert again < 1.5 * many
