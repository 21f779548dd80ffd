"""The one database of a process: readers and a writer, units of work inside one another, lists."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from core import database
from core.database import DatabaseAddressError

ERRORS = database.UNREACHABLE
WRITERS = 40


class UndoneError(Exception):
    """Raised on purpose, to leave a unit of work."""


async def undone(*numbers: int, error: bool = True) -> None:
    """Add these in a unit of work, then leave it by an error."""
    async with database.transaction():
        for number in numbers:
            await add(number)
        if error:
            raise UndoneError


def left_over(before: set[threading.Thread]) -> list[str]:
    """Names of threads that are there still, some seconds after their work ended."""
    new = set(threading.enumerate()) - before
    for thread in new:
        thread.join(5)
    return [thread.name for thread in new if thread.is_alive()]


@pytest.fixture
async def numbers(database_url: str) -> AsyncIterator[None]:
    """An open database with a table ``numbers``, on each engine in turn."""
    database.connect(database_url)
    async with database.running():
        await database.execute(
            "CREATE TABLE numbers (id INTEGER PRIMARY KEY, name VARCHAR(9) NOT NULL, n BIGINT)"
        )
        yield


async def add(number: int, name: str = "x", n: int | None = 0) -> None:
    await database.execute(
        "INSERT INTO numbers (id, name, n) VALUES (:id, :name, :n)", id=number, name=name, n=n
    )


async def ids() -> list[int]:
    return [row["id"] for row in await database.fetch("SELECT id FROM numbers ORDER BY id")]


@pytest.mark.parametrize(
    "address",
    ["", "tongxing.db", "mysql://a/b", "sqlite://t.db", "sqlite:///", "postgresql://[::1/x",
     "postgresql://host:port/x"],
)  # fmt: skip
def test_an_address_of_nothing_that_we_know_is_refused(address: str) -> None:
    with pytest.raises(DatabaseAddressError):
        database.connect(address)


def test_an_address_may_have_blanks_and_chinese_in_it(tmp_path: Path) -> None:
    async def work() -> None:
        async with database.running():
            await database.execute("CREATE TABLE t (id INTEGER)")

    database.connect(f"sqlite:///{tmp_path}/%E6%95%B0%20%E6%8D%AE/库 1.db")
    asyncio.run(work())
    assert (tmp_path / "数 据" / "库 1.db").is_file()


async def test_values_come_back_as_they_went_in(numbers: None) -> None:
    """On both engines alike: numbers, text, days, moments, truth, nothing."""
    moment = "TIMESTAMP WITH TIME ZONE" if database.is_postgresql() else "TIMESTAMPTZ"
    await database.execute(
        f"CREATE TABLE kinds (a BIGINT, b VARCHAR(50), c DATE, d {moment}, e BOOLEAN, f BIGINT)"
    )
    row: dict[str, Any] = {
        "a": 10**15,
        "b": "汉字 😀 ' \" :b",
        "c": date(2026, 5, 17),
        "d": datetime(2026, 5, 17, 1, 2, 3, 456789, tzinfo=UTC),
        "e": True,
        "f": None,
    }
    sql = "INSERT INTO kinds (a, b, c, d, e, f) VALUES (:a, :b, :c, :d, :e, :f)"
    await database.execute(sql, **row)
    assert await database.fetch_one("SELECT * FROM kinds") == row


async def test_lists_stand_for_their_members(numbers: None) -> None:
    await database.execute_many(
        "INSERT INTO numbers (id, name, n) VALUES (:id, :name, 0)",
        [{"id": number, "name": f"n{number}"} for number in range(1, 6)],
    )
    found = "SELECT id FROM numbers WHERE id IN (:ids) AND name NOT IN (:ids_not) ORDER BY id"
    rows = await database.fetch(found, ids=[1, 2, 5], ids_not=("n2", "n4"))
    assert [row["id"] for row in rows] == [1, 5]
    none = "SELECT id FROM numbers WHERE id IN (:ids)"
    assert await database.fetch(none, ids=[]) == []
    twice = "SELECT id FROM numbers WHERE id IN (:ids) OR n IN (:ids) ORDER BY id"
    assert [row["id"] for row in await database.fetch(twice, ids=[0, 3])] == [1, 2, 3, 4, 5]
    many = await database.fetch(none, ids=list(range(3000)))
    assert len(many) == 5


async def test_parameters_are_no_part_of_the_statement(numbers: None) -> None:
    """Text stays text, whatever is in it; a name may stand twice; others may be given besides."""
    await add(1, "'; --")
    sql = "SELECT id FROM numbers WHERE name = :name OR name = :name"
    assert await database.fetch_value(sql, name="'; --", unused=7) == 1
    assert await database.fetch_value(sql, name=":name") is None


async def test_one_row_one_value_or_none(numbers: None) -> None:
    assert await database.fetch_one("SELECT id FROM numbers") is None
    assert await database.fetch_value("SELECT id FROM numbers") is None
    await add(3)
    assert await database.fetch_one("SELECT id, n FROM numbers") == {"id": 3, "n": 0}
    made = "INSERT INTO numbers (id, name) VALUES (4, 'y') RETURNING id"
    assert await database.fetch_value(made) == 4
    assert await ids() == [3, 4]


async def test_a_unit_of_work_stands_or_falls_as_a_whole(numbers: None) -> None:
    async with database.transaction():
        await add(1)
        await add(2)
        assert database.in_transaction()
    with pytest.raises(UndoneError):
        await undone(3)
    with pytest.raises(ERRORS):
        await undone(4, 1)
    assert not database.in_transaction()
    assert await ids() == [1, 2]


async def test_an_inner_unit_falls_alone(numbers: None) -> None:
    async def two() -> None:
        async with database.transaction():
            await add(2)
            await undone(3, error=False)
            raise UndoneError

    async with database.transaction():
        await add(1)
        with pytest.raises(UndoneError):
            await two()
        # A statement that failed spoils no more than its own unit.
        with pytest.raises(ERRORS):
            await undone(1)
        await undone(4, error=False)
    assert await ids() == [1, 4]


async def test_an_outer_unit_takes_the_inner_ones_with_it(numbers: None) -> None:
    async def outer() -> None:
        async with database.transaction():
            await undone(1, error=False)
            raise UndoneError

    with pytest.raises(UndoneError):
        await outer()
    assert await ids() == []


async def test_a_batch_stands_or_falls_as_a_whole(numbers: None) -> None:
    sql = "INSERT INTO numbers (id, name) VALUES (:id, :name)"
    with pytest.raises(ERRORS):
        await database.execute_many(sql, [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}])
    assert await ids() == []
    await database.execute_many(sql, [])
    await database.execute_many(sql, [{"id": n, "name": "a", "more": 1} for n in (1, 2)])
    assert await ids() == [1, 2]


async def test_many_writers_lose_nothing(numbers: None) -> None:
    """Each in a task and a unit of work of its own, with a pause in the middle."""
    await add(1)

    async def one(number: int) -> None:
        async with database.transaction():
            await database.execute("UPDATE numbers SET n = n + 1 WHERE id = 1")
            await asyncio.sleep(0)
            await add(100 + number)

    await asyncio.gather(*(one(number) for number in range(WRITERS)))
    assert await database.fetch_value("SELECT n FROM numbers WHERE id = 1") == WRITERS
    assert len(await ids()) == WRITERS + 1


async def test_writers_that_fail_let_the_others_go_on(numbers: None) -> None:
    async def one(number: int) -> None:
        async with database.transaction():
            await add(number)
            if number % 2:
                raise UndoneError

    outcomes = await asyncio.gather(*(one(n) for n in range(WRITERS)), return_exceptions=True)
    assert sum(isinstance(outcome, UndoneError) for outcome in outcomes) == WRITERS // 2
    assert await ids() == list(range(0, WRITERS, 2))


async def test_a_writer_that_is_cancelled_lets_the_others_go_on(numbers: None) -> None:
    """While it works and while it waits for its turn."""
    entered = asyncio.Event()

    async def holds() -> None:
        async with database.transaction():
            await add(1)
            entered.set()
            await asyncio.sleep(60)

    working = asyncio.create_task(holds())
    await entered.wait()
    waiting = asyncio.create_task(holds())
    await asyncio.sleep(0.05)
    for task in (waiting, working):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(10), database.transaction():
        await add(2)
    assert await ids() == [2]


async def test_readers_see_what_was_there_while_somebody_writes(numbers: None) -> None:
    await add(1)
    written, read = asyncio.Event(), asyncio.Event()

    async def writes() -> None:
        async with database.transaction():
            await add(2)
            assert await ids() == [1, 2]
            written.set()
            await read.wait()

    writing = asyncio.create_task(writes())
    await written.wait()
    async with asyncio.timeout(10):
        assert [await ids() for _ in range(20)] == [[1]] * 20
    read.set()
    await writing
    assert await ids() == [1, 2]


async def test_more_readers_than_connections_take_turns(numbers: None) -> None:
    await add(1)
    async with asyncio.timeout(30):
        found = await asyncio.gather(*(ids() for _ in range(200)))
    assert found == [[1]] * 200


async def test_statements_are_told_to_whoever_watches(numbers: None) -> None:
    told: list[str] = []
    async with database.watching(told.append):
        await ids()
        await database.execute_many("INSERT INTO numbers (id, name) VALUES (:id, 'x')", [{"id": 1}])
    await ids()
    assert [statement.split()[0] for statement in told] == ["SELECT", "INSERT"]


async def test_readers_of_sqlite_cannot_write(sqlite_url: str) -> None:
    """A statement that only looks like reading is refused, not run beside the writer."""
    database.connect(sqlite_url)
    async with database.running():
        await database.execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY)")
        with pytest.raises(ERRORS, match="readonly"):
            await database.execute(
                "WITH one AS (SELECT 1 AS id) INSERT INTO numbers SELECT id FROM one"
            )
        assert await database.fetch("SELECT * FROM numbers") == []


async def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    database.connect(f"sqlite:///{file}")
    async with database.running():
        await database.execute("CREATE TABLE a (id INTEGER PRIMARY KEY)")
        modes = [path.stat().st_mode & 0o777 for path in (file, tmp_path / "new.db-wal")]
    assert modes == [0o600, 0o600]


async def test_references_hold_on_sqlite(sqlite_url: str) -> None:
    database.connect(sqlite_url)
    async with database.running():
        await database.execute("CREATE TABLE a (id INTEGER PRIMARY KEY)")
        await database.execute("CREATE TABLE b (a INTEGER REFERENCES a (id))")
        with pytest.raises(ERRORS, match="FOREIGN KEY"):
            await database.execute("INSERT INTO b VALUES (1)")


@pytest.mark.parametrize("synchronous", ["NORMAL", "FULL"])
async def test_sqlite_runs_as_the_settings_say(synchronous: str, sqlite_url: str) -> None:
    database.connect(sqlite_url, synchronous=synchronous)
    async with database.running():
        async with database.transaction():
            value = await database.fetch_value("PRAGMA synchronous")
        assert value == {"NORMAL": 1, "FULL": 2}[synchronous]
        assert await database.fetch_value("PRAGMA journal_mode") == "wal"


async def test_a_durable_transaction_waits_for_the_disk(sqlite_url: str) -> None:
    database.connect(sqlite_url)
    async with database.running():
        for fails in (False, True):
            with contextlib.suppress(LookupError):
                async with database.transaction(durable=True):
                    assert await database.fetch_value("PRAGMA synchronous") == 2
                    if fails:
                        raise LookupError
            async with database.transaction():
                assert await database.fetch_value("PRAGMA synchronous") == 1


async def test_two_processes_worth_of_writers_wait_for_one_another(sqlite_url: str) -> None:
    """Another connection of its own to the same file holds it for a while."""
    import aiosqlite

    database.connect(sqlite_url)
    async with database.running():
        await database.execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY)")
        path = str(database.engine().path)  # type: ignore[union-attr]
        async with aiosqlite.connect(path, isolation_level=None) as other:
            await other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(database.execute("INSERT INTO numbers VALUES (1)"))
            await asyncio.sleep(0.2)
            assert not writing.done()
            await other.execute("COMMIT")
            async with asyncio.timeout(10):
                await writing
        assert await database.fetch_value("SELECT id FROM numbers") == 1


def test_no_thread_and_no_connection_is_left(database_url: str) -> None:
    """However it ended: well, with an error inside, or without having started."""
    before = set(threading.enumerate())

    async def well() -> None:
        async with database.running():
            await asyncio.gather(*(database.fetch("SELECT 1") for _ in range(20)))

    async def badly() -> None:
        async with database.running(), database.transaction():
            raise UndoneError

    for work in (well, badly, well):
        database.connect(database_url)
        with contextlib.suppress(UndoneError):
            asyncio.run(work())
    assert left_over(before) == []


def test_no_thread_is_left_by_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    file.write_bytes(b"no database" * 500)
    before = set(threading.enumerate())

    async def work() -> None:
        async with database.running():
            raise AssertionError("it opened")

    database.connect(f"sqlite:///{file}")
    with pytest.raises(ERRORS):
        asyncio.run(work())
    assert left_over(before) == []
