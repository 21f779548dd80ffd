"""Conditional requests: what has not changed is not sent again.

Every JSON answer to a GET gets a strong ETag of its bytes, and a handler may set ``ETag`` and
``Last-Modified`` itself (feeds, files); a matching ``If-None-Match`` or ``If-Modified-Since`` is
answered 304. Handlers need do nothing.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, cast

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

KEPT_WITH_304 = frozenset({"etag", "last-modified", "cache-control", "vary", "set-cookie"})


def strong_etag(body: bytes) -> str:
    """The ETag of exactly these bytes, in its quotes."""
    return tagged(hashlib.sha256(body))


def tagged(digest: hashlib._Hash) -> str:
    """The ETag of bytes by their SHA-256."""
    return f'"{digest.hexdigest()[:32]}"'


def http_date(moment: datetime) -> str:
    """``Sun, 15 May 2022 01:00:00 GMT`` of an aware moment."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def is_unchanged(given: Headers, etag: str | None, last_modified: str | None) -> bool:
    """Whether the asker has this already (RFC 9110, 13.2.2: the ETag goes before the date)."""
    wanted = given.get("if-none-match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return etag is not None and ("*" in tags or etag.removeprefix("W/") in tags)
    since, modified = _moment(given.get("if-modified-since")), _moment(last_modified)
    return since is not None and modified is not None and modified <= since


class ConditionalAnswers(ASGIMiddleware):
    """Tag and compare the answers to GET and HEAD that can be compared; leave streams alone."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Hold the start of an answer back until its body tells its ETag."""
        if scope["type"] != ScopeType.HTTP or scope["method"] not in {"GET", "HEAD"}:
            await next_app(scope, receive, send)
            return
        held: list[HTTPResponseStartEvent] = []

        async def compare(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                held.append(message)
                return
            if held:
                start = held.pop()
                if await _answered_unchanged(scope, start, cast("dict[str, Any]", message), send):
                    return
                await send(start)
            await send(message)

        await next_app(scope, receive, compare)


async def _answered_unchanged(
    scope: Scope, start: HTTPResponseStartEvent, message: dict[str, Any], send: Send
) -> bool:
    """Tag a whole JSON body, and answer 304 in its place when the asker has it."""
    headers = MutableScopeHeaders.from_message(start)
    whole = message["type"] == "http.response.body" and not message.get("more_body")
    if not whole:
        return False
    if "etag" not in headers and headers.get("content-type", "").startswith("application/json"):
        headers["etag"] = strong_etag(message["body"])
        headers.setdefault("cache-control", "private, no-cache")
    etag, modified = headers.get("etag"), headers.get("last-modified")
    if not is_unchanged(Headers.from_scope(scope), etag, modified):
        return False
    kept = [(name, value) for name, value in start["headers"] if name.decode() in KEPT_WITH_304]
    await send({"type": "http.response.start", "status": 304, "headers": kept})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    return True
