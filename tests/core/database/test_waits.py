"""Whoever finds the writer, or every connection, taken is counted; nobody else."""

from __future__ import annotations

import asyncio

import pytest

from core import database
from core.database import waits


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.usefixtures("process")
async def test_only_who_finds_the_writer_taken_waits() -> None:
    held, done = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction():
            held.set()
            await done.wait()

    before = waits.WRITER.count
    first = asyncio.create_task(hold())
    await held.wait()
    assert waits.WRITER.count == before
    second = asyncio.create_task(hold())
    await asyncio.sleep(0)
    done.set()
    await asyncio.gather(first, second)
    assert waits.WRITER.count == before + 1
    assert waits.WRITER.seconds > 0


async def test_a_wait_that_is_given_up_is_counted_too() -> None:
    found = waits.Waits()
    with pytest.raises(TimeoutError), found.one():
        raise TimeoutError
    assert (found.count, found.seconds > 0) == (1, True)
