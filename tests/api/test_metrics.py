"""Requests named, measured and logged; what Prometheus is told."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar
from prometheus_client import parser

from api.kit import measuring, meters
from core import logs
from tests.fixtures.application import Bearer
from tests.fixtures.every_route import World, installed
from tests.fixtures.permission_table import Case
from tests.fixtures.route_bodies import BODIES

IDENTIFIER = re.compile(r"[0-9a-f]{32}")
UUID = "7f6c2f7e-5d0e-4b57-9d2b-0d4b8a6f9c11"
# Somebody's name, telephone, citizen's number, password and token.
PERSON = ("张三丰甲", "13812345678", "11010519491231002X", "my-pass-word-1949", "tx_tokentoken42")


@pytest.fixture
def lines() -> Iterator[Callable[[], list[str]]]:
    """Every line of the log, which writes whatever a server can be told to write."""
    root, own, stream = logging.getLogger(), logging.getLogger(logs.OWN), io.StringIO()
    before = (list(root.handlers), root.level, own.level)
    logs.configure("json", "debug", stream)
    yield lambda: stream.getvalue().splitlines()
    root.handlers[:], level, own_level = before
    root.setLevel(level)
    own.setLevel(own_level)


@pytest.fixture
async def client(
    campaign_2022: str, browsers: Callable[[], httpx.AsyncClient]
) -> httpx.AsyncClient:
    """Somebody whom nobody knows, of a server with a campaign."""
    assert campaign_2022
    return browsers()


@pytest.fixture
def told(client: httpx.AsyncClient, bearer: Bearer) -> Callable[[], Any]:
    """``await told()``: the samples of ``/metrics``, as a monitor of the city reads them."""

    async def ask() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        answer = await client.get("/metrics", headers=await bearer("monitor", "city"))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in parser.text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    return ask


def labels(**given: str) -> frozenset[tuple[str, str]]:
    return frozenset(given.items())


async def test_every_answer_names_its_request(client: httpx.AsyncClient) -> None:
    ask = client.get
    for path in ("/health", "/nothing-here", "/static/tongxing.css", "/campaigns", "/api/v1/me"):
        answer = await ask(path)
        assert answer.headers.get_list("x-request-id") == [answer.headers["x-request-id"]], path
        assert IDENTIFIER.fullmatch(answer.headers["x-request-id"]), path
    first, second = await ask("/health"), await ask("/health")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    again = {"if-none-match": first.headers["etag"]}
    unchanged = await ask("/health", headers=again)
    assert (unchanged.status_code, len(unchanged.headers["x-request-id"])) == (304, 32)
    told = await ask("/api/v1/me", headers={"accept": "application/json"})
    assert told.json()["request_id"] == told.headers["x-request-id"]


def test_only_an_identifier_that_is_one_is_taken() -> None:
    for given, taken in (
        ("0123456789abcdef0123456789abcdef", True),
        (UUID, True),
        (PERSON[1], False),
        (PERSON[2], False),
        ("110105194912310021", False),  # nor a citizen's number without a letter
        ("0123456789ABCDEF0123456789ABCDEF", False),
        (f"{UUID}{UUID}", False),
        ("", False),
    ):
        found = measuring.identifier([(b"host", b"x"), (b"x-request-id", given.encode())])
        assert (found == given) == taken, given
        assert taken or IDENTIFIER.fullmatch(found)


async def test_requests_and_statements_are_counted(
    client: httpx.AsyncClient, bearer: Bearer, told
) -> None:
    route = labels(method="GET", route="/api/v1/campaigns/{campaign}", status="200")
    unknown = labels(method="other", route="(unknown)", status="404")
    before = await told()
    headers = await bearer("viewer", "city")
    async with measuring.measuring(500):
        for _ in range(3):
            answer = await client.get("/api/v1/campaigns/2022-city", headers=headers)
            assert answer.status_code == 200
    await client.request("BREW", "/nothing-here")
    after = await told()

    def more(name: str, by: frozenset[tuple[str, str]] = frozenset()) -> float:
        return after.get((name, by), 0) - before.get((name, by), 0)

    assert more("tongxing_requests_total", route) == 3
    timed = labels(method="GET", route="/api/v1/campaigns/{campaign}")
    assert more("tongxing_request_seconds_count", timed) == 3
    assert more("tongxing_request_seconds_sum", timed) > 0
    assert more("tongxing_statement_seconds_count", labels(kind="select")) >= 6
    assert more("tongxing_requests_total", unknown) == 1
    assert not any("BREW" in str(key) or "nothing-here" in str(key) for key in after)


async def test_the_database_and_the_process_are_told(told) -> None:
    found = await told()
    assert found["tongxing_campaigns", labels(state="open")] == 1
    assert ("tongxing_table_rows", labels(table="volunteer_punch")) in found
    assert found["tongxing_process_resident_bytes", labels()] > 10_000_000
    connections = {
        state: found["tongxing_database_connections", labels(state=state)]
        for state in ("busy", "idle", "most")
    }
    assert connections["most"] >= connections["busy"] + connections["idle"] > 0


async def test_nobody_can_make_what_is_scraped_longer(client: httpx.AsyncClient, told) -> None:
    methods = ("GET", "POST", "BREW", "MAKE")
    for method in methods:
        await client.request(method, "/nothing-here")
    await told()  # being asked is counted too, once it is answered
    before = await told()
    for number in range(20):
        await client.request(methods[number % 4], f"/nothing-{number}?{number}={number}")
    assert set(await told()) == set(before)


async def test_only_who_holds_it_at_the_top_reads_it(
    client: httpx.AsyncClient, bearer: Bearer
) -> None:
    ask = client.get
    assert (await ask("/metrics", headers={"accept": "text/html"})).status_code == 401
    for role, office, status in (
        ("administrator", "city", 200),
        ("administrator", "x1", 404),
        ("monitor", "x1", 404),
        ("organiser", "city", 403),
    ):
        answer = await ask("/metrics", headers=await bearer(role, office))
        assert answer.status_code == status, (role, office)
    headers = await bearer("monitor", "city")  # and reads nothing else
    for path in ("/campaigns", "/accounts", "/audit", "/api/v1/campaigns"):
        assert (await ask(path, headers=headers)).status_code == 403, path


async def test_a_stream_is_counted_while_it_lasts_and_not_as_slow() -> None:
    sent: list[Any] = []
    during: list[float] = []

    async def send(message: Any) -> None:
        sent.append(message)
        during.append(meters.STREAMS._value.get())

    before = meters.STREAMS._value.get()
    answer = measuring._Answer(send, b"0f")
    stream = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await answer({"type": "http.response.start", "status": 200, "headers": stream})
    answer.ended()
    assert during == [before + 1]
    assert meters.STREAMS._value.get() == before
    assert sent[0]["headers"][-1] == (b"x-request-id", b"0f")


def test_a_plugin_that_fails_is_counted_by_name() -> None:
    def failures() -> float:
        return meters.PLUGIN_FAILURES.labels("odd")._value.get()

    before = failures()
    record = logging.LogRecord("tongxing.plugins", logging.ERROR, "", 0, "failed", (), None)
    record.facts = {"plugin": "odd"}
    meters.Records().handle(record)
    assert failures() == before + 1


def replaced(value: Any) -> Any:
    """A body of the same shape, all its text somebody's data."""
    if isinstance(value, dict):
        return {name: replaced(each) for name, each in value.items()}
    if isinstance(value, list):
        return [replaced(each) for each in value]
    return PERSON[0] if isinstance(value, str) else value


