"""A server of the application on a port of its own, and connections to it byte by byte."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from litestar import Litestar

from api.kit import serving

HOST = b"Host: localhost\r\n"
# So that a test does not wait as long as a village's telephone line may take.
HASTY = serving.Limits(
    head_seconds=0.4,
    body_seconds=0.4,
    writing_seconds=0.4,
    lingering_seconds=0.5,
    connections=20,
)


class HastyProtocol(serving.Protocol):
    """The protocol with little patience."""

    limits = HASTY


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def sentence(self) -> str:
        """What the problem says."""
        return str(json.loads(self.body)["detail"])


class Wire:
    """A connection; ``said`` is all that came so far and was not read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Send bytes, as far as the other side still takes them."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError:
            pass

    async def answer(self) -> Told:
        """Read one answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        headers = {n.lower(): v for n, v in (line.split(": ", 1) for line in lines)}
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await self.reader.readline(), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        else:
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Told(int(first.split()[1]), headers, body)

    async def rest(self) -> bytes:
        """Everything until the other side closes."""
        try:
            return await asyncio.wait_for(self.reader.read(), 10)
        except ConnectionError:
            return b""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    server: uvicorn.Server

    @asynccontextmanager
    async def wire(self) -> AsyncIterator[Wire]:
        """A connection, closed at the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Wire(reader, writer)
        finally:
            writer.transport.abort()

    async def ask(self, data: bytes) -> Told:
        """Send bytes on a connection of their own and read one answer."""
        async with self.wire() as wire:
            await wire.send(data)
            return await wire.answer()

    async def get(self, path: str, *headers: bytes) -> Told:
        """Ask for a path exactly as it is written."""
        lines = b"".join(header + b"\r\n" for header in headers)
        return await self.ask(b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST + lines + b"\r\n")

    def connections(self) -> int:
        """How many it holds."""
        return len(self.server.server_state.connections)


@asynccontextmanager
async def listening(
    app: Litestar, protocol: type[serving.Protocol] = HastyProtocol, **options: Any
) -> AsyncIterator[Server]:
    """A server of the application, whose database is open already."""
    given = {**serving.options(), "http": protocol, **options}
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical", **given)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield Server(server.servers[0].sockets[0].getsockname()[1], server)
    finally:
        server.should_exit = True
        server.force_exit = True
        await task


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that tells nobody."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 — the server has no event for it
            await asyncio.sleep(0.01)


def words(text: str) -> bool:
    """Whether it says something in Chinese."""
    return re.search(r"[\u4e00-\u9fff]{4}", text) is not None
