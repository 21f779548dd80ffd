"""Look-ups that are asked at the same time: one statement, and nothing older than its question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import database, sessions
from core.database.gathered import MOST, Gathered
from core.permissions import SYSTEM
from core.process import Process


@dataclass
class Shelf:
    """Something to ask, slowly: each reading waits until it is let through."""

    content: dict[str, int] = field(default_factory=dict)
    readings: list[list[str]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False

    async def read(self, questions: Sequence[str]) -> dict[str, int]:
        self.readings.append(list(questions))
        found = {each: self.content[each] for each in questions if each in self.content}
        await self.open.wait()
        if self.broken:
            raise ConnectionError("gone")
        return found


@pytest.fixture
async def connected(tmp_path: Path) -> AsyncIterator[None]:
    database.connect(f"sqlite:///{tmp_path}/t.db")
    async with database.running():
        yield


@pytest.mark.usefixtures("connected")
async def test_questions_of_one_moment_are_one_reading() -> None:
    shelf = Shelf({"a": 1, "b": 2})
    shelf.open.set()
    asked = Gathered(shelf.read)
    answers = await asyncio.gather(*(asked.ask(each) for each in ("a", "b", "a", "c")))
    assert answers == [1, 2, 1, None]
    assert shelf.readings == [["a", "b", "c"]]


@pytest.mark.usefixtures("connected")
async def test_a_question_is_not_answered_by_a_reading_begun_before_it() -> None:
    shelf = Shelf({"a": 1})
    asked = Gathered(shelf.read)
    first = asyncio.create_task(asked.ask("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert shelf.readings == [["a"]]
    shelf.content["a"] = 2
    second = asyncio.create_task(asked.ask("a"))
    await asyncio.sleep(0)
    shelf.open.set()
    assert (await first, await second) == (1, 2)
    assert shelf.readings == [["a"], ["a"]]


@pytest.mark.usefixtures("connected")
async def test_one_who_hangs_up_takes_nothing_from_the_others() -> None:
    shelf = Shelf({"a": 1})
    asked = Gathered(shelf.read)
    first, second = (asyncio.create_task(asked.ask("a")) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    shelf.open.set()
    assert await second == 1
    with pytest.raises(asyncio.CancelledError):
        await first


@pytest.mark.usefixtures("connected")
async def test_a_failed_reading_fails_its_questions_and_no_later_ones() -> None:
    shelf = Shelf({"a": 1}, broken=True)
    shelf.open.set()
    asked = Gathered(shelf.read)
    failed = await asyncio.gather(asked.ask("a"), asked.ask("b"), return_exceptions=True)
    assert [type(each) for each in failed] == [ConnectionError, ConnectionError]
    shelf.broken = False
    assert await asked.ask("a") == 1


@pytest.mark.usefixtures("connected")
async def test_many_questions_go_in_several_readings() -> None:
    shelf = Shelf({str(number): number for number in range(MOST + 1)})
    shelf.open.set()
    asked = Gathered(shelf.read)
    answers = await asyncio.gather(*(asked.ask(str(number)) for number in range(MOST + 1)))
    assert answers == list(range(MOST + 1))
    assert [len(each) for each in shelf.readings] == [MOST, 1]


async def test_requests_at_once_ask_for_their_tokens_in_one_statement(process: Process) -> None:
    office = await database.fetch_value(
        "INSERT INTO organisation (key, name, level) VALUES ('o', '市残联', 'city') RETURNING id"
    )
    now = datetime.now(UTC)
    made = [
        await sessions.create_token(SYSTEM, name, "viewer", office, now=now)
        for name in ("t-a", "t-b", "t-c")
    ]
    assert [await sessions.resolve_token(each, now) for each in made]  # their first use is noted
    told: list[str] = []
    async with database.watching(told.append):
        found = await asyncio.gather(
            *(sessions.resolve_token(each, now) for each in [*made, "tx_unknown"])
        )
    assert [each.name if each else None for each in found] == [
        "token:t-a",
        "token:t-b",
        "token:t-c",
        None,
    ]
    assert len(told) == 1


async def test_inside_a_unit_of_work_its_own_writes_are_seen(process: Process) -> None:
    office = await database.fetch_value(
        "INSERT INTO organisation (key, name, level) VALUES ('o', '市残联', 'city') RETURNING id"
    )
    now = datetime.now(UTC)
    async with database.transaction():
        token = await sessions.create_token(SYSTEM, "t-a", "viewer", office, now=now)
        assert await sessions.resolve_token(token, now)
        await sessions.revoke_token(SYSTEM, "t-a", now)
        assert await sessions.resolve_token(token, now) is None
