"""Every request named, measured and logged, before the router sees it.

A middleware would stand behind the router and miss unknown addresses; so it is the application
itself that does it. What it costs is a few microseconds a request.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import (
    HTTPScope,
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Message,
    Receive,
    Scope,
    Send,
)

from api.kit import meters, states
from core import database
from core.database import Statement
from core.logs import OWN, Passage, passage
from core.slow_statements import SlowStatements

HEADER = b"x-request-id"
# What a proxy gives: nginx's $request_id or a UUID. Anything freer could hold a citizen's number.
GIVEN = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STREAM = b"text/event-stream"
LOOK_SECONDS = 5.0
log = logging.getLogger("tongxing.requests")
requests = meters.Requests()


class MeasuredApplication(Litestar):
    """Litestar, with each request's identifier in its answer, its meters and its line in the log.

    Handlers and the log find the request's ``Passage`` in ``core.logs.passage``.
    """

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer one request, or see to start and stop."""
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
            return
        asked = cast("HTTPScope", scope)
        method = asked["method"] if asked["method"] in meters.METHODS else "other"
        under_way = Passage(identifier(asked["headers"]), method, asked)
        # Where the rest of the application looks for it: api.kit.requests.request_id.
        asked.setdefault("state", {})["request_id"] = under_way.request_id
        answer = _Answer(send, under_way.request_id.encode())  # type: ignore[arg-type]
        token = passage.set(under_way)
        started = time.perf_counter()
        try:
            await super().__call__(scope, receive, answer)
        finally:
            answer.ended()
            _tell(under_way, answer, time.perf_counter() - started)
            passage.reset(token)


def identifier(headers: Any) -> str:
    """The request's identifier: the one a proxy gave when it is sane, else a random one."""
    for name, value in headers:
        if name == HEADER and GIVEN.fullmatch(value):
            return str(value, "ascii")
    return os.urandom(16).hex()


class _Answer:
    """Sends an answer on with the identifier among its headers, and keeps its status."""

    __slots__ = ("_identifier", "_send", "status", "streams")

    def __init__(self, send: Send, identifier: bytes) -> None:
        self._send, self._identifier = send, identifier
        self.status, self.streams = 0, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"] = [*message["headers"], (HEADER, self._identifier)]
            for name, value in headers:
                if name == b"content-type" and value.startswith(STREAM):
                    self.streams = True
                    meters.STREAMS.inc()
        await self._send(message)

    def ended(self) -> None:
        """Nothing more is sent."""
        if self.streams:
            meters.STREAMS.dec()


def _tell(under_way: Passage, answer: _Answer, seconds: float) -> None:
    """Count and log one answer; without one (nobody waits any more) its status is 0."""
    if not answer.streams:  # how long somebody looks says nothing about how fast we are
        requests.count(under_way.method, under_way.template, answer.status, seconds)
    if log.isEnabledFor(logging.INFO):
        actor = under_way.scope.get("user")
        facts = {
            "status": answer.status,
            "milliseconds": round(seconds * 1000, 1),
            "statements": under_way.statements,
            "statement_milliseconds": round(under_way.statement_seconds * 1000, 1),
            "account": actor.account_id if actor else None,
            "via": actor.via if actor else None,
        }
        # As log.info, without looking for the line of code that calls it.
        record = logging.LogRecord(log.name, logging.INFO, "", 0, "request", (), None)
        record.facts = facts
        log.handle(record)


def observer(slow_milliseconds: int) -> Callable[[Statement], None]:
    """What looks at every statement: its request's share, its meters, and whether it was slow."""
    count = meters.Statements(slow_milliseconds)
    tell_slow = SlowStatements(slow_milliseconds)

    def observe(statement: Statement) -> None:
        under_way = passage.get()
        if under_way is not None:
            under_way.statements += 1
            under_way.statement_seconds += statement.seconds
        count(statement)
        tell_slow(statement)

    return observe


@asynccontextmanager
async def measuring(slow_milliseconds: int) -> AsyncIterator[None]:
    """Measure the database and this process while the application runs."""
    handler = meters.Records()
    logging.getLogger(OWN).addHandler(handler)
    looking = asyncio.create_task(_look())
    try:
        with database.observing(observer(slow_milliseconds)):
            yield
    finally:
        looking.cancel()
        logging.getLogger(OWN).removeHandler(handler)


async def _look() -> None:
    """Note down now and then how this process is: whichever process is asked tells of all."""
    while True:
        states.note()
        await asyncio.sleep(LOOK_SECONDS)
