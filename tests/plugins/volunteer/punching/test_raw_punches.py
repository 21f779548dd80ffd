"""What is on record follows from the raw punches, in whatever batches they came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from api.kit.records import Work, put
from core import campaigns, database
from core.permissions import SYSTEM
from plugins.volunteer.punching import punches
from plugins.volunteer.punching.taken import Result, Sending, Sent
from plugins.volunteer.records import SHIFTS, VOLUNTEERS
from plugins.volunteer.rules import credited_minutes

START = datetime.fromisoformat("2022-05-15T08:00:00+08:00")
SHIFTS_BY_KEY = {"a": (0, 120), "b": (120, 240), "c": (60, 180)}
PEOPLE = ("p0", "p1", "p2")
ROUNDS, PUNCHES = 3, 150


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    made = Work(SYSTEM, await campaigns.find(campaign_2022))
    shift: dict[str, Any] = {"title": "引导", "organisation": "x1", "activity": None, "capacity": 9}
    for number in range(ROUNDS):
        await put(
            made,
            SHIFTS,
            [
                {
                    **shift,
                    "key": f"{key}{number}",
                    "starts_at": at(begin).isoformat(),
                    "ends_at": at(end).isoformat(),
                }
                for key, (begin, end) in SHIFTS_BY_KEY.items()
            ],
        )
        people = [f"{key}-{number}" for key in PEOPLE]
        await put(made, VOLUNTEERS, [{"key": k, "name": k, "organisation": "x1"} for k in people])
    return made


def drawn(draw: Random, number: int) -> list[Sent]:
    """Punches of a few people, mostly in the order of time, some sent twice."""
    found = []
    for step in range(PUNCHES):
        moment = at(step * 2 + draw.randint(-20, 20))
        shift, person = draw.choice(list(SHIFTS_BY_KEY)), draw.choice(PEOPLE)
        nonce, way = str(uuid4()), draw.choice(["in", "out"])
        sent = Sent(nonce, f"{shift}{number}", f"{person}-{number}", way, moment)  # type: ignore[arg-type]
        found += [sent] * draw.choice([1, 1, 1, 2])
    return found


def batches(draw: Random, sent: list[Sent]) -> Iterable[list[Sending]]:
    """One or several requests at a time, of one or several punches, some of them shuffled."""
    while sent:
        together = []
        for _ in range(draw.randint(1, 3)):
            count = draw.choice([1, 1, 5, 40])
            batch, sent[:count] = sent[:count], []
            draw.shuffle(batch)
            together.append(Sending(batch, SYSTEM, "steward"))
        yield together


@pytest.mark.parametrize("seed", range(2))
async def test_attendances_follow_from_raw_punches(work: Work, seed: int) -> None:
    draw, results = Random(seed), dict[str, Result]()
    for number in range(ROUNDS):
        for together in batches(draw, drawn(draw, number)):
            for answered in await punches.take_all(work.campaign, together):
                for result in answered:
                    first = results.setdefault(result.nonce, result)
                    assert (result.code, result.attendance) == (first.code, first.attendance)
    rows = await database.fetch("SELECT * FROM volunteer_punch ORDER BY id")
    assert {row["nonce"] for row in rows} == set(results)
    assert len(rows) == len(results)
    accepted = [row for row in rows if row["result"] == "accepted"]
    assert len(accepted) > ROUNDS * 20
    assert await recorded() == followed(accepted)


def followed(accepted: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """The attendances that accepted punches make, each coming with the going after it."""
    comings: dict[str, tuple[str, str, datetime]] = {}
    found = set()
    for row in accepted:
        key = row["attendance_key"]
        if row["direction"] == "in":
            assert key not in comings
            comings[key] = row["shift_key"], row["volunteer_key"], row["at"]
            continue
        shift, volunteer, came = comings.pop(key)
        assert (shift, volunteer) == (row["shift_key"], row["volunteer_key"])
        begin, end = SHIFTS_BY_KEY[shift[0]]
        minutes = credited_minutes(came, row["at"], at(begin), at(end))
        found.add((key, shift, volunteer, came, row["at"], "pending", minutes))
    return found | {(key, *coming, None, "open", 0) for key, coming in comings.items()}


async def recorded() -> set[tuple[Any, ...]]:
    rows = await database.fetch(
        "SELECT a.key, h.key AS shift, v.key AS volunteer, a.checked_in_at, a.checked_out_at,"
        " a.status, a.credited_minutes FROM volunteer_attendance a"
        " JOIN volunteer_shift h ON h.id = a.shift JOIN volunteer_person v ON v.id = a.volunteer"
        " WHERE v.key LIKE 'p%-%'"
    )
    return {tuple(row.values()) for row in rows}
