"""The records of job fairs from a bundle into the tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.kit.records.revisions import revise_stored
from core import privacy
from core.bundle_sections import WriteContext
from core.synchronise import Synchroniser
from plugins.job_fair.rules import TOLD_BY_CALENDARS


def _seal(name: str) -> str:
    return privacy.ring().seal(name)


def _unseal(sealed: str) -> str:
    return privacy.ring().unseal(sealed)


def _employers() -> Synchroniser:
    select = "SELECT * FROM job_fair_employer WHERE campaign = :campaign"
    return Synchroniser("job_fair_employer", select, ("key",))


def _seekers() -> Synchroniser:
    select = "SELECT * FROM job_fair_seeker WHERE campaign = :campaign"
    sealed = {"name_sealed": (_seal, _unseal)}
    return Synchroniser("job_fair_seeker", select, ("key",), sealed)


def _fairs() -> Synchroniser:
    select = "SELECT * FROM job_fair_fair WHERE campaign = :campaign"
    return Synchroniser("job_fair_fair", select, ("key",))


def _job_types() -> Synchroniser:
    select = "SELECT * FROM job_fair_job_type WHERE campaign = :campaign"
    return Synchroniser("job_fair_job_type", select, ("name",))


def _positions() -> Synchroniser:
    select = "SELECT * FROM job_fair_position WHERE campaign = :campaign"
    return Synchroniser("job_fair_position", select, ("key",))


def _attendances() -> Synchroniser:
    return Synchroniser(
        "job_fair_attendance",
        "SELECT t.*, f.key AS fair_key, s.key AS seeker_key FROM job_fair_attendance t"
        " JOIN job_fair_fair f ON f.id = t.fair JOIN job_fair_seeker s ON s.id = t.seeker"
        " WHERE t.campaign = :campaign",
        ("fair_key", "seeker_key"),
    )


def _applications() -> Synchroniser:
    return Synchroniser(
        "job_fair_application",
        "SELECT l.*, s.key AS seeker_key, p.key AS position_key FROM job_fair_application l"
        " JOIN job_fair_seeker s ON s.id = l.seeker JOIN job_fair_position p ON p.id = l.position"
        " WHERE l.campaign = :campaign",
        ("seeker_key", "position_key", "ordinal"),
    )


@dataclass(slots=True)
class _Stored:
    """What the tables hold of a campaign."""

    employers: Synchroniser = field(default_factory=_employers)
    seekers: Synchroniser = field(default_factory=_seekers)
    fairs: Synchroniser = field(default_factory=_fairs)
    job_types: Synchroniser = field(default_factory=_job_types)
    positions: Synchroniser = field(default_factory=_positions)
    attendances: Synchroniser = field(default_factory=_attendances)
    applications: Synchroniser = field(default_factory=_applications)


async def write(section: Mapping[str, Any], context: WriteContext) -> None:
    """Make the campaign's rows those of a checked section.

    A position may move to another fair, employer or job type while its former one goes: those are
    removed only after the positions were written.
    """
    place = {"campaign": context.campaign}
    stored = _Stored()
    for table in (stored.employers, stored.seekers, stored.fairs, stored.job_types):
        await table.load(**place)
    for table in (stored.positions, stored.attendances, stored.applications):
        await table.load(**place)
    await stored.applications.prune(identity for identity, _ in _numbered(section))
    await stored.attendances.prune(_attended(section))
    await stored.positions.prune((item["key"],) for _, item in _offered(section))
    await _store_parents(stored, section, context)
    await _store_positions(stored, section, context)
    await _store_children(stored, section, place)
    await stored.fairs.prune((item["key"],) for item in section["fairs"])
    await stored.job_types.prune((item["job_type"],) for _, item in _offered(section))
    await stored.seekers.prune((item["key"],) for item in section["seekers"])
    await stored.employers.prune((item["key"],) for item in section["employers"])


def _offered(section: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every position with its fair's key."""
    for fair in section["fairs"]:
        for position in fair["positions"]:
            yield fair["key"], position


def _attended(section: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for fair in section["fairs"]:
        for seeker in fair["attendances"]:
            yield fair["key"], seeker


def _numbered(
    section: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, str, int], Mapping[str, Any]]]:
    """Every application; those of one seeker for one position are counted as they stand."""
    seen: Counter[tuple[str, str]] = Counter()
    for fair in section["fairs"]:
        for application in fair["applications"]:
            pair = (application["seeker"], application["position"])
            yield (*pair, seen[pair]), application
            seen[pair] += 1


async def _store_parents(
    stored: _Stored, section: Mapping[str, Any], context: WriteContext
) -> None:
    place = {"campaign": context.campaign}
    await stored.employers.store(
        {(item["key"],): {**place, **item} for item in section["employers"]}, **place
    )
    await stored.seekers.store(
        {(item["key"],): _seeker_row(item, context) for item in section["seekers"]}, **place
    )
    await stored.job_types.store(
        {(item["job_type"],): {**place, "name": item["job_type"]} for _, item in _offered(section)},
        **place,
    )
    before = dict(stored.fairs.now)
    await stored.fairs.store(
        {(item["key"],): _fair_row(item, context) for item in section["fairs"]}, **place
    )
    await revise_stored("job_fair_fair", before, stored.fairs.now, TOLD_BY_CALENDARS, context.now)


def _seeker_row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    return {
        "campaign": context.campaign,
        "key": item["key"],
        "name_sealed": item["name"],
        "name_index": privacy.ring().index(item["name"], "name"),
        "organisation": context.organisations[item["organisation"]],
    }


def _fair_row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    return {
        "campaign": context.campaign,
        "key": item["key"],
        "activity": None if item["activity"] is None else context.activities[item["activity"]],
        "organisation": context.organisations[item["organisation"]],
        "mode": item["mode"],
        "held_on": item["held_on"],
    }


async def _store_positions(
    stored: _Stored, section: Mapping[str, Any], context: WriteContext
) -> None:
    rows = {
        (item["key"],): {
            "campaign": context.campaign,
            "key": item["key"],
            "fair": stored.fairs.ids[(fair,)],
            "employer": stored.employers.ids[(item["employer"],)],
            "job_type": stored.job_types.ids[(item["job_type"],)],
            "title": item["title"],
            "openings": item["openings"],
            "accommodations": json.dumps(sorted(item["accommodations"]), ensure_ascii=False),
        }
        for fair, item in _offered(section)
    }
    await stored.positions.store(rows, campaign=context.campaign)


async def _store_children(
    stored: _Stored, section: Mapping[str, Any], place: Mapping[str, int]
) -> None:
    attendances = {
        (fair, seeker): {
            **place,
            "fair": stored.fairs.ids[(fair,)],
            "seeker": stored.seekers.ids[(seeker,)],
        }
        for fair, seeker in _attended(section)
    }
    await stored.attendances.store(attendances, **place)
    applications = {
        (seeker, position, ordinal): {
            **place,
            "seeker": stored.seekers.ids[(seeker,)],
            "position": stored.positions.ids[(position,)],
            "ordinal": ordinal,
            "stage": item["stage"],
        }
        for (seeker, position, ordinal), item in _numbered(section)
    }
    await stored.applications.store(applications, **place)
