"""Knowing early that the process is to stop: before its requests are waited for."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def told_to_stop(act: Callable[[], None]) -> Iterator[None]:
    """Call ``act`` in the running loop as soon as the process is told to stop.

    Whoever handled the signal before handles it then. It is for what would never end by itself, a
    stream: the server waits for its requests before the application's own end is reached.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        handler: Any = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    handled = [number for number in SIGNALS if callable(before[number])]
    for number in handled:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, before[number])


def stop_well(_: int, __: FrameType | None) -> NoReturn:
    """End with status 0: what a service does that was asked to stop, and has."""
    raise SystemExit(0)
