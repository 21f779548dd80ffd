"""Work that the database asks to be done again.

Where transactions are kept apart strictly (``SERIALIZABLE``), or wait for one another in a circle,
PostgreSQL ends one of them and expects its client to begin anew. That is right for a whole unit of
work and for nothing less, and only while nothing of the work has been committed.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

Answer = TypeVar("Answer")
# SQLSTATE 40001 and 40P01: nothing was written, the same again may well succeed.
AGAIN: tuple[type[Exception], ...] = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
# Seconds: after how long nobody waits any more, and how the pause between attempts grows. It is
# drawn between nothing and its limit, so that two who were in each other's way meet no more.
GIVEN_UP_AFTER = 20.0
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.5


@dataclass(slots=True)
class _Unit:
    """Work that is being tried; ``written`` once something of it is committed."""

    written: bool = False


_unit: ContextVar[_Unit | None] = ContextVar("unit_of_work", default=None)


def note_written() -> None:
    """Tell that something was committed: what led to it is not tried again."""
    unit = _unit.get()
    if unit is not None:
        unit.written = True


async def repeated(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """What ``work`` gives, tried until the database lets it through.

    ``work`` is called outside any transaction and must not mind being called again: whatever it
    changes besides the database it sets anew. Raises the database's error after the last attempt,
    or when a part of the work was committed before another part failed.
    """
    until = time.monotonic() + GIVEN_UP_AFTER
    pause = FIRST_PAUSE
    outer = _unit.get()
    while True:
        unit = _Unit()
        token = _unit.set(unit)
        try:
            return await work()
        except AGAIN:
            if unit.written or time.monotonic() > until:
                raise
        finally:
            _unit.reset(token)
            if unit.written and outer is not None:
                outer.written = True
        await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 — a pause, not a secret
        pause = min(2 * pause, LONGEST_PAUSE)
