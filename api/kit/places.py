"""Whose place it is comes before what is sent to it.

The framework reads a body before the handler runs, so that somebody who may not even know of a
place would be told what is wrong with what he sent there. When a body is refused, the handler is
therefore asked without it: what it answers before it looks at the body (404) goes first. Nothing
that it does stays. A good body costs nothing of this.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Scope

from api.kit import bodies, requests
from api.kit.problems import NotFound
from core import campaigns, database, permissions
from core.refusals import Missing

FOUND = "place_missing"


class UnreadError(Exception):
    """The handler has come to the body."""


class Unread:
    """Stands for a body that could not be read, and for each of its members.

    It can be handed on, as far as where the place is looked for; whoever looks at it has come too
    far.
    """

    def __getattr__(self, name: str) -> Unread:
        return self

    def __bool__(self) -> bool:
        return True

    def _look(self, *_: Any) -> Any:
        raise UnreadError

    __len__ = __iter__ = __getitem__ = __str__ = __eq__ = __hash__ = __lt__ = _look


async def look(error: Exception, scope: Scope) -> None:
    """Note in the scope that the place of a request with an unreadable body is not there."""
    handler = scope.get("route_handler")
    about_body = isinstance(error, ClientException) or bodies.is_unreadable(error)
    if not about_body or not isinstance(handler, HTTPRouteHandler):
        return
    if handler.parsed_data_field is None or scope["type"] != ScopeType.HTTP:
        return
    request: Request[Any, Any, Any] = Request(scope)
    try:
        async with database.transaction():
            await _ask(request, handler)
            raise UnreadError
    except (NotFound, Missing) as missing:
        scope["state"][FOUND] = missing
    except Exception:  # noqa: BLE001 — whatever else it says rests on a body that is not there
        return


def missing(request: Request[Any, Any, Any]) -> Exception | None:
    """What ``look`` found to be missing."""
    found: Exception | None = request.scope.get("state", {}).get(FOUND)
    return found


async def _ask(request: Request[Any, Any, Any], handler: HTTPRouteHandler) -> None:
    """Ask the campaign of the address, then the handler itself."""
    actor, permission = requests.actor_or_none(request), handler.opt.get("permission")
    if actor and permission and "campaign" in request.path_params:
        found = await campaigns.find(request.path_params["campaign"])
        if not await permissions.may_in_campaign(actor, permission, found.id):
            raise NotFound
    given: dict[str, Any] = {}
    for name, parameter in handler.parsed_fn_signature.parameters.items():
        if name == "request":
            given[name] = request
        elif name == "data":
            given[name] = _unread(parameter.annotation)
        elif name in request.path_params:
            given[name] = request.path_params[name]
        elif name in request.query_params and parameter.annotation is str:
            given[name] = request.query_params[name]
    await handler.fn(**given)


def _unread(annotation: Any) -> Any:
    """A body of which nothing is known; a struct does not look at what its members are."""
    kind = getattr(annotation, "__origin__", annotation)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind(**{each.name: Unread() for each in msgspec.structs.fields(kind)})
    return Unread()
