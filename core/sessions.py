"""Sessions of browsers and tokens of programmes: both become an actor, neither is kept in clear."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import audit, database, deferrable
from core.accounts import check_role, name_fault
from core.database.gathered import Gathered
from core.permissions import Actor, Grant, may, scope_sql
from core.refusals import Conflict, Missing, Refusal

ABSOLUTE = timedelta(hours=12)
IDLE = timedelta(hours=2)
NOTED_EVERY = timedelta(minutes=1)
TOKEN_PREFIX = "tx_"  # noqa: S105 — what every bearer token begins with, so that leaks can be found


@dataclass(frozen=True, slots=True)
class ApiTokenView:
    """A bearer token as it is shown: never the token itself."""

    id: int
    name: str
    role: str
    organisation: str
    organisation_name: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def token_hash(token: str) -> str:
    """What is stored of a token: SHA-256 in hex. The token is random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


@database.retried
async def open_session(account_id: int, now: datetime) -> str:
    """Start a session for an account that has just signed in; gives its token, known once."""
    token = secrets.token_urlsafe(32)
    async with database.transaction():
        await database.execute(
            "DELETE FROM session WHERE expires_at <= :now OR last_seen_at <= :idle",
            now=now,
            idle=now - IDLE,
        )
        await database.execute(
            "INSERT INTO session (token_hash, account, created_at, last_seen_at, expires_at)"
            " VALUES (:token_hash, :account, :now, :now, :expires)",
            token_hash=token_hash(token),
            account=account_id,
            now=now,
            expires=now + ABSOLUTE,
        )
        actor = await resolve_session(token, now)
        if actor is None:
            raise Missing("没有这个账号")
        await _record(actor, "session.opened")
    return token


async def resolve_session(token: str, now: datetime, *, noted: bool = True) -> Actor | None:
    """Who a session's token speaks for; None when it is unknown, over, or its account disabled.

    ``noted`` says that somebody uses it just now, which keeps it from ending for idleness.
    """
    rows = await _sessions.ask(token_hash(token))
    if not rows or rows[0]["expires_at"] <= now or rows[0]["last_seen_at"] <= now - IDLE:
        return None
    if noted and now - rows[0]["last_seen_at"] >= NOTED_EVERY:
        await _note("UPDATE session SET last_seen_at = :now", rows[0]["session_id"], now)
    return _account_actor(rows)


async def _note(update: str, number: int, now: datetime) -> None:
    """Write down that it was used, if that can be written just now."""

    async def write() -> None:
        await database.execute(f"{update} WHERE id = :id", now=now, id=number)

    await deferrable.attempt("the use of a session or token", write)


async def _session_rows(hashes: Sequence[str]) -> dict[str, list[database.Row]]:
    """The sessions of these hashes with their accounts: a row a grant. One statement."""
    found: dict[str, list[database.Row]] = {}
    for row in await database.fetch(
        "SELECT s.token_hash, s.id AS session_id, s.last_seen_at, s.expires_at, a.id, a.name,"
        " a.display_name, g.role, g.organisation, o.name AS office"
        " FROM session AS s JOIN account AS a ON a.id = s.account"
        " LEFT JOIN account_grant AS g ON g.account = a.id"
        " LEFT JOIN organisation AS o ON o.id = g.organisation"
        " WHERE s.token_hash IN (:hashes) AND a.active = :active ORDER BY g.id",
        hashes=hashes,
        active=True,
    ):
        found.setdefault(row["token_hash"], []).append(row)
    return found


_sessions = Gathered(_session_rows)


def _account_actor(rows: Sequence[dict[str, Any]]) -> Actor:
    first = rows[0]
    grants = tuple(Grant(row["role"], row["organisation"]) for row in rows if row["role"])
    office = first["office"] or ""
    return Actor(first["name"], first["display_name"], first["id"], grants, "session", office)


@database.retried
async def close_session(actor: Actor, token: str) -> None:
    """End a session; the token opens nothing any more."""
    async with database.transaction():
        await database.execute(
            "DELETE FROM session WHERE token_hash = :token_hash", token_hash=token_hash(token)
        )
        await _record(actor, "session.closed")


