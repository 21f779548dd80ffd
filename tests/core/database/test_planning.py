"""What PostgreSQL plans for the values it is asked with, and what once for all values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from core import database
from core.database.gathered import Gathered
from core.database.planning import planned_once
from core.database.postgres_pool import Tuning

pytestmark = pytest.mark.postgres
# The server plans once for all values from the sixth use on, where that looks cheaper.
USES = 8
READ = "SELECT {alias}.n FROM (SELECT CAST(:n AS INTEGER) AS n) {alias}"


@pytest.fixture(autouse=True)
async def one_connection(postgresql_url: str) -> AsyncIterator[None]:
    """All is asked on the same connection, which is the one that remembers plans."""
    database.connect(postgresql_url, tuning=Tuning(pool_size=1))
    async with database.running():
        yield


async def plans(alias: str) -> tuple[int, int]:
    """How often the statement with that alias was planned for its values, and how often not."""
    rows = await database.fetch(
        "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = :text",
        text=READ.format(alias=alias).replace(":n", "$1"),
    )
    assert len(rows) == 1
    return rows[0]["custom_plans"], rows[0]["generic_plans"]


async def ask(alias: str) -> None:
    assert await database.fetch_value(READ.format(alias=alias), n=3) == 3


async def test_what_is_read_outside_a_unit_of_work_is_planned_for_its_values() -> None:
    for _ in range(USES):
        await ask("outside")
    assert await plans("outside") == (USES, 0)


async def test_a_long_reading_of_one_moment_is_planned_for_its_values() -> None:
    for _ in range(USES):
        async with database.snapshot():
            await ask("moment")
    assert await plans("moment") == (USES, 0)


async def test_short_lookups_and_units_of_work_are_left_to_the_server() -> None:
    async def read(questions: Sequence[str]) -> dict[str, int]:
        await ask("gathered")
        return dict.fromkeys(questions, 1)

    asked = Gathered(read)
    for _ in range(USES):
        assert await asked.ask("a") == 1
        async with database.transaction():
            await ask("unit")
        with planned_once():
            await ask("once")
    for alias in ("gathered", "unit", "once"):
        custom, generic = await plans(alias)
        assert generic > 0
        assert custom + generic == USES


async def test_what_comes_between_others_is_planned_as_if_it_were_alone() -> None:
    for _ in range(USES):
        await ask("between")
        async with database.transaction():
            await ask("beside")
    assert await plans("between") == (USES, 0)
    assert (await plans("beside"))[1] > 0
