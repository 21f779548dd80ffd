"""What a connection may do to the server: slow, endless, ambiguous and too many requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from litestar import Litestar, Response, get

from api.kit import serving
from tests.hostile.connections import HASTY, HOST, Server, Told, Wire, listening, until, words

LIMITS = serving.Limits()


@pytest.fixture
def engine_name() -> str:
    """None of this reaches a database."""
    return "sqlite"


@pytest.fixture
async def server(running_app: Litestar) -> AsyncIterator[Server]:
    """The application on a real socket, with little patience."""
    async with listening(running_app) as made:
        yield made


ABOUT = b"GET /robots.txt HTTP/1.1\r\n" + HOST
POST = b"POST /sign-in HTTP/1.1\r\n" + HOST


# Too much


LARGE_HEADS = {
    b"GET /about?" + b"a" * LIMITS.address + b" HTTP/1.1\r\n" + HOST + b"\r\n": 414,
    b"GET /" + b"a" * 300_000: 414,
    ABOUT + b"X-A: " + b"a" * LIMITS.head + b"\r\n\r\n": 431,
    ABOUT + b"X-A: " + b"a" * 3_000_000: 431,
    ABOUT + b"X: y\r\n" * LIMITS.headers + b"\r\n": 431,
    ABOUT + b"Cookie: " + b"a=b; " * 8_000 + b"\r\n\r\n": 431,
}


async def test_a_head_that_is_too_large_is_refused(server):
    for request, status in LARGE_HEADS.items():
        told = await server.ask(request)
        assert told.status == status, request[:100]
        assert words(told.sentence)
        assert told.headers["connection"] == "close"
        assert told.headers["content-type"].startswith("application/problem+json")


async def test_a_head_within_the_limits_is_answered(server):
    many = b"".join(b"X-%d: y\r\n" % number for number in range(LIMITS.headers - 1))
    assert (await server.ask(ABOUT + many + b"\r\n")).status == 200
    long = b"GET /robots.txt?" + b"a" * (LIMITS.address - 12) + b" HTTP/1.1\r\n"
    assert (await server.ask(long + HOST + b"\r\n")).status == 200
    large = b"X: " + b"a" * (LIMITS.head - 200) + b"\r\n"
    assert (await server.ask(ABOUT + large + b"\r\n")).status == 200


FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


async def test_a_body_that_says_that_it_is_too_large_is_refused_before_it_comes(server):
    told = await server.ask(POST + FORM + b"Content-Length: 12000001\r\n\r\n")
    assert told.status == 413
    assert words(told.sentence)


@pytest.mark.parametrize("kind", [FORM, b"Content-Type: multipart/form-data; boundary=b\r\n"])
async def test_a_chunked_body_that_grows_too_large_is_refused(server, kind):
    async with server.wire() as wire:
        await wire.send(POST + kind + b"Transfer-Encoding: chunked\r\n\r\n")
        start = (
            b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n" if b"boundary" in kind else b""
        )
        chunk = b"a" * 1_000_000
        await wire.send(b"%x\r\n%b\r\n" % (len(start + chunk), start + chunk))
        for _ in range(12):
            await wire.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        told = await wire.answer()
        assert told.status == 413
        assert words(told.sentence)
        for _ in range(40):  # and what comes after it is not taken for ever
            await wire.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        assert await wire.rest() == b""


# Too slow


@pytest.mark.parametrize("start", [b"G", ABOUT, ABOUT + b"X-A: aaa"])
async def test_a_head_that_does_not_arrive_is_refused(server, start):
    async with server.wire() as wire:
        await wire.send(start)
        told = await wire.answer()
        assert told.status == 408
        assert words(told.sentence)
        assert await wire.rest() == b""


async def dripped(wire: Wire, data: bytes) -> Told:
    """The answer to bytes sent one by one: read as soon as it comes, before the line is cut."""
    answer = asyncio.create_task(wire.answer())
    for byte in data:
        if answer.done():
            break
        await wire.send(bytes([byte]))
        await asyncio.sleep(0.01)
    return await answer


async def test_a_head_that_comes_drop_by_drop_is_refused(server):
    async with server.wire() as wire:
        assert (await dripped(wire, ABOUT + b"X-A: " + b"a" * 8)).status == 408


async def test_a_connection_on_which_nobody_asks_is_closed(server):
    async with server.wire() as wire:
        assert await wire.rest() == b""
    assert server.connections() == 0


@pytest.mark.parametrize("said", [b"Content-Length: 100\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_a_body_that_does_not_arrive_is_refused(server, said):
    async with server.wire() as wire:
        await wire.send(POST + FORM + said + b"\r\n" + b"5\r\nname=")
        told = await wire.answer()
        assert told.status == 408
        assert words(told.sentence)


async def test_a_body_that_comes_drop_by_drop_is_refused(server):
    async with server.wire() as wire:
        await wire.send(POST + FORM + b"Content-Length: 1000\r\n\r\n")
        assert (await dripped(wire, b"a" * 60)).status == 408


async def test_a_body_that_takes_its_time_but_comes_is_taken(server):
    async with server.wire() as wire:
        await wire.send(POST + FORM + b"Content-Length: 60000\r\n\r\n")
        for _ in range(12):
            await wire.send(b"a" * 5_000)
            await asyncio.sleep(HASTY.body_seconds / 6)
        assert (await wire.answer()).status == 422  # read to its end: no name, no password


@get("/", sync_to_thread=False)
def large() -> Response[bytes]:
    """More than any socket holds."""
    return Response(bytes(30_000_000))


async def test_whoever_does_not_take_his_answer_is_let_go():
    async with listening(Litestar([large])) as server, server.wire() as wire:
        await wire.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        await until(lambda: server.connections() == 1)
        await until(lambda: server.connections() == 0)


async def test_whoever_takes_his_answer_slowly_gets_it():
    async with listening(Litestar([large])) as server, server.wire() as wire:
        await wire.send(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        taken = 0
        while chunk := await wire.reader.read(3_000_000):
            taken += len(chunk)
            if taken < 20_000_000:
                await asyncio.sleep(HASTY.writing_seconds / 100)
        assert taken > 30_000_000


# Too many


async def test_connections_beyond_the_limit_are_told_so(server):
    wires = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(20)]
    try:
        told = await server.ask(ABOUT + b"\r\n")
        assert told.status == 503
        assert told.headers["retry-after"]
        assert words(told.sentence)
    finally:
        for _, writer in wires:
            writer.transport.abort()
    await asyncio.sleep(0.05)
    assert (await server.ask(ABOUT + b"\r\n")).status == 200


async def test_requests_sent_ahead_are_answered_in_order_up_to_a_number(server):
    async with server.wire() as wire:
        await wire.send((ABOUT + b"\r\n") * 10)
        assert [(await wire.answer()).status for _ in range(10)] == [200] * 10
    async with server.wire() as wire:
        await wire.send((ABOUT + b"\r\n") * 500)
        answered = (await wire.rest()).count(b"HTTP/1.1 200")
        assert answered == LIMITS.ahead + 1


async def test_what_follows_a_good_request_is_refused_after_its_answer(server):
    async with server.wire() as wire:
        await wire.send(ABOUT + b"\r\n" + b"\x16\x03\x01\x02\x00 junk")
        assert (await wire.answer()).status == 200
        assert b"HTTP" not in await wire.rest()


# Ambiguous: read in one way by a proxy and in another by us


AMBIGUOUS = (
    POST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    POST + b"Content-Length: 5, 5\r\n\r\nhello",
    POST + b"Content-Length: +5\r\n\r\nhello",
    POST + b"Content-Length: -5\r\n\r\nhello",
    POST + b"Content-Length: 0x5\r\n\r\nhello",
    POST + b"Content-Length: 99999999999999999999999\r\n\r\nhello",
    POST + b"Transfer-Encoding: identity\r\n\r\nhello",
    POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n",
    POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Host: elsewhere\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \xe4\xb8\xad\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n",
    b"GET / HTTP/1.1\nHost: localhost\n\n",
    b"GET / HTTP/1.1\rHost: localhost\r\r",
    b"GET /\r\n\r\n",
    b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /\xe4\xb8\xad HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://h HTTP/1.1\r\n" + HOST + b"\r\n",
    b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    ABOUT + b"X\r\n\r\n",
    ABOUT + b"X: a\0b\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"\0" * 100,
    b"SSH-2.0-x\r\n",
)


async def test_a_request_that_can_be_read_in_two_ways_is_refused(server):
    for request in AMBIGUOUS:
        async with server.wire() as wire:
            await wire.send(request)
            told = await wire.answer()
            assert told.status == 400, request
            assert words(told.sentence)
            assert b"HTTP" not in await wire.rest(), request


async def test_trailers_are_no_headers(server):
    async with server.wire() as wire:
        body = b"5\r\nhello\r\n0\r\nAuthorization: Bearer tx_x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"
        await wire.send(POST + FORM + b"Transfer-Encoding: chunked\r\n\r\n" + body)
        assert (await wire.answer()).status == 422
        await wire.send(ABOUT + b"\r\n")
        assert (await wire.answer()).status == 200


ODD = (
    (b"GET http://elsewhere/robots.txt HTTP/1.1\r\n" + HOST + b"\r\n", 200),
    (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    (b"GET /robots.txt HTTP/1.0\r\n\r\n", 200),
    (ABOUT + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n", 200),
    (ABOUT + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n", 200),
    (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    (b"GET /about HTTP/1.1\r\n" + HOST + b"Range: bytes=0-1\r\n\r\n", 200),
    (POST + b"X-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n", 415),
    (ABOUT + b"Accept: \xff\xfe\r\nCookie: \xff=\xfe; session=\xe4\r\n\r\n", 200),
)


async def test_what_is_odd_but_clear_is_answered(server):
    for request, status in ODD:
        assert (await server.ask(request)).status == status, request


def test_every_refusal_of_the_protocol_says_what_to_do():
    for code, title, sentence in serving.SENTENCES.values():
        assert code.isidentifier()
        assert words(title)
        assert words(sentence)
