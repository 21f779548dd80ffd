"""What a request tells about itself: who asks, over what, and for a page or for data."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request
from litestar.connection import ASGIConnection

from core.permissions import Actor

Connection = ASGIConnection[Any, Any, Any, Any]


def actor_or_none(connection: Connection) -> Actor | None:
    """Who asks; None when nobody is signed in or the address does not exist."""
    actor: Actor | None = connection.scope.get("user")
    return actor


def session_token(connection: Connection) -> str | None:
    """The token of the session that the request came with; None for bearers and strangers."""
    token: str | None = connection.scope.get("auth")
    return token


def method(connection: Connection) -> str:
    """The method; ``GET`` for what has none."""
    return str(connection.scope.get("method", "GET"))


def is_secure(connection: Connection) -> bool:
    """Whether the browser speaks https, to us or to the proxy that we trust."""
    return connection.scope.get("scheme") == "https"


def request_id(connection: Connection) -> str:
    """A random name of this request, for the log and for the person who reports an error."""
    state = connection.scope.setdefault("state", {})
    return str(state.setdefault("request_id", secrets.token_hex(8)))


def is_api(connection: Connection) -> bool:
    """Whether the address is one of programmes."""
    beginnings = ("/api/", "/schema", "/feeds/", "/health", "/metrics")
    return connection.scope["path"].startswith(beginnings)


def wants_page(connection: Connection) -> bool:
    """Whether an error is best told by a page."""
    return not is_api(connection) and "text/html" in connection.headers.get("accept", "")


def local_path(address: str) -> str:
    """The address when it is a path of this site, else ``/``: nobody is sent away from here."""
    parts = urlsplit(address)
    local = address.startswith("/") and not address.startswith(("//", "/\\"))
    plain = address.isprintable() and "\\" not in address
    return address if local and plain and not parts.netloc and not parts.scheme else "/"


def sign_in_address(request: Request[Any, Any, Any]) -> str:
    """The sign-in page, which leads back to where a reader was."""
    if request.method != "GET":
        return "/sign-in"
    query = request.scope.get("query_string", b"").decode("latin-1")
    path = request.scope.get("raw_path", b"").decode("latin-1") or quote(request.scope["path"])
    return "/sign-in?next=" + quote(path.split("?")[0] + (f"?{query}" if query else ""), safe="")
