"""Sealing the log: blocks of entries are closed with a hash that holds the block before.

Nothing of it happens where entries are written. A server, the command line and every backup close
what has come in since; ``core.checking.audit_chain`` reads it all again and tells the first entry
that was changed, taken out or slipped in. An entry is sealed only when none with a lesser number
can still come: on PostgreSQL numbers are drawn before their transactions commit.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core import database, privacy
from core.moments import now

BLOCK = 1000
# Digits of an entry's hash that are kept to find the one that was touched; the proof is the whole.
MARK_DIGITS = 16
START = "0" * 64
INTERVAL_SECONDS = 3600
# How long to wait for transactions that may still bring an entry of a lesser number.
SETTLING_SECONDS = 30.0
PURPOSE = "audit.seal"
COLUMNS = "id, at, actor, account, organisation, campaign, action, thing, thing_key, before, after"
log = logging.getLogger("tongxing.audit")

# An INSERT holds this lock on the table from before it draws its number until its transaction ends.
WRITERS = (
    "SELECT virtualtransaction FROM pg_locks WHERE relation = 'audit_entry'::regclass"
    " AND mode = 'RowExclusiveLock' AND granted"
)


@dataclass(frozen=True, slots=True)
class Seal:
    """A closed block without what it was checked by; see ``core.tables.AuditSeal``."""

    number: int
    first_entry: int
    last_entry: int
    entries: int
    digest: str
    sealed_at: datetime


def entry_hash(row: Mapping[str, Any]) -> str:
    """The SHA-256 of an entry's canonical form: a JSON list of its columns, moments in UTC."""
    values = {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    told = [values[column] for column in COLUMNS.split(", ")]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def marks_of(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The marks of a block, and the hash of its content."""
    hashes = [(row["id"], entry_hash(row)) for row in rows]
    marks = "\n".join(f"{number} {digits[:MARK_DIGITS]}" for number, digits in hashes)
    whole = "\n".join(f"{number} {digits}" for number, digits in hashes)
    return marks, hashlib.sha256(whole.encode()).hexdigest()


def digest_of(seal: Mapping[str, Any], previous: str) -> str:
    """The hash of a seal's row and of the seal before it."""
    told = [previous, *(seal[n] for n in ("number", "first_entry", "last_entry", "entries"))]
    text = json.dumps([*told, seal["marks"], seal["content"]])
    return hashlib.sha256(text.encode()).hexdigest()


def stamp_of(digest: str) -> str:
    """What shows that the holder of this installation's key file sealed it."""
    return privacy.stamp(digest, PURPOSE).hex()


async def last() -> Seal | None:
    """The newest seal; None while there is none."""
    row = await database.fetch_one(
        "SELECT number, first_entry, last_entry, entries, digest, sealed_at"
        " FROM audit_seal ORDER BY number DESC LIMIT 1"
    )
    return None if row is None else Seal(**row)


async def seal(*, settling: float = SETTLING_SECONDS) -> Seal | None:
    """Close every entry that is settled; answers the newest seal.

    Waits up to ``settling`` seconds for transactions under way, and otherwise leaves their entries,
    and all later ones, to the next time. Several processes may do it at once: one of them does.
    """
    newest = await last()
    until = await _settled(settling)
    while until > (newest.last_entry if newest else 0):
        rows = await database.fetch(
            f"SELECT {COLUMNS} FROM audit_entry WHERE id > :after AND id <= :until"
            " ORDER BY id LIMIT :block",
            after=newest.last_entry if newest else 0,
            until=until,
            block=BLOCK,
        )
        if not rows or not await _close(rows, newest):
            break
        newest = await last()
    return newest


async def _settled(patience: float) -> int:
    """The number up to which no further entry can come; 0 when that is not known in time."""
    newest = int(await database.fetch_value("SELECT MAX(id) FROM audit_entry") or 0)
    if not database.is_postgresql() or not newest:
        return newest
    deadline = asyncio.get_running_loop().time() + patience
    writing = await _writers()
    while writing:
        if asyncio.get_running_loop().time() >= deadline:
            return 0
        await asyncio.sleep(0.05)
        writing &= await _writers()
    return newest


async def _writers() -> set[str]:
    return {row["virtualtransaction"] for row in await database.fetch(WRITERS)}


async def _close(rows: Sequence[Mapping[str, Any]], previous: Seal | None) -> bool:
    """Write the seal over the rows; False when another process has sealed meanwhile."""
    marks, content = marks_of(rows)
    made: dict[str, Any] = {
        "number": previous.number + 1 if previous else 1,
        "first_entry": rows[0]["id"],
        "last_entry": rows[-1]["id"],
        "entries": len(rows),
        "marks": marks,
        "content": content,
    }
    made["digest"] = digest_of(made, previous.digest if previous else START)
    made |= {"stamp": stamp_of(made["digest"]), "sealed_at": now()}
    async with database.transaction():
        written = await database.fetch(
            "INSERT INTO audit_seal (number, first_entry, last_entry, entries, marks, content,"
            " digest, stamp, sealed_at) VALUES (:number, :first_entry, :last_entry, :entries,"
            " :marks, :content, :digest, :stamp, :sealed_at)"
            " ON CONFLICT (number) DO NOTHING RETURNING number",
            **made,
        )
    return bool(written)


@asynccontextmanager
async def sealing(interval: float = INTERVAL_SECONDS) -> AsyncIterator[None]:
    """Seal at intervals while a server runs; what goes wrong is logged and tried again."""
    task = asyncio.create_task(_at_intervals(interval))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _at_intervals(interval: float) -> None:
    while True:
        # Servers that started together need not seal together.
        await asyncio.sleep(interval * random.uniform(0.5, 1.0))  # noqa: S311 — no secret
        try:
            newest = await seal()
        except database.UNREACHABLE as error:
            log.warning("audit: not sealed this time (%s)", type(error).__name__)
            continue
        if newest is not None:
            # In the log, outside the database, it is a witness: see docs/operating.md.
            log.info("audit: sealed to entry %s, %s", newest.last_entry, newest.digest)
