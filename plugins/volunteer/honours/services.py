"""What people served, over all campaigns that know them: one statement however many they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from core import database
from plugins.volunteer.honours.reckoning import Service


def same_people(whom: str) -> str:
    """A subselect of (person, other): each ``volunteer_person m`` of ``whom`` and who is the same.

    The same are those of one profile, and those of the same number, name and office. ``whom`` is a
    condition on ``m``.
    """
    # "+ 0", so that SQLite looks people up by name and number, not through all of an office.
    of_name = (
        "v.name_index = m.name_index AND v.key = m.key AND v.organisation + 0 = m.organisation"
    )
    return (
        f"SELECT m.id AS person, m.id AS other FROM volunteer_person m WHERE {whom}"
        " UNION SELECT m.id, v.id FROM volunteer_person m JOIN volunteer_person v"
        f" ON v.profile = m.profile WHERE {whom}"
        " UNION SELECT m.id, v.id FROM volunteer_person m JOIN volunteer_person v"
        f" ON {of_name} WHERE m.name_index <> '' AND {whom}"
    )


@dataclass(slots=True)
class Served:
    """Somebody's confirmed services, and those that still wait to be confirmed."""

    confirmed: list[Service] = field(default_factory=list)
    pending: list[Service] = field(default_factory=list)


async def served(whom: str, **values: Any) -> dict[int, Served]:
    """What each person (``volunteer_person.id``) of ``whom`` served anywhere. One statement.

    Who served nothing is not in the answer.
    """
    rows = await database.fetch(
        "SELECT s.person, h.starts_at, a.status,"
        " CAST(SUM(a.credited_minutes) AS BIGINT) AS minutes"
        f" FROM ({same_people(whom)}) s JOIN volunteer_attendance a ON a.volunteer = s.other"
        " JOIN volunteer_shift h ON h.id = a.shift WHERE a.status IN ('confirmed', 'pending')"
        " GROUP BY s.person, h.starts_at, a.status",
        **values,
    )
    found: dict[int, Served] = defaultdict(Served)
    for row in rows:
        one = found[row["person"]]
        kept = one.confirmed if row["status"] == "confirmed" else one.pending
        kept.append((row["starts_at"], int(row["minutes"])))
    return found
