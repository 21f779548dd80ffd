"""Opening a figure to its records: what ``measure`` counted, one by one, names masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from core import database, privacy, wording
from core.measures import Record, RecordPage, contributions
from core.scopes import Scope
from plugins.job_fair.addresses import home, record
from plugins.job_fair.figures import SOURCES
from plugins.job_fair.rules import STAGES
from plugins.job_fair.statements import FAIR_TITLE, POSITION_LABEL

Row = Mapping[str, Any]
FAIR = f"{FAIR_TITLE.format(x='f')} AS fair_title, f.held_on"
POSITION = f"{POSITION_LABEL.format(x='p')} AS position_label"


@dataclass(frozen=True, slots=True)
class Kind:
    """Records of one kind: ``select`` gives their rows for ``:ids``, the rest says each."""

    select: str
    label: Callable[[Row], str]
    href: Callable[[str, Row], str]


def _name(row: Row) -> str:
    return privacy.mask_name(privacy.unseal(row["name_sealed"]))


FAIRS = Kind(
    f"SELECT f.id, f.key, {FAIR} FROM job_fair_fair f WHERE f.id IN (:ids)",
    lambda row: str(row["fair_title"]),
    lambda campaign, row: record(campaign, "fairs", row["key"]),
)
POSITIONS = Kind(
    f"SELECT p.id, p.key, {POSITION}, {FAIR} FROM job_fair_position p"
    " JOIN job_fair_fair f ON f.id = p.fair WHERE p.id IN (:ids)",
    lambda row: str(row["position_label"]),
    lambda campaign, row: record(campaign, "positions", row["key"]),
)
EMPLOYERS = Kind(
    "SELECT id, key, name FROM job_fair_employer WHERE id IN (:ids)",
    lambda row: str(row["name"]),
    lambda campaign, row: record(campaign, "employers", row["key"]),
)
JOB_TYPES = Kind(
    "SELECT id, name FROM job_fair_job_type WHERE id IN (:ids)",
    lambda row: str(row["name"]),
    lambda campaign, row: f"{home(campaign)}/positions?{urlencode({'job_type': row['name']})}",
)
SEEKERS = Kind(
    "SELECT id, key, name_sealed FROM job_fair_seeker WHERE id IN (:ids)",
    _name,
    lambda campaign, row: record(campaign, "seekers", row["key"]),
)
ATTENDANCES = Kind(
    f"SELECT t.id, f.key AS fair, s.key AS seeker, s.name_sealed, {FAIR}"
    " FROM job_fair_attendance t JOIN job_fair_fair f ON f.id = t.fair"
    " JOIN job_fair_seeker s ON s.id = t.seeker WHERE t.id IN (:ids)",
    lambda row: f"{_name(row)}（{row['fair_title']}）",
    lambda campaign, row: record(campaign, "attendances", row["fair"], row["seeker"]),
)
APPLICATIONS = Kind(
    f"SELECT l.id, s.key AS seeker, p.key AS position, l.ordinal, l.stage, s.name_sealed,"
    f" {POSITION}, {FAIR} FROM job_fair_application l"
    " JOIN job_fair_position p ON p.id = l.position JOIN job_fair_fair f ON f.id = p.fair"
    " JOIN job_fair_seeker s ON s.id = l.seeker WHERE l.id IN (:ids)",
    lambda row: f"{_name(row)}投递{row['position_label']}，{STAGES[row['stage']]}",
    lambda campaign, row: record(
        campaign, "applications", row["seeker"], row["position"], str(row["ordinal"])
    ),
)
KINDS: dict[str, Kind] = {
    "job_fair.fairs": FAIRS,
    "job_fair.openings": POSITIONS,
    "job_fair.employers": EMPLOYERS,
    "job_fair.job_types": JOB_TYPES,
    "job_fair.attendees": SEEKERS,
    "job_fair.attendances": ATTENDANCES,
    "job_fair.applications": APPLICATIONS,
    "job_fair.intents": SEEKERS,
    "job_fair.hired": SEEKERS,
}


async def read(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """A page of the records under one of our figures. Three statements."""
    found, following = await contributions(scope, metric, SOURCES, after, limit)
    if not found:
        return RecordPage((), None)
    kind = KINDS[metric]
    rows = await database.fetch(kind.select, ids=[each.record for each in found])
    by_id = {row["id"]: row for row in rows}
    offices = {
        row["id"]: row["key"]
        for row in await database.fetch(
            "SELECT id, key FROM organisation WHERE id IN (:ids)",
            ids=sorted({each.organisation for each in found}),
        )
    }
    records = [
        Record(
            id=each.record,
            label=kind.label(row),
            organisation=offices[each.organisation],
            amount=each.amount,
            href=kind.href(scope.campaign, row),
            on=wording.day(row["held_on"]) if "held_on" in row else "",
        )
        for each in found
        if (row := by_id.get(each.record)) is not None
    ]
    return RecordPage(records, following)
