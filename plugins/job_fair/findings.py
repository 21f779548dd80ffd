"""What somebody should look at: wording that discriminates, odd days, what was left unsaid."""

from __future__ import annotations

from typing import Any

from core import database, wording
from core.findings import Finding
from core.measures import IN_SCOPE
from core.scopes import Scope
from plugins.job_fair.addresses import record
from plugins.job_fair.rules import discriminatory_wording
from plugins.job_fair.statements import FAIR_LABEL, OFFICE_NAME

DISCRIMINATORY = "job_fair_discriminatory_wording"
OUTSIDE_WINDOW = "job_fair_outside_window"
UNSTATED = "job_fair_accommodations_unstated"
NOT_ATTENDED = "job_fair_applied_without_attending"
# Of one kind at a time; when these are settled the next ones come.
MOST = 50

OF_FAIR = (
    f"f.key AS fair, {FAIR_LABEL.format(x='f')} AS fair_label, o.key AS organisation,"
    f" {OFFICE_NAME} AS office"
)
OFFICES = (
    " JOIN organisation o ON o.id = f.organisation LEFT JOIN campaign_participant q"
    " ON q.campaign = f.campaign AND q.organisation = f.organisation"
)
IN_PLACE = f"f.campaign = :campaign AND f.organisation IN ({IN_SCOPE})"


async def read(scope: Scope) -> list[Finding]:
    """The findings of the scope's subtree, the gravest first. Four statements."""
    return [
        *await _discriminatory(scope),
        *await _outside(scope),
        *await _not_attended(scope),
        *await _unstated(scope),
    ]


async def _rows(scope: Scope, statement: str, **values: Any) -> list[dict[str, Any]]:
    return await database.fetch(
        statement, campaign=scope.campaign_id, root=scope.organisation_id, **values
    )


def _of_fair(code: str, metric: str, message: str, row: dict[str, Any], scope: Scope) -> Finding:
    href = record(scope.campaign, "fairs", row["fair"])
    return Finding(code, message, row["organisation"], f"job_fair.{metric}", href)


async def _discriminatory(scope: Scope) -> list[Finding]:
    """The words are told by ``rules``, so every title is read."""
    rows = await _rows(
        scope,
        f"SELECT p.key, p.title, j.name AS job_type, {OF_FAIR} FROM job_fair_position p"
        " JOIN job_fair_fair f ON f.id = p.fair JOIN job_fair_job_type j ON j.id = p.job_type"
        f"{OFFICES} WHERE {IN_PLACE} ORDER BY f.held_on, p.key",
    )
    found: list[Finding] = []
    for row in rows:
        words = discriminatory_wording(row["title"]) or discriminatory_wording(row["job_type"])
        if words:
            name = row["title"] or row["job_type"]
            message = (
                f"{row['office']}“{row['fair_label']}”的职位“{name}”写有“{'、'.join(words)}”，"
                "把残疾人挡在了门外，请和用人单位改掉。"
            )
            href = record(scope.campaign, "positions", row["key"])
            found.append(
                Finding(DISCRIMINATORY, message, row["organisation"], "job_fair.openings", href)
            )
    return found[:MOST]


async def _outside(scope: Scope) -> list[Finding]:
    rows = await _rows(
        scope,
        f"SELECT f.held_on, c.starts_on, c.ends_on, {OF_FAIR} FROM job_fair_fair f"
        f" JOIN campaign c ON c.id = f.campaign{OFFICES} WHERE {IN_PLACE}"
        " AND (f.held_on < c.starts_on OR f.held_on > c.ends_on)"
        " ORDER BY f.held_on, f.key LIMIT :most",
        most=MOST,
    )
    return [
        _of_fair(
            OUTSIDE_WINDOW,
            "fairs",
            f"{row['office']}“{row['fair_label']}”定在{wording.day(row['held_on'])}，不在这次活动的"
            f"期间（{wording.day(row['starts_on'])}至{wording.day(row['ends_on'])}）之内，请核对日期。",
            row,
            scope,
        )
        for row in rows
    ]


async def _not_attended(scope: Scope) -> list[Finding]:
    """Only of fairs where people meet: online one applies without coming."""
    rows = await _rows(
        scope,
        f"SELECT {OF_FAIR}, COUNT(DISTINCT l.seeker) AS seekers FROM job_fair_application l"
        " JOIN job_fair_position p ON p.id = l.position JOIN job_fair_fair f ON f.id = p.fair"
        f"{OFFICES} WHERE {IN_PLACE} AND f.mode = 'onsite' AND NOT EXISTS"
        " (SELECT 1 FROM job_fair_attendance t WHERE t.fair = f.id AND t.seeker = l.seeker)"
        " GROUP BY f.id, f.key, f.held_on, f.mode, f.activity, o.key, q.name, o.name"
        " ORDER BY f.held_on, f.key LIMIT :most",
        most=MOST,
    )
    return [
        _of_fair(
            NOT_ATTENDED,
            "attendees",
            f"{row['office']}“{row['fair_label']}”有{row['seekers']}人投了简历，却没有登记到场，"
            "请看看是不是漏了登记。",
            row,
            scope,
        )
        for row in rows
    ]


async def _unstated(scope: Scope) -> list[Finding]:
    rows = await _rows(
        scope,
        f"SELECT {OF_FAIR}, COUNT(*) AS positions FROM job_fair_position p"
        f" JOIN job_fair_fair f ON f.id = p.fair{OFFICES}"
        f" WHERE {IN_PLACE} AND p.accommodations = '[]'"
        " GROUP BY f.id, f.key, f.held_on, f.mode, f.activity, o.key, q.name, o.name"
        " ORDER BY f.held_on, f.key LIMIT :most",
        most=MOST,
    )
    return [
        _of_fair(
            UNSTATED,
            "openings",
            f"{row['office']}“{row['fair_label']}”有{row['positions']}个职位没有写明无障碍条件，"
            "请问清用人单位再补上。",
            row,
            scope,
        )
        for row in rows
    ]
