"""The server's side: handing a request over, and starting and ending the process that answers it.

Requests go over one after the other, each as fast as the machine allows: a body is taken in before
its turn comes and an answer is sent out after it is over, so that a slow telephone holds up nobody.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from litestar.types import HTTPScope, Message, Receive, Send

from api.annex import frames
from api.annex.spool import Spool
from api.kit.measuring import HEADER
from api.kit.meters import FOLDER
from api.kit.problems import Problem
from core.database import capacity
from core.settings import ROOT, Settings

COMMAND: Final[tuple[str, ...]] = (sys.executable, str(ROOT / "app.py"), "annex")
AGAIN_AFTER: Final = 10
INTERRUPTED: Final = (
    "处理大文件的程序意外中断了（可能是内存不够）。刚才如果提交了内容，请先看看有没有存上，"
    "再决定是否重新提交；仍不成功请联系管理员。"
)
TOO_LONG: Final = (
    "内容太多，很久没有处理完，已停止。刚才如果提交了内容，请先看看有没有存上；请分成几份再试。"
)
log = logging.getLogger("tongxing.annex")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: ``one`` for a request, ``idle`` until a process without work ends."""

    one: float = 600.0
    idle: float = 60.0


@dataclass(frozen=True, slots=True)
class Annexed:
    """A running process, and the way to it."""

    process: Process
    reader: StreamReader
    writer: StreamWriter


class Porter:
    """Has requests answered beside the server, one at a time."""

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] = COMMAND,
        patience: Patience = Patience(),
    ) -> None:
        # The server has counted and allowed what it hands over.
        given = replace(settings, pool_size=min(capacity.LARGE, settings.pool_size), limit_factor=0)
        self._environment = {**os.environ, **given.as_environment()}
        self._environment.pop(FOLDER, None)
        self._command = (*command, str(patience.idle))
        self._patience = patience
        self._turn = asyncio.Lock()
        self._annexed: Annexed | None = None

    @property
    def pid(self) -> int | None:
        """The process beside this one, while there is one."""
        return self._annexed.process.pid if self._annexed else None

    async def carry(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises Problem when nobody answers it, OSError for a full disk."""
        with Spool() as given, Spool() as answer:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                given.add(message["body"])  # type: ignore[typeddict-item]
                if not message.get("more_body"):
                    break
            async with self._turn:
                start = await self._answered(scope, given, answer)
            await send(start)
            for body, more in answer.pieces():
                await send({"type": "http.response.body", "body": body, "more_body": more})

    async def _answered(self, scope: HTTPScope, given: Spool, answer: Spool) -> Message:
        """The start of the answer; its body is put into ``answer``."""
        try:
            async with asyncio.timeout(self._patience.one):
                annexed = await self._taken(scope)
                for body, more in given.pieces():
                    part = {"type": "http.request", "body": body, "more_body": more}
                    await frames.send(annexed.writer, part)
                return await _read(annexed.reader, answer)
        except frames.EndedError:
            await self._gave_up("the process for large requests has ended before it answered")
            raise Problem(503, "interrupted", INTERRUPTED, again_after=AGAIN_AFTER) from None
        except TimeoutError:
            await self._gave_up("a large request took too long")
            raise Problem(503, "too_long", TOO_LONG) from None
        except BaseException:
            await self._end()  # whatever it is doing, nobody reads its answer any more
            raise

    async def _gave_up(self, reason: str) -> None:
        log.error("%s", reason)
        await self._end()

    async def _taken(self, scope: HTTPScope) -> Annexed:
        """A process that has begun with the request; a new one when there is none.

        One without work ends by itself, maybe just now. Until it says that it has taken a request
        nothing is done, and another may be asked.
        """
        had_one = self._annexed is not None
        try:
            return await self._begun(scope)
        except frames.EndedError:
            if not had_one:
                raise
            await self._end()
            return await self._begun(scope)

    async def _begun(self, scope: HTTPScope) -> Annexed:
        if self._annexed is None:
            self._annexed = await self._started()
        asked: frames.Message = {name: scope[name] for name in frames.ASKED if name in scope}
        known = scope.get("state", {}).get("request_id", "").encode()
        others = [(name, value) for name, value in scope["headers"] if name != HEADER]
        asked["headers"] = [*others, (HEADER, known)]
        await frames.send(self._annexed.writer, asked)
        await frames.receive(self._annexed.reader)
        return self._annexed

    async def _started(self) -> Annexed:
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=theirs.fileno(),
                stdout=DEVNULL,
                env=self._environment,
                start_new_session=True,  # Ctrl+C in the server's terminal is the server's alone
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours)
        return Annexed(process, reader, writer)

    async def _end(self) -> None:
        annexed, self._annexed = self._annexed, None
        if annexed is None:
            return
        with suppress(ProcessLookupError):
            annexed.process.kill()
        annexed.writer.close()
        await annexed.process.wait()

    async def stop(self) -> None:
        """End the process, whatever it does: what was not answered is not done."""
        await self._end()


async def _read(reader: StreamReader, answer: Spool) -> Message:
    start: Message | None = None
    while True:
        message = await frames.receive(reader)
        if message["type"] == "http.response.start":
            message["headers"] = [each for each in message["headers"] if each[0] != HEADER]
            start = message  # type: ignore[assignment]
            continue
        answer.add(message.get("body", b""))
        if not message.get("more_body"):
            if start is None:
                raise frames.EndedError
            return start


_current: Porter | None = None


def current() -> Porter | None:
    """The porter of this process; None where requests are answered by whoever gets them."""
    return _current


@contextmanager
def known(porter: Porter) -> Iterator[None]:
    """Make this porter the ``current`` one until the block ends."""
    global _current  # noqa: PLW0603 — one a server process
    before, _current = _current, porter
    try:
        yield
    finally:
        _current = before


@asynccontextmanager
async def carrying(settings: Settings) -> AsyncIterator[Porter]:
    """A porter that is known; at the end its process is ended too."""
    porter = Porter(settings)
    try:
        with known(porter):
            yield porter
    finally:
        await porter.stop()
