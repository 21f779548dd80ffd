"""Signing in: name and password against the account, with a lock after five wrong attempts.

An attempt is counted before its password is looked at, so that guesses made side by side cannot
outrun the count. Whatever was wrong, the answer is the same sentence after the same work.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core import audit, database, passwords
from core.account_views import normal_name
from core.permissions import Actor
from core.refusals import Refusal

ATTEMPTS = 5
LOCKED_FOR = timedelta(minutes=15)
SENTENCE = "账号或密码不对，或者账号现在不能用。连续输错五次，账号会锁定 15 分钟。"


class SignInRefusedError(Refusal):
    """The name and password do not open an account now; why is not said."""


async def authenticate(name: str, password: str, now: datetime) -> int:
    """The id of the account that the name and password open. Raises SignInRefusedError."""
    account = await _counted(normal_name(name), now)
    right = await passwords.matches(account["password_hash"] if account else None, password)
    if account is None:
        raise SignInRefusedError.of("sign_in_refused", SENTENCE)
    if not right:
        await _failed(account, now)
        raise SignInRefusedError.of("sign_in_refused", SENTENCE)
    await _succeeded(account["id"], account["password_hash"], password)
    return int(account["id"])


async def _counted(name: str, now: datetime) -> dict[str, Any] | None:
    """The account with this attempt counted; None when it may not be tried at all."""
    return await database.fetch_one(
        "UPDATE account SET locked_until = NULL,"
        " failures = CASE WHEN locked_until IS NULL THEN failures + 1 ELSE 1 END"
        " WHERE name = :name AND active = :active AND (locked_until <= :now"
        # Locked until later than any lock lasts: the clock was set back since.
        " OR locked_until > :longest OR (locked_until IS NULL AND failures < :attempts))"
        " RETURNING id, name, failures, password_hash",
        name=name,
        now=now,
        longest=now + LOCKED_FOR,
        active=True,
        attempts=ATTEMPTS,
    )


@database.retried
async def _failed(account: dict[str, Any], now: datetime) -> None:
    """Write the failure down, and lock the account after the last attempt."""
    async with database.transaction():
        lock = account["failures"] >= ATTEMPTS
        if lock:
            await database.execute(
                "UPDATE account SET locked_until = :until WHERE id = :id",
                until=now + LOCKED_FOR,
                id=account["id"],
            )
        office = await database.fetch_value(
            "SELECT organisation FROM account_grant WHERE account = :id ORDER BY id LIMIT 1",
            id=account["id"],
        )
        await audit.record(
            Actor(account["name"], account["name"], account["id"], (), "session"),
            "account.locked" if lock else "account.sign_in_failed",
            "account",
            account["name"],
            organisation=office,
            after={"failures": account["failures"]},
        )


async def _succeeded(account_id: int, password_hash: str, password: str) -> None:
    """Forget the failures; renew a hash that was made with weaker parameters than today's."""
    if passwords.outdated(password_hash):
        password_hash = await passwords.hashed(password)
    await database.execute(
        "UPDATE account SET failures = 0, locked_until = NULL, password_hash = :password_hash"
        " WHERE id = :id",
        password_hash=password_hash,
        id=account_id,
    )
