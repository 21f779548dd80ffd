"""What an operator is told when PostgreSQL takes fewer connections than he asks for."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from core.database import capacity
from core.process import opened
from core.settings import Settings, SettingsError


async def test_on_sqlite_there_is_nothing_to_run_out_of(
    migrated_sqlite_url: str, key_file: Path
) -> None:
    async with opened(Settings(migrated_sqlite_url, key_file, pool_size=200)) as process:
        assert await capacity.complaints(process.settings, workers=64) == []
        assert await capacity.replica_complaints() == []


@pytest.mark.postgres
async def test_a_server_is_asked_what_it_allows(
    migrated_postgresql_url: str, key_file: Path
) -> None:
    """200 connections less three that are kept: 14 processes, thirteen for each."""
    settings = Settings(migrated_postgresql_url, key_file)
    async with opened(settings):
        assert await capacity.complaints(settings, workers=14) == []
        told = await capacity.complaints(settings, workers=15)
        need, _, advice = told[0].partition("：")
        assert need == "15 个服务进程最多会用 203 个数据库连接，而数据库只允许 197 个"
        assert advice == "请把 TONGXING_POOL_SIZE 设为 9 或更小，或调大数据库的 max_connections"
        told = await capacity.complaints(settings, workers=200)
        assert "请减少服务进程，或调大" in told[0]


@pytest.mark.postgres
async def test_the_database_may_allow_less_than_its_server(
    migrated_postgresql_url: str, key_file: Path
) -> None:
    settings = Settings(migrated_postgresql_url, key_file)
    connection = await asyncpg.connect(migrated_postgresql_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 18')
    await connection.close()
    async with opened(settings):
        told = await capacity.complaints(settings)
        assert "而数据库只允许 18 个：请把 TONGXING_POOL_SIZE 设为 7 或更小" in told[0]


@pytest.mark.postgres
async def test_a_replica_is_looked_at(
    migrated_postgresql_url: str, postgresql_url: str, key_file: Path, tmp_path: Path
) -> None:
    """One that is there (here the database itself), one of another database, one that is not."""
    other = Settings(postgresql_url, tmp_path / "other.key")
    async with opened(other, migrate=True):
        pass
    told = []
    for address in (migrated_postgresql_url, postgresql_url, "postgresql://x@127.0.0.1:1/y"):
        settings = Settings(migrated_postgresql_url, key_file, replica_url=address)
        async with opened(settings):
            told.append(await capacity.replica_complaints())
    assert told[0] == []
    assert told[1] == ["TONGXING_REPLICA_URL 指的不是这个数据库的副本"]
    assert told[2] == ["只读副本（TONGXING_REPLICA_URL）读不到，统计和总结由主数据库承担"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TONGXING_POOL_SIZE", "0"),
        ("TONGXING_POOL_SIZE", "十"),
        ("TONGXING_STATEMENT_SECONDS", "0"),
        ("TONGXING_STATEMENT_SECONDS", "1.5"),
        ("TONGXING_LIVE_STREAMS", "-1"),
    ],
)
def test_a_number_that_cannot_be_used_is_told(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({variable: value})


def test_settings_reach_another_process() -> None:
    made = Settings(
        pool_size=3, statement_seconds=9, replica_url="postgresql://r/x", live_streams=4
    )
    assert Settings.from_environment(made.as_environment()) == made
