"""Writes that can wait: what is shown goes on without them where nothing can be written.

A full disk or a database that only reads must not keep anybody from looking.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from core import database
from core.database.faults import fault_of

# What one request finds out, the next need not wait for.
PAUSE_SECONDS = 30.0
# By what is written: in which database, and until when nobody tries.
_not_before: dict[str, tuple[object, float]] = {}
log = logging.getLogger("tongxing.database")


async def attempt(what: str, write: Callable[[], Awaitable[Any]]) -> bool:
    """Do a write that can wait, unless it failed a moment ago; whether it was done.

    It may not be done when the database or its disk cannot do it, which is logged; any other error
    is raised, and inside a unit of work every one, since the unit is lost with it.
    """
    engine = database.engine()
    where, not_before = _not_before.get(what, (None, 0.0))
    if where is engine and time.monotonic() < not_before:
        return False
    try:
        await write()
    except database.UNREACHABLE as error:
        fault = fault_of(error)
        if fault is None or database.in_transaction():
            raise
        _not_before[what] = engine, time.monotonic() + PAUSE_SECONDS
        log.warning("%s: put off: %s: %s", what, fault.code, type(error).__name__)
        return False
    return True
