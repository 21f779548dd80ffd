"""What is kept of a volunteer, given out or erased; and what a new campaign takes over."""

from __future__ import annotations

from typing import Any

from core import campaigns, database, privacy
from core.moments import offset_text
from plugins.volunteer.rules import STATUSES

ERASED = "（已删除）"


async def personal_data(person: str, action: str) -> list[dict[str, Any]]:
    """What is stored of everybody of that name, in every campaign; erased when asked.

    Erasing takes the name away. What was served, and so every figure, stays as it is.
    """
    rows = await database.fetch(
        "SELECT v.id, v.campaign AS campaign_id, c.key AS campaign, v.key, v.name_sealed,"
        " o.name AS organisation FROM volunteer_person v JOIN campaign c ON c.id = v.campaign"
        " JOIN organisation o ON o.id = v.organisation WHERE v.name_index = :name ORDER BY v.id",
        name=privacy.index(person, "name"),
    )
    served = await _served([row["id"] for row in rows])
    if action == "erase":
        await _erase(rows)
    return [
        {
            "campaign": row["campaign"],
            "record": "志愿者",
            "key": row["key"],
            "name": ERASED if action == "erase" else privacy.unseal(row["name_sealed"]),
            "organisation": row["organisation"],
            "served": served.get(row["id"], []),
        }
        for row in rows
    ]


async def _served(volunteers: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Each one's attendances: shift, times, status, credited minutes. One statement."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in await database.fetch(
        "SELECT a.volunteer, h.title, h.starts_at, h.ends_at, a.checked_in_at, a.checked_out_at,"
        " a.status, a.credited_minutes FROM volunteer_attendance a"
        " JOIN volunteer_shift h ON h.id = a.shift WHERE a.volunteer IN (:volunteers)"
        " ORDER BY h.starts_at, a.id",
        volunteers=volunteers,
    ):
        times = ("starts_at", "ends_at", "checked_in_at", "checked_out_at")
        found.setdefault(row["volunteer"], []).append(
            {
                "shift": row["title"],
                **{name: row[name] and offset_text(row[name]) for name in times},
                "status": STATUSES[row["status"]],
                "credited_minutes": row["credited_minutes"],
            }
        )
    return found


async def _erase(rows: list[dict[str, Any]]) -> None:
    async with database.transaction():
        await database.execute_many(
            "UPDATE volunteer_person SET name_sealed = :name, name_index = '' WHERE id = :id",
            [{"id": row["id"], "name": privacy.seal(ERASED)} for row in rows],
        )
        for campaign in sorted({row["campaign_id"] for row in rows}):
            await campaigns.touch(campaign)


async def carry_over(source: int, target: int) -> None:
    """Volunteers and the star scheme are plan: next year's campaign starts with them.

    Those of offices that take part no more stay behind, and so does whoever had his name erased.
    Shifts belong to days that are over, and attendances are records. Two statements.
    """
    await database.execute(
        "INSERT INTO volunteer_person (campaign, key, name_sealed, name_index, organisation)"
        " SELECT CAST(:target AS BIGINT), v.key, v.name_sealed, v.name_index, v.organisation"
        " FROM volunteer_person v WHERE v.campaign = :source AND v.name_index <> ''"
        " AND v.organisation IN"
        " (SELECT organisation FROM campaign_participant WHERE campaign = :target) ORDER BY v.id",
        source=source,
        target=target,
    )
    await database.execute(
        "INSERT INTO volunteer_star_scheme (campaign, scheme)"
        " SELECT CAST(:target AS BIGINT), scheme FROM volunteer_star_scheme"
        " WHERE campaign = :source",
        source=source,
        target=target,
    )
