"""The server's side of a connection: how much it takes, and how long it waits.

uvicorn's own protocol waits for ever for a request that does not arrive and takes headers of any
size. This one counts and keeps time. A request that arrives in one piece, as nearly all do, starts
no timer and costs a few comparisons.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a connection takes, in bytes, and how long it waits, in seconds."""

    address: int = 8_192
    head: int = 32_768  # the first line and the headers of a request together
    headers: int = 100
    request: int = 32_000_000  # a body as it is sent, in chunks or whole, read by anybody or not
    ahead: int = 16  # requests sent on one connection before the first was answered
    connections: int = 800  # of a process; a service may usually have 1,024 files open
    head_seconds: float = 10.0
    body_seconds: float = 20.0  # in which least_bytes of a body must come, or its end
    least_bytes: int = 4_096
    writing_seconds: float = 30.0  # in which some of an answer must be taken
    lingering_seconds: float = 2.0  # a refusal is lost if we close while its reader still sends


# Status: (code, title, sentence). The application knows nothing of these requests.
SENTENCES: Final[dict[int, tuple[str, str, str]]] = {
    400: ("bad_request", "请求看不懂", "请求不符合 HTTP 的规定。"),
    408: ("too_slow", "等得太久", "请求没有及时传完，请检查网络后再试。"),
    413: ("too_large", "内容太大", "提交的内容太大（一个文件最多 10 MB），请减少后再试。"),
    414: ("address_too_long", "地址太长", "地址太长，请减少筛选条件后再试。"),
    431: ("headers_too_large", "请求头太大", "请求头太大或太多，请清除本站的 Cookie 后再试。"),
    503: ("unavailable", "暂时不能使用", "现在连接太多，请稍后再试。"),
}
HOST: Final = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:[]%"


class RefusedError(Exception):
    """Ends the reading of a request whose head breaks a rule or a limit."""