async def _record(actor: Actor, action: str) -> None:
    office = actor.grants[0].organisation_id if actor.grants else None
    await audit.record(actor, action, "account", actor.name, organisation=office)


async def create_token(
    actor: Actor, name: str, role: str, organisation_id: int, *, now: datetime
) -> str:
    """Make a bearer token with one role over one office; the token is given this once.

    Raises Refusal for a bad name or role, Conflict for a name in use, Missing for an office whose
    tokens the actor does not manage.
    """
    name = name.strip()
    if fault := name_fault(name):
        raise Refusal(fault)
    check_role(role)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    async with database.transaction():
        known = await database.fetch_value(
            "SELECT 1 FROM organisation WHERE id = :id", id=organisation_id
        )
        if known is None or not await may(actor, "token.manage", organisation_id):
            raise Missing("没有这个机构")
        made = await database.fetch_value(
            "INSERT INTO api_token (name, token_hash, role, organisation, created_at)"
            " VALUES (:name, :token_hash, :role, :organisation, :now)"
            " ON CONFLICT (name) DO NOTHING RETURNING id",
            name=name,
            token_hash=token_hash(token),
            role=role,
            organisation=organisation_id,
            now=now,
        )
        if made is None:
            raise Conflict.of("duplicate", "这个令牌名称已经用过了", "name")
        await audit.record(
            actor,
            "token.created",
            "api_token",
            name,
            organisation=organisation_id,
            after={"role": role},
        )
    return token


async def resolve_token(token: str, now: datetime, *, noted: bool = True) -> Actor | None:
    """Who a bearer token speaks for; None when it is unknown or revoked."""
    if not token.startswith(TOKEN_PREFIX):
        return None
    row = await _tokens.ask(token_hash(token))
    if row is None:
        return None
    used = row["last_used_at"]
    if noted and (used is None or now - used >= NOTED_EVERY):
        await _note("UPDATE api_token SET last_used_at = :now", row["id"], now)
    grants = (Grant(row["role"], row["organisation"]),)
    return Actor(f"token:{row['name']}", row["name"], None, grants, "token", row["office"])


async def _token_rows(hashes: Sequence[str]) -> dict[str, database.Row]:
    """The tokens of these hashes that are not revoked. One statement."""
    rows = await database.fetch(
        "SELECT t.token_hash, t.id, t.name, t.role, t.organisation, t.last_used_at,"
        " o.name AS office FROM api_token AS t JOIN organisation AS o ON o.id = t.organisation"
        " WHERE t.token_hash IN (:hashes) AND t.revoked_at IS NULL",
        hashes=hashes,
    )
    return {row["token_hash"]: row for row in rows}


_tokens = Gathered(_token_rows)


async def listed_tokens(actor: Actor, after: str = "", limit: int = 50) -> list[ApiTokenView]:
    """The tokens of offices whose tokens the actor manages, by name, after a name."""
    scope, parameters = scope_sql(actor, "token.manage")
    rows = await database.fetch(
        "SELECT t.id, t.name, t.role, o.key AS organisation, o.name AS organisation_name,"
        " t.created_at, t.last_used_at, t.revoked_at FROM api_token AS t"
        " JOIN organisation AS o ON o.id = t.organisation"
        f" WHERE t.organisation IN ({scope}) AND t.name > :after ORDER BY t.name LIMIT :limit",
        after=after,
        limit=limit,
        **parameters,
    )
    return [ApiTokenView(**row) for row in rows]


async def revoke_token(actor: Actor, name: str, now: datetime) -> None:
    """End a token. One already ended stays as it is. Raises Missing."""
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT id, organisation, revoked_at FROM api_token WHERE name = :name", name=name
        )
        if row is None or not await may(actor, "token.manage", row["organisation"]):
            raise Missing("没有这个令牌")
        if row["revoked_at"] is not None:
            return
        await database.execute(
            "UPDATE api_token SET revoked_at = :now WHERE id = :id", now=now, id=row["id"]
        )
        await audit.record(
            actor, "token.revoked", "api_token", name, organisation=row["organisation"]
        )
