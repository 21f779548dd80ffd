"""Volunteers with hours, and the working days of a 公示 that begins today."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest

from api.kit.records import Work
from core import campaigns, database, working_days
from core.moments import today
from core.permissions import SYSTEM

Credit = Callable[[str, float], Awaitable[None]]


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    """The demonstration campaign in the hands of the command line."""
    return Work(SYSTEM, await campaigns.find(campaign_2022))


@pytest.fixture
def credit() -> Credit:
    """``await credit("v00602", 50)``: that volunteer's one attendance counts so many hours."""

    async def give(key: str, hours: float) -> None:
        await database.execute(
            "UPDATE volunteer_attendance SET credited_minutes = :minutes, status = 'confirmed'"
            " WHERE volunteer IN (SELECT id FROM volunteer_person WHERE key = :key)",
            minutes=int(hours * 60),
            key=key,
        )

    return give


@pytest.fixture
def typed_end() -> date | None:
    """What has to be typed where the year's days off are not announced; None where they are."""
    try:
        working_days.after(today(), 5)
    except working_days.UnannouncedYearError:
        return today() + timedelta(days=9)
    return None
