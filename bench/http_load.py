"""``python -m bench.http_load PORT FILE``: send prebuilt requests as fast as they are answered.

FILE is a JSON document of requests as text, one list a connection. Every connection stays open and
has one request under way. A client of its own, because a general one costs more than the server
that it measures.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

HOST = "127.0.0.1"
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
GOOD = b'"accepted"'


@dataclass(frozen=True, slots=True)
class Sent:
    """Seconds from the first request to the last answer, and what was answered.

    ``accepted`` counts punches; ``refused`` the first answers that were no 200, as text.
    """

    seconds: float
    accepted: int
    refused: list[str]
    slowest: float


class Connection(asyncio.Protocol):
    """One kept connection: the next request follows the answer to the last."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        """Send ``requests`` in their order, from ``begin`` on."""
        self._requests = iter(requests)
        self._received = b""
        self._at = 0.0
        self.done = asyncio.get_running_loop().create_future()
        self.accepted = 0
        self.slowest = 0.0
        self.refused: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport

    def begin(self) -> None:
        """Send the next request, or be done."""
        following = next(self._requests, None)
        if following is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._at = time.perf_counter()
        self._transport.write(following)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Take an answer once it is whole."""
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = LENGTH.search(self._received, 0, head)
        if length is None or len(self._received) < head + 4 + int(length[1]):
            return
        answer, self._received = self._received, b""
        self.slowest = max(self.slowest, time.perf_counter() - self._at)
        self.accepted += answer.count(GOOD)
        if not answer.startswith(b"HTTP/1.1 200") and len(self.refused) < 3:
            self.refused.append(answer.decode())
        self.begin()

    def connection_lost(self, error: Exception | None) -> None:
        """End the run when the server hangs up."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError("the server hung up"))


async def send(port: int, requests: Sequence[Sequence[bytes]]) -> Sent:
    """Every list on a connection of its own, all at once."""
    loop = asyncio.get_running_loop()
    connections = []
    for each in requests:
        _, made = await loop.create_connection(lambda each=each: Connection(each), HOST, port)  # type: ignore[misc]
        connections.append(made)
        await asyncio.sleep(0.005)  # several processes share the port: let each take some
    started = time.perf_counter()
    for made in connections:
        made.begin()
    await asyncio.gather(*(made.done for made in connections))
    seconds = time.perf_counter() - started
    return Sent(
        seconds,
        sum(made.accepted for made in connections),
        [text for made in connections for text in made.refused][:3],
        max(made.slowest for made in connections),
    )


def main(port: int, file: Path) -> None:
    """Send what the file holds and print the outcome as JSON."""
    listed = json.loads(file.read_text(encoding="utf-8"))
    requests = [[text.encode() for text in each] for each in listed]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(asdict(runner.run(send(port, requests)))))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
