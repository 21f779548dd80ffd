"""What is kept of a seeker, given out or erased; and what a new campaign takes over."""

from __future__ import annotations

import secrets
from collections import defaultdict
from typing import Any

from core import campaigns, database, privacy
from plugins.job_fair.rules import STAGES
from plugins.job_fair.statements import FAIR_LABEL, POSITION_LABEL

ERASED = "（已删除）"
# Begins what stands in place of a blind index, which is made of hexadecimal digits.
ERASED_INDEX = "erased-"


async def personal_data(person: str, action: str) -> list[dict[str, Any]]:
    """What is stored of every seeker of that name, in every campaign; erased when asked.

    Erasing takes the name away for good; attendances and applications, and so every figure, stay.
    Three statements, and to erase one more and one for each campaign.
    """
    rows = await database.fetch(
        "SELECT s.id, s.campaign AS campaign_id, c.key AS campaign, s.key, s.name_sealed,"
        " o.name AS organisation FROM job_fair_seeker s JOIN campaign c ON c.id = s.campaign"
        " JOIN organisation o ON o.id = s.organisation WHERE s.name_index = :name ORDER BY s.id",
        name=privacy.index(person, "name"),
    )
    seekers = [row["id"] for row in rows]
    attended, applied = await _attended(seekers), await _applied(seekers)
    if action == "erase":
        await _erase(rows)
    return [
        {
            "campaign": row["campaign"],
            "record": "求职者",
            "key": row["key"],
            "name": ERASED if action == "erase" else privacy.unseal(row["name_sealed"]),
            "organisation": row["organisation"],
            "attended": attended[row["id"]],
            "applied": applied[row["id"]],
        }
        for row in rows
    ]


async def _attended(seekers: list[int]) -> defaultdict[int, list[dict[str, Any]]]:
    """Which fairs each came to."""
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await database.fetch(
        f"SELECT t.seeker, f.held_on, {FAIR_LABEL.format(x='f')} AS fair"
        " FROM job_fair_attendance t JOIN job_fair_fair f ON f.id = t.fair"
        " WHERE t.seeker IN (:seekers) ORDER BY f.held_on, t.id",
        seekers=seekers,
    ):
        told = {"held_on": row["held_on"].isoformat(), "fair": row["fair"]}
        found[row["seeker"]].append(told)
    return found


async def _applied(seekers: list[int]) -> defaultdict[int, list[dict[str, Any]]]:
    """What each applied for, and what became of it."""
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await database.fetch(
        f"SELECT l.seeker, l.stage, {POSITION_LABEL.format(x='p')} AS position"
        " FROM job_fair_application l JOIN job_fair_position p ON p.id = l.position"
        " WHERE l.seeker IN (:seekers) ORDER BY l.id",
        seekers=seekers,
    ):
        told = {"position": row["position"], "stage": STAGES[row["stage"]]}
        found[row["seeker"]].append(told)
    return found


async def _erase(rows: list[dict[str, Any]]) -> None:
    async with database.transaction():
        await database.execute_many(
            "UPDATE job_fair_seeker SET name_sealed = :name, name_index = :index WHERE id = :id",
            [
                {
                    "id": row["id"],
                    "name": privacy.seal(ERASED),
                    "index": ERASED_INDEX + secrets.token_hex(16),
                }
                for row in rows
            ],
        )
        for campaign in sorted({row["campaign_id"] for row in rows}):
            await campaigns.touch(campaign)


async def carry_over(source: int, target: int) -> None:
    """Employers, and seekers who still look for work, are next year's plan. Two statements.

    Fairs and what happened at them are records; a fair planned anew comes with its activity. Those
    who were hired, whose office takes no part any more, or whose name was erased stay behind.
    """
    await database.execute(
        "INSERT INTO job_fair_employer (campaign, key, name)"
        " SELECT CAST(:target AS BIGINT), key, name FROM job_fair_employer"
        " WHERE campaign = :source ORDER BY id",
        source=source,
        target=target,
    )
    await database.execute(
        "INSERT INTO job_fair_seeker (campaign, key, name_sealed, name_index, organisation)"
        " SELECT CAST(:target AS BIGINT), s.key, s.name_sealed, s.name_index, s.organisation"
        " FROM job_fair_seeker s WHERE s.campaign = :source AND s.name_index NOT LIKE :erased"
        " AND s.organisation IN"
        " (SELECT organisation FROM campaign_participant WHERE campaign = :target)"
        " AND NOT EXISTS (SELECT 1 FROM job_fair_application l"
        " WHERE l.seeker = s.id AND l.stage = 'hired') ORDER BY s.id",
        source=source,
        target=target,
        erased=ERASED_INDEX + "%",
    )
