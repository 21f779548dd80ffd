"""Which requests go to the annex."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api.annex import porter
from api.kit import large, limits
from core.permissions import Actor

LARGE: Final = 256 * 1024
_BODY: Final = large.BODY[large.OPTION]


class Annex(ASGIMiddleware):
    """Hand large requests of those who may make them to the porter, where there is one.

    It stands before the guard, which refuses everybody else here, and asks again in the other
    process: looking for the token of a form would mean to read the form here.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Have it answered there, or go on."""
        handler = scope["route_handler"]
        kind = handler.opt.get(large.OPTION)
        carrier = porter.current()
        if (
            kind is None
            or carrier is None
            or scope["type"] != ScopeType.HTTP
            or not _may(scope.get("user"), handler)
            or (kind == _BODY and not _has_large_body(scope))
        ):
            await next_app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope)
        if limit := handler.opt.get("limit") or _limit_of_form(request):
            limits.take(request, limit)
        await carrier.carry(scope, receive, send)


def _may(actor: Actor | None, handler: BaseRouteHandler) -> bool:
    """Whether somebody holds what the route asks for anywhere: nobody else starts a process."""
    permission = handler.opt.get("permission")
    return actor is not None and (permission is None or actor.holds(permission))


def _limit_of_form(request: Request[Any, Any, Any]) -> str | None:
    """What a form with a file takes from, which nobody has opened yet (``forms.read``)."""
    return "upload" if request.content_type[0] == "multipart/form-data" else None


def _has_large_body(scope: HTTPScope) -> bool:
    """Whether a body is large, or does not say how large it is."""
    headers = Headers.from_scope(scope)
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit():
        return int(length) >= LARGE
    return "transfer-encoding" in headers
