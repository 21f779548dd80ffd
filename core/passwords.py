"""Passwords: which are good enough, and their argon2id hashes.

Hashing takes some 50 ms and 24 MiB, so it runs in a thread of its own and one at a time (each uses
four lanes, and with them all processors): a storm of sign-ins can fill neither the event loop nor
the memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.refusals import Fault

SHORTEST = 10
LONGEST = 200
FEWEST_DIFFERENT = 4
WEAK = frozenset(
    {
        "0123456789", "1234567890", "0987654321", "9876543210", "1234567891", "12345678910",
        "123456789a", "a123456789", "1q2w3e4r5t", "1qaz2wsx3e", "qwertyuiop", "qwerty1234",
        "qwerty12345", "asdfghjkl123", "password12", "password123", "password1234",
        "passw0rd123", "admin12345", "admin123456", "administrator", "root123456",
        "test123456", "abc1234567", "abcd123456", "abcdefghij", "iloveyou123", "woaini1314",
        "woaini5201314", "welcome123", "tongxing123", "tongxing1234", "canlian123", "canlian1234",
        "zhuren12345",
    }
)  # fmt: skip

# As much work as the library's own choice (64 MiB, three passes) in half the memory; OWASP's
# Password Storage Cheat Sheet asks for 19 MiB and two passes at least.
_hasher = PasswordHasher(time_cost=8, memory_cost=24 * 1024, parallelism=4)
_threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password")
Result = TypeVar("Result")


def weakness(password: str, name: str) -> Fault | None:
    """Why a password is refused for the account ``name``, or None when it will do."""

    def fault(code: str, message: str) -> Fault:
        return Fault("/password", code, message)

    lowered = password.casefold()
    if len(password) < SHORTEST:
        return fault("too_short", f"密码至少要 {SHORTEST} 个字符")
    if len(password) > LONGEST:
        return fault("too_long", f"密码最多 {LONGEST} 个字符")
    if name and name.casefold() in lowered and len(lowered) - len(name) < FEWEST_DIFFERENT:
        return fault("weak", "密码不能就是账号名")
    if lowered in WEAK or len(set(lowered)) < FEWEST_DIFFERENT:
        return fault("weak", "这个密码太容易猜到，请换一个")
    return None


async def _in_thread(work: Callable[..., Result], *arguments: str) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)


async def hashed(password: str) -> str:
    """The argon2id hash of a password, with its parameters and salt in it."""
    return await _in_thread(_hasher.hash, password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")


def _matches(password_hash: str, password: str) -> bool:
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one of the hash.

    None as hash (no such account) takes as long as a wrong password and is never right.
    """
    return await _in_thread(_matches, password_hash or "", password[: LONGEST + 1])


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