def personal(case: Case, *, in_path: bool) -> tuple[str, dict[str, Any]]:
    """An address and the rest of a request, with somebody's data wherever it may stand."""
    names = iter(PERSON * 3)
    path = case.address.partition("?")[0]
    if in_path:
        path = re.sub(r"\{\w+\}", lambda _: quote(next(names)), case.pattern)
    query = "&".join(
        f"{name}={quote(value)}"
        for name, value in zip(("q", "name", "token", "cursor"), PERSON[:4], strict=True)
    )
    headers = {
        "accept": "application/json" if case.is_data else "text/html",
        "referer": f"http://localhost/?q={PERSON[1]}",
        "user-agent": PERSON[1],
        "x-request-id": PERSON[2],
        "idempotency-key": PERSON[1],
    }
    if case.reads or case.method == "DELETE":
        return f"{path}?{query}", {"headers": headers}
    body = replaced(BODIES.get(case.route, {}))
    if isinstance(body, dict):
        body |= {"name": PERSON[0], "password": PERSON[3]}
    return f"{path}?{query}", {"headers": headers, ("json" if case.is_data else "data"): body}


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_nothing_of_anybody_reaches_the_log(
    world: World, built_app: Litestar, lines: Callable[[], list[str]]
) -> None:
    browser = await world.browser("organiser", "city")
    statuses = set()
    table = [
        case
        for case in installed(built_app)
        if not case.uploads and case.pattern != "/sign-out" and case.method != "DELETE"
    ]
    async with measuring.measuring(0):  # every statement is a slow one
        for case in table:
            for in_path in (False, True):
                address, rest = personal(case, in_path=in_path)
                answer = await browser.request(case.method, address, **rest)
                statuses.add(answer.status_code)
                assert answer.status_code < 500, (case, answer.text[:300])
        await browser.get("/campaigns", headers={"authorization": f"Bearer {PERSON[4]}"})
        await browser.post("/sign-in", data={"name": PERSON[1], "password": PERSON[3]})
    assert {200, 404, 422} <= statuses
    written = lines()
    requests = [line for line in written if '"event": "request"' in line]
    assert len(requests) >= 2 * len(table)
    assert any('"slow statement"' in line for line in written)
    for word in PERSON:
        for spelled in {word, quote(word), json.dumps(word).strip('"')}:
            assert [line for line in written if spelled in line][:3] == []


def test_two_processes_count_together() -> None:
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from api.kit import meters\n"
        "meters.Requests().count('GET', '/x', 200, 0.01)\n"
        "meters.STREAMS.inc()\n"
        "print(meters.text().decode() if sys.argv[1] == 'tell' else '')\n"
    )
    with meters.several():
        ask = [sys.executable, "-c", script]
        subprocess.run([*ask, "count"], check=True, capture_output=True)
        told = subprocess.run([*ask, "tell"], check=True, capture_output=True, text=True).stdout
    assert 'tongxing_requests_total{method="GET",route="/x",status="200"} 2.0' in told
    assert "tongxing_streams 1.0" in told  # the first process has ended, and its stream with it
    assert meters.FOLDER not in os.environ
