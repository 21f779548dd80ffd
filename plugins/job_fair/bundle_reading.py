"""The records of job fairs as a bundle holds them: every list sorted by code points."""

from __future__ import annotations

import json
from typing import Any

from core import database, privacy


async def read(campaign: int) -> dict[str, Any]:
    """The section of a campaign (id) as it is exported: employers, seekers and fairs."""
    employers = await database.fetch(
        "SELECT key, name FROM job_fair_employer WHERE campaign = :campaign", campaign=campaign
    )
    return {
        "employers": sorted(employers, key=lambda row: row["key"]),
        "seekers": await _seekers(campaign),
        "fairs": await _fairs(campaign),
    }


async def _seekers(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT s.key, s.name_sealed, o.key AS organisation FROM job_fair_seeker s"
        " JOIN organisation o ON o.id = s.organisation WHERE s.campaign = :campaign",
        campaign=campaign,
    )
    for row in rows:
        row["name"] = privacy.ring().unseal(row.pop("name_sealed"))
    return sorted(rows, key=lambda row: row["key"])


async def _fairs(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT f.id, f.key, a.key AS activity, o.key AS organisation, f.mode, f.held_on"
        " FROM job_fair_fair f JOIN organisation o ON o.id = f.organisation"
        " LEFT JOIN activity a ON a.id = f.activity WHERE f.campaign = :campaign",
        campaign=campaign,
    )
    fairs: dict[int, dict[str, Any]] = {}
    for row in rows:
        fairs[row.pop("id")] = row
        row["held_on"] = row["held_on"].isoformat()
        row |= {"positions": [], "attendances": [], "applications": []}
    await _add_positions(campaign, fairs)
    await _add_attendances(campaign, fairs)
    await _add_applications(campaign, fairs)
    return sorted(fairs.values(), key=lambda row: row["key"])


async def _add_positions(campaign: int, fairs: dict[int, dict[str, Any]]) -> None:
    rows = await database.fetch(
        "SELECT p.fair, p.key, e.key AS employer, p.title, j.name AS job_type, p.openings,"
        " p.accommodations FROM job_fair_position p"
        " JOIN job_fair_employer e ON e.id = p.employer"
        " JOIN job_fair_job_type j ON j.id = p.job_type WHERE p.campaign = :campaign",
        campaign=campaign,
    )
    for row in sorted(rows, key=lambda row: row["key"]):
        row["accommodations"] = json.loads(row["accommodations"])
        fairs[row.pop("fair")]["positions"].append(row)


async def _add_attendances(campaign: int, fairs: dict[int, dict[str, Any]]) -> None:
    rows = await database.fetch(
        "SELECT t.fair, s.key FROM job_fair_attendance t"
        " JOIN job_fair_seeker s ON s.id = t.seeker WHERE t.campaign = :campaign",
        campaign=campaign,
    )
    for row in sorted(rows, key=lambda row: row["key"]):
        fairs[row["fair"]]["attendances"].append(row["key"])


async def _add_applications(campaign: int, fairs: dict[int, dict[str, Any]]) -> None:
    """Several of one seeker for one position stay in the order in which they came."""
    rows = await database.fetch(
        "SELECT p.fair, s.key AS seeker, p.key AS position, l.stage, l.ordinal"
        " FROM job_fair_application l JOIN job_fair_seeker s ON s.id = l.seeker"
        " JOIN job_fair_position p ON p.id = l.position WHERE l.campaign = :campaign",
        campaign=campaign,
    )
    for row in sorted(rows, key=lambda row: (row["seeker"], row["position"], row["ordinal"])):
        del row["ordinal"]
        fairs[row.pop("fair")]["applications"].append(row)
