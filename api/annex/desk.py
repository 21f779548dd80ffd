"""The other side: answering what comes over the socket, until nothing comes any more."""

from __future__ import annotations

import asyncio
import logging
import socket
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from typing import Any

from litestar import Litestar
from litestar.types import HTTPScope, Message

from api.annex import frames
from core import allocator

log = logging.getLogger("tongxing.annex")


async def serve(app: Litestar, connection: socket.socket, idle: float) -> None:
    """Answer one request after the other; end when the server has, or after ``idle`` seconds.

    The server waits for "taken" before it relies on us, so nothing is lost when a request arrives
    just as this ends.
    """
    async with app.lifespan():
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            with suppress(frames.EndedError, TimeoutError):
                while True:
                    scope = await asyncio.wait_for(frames.receive(reader), idle)
                    await frames.send(writer, {"type": "taken"})
                    await _answer(app, scope, reader, writer)
                    allocator.give_back()
        finally:
            writer.close()


async def _answer(
    app: Litestar, scope: frames.Message, reader: StreamReader, writer: StreamWriter
) -> None:
    """Answer one request. Raises EndedError when it fails, or is given up as the server is gone."""
    parts = [await frames.receive(reader)]
    while parts[-1].get("more_body"):
        parts.append(await frames.receive(reader))
    parts.reverse()

    async def receive() -> Any:
        if parts:
            return parts.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        last = message["type"] == "http.response.body" and not message.get("more_body")
        if last:
            gone.cancel()  # the next request may follow at once
        await frames.send(writer, message)
        if last:
            answered.set()

    answered = asyncio.Event()
    asked: HTTPScope = {**scope, "state": {}}  # type: ignore[typeddict-item]
    # Nothing is sent to us before we have answered: what can be read is the end.
    gone = asyncio.ensure_future(reader.read(1))
    work = asyncio.ensure_future(app(asked, receive, send))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not gone.cancelled() and gone.done():
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
