"""Large requests are answered by a process beside the server: either may end at any moment."""

from __future__ import annotations

import io
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bench.bundles import bundle
from core.documents import canonical_bytes
from tests.faults.servers import Server, started_by
from tests.faults.test_killed import headers, rows
from tests.fixtures.application import CAMPAIGN_2022
from tests.fixtures.recap_photos import SAID, photo

RECORDS = 4_000
IMPORTS = "SELECT COUNT(*) FROM audit_entry WHERE action = 'import'"
CAMPAIGNS = "SELECT COUNT(*) FROM campaign"
LINES = "SELECT COUNT(*) FROM condolence_line"


@pytest.fixture
def serving(server: Server) -> httpx.Client:
    """A programme of an administrator, of a server that has a campaign."""
    server.command("import", str(CAMPAIGN_2022))
    allowed = headers(server, "administrator")
    server.start()
    server.ready()
    return httpx.Client(base_url=server.address, headers=allowed, timeout=60)


@pytest.fixture(scope="module")
def large() -> bytes:
    """A campaign large enough not to be read by the server itself."""
    document = bundle(RECORDS)
    document["organisations"][0]["key"] = "city"
    return canonical_bytes(document)


def send(client: httpx.Client, data: bytes, key: str) -> httpx.Response:
    return client.post("/api/v1/bundles", content=data, headers={"idempotency-key": key})


def until(found: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def beside(server: Server) -> list[int]:
    assert server.running is not None
    return list(started_by(server.running.pid, "annex"))


def written(server: Server) -> tuple[int, ...]:
    """How many campaigns there are, imports of them, and lines."""
    return tuple(rows(server.database_url, sql)[0][0] for sql in (CAMPAIGNS, IMPORTS, LINES))


def test_a_large_import_is_whole_or_not_there_whoever_is_killed_and_is_repeated_once(
    server: Server, serving: httpx.Client, large: bytes, seed: int
) -> None:
    chance, key = random.Random(seed), str(uuid4())
    before = written(server)
    after = (before[0] + 1, before[1] + 1, before[2] + RECORDS)
    answers: list[httpx.Response] = []

    def ask() -> None:
        with suppress(httpx.TransportError):  # the server was killed
            answers.append(send(serving, large, key))

    for victim in ("annex", "server"):
        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: beside(server))
        [annex] = beside(server)
        time.sleep(chance.uniform(0.5, 2.5))
        assert server.running is not None
        os.kill(annex if victim == "annex" else server.running.pid, signal.SIGKILL)
        asking.join(60)
        # Who answers beside a server ends with it, by itself, and undoes what nobody waits for.
        until(partial(is_dead, annex))
        assert written(server) in (before, after)
        if victim == "server":
            server.kill()
            server.start()
            server.ready()
    assert all(
        answer.status_code == 201 or answer.json()["code"] == "interrupted" for answer in answers
    )
    answer = send(serving, large, key)
    assert answer.status_code == 201, answer.text
    assert written(server) == after
    server.command("check")


def is_dead(pid: int) -> bool:
    """Whether a process does nothing more, buried or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    return state.rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_server_never_loads_what_large_requests_need(
    server: Server, serving: httpx.Client, large: bytes
) -> None:
    campaign = "/api/v1/campaigns/2022-city"
    assert send(serving, large, "one").status_code == 201
    text = {"text": "走访慰问残疾人家庭1200户，发放慰问金36万元，户均300元。"}
    pages = "/campaigns/2022-city"
    picture = {"file": ("现场.png", photo(), "image/png")}
    table = {"file": ("表.csv", io.BytesIO("编号\n1\n".encode()), "text/csv")}
    refused = serving.post("/import-organisations", files=table)
    assert "表格要改" in refused.text
    for answer in (
        serving.get("/api/v1/campaigns/bench/bundle"),
        serving.get(f"{pages}/condolence/recipients/export.xlsx"),
        serving.get(f"{pages}/condolence/recipients/template.xlsx"),
        serving.get(f"{pages}/reported/template.xlsx"),
        serving.get("/organisations.xlsx"),
        serving.get("/import-organisations/template.xlsx"),
        serving.post(f"{campaign}/proofread", json=text),
        serving.post(
            f"{campaign}/recap/photos", params={"organisation": "x1"}, data=SAID, files=picture
        ),
        serving.post(f"{campaign}/recap/versions", params={"organisation": "x1"}, json={}),
    ):
        assert answer.status_code in (200, 201), (answer.url, answer.text[:300])
    assert len(beside(server)) == 1
    assert server.running is not None
    maps = Path(f"/proc/{server.running.pid}/maps").read_text(encoding="utf-8")
    assert "asyncpg" in maps
    for library in ("lxml", "PIL", "numpy", "matplotlib", "typst", "cn2an"):
        assert f"/{library}" not in maps
    assert "/lxml" in Path(f"/proc/{beside(server)[0]}/maps").read_text(encoding="utf-8")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_server_that_is_asked_to_stop_leaves_nobody_behind(
    server: Server, serving: httpx.Client
) -> None:
    assert serving.get("/organisations.xlsx").status_code == 200
    [annex] = beside(server)
    assert server.running is not None
    server.running.terminate()
    assert server.running.wait(30) == 0
    assert is_dead(annex)
