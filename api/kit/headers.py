"""Headers that every answer carries, errors of the router included."""

from __future__ import annotations

from litestar.enums import ScopeType
from litestar.types import Message, Scope

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
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
# Every answer passes here: nothing is encoded or looked up twice.
_ALWAYS = tuple((name.encode(), value.encode()) for name, value in ALWAYS.items())


async def add_headers(message: Message, scope: Scope) -> None:
    """Add them to the start of an answer; run before anything is sent.

    This is a hook rather than a middleware because middlewares stand behind the router, and an
    unknown address must not be the one answer without them. What a handler set itself stays.
    """
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    headers = list(message["headers"])
    given = {name.lower(): value for name, value in headers}
    headers += [each for each in _ALWAYS if each[0] not in given]
    if scope.get("scheme") == "https" and HTTPS_ONLY[0] not in given:
        headers.append(HTTPS_ONLY)
    if b"cache-control" not in given:
        page = given.get(b"content-type", b"").startswith(b"text/html")
        private = page or scope.get("user") is not None
        headers.append((b"cache-control", b"no-store" if private else b"no-cache"))
    message["headers"] = headers
