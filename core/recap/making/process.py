"""Making files of recaps in a process of their own, so that a big one never slows the server.

The server holds a ``Supervisor``: it takes what is queued, one after the other, starts a process
for each and watches over it. That process runs ``carry_out``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from core import campaigns, moments, office_observances
from core import process as running_process
from core.database.faults import fault_of
from core.permissions import Actor
from core.recap.making import queue as rendering_queue
from core.recap.making.files import File, Maker, make
from core.recap.making.renderings import Rendering
from core.refusals import Missing, Refusal
from core.settings import ROOT, Settings

# What follows "--" is never taken for an option: a key may begin with a hyphen.
COMMAND: tuple[str, ...] = (sys.executable, str(ROOT / "app.py"), "render", "--")
BEAT_SECONDS = 10.0
LOOK_SECONDS = 20.0
LONGEST_SECONDS = 30 * 60.0
ORPHAN_SECONDS = 2.0
GRACE_SECONDS = 5.0
ENDED = "生成文件的程序意外中断了（可能是内存不够），请再试一次；仍不成功请联系管理员。"
TOO_LONG = "半小时还没有生成完，已停止。请换一个下级单位分别生成，或联系管理员。"
BROKEN = "生成文件时出了差错，请再试一次；仍不成功请联系管理员查看服务日志。"
log = logging.getLogger("tongxing.renderings")

_current: Supervisor | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the supervisor tells that a process lives and looks for new work, in seconds."""

    beat: float = BEAT_SECONDS
    look: float = LOOK_SECONDS
    longest: float = LONGEST_SECONDS


class Supervisor:
    """Works off the queue, one process at a time, until it is cancelled."""

    def __init__(
        self, settings: Settings, command: Sequence[str] = COMMAND, pace: Pace = Pace()
    ) -> None:
        self._environment = {**os.environ, **settings.as_environment()}
        self._command = tuple(command)
        self._pace = pace
        self._wanted = asyncio.Event()
        self._listening = rendering_queue.Listening()

    def wake(self) -> None:
        """Say that there is something in the queue."""
        self._wanted.set()

    async def run(self) -> None:
        """Go on for ever; what goes wrong is logged and tried again later."""
        while True:
            self._wanted.clear()
            try:
                while (key := await self._next()) is not None:
                    await self._see_through(key)
            except Exception:
                log.exception("the queue of renderings cannot be worked off")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), self._pace.look)

    async def _next(self) -> str | None:
        silent = await self._listening.silent()
        for lost in await rendering_queue.clear_up(moments.now(), silent):
            log.warning("rendering %s was given up: its process tells nothing any more", lost)
        return await rendering_queue.claim()

    async def _see_through(self, key: str) -> None:
        """Start the process of one and wait for its end, whichever that is."""
        child = await asyncio.create_subprocess_exec(
            *self._command,
            key,
            str(os.getpid()),
            stdin=DEVNULL,
            stdout=DEVNULL,
            env=self._environment,
            start_new_session=True,  # Ctrl+C in the server's terminal is the server's alone
        )
        try:
            sentence = await self._watch(child, key)
        except asyncio.CancelledError:
            await _end(child)
            await asyncio.shield(rendering_queue.put_back(key))
            raise
        await rendering_queue.fail(key, sentence)

    async def _watch(self, child: Process, key: str) -> str:
        """Wait for the end; gives the sentence for a rendering that is not done by then."""
        clock = asyncio.get_running_loop().time
        until = clock() + self._pace.longest
        while clock() < until:
            with suppress(TimeoutError):
                status = await asyncio.wait_for(child.wait(), self._pace.beat)
                if status:
                    log.error("the process of rendering %s ended with status %s", key, status)
                return ENDED
            await rendering_queue.beat(key)
        log.error("rendering %s took too long", key)
        await _end(child)
        return TOO_LONG


async def _end(child: Process) -> None:
    """End a process, kindly first."""
    for ask in (child.terminate, child.kill):
        with suppress(ProcessLookupError):
            ask()
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), GRACE_SECONDS)
            return


@asynccontextmanager
async def supervising(
    settings: Settings, command: Sequence[str] = COMMAND, pace: Pace = Pace()
) -> AsyncIterator[Supervisor]:
    """A supervisor at work, known to ``wake``; at the end its process is ended too."""
    global _current  # noqa: PLW0603 — one supervisor a server process
    supervisor = _current = Supervisor(settings, command, pace)
    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        _current = None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def wake() -> None:
    """Let the queue be looked at now; without a supervisor in this process, nothing happens."""
    if _current is not None:
        _current.wake()


async def carry_out(key: str, server: int, process: running_process.Process) -> None:
    """Make one file, in the process that was started for it; whatever fails is told people.

    ``server`` is the number of the process that has started this one.
    """
    rendering = await rendering_queue.running(key)
    lonely = asyncio.create_task(_end_without(server))
    try:
        await rendering_queue.finish(key, await _made(rendering, process))
    except (Refusal, Missing) as refusal:
        await rendering_queue.fail(key, f"{str(refusal).rstrip('。')}。")
    except Exception as error:
        log.exception("rendering %s failed", key)
        fault = fault_of(error)
        await rendering_queue.fail(key, fault.sentence if fault else BROKEN)
    finally:
        lonely.cancel()


async def _made(rendering: Rendering, process: running_process.Process) -> File:
    async def told(step: str) -> None:
        await rendering_queue.advance(rendering.key, step)

    maker = Maker(
        plugins=process.plugins,
        catalogue=await office_observances.joined(process.catalogue),
        actor=Actor(rendering.actor, rendering.actor, rendering.account, (), "session"),
        base_url=rendering.base_url,
        told=told,
    )
    campaign = await campaigns.find(rendering.campaign)
    return await make(maker, campaign, rendering.organisation, rendering.form, rendering.version)


async def _end_without(server: int) -> None:
    """End at once when the server is gone without having ended us."""
    while os.getppid() == server:  # noqa: ASYNC110 — nobody tells us, it has to be looked up
        await asyncio.sleep(ORPHAN_SECONDS)
    os._exit(1)
