"""Itemised amounts: from a plugin's rows to amounts per metric and office, in one scan a source.

A plugin describes where its amounts come from; the statements are made here, so that counting and
opening a figure to its records cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from core import database
from core.database.side_by_side import Work, in_turn, side_by_side
from core.moments import day_of
from core.scopes import Scope
from core.tree_arithmetic import Tree

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


async def _subjects(source: Source, scope: Scope, metric: str, tree: Tree) -> list[Amount]:
    """The distinct subjects of each office's subtree: counted by the set of their offices.

    Most subjects are on record at one office and nearly all share their few offices with others, so
    that there are few sets; a set counts once for each of its offices and for all above them.
    """
    activity = f", {source.activity} AS activity" if scope.by_activity else ""
    grouped = ", activity" if scope.by_activity else ""
    offices = _SETS[database.is_postgresql()].format(source.organisation)
    rows = await database.fetch(
        f"SELECT offices, COUNT(*) AS subjects{grouped} FROM (SELECT {offices} AS offices{activity}"
        f" {source.rows} AND {source.organisation} IN ({IN_SCOPE})"
        f" AND {source.subjects[metric]} IS NOT NULL"
        f" GROUP BY {source.subjects[metric]}{grouped}) AS counted GROUP BY offices{grouped}",
        **_parameters(scope),
    )
    found: dict[str | None, dict[int, int]] = {}
    for row in rows:
        of_activity = found.setdefault(row.get("activity"), {})
        for office in tree.union(_members(row["offices"])):
            of_activity[office] = of_activity.get(office, 0) + row["subjects"]
    return [
        Amount(metric, office, amount, activity)
        for activity, by_office in found.items()
        for office, amount in by_office.items()
        if activity is not None or not scope.by_activity
    ]


# A set of numbers as an aggregate, by whether it is PostgreSQL.
_SETS = {False: "group_concat(DISTINCT {})", True: "array_agg(DISTINCT {})"}


def _members(offices: str | Sequence[int]) -> Iterable[int]:
    """The ids in a set as SQLite (``"3,7"``) or PostgreSQL gives it."""
    return map(int, offices.split(",")) if isinstance(offices, str) else offices


async def tree_of(scope: Scope) -> Tree:
    """The campaign's tree below the scope's office. One statement, unless the scope has it."""
    if scope.tree is not None:
        return scope.tree
    rows = await database.fetch(
        "SELECT organisation, parent FROM campaign_participant"
        f" WHERE campaign = :campaign AND organisation IN ({IN_SCOPE})",
        **_parameters(scope),
    )
    return Tree.build(scope.organisation_id, {row["organisation"]: row["parent"] for row in rows})


async def measure(scope: Scope, sources: Iterable[Source]) -> list[Amount]:
    """All amounts of a plugin's sources, however much there is.

    One statement for the sums of a source, one for each kind of its subjects, side by side.
    """
    works: list[Work[list[Amount]]] = []
    sources = list(sources)
    if not scope.by_day and any(source.subjects for source in sources):
        tree = await tree_of(scope)
        works = [
            partial(_subjects, source, scope, metric, tree)
            for source in sources
            for metric in source.subjects
        ]
    of_sums = _daily if scope.by_day else _sums
    works += [partial(of_sums, source, scope) for source in sources if source.sums]
    turns = [partial(in_turn, work) for work in works]
    return [amount for amounts in await side_by_side(turns) for amount in amounts]


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
