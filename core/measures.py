"""Itemised amounts: from a plugin's rows to amounts per metric and office, in one scan a source.

A plugin describes where its amounts come from; the statements are made here, so that counting and
opening a figure to its records cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core import database
from core.moments import day_of
from core.scopes import Scope

IN_SCOPE = "SELECT descendant FROM campaign_closure WHERE campaign = :campaign AND ancestor = :root"


@dataclass(frozen=True, slots=True)
class Amount:
    """What records say: of ``sum`` metrics an office's own amount, of ``distinct`` its subtree's.

    ``organisation`` is an id, ``amount`` an integer in the metric's smallest unit; ``activity`` is
    the activity's key when the scope asked for amounts by activity. When it asked for amounts by
    day, they are of ``sum`` metrics and of the whole subtree, put down to the scope's office;
    ``day`` is then ``2022-05-15``, empty where no day is known.
    """

    metric: str
    organisation: int
    amount: int
    activity: str | None = None
    day: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One line under a figure: what it is, whose, how much of the metric, and where it is shown."""

    id: int
    label: str
    organisation: str
    amount: int
    href: str
    on: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Records under a figure; ``after`` fetches the next page, None ends the list."""

    records: Sequence[Record]
    after: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that carry amounts.

    ``rows`` is ``FROM … WHERE …`` and restricts to ``:campaign`` and to what counts;
    ``organisation``, ``activity`` (a key) and ``record`` (an id) are expressions over a row;
    ``sums`` gives each metric's amount (≥ 0, or NULL), ``subjects`` the id of who or what is
    counted once (or NULL). ``day`` is the day, or the moment, of a row; empty where there is none.
    All of it is SQL that both engines read.
    """

    rows: str
    organisation: str
    activity: str
    record: str
    sums: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    day: str = ""


def _parameters(scope: Scope) -> dict[str, Any]:
    return {"campaign": scope.campaign_id, "root": scope.organisation_id}


def _unpivoted(
    rows: Iterable[Mapping[str, Any]], metrics: Sequence[str], by_activity: bool
) -> list[Amount]:
    return [
        Amount(metric, row["organisation"], amount, row["activity"] if by_activity else None)
        for row in rows
        for index, metric in enumerate(metrics)
        if (amount := int(row[f"m{index}"] or 0)) > 0
    ]


async def _sums(source: Source, scope: Scope) -> list[Amount]:
    columns = ", ".join(
        f"CAST(SUM({amount}) AS BIGINT) AS m{index}"
        for index, amount in enumerate(source.sums.values())
    )
    activity = f", {source.activity} AS activity" if scope.by_activity else ""
    rows = await database.fetch(
        f"SELECT {source.organisation} AS organisation{activity}, {columns} {source.rows}"
        f" AND {source.organisation} IN ({IN_SCOPE}) GROUP BY 1" + (", 2" if activity else ""),
        **_parameters(scope),
    )
    return _unpivoted(rows, list(source.sums), scope.by_activity)


async def _daily(source: Source, scope: Scope) -> list[Amount]:
    """The sums of the whole subtree, a day (or, before they are put together, a moment) a row."""
    columns = ", ".join(
        f"CAST(SUM({amount}) AS BIGINT) AS m{index}"
        for index, amount in enumerate(source.sums.values())
    )
    rows = await database.fetch(
        f"SELECT {source.day or 'CAST(NULL AS VARCHAR)'} AS day, {columns} {source.rows}"
        f" AND {source.organisation} IN ({IN_SCOPE}) GROUP BY 1",
        **_parameters(scope),
    )
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        day = _day_text(row["day"])
        for index, metric in enumerate(source.sums):
            place = metric, day
            found[place] = found.get(place, 0) + int(row[f"m{index}"] or 0)
    return [
        Amount(metric, scope.organisation_id, amount, day=day)
        for (metric, day), amount in found.items()
        if amount > 0
    ]


def _day_text(value: date | datetime | str | None) -> str:
    """The day in Asia/Shanghai of what a database gives for a day or a moment (SQLite: text)."""
    if isinstance(value, str) and len(value) > len("2022-05-15"):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return day_of(value).isoformat()
    return value.isoformat() if isinstance(value, date) else value or ""


async def _subjects(source: Source, scope: Scope) -> list[Amount]:
    counts = ", ".join(f"COUNT(DISTINCT s{i}) AS m{i}" for i, _ in enumerate(source.subjects))
    columns = ", ".join(f"{subject} AS s{i}" for i, subject in enumerate(source.subjects.values()))
    activity = f", {source.activity} AS activity" if scope.by_activity else ""
    grouped = ", activity" if scope.by_activity else ""
    names = ", ".join(f"s{i}" for i, _ in enumerate(source.subjects))
    rows = await database.fetch(
        f"SELECT c.ancestor AS organisation{grouped}, {counts} FROM"
        f" (SELECT DISTINCT {source.organisation} AS at{activity}, {columns} {source.rows}"
        f" AND {source.organisation} IN ({IN_SCOPE})) AS counted"
        # CROSS JOIN and "+ 0", so that SQLite looks up each counted row's few ancestors and then
        # checks them, rather than trying every office of the scope for every row.
        " CROSS JOIN campaign_closure c WHERE c.campaign = :campaign AND c.descendant = counted.at"
        f" AND c.ancestor + 0 IN ({IN_SCOPE}) AND ({_any_present(names)})"
        f" GROUP BY c.ancestor{grouped}",
        **_parameters(scope),
    )
    return _unpivoted(rows, list(source.subjects), scope.by_activity)


def _any_present(names: str) -> str:
    return " OR ".join(f"{name} IS NOT NULL" for name in names.split(", "))


async def measure(scope: Scope, sources: Iterable[Source]) -> list[Amount]:
    """All amounts of a plugin's sources: at most two statements a source, however much there is."""
    amounts: list[Amount] = []
    for source in sources:
        if source.sums:
            amounts += await (_daily if scope.by_day else _sums)(source, scope)
        if source.subjects and not scope.by_day:
            amounts += await _subjects(source, scope)
    return amounts


@dataclass(frozen=True, slots=True)
class Contribution:
    """A row under a figure before the plugin has named it: its id, office (id) and amount."""

    record: int
    organisation: int
    amount: int


async def contributions(
    scope: Scope, metric: str, sources: Iterable[Source], after: int, limit: int
) -> tuple[list[Contribution], int | None]:
    """The rows that make up a figure, by id after ``after``, and where the next page starts.

    For ``sum`` metrics one row a record, for ``distinct`` one a subject: then ``record`` is the
    subject's id, ``organisation`` one of its offices, ``amount`` the number of its records.
    """
    for source in sources:
        if metric in source.sums:
            row, amount, kept = source.record, f"MAX({source.sums[metric]})", source.sums[metric]
            having = f"COALESCE({source.sums[metric]}, 0) > 0"
        elif metric in source.subjects:
            row, amount, kept = source.subjects[metric], "COUNT(*)", source.subjects[metric]
            having = f"{kept} IS NOT NULL"
        else:
            continue
        rows = await database.fetch(
            f"SELECT {row} AS record, MIN({source.organisation}) AS organisation,"
            f" CAST({amount} AS BIGINT) AS amount {source.rows}"
            f" AND {source.organisation} IN ({IN_SCOPE}) AND {having} AND {row} > :after"
            f" GROUP BY {row} ORDER BY 1 LIMIT :limit",
            **_parameters(scope),
            after=after,
            limit=limit + 1,
        )
        found = [Contribution(**row) for row in rows[:limit]]
        return found, (found[-1].record if len(rows) > limit else None)
    return [], None
