"""Asking the application in this process: server time, from the ASGI call to the last byte."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Litestar

from app import create_app
from bench.databases import settings_for
from core import database, moments
from core.process import Process, opened
from core.sessions import open_session


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and the seconds until its last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class Browser:
    """Somebody who has signed in."""

    def __init__(self, app: Litestar, cookie: str) -> None:
        """``cookie`` is the value of the header."""
        self.app = app
        self.headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]

    async def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        """One GET; raises RuntimeError for an answer that is neither 200 nor 304."""
        path, _, query = address.partition("?")
        more = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": quote(path).encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [*self.headers, *more],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
            "state": {},
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        started = time.perf_counter()
        await self.app(scope, receive, send)  # type: ignore[arg-type]
        seconds = time.perf_counter() - started
        body = b"".join(message.get("body", b"") for message in sent[1:])
        if sent[0]["status"] not in (200, 304):
            raise RuntimeError(f"{address}: {sent[0]['status']} {body[:500]!r}")
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, body, seconds)


@asynccontextmanager
async def serving(folder: Path, url: str) -> AsyncIterator[tuple[Litestar, Process]]:
    """The application on a database that is brought up to date."""
    settings = settings_for(folder, url)
    app = create_app(settings)
    async with opened(settings, migrate=True) as process:
        app.state["process"] = process
        yield app, process


async def signed_in(app: Litestar, role: str, office: str) -> Browser:
    """A browser of a new account with that role at an office of that key."""
    now = moments.now()
    account = await database.fetch_value(
        "INSERT INTO account (name, display_name, password_hash, active, failures, created_at)"
        " VALUES (:name, '', '', :active, 0, :now) RETURNING id",
        name=f"{role}-{office}",
        active=True,
        now=now,
    )
    await database.execute(
        "INSERT INTO account_grant (account, role, organisation)"
        " SELECT :account, :role, id FROM organisation WHERE key = :office",
        account=account,
        role=role,
        office=office,
    )
    return Browser(app, f"session={await open_session(int(account), now)}")
