"""The fixtures that all other tests stand on."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import pytest

from tests.fixtures import postgres, requirement
from tests.fixtures.postgres import PostgresServer, PostgresUnavailableError


async def test_a_postgresql_database_is_empty_and_takes_writes(postgresql_url: str) -> None:
    connection = await asyncpg.connect(postgresql_url)
    tables = await connection.fetchval(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    )
    await connection.execute("CREATE TABLE word (text TEXT)")
    await connection.execute("INSERT INTO word VALUES ('㛃𠮷')")
    assert (tables, await connection.fetchval("SELECT text FROM word")) == (0, "㛃𠮷")
    await connection.close()


async def test_the_server_orders_text_by_language_and_not_by_code_point(
    postgresql_url: str,
) -> None:
    connection = await asyncpg.connect(postgresql_url)
    if await connection.fetchval("SELECT count(*) FROM pg_collation WHERE collprovider = 'i'") == 0:
        await connection.close()
        pytest.skip("这台机器的 PostgreSQL 没有 ICU，文字按码位排序")
    rows = await connection.fetch("SELECT k FROM (VALUES ('B'), ('a'), ('C')) AS t (k) ORDER BY k")
    assert [row["k"] for row in rows] == ["a", "B", "C"]
    assert await connection.fetchval("SHOW timezone") == "Asia/Shanghai"
    await connection.close()


async def test_a_database_can_be_a_copy_of_another(postgres_server: PostgresServer) -> None:
    template = postgres_server.create_database()
    connection = await asyncpg.connect(postgres_server.url(template))
    await connection.execute("CREATE TABLE word AS SELECT 7 AS number")
    await connection.close()
    copy = postgres_server.create_database(template)
    connection = await asyncpg.connect(postgres_server.url(copy))
    assert await connection.fetchval("SELECT number FROM word") == 7
    postgres_server.drop_database(copy)  # with a connection still open
    postgres_server.drop_database(template)
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(postgres_server.url(copy))
    connection.terminate()


@pytest.mark.parametrize("programs", postgres.program_folders(), ids=str)
def test_any_programs_serve_and_leave_nothing_behind(programs: Path) -> None:
    server = postgres.start_server([programs])
    folder = server._folder
    assert (folder / "data" / "PG_VERSION").exists()
    server.stop()
    assert not folder.exists()
    assert server._process.returncode == 0


def test_unreachable_programs_are_copied(tmp_path: Path) -> None:
    programs = postgres.program_folders()[0]
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    broken = tmp_path / "pginstall" / "bin"
    broken.mkdir(parents=True)
    (broken / "postgres").write_bytes((programs / "postgres").read_bytes())
    (broken / "postgres").chmod(0o600)
    found = postgres._reachable(broken, folder)
    assert found == folder / "programs" / "bin"
    assert (found / "postgres").read_bytes() == (programs / "postgres").read_bytes()


def test_without_programs_the_lack_is_named() -> None:
    with pytest.raises(PostgresUnavailableError, match="no programs"):
        postgres.start_server([])


def test_broken_programs_give_way_to_the_next(tmp_path: Path) -> None:
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("no program")
        (tmp_path / name).chmod(0o755)
    server = postgres.start_server([tmp_path, *postgres.program_folders()])
    server.run("SELECT 1")
    server.stop()


def test_the_sqlite_address_names_a_fresh_file(sqlite_url: str) -> None:
    path = unquote(sqlite_url.removeprefix("sqlite:///"))
    assert Path(path).is_absolute()
    assert not Path(path).exists()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE word (text TEXT)")
    connection.close()
    assert Path(path).exists()


def test_each_engine_gets_its_own_address(engine_name: str, database_url: str) -> None:
    assert database_url.startswith(f"{engine_name}://")


@pytest.mark.parametrize("value", ["true", "1"])
def test_in_ci_a_lack_is_an_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CI", value)
    with pytest.raises(pytest.fail.Exception, match="no browser"):
        requirement.missing("no browser")


@pytest.mark.parametrize("value", ["", "false", None])
def test_elsewhere_a_lack_is_a_loud_skip(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("CI", raising=False)
    else:
        monkeypatch.setenv("CI", value)
    with pytest.warns(UserWarning, match="no browser"), pytest.raises(pytest.skip.Exception):
        requirement.missing("no browser")


@pytest.mark.browser
def test_the_browser_runs(chromium_path: str) -> None:
    found = subprocess.run(
        [chromium_path, "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "hrom" in found.stdout


def test_axe_is_the_pinned_one(axe_source: str) -> None:
    assert "4.14.1" in axe_source[:200]
