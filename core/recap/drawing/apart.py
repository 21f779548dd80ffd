"""Charts drawn beside the server, in one process that is there while charts are asked for.

What draws takes 70 MB once it is loaded, and a chart could be such that drawing it never ends or
ends its process. So a server holds a ``Draughtsman``: several who ask wait in one queue, what was
drawn is kept by what it was drawn from, and what cannot be drawn is left out, for every chart
stands beside its table. Where there is none, in commands and where files are made, the process
draws itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from core.recap.drawing import charts
from core.recap.drawing.charts import WIDTH_MM, Drawing, Drawings, Numbers
from core.recap.drawing.desk import asked
from core.recap.model import Chart
from core.settings import ROOT

COMMAND: tuple[str, ...] = (sys.executable, "-m", "core.recap.drawing.desk")
MOST_KEPT = 8_000_000  # bytes of pictures
_PIPE_BYTES = 1 << 20
log = logging.getLogger("tongxing.drawing")

_current: Draughtsman | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take, in seconds.

    ``one`` is for a chart, the start of the process with it; ``page`` for all that somebody waits
    for; ``idle`` is how long the process stays without work; ``again`` how long a chart that could
    not be drawn is not tried again.
    """

    one: float = 10.0
    page: float = 20.0
    idle: float = 60.0
    again: float = 60.0


class _NoAnswerError(Exception):
    """The process ended before it answered."""


class Draughtsman:
    """Has charts drawn, one after the other; see the module's docstring."""

    def __init__(self, command: Sequence[str] = COMMAND, patience: Patience = Patience()) -> None:
        self._command = (*command, str(patience.idle))
        self._patience = patience
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._under_way: dict[Numbers, asyncio.Task[Drawing | None]] = {}
        self._kept: OrderedDict[Numbers, Drawing] = OrderedDict()
        self._weight = 0
        self._failed: dict[Numbers, float] = {}

    async def drawn(self, wanted: Iterable[Numbers]) -> Drawings:
        """The charts that can be drawn while one waits; those that take longer are kept later."""
        found: dict[Numbers, Drawing] = {}
        tasks: dict[Numbers, asyncio.Task[Drawing | None]] = {}
        for numbers in wanted:
            if (kept := self._kept.get(numbers)) is not None:
                self._kept.move_to_end(numbers)
                found[numbers] = kept
            elif not self._gave_up(numbers):
                tasks[numbers] = self._begun(numbers)
        if tasks:
            await asyncio.wait(tasks.values(), timeout=self._patience.page)
        for numbers, task in tasks.items():
            if task.done() and not task.cancelled() and (drawing := task.result()) is not None:
                found[numbers] = drawing
        return found

    def _gave_up(self, numbers: Numbers) -> bool:
        """Whether a chart has just failed: it would hold up everybody who opens its page."""
        now = asyncio.get_running_loop().time()
        self._failed = {each: until for each, until in self._failed.items() if until > now}
        return numbers in self._failed

    def _begun(self, numbers: Numbers) -> asyncio.Task[Drawing | None]:
        task = self._under_way.get(numbers)
        if task is None:
            task = self._under_way[numbers] = asyncio.create_task(self._draw(numbers))
            task.add_done_callback(lambda _: self._under_way.pop(numbers, None))
        return task

    async def _draw(self, numbers: Numbers) -> Drawing | None:
        async with self._turn:
            try:
                async with asyncio.timeout(self._patience.one):
                    drawing = await self._asked_twice(numbers)
            except Exception as error:  # noqa: BLE001 — whatever it is, the table stands there
                log.warning("a chart could not be drawn: %s", str(error) or type(error).__name__)
                self._failed[numbers] = asyncio.get_running_loop().time() + self._patience.again
                await self._end()
                return None
            except asyncio.CancelledError:
                await self._end()
                raise
            self._keep(drawing)
            return drawing

    async def _asked_twice(self, numbers: Numbers) -> Drawing:
        """Ask; once more where the process had just ended, as it does when it has no work."""
        had_one = self._process is not None
        try:
            return await self._asked(numbers)
        except (_NoAnswerError, OSError):
            if not had_one:
                raise
            await self._end()
            return await self._asked(numbers)

    async def _asked(self, numbers: Numbers) -> Drawing:
        process = await self._running()
        if process.stdin is None or process.stdout is None:
            raise _NoAnswerError
        process.stdin.write(asked(numbers))
        await process.stdin.drain()
        head = await process.stdout.readline()
        if not head.endswith(b"\n"):
            raise _NoAnswerError("the process that draws has ended")
        answer = json.loads(head)
        if "fault" in answer:
            raise ValueError(answer["fault"])
        try:
            svg = await process.stdout.readexactly(answer["size"])
        except asyncio.IncompleteReadError:
            raise _NoAnswerError("the process that draws has ended") from None
        return Drawing(svg, WIDTH_MM, answer["height"], numbers)

    async def _running(self) -> Process:
        if self._process is not None and self._process.returncode is not None:
            await self._end()
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                cwd=ROOT,
                limit=_PIPE_BYTES,
                start_new_session=True,  # Ctrl+C in the server's terminal is the server's alone
            )
        return self._process

    async def _end(self) -> None:
        """End the process: what it was drawing is of no use to anybody."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def _keep(self, drawing: Drawing) -> None:
        self._kept[drawing.of] = drawing
        self._weight += len(drawing.svg)
        while self._weight > MOST_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._weight -= len(oldest.svg)

    async def stop(self) -> None:
        """Draw no more; the process is gone when this ends."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._end()


@asynccontextmanager
async def drawing(
    command: Sequence[str] = COMMAND, patience: Patience = Patience()
) -> AsyncIterator[Draughtsman]:
    """A draughtsman for ``drawn``; at the end its process is ended too."""
    global _current  # noqa: PLW0603 — one a server process
    draughtsman = _current = Draughtsman(command, patience)
    try:
        yield draughtsman
    finally:
        _current = None
        await draughtsman.stop()


async def drawn(wanted: Iterable[Chart]) -> Drawings:
    """Charts by what they are drawn from: by the draughtsman, or here where there is none."""
    all_of = {charts.numbers_of(chart): chart for chart in wanted}
    if _current is not None:
        return await _current.drawn(all_of)
    return await asyncio.to_thread(
        lambda: {numbers: charts.draw(chart) for numbers, chart in all_of.items()}
    )
