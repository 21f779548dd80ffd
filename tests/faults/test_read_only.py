"""A database that takes nothing, for whatever reason: all that can be looked at is still shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
from litestar import Litestar

from core import campaigns, database, deferrable, moments
from core.database.sqlite_engine import PooledSQLiteEngine
from core.permissions import SYSTEM
from events import feed_tokens
from plugins.volunteer.self_service import calendar
from tests.fixtures.every_route import World, installed
from tests.fixtures.permission_table import ROLES, Case
from tests.plugins.volunteer.volunteers import browser_of, registered

# What the log has to hold before anybody gets it: who took a whole campaign, and who made a file
# of a recap, whose code must be found when somebody asks what the paper stands for.
NOTED_FIRST = {
    "GET /campaigns/{campaign}/bundle.json",
    "GET /api/v1/campaigns/{campaign}/bundle",
    "GET /campaigns/{campaign}/recap.html",
    "GET /campaigns/{campaign}/recap.md",
    "GET /volunteer/me/data.json",
}
ASKING = ("organiser", "administrator", "monitor")
LONG_AGO = datetime(2022, 5, 12, 1, tzinfo=UTC)


@asynccontextmanager
async def read_only() -> AsyncIterator[None]:
    """The database takes nothing until the block ends; then it is as if half a minute went by."""
    await _let_write(False)
    try:
        yield
    finally:
        await _let_write(True)
        deferrable._not_before.clear()


async def _let_write(able: bool) -> None:
    engine = database.engine()
    if isinstance(engine, PooledSQLiteEngine):
        assert engine._writer is not None
        await engine._writer.execute(f"PRAGMA query_only = {0 if able else 1}")
        return
    name = await database.fetch_value("SELECT current_database()")
    mode = "off" if able else "on"
    async with database.transaction():
        await database.execute("SET TRANSACTION READ WRITE")
        await database.execute(
            f'ALTER DATABASE "{name}" SET default_transaction_read_only = {mode}'
        )
    await database.stop()  # connections that are open already do not hear of it
    await database.start()


def reading(app: Litestar) -> list[Case]:
    """Every route that only shows something."""
    return [each for each in installed(app) if each.method == "GET" and not each.uploads]


async def shown(world: World, app: Litestar, volunteer: httpx.AsyncClient) -> dict[str, int]:
    """What each route answers somebody who may ask it."""
    found = {}
    for case in reading(app):
        if "volunteer.self" in case.permission:
            answer = await world.ask(volunteer, case)
        else:
            roles = ROLES[case.permission]
            role = next(each for each in ASKING if each in roles)
            answer = await world.as_person(case, role, "city")
        found[case.route] = answer.status_code
    return found


async def forget() -> None:
    """Let the volunteer of x1 have come half a year ago, and never have gone."""
    await database.execute("UPDATE campaign SET state = 'open'")
    await database.execute(
        "UPDATE volunteer_attendance SET status = 'open', checked_in_at = :came,"
        " checked_out_at = NULL WHERE key = 't-x1'",
        came=LONG_AGO,
    )
    await database.execute("UPDATE volunteer_punch SET received_at = :came", came=LONG_AGO)


async def status() -> str:
    return str(
        await database.fetch_value("SELECT status FROM volunteer_attendance WHERE key = 't-x1'")
    )


async def test_whatever_can_be_looked_at_is_shown(world: World, built_app: Litestar) -> None:
    await forget()
    actor, profile = await registered()
    volunteer = await browser_of(built_app, actor)
    own = await calendar.make(actor, profile, None)
    campaign = await campaigns.find("2022-city")
    feed = await feed_tokens.create(SYSTEM, campaign, "city", now=moments.now())
    for role in ASKING:
        await world.browser(role, "city")
    async with read_only():
        during = await shown(world, built_app, volunteer)
        feeds = [f"/feeds/{feed}.ics", f"/feeds/volunteer/{own}.ics"]
        assert [(await world.nobody.get(each)).status_code for each in feeds] == [200, 200]
        assert await status() == "open"
    usual = await shown(world, built_app, volunteer)
    changed = {route for route in usual if usual[route] != during[route]}
    assert changed == {route for route in NOTED_FIRST if usual[route] == 200}
    assert {during[route] for route in changed} == {503}
    assert await status() == "pending"
    assert len([each for each in usual.values() if each == 200]) > 150
