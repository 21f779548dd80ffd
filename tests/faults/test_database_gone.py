"""The database stops, is held, or is taken away under a running server: 503, and back by itself."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.servers import Server, answered
from tests.fixtures.postgres import SETTINGS, PostgresServer, start_server

ADDRESS = "/api/v1/organisations"
OFFICE = ("organisation", "add", "city", "--name", "某市残联", "--level", "city")
TOKEN = ("token", "add", "robot", "--role", "administrator", "--organisation", "city")


def prepared(server: Server) -> httpx.Client:
    """A programme at a running server with one office."""
    server.command("migrate")
    server.command(*OFFICE)
    token = server.command(*TOKEN).strip()
    server.start()
    server.ready()
    return httpx.Client(
        base_url=server.address, headers={"authorization": f"Bearer {token}"}, timeout=40
    )


def office(number: int) -> dict[str, str]:
    return {"key": f"k{number}", "name": f"某县{number}", "level": "county", "parent": "city"}


def told(answer: httpx.Response, status: int, code: str) -> None:
    """A problem with a sentence, and when to come again."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["detail"].endswith("。")
    assert int(answer.headers["retry-after"]) > 0


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test's own, which it may crash; it commits as a real one does."""
    server = start_server(settings={**SETTINGS, "synchronous_commit": "on"})
    yield server
    server.stop()


@pytest.mark.postgres
def test_a_server_outlives_its_postgresql(own_postgres: PostgresServer, tmp_path: Path) -> None:
    server = Server(own_postgres.url(own_postgres.create_database()), tmp_path)
    try:
        with prepared(server) as client:
            assert client.post(ADDRESS, json=office(1)).status_code == 201
            own_postgres.crash()
            begun = time.monotonic()
            told(client.post(ADDRESS, json=office(2)), 503, "database_unavailable")
            told(client.get(ADDRESS), 503, "database_unavailable")
            told(client.get("/health"), 503, "database_unavailable")
            page = client.get("/campaigns", headers={"accept": "text/html"})
            assert (page.status_code, "暂时连不上数据库" in page.text) == (503, True)
            assert time.monotonic() - begun < 40
            own_postgres.start_again()
            answered(client, "GET", "/health", (200,), 60)
            answered(client, "GET", ADDRESS, (200,), 60)
            again = client.post(ADDRESS, json=office(3))
            assert again.status_code == 201, again.text
            keys = {each["key"] for each in client.get(ADDRESS).json()["items"]}
            assert keys == {"city", "k1", "k3"}
        assert server.running
        assert server.running.poll() is None
    finally:
        server.kill()


@pytest.fixture
def sqlite_server(sqlite_url: str, tmp_path: Path) -> Iterator[Server]:
    made = Server(sqlite_url, tmp_path)
    yield made
    made.kill()


def file_of(server: Server) -> Path:
    return Path(server.database_url.removeprefix("sqlite:///"))


def test_a_file_that_is_held_for_long_is_busy_and_reading_goes_on(sqlite_server: Server) -> None:
    with prepared(sqlite_server) as client:
        holder = sqlite3.connect(file_of(sqlite_server), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        told(client.post(ADDRESS, json=office(1)), 503, "database_busy")
        assert client.get(ADDRESS).status_code == 200
        holder.execute("ROLLBACK")
        holder.close()
        assert client.post(ADDRESS, json=office(1)).status_code == 201


def test_a_file_that_is_no_database_any_more_is_told_by_server_and_doctor(
    sqlite_server: Server,
) -> None:
    path = file_of(sqlite_server)
    with prepared(sqlite_server) as client:
        shutil.copyfile(path, path.with_suffix(".copy"))
        with path.open("r+b") as file:
            file.write(b"\0" * 4096)
        answer = client.post(ADDRESS, json=office(1))
        assert answer.status_code in (201, 503), answer.text
    sqlite_server.kill()
    for name in ("-wal", "-shm"):
        Path(f"{path}{name}").unlink(missing_ok=True)
    process = sqlite_server.begin("doctor")
    assert process.wait(60) != 0
    process = sqlite_server.begin("migrate")
    assert process.wait(60) == 2
    assert "数据库" in sqlite_server.said()
    assert "Traceback" not in sqlite_server.said()
    path.with_suffix(".copy").replace(path)
    sqlite_server.command("migrate")
