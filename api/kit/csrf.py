"""Against requests that another site makes a browser send in its user's name.

Every unsafe request that is carried by a cookie shows a token bound to the session, in the form
field ``csrf_token`` or the header ``X-CSRF-Token``, and must not say that it comes from elsewhere.
The token is made from the session's token, which only the browser's cookie holds.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar import Request

from api.kit import requests, sent
from api.kit.problems import Problem

FIELD = "csrf_token"
HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SENTENCE = "这次提交没有通过安全检查，请回到原来的页面，刷新后再提交一次。"


def session_csrf_token(session_token: str) -> str:
    """The token that the forms of a session carry."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()


def same_text(given: object, expected: str) -> bool:
    """Whether a text that came with a request is the expected one, in constant time."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def check_origin(request: Request[Any, Any, Any]) -> None:
    """Refuse a request whose browser says that another site sent it.

    ``Sec-Fetch-Site`` is sent by every present browser; older ones send ``Origin`` at least.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Problem(403, "csrf", SENTENCE)
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Problem(403, "csrf", SENTENCE)


async def check(request: Request[Any, Any, Any], session_token: str) -> None:
    """Refuse an unsafe request of a session that does not show the session's token."""
    check_origin(request)
    given: object = request.headers.get(HEADER)
    if given is None and request.content_type[0] in sent.FORMS:
        if requests.is_api(request):
            await request.body()  # read once, for a handler that knows a repeat by its bytes
        given = (await sent.form(request)).get(FIELD)
    if not same_text(given, session_csrf_token(session_token)):
        raise Problem(403, "csrf", SENTENCE)