class Trailers(list[tuple[bytes, bytes]]):
    """Headers that come after a body: nobody reads them, so nobody keeps them."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        """Drop one."""


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol with limits. ``part`` tells what is being read: idle, head or body."""

    limits = Limits()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection while there is room, and give it a while to ask something."""
        super().connection_made(transport)
        self.part, self.refusal, self.deaf = "idle", 400, False
        self.chunk = self.head_bytes = self.body_bytes = self.body_seen = 0
        self.timer: asyncio.TimerHandle | None = None
        self.writing: asyncio.TimerHandle | None = None
        if len(self.connections) > self.limits.connections:
            self.refuse(503)
        else:
            self.timer = self.loop.call_later(self.limits.head_seconds, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._stop_timer()
        self._unset_keepalive_if_required()
        if self.writing is not None:
            self.writing.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; afterwards, watch over the rest of a request that is not whole."""
        if self.deaf or self.transport.is_closing():
            return
        before, self.chunk = self.part, len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nothing here is a web socket: it has been taken as an ordinary request
        except httptools.HttpParserError:
            self.refuse(self.refusal)
            return
        if self.part == "head":
            self.head_bytes += self.chunk if before != "body" else 0
            if self.head_bytes > self.limits.head:
                self.refuse(414 if len(self.url) > self.limits.address else 431)
            elif self.timer is None:
                self.timer = self.loop.call_later(self.limits.head_seconds, self._head_is_late)
        elif self.part == "body":
            self._unset_keepalive_if_required()
            self.body_bytes += self.chunk
            if self.body_bytes > self.limits.request:
                self.refuse(413)
            elif self.timer is None:
                self._watch_body()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._unset_keepalive_if_required()
        super().on_message_begin()
        self.part, self.head_bytes, self.body_bytes = "head", 0, 0

    def on_headers_complete(self) -> None:
        """Hand the request on, unless its head is refused."""
        if refusal := self._fault_of_head():
            self.refusal = refusal
            raise RefusedError
        self._stop_timer()
        self.part = "body"
        super().on_headers_complete()
        self.headers = Trailers()

    def on_message_complete(self) -> None:
        """Note that a request has arrived."""
        self._stop_timer()
        self.part = "idle"
        super().on_message_complete()
        if self.cycle.response_complete and self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _fault_of_head(self) -> int:
        """The status that refuses the head just read; 0 for a sound one."""
        if len(self.url) > self.limits.address:
            return 414
        if len(self.headers) > self.limits.headers:
            return 431
        if self.chunk > self.limits.head and self._head_size() > self.limits.head:
            return 431
        if len(self.pipeline) >= self.limits.ahead:
            return 503
        return 0 if self._is_clear() else 400

    def _is_clear(self) -> bool:
        """Whether every reader of this head understands the same (RFC 9112, 3.2, 6.1 and 11.2).

        The parser has refused most of what is not so before.
        """
        hosts = codings = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
                if value.translate(None, HOST):
                    return False
            elif name == b"transfer-encoding":
                codings += 1
                if value.lower() != b"chunked":
                    return False
        version = self.parser.get_http_version()
        if version == "1.1":
            return hosts == 1 and codings <= 1
        return version == "1.0" and hosts <= 1 and not codings

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _should_upgrade(self) -> bool:
        return False

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _head_is_late(self) -> None:
        """Refuse a head that does not arrive; close a connection on which nobody ever asked."""
        self.timer = None
        if self.part == "head":
            self.refuse(408)
        elif not self._asked():
            self.transport.close()

    def _asked(self) -> RequestResponseCycle | None:
        """The latest request on this connection; None before there is one."""
        return self.cycle

    def _watch_body(self) -> None:
        self.body_seen = self.body_bytes
        self.timer = self.loop.call_later(self.limits.body_seconds, self._body_is_late)

    def _body_is_late(self) -> None:
        """Refuse a body that has come to a stop, though it is awaited."""
        self.timer = None
        if not self.flow.read_paused and self.body_bytes - self.body_seen < self.limits.least_bytes:
            self.refuse(408)
        else:
            self._watch_body()

    def refuse(self, status: int) -> None:
        """Refuse what is being read, and read nothing more on this connection.

        A request before it is still answered; one that has begun to be answered breaks off.
        """
        self._stop_timer()
        self.deaf = True
        cycle = self._asked()
        if cycle and self.part == "body":
            cycle.disconnected = True
            cycle.message_event.set()
            if self.pipeline or cycle.response_started:
                self.transport.abort()
                return
        elif cycle and not cycle.response_complete:
            cycle.keep_alive = False  # what was asked before is answered, then it ends
            return
        self.transport.write(self._answer(status))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(self.limits.lingering_seconds, self.transport.abort)

    def _answer(self, status: int) -> bytes:
        code, title, sentence = SENTENCES[status]
        problem = {
            "type": f"urn:tongxing:problem:{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": sentence,
        }
        content = json.dumps(problem, ensure_ascii=False).encode()
        head = [
            *self.server_state.default_headers,
            (b"content-type", b"application/problem+json; charset=utf-8"),
            (b"content-length", b"%d" % len(content)),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
            *([(b"retry-after", b"5")] if status == 503 else []),
            (b"connection", b"close"),
        ]
        lines = [name + b": " + value + b"\r\n" for name, value in head]
        return b"".join([STATUS_LINE[status], *lines, b"\r\n", content])

    def pause_writing(self) -> None:
        """Watch over an answer that piles up because nobody takes it."""
        super().pause_writing()
        if self.writing is None:
            self._watch_writing()

    def resume_writing(self) -> None:
        """Somebody takes it."""
        super().resume_writing()
        if self.writing is not None:
            self.writing.cancel()
            self.writing = None

    def _watch_writing(self) -> None:
        size = self.transport.get_write_buffer_size()
        self.writing = self.loop.call_later(self.limits.writing_seconds, self._check_writing, size)

    def _check_writing(self, before: int) -> None:
        self.writing = None
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._watch_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close what nobody uses; what nobody even takes the last answer from, at once."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()


def options() -> dict[str, Any]:
    """What uvicorn is to be started with for these limits."""
    return {"http": Protocol, "ws": "none", "timeout_keep_alive": 5}
