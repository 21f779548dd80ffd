"""Reading what explains hours: attendances, their punches, and what the takers are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from core import database
from plugins.volunteer.hours.explained import explained, step, totals
from plugins.volunteer.hours.facts import Explanation, Planned, Served, Step, Taken, Totals

Row = dict[str, Any]
TOKEN = "token:"  # noqa: S105 — how the log names a programme, not a secret
LABEL = "COALESCE(NULLIF(h.label, ''), h.key)"


@dataclass(frozen=True, slots=True)
class Stray:
    """A punch that belongs to no attendance: it was refused, or the record is gone."""

    shift: str
    step: Step


@dataclass(frozen=True, slots=True)
class Hours:
    """Attendances explained, the earliest shift first, and the punches that led to none."""

    explanations: tuple[Explanation, ...]
    strays: tuple[Stray, ...]

    @property
    def totals(self) -> Totals:
        """Their sums."""
        return totals(self.explanations)


async def of_volunteers(volunteers: Collection[int]) -> Hours:
    """Everything recorded of these volunteers (ids): of one person, in one or more campaigns.

    Three statements at most.
    """
    return await _hours("a.volunteer IN (:ids)", volunteers, volunteers)


async def of_attendance(row: Row) -> Explanation | None:
    """One attendance explained: ``row`` has its ``id``, and ``volunteer_id`` its volunteer's.

    Three statements at most.
    """
    found = await _hours("a.id IN (:ids)", [row["id"]], [row["volunteer_id"]])
    return found.explanations[0] if found.explanations else None


async def _hours(condition: str, ids: Collection[int], volunteers: Collection[int]) -> Hours:
    attendances = await database.fetch(
        f"SELECT a.*, h.key AS shift_key, {LABEL} AS shift_label, h.starts_at, h.ends_at"
        " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        f" WHERE {condition} ORDER BY h.starts_at, a.id",
        ids=sorted(ids),
    )
    punches = await _punches(volunteers)
    actors = {row["actor"] for row in punches} | {row["decided_by"] for row in attendances}
    names = await names_of(actors)
    own, strays = _sorted(attendances, punches)
    return Hours(
        tuple(_explained(row, own[row["id"]], names) for row in attendances),
        tuple(
            Stray(row["shift_label"] or row["shift_key"], step(taken(row), names)) for row in strays
        ),
    )


async def _punches(volunteers: Collection[int]) -> list[Row]:
    return await database.fetch(
        f"SELECT p.*, {LABEL} AS shift_label FROM volunteer_punch p"
        " LEFT JOIN volunteer_shift h ON h.id = p.shift"
        " WHERE p.volunteer IN (:volunteers) ORDER BY p.at, p.id",
        volunteers=sorted(volunteers),
    )


def _sorted(
    attendances: Sequence[Row], punches: Sequence[Row]
) -> tuple[dict[int, list[Row]], list[Row]]:
    """Punches by attendance; one without stands with the volunteer's last one in its shift."""
    known = {row["id"] for row in attendances}
    pairs = {(row["shift"], row["volunteer"]): row["id"] for row in attendances}
    own: dict[int, list[Row]] = defaultdict(list)
    strays = []
    for row in punches:
        place = row["attendance"] or pairs.get((row["shift"], row["volunteer"]))
        if place is not None and place in known:
            own[place].append(row)
        else:
            strays.append(row)
    return own, strays


def taken(row: Row) -> Taken:
    """A row of ``volunteer_punch``."""
    return Taken(
        id=row["id"],
        direction=row["direction"],
        at=row["at"],
        received_at=row["received_at"],
        source=row["source"],
        actor=row["actor"],
        result=row["result"],
        code=row["code"],
        device=row["device"],
        corrects=row["corrects"],
        reason=row["reason"],
    )


def _explained(row: Row, punches: Sequence[Row], names: dict[str, str]) -> Explanation:
    served = Served(
        key=row["key"],
        came=row["checked_in_at"],
        went=row["checked_out_at"],
        status=row["status"],
        recorded_minutes=row["credited_minutes"],
        policy=row["policy"],
        closed_by_itself=bool(row["closed_by_itself"]),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )
    shift = Planned(row["shift_key"], row["shift_label"], row["starts_at"], row["ends_at"])
    return explained(served, [taken(each) for each in punches], shift, names)


async def names_of(actors: Collection[str | None]) -> dict[str, str]:
    """What people call those who did something. One statement, if any."""
    wanted = sorted({name for name in actors if name})
    if not wanted:
        return {}
    rows = await database.fetch(
        "SELECT name, display_name FROM account WHERE name IN (:names)", names=wanted
    )
    found = {row["name"]: row["display_name"] for row in rows}
    for name in wanted:
        if name.startswith(TOKEN):
            found[name] = f"程序“{name.removeprefix(TOKEN)}”"
    return {"system": "系统", **found}
