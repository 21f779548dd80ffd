"""Volunteers who registered themselves, and shifts that are open to them, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from api.kit.records import Work, add
from core import campaigns, database, moments, passwords
from core.permissions import SYSTEM, Actor, Grant
from plugins.volunteer.records import SHIFTS
from plugins.volunteer.signing_up import profiles, publishing, registering
from plugins.volunteer.signing_up.profiles import Profile
from plugins.volunteer.signing_up.registering import Registration

PASSWORD = "correct horse battery"
TOLD = {"place": "市民广场", "risks": "户外日晒", "insurance": "主办方已投保"}


def registration(name: str = "王芳", phone: str = "13800000001", **others: Any) -> Registration:
    """What an adult states."""
    given = {"organisation": "x1", "password": PASSWORD, "agrees": True, "adult": True}
    return Registration(name=name, phone=phone, **{**given, **others})


_hashes: list[str] = []


async def _password_hash() -> str:
    """The hash of PASSWORD, made once: it takes its time."""
    if not _hashes:
        _hashes.append(await passwords.hashed(PASSWORD))
    return _hashes[0]


async def volunteer(number: int, **others: Any) -> tuple[Actor, Profile]:
    """The ``number``-th volunteer, registered, and the actor of his session."""
    given = registration(f"志愿者{number}", f"138{number:08}", **others)
    async with database.transaction():
        made = await registering.enrol(given, given.phone, await _password_hash(), moments.now())
    assert made is not None
    account, name = made
    office = await database.fetch_value("SELECT id FROM organisation WHERE key = 'x1'")
    actor = Actor(name, name, account, (Grant("volunteer", office),), "session")
    profile = await profiles.mine(actor)
    assert profile is not None
    return actor, profile


def in_days(days: int, clock: int) -> datetime:
    """A full hour of a day to come, by the clock in China."""
    return moments.from_local(moments.today() + timedelta(days=days), clock)


def shift(
    key: str, *, day: int = 3, begin: int = 8, end: int = 12, **others: Any
) -> dict[str, Any]:
    """A shift to come of x1, with what recruiting asks."""
    return {
        "key": key,
        "title": f"引导{key}",
        "organisation": "x1",
        "activity": None,
        "starts_at": moments.offset_text(in_days(day, begin)),
        "ends_at": moments.offset_text(in_days(day, end)),
        "capacity": 1,
        **TOLD,
        **others,
    }


async def open_shift(work: Work, key: str, **others: Any) -> None:
    """Add a shift and publish it."""
    await add(work, SHIFTS, shift(key, **others))
    await publishing.publish(work, key)


async def another_campaign(like: str, key: str) -> Work:
    """A campaign with the same offices and plugins, and nothing in it."""
    columns = "organisation, observance, year, title, theme, starts_on, ends_on, state, modified_at"
    made = await database.fetch_value(
        f"INSERT INTO campaign (key, changes, {columns}) SELECT :key, 0, {columns} FROM campaign"
        " WHERE key = :like RETURNING id",
        key=key,
        like=like,
    )
    for table, names in (
        ("campaign_plugin", "plugin"),
        ("campaign_participant", "organisation, name, level, parent"),
    ):
        await database.execute(
            f"INSERT INTO {table} (campaign, {names}) SELECT CAST(:made AS BIGINT), {names}"
            f" FROM {table} WHERE campaign = (SELECT id FROM campaign WHERE key = :like)",
            made=made,
            like=like,
        )
    return Work(SYSTEM, await campaigns.find(key))


async def places(shift_key: str) -> dict[str, list[str]]:
    """Who (number) has a place in a shift, and who waits, in order."""
    taken = await database.fetch(
        "SELECT v.key FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        " JOIN volunteer_person v ON v.id = a.volunteer WHERE h.key = :key"
        " AND a.status NOT IN ('rejected', 'no_show') ORDER BY a.id",
        key=shift_key,
    )
    waiting = await database.fetch(
        "SELECT v.key FROM volunteer_waiting w JOIN volunteer_shift h ON h.id = w.shift"
        " JOIN volunteer_person v ON v.id = w.volunteer WHERE h.key = :key AND NOT EXISTS"
        " (SELECT 1 FROM volunteer_attendance a WHERE a.shift = w.shift"
        " AND a.volunteer = w.volunteer) ORDER BY w.id",
        key=shift_key,
    )
    return {"taken": [row["key"] for row in taken], "waiting": [row["key"] for row in waiting]}
