"""PostgreSQL as it is in earnest: connections that run out, break off, and units begun anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from core import database
from core.database import retrying
from core.database.faults import BUSY, fault_of
from core.database.postgres_engine import PooledPostgresEngine
from core.database.postgres_pool import PoolExhaustedError, Tuning

pytestmark = pytest.mark.postgres
WRITERS = 12
Opened = Callable[..., Awaitable[PooledPostgresEngine]]


@pytest.fixture
async def opened(postgresql_url: str) -> AsyncIterator[Opened]:
    """``await opened(pool_size=1)``: the test's database with a table of numbers, tuned so."""
    bare = await asyncpg.connect(postgresql_url)
    await bare.execute(
        "CREATE TABLE numbers (id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0,"
        " up INTEGER REFERENCES numbers DEFERRABLE INITIALLY DEFERRED)"
    )
    await bare.execute("INSERT INTO numbers (id) VALUES (1), (2)")
    await bare.close()

    async def make(**tuning: object) -> PooledPostgresEngine:
        engine = database.connect(postgresql_url, tuning=Tuning(**tuning))  # type: ignore[arg-type]
        assert isinstance(engine, PooledPostgresEngine)
        await database.start()
        return engine

    yield make
    await database.stop()


async def number(row: int = 1) -> int:
    found = await database.fetch_value("SELECT n FROM numbers WHERE id = :id", id=row)
    return int(found)


async def strictly(url: str) -> None:
    """Make SERIALIZABLE what every transaction of this database is."""
    connection = await asyncpg.connect(url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(
        f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'serializable'"
    )
    await connection.close()


async def test_whoever_finds_no_connection_waits_so_long_and_no_longer(opened: Opened) -> None:
    await opened(pool_size=2, turn=0.2)
    holding, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction():
            holding.set()
            await go_on.wait()

    held = [asyncio.create_task(hold()) for _ in range(2)]
    await holding.wait()
    async with asyncio.timeout(5):
        with pytest.raises(PoolExhaustedError) as told:
            await number()
        assert fault_of(told.value) is BUSY  # which is answered 503
        with pytest.raises(PoolExhaustedError):
            async with database.transaction():
                raise AssertionError("it began")
    go_on.set()
    await asyncio.gather(*held)
    assert await asyncio.gather(*(number() for _ in range(20))) == [0] * 20


async def test_a_connection_is_given_back_however_its_unit_of_work_ends(opened: Opened) -> None:
    """Of one connection: a commit that fails, a broken connection, a cancelled beginning."""
    await opened(pool_size=1, turn=2.0)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with database.transaction():
            await database.execute("UPDATE numbers SET up = 99 WHERE id = 1")
    assert not database.in_transaction()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        async with database.transaction():
            await database.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert not database.in_transaction()
    async with database.transaction():
        waiting = asyncio.create_task(number())
        await asyncio.sleep(0.05)
        waiting.cancel()
    async with asyncio.timeout(5):
        assert await number() == 0


async def test_what_is_asked_of_a_lost_connection_is_asked_again(
    opened: Opened, postgresql_url: str
) -> None:
    """A question is; what writes is not, for nobody knows whether it was written."""
    await opened(pool_size=3)
    bare = await asyncpg.connect(postgresql_url)

    async def cut() -> None:
        await bare.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'tongxing' AND pid <> pg_backend_pid()"
        )

    async def cut_meanwhile() -> None:
        await asyncio.sleep(0.1)
        await cut()

    assert await number() == 0
    await cut()
    assert await asyncio.gather(*(number() for _ in range(6))) == [0] * 6
    await cut()
    async with database.transaction():
        assert await number() == 0
    asked = database.fetch_value("SELECT n FROM numbers, pg_sleep(0.3) WHERE id = 1")
    assert (await asyncio.gather(asked, cut_meanwhile()))[0] == 0
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await asyncio.gather(
            database.execute("UPDATE numbers SET n = n + 1 FROM pg_sleep(0.3) WHERE id = 1"),
            cut_meanwhile(),
        )
    assert await number() == 0
    await bare.close()


async def test_a_statement_may_take_so_long_and_an_import_longer(opened: Opened) -> None:
    engine = await opened(statement=1)
    with pytest.raises(asyncpg.QueryCanceledError):
        await database.fetch("SELECT pg_sleep(5)")
    async with database.transaction():
        await database.allow_long()
        assert await database.fetch_value("SELECT 1 FROM pg_sleep(1.2)") == 1
    # The next who has the connection has the usual limit again.
    assert await database.fetch_value("SHOW statement_timeout") == "1s"
    patient = engine.tuning.patient().connecting()["server_settings"]
    assert (patient["statement_timeout"], patient["application_name"]) == ("0s", "tongxing command")


