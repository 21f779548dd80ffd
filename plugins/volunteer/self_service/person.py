"""Who asks for himself: the profile of a signed-in volunteer."""

from __future__ import annotations

from dataclasses import dataclass

from core import database, privacy
from core.permissions import Actor

SELF = "volunteer.self"


@dataclass(frozen=True, slots=True)
class Person:
    """A volunteer who registered himself. ``organisation_id`` is his home office."""

    id: int
    number: str
    name: str
    organisation_id: int
    organisation_name: str
    account_id: int


async def mine(actor: Actor) -> Person | None:
    """The profile of the actor's own account; None when it has none. One statement."""
    row = await database.fetch_one(
        "SELECT r.id, r.number, r.name_sealed, r.organisation, o.name AS office"
        " FROM volunteer_profile r JOIN organisation o ON o.id = r.organisation"
        " WHERE r.account = :account AND r.left_at IS NULL",
        account=actor.account_id,
    )
    if row is None or actor.account_id is None:
        return None
    return Person(
        id=row["id"],
        number=row["number"],
        name=privacy.unseal(row["name_sealed"]),
        organisation_id=row["organisation"],
        organisation_name=row["office"],
        account_id=actor.account_id,
    )
