"""Rounds in calendars, and what somebody should look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from core import database, installation, moments, wording
from core.calendar_entries import CalendarEntry
from core.findings import Finding
from core.measures import IN_SCOPE
from core.scopes import Scope

MOST = 50
PARTICIPANT = (
    " JOIN organisation o ON o.id = {x}.organisation LEFT JOIN campaign_participant p"
    " ON p.campaign = {x}.campaign AND p.organisation = {x}.organisation"
)


def base(scope: Scope) -> str:
    """The address of the plugin's pages."""
    return f"/campaigns/{quote(scope.campaign, safe='')}/condolence"


async def calendar_entries(scope: Scope) -> list[CalendarEntry]:
    """Rounds as whole days. One that belongs to an activity stands in the calendar already."""
    rows = await database.fetch(
        "SELECT r.id, r.occasion, r.visited_on, r.sequence, r.modified_at,"
        " COALESCE(p.name, o.name) AS office FROM condolence_round r"
        + PARTICIPANT.format(x="r")
        + " WHERE r.campaign = :campaign AND r.activity IS NULL"
        f" AND r.organisation IN ({IN_SCOPE}) ORDER BY r.id",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    here = await installation.identifier() if rows else ""
    return [
        CalendarEntry(
            uid=f"condolence-round-{row['id']}@{here}",
            title=f"走访慰问（{row['occasion']}）",
            starts=row["visited_on"],
            ends=row["visited_on"] + timedelta(days=1),
            # A round from before revisions were kept: a moment that stays the same.
            modified_at=row["modified_at"] or moments.from_local(row["visited_on"]),
            sequence=row["sequence"],
            description=f"走访单位：{row['office']}",
            categories=("走访慰问",),
        )
        for row in rows
    ]


async def findings(scope: Scope) -> list[Finding]:
    """Visits outside the campaign's days, and recipients who may have been entered twice."""
    return [*await _outside(scope), *await _doubled(scope)]


async def _outside(scope: Scope) -> list[Finding]:
    rows = await database.fetch(
        "SELECT r.key, r.occasion, r.visited_on, o.key AS organisation,"
        " COALESCE(p.name, o.name) AS office"
        " FROM condolence_round r JOIN campaign c ON c.id = r.campaign"
        + PARTICIPANT.format(x="r")
        + " WHERE r.campaign = :campaign AND (r.visited_on < c.starts_on"
        f" OR r.visited_on > c.ends_on) AND r.organisation IN ({IN_SCOPE})"
        " ORDER BY r.visited_on, r.key LIMIT :most",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
        most=MOST,
    )
    return [
        Finding(
            code="outside_window",
            message=(
                f"{row['office']}的走访“{row['occasion']}”在{wording.day(row['visited_on'])}，"
                "不在活动期间之内，请核对日期。"
            ),
            organisation=row["organisation"],
            href=f"{base(scope)}/rounds/{quote(row['key'], safe='')}",
        )
        for row in rows
    ]


async def _doubled(scope: Scope) -> list[Finding]:
    rows: list[dict[str, Any]] = await database.fetch(
        "SELECT o.key AS organisation, COALESCE(p.name, o.name) AS office,"
        " COUNT(*) AS names FROM (SELECT campaign, organisation FROM condolence_recipient"
        " WHERE campaign = :campaign AND name_index <> ''"
        f" AND organisation IN ({IN_SCOPE})"
        " GROUP BY campaign, organisation, kind, name_index HAVING COUNT(*) > 1) d"
        + PARTICIPANT.format(x="d")
        + " GROUP BY o.key, COALESCE(p.name, o.name) ORDER BY o.key LIMIT :most",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
        most=MOST,
    )
    return [
        Finding(
            code="same_recipient",
            message=(
                f"{row['office']}有{row['names']}个慰问对象的姓名各登记了不止一次，"
                "请核对是不是同一个人。"
            ),
            organisation=row["organisation"],
            href=f"{base(scope)}/recipients?{urlencode({'organisation': row['organisation']})}",
        )
        for row in rows
    ]
