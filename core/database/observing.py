"""Telling observers every statement that ran, and how long it took."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that ran: its text, how often, and the seconds until its answer was there.

    ``values`` are its parameters (of a batch: the first row's). They may hold personal data: never
    write them to a log. ``rows`` is the number of rows read, or the size of a batch.
    """

    sql: str
    values: Mapping[str, Any]
    seconds: float
    rows: int
    failed: bool = False


observers: list[Callable[[Statement], object]] = []


def tell(
    sql: str, values: Mapping[str, Any], started: float, rows: int, *, failed: bool = False
) -> None:
    """Tell all observers of a statement that began at ``started`` (``time.perf_counter``)."""
    statement = Statement(sql, values, time.perf_counter() - started, rows, failed)
    for observer in observers:
        observer(statement)


@contextmanager
def telling(sql: str, batch: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Tell them of a batch that runs inside; of its values the first row's."""
    started = time.perf_counter()
    try:
        yield
    except BaseException:
        tell(sql, batch[0], started, len(batch), failed=True)
        raise
    tell(sql, batch[0], started, len(batch))


@contextmanager
def observing(observer: Callable[[Statement], object]) -> Iterator[None]:
    """Tell ``observer`` every statement run through core/database.py once it has run."""
    observers.append(observer)
    try:
        yield
    finally:
        observers.remove(observer)


@asynccontextmanager
async def watching(watcher: Callable[[str], object]) -> AsyncIterator[None]:
    """Tell ``watcher`` the text of every such statement: for tests."""
    with observing(lambda statement: watcher(statement.sql)):
        yield
