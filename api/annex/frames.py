"""ASGI's own messages between two processes: each as msgpack, after its length."""

from __future__ import annotations

import struct
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Mapping
from typing import Any, Final

import msgspec

LENGTH: Final = struct.Struct(">I")
# What of a request's scope says what is asked, and by whom; the rest belongs to one process.
ASKED: Final = (
    "type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string",
    "root_path", "headers", "client", "server",
)  # fmt: skip
Message = dict[str, Any]


class EndedError(ConnectionError):
    """The other process is gone."""


async def send(writer: StreamWriter, message: Mapping[str, Any]) -> None:
    """Send one message, as fast as it is taken. Raises EndedError."""
    packed = msgspec.msgpack.encode(message)
    try:
        writer.write(LENGTH.pack(len(packed)))
        writer.write(packed)
        await writer.drain()
    except ConnectionError:
        raise EndedError from None


async def receive(reader: StreamReader) -> Message:
    """The next message. Raises EndedError."""
    try:
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        message: Message = msgspec.msgpack.decode(await reader.readexactly(length))
    except (IncompleteReadError, ConnectionError):
        raise EndedError from None
    for name in ("headers", "client", "server"):  # msgpack knows lists alone
        if isinstance(message.get(name), list):
            message[name] = _tuples(message[name])
    return message


def _tuples(listed: list[Any]) -> Any:
    pairs = [tuple(each) if isinstance(each, list) else each for each in listed]
    return pairs if all(isinstance(each, tuple) for each in pairs) else tuple(pairs)
