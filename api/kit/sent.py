"""What a form sent, read without anything of it being kept.

The framework keeps the last thousand bodies of forms, passwords among them and twelve megabytes
each, with what they say, in case they come again; and as many headers of cookies.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType

from api.kit.problems import Problem

URL_ENCODED: Final = RequestEncodingType.URL_ENCODED.value
FORMS: Final = (URL_ENCODED, RequestEncodingType.MULTI_PART.value)
# A table of targets for 2,000 offices has 40,000; more take seconds of the event loop to read.
MOST_FIELDS: Final = 50_000


async def form(request: Request[Any, Any, Any]) -> FormMultiDict:
    """The fields and files of a form, of either encoding. Raises Problem 413 for too many."""
    if request.content_type[0] != URL_ENCODED:
        return await request.form()
    text = (await request.body()).decode("latin-1")
    try:
        return FormMultiDict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Problem(413) from None


def cookie(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str | None:
    """The value of a cookie; of several with that name the last one's."""
    found = None
    for each in connection.headers.get("cookie", "").split(";"):
        given, _, value = each.strip().partition("=")
        if given.strip() == name:
            found = value.strip()
    if found is None or not found.startswith('"'):
        return found
    try:
        return SimpleCookie(f"{name}={found}")[name].value
    except (CookieError, KeyError):
        return None
