"""A small campaign with two shifts of the county ``x1``, thirty volunteers, and who serves them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from api.kit.records import Work, put
from core import bundles, campaigns, database
from core.permissions import SYSTEM, Actor
from core.process import Process
from plugins.volunteer.punching import punches
from plugins.volunteer.records import SHIFTS
from tests.fixtures.application import CAMPAIGN_2022, ActorOf

At = Callable[..., datetime]
Punch = Callable[..., Awaitable[str]]
Belongs = Callable[[str, Actor], Awaitable[int]]


def clock(text: str, day: int = 15) -> datetime:
    """A time of May 2022 in China."""
    return datetime.fromisoformat(f"2022-05-{day:02}T{text}:00+08:00")


def shift(key: str, begin: str, end: str, **members: Any) -> dict[str, Any]:
    """A shift of the county in an activity."""
    return {
        "key": key,
        "title": "引导",
        "organisation": "x1",
        "activity": "a1",
        "starts_at": clock(begin).isoformat(),
        "ends_at": clock(end).isoformat(),
        "capacity": 40,
        **members,
    }


@pytest.fixture
def at() -> At:
    """``at("08:00")``."""
    return clock


@pytest.fixture
async def campaign_2022(process: Process) -> str:
    """The demonstration's offices, one activity, and volunteers alone."""
    bundle: dict[str, Any] = json.loads(CAMPAIGN_2022.read_bytes())
    activity = {
        "key": "a1",
        "title": "助残日活动",
        "kind": "volunteer",
        "organisation": "x1",
        "starts_at": clock("08:00").isoformat(),
        "ends_at": clock("18:00").isoformat(),
    }
    volunteers = [
        {"key": f"v{n}", "name": f"志愿者{n:02}", "organisation": "x1"} for n in range(1, 31)
    ]
    own = {
        "volunteers": volunteers,
        "shifts": [],
        "attendances": [],
        "star_scheme": "street-annual",
    }
    bundle |= {"activities": [activity], "reported": [], "plugins": {"volunteer": own}}
    data = json.dumps(bundle).encode()
    return await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    """The command line's work in it, with the shifts ``h1`` (8 to 12) and ``h2`` (10 to 14)."""
    made = Work(SYSTEM, await campaigns.find(campaign_2022))
    await put(made, SHIFTS, [shift("h1", "08:00", "12:00"), shift("h2", "10:00", "14:00")])
    return made


@pytest.fixture
async def steward(work: Work, actor_of: ActorOf) -> Work:
    """A clerk of the county at the station."""
    return Work(await actor_of("clerk", "x1"), work.campaign)


@pytest.fixture
async def reviewer(work: Work, actor_of: ActorOf) -> Work:
    """Who confirms."""
    return Work(await actor_of("reviewer", "x1"), work.campaign)


@pytest.fixture
def punch(steward: Work) -> Punch:
    """Take a punch as the steward: gives the attendance's key, or why it was refused."""

    async def take(
        volunteer: str, direction: str, time: str, shift: str = "h1", **members: Any
    ) -> str:
        actor = members.pop("actor", steward.actor)
        source = members.pop("source", "steward")
        device = members.pop("device", "平板")
        way: Any = direction
        sent = punches.Sent(str(uuid4()), shift, volunteer, way, clock(time), device)
        (result,) = await punches.take(steward.campaign, [sent], actor=actor, source=source)
        return result.attendance or result.code or ""

    return take


@pytest.fixture
def belongs(work: Work) -> Belongs:
    """Let a volunteer be somebody with an account: gives the profile's id."""

    async def link(volunteer: str, actor: Actor) -> int:
        row = await database.fetch_one(
            "SELECT * FROM volunteer_person WHERE campaign = :campaign AND key = :key",
            campaign=work.campaign.id,
            key=volunteer,
        )
        assert row is not None
        profile: int = await database.fetch_value(
            "INSERT INTO volunteer_profile (number, account, organisation, name_sealed,"
            " name_index, phone_sealed, phone_index, born_sealed, guardian_sealed, skills,"
            " consent, created_at) VALUES (:number, :account, :office, :name, :index, '', :number,"
            " '', '', '[]', '{}', :now) RETURNING id",
            number=f"z-{volunteer}",
            account=actor.account_id,
            office=row["organisation"],
            name=row["name_sealed"],
            index=row["name_index"],
            now=clock("07:00"),
        )
        await database.execute(
            "UPDATE volunteer_person SET profile = :profile WHERE id = :id",
            profile=profile,
            id=row["id"],
        )
        return profile

    return link
