"""Fairs in calendars: a fair's day, unless it is in the calendar as an activity already."""

from __future__ import annotations

from datetime import timedelta

from core import database, installation, moments
from core.calendar_entries import CalendarEntry
from core.measures import IN_SCOPE
from core.scopes import Scope
from plugins.job_fair.addresses import record
from plugins.job_fair.rules import MODES
from plugins.job_fair.statements import OFFICE_NAME


async def entries(scope: Scope) -> list[CalendarEntry]:
    """Each fair of the scope without an activity, as a whole day. Two statements."""
    rows = await database.fetch(
        "SELECT f.id, f.key, f.mode, f.held_on, f.sequence, f.modified_at,"
        f" {OFFICE_NAME} AS office FROM job_fair_fair f"
        " JOIN organisation o ON o.id = f.organisation LEFT JOIN campaign_participant q"
        " ON q.campaign = f.campaign AND q.organisation = f.organisation"
        " WHERE f.campaign = :campaign AND f.activity IS NULL"
        f" AND f.organisation IN ({IN_SCOPE}) ORDER BY f.held_on, f.id",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    here = await installation.identifier() if rows else ""
    return [
        CalendarEntry(
            uid=f"job-fair-{row['id']}@{here}",
            title=f"{MODES[row['mode']]}招聘会（{row['office']}）",
            starts=row["held_on"],
            ends=row["held_on"] + timedelta(days=1),
            # A fair from before revisions were kept: a moment that stays the same.
            modified_at=row["modified_at"] or moments.from_local(row["held_on"]),
            sequence=row["sequence"],
            place="线上" if row["mode"] == "online" else "",
            description=f"举办单位：{row['office']}",
            url=record(scope.campaign, "fairs", row["key"]),
            categories=("招聘会",),
        )
        for row in rows
    ]
