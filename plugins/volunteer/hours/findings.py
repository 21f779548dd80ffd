"""What offices are told of hours: conflicts and objections that wait, records that are odd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import database, moments
from core.findings import Finding
from core.measures import IN_SCOPE
from core.scopes import Scope
from plugins.volunteer.hours import flags
from plugins.volunteer.rules import hours_text
from plugins.volunteer.watch import ATTENDED, OF_SCOPE, base

MOST = 50
OFFICE = (
    " JOIN organisation o ON o.id = {column} LEFT JOIN campaign_participant p"
    " ON p.campaign = :campaign AND p.organisation = o.id"
)
NAMED = "o.key AS organisation, COALESCE(p.name, o.name) AS office"
GROUPED = " GROUP BY o.id, o.key, COALESCE(p.name, o.name) ORDER BY o.id"


def _values(scope: Scope) -> dict[str, Any]:
    return {"campaign": scope.campaign_id, "root": scope.organisation_id}


async def findings(scope: Scope) -> list[Finding]:
    """Open conflicts, overdue objections, hours in no activity, improbable records: by office.

    Eight statements at most.
    """
    return [
        *await _conflicts(scope),
        *await _overdue(scope),
        *await _without_activity(scope),
        *await _improbable(scope),
    ]


def _finding(scope: Scope, row: Mapping[str, Any], code: str, page: str, sentence: str) -> Finding:
    return Finding(
        code=code,
        message=f"{row['office']}{sentence}",
        organisation=row["organisation"],
        href=f"{base(scope)}/{page}",
    )


async def _conflicts(scope: Scope) -> list[Finding]:
    rows = await database.fetch(
        f"SELECT {NAMED}, COUNT(*) AS number FROM volunteer_conflict c"
        f"{OFFICE.format(column='c.organisation')} WHERE c.campaign = :campaign"
        f" AND c.resolution IS NULL AND c.organisation IN ({IN_SCOPE}){GROUPED}",
        **_values(scope),
    )
    return [
        _finding(
            scope, row, "open_conflicts", "conflicts", f"有{row['number']}条打卡冲突没有处理。"
        )
        for row in rows
    ]


async def _overdue(scope: Scope) -> list[Finding]:
    rows = await database.fetch(
        f"SELECT {NAMED}, COUNT(*) AS number FROM volunteer_objection j"
        " JOIN volunteer_attendance a ON a.id = j.attendance"
        f" JOIN volunteer_shift h ON h.id = a.shift{OFFICE.format(column='h.organisation')}"
        " WHERE j.campaign = :campaign AND j.answered_at IS NULL AND j.due_on < :today"
        f" AND h.organisation IN ({IN_SCOPE}){GROUPED}",
        **_values(scope),
        today=moments.today(),
    )
    return [
        _finding(
            scope,
            row,
            "objections_overdue",
            "objections",
            f"有{row['number']}条志愿者的异议超过七天没有答复。",
        )
        for row in rows
    ]


async def _without_activity(scope: Scope) -> list[Finding]:
    rows = await database.fetch(
        f"SELECT {NAMED}, COUNT(DISTINCT h.id) AS shifts,"
        f" CAST(SUM(a.credited_minutes) AS BIGINT) AS minutes{ATTENDED}"
        f"{OFFICE.format(column='h.organisation')}{OF_SCOPE}"
        f" AND a.status = 'confirmed' AND h.activity IS NULL{GROUPED}",
        **_values(scope),
    )
    return [
        _finding(
            scope,
            row,
            "hours_without_activity",
            "shifts",
            f"有{row['shifts']}个班次没有对应的日程，计入了{hours_text(row['minutes'])}小时，"
            "请补上对应的日程或者核对。",
        )
        for row in rows
    ]


async def _improbable(scope: Scope) -> list[Finding]:
    rows = await database.fetch(
        "SELECT a.id, a.checked_in_at, a.checked_out_at, a.credited_minutes, a.closed_by_itself,"
        f" h.activity, {NAMED}{ATTENDED}{OFFICE.format(column='h.organisation')}{OF_SCOPE}"
        " AND a.status = 'pending' ORDER BY o.id",
        **_values(scope),
    )
    found = await flags.of_pending(scope.campaign_id, rows)
    counts: dict[str, tuple[Mapping[str, Any], int]] = {}
    for row in rows:
        if row["id"] in found:
            _, number = counts.get(row["organisation"], (row, 0))
            counts[row["organisation"]] = row, number + 1
    return [
        _finding(
            scope,
            row,
            "improbable_hours",
            "confirm",
            f"有{number}条待确认的服务记录有疑点，请逐条核对。",
        )
        for row, number in list(counts.values())[:MOST]
    ]
