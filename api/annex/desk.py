"""The other side: answering what comes over the socket, until nothing comes any more."""

from __future__ import annotations

import asyncio
import logging
import socket
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from typing import Any, Final

from litestar import Litestar
from litestar.types import HTTPScope, Message

from api.annex import frames
from api.annex.spool import PIECE
from api.kit import states
from core import allocator

# Some 115 MB with nothing but the application, 150 with what spreadsheets need.
MOST_RESIDENT: Final = 170_000_000
log = logging.getLogger("tongxing.annex")


async def serve(
    app: Litestar, connection: socket.socket, idle: float, most: int = MOST_RESIDENT
) -> None:
    """Answer one request after the other; end when the server has, or after ``idle`` seconds.

    Also when more than ``most`` bytes of memory are left in use: what large documents leave behind
    lies in pieces between what stays, and would add up. The server waits for "taken" before it
    relies on us, so nothing is lost when a request arrives just as this ends.
    """
    async with app.lifespan():
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            with suppress(frames.EndedError, TimeoutError):
                resident = 0
                while resident <= most:
                    scope = await asyncio.wait_for(frames.receive(reader), idle)
                    await frames.send(writer, {"type": "taken"})
                    await _answer(app, scope, reader, writer)
                    allocator.give_back()
                    resident = states.resident_bytes()
        finally:
            writer.close()


class _Exchange:
    """One request and its answer, as the application sees them."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._parts: list[frames.Message] = []
        self._answered = asyncio.Event()

    async def take_in(self) -> None:
        """Read all of the body."""
        self._parts.append(await frames.receive(self._reader))
        while self._parts[-1].get("more_body"):
            self._parts.append(await frames.receive(self._reader))
        self._parts.reverse()
        # Nothing is sent to us before we have answered: what can be read is the end.
        self.gone = asyncio.ensure_future(self._reader.read(1))

    async def receive(self) -> Any:
        """The body part by part; then nothing, until the answer is out."""
        if self._parts:
            return self._parts.pop()
        await self._answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on, in pieces so small that the server never holds much."""
        if message["type"] != "http.response.body":
            await frames.send(self._writer, message)
            return
        body, last = message.get("body", b""), not message.get("more_body")
        if last:
            self.gone.cancel()  # the next request may follow at once
        for start in range(0, max(len(body), 1), PIECE):
            more = not last or start + PIECE < len(body)
            part = {**message, "body": body[start : start + PIECE], "more_body": more}
            await frames.send(self._writer, part)
        if last:
            self._answered.set()


async def _answer(
    app: Litestar, scope: frames.Message, reader: StreamReader, writer: StreamWriter
) -> None:
    """Answer one request. Raises EndedError when it fails, or is given up as the server is gone."""
    exchange = _Exchange(reader, writer)
    await exchange.take_in()
    asked: HTTPScope = {**scope, "state": {}}  # type: ignore[typeddict-item]
    gone = exchange.gone
    work = asyncio.ensure_future(app(asked, exchange.receive, exchange.send))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done() and not gone.cancelled():
            raise frames.EndedError
        await work
    except frames.EndedError:
        raise
    except Exception as error:  # noqa: BLE001 — whatever it is, the server tells people
        log.error("a large request failed: %s", type(error).__name__)  # noqa: TRY400 — no values
        raise frames.EndedError from None
    finally:
        work.cancel()
        gone.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)
