"""Too much from one side: buckets that fill with time, and 429 when one is empty.

A route that is worth guessing at, or dear, says so: ``opt={"public": True, "limit": "sign-in"}``.
Every other request passes untouched. What was no guess is given back (``give_back``), so that an
office behind one address signs in as often as it likes, and only failures count.

Buckets are this process's own and few. With several processes somebody gets as many times the
allowance; nothing that has to be kept secret rests on it (docs/decisions/0015).
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from litestar.connection import ASGIConnection

from api.kit import requests
from api.kit.problems import Problem

MOST_BUCKETS: Final = 20_000
STATE: Final = "limits"
TAKEN: Final = "limit_taken"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many at once, and how many more a minute; ``by`` an address or an account."""

    at_once: int
    a_minute: int
    by: str = "address"


ALLOWANCES: Final[dict[str, Allowance]] = {
    "sign-in": Allowance(60, 30),  # failures of an address; five lock an account besides
    "register": Allowance(120, 60),  # a school in one hall
    "code": Allowance(120, 60),  # codes of certificates and recaps that do not exist
    "feed": Allowance(120, 60),  # calendar addresses that do not exist
    "page": Allowance(600, 300),  # public pages: a hall full of telephones has one address
    "upload": Allowance(60, 20, "account"),
    "rendering": Allowance(30, 10, "account"),
}


@dataclass(slots=True)
class Bucket:
    """What is left, as of a moment of the monotonic clock."""

    left: float
    at: float


@dataclass(slots=True)
class Limiter:
    """The buckets of a process. ``factor`` multiplies every allowance; 0 allows everything."""

    factor: int = 1
    buckets: OrderedDict[tuple[str, str], Bucket] = field(default_factory=OrderedDict)
    clock: Callable[[], float] = time.monotonic

    def take(self, kind: str, who: str, now: float) -> float:
        """Take one; answers 0, or the seconds until there is one again."""
        allowance = ALLOWANCES[kind]
        most, a_second = allowance.at_once * self.factor, allowance.a_minute * self.factor / 60
        bucket = self.buckets.get((kind, who))
        if bucket is None:
            bucket = self.buckets[kind, who] = Bucket(most, now)
            while len(self.buckets) > MOST_BUCKETS:
                self.buckets.popitem(last=False)
        self.buckets.move_to_end((kind, who))
        bucket.left = min(most, bucket.left + (now - bucket.at) * a_second)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / a_second
        bucket.left -= 1
        return 0.0

    def give_back(self, kind: str, who: str) -> None:
        """Put one back."""
        if (bucket := self.buckets.get((kind, who))) is not None:
            bucket.left += 1


def take(connection: ASGIConnection[Any, Any, Any, Any], kind: str) -> None:
    """Take one of an allowance for a request. Raises Problem 429 when none is left."""
    limiter: Limiter | None = connection.app.state.get(STATE)
    who = _who(connection, kind)
    if limiter is None or not limiter.factor or who is None:
        return
    wait = limiter.take(kind, who, limiter.clock())
    if wait:
        seconds = ceil(wait)
        raise Problem(429, detail=f"操作太频繁，请 {seconds} 秒后再试。", again_after=seconds)
    connection.scope.setdefault("state", {})[TAKEN] = kind, who


def give_back(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Give back what the request took: it was no guess."""
    limiter: Limiter | None = connection.app.state.get(STATE)
    taken = connection.scope.get("state", {}).pop(TAKEN, None)
    if limiter is not None and taken is not None:
        limiter.give_back(*taken)


def _who(connection: ASGIConnection[Any, Any, Any, Any], kind: str) -> str | None:
    """The account, or the address: of IPv6 the network, which one household has to itself."""
    actor = requests.actor_or_none(connection)
    if actor is not None and ALLOWANCES[kind].by == "account":
        return f"account {actor.name}"
    client = connection.scope.get("client")
    if not client:
        return None
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return str(client[0])[:64]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)
