"""Requests whose unit of work PostgreSQL broke off are worked on again, before anything is sent.

It ends one of two transactions that were in each other's way (a deadlock; under SERIALIZABLE any
two that could not have run one after the other) and expects it anew. What is begun anew is the
whole handler: it reads what it decided by once more. Nobody notices but by the time it takes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from litestar import Litestar

from api.kit.guards import handlers
from core import database

Handler = Callable[..., Awaitable[Any]]


def begin_anew(app: Litestar) -> None:
    """Give every handler of the application another attempt where the database asks for it."""
    for _, _, handler in handlers(app.routes):
        if not getattr(handler, "has_sync_callable", False):
            handler(_persistent(handler.fn))


def _persistent(work: Handler) -> Handler:
    if hasattr(work, "begins_anew"):
        return work

    @wraps(work)
    async def persistent(*args: Any, **kwargs: Any) -> Any:
        return await database.repeated(lambda: work(*args, **kwargs))

    persistent.begins_anew = True  # type: ignore[attr-defined]
    return persistent
