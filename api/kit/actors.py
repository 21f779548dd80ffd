"""Who asks: every request becomes an actor, or nobody, before any handler sees it.

``request.user`` is the Actor or None, ``request.auth`` the session's token or None. A bearer token
goes before a cookie; a bearer token that opens nothing is refused rather than passed over.
"""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from api.kit import cookies
from api.kit.problems import SignInNeeded
from core import moments, sessions
from core.permissions import Actor


class Actors(ASGIMiddleware):
    """Resolve the actor of each request; public files (``opt`` ``no_actor``) go without."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "no_actor"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Put the actor and the session's token in the scope."""
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        scope["user"], scope["auth"] = None, None
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            scope["user"] = await bearer(authorization)
        elif token := cookies.read(connection, cookies.SESSION):
            actor = await sessions.resolve_session(token, moments.now())
            scope["user"], scope["auth"] = actor, token if actor else None
        await next_app(scope, receive, send)


async def bearer(authorization: str) -> Actor:
    """The actor of an ``Authorization`` header. Raises SignInNeeded when it opens nothing."""
    scheme, _, token = authorization.partition(" ")
    actor = None
    if scheme.casefold() == "bearer":
        actor = await sessions.resolve_token(token.strip(), moments.now())
    if actor is None:
        raise SignInNeeded("令牌无效或已停用。")
    return actor
