"""What a database does for a statement: which tables it reads through, by which index."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import database

# SQLite's words for a step: SCAN reads all of a table or index, SEARCH a part of it.
STEP = re.compile(r"(SCAN|SEARCH) (\S+)(?: USING (?:COVERING )?INDEX (\S+))?(?: \((.*)\))?")
# A page of a list of records: its order is an index's.
PAGE = re.compile(
    r"\bFROM (\w+) t\b.* ORDER BY t\.\w+(?: DESC)?(?:, t\.id(?: DESC)?)? LIMIT :limit$", re.DOTALL
)
WHOLE = re.compile(r"SEARCH t USING INDEX \S+ \(campaign=\?\)")
SORTED = "USE TEMP B-TREE FOR ORDER BY"
# Rows of a large table that a statement may read in PostgreSQL without anybody asking whose.
FEW_ROWS, READ_WHOLE = 800, 12_000


@dataclass(frozen=True)
class Rows:
    """Rows of the large tables: in all, and of the campaign that is asked for where they say it."""

    large: Mapping[str, int]
    own: Mapping[str, int]


def tables_of(sql: str) -> dict[str, str]:
    """The table behind each name in a statement, its aliases included."""
    found: dict[str, str] = {}
    for table, alias in re.findall(
        r"\b(?:FROM|JOIN|INTO|UPDATE)\s+\"?(\w+)\"?(?:\s+(?:AS\s+)?\"?(\w+)\"?)?",
        sql,
        re.IGNORECASE,
    ):
        found[table] = table
        found.setdefault(alias, table)
    for table, alias in re.findall(r",\s*(\w+)\s+(?:AS\s+)?(\w+)\b", sql):
        found.setdefault(alias, table)
    return found


async def sqlite_complaints(sql: str, values: Mapping[str, Any], rows: Rows) -> list[str]:
    """Steps of SQLite's plan that read through a large table, or an office's rows of all times.

    Also pages of lists for which all of the campaign's rows are sorted.
    An index begun with the office alone finds what every campaign has of that office.
    """
    named, page = tables_of(sql), PAGE.search(sql)
    found = []
    plan = await database.fetch(f"EXPLAIN QUERY PLAN {sql}", **values)
    if page is not None and page[1] in rows.large and any(r["detail"] == SORTED for r in plan):
        found += [r["detail"] for r in plan if WHOLE.fullmatch(r["detail"])]
    for row in plan:
        step = STEP.match(row["detail"])
        table = named.get(step[2], step[2]) if step else ""
        if step is None or table not in rows.large:
            continue
        by_office = (step[4] or "").startswith("organisation=") and "campaign=" not in step[4]
        through = step[1] == "SCAN" or "AUTOMATIC" in row["detail"]
        if through or (by_office and table in rows.own):
            found.append(row["detail"])
    return found


async def postgresql_complaints(sql: str, values: Mapping[str, Any], rows: Rows) -> list[str]:
    """Nodes of PostgreSQL's plan that read more of a large table than the campaign has of it.

    A table of some thousand rows it reads whole where that is the cheapest; it stops doing so as
    the table grows, and so only those beyond READ_WHOLE count.
    """
    reads = re.match(r"\s*(SELECT|WITH)\b", sql, re.IGNORECASE)
    writes = not reads or re.search(r"\b(INSERT INTO|UPDATE|DELETE FROM|FOR UPDATE)\b", sql)
    options = "FORMAT JSON" if writes else "ANALYZE, TIMING OFF, FORMAT JSON"
    told = await database.fetch(f"EXPLAIN ({options}) {sql}", **values)
    (plan,) = json.loads(next(iter(told[0].values())))
    return _too_much(plan["Plan"], rows)


def _too_much(node: Mapping[str, Any], rows: Rows) -> list[str]:
    found = [each for inner in node.get("Plans", ()) for each in _too_much(inner, rows)]
    table = str(node.get("Relation Name"))
    if table not in rows.large or node["Node Type"] == "ModifyTable":
        return found
    own = rows.own.get(table, 0)
    if node["Node Type"] == "Seq Scan":
        if rows.large[table] > READ_WHOLE:
            found.append(f"Seq Scan on {table}: {node.get('Filter', '')}")
    elif "Actual Rows" in node:
        read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        read += node.get("Rows Removed by Index Recheck", 0)
        most = max(own * 2, FEW_ROWS)
        if read * node["Actual Loops"] > most:
            found.append(
                f"{node['Node Type']} on {table} by {node.get('Index Name')}"
                f" ({node.get('Index Cond') or node.get('Recheck Cond')}) reads {read} rows"
                f" {node['Actual Loops']} times, where {own} are the campaign's"
            )
    return found
