"""What is kept stands as long as its state does, and is made once for all who wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

import pytest

from core import database
from core.database.side_by_side import in_turn, side_by_side
from core.kept import Kept, State, forget
from core.process import Process

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


class Source:
    """Something that changes, and how often it was computed."""

    def __init__(self) -> None:
        self.state: State = (0,)
        self.made = 0
        self.change_while_made = False

    async def read(self) -> State:
        await asyncio.sleep(0)
        return self.state

    async def make(self) -> tuple[int, Hashable]:
        self.made += 1
        number, state = self.made, self.state
        await asyncio.sleep(0.01)
        if self.change_while_made:
            self.state = (number,)
        return number, state


@pytest.mark.usefixtures("process")
async def test_a_thing_is_given_again_until_its_state_is_another() -> None:
    kept, source = Kept[tuple[int, Hashable]]("test", 10), Source()
    assert await kept.get("here", source.read, source.make) == (1, (0,))
    assert await kept.get("here", source.read, source.make) == (1, (0,))
    assert await kept.get("there", source.read, source.make) == (2, (0,))
    source.state = (1,)
    assert await kept.get("here", source.read, source.make) == (3, (1,))
    forget()
    assert await kept.get("here", source.read, source.make) == (4, (1,))


@pytest.mark.usefixtures("process")
async def test_what_changed_meanwhile_is_used_once() -> None:
    kept, source = Kept[tuple[int, Hashable]]("test", 10), Source()
    source.change_while_made = True
    assert (await kept.get("here", source.read, source.make))[0] == 1
    assert (await kept.get("here", source.read, source.make))[0] == 2
    await kept.get("here", source.read, source.make, lambda _: False)
    source.change_while_made = False
    await kept.get("here", source.read, source.make, lambda _: False)
    assert (await kept.get("here", source.read, source.make))[0] == 5


@pytest.mark.usefixtures("process")
async def test_of_many_who_ask_at_once_few_compute() -> None:
    kept, source = Kept[tuple[int, Hashable]]("test", 10), Source()
    found = await asyncio.gather(*(kept.get("here", source.read, source.make) for _ in range(20)))
    assert set(found) == {(1, (0,))}
    # While it never keeps still, those who came before a computation began share it.
    source.change_while_made = True
    source.state = (99,)
    found = await asyncio.gather(*(kept.get("here", source.read, source.make) for _ in range(20)))
    assert source.made == 2
    assert {number for number, _ in found} == {2}


@pytest.mark.usefixtures("process")
async def test_what_was_used_longest_ago_goes_when_there_is_too_much() -> None:
    kept, source = Kept[tuple[int, Hashable]]("test", 3), Source()
    for place in ("a", "b", "c", "a", "d"):
        await kept.get(place, source.read, source.make)
    assert (kept.counts.entries, kept.counts.weight, source.made) == (3, 3, 4)
    await kept.get("a", source.read, source.make)
    assert source.made == 4
    await kept.get("b", source.read, source.make)
    assert source.made == 5


@pytest.mark.usefixtures("process")
async def test_a_failure_leaves_nothing_behind_and_lets_the_next_try() -> None:
    kept, source = Kept[tuple[int, Hashable]]("test", 3), Source()

    async def fail() -> tuple[int, Hashable]:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await kept.get("here", source.read, fail)
    assert (await kept.get("here", source.read, source.make))[0] == 1


async def test_a_unit_of_work_reads_one_by_one_and_others_side_by_side(process: Process) -> None:
    assert process.plugins.keys
    running, most = 0, 0

    async def work() -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return most

    await side_by_side([work] * 5)
    assert most == 5
    most = 0
    await side_by_side([lambda: in_turn(work)] * 5)
    assert most == 2
    most = 0
    async with database.transaction():
        await side_by_side([work] * 5)
    assert most == 1


@pytest.mark.usefixtures("process")
async def test_the_first_failure_ends_the_others() -> None:
    ended = []

    async def last() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await side_by_side([last, fail])
    assert ended == [True]
