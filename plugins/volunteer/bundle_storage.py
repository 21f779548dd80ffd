"""``plugins.volunteer`` of a bundle in the database: written and read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import uuid4

from api.kit.records.revisions import revise_stored
from core import database, privacy
from core.bundle_sections import WriteContext
from core.documents import compact
from core.moments import offset_text
from core.synchronise import Synchroniser
from plugins.volunteer.honours.schemes import stated_part, stored_text
from plugins.volunteer.rules import TOLD_BY_CALENDARS, credited_minutes, shift_label

SEALED = {"name_sealed": (privacy.seal, privacy.unseal)}
EARLIEST = datetime.min.replace(tzinfo=UTC)


async def write(section: Mapping[str, Any], context: WriteContext) -> None:
    """Children are removed before parents and written after them."""
    place = {"campaign": context.campaign}
    await _forget_who_moved_up(context.campaign)
    attendances, shifts, volunteers = _stored()
    for stored in (attendances, shifts, volunteers):
        await stored.load(**place)
    await attendances.prune(identity for identity, _ in _numbered(section))
    await shifts.prune((item["key"],) for item in section["shifts"])
    await volunteers.prune((item["key"],) for item in section["volunteers"])
    await volunteers.store(
        {(item["key"],): _volunteer_row(item, context) for item in section["volunteers"]}, **place
    )
    before = dict(shifts.now)
    await shifts.store(
        {(item["key"],): _shift_row(item, context) for item in section["shifts"]}, **place
    )
    await revise_stored("volunteer_shift", before, shifts.now, TOLD_BY_CALENDARS, context.now)
    times = {item["key"]: (item["starts_at"], item["ends_at"]) for item in section["shifts"]}
    await attendances.store(
        {
            identity: {
                **place,
                # A row that stays keeps the key that others may know it by.
                "key": attendances.now[identity]["key"]
                if identity in attendances.now
                else uuid4().hex,
                "shift": shifts.ids[identity[:1]],
                "volunteer": volunteers.ids[identity[1:2]],
                "ordinal": identity[2],
                "checked_in_at": item["checked_in_at"],
                "checked_out_at": item["checked_out_at"],
                "status": item["status"],
                "credited_minutes": credited_minutes(
                    item["checked_in_at"], item["checked_out_at"], *times[identity[0]]
                ),
            }
            for identity, item in _numbered(section)
        },
        **place,
    )
    await _write_star_scheme(section["star_scheme"], context.campaign)


async def _forget_who_moved_up(campaign: int) -> None:
    """Or whoever the bundle takes off a list would wait for his place again."""
    await database.execute(
        "DELETE FROM volunteer_waiting WHERE campaign = :campaign AND EXISTS"
        " (SELECT 1 FROM volunteer_attendance a WHERE a.shift = volunteer_waiting.shift"
        " AND a.volunteer = volunteer_waiting.volunteer)",
        campaign=campaign,
    )


async def _write_star_scheme(stated: Any, campaign: int) -> None:
    stored = Synchroniser(
        "volunteer_star_scheme",
        "SELECT id, campaign, scheme FROM volunteer_star_scheme WHERE campaign = :campaign",
        ("campaign",),
    )
    await stored.load(campaign=campaign)
    there = stored.now.get((campaign,), {}).get("scheme")
    # What was chosen beside a scheme that stays the same is no part of a bundle, and stays too.
    text = there if there and stated_part(there) == stated else compact(stated)
    rows = {} if stated is None else {(campaign,): {"campaign": campaign, "scheme": text}}
    await stored.prune(rows)
    await stored.store(rows, campaign=campaign)


def _moment_order(moment: datetime | None) -> tuple[bool, datetime]:
    """None before every moment."""
    return moment is not None, moment or EARLIEST


def _attendance_order(item: Mapping[str, Any]) -> tuple[Any, ...]:
    """The order of attendances in a bundle: shift and volunteer, then whatever tells them apart."""
    return (
        item["shift"],
        item["volunteer"],
        _moment_order(item["checked_in_at"]),
        _moment_order(item["checked_out_at"]),
        item["status"],
    )


def _numbered(
    section: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, str, int], Mapping[str, Any]]]:
    """Attendances with what identifies them: shift, volunteer, and which of those two's it is."""
    ordered = sorted(section["attendances"], key=_attendance_order)
    for pair, items in groupby(ordered, key=lambda item: (item["shift"], item["volunteer"])):
        for ordinal, item in enumerate(items):
            yield (*pair, ordinal), item


