"""Headers that every answer carries, errors of the router included."""

from __future__ import annotations

from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import Message, Scope

from api.kit import requests

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
HTTPS_ONLY = "max-age=31536000"


async def add_headers(message: Message, scope: Scope) -> None:
    """Add them to the start of an answer; run before anything is sent.

    This is a hook rather than a middleware because middlewares stand behind the router, and an
    unknown address must not be the one answer without them. What a handler set itself stays.
    """
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    connection: ASGIConnection = ASGIConnection(scope)
    if requests.is_secure(connection):
        headers.setdefault("strict-transport-security", HTTPS_ONLY)
    if "cache-control" not in headers:
        page = headers.get("content-type", "").startswith("text/html")
        signed_in = requests.actor_or_none(connection) is not None
        headers["cache-control"] = "no-store" if page or signed_in else "no-cache"
