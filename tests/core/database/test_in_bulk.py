"""Many rows at once: the same on both engines, in their order, undone with their unit of work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from core import database
from core.database import Statement
from core.database.faults import fault_of
from core.database.inserting import insert_many
from core.database.side_by_side import meanwhile
from core.database.updating import MANY, update_many

MOMENT = datetime(2026, 5, 17, 8, 30, tzinfo=UTC)
TYPES = {"name": "text", "at": "timestamptz", "amount": "bigint"}


@pytest.fixture
async def table(database_url: str) -> AsyncIterator[None]:
    """Things with a number of their own, in a database of either engine."""
    database.connect(database_url)
    async with database.running():
        number = (
            "BIGSERIAL PRIMARY KEY" if database.is_postgresql() else "INTEGER PRIMARY KEY NOT NULL"
        )
        await database.execute(
            f"CREATE TABLE thing (id {number}, name VARCHAR(20) UNIQUE, at TIMESTAMPTZ,"
            " amount BIGINT, note TEXT NOT NULL DEFAULT 'new')"
        )
        yield


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"name": f"东西{number}", "at": MOMENT, "amount": number} | more


async def stored() -> list[tuple[Any, ...]]:
    rows = await database.fetch("SELECT name, amount, note FROM thing ORDER BY id")
    return [tuple(each.values()) for each in rows]


@pytest.mark.usefixtures("table")
async def test_rows_are_added_in_their_order_with_the_defaults_of_the_table() -> None:
    many = [row(number, amount=None if number % 7 == 0 else number) for number in range(300)]
    async with database.transaction():
        await insert_many("thing", many)
        await insert_many("thing", [])
        assert len(await stored()) == 300  # the unit of work sees them
    await insert_many("thing", [row(300)])  # a unit of its own
    await insert_many("thing", [{"name": "只有名称"}])
    expected = [(each["name"], each["amount"], "new") for each in [*many, row(300)]]
    assert await stored() == [*expected, ("只有名称", None, "new")]
    at = await database.fetch_value("SELECT at FROM thing WHERE amount = 1")
    assert (at if isinstance(at, datetime) else datetime.fromisoformat(at)) == MOMENT


@pytest.mark.usefixtures("table")
async def test_what_the_table_refuses_is_raised_and_nothing_of_the_unit_stands() -> None:
    async def unit() -> None:
        async with database.transaction():
            await insert_many("thing", [row(1), row(2)])
            await insert_many("thing", [row(3), row(1)])

    with pytest.raises(database.UNREACHABLE) as told:
        await unit()
    assert fault_of(told.value) is None  # a broken rule, not a database that is gone
    assert await stored() == []
    async with database.transaction():
        await insert_many("thing", [row(1)])
    assert len(await stored()) == 1


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("count", [3, MANY])
async def test_rows_change_each_to_values_of_its_own(count: int) -> None:
    await insert_many("thing", [row(number) for number in range(count + 1)])
    ids = [each["id"] for each in await database.fetch("SELECT id FROM thing ORDER BY id")]
    changed = [
        row(number, id=ids[number], name=f"改{number}", amount=None if number == 1 else -number)
        for number in range(count)
    ]
    async with database.transaction():
        await update_many("thing", TYPES, changed, "note = 'changed'")
        await update_many("thing", TYPES, [])
    expected = [(each["name"], each["amount"], "changed") for each in changed]
    assert await stored() == [*expected, (f"东西{count}", count, "new")]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("count", [3, MANY])
async def test_whoever_listens_is_told_one_statement_with_its_rows(count: int) -> None:
    heard: list[Statement] = []
    await insert_many("thing", [row(MANY)])
    with database.observing(heard.append):
        async with database.transaction():
            await insert_many("thing", [row(number) for number in range(count)])
            await update_many("thing", TYPES, [row(n, id=n + 2) for n in range(count)])
        with pytest.raises(database.UNREACHABLE):
            await alike(count)
    told = [(each.sql.split()[0], each.rows, each.failed) for each in heard]
    assert told == [("INSERT", count, False), ("UPDATE", count, False), ("UPDATE", count, True)]


async def alike(count: int) -> None:
    async with database.transaction():
        await update_many("thing", TYPES, [row(MANY, id=n + 2) for n in range(count)])


@pytest.mark.usefixtures("table")
async def test_what_is_prepared_meanwhile_is_given_too_and_its_failure_ends_the_statement() -> None:
    def fails() -> None:
        raise LookupError

    async def unit() -> None:
        async with database.transaction():
            await meanwhile(insert_many("thing", [row(n) for n in range(1000)]), fails)

    async with database.transaction():
        asked = database.fetch_value("SELECT COUNT(*) FROM thing")
        assert await meanwhile(asked, lambda: "ready") == (0, "ready")
    with pytest.raises(database.UNREACHABLE):
        await meanwhile(database.execute("SELECT nothing FROM nowhere"), lambda: "ready")
    with pytest.raises(LookupError):
        await unit()
    await insert_many("thing", [row(0)])  # the connection is free and the unit undone
    assert len(await stored()) == 1


@pytest.mark.usefixtures("table")
async def test_one_who_hangs_up_leaves_a_usable_connection() -> None:
    async def work() -> None:
        async with database.transaction():
            await insert_many("thing", [row(number) for number in range(20_000)])

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await insert_many("thing", [row(-1)])
    assert len(await stored()) in (1, 20_001)
