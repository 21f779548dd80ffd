"""Who is on duty at this moment: checked in, and not yet out."""

from __future__ import annotations

from core import database
from core.live_counts import LiveCount
from core.measures import IN_SCOPE
from core.scopes import Scope


async def live_counts(scope: Scope) -> list[LiveCount]:
    """Attendances that are open in the scope. One statement, over the open ones alone."""
    count = await database.fetch_value(
        "SELECT COUNT(*) FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        " AND h.campaign = a.campaign"
        " WHERE a.campaign = :campaign AND a.status = 'open'"
        f" AND h.organisation IN ({IN_SCOPE})",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    return [LiveCount("volunteer.on_duty", "在岗志愿者", count, "人")]


async def in_shift(shift: int) -> list[LiveCount]:
    """Attendances that are open in a shift (by its id)."""
    count = await database.fetch_value(
        "SELECT COUNT(*) FROM volunteer_attendance WHERE shift = :shift AND status = 'open'",
        shift=shift,
    )
    return [LiveCount("volunteer.on_duty_in_shift", "这个班次在岗", count, "人")]
