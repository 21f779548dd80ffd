"""Our three cookies: the session, the sign-in form's own token, and messages for the next page.

Over https they are ``Secure`` and carry the ``__Host-`` prefix, which no other host can set. A
village office that opens ``http://192.168.…`` has no https: there the same cookies go by plain
names, and a plain name is never looked at over https.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any, Literal

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from api.kit import csrf, requests, sent
from core.sessions import ABSOLUTE

SESSION = "session"
SIGN_IN = "sign-in"
MESSAGES = "messages"
MESSAGE_SECONDS = 60
SIGN_IN_SECONDS = 3600
KINDS = frozenset({"good", "warn", "bad"})


def cookie_name(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str:
    """The cookie's name as this connection carries it."""
    return f"__Host-{name}" if requests.is_secure(connection) else name


def read(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str | None:
    """The value of one of our cookies."""
    return sent.cookie(connection, cookie_name(connection, name))


def write(
    request: Request[Any, Any, Any],
    response: Response[Any],
    name: str,
    value: str,
    *,
    seconds: int,
    same_site: Literal["lax", "strict"] = "lax",
) -> None:
    """Set one of our cookies; zero seconds removes it."""
    response.set_cookie(
        Cookie(
            key=cookie_name(request, name),
            value=value,
            max_age=seconds,
            path="/",
            secure=requests.is_secure(request),
            httponly=True,
            samesite=same_site,
        )
    )


def start_session(request: Request[Any, Any, Any], response: Response[Any], token: str) -> None:
    """Hand the browser its session, and take the sign-in form's cookie back."""
    write(request, response, SESSION, token, seconds=int(ABSOLUTE.total_seconds()))
    write(request, response, SIGN_IN, "", seconds=0)


def end_session(request: Request[Any, Any, Any], response: Response[Any]) -> None:
    """Make the browser forget its session and its messages."""
    write(request, response, SESSION, "", seconds=0)
    write(request, response, MESSAGES, "", seconds=0)


def sign_in_token(request: Request[Any, Any, Any]) -> str:
    """The sign-in form's token: the one the browser has, or a new one to give it."""
    return read(request, SIGN_IN) or secrets.token_urlsafe(32)


def check_sign_in_token(request: Request[Any, Any, Any], given: str) -> bool:
    """Whether the form's token is the one of the browser's cookie."""
    held = read(request, SIGN_IN)
    return bool(held) and csrf.same_text(given, held or "")


def _signature(session_token: str, content: bytes) -> str:
    return hmac.new(session_token.encode(), b"messages:" + content, hashlib.sha256).hexdigest()


def leave_message(
    request: Request[Any, Any, Any], response: Response[Any], kind: str, text: str
) -> None:
    """Leave a message for this session's next page, signed so that nobody else can write one."""
    token = requests.session_token(request)
    if token is None or kind not in KINDS:
        return
    listed = [*read_messages(request), {"kind": kind, "text": text}]
    content = base64.urlsafe_b64encode(json.dumps(listed, ensure_ascii=False).encode())
    value = f"{content.decode()}.{_signature(token, content)}"
    write(request, response, MESSAGES, value, seconds=MESSAGE_SECONDS)


def read_messages(request: Request[Any, Any, Any]) -> list[dict[str, str]]:
    """The messages left for this session; none when the signature is not ours."""
    token, value = requests.session_token(request), read(request, MESSAGES)
    if token is None or not value:
        return []
    content, _, signature = value.partition(".")
    if not csrf.same_text(signature, _signature(token, content.encode())):
        return []
    listed: list[dict[str, str]] = json.loads(base64.urlsafe_b64decode(content))
    return listed


def forget_messages(request: Request[Any, Any, Any], response: Response[Any]) -> None:
    """Take the messages away once a page has shown them."""
    write(request, response, MESSAGES, "", seconds=0)
