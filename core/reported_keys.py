"""Keys of reported figures: given, or made so that what is reported last stands last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core import database, moments
from core.tables import KEY_LENGTH


async def insert(row: Mapping[str, Any], key: str = "") -> str | None:
    """Write a reported figure under a key, made when none is given; None when it is taken.

    The caller holds the campaign's row and has made sure that no total stands in the way.
    """
    return await _insert(row, key) if key else await _insert_with_made_key(row)


async def insert_many(campaign: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many reported figures of a campaign under keys that are made; two statements."""
    known: set[str] = set()
    greatest: dict[tuple[str, int], str] = {}
    for stored in await database.fetch(
        "SELECT key, metric, organisation FROM reported_figure WHERE campaign = :campaign",
        campaign=campaign,
    ):
        known.add(stored["key"])
        place = (stored["metric"], stored["organisation"])
        greatest[place] = max(greatest.get(place, ""), stored["key"])
    keyed, moment = [], moments.now()
    for row in rows:
        place = (row["metric"], row["organisation"])
        while (key := later_key(greatest.get(place, ""), _stamp(moment))) in known:
            moment += timedelta(milliseconds=1)
        known.add(key)
        greatest[place] = key
        keyed.append({"key": key, **row})
    if keyed:
        columns = list(keyed[0])
        await database.execute_many(
            f"INSERT INTO reported_figure ({', '.join(columns)})"
            f" VALUES ({', '.join(f':{column}' for column in columns)})",
            keyed,
        )


def _stamp(moment: datetime) -> str:
    return f"{moments.local(moment):%Y%m%d%H%M%S}{moment.microsecond // 1000:03}"


async def _insert(row: Mapping[str, Any], key: str) -> str | None:
    """Insert under a key; None when it is taken."""
    columns = ["key", *row]
    made: str | None = await database.fetch_value(
        f"INSERT INTO reported_figure ({', '.join(columns)})"
        f" VALUES ({', '.join(f':{column}' for column in columns)})"
        " ON CONFLICT DO NOTHING RETURNING key",
        key=key,
        **row,
    )
    return made


async def _insert_with_made_key(row: Mapping[str, Any]) -> str:
    rows = await database.fetch(
        "SELECT key FROM reported_figure WHERE campaign = :campaign AND metric = :metric"
        " AND organisation = :organisation",
        **{name: row[name] for name in ("campaign", "metric", "organisation")},
    )
    greatest, moment = max((each["key"] for each in rows), default=""), moments.now()
    while True:
        if made := await _insert(row, later_key(greatest, _stamp(moment))):
            return made
        moment += timedelta(milliseconds=1)


def later_key(greatest: str, stamp: str) -> str:
    """A key with the stamp (digits) that stands after ``greatest`` by code point.

    Of some metrics the figure with the greatest key counts, and what is reported last is to be it.
    """
    if stamp > greatest:
        return stamp
    stem, _, last = greatest.rpartition(".")
    if len(last) == len(stamp) and last.isdecimal():
        # A key that was made here, within the same moment or by a clock ahead of ours.
        stamp = max(stamp, str(int(last) + 1))
    else:
        stem = greatest
    made = f"{stem}.{stamp}" if stem else stamp
    return made if len(made) <= KEY_LENGTH else f"z{stamp}"
