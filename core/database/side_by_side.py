"""Reading several things of a report at once, where that is safe."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from core import database

Answer = TypeVar("Answer")
Prepared = TypeVar("Prepared")
Work = Callable[[], Awaitable[Answer]]
# As many long statements run at once in a process: a reader stays free for everybody else.
AT_ONCE = 2
_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def side_by_side(works: Sequence[Work[Answer]]) -> list[Answer]:
    """What the works give, in their order: all at once, but one by one in a unit of work.

    The first that fails ends the others, and its error is raised.
    """
    if len(works) < 2 or database.in_transaction():
        return [await work() for work in works]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_awaited(work)) for work in works]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


async def _awaited(work: Work[Answer]) -> Answer:
    return await work()


async def meanwhile(
    asked: Coroutine[Any, Any, Answer], prepare: Callable[[], Prepared]
) -> tuple[Answer, Prepared]:
    """What is asked of the database, and what ``prepare`` computes while it is busy with that.

    Also in a unit of work. Whichever fails, nothing is under way any more when its error is raised.
    """
    asking = asyncio.create_task(asked)
    try:
        await asyncio.sleep(0)  # its first statement is on its way
        prepared = prepare()
    except BaseException:
        asking.cancel()
        await asyncio.wait([asking])
        raise
    return await asking, prepared


async def in_turn(work: Work[Answer]) -> Answer:
    """What a long statement gives; it waits while AT_ONCE others run, unless in a unit of work."""
    if database.in_transaction():
        return await work()
    loop = asyncio.get_running_loop()
    async with _rooms.setdefault(loop, asyncio.Semaphore(AT_ONCE)):
        return await work()
