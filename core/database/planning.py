"""Whether PostgreSQL plans a statement for the values that it is asked with, or once for all.

After five uses a prepared statement is planned once for all values. Nobody then knows that the city
has 2,000 offices below it where a village has none: four are assumed, and lists of thousands are
met with each other row by row. So what is read outside a unit of work is planned each time, which
takes some tenths of a millisecond. The short look-ups by key that every request asks, and units of
work, are left to the server's own rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_once: ContextVar[bool] = ContextVar("planned_once", default=False)


@contextmanager
def planned_once() -> Iterator[None]:
    """Leave the planning of what is read inside to the server: look-ups that read a few rows."""
    before = _once.set(True)
    try:
        yield
    finally:
        _once.reset(before)


def is_planned_anew() -> bool:
    """Whether a statement that reads is to be planned for its values here."""
    return not _once.get()
