"""SQL that more than one module needs: what a fair and a position are called, what a fair has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core import database
from plugins.job_fair.rules import HIRED_STAGES, INTENT_STAGES, MODES

# Beyond this many, a statement reads all of the campaign instead of naming each.
MANY = 2_000
_BY_MODE = " ".join(f"WHEN '{mode}' THEN '{label}招聘会'" for mode, label in MODES.items())
# Over a row {x} of job_fair_fair: what its activity is called, else 线上招聘会.
FAIR_TITLE = (
    "COALESCE((SELECT a.title FROM activity a WHERE a.id = {x}.activity),"
    f" CASE {{x}}.mode {_BY_MODE} END)"
)
_DAY = "CAST({x}.held_on AS TEXT)"
# 5月10日线上招聘会
FAIR_LABEL = (
    f"LTRIM(SUBSTR({_DAY}, 6, 2), '0') || '月' || LTRIM(SUBSTR({_DAY}, 9, 2), '0') || '日'"
    f" || {FAIR_TITLE}"
)
# Over an office o and its place q in the campaign: what it was called there.
OFFICE_NAME = "COALESCE(q.name, o.name)"
# Over a row {x} of job_fair_position: 夜班包装工（甲县包装有限公司）
POSITION_LABEL = (
    "COALESCE(NULLIF({x}.title, ''),"
    " (SELECT j.name FROM job_fair_job_type j WHERE j.id = {x}.job_type))"
    " || '（' || (SELECT e.name FROM job_fair_employer e WHERE e.id = {x}.employer) || '）'"
)


def among(column: str, values: Iterable[Any], name: str) -> tuple[str, dict[str, Any]]:
    """`` AND column IN (:name)`` with its parameter; nothing where there are too many to name."""
    listed = sorted(set(values))
    return (f" AND {column} IN (:{name})", {name: listed}) if len(listed) <= MANY else ("", {})


def _listed(stages: Iterable[str]) -> str:
    return ", ".join(f"'{stage}'" for stage in stages)


def _distinct_at(stages: Iterable[str]) -> str:
    return f"COUNT(DISTINCT CASE WHEN l.stage IN ({_listed(stages)}) THEN l.seeker END)"


COUNTS = (
    (
        "SELECT p.fair, COUNT(*) AS positions, COUNT(DISTINCT p.employer) AS employers,"
        " CAST(SUM(p.openings) AS BIGINT) AS openings,"
        " SUM(CASE WHEN p.accommodations = '[]' THEN 1 ELSE 0 END) AS unstated"
        " FROM job_fair_position p WHERE p.campaign = :campaign{positions} GROUP BY p.fair"
    ),
    (
        "SELECT t.fair, COUNT(*) AS attendees FROM job_fair_attendance t"
        " WHERE t.campaign = :campaign{attendances} GROUP BY t.fair"
    ),
    (
        "SELECT p.fair, COUNT(*) AS applications,"
        f" {_distinct_at(INTENT_STAGES)} AS intents, {_distinct_at(HIRED_STAGES)} AS hired"
        " FROM job_fair_application l JOIN job_fair_position p ON p.id = l.position"
        " WHERE l.campaign = :campaign{positions} GROUP BY p.fair"
    ),
)
COUNTED = (
    "positions",
    "employers",
    "openings",
    "unstated",
    "attendees",
    "applications",
    "intents",
    "hired",
)


async def add_counts(campaign_id: int, fairs: Sequence[dict[str, Any]]) -> None:
    """Add to fairs (with ``id``) the numbers COUNTED. Three statements."""
    ids = [row["id"] for row in fairs]
    positions, values = among("p.fair", ids, "fairs")
    attendances, _ = among("t.fair", ids, "fairs")
    counted: dict[int, dict[str, Any]] = {}
    for statement in COUNTS:
        for row in await database.fetch(
            statement.format(positions=positions, attendances=attendances),
            campaign=campaign_id,
            **values,
        ):
            counted.setdefault(row["fair"], {}).update(row)
    for fair in fairs:
        found = counted.get(fair["id"], {})
        fair.update({name: int(found.get(name) or 0) for name in COUNTED})
