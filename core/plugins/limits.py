"""Limits of time for code that is not ours: a plugin that hangs does not hang the server.

Two ways to hang are met. One that waits for ever is cancelled, and cancelled again, and at last
closed by force. One that never gives the event loop back (a loop without end, ``time.sleep``, a
library that waits for a network) stops everybody, so a thread watches how long each single step of
such code takes, and interrupts the main thread in it. A call into C that does not return cannot be
interrupted.
"""

from __future__ import annotations

import asyncio
import math
import signal
import threading
import time
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

Answer = TypeVar("Answer")
# How long cancelled code may take to tidy up (a transaction is rolled back) before it is closed.
GRACE_SECONDS = 3.0
LOOK_SECONDS = 0.25
# Every request renews its time once or more; to a part of a second it need not be exact.
RENEWED_EVERY = 0.25


class TookTooLongError(TimeoutError):
    """Code that is not ours was stopped: its time was over."""


class _StoppedError(BaseException):
    """Raised in the middle of code that blocks; no ``except Exception`` keeps it from ending."""


class _Watch:
    """Interrupts a step of the main thread that takes too long."""

    def __init__(self) -> None:
        self.until: float | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> bool:
        """Watch from now on; False where nothing can be interrupted: in any but the main thread."""
        if threading.current_thread() is not threading.main_thread():
            return False
        if self._thread is None:
            signal.signal(signal.SIGALRM, self._stop)
            self._thread = threading.Thread(target=self._look, name="plugin watch", daemon=True)
            self._thread.start()
        return True

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            if (until := self.until) is not None and time.monotonic() > until:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)

    def _stop(self, _: int, _frame: types.FrameType | None) -> None:
        # Looked at once more: the step may have ended while the signal was on its way.
        if self.until is not None and time.monotonic() > self.until:
            raise _StoppedError


_watch = _Watch()


def one_step(work: Callable[[], Answer], seconds: float) -> Answer:
    """What ``work``, which does not wait for the event loop, gives within so many seconds.

    Within another step the earlier end counts. In any but the main thread there is no limit.
    Raises TookTooLongError when it is stopped.
    """
    if not _watch.start():
        return work()
    before, until = _watch.until, time.monotonic() + seconds
    try:
        try:
            _watch.until = until if before is None else min(before, until)
            return work()
        finally:
            _watch.until = before
    except _StoppedError:
        raise TookTooLongError from None


class Allowance:
    """The time that some work has: ``renew`` lets it begin anew, ``lift`` takes the limit away.

    ``step`` is how long it may keep the event loop to itself; as long as all of it by default.
    """

    def __init__(self, seconds: float, *, step: float | None = None) -> None:
        self.seconds = seconds
        self.step = seconds if step is None else step
        self._ends = asyncio.timeout(seconds), asyncio.timeout(seconds + GRACE_SECONDS)
        self._renewed = time.monotonic()
        self._closes_at = self._renewed + seconds + GRACE_SECONDS

    def renew(self) -> None:
        """Let it have the whole time again from now on."""
        moment = time.monotonic()
        if moment - self._renewed < min(RENEWED_EVERY, self.seconds / 4):
            return
        self._renewed = moment
        now = asyncio.get_running_loop().time()
        self._end_at(now + self.seconds, moment + self.seconds + GRACE_SECONDS)

    def lift(self) -> None:
        """Let it take as long as it likes; a single step that blocks is stopped all the same."""
        self._end_at(None, math.inf)

    def _end_at(self, first: float | None, closes_at: float) -> None:
        if self.is_over():
            return
        self._closes_at = closes_at
        self._ends[0].reschedule(first)
        self._ends[1].reschedule(None if first is None else first + GRACE_SECONDS)

    def is_over(self) -> bool:
        """Whether the work was told to end."""
        return any(each.expired() for each in self._ends)

    async def run(self, work: Awaitable[Answer]) -> Answer:
        """What ``work`` gives. Raises TookTooLongError."""
        first, last = self._ends
        try:
            async with last, first:
                found: Answer = await _Driven(_awaited(work), self)
                return found
        except TimeoutError:
            if self.is_over():
                raise TookTooLongError from None
            raise  # one of its own

    def must_close(self) -> bool:
        """Whether cancelling has had its time, too."""
        return time.monotonic() >= self._closes_at


class _Driven:
    """A coroutine whose every step is watched, and which is closed once its time is long over."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], allowance: Allowance) -> None:
        self._coroutine = coroutine
        self._allowance = allowance

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[], Any] = partial(self._coroutine.send, None)
        while True:
            try:
                waited_for = one_step(step, self._allowance.step)
            except StopIteration as end:
                return end.value
            try:
                step = partial(self._coroutine.send, (yield waited_for))
            except GeneratorExit:
                self._coroutine.close()
                raise
            except BaseException as error:
                if self._allowance.must_close():
                    with suppress(RuntimeError):  # it refuses even this
                        self._coroutine.close()
                    raise
                step = partial(self._coroutine.throw, error)


async def within(work: Awaitable[Answer], seconds: float) -> Answer:
    """What ``work`` gives, within so many seconds. Raises TookTooLongError.

    It runs in the caller's task, so that a transaction stays the caller's, and it is over when this
    returns: nothing of it goes on.
    """
    return await Allowance(seconds).run(work)


async def _awaited(work: Awaitable[Answer]) -> Answer:
    return await work
