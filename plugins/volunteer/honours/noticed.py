"""What somebody should look at: stars whose hours are no longer on record."""

from __future__ import annotations

from urllib.parse import quote

from core import database
from core.findings import Finding
from core.measures import IN_SCOPE
from core.scopes import Scope
from plugins.volunteer.honours.awards import LIVE, STATES, fallen, listed
from plugins.volunteer.rules import duration_text

MOST = 50


async def findings(scope: Scope) -> list[Finding]:
    """Live awards that today's records do not carry. Three statements at most."""
    within = f"v.organisation IN ({IN_SCOPE})"
    awards = await listed(scope.campaign_id, LIVE, within, root=scope.organisation_id)
    found = (await fallen(scope.campaign_id, awards))[:MOST]
    if not found:
        return []
    rows = await database.fetch(
        "SELECT id, key FROM organisation WHERE id IN (:offices)",
        offices=sorted({each.award.office_id for each in found}),
    )
    keys = {row["id"]: row["key"] for row in rows}
    return [
        Finding(
            code="star_below_hours",
            message=(
                f"志愿者{each.award.label}的星级{STATES[each.award.state]}，现在记录的时长是"
                f"{duration_text(each.now.minutes)}，不够这一级，请核对记录，需要时撤回星级。"
            ),
            organisation=keys[each.award.office_id],
            href=f"/campaigns/{quote(scope.campaign, safe='')}/volunteer/honours",
        )
        for each in found
    ]
