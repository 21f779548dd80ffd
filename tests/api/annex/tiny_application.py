"""A small application behind the real desk: what goes wrong with it is asked for by its address."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Stream

from api.annex import desk


@post("/echo", status_code=200)
async def echo(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What came, and who sent it."""
    told = {
        "x-path": str(request.url.path),
        "x-query": request.url.query,
        "x-pid": str(os.getpid()),
    }
    given = {"x-given": request.headers.get("x-given", ""), "x-id": request.headers["x-request-id"]}
    client = {"x-client": request.client.host if request.client else ""}
    return Response(await request.body(), headers=told | given | client)


@get("/pieces")
async def pieces(number: FromQuery[int]) -> Stream:
    """An answer in pieces."""

    async def made() -> AsyncIterator[bytes]:
        for each in range(number):
            yield b"%08d" % each * 1000

    return Stream(made())


@get("/wait")
async def wait(seconds: FromQuery[float], note: FromQuery[str] = "") -> str:
    """Take one's time, and then leave a note."""
    await asyncio.sleep(seconds)
    if note:
        await asyncio.to_thread(Path(note).touch)
    return "done"


@get("/die")
async def die() -> str:
    """End as for want of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


@get("/print")
async def speak() -> str:
    """Write where somebody forgot that it is not the terminal."""
    sys.stdout.write("anything")
    return "said"


if __name__ == "__main__":
    app = Litestar(
        [echo, pieces, wait, die, speak], request_max_body_size=None, logging_config=None
    )
    connection, most = socket.socket(fileno=os.dup(0)), int(os.environ.get("MOST", "0")) or 10**12
    asyncio.run(desk.serve(app, connection, float(sys.argv[1]), most))
