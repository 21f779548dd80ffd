"""Where people are missing: shifts with who signed up, who waits and who has not come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core import database
from core.permissions import Actor, scope_sql
from plugins.volunteer.signing_up.engagements import NAMED, WAITING

# Whoever is expected and has not come; whoever came, the time confirmed or not.
COUNTS = (
    "COUNT(DISTINCT CASE WHEN a.status NOT IN ('rejected', 'no_show') THEN a.volunteer END) AS"
    " people, COUNT(DISTINCT CASE WHEN a.status = 'signed_up' AND a.checked_in_at IS NULL"
    " THEN a.volunteer END) AS expected, COUNT(DISTINCT CASE WHEN a.status = 'no_show'"
    " THEN a.volunteer END) AS absent"
)


async def shifts(
    actor: Actor,
    campaign_id: int,
    permission: str,
    now: datetime,
    *,
    past: bool = False,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Shifts that the actor may see and that were not cancelled, the next first; one statement.

    Those that have not ended, or with ``past`` those that have, the latest first. ``after`` is the
    (start, id) of the last one seen. Rows have ``people``, ``waiting``, ``expected`` (signed up and
    not here yet), ``absent`` and what a shift has.
    """
    scope, values = scope_sql(actor, permission)
    ended, order, beyond = ("<=", " DESC", "<") if past else (">", "", ">")
    condition = ""
    if after is not None:
        condition = f" AND (h.starts_at, h.id) {beyond} (:after_start, :after_id)"
        values |= {"after_start": after[0], "after_id": after[1]}
    return await database.fetch(
        f"SELECT s.*, {COUNTS} FROM (SELECT h.id, h.key, {NAMED} AS title, h.starts_at, h.ends_at,"
        " h.capacity, h.published_at, COALESCE(p.name, o.name) AS office,"
        f" {WAITING} AS waiting FROM volunteer_shift h JOIN organisation o ON o.id = h.organisation"
        " LEFT JOIN campaign_participant p ON p.campaign = h.campaign"
        " AND p.organisation = h.organisation WHERE h.campaign = :campaign"
        f" AND h.cancelled_at IS NULL AND h.ends_at {ended} :now AND h.organisation IN ({scope})"
        f"{condition} ORDER BY h.starts_at{order}, h.id{order} LIMIT :limit) s"
        " LEFT JOIN volunteer_attendance a ON a.shift = s.id GROUP BY s.id, s.key, s.title,"
        " s.starts_at, s.ends_at, s.capacity, s.published_at, s.office, s.waiting"
        f" ORDER BY s.starts_at{order}, s.id{order}",
        campaign=campaign_id,
        now=now,
        limit=limit,
        **values,
    )
