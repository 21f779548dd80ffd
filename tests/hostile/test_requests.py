"""Paths, headers and bodies that no browser sends: an answer of ours, and nothing given away."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.fixtures.every_route import CAMPAIGN, World


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


UP = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%5c",
    "..\\",
    "%252e%252e%252f",
    "..;/",
    "..%c0%af",
    "....//",
)
PATHS = (
    *(f"/static/api/{up * 6}etc/passwd" for up in UP),
    *(f"/static/{up * 3}app.py" for up in UP),
    *(f"/static/volunteer/{up}__init__.py" for up in UP),
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/tongxing.css%00.png",
    "/static/TONGXING.CSS",
    "/static/tongxing.css.",
    "/static/tongxing.css::$DATA",
    "/static/C:%5cWindows%5cwin.ini",
    "/static/nothing/x",
    "/feeds/../health.ics",
    "/feeds/%2e%2e.ics",
    "/feeds/" + "a" * 5_000 + ".ics",
    "/feeds/%ff%fe.ics",
    "/feeds/%ed%a0%80.ics",
    "/verify/%00",
    "/verify/" + "%F0%9F%98%80" * 100,
    "/volunteer/certificates/%C0%AE",
    "/campaigns/2022-city%2f..%2fnothing",
    "/campaigns/2022-city%00",
    "/Campaigns/2022-city",
    "/campaigns/2022-city.",
    "/campaigns/２０２２-city",
    "/api/v1/campaigns/2022-city%20",
    "/api/v1/campaigns/2022-city/reported/%2e%2e",
    "/api/v1/campaigns/2022-city/reported/%ed%a0%80",
    "/api/v1/campaigns/2022-city/recap/versions/1e9",
    "/api/v1/campaigns/2022-city/recap/versions/-1",
    "/api/v1/campaigns/2022-city/recap/versions/٣",
    "/api/v1/campaigns/2022-city/recap/versions/" + "9" * 5_000,
    "//evil.example/campaigns",
    "/;/campaigns",
    "/\x7f",
    "/%0d%0aSet-Cookie:x=y",
    "/" + "a/" * 2_000,
    "/?" + "a=b&" * 1_500,
    "/campaigns?organisation=%ff%fe",
    "/campaigns?%5B%5D=1&a[b]=c&=&&",
    "/campaigns?state=" + "%F0%90%8D%88" * 500,
)


async def test_a_path_leads_where_it_says_or_nowhere(world: World) -> None:
    browser = await world.browser("administrator", "city")
    headers = await world.bearer("administrator", "city")
    for path in PATHS:
        client, given = (world.nobody, headers) if path.startswith("/api") else (browser, {})
        url = httpx.URL("http://localhost", raw_path=quote(path, safe="/%?&=;:\\.").encode())
        answer = await client.get(url, headers=given)
        assert answer.status_code < 500, path
        if not path.startswith(("/?", "/campaigns?")):
            assert answer.status_code == 404, (path, answer.status_code)
        assert "root:" not in answer.text, path
        assert "create_app" not in answer.text, path
        assert "evil.example" not in answer.headers.get("location", ""), path
        assert "set-cookie" not in {n for n in answer.headers if n.startswith("x")}


HEADERS: tuple[dict[str, Any], ...] = (
    {"cookie": "session=" + "a" * 4_000},
    {"cookie": "; ".join(f"a{n}=b" for n in range(500))},
    {"cookie": '=;;=; session; session="\\"; messages=a.b; __Host-session=x'},
    {"cookie": b"session=\xff\xfe; messages=\xe4"},
    {"authorization": "Bearer"},
    {"authorization": "Bearer " + "a" * 5_000},
    {"authorization": b"Bearer \xff\xfe"},
    {"authorization": "Basic eDp5"},
    {"authorization": ", ,"},
    {"accept": "text/html;q=nan, */*;q=-1, ;;"},
    {"accept-language": "x" * 3_000},
    {"if-none-match": "W/" * 1_000},
    {"if-modified-since": "Sat, 99 Foo 99999 99:99:99 GMT"},
    {"if-modified-since": b"\xff"},
    {"range": "bytes=9-1,,-"},
    {"host": "evil.example"},
    {"host": "localhost:99999999"},
    {"x-forwarded-for": "'; DROP TABLE account"},
    {"x-forwarded-proto": "gopher"},
    {"x-forwarded-host": "evil.example"},
    {"x-http-method-override": "DELETE"},
    {"content-type": "application/json"},
    {"content-length": "5"},
    {"origin": "null"},
    {"traceparent": "x" * 300},
    {"x-request-id": "a\tb" * 50},
)


async def test_no_header_makes_an_answer_another_one(world: World) -> None:
    for given in HEADERS:
        for path in ("/sign-in", "/health", "/api/v1/me", "/campaigns", "/static/tongxing.css"):
            headers = {"accept": "text/html", **given}
            answer = await world.nobody.request("GET", path, headers=headers)
            assert answer.status_code in {200, 303, 401}, (given, path, answer.status_code)
            assert "evil.example" not in answer.headers.get("location", ""), given
            assert "evil.example" not in answer.text, given


DEEP = 100_000
BODIES = (
    b"[" * DEEP + b"]" * DEEP,
    b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    b'{"key": 1' + b"0" * 1_000_000 + b"}",
    b'{"key": 1e999999}',
    b'{"key": -0.0}',
    b'{"key": NaN}',
    b'{"' + b"k" * 1_000_000 + b'": 1}',
    b"{" + b",".join(b'"k%d": 1' % n for n in range(100_000)) + b"}",
    b'{"key": "a", "key": "b"}',
    b'\xef\xbb\xbf{"key": "a"}',
    '{"key": "a"}'.encode("utf-16"),
    b'{"key": "\xff\xfe"}',
    b'{"key": "\\ud800"}',
    b'{"key": "a"} {"key": "b"}',
    b"null",
    b"true",
    b"",
    b"\0",
    b'"' + b"a" * 3_000_000 + b'"',
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{CAMPAIGN}/reported"),
        ("POST", f"{CAMPAIGN}/condolence/rounds"),
        ("PATCH", f"{CAMPAIGN}/condolence/rounds/n-x1"),
        ("PUT", f"{CAMPAIGN}/targets"),
        ("POST", "/api/v1/bundles"),
        ("POST", f"{CAMPAIGN}/volunteer/punches"),
    ],
)
async def test_a_body_that_nobody_writes_is_refused(world: World, method: str, path: str) -> None:
    headers = await world.bearer("organiser", "city")
    for body in BODIES:
        answer = await world.nobody.request(method, path, content=body, headers=headers)
        assert answer.status_code in {400, 409, 422}, (body[:50], answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 400_000, body[:50]
        json.loads(answer.content)
    large = await world.nobody.request(method, path, content=b" " * 12_000_001, headers=headers)
    assert large.status_code == 413


def part(head: str, content: bytes = b"x") -> bytes:
    return f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"


END = b"--b--\r\n"
FORMS = (
    part("name=a") * 5_000 + END,
    part('name=a; filename="x.csv"') * 1_500 + END,
    part("name=a; name=b") + END,
    part("filename=x") + END,
    part("name=a")[:-10],
    part('name="a\r\nX: y"') + END,
    part("name=a\r\nContent-Type: text/plain; charset=nothing") + END,
    part("name=a\r\nContent-Type: text/plain; charset=utf-7") + END,
    part("name=a", b"\xff\xfe\x00") + END,
    part('name="file"; filename="../../etc/passwd"') + END,
    part('name="file"; filename="' + "a" * 5_000 + '.xlsx"') + END,
    part("name=" + "a" * 100_000) + END,
    b"--b\r\n" + b"X-Y: z\r\n" * 10_000 + b"\r\n" + END,
    b"",
    b"--c--\r\n",
)
KINDS = (
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "b" * 5_000,
    "multipart/mixed; boundary=b",
    "application/x-www-form-urlencoded; charset=nothing",
    "application/x-www-form-urlencoded",
    "text/plain",
    ";;;",
    "",
)


async def test_a_form_that_no_browser_sends_is_refused(world: World) -> None:
    browser = await world.browser("clerk", "x1")
    path = "/campaigns/2022-city/reported/import"
    for body in FORMS:
        kind = {"content-type": "multipart/form-data; boundary=b"}
        answer = await browser.post(path, content=body, headers=kind)
        assert answer.status_code in {400, 413, 422}, (body[:60], answer.status_code)
    for name in KINDS:
        for body in (FORMS[2], b"a=b&" * 100_000, b"%", b"=", b"a=%ff%fe&b=%00"):
            answer = await browser.post(path, content=body, headers={"content-type": name})
            assert answer.status_code in {400, 413, 415, 422}, (name, body[:20])
