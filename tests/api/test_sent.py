"""What people send is read as they meant it, and nothing of it stays in memory."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Request
from litestar._parsers import parse_cookie_string, parse_url_encoded_form_data
from litestar.datastructures import Cookie
from litestar.types import HTTPScope

from api.kit import sent

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
ENCODED = b"application/x-www-form-urlencoded"


def request_of(body: bytes = b"", cookies: str = "") -> Request[Any, Any, Any]:
    """A form that was sent with these cookies."""

    headers = [(b"content-type", ENCODED), (b"cookie", cookies.encode("latin-1"))]
    scope: HTTPScope = {"type": "http", "method": "POST", "headers": headers, "state": {}}  # type: ignore[typeddict-item]
    request: Request[Any, Any, Any] = Request(scope)
    request._body = body  # as if it had been read already
    return request


@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
async def test_fields_come_as_they_were_typed_in_their_order(pairs: list[tuple[str, str]]) -> None:
    found = await sent.form(request_of(urlencode(pairs).encode()))
    assert set(found) == {name for name, _ in pairs}
    for name in found:
        assert found.getall(name) == [value for each, value in pairs if each == name]


@given(
    st.dictionaries(
        st.from_regex("[a-z]{1,8}", fullmatch=True),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
        max_size=5,
    )
)
def test_cookies_come_back_as_they_were_set(values: dict[str, str]) -> None:
    pieces = [Cookie(key=key, value=value).to_header(header="") for key, value in values.items()]
    header = "; ".join(piece.strip().partition("; ")[0] for piece in pieces)
    request = request_of(cookies=header)
    assert {key: sent.cookie(request, key) for key in values} == values
    assert sent.cookie(request, "nothing") is None


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("other=1; session=abc", "abc"),
        ("session=old; session=new", "new"),
        (" session = abc ;x", "abc"),
        ("session=", ""),
        ('session="a b"', "a b"),
        ('session="unended', None),
        ("xsession=abc", None),
        ("session", ""),
    ],
)
def test_a_cookie_among_others_is_found(header: str, value: str | None) -> None:
    assert sent.cookie(request_of(cookies=header), "session") == value


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_neither_passwords_nor_cookies_are_kept(client: httpx.AsyncClient) -> None:
    page = await client.get("/sign-in")
    token = TOKEN.search(page.text)
    assert token
    before = [parse_url_encoded_form_data.cache_info(), parse_cookie_string.cache_info()]
    form = {"name": "nobody", "password": "correct horse battery", "csrf_token": token[1]}
    answer = await client.post("/sign-in", data=form)
    assert answer.status_code == 422
    assert "账号或密码不对" in answer.text
    assert [parse_url_encoded_form_data.cache_info(), parse_cookie_string.cache_info()] == before


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_fields_beyond_number_are_refused(client: httpx.AsyncClient) -> None:
    headers = {"content-type": ENCODED.decode()}
    for number, status in ((sent.MOST_FIELDS, 422), (sent.MOST_FIELDS + 1, 413)):
        body = b"&".join([b"a=1"] * number)
        answer = await client.post("/sign-in", content=body, headers=headers)
        assert answer.status_code == status, answer.text[:300]
