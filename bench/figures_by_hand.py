"""The same figures by hand: statements on the bare driver that give every figure of every office.

What one would write who knows the tables and wants it fast: amounts of an office are added up
before they meet the tree, and the tree is climbed level by level, for a total that an office states
takes the place of what is below it. Numbers are in the plugins' smallest units; places are 1/10,000
for ratios and rates.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import asyncpg

from bench.figures_sources import SUBJECTS, SUMS

TABLES = (
    (
        "CREATE TEMP TABLE own (metric TEXT, office BIGINT, amount BIGINT,"
        " PRIMARY KEY (metric, office))"
    ),
    (
        "CREATE TEMP TABLE itemised (metric TEXT, office BIGINT, amount BIGINT,"
        " is_sum BOOLEAN, PRIMARY KEY (metric, office))"
    ),
    (
        "CREATE TEMP TABLE said (metric TEXT, office BIGINT, additional NUMERIC, total NUMERIC,"
        " about_total INTEGER, about INTEGER, PRIMARY KEY (metric, office))"
    ),
    (
        "CREATE TEMP TABLE below (metric TEXT, office BIGINT, amount NUMERIC, unseen NUMERIC,"
        " about INTEGER, about_unseen INTEGER, PRIMARY KEY (metric, office))"
    ),
    (
        "CREATE TEMP TABLE figure (metric TEXT, office BIGINT, parent BIGINT, value NUMERIC,"
        " itemised BIGINT, approximate INTEGER, PRIMARY KEY (metric, office))"
    ),
)
# In the units of amounts: 分, minutes.
SCALES = {"condolence.cash": 100, "condolence.goods_value": 100, "volunteer.hours": 60}
LEVELS = 4


def statements() -> Sequence[str]:
    """All that fills ``figure``, then gives it; campaign 1 and its city, office 1."""
    climbed = [step for depth in reversed(range(LEVELS)) for step in _climbed(depth)]
    return [*TABLES, *_own(), *_itemised(), _said(), *climbed]


def _own() -> list[str]:
    """What each office has of each metric that is added up: one scan a source."""
    made = []
    for metrics, rows, office in SUMS:
        amounts = list(metrics.values())
        columns = ", ".join(f"SUM({amount}) AS m{place}" for place, amount in enumerate(amounts))
        unpivoted = " UNION ALL ".join(
            f"SELECT '{metric}', office, m{place} FROM scanned WHERE m{place} > 0"
            for place, metric in enumerate(metrics)
        )
        made.append(
            f"INSERT INTO own WITH scanned AS MATERIALIZED (SELECT {office} AS office, {columns}"
            f" FROM {rows} GROUP BY {office}) {unpivoted}"
        )
    return made


def _itemised() -> list[str]:
    """Of each office with all below it: sums, and how many different subjects there are."""
    sums = (
        "INSERT INTO itemised SELECT w.metric, c.ancestor, SUM(w.amount), TRUE FROM own w"
        " JOIN campaign_closure c ON c.campaign = 1 AND c.descendant = w.office"
        " GROUP BY w.metric, c.ancestor"
    )
    distinct = [
        f"INSERT INTO itemised SELECT '{metric}', c.ancestor, COUNT(DISTINCT s.subject), FALSE"
        f" FROM (SELECT DISTINCT {subject} AS subject, {office} AS office FROM {rows}) s"
        " CROSS JOIN campaign_closure c WHERE c.campaign = 1 AND c.descendant = s.office"
        " GROUP BY c.ancestor"
        for metric, subject, rows, office in SUBJECTS
    ]
    return [sums, *distinct]


def _said() -> str:
    """What was reported at each office, in the units of amounts."""
    scale = " ".join(f"WHEN '{metric}' THEN {scale}" for metric, scale in SCALES.items())
    return f"""
    INSERT INTO said SELECT r.metric, r.organisation,
      SUM(CASE WHEN r.basis = 'additional' THEN CAST(r.value AS NUMERIC) END)
        * CASE r.metric {scale} ELSE 1 END,
      MAX(CASE WHEN r.basis = 'total' THEN CAST(r.value AS NUMERIC) END)
        * CASE r.metric {scale} ELSE 1 END,
      MAX(CASE WHEN r.basis = 'total' AND r.approximate THEN 1 ELSE 0 END),
      MAX(CASE WHEN r.basis <> 'total' AND r.approximate THEN 1 ELSE 0 END)
    FROM reported_figure r WHERE r.campaign = 1 GROUP BY r.metric, r.organisation"""


def _climbed(depth: int) -> list[str]:
    """The figures of the offices so far below the city, and what they hand up."""
    figures = f"""
    INSERT INTO figure
    WITH here AS (SELECT p.organisation AS office, p.parent FROM campaign_closure c
      JOIN campaign_participant p ON p.campaign = 1 AND p.organisation = c.descendant
      WHERE c.campaign = 1 AND c.ancestor = 1 AND c.depth = {depth}),
    listed AS (SELECT metric, office FROM itemised WHERE office IN (SELECT office FROM here)
      UNION SELECT metric, office FROM said WHERE office IN (SELECT office FROM here)
      UNION SELECT metric, office FROM below WHERE office IN (SELECT office FROM here))
    SELECT k.metric, k.office, h.parent,
      COALESCE(s.total, COALESCE(s.additional, 0) + CASE WHEN d.metric IS NULL
        THEN COALESCE(w.amount, 0) + COALESCE(b.amount, 0)
        ELSE COALESCE(i.amount, 0) + COALESCE(b.unseen, 0) END),
      COALESCE(i.amount, 0),
      CASE WHEN s.total IS NOT NULL THEN s.about_total WHEN s.about = 1 THEN 1
        WHEN d.metric IS NULL THEN COALESCE(b.about, 0) ELSE COALESCE(b.about_unseen, 0) END
    FROM listed k JOIN here h ON h.office = k.office
    LEFT JOIN itemised i ON i.metric = k.metric AND i.office = k.office
    LEFT JOIN own w ON w.metric = k.metric AND w.office = k.office
    LEFT JOIN said s ON s.metric = k.metric AND s.office = k.office
    LEFT JOIN below b ON b.metric = k.metric AND b.office = k.office
    LEFT JOIN (SELECT DISTINCT metric FROM itemised WHERE NOT is_sum) d ON d.metric = k.metric"""
    if not depth:
        return [figures]
    handed_up = f"""
    INSERT INTO below
    SELECT f.metric, f.parent, SUM(f.value),
      SUM(CASE WHEN f.value > f.itemised THEN f.value - f.itemised ELSE 0 END),
      MAX(CASE WHEN f.value > 0 THEN f.approximate ELSE 0 END),
      MAX(CASE WHEN f.value > f.itemised THEN f.approximate ELSE 0 END)
    FROM figure f WHERE f.office IN (SELECT descendant FROM campaign_closure
      WHERE campaign = 1 AND ancestor = 1 AND depth = {depth}) GROUP BY f.metric, f.parent"""
    return [figures, handed_up]


def result() -> str:
    """Each figure: metric, office's key, value, itemised, target, rates, whether approximate."""
    scale = " ".join(f"WHEN '{metric}' THEN {scale}.0" for metric, scale in SCALES.items())
    hours = "WHEN f.metric = 'volunteer.hours' THEN ROUND({0} / 60.0, 1)"
    stated = f"CASE {hours} ELSE {{0}} / CASE f.metric {scale} ELSE 1.0 END END"
    return f"""
    SELECT metric, office, value, itemised, CASE WHEN value > 0 THEN ROUND(itemised / value, 4) END,
      target, CASE WHEN target > 0 THEN ROUND(value / target, 4) END, approximate
    FROM (SELECT f.metric, o.key AS office, {stated.format("f.value")} AS value,
        {stated.format("f.itemised")} AS itemised, CAST(t.value AS NUMERIC) AS target, f.approximate
      FROM figure f JOIN organisation o ON o.id = f.office
      LEFT JOIN target t ON t.campaign = 1 AND t.metric = f.metric AND t.organisation = f.office
      UNION ALL SELECT m.key, o.key, ROUND(n.value * 1.0 / d.value, 4), NULL,
        CAST(t.value AS NUMERIC), CASE WHEN n.approximate + d.approximate > 0 THEN 1 ELSE 0 END
      FROM metric m JOIN figure n ON n.metric = m.numerator
      JOIN figure d ON d.metric = m.denominator AND d.office = n.office AND d.value > 0
      JOIN organisation o ON o.id = n.office
      LEFT JOIN target t ON t.campaign = 1 AND t.metric = m.key AND t.organisation = n.office
      WHERE m.campaign = 1) AS stated"""


def on_sqlite(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Every figure, on sqlite3; nothing of it stays."""
    connection.execute("BEGIN")
    for statement in statements():
        connection.execute(statement)
    rows = connection.execute(result()).fetchall()
    connection.execute("ROLLBACK")
    return rows


async def on_postgresql(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """The same on asyncpg."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        for statement in statements():
            await connection.execute(statement)
        return list(await connection.fetch(result()))
    finally:
        await transaction.rollback()
