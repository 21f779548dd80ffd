"""What a steward's device has to know to work for a day: shifts, and who is expected in them.

No more than is needed leaves the server: of names only what lists show, and only of those who
signed up. Somebody else's number is taken down and looked at when the device is online again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from core import database, moments, privacy
from core.campaigns import Campaign
from core.moments import from_local, offset_text, today
from core.permissions import Actor, scope_sql
from plugins.volunteer.punching.states import EARLIEST, LATEST
from plugins.volunteer.punching.taken import PUNCH

DAYS = 2


async def of(actor: Actor, campaign: Campaign) -> dict[str, Any]:
    """The shifts of today and tomorrow at the actor's offices with their people, as JSON takes it.

    Two statements.
    """
    begins = from_local(today())
    inside, values = scope_sql(actor, PUNCH)
    shifts = await database.fetch(
        "SELECT h.id, h.key, COALESCE(NULLIF(h.title, ''), '志愿服务') AS title, h.place,"
        " h.starts_at, h.ends_at, h.cancelled_at FROM volunteer_shift h"
        " WHERE h.campaign = :campaign AND h.ends_at > :since AND h.starts_at < :until"
        f" AND h.organisation IN ({inside}) ORDER BY h.starts_at, h.id",
        campaign=campaign.id,
        since=begins - LATEST,
        until=begins + timedelta(days=DAYS) + EARLIEST,
        **values,
    )
    people = await database.fetch(
        "SELECT v.key, v.name_sealed, a.shift, a.status, a.checked_in_at, a.checked_out_at"
        " FROM volunteer_attendance a JOIN volunteer_person v ON v.id = a.volunteer"
        " WHERE a.shift IN (:shifts) AND a.status <> 'rejected' ORDER BY v.key, a.ordinal",
        shifts=[row["id"] for row in shifts],
    )
    return {
        "made_at": offset_text(moments.now()),
        "earliest_minutes": EARLIEST // timedelta(minutes=1),
        "latest_minutes": LATEST // timedelta(minutes=1),
        "shifts": [_shift(row) for row in shifts],
        "people": _people(people, {row["id"]: row["key"] for row in shifts}),
    }


def _shift(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": row["key"],
        "title": row["title"],
        "place": row["place"],
        "starts_at": offset_text(row["starts_at"]),
        "ends_at": offset_text(row["ends_at"]),
        "cancelled": row["cancelled_at"] is not None,
    }


def _people(rows: Iterable[dict[str, Any]], shifts: dict[int, str]) -> list[dict[str, Any]]:
    """Each person once, with what is recorded of him in these shifts."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["key"] not in found:
            name = privacy.mask_name(privacy.unseal(row["name_sealed"]))
            found[row["key"]] = {"key": row["key"], "name": name, "stays": []}
        came, went = row["checked_in_at"], row["checked_out_at"]
        found[row["key"]]["stays"].append(
            {
                "shift": shifts[row["shift"]],
                "status": row["status"],
                "came": offset_text(came) if came else None,
                "went": offset_text(went) if went else None,
            }
        )
    return list(found.values())
