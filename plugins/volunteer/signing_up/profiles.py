"""People who registered themselves: who asks, registering, and their place in a campaign."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import database, privacy
from core.permissions import Actor
from core.refusals import Missing

PURPOSE = "volunteer.profile"
SELECT = (
    "SELECT p.id, p.number, p.account AS account_id, p.organisation AS organisation_id,"
    " o.key AS organisation, o.name AS organisation_name, p.name_sealed, p.name_index,"
    " p.phone_sealed, p.born_sealed, p.guardian_sealed, p.skills, p.consent, p.created_at,"
    " p.left_at FROM volunteer_profile p JOIN organisation o ON o.id = p.organisation"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A volunteer across all campaigns, in clear; of adults ``born`` and ``guardian`` are None."""

    id: int
    number: str
    account_id: int | None
    organisation_id: int
    organisation: str
    organisation_name: str
    name: str
    name_index: str
    phone: str
    born: date | None
    guardian: dict[str, str] | None
    """``{"name": …, "phone": …}``."""
    skills: tuple[str, ...]
    consent: dict[str, Any]
    """``{"text": version, "at": moment, "by": "self" | "guardian"}``."""
    created_at: datetime
    left_at: datetime | None


def _profile(row: dict[str, Any]) -> Profile:
    born, guardian = row.pop("born_sealed"), row.pop("guardian_sealed")
    return Profile(
        name=privacy.unseal(row.pop("name_sealed")),
        phone=privacy.unseal(row.pop("phone_sealed")),
        born=date.fromisoformat(privacy.unseal(born)) if born else None,
        guardian=json.loads(privacy.unseal(guardian)) if guardian else None,
        skills=tuple(json.loads(row.pop("skills"))),
        consent=json.loads(row.pop("consent")),
        **row,
    )


async def mine(actor: Actor) -> Profile | None:
    """Who the actor is as a volunteer; None for everybody else and for who has left."""
    if actor.account_id is None:
        return None
    row = await database.fetch_one(
        f"{SELECT} WHERE p.account = :account AND p.left_at IS NULL", account=actor.account_id
    )
    return _profile(row) if row else None


async def find(profile_id: int) -> Profile:
    """The profile of that id, also of somebody who has left. Raises Missing."""
    row = await database.fetch_one(f"{SELECT} WHERE p.id = :id", id=profile_id)
    if row is None:
        raise Missing("没有这名志愿者")
    return _profile(row)


async def account_name(phone: str) -> str | None:
    """The account that signs in by this mobile number (eleven digits); None for no such one."""
    found: str | None = await database.fetch_value(
        "SELECT a.name FROM volunteer_profile p JOIN account a ON a.id = p.account"
        " WHERE p.phone_index = :phone AND p.left_at IS NULL",
        phone=privacy.index(phone, "phone"),
    )
    return found


async def person_in(campaign_id: int, profile: Profile) -> int:
    """The ``volunteer_person`` of a profile in a campaign, made at need; its key is the number.

    Inside a unit of work that holds the campaign. Somebody of that number and name who came with a
    bundle, or from last year's campaign, is taken for the same person.
    """
    found = await database.fetch_one(
        "SELECT id, key, profile, name_index FROM volunteer_person WHERE campaign = :campaign"
        " AND (profile = :profile OR key = :number)"
        " ORDER BY CASE WHEN profile = :profile THEN 0 ELSE 1 END LIMIT 1",
        campaign=campaign_id,
        profile=profile.id,
        number=profile.number,
    )
    if found and found["profile"] == profile.id:
        return int(found["id"])
    if found and found["profile"] is None and found["name_index"] == profile.name_index:
        await database.execute(
            "UPDATE volunteer_person SET profile = :profile WHERE id = :id",
            profile=profile.id,
            id=found["id"],
        )
        return int(found["id"])
    made: int = await database.fetch_value(
        "INSERT INTO volunteer_person (campaign, key, name_sealed, name_index, organisation,"
        " profile) VALUES (:campaign, :key, :sealed, :index, :office, :profile) RETURNING id",
        campaign=campaign_id,
        key=f"{profile.number}-{profile.id}" if found else profile.number,
        sealed=privacy.seal(profile.name),
        index=profile.name_index,
        office=await _office_in(campaign_id, profile.organisation_id),
        profile=profile.id,
    )
    return made


async def _office_in(campaign_id: int, organisation_id: int) -> int:
    """His office, or the nearest above it that takes part; else the campaign's own."""
    office: int = await database.fetch_value(
        "SELECT COALESCE((SELECT x.ancestor FROM organisation_closure x"
        " JOIN campaign_participant p ON p.organisation = x.ancestor AND p.campaign = c.id"
        " WHERE x.descendant = :office ORDER BY x.depth LIMIT 1), c.organisation)"
        " FROM campaign c WHERE c.id = :campaign",
        office=organisation_id,
        campaign=campaign_id,
    )
    return office
