"""The one guard before every handler: nothing is open unless its handler says so.

A handler declares one of

- ``opt={"permission": "campaign.view"}``: signed in, and holding it somewhere;
- ``opt={"signed_in": True}``: any signed-in actor (his own password, signing out);
- ``opt={"public": True}``: everybody.

Where in the tree the actor holds it is asked by the handler, with ``require``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from api.kit import csrf, limits, requests
from api.kit.problems import NotFound, Problem, SignInNeeded
from core import permissions
from core.permissions import Actor

DECLARATIONS = ("permission", "signed_in", "public")


class Guard(ASGIMiddleware):
    """Authorise every request before its handler; no handler can opt out.

    The framework's own guards do the same, but copy the handler for each request.
    """

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Go on, or raise the Problem that answers the request."""
        connection: ASGIConnection[Any, Any, Any, Any] = (
            Request(scope, receive, send)
            if scope["type"] == ScopeType.HTTP
            else ASGIConnection(scope, receive, send)
        )
        await authorise(connection, scope["route_handler"])
        await next_app(scope, receive, send)


async def authorise(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Let a request through to its handler, or raise the Problem that answers it."""
    if "\x00" in connection.scope["path"] or b"%00" in connection.scope["query_string"]:
        raise NotFound  # PostgreSQL knows no text with NUL, and no address of ours has one
    if (limit := handler.opt.get("limit")) is not None:
        limits.take(connection, limit)
    actor = requests.actor_or_none(connection)
    if handler.opt.get("public"):
        return
    if actor is None:
        raise SignInNeeded
    method = requests.method(connection)
    if method == "OPTIONS" and not handler.opt:
        return
    permission = handler.opt.get("permission")
    if permission is not None:
        if not actor.holds(permission):
            raise Problem(403)
    elif not handler.opt.get("signed_in"):
        raise Problem(403)
    token = requests.session_token(connection)
    if token and method not in csrf.SAFE and isinstance(connection, Request):
        await csrf.check(connection, token)


def current_actor(request: Request[Any, Any, Any]) -> Actor:
    """Who asks, in a handler that only signed-in actors reach. Raises SignInNeeded."""
    actor = requests.actor_or_none(request)
    if actor is None:
        raise SignInNeeded
    return actor


async def require(actor: Actor, permission: str, organisation_id: int) -> None:
    """Raise NotFound unless the actor holds the permission at this office.

    What an actor may not see does not exist for him, so it is never 403.
    """
    if not await permissions.may(actor, permission, organisation_id):
        raise NotFound


async def require_in_campaign(actor: Actor, permission: str, campaign_id: int) -> None:
    """Raise NotFound unless the actor holds it at an office that takes part in the campaign."""
    if not await permissions.may_in_campaign(actor, permission, campaign_id):
        raise NotFound


def handlers(routes: Iterable[BaseRoute]) -> list[tuple[str, str, BaseRouteHandler]]:
    """Every (path, method, handler) that people wrote; OPTIONS handlers come by themselves."""
    return [
        (route.path, method, handler)
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in sorted(handler.http_methods)
        if method != "OPTIONS"
    ]


def undeclared(app: Litestar) -> list[str]:
    """Handlers that say nothing about who may use them, as ``GET /path``: nobody may.

    Raises KeyError, at start, when a handler asks for a permission that nobody registered.
    """
    found = []
    for path, method, handler in handlers(app.routes):
        if not any(handler.opt.get(name) for name in DECLARATIONS):
            found.append(f"{method} {path}")
        if permission := handler.opt.get("permission"):
            permissions.registry()[permission]
    return sorted(found)
