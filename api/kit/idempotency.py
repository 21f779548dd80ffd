"""A creating request may be sent twice, by a shaky network or an impatient thumb, and works once.

With the header ``Idempotency-Key`` the first answer is kept in the transaction of the work itself,
and given again to every repeat; the same key with another payload is refused. A request that failed
has written nothing and keeps nothing: its repeat is a first attempt.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Request, Response

from api.kit.guards import current_actor
from api.kit.problems import Problem
from core import database, moments
from core.database.faults import BUSY, FULL, READ_ONLY, fault_of
from core.permissions import Actor
from core.refusals import Fault

HEADER = "idempotency-key"
LONGEST_KEY = 255
KEPT_FOR = timedelta(days=2)
log = logging.getLogger("tongxing.http")


async def create_once(
    request: Request[Any, Any, Any],
    work: Callable[[], Awaitable[Any]],
    *,
    status: int = 201,
    location: Callable[[Any], str] | None = None,
    secret: Iterable[str] = (),
) -> Response[Any]:
    """Run ``work`` in one transaction and answer what it gives, once for each key.

    ``location`` makes the address of what was created from the answer (as decoded JSON). Members
    named in ``secret`` are given with the first answer only, and are null in repeats. Raises
    Problem: 422 for an unusable key, 409 for a key used with another payload.
    """
    key = _key(request)
    if key is None:
        async with database.transaction():
            answer = _decoded(await work())
        return _response(answer, status, location)
    actor, request_hash = current_actor(request), await _hash(request)
    async with database.transaction():
        if not await _claim(actor, key, request_hash):
            kept = await _kept(actor, key, request_hash)
            return _response(json.loads(kept["body"]), kept["status"], location, repeated=True)
        answer = _decoded(await work())
        hidden = dict.fromkeys(secret) if isinstance(answer, dict) else {}
        await database.execute(
            "UPDATE idempotency_key SET status = :status, body = :body"
            " WHERE actor = :actor AND key = :key",
            status=status,
            body=json.dumps({**answer, **hidden} if hidden else answer, ensure_ascii=False),
            actor=actor.name,
            key=key,
        )
    return _response(answer, status, location)


def _key(request: Request[Any, Any, Any]) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and key.isprintable()):
        raise Problem(422, errors=[Fault("", "value", "Idempotency-Key 要有 1 到 255 个字符")])
    return key


async def _hash(request: Request[Any, Any, Any]) -> str:
    """What the request asks for: method, address and payload."""
    address = f"{request.method} {request.scope['path']}\n".encode()
    return hashlib.sha256(address + await request.body()).hexdigest()


async def _claim(actor: Actor, key: str, request_hash: str) -> bool:
    """Take the key for this transaction; a second one waits here until the first has ended."""
    claimed = await database.fetch_value(
        "INSERT INTO idempotency_key (actor, key, request_hash, status, body, created_at)"
        " VALUES (:actor, :key, :request_hash, 0, '', :now)"
        " ON CONFLICT (actor, key) DO NOTHING RETURNING id",
        actor=actor.name,
        key=key,
        request_hash=request_hash,
        now=moments.now(),
    )
    return claimed is not None


async def _kept(actor: Actor, key: str, request_hash: str) -> dict[str, Any]:
    row = await database.fetch_one(
        "SELECT request_hash, status, body FROM idempotency_key"
        " WHERE actor = :actor AND key = :key",
        actor=actor.name,
        key=key,
    )
    if row is None or row["request_hash"] != request_hash:
        raise Problem(409, "idempotency_key_reused", "这个 Idempotency-Key 已用于另一个请求。")
    return row


def _decoded(answer: Any) -> Any:
    """The answer as plain JSON values, so that the first and the repeats are the same."""
    return json.loads(msgspec.json.encode(answer))


def _response(
    answer: Any, status: int, location: Callable[[Any], str] | None, *, repeated: bool = False
) -> Response[Any]:
    headers = {"Location": location(answer)} if location else {}
    if repeated:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer, status_code=status, headers=headers)


async def purge(now: datetime) -> None:
    """Forget answers older than two days; done at start, which a full disk does not prevent."""
    try:
        await database.execute(
            "DELETE FROM idempotency_key WHERE created_at < :limit", limit=now - KEPT_FOR
        )
    except database.UNREACHABLE as error:
        if fault_of(error) not in (FULL, READ_ONLY, BUSY):
            raise
        log.warning("old answers to repeated requests are not forgotten: %s", type(error).__name__)