def _stored() -> tuple[Synchroniser, Synchroniser, Synchroniser]:
    return (
        Synchroniser(
            "volunteer_attendance",
            "SELECT a.*, h.key AS shift_key, v.key AS volunteer_key FROM volunteer_attendance a"
            " JOIN volunteer_shift h ON h.id = a.shift"
            " JOIN volunteer_person v ON v.id = a.volunteer WHERE a.campaign = :campaign",
            ("shift_key", "volunteer_key", "ordinal"),
        ),
        Synchroniser(
            "volunteer_shift",
            "SELECT * FROM volunteer_shift WHERE campaign = :campaign",
            ("key",),
        ),
        Synchroniser(
            "volunteer_person",
            "SELECT * FROM volunteer_person WHERE campaign = :campaign",
            ("key",),
            SEALED,
        ),
    )


def _volunteer_row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    return {
        "campaign": context.campaign,
        "key": item["key"],
        "name_sealed": item["name"],
        "name_index": privacy.index(item["name"], "name"),
        "organisation": context.organisations[item["organisation"]],
    }


def _shift_row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    return {
        **item,
        "campaign": context.campaign,
        "label": shift_label(item["title"], item["starts_at"]),
        "organisation": context.organisations[item["organisation"]],
        "activity": None if item["activity"] is None else context.activities[item["activity"]],
    }


async def read(campaign: int) -> dict[str, Any]:
    """The section as it is exported."""
    return {
        "volunteers": await _read_volunteers(campaign),
        "shifts": await _read_shifts(campaign),
        "attendances": await _read_attendances(campaign),
        "star_scheme": await read_star_scheme(campaign),
    }


async def read_star_scheme(campaign: int) -> str | dict[str, Any]:
    """The campaign's star scheme as a bundle states it; ``schemes.scheme`` understands it."""
    stated: str | dict[str, Any] = stated_part(await stored_text(campaign))
    return stated


async def _read_volunteers(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT v.key, v.name_sealed, o.key AS organisation FROM volunteer_person v"
        " JOIN organisation o ON o.id = v.organisation WHERE v.campaign = :campaign",
        campaign=campaign,
    )
    for row in rows:
        row["name"] = privacy.unseal(row.pop("name_sealed"))
    return sorted(rows, key=lambda row: row["key"])


async def _read_shifts(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT h.key, e.key AS activity, o.key AS organisation, h.title, h.starts_at, h.ends_at,"
        " h.capacity FROM volunteer_shift h JOIN organisation o ON o.id = h.organisation"
        " LEFT JOIN activity e ON e.id = h.activity WHERE h.campaign = :campaign",
        campaign=campaign,
    )
    for row in rows:
        row["starts_at"] = offset_text(row["starts_at"])
        row["ends_at"] = offset_text(row["ends_at"])
    return sorted(rows, key=lambda row: row["key"])


async def _read_attendances(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT v.key AS volunteer, h.key AS shift, a.checked_in_at, a.checked_out_at, a.status"
        " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        " JOIN volunteer_person v ON v.id = a.volunteer WHERE a.campaign = :campaign",
        campaign=campaign,
    )
    rows.sort(key=_attendance_order)
    for row in rows:
        for member in ("checked_in_at", "checked_out_at"):
            if row[member] is not None:
                row[member] = offset_text(row[member])
    return rows