async def test_nothing_of_a_session_is_left_to_the_next_who_has_its_connection(
    opened: Opened,
) -> None:
    await opened(pool_size=1)
    async with database.transaction():
        await database.execute("SELECT pg_advisory_xact_lock(7)")
        await database.execute("SET LOCAL lock_timeout = '9s'")
    assert await database.fetch("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'") == []
    assert await database.fetch_value("SHOW lock_timeout") == "30s"


async def test_units_of_work_that_could_not_stand_together_are_begun_anew(
    opened: Opened, postgresql_url: str
) -> None:
    """Under SERIALIZABLE, read and then write: nothing is lost, and nobody is told of it."""
    await strictly(postgresql_url)
    await opened()
    tried = 0

    @database.retried
    async def count() -> None:
        nonlocal tried
        async with database.transaction():
            tried += 1
            found = await number()
            await asyncio.sleep(0.005)
            await database.execute("UPDATE numbers SET n = :n WHERE id = 1", n=found + 1)

    await asyncio.gather(*(count() for _ in range(WRITERS)))
    assert await number() == WRITERS
    assert tried > WRITERS


async def test_statements_by_themselves_are_begun_anew_too(
    opened: Opened, postgresql_url: str
) -> None:
    await strictly(postgresql_url)
    await opened()
    add = "UPDATE numbers SET n = n + 1 FROM pg_sleep(0.01) WHERE id = 1"
    await asyncio.gather(*(database.execute(add) for _ in range(WRITERS)))
    assert await number() == WRITERS


async def test_two_who_wait_for_each_other_both_come_to_an_end(opened: Opened) -> None:
    await opened()
    together = asyncio.Barrier(2)
    tried = 0

    @database.retried
    async def both(first: int, second: int) -> None:
        nonlocal tried
        tried += 1
        async with database.transaction():
            await database.execute("UPDATE numbers SET n = n + 1 WHERE id = :id", id=first)
            if tried <= 2:
                await together.wait()
            await database.execute("UPDATE numbers SET n = n + 1 WHERE id = :id", id=second)

    async with asyncio.timeout(20):
        await asyncio.gather(both(1, 2), both(2, 1))
    assert (await number(1), await number(2)) == (2, 2)
    assert tried == 3


async def test_what_was_committed_in_part_is_not_done_twice(opened: Opened) -> None:
    await opened()
    tried = 0

    async def work() -> None:
        nonlocal tried
        tried += 1
        async with database.transaction():
            await database.execute("UPDATE numbers SET n = n + 1 WHERE id = 1")
        async with database.transaction():
            raise asyncpg.SerializationError("could not serialize")

    with pytest.raises(asyncpg.SerializationError):
        await database.repeated(work)
    assert (tried, await number()) == (1, 1)


async def test_a_part_that_is_begun_anew_counts_for_the_whole(opened: Opened) -> None:
    """A part that committed after a second attempt keeps the whole from a second one."""
    await opened()
    tried = {"part": 0, "whole": 0}

    async def part() -> None:
        tried["part"] += 1
        async with database.transaction():
            await database.execute("UPDATE numbers SET n = n + 1 WHERE id = 1")
            if tried["part"] == 1:
                raise asyncpg.DeadlockDetectedError("deadlock detected")

    async def whole() -> None:
        tried["whole"] += 1
        await database.repeated(part)
        raise asyncpg.SerializationError("could not serialize")

    with pytest.raises(asyncpg.SerializationError):
        await database.repeated(whole)
    assert (tried, await number()) == ({"part": 2, "whole": 1}, 1)


async def test_it_is_not_tried_for_ever(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened()
    monkeypatch.setattr(retrying, "GIVEN_UP_AFTER", 0.1)

    async def never() -> None:
        raise asyncpg.SerializationError("could not serialize")

    async with asyncio.timeout(10):
        with pytest.raises(asyncpg.SerializationError):
            await database.repeated(never)


async def test_what_follows_a_commit_follows_it_once(opened: Opened) -> None:
    """And nothing follows what was undone."""
    await opened()
    seen: list[tuple[str, int]] = []

    def noting(name: str) -> Callable[[], Awaitable[None]]:
        async def note() -> None:
            assert not database.in_transaction()
            seen.append((name, await number()))

        return note

    async with database.transaction():
        await database.execute("UPDATE numbers SET n = 5 WHERE id = 1")
        async with database.transaction():
            await database.afterwards("a", noting("a"))
        await database.afterwards("a", noting("a"))
        assert seen == []

    async def undone() -> None:
        async with database.transaction():
            await database.afterwards("b", noting("b"))
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    await database.afterwards("c", noting("c"))
    assert seen == [("a", 5), ("c", 5)]
