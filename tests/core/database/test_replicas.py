"""Reports from a real streaming replica: when it is asked, when it is not, when it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from core import bundles, campaigns, database, reports
from core.database.postgres_engine import PooledPostgresEngine
from core.database.replicas import Replica
from core.permissions import SYSTEM
from core.process import Process, opened
from core.settings import Settings
from tests.fixtures.application import CAMPAIGN_2022
from tests.fixtures.postgres import (
    STREAMING,
    PostgresServer,
    PostgresUnavailableError,
    start_server,
)
from tests.fixtures.requirement import missing

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def primary() -> Iterator[PostgresServer]:
    """A server that others may stream from."""
    try:
        server = start_server(settings=STREAMING)
    except PostgresUnavailableError as error:
        missing(f"没有能启动的 PostgreSQL，相关测试无法运行：{error}")
    yield server
    server.stop()


@pytest.fixture
async def process(
    primary: PostgresServer, key_file: Path, tmp_path: Path
) -> AsyncIterator[Process]:
    """A process on a migrated database of its own with the campaign of 2022, and a replica."""
    name = primary.create_database()
    settings = Settings(primary.url(name), key_file, replica_url="")
    async with opened(settings, migrate=True) as made:
        data = CAMPAIGN_2022.read_bytes()
        await bundles.import_bundle(data, made.plugins, made.catalogue, SYSTEM)
    replica = primary.start_replica()
    try:
        async with opened(
            Settings(primary.url(name), key_file, replica_url=replica.url(name))
        ) as made:
            made_state[made.settings.replica_url] = replica
            yield made
    finally:
        replica.stop()


made_state: dict[str, PostgresServer] = {}


def held() -> Replica:
    engine = database.engine()
    assert isinstance(engine, PooledPostgresEngine)
    assert engine.replica is not None
    return engine.replica


async def visits(process: Process) -> object:
    """A figure of the campaign as a page asks for it."""
    campaign = await campaigns.find("2022-city")
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    return report.figures.own["condolence.people"].value


async def caught_up(process: Process, changes: int) -> None:
    """Return when the replica has the campaign's change."""
    replica = await asyncpg.connect(process.settings.replica_url)
    async with asyncio.timeout(20):
        while True:
            found = await replica.fetchval("SELECT changes FROM campaign WHERE key = '2022-city'")
            if found == changes:
                break
            await asyncio.sleep(0.02)
    await replica.close()


async def change() -> int:
    """Count a change of the campaign; gives its count."""
    campaign = await campaigns.find("2022-city")
    async with database.transaction():
        await campaigns.touch(campaign.id)
    return campaign.changes + 1


async def test_reports_are_read_from_the_replica_while_it_has_what_the_primary_has(
    process: Process,
) -> None:
    """One story, for making a replica takes seconds: up to date, behind, again, gone."""
    campaign = await campaigns.find("2022-city")
    await caught_up(process, campaign.changes)
    figure = await visits(process)
    asked = held().reads
    assert asked > 5

    bundle = await _exported(process)
    assert held().reads == asked + 1  # that it is up to date; the rest was read in one snapshot

    # Outside a report, and inside a unit of work, the replica is not asked.
    async with database.transaction(), database.reporting(campaign.id, campaign.changes):
        assert await database.fetch_value("SELECT pg_is_in_recovery()") is False
    assert await database.fetch_value("SELECT pg_is_in_recovery()") is False
    async with database.reporting(campaign.id, campaign.changes):
        assert await database.fetch_value("SELECT pg_is_in_recovery()") is True
        async with database.snapshot():
            assert await database.fetch_value("SELECT pg_is_in_recovery()") is True
        # What writes goes to the primary wherever it is said.
        await database.execute("UPDATE campaign SET theme = theme WHERE id = :id", id=campaign.id)

    # Behind: nobody misses what he has just written.
    replica = await asyncpg.connect(process.settings.replica_url)
    await replica.execute("SELECT pg_wal_replay_pause()")
    changes = await change()
    async with database.reporting(campaign.id, changes):
        assert await database.fetch_value("SELECT pg_is_in_recovery()") is False
    async with database.reporting(campaign.id, changes - 1):
        assert await database.fetch_value("SELECT pg_is_in_recovery()") is True
    assert await visits(process) == figure
    await replica.execute("SELECT pg_wal_replay_resume()")
    await caught_up(process, changes)
    async with database.reporting(campaign.id, changes):
        assert await database.fetch_value("SELECT pg_is_in_recovery()") is True
    await replica.close()

    # Gone in the middle of a report: the primary goes on, and the replica is left alone.
    async with database.reporting(campaign.id, changes):
        made_state[process.settings.replica_url].stop()
        assert await database.fetch_value("SELECT pg_is_in_recovery()") is False
    asked = held().reads
    assert await visits(process) == figure
    assert await _exported(process) == bundle
    assert held().reads == asked


async def _exported(process: Process) -> str:
    found = await campaigns.find("2022-city")
    async with database.reporting(found.id, found.changes), database.snapshot():
        return await bundles.export_bundle(found.key, process.plugins)


async def test_a_replica_that_was_never_there_is_not_missed(
    postgresql_url: str, key_file: Path
) -> None:
    settings = Settings(postgresql_url, key_file, replica_url="postgresql://nobody@127.0.0.1:1/x")
    async with opened(settings, migrate=True):
        async with database.reporting(1, 0):
            assert await database.fetch_value("SELECT 1") == 1
        assert held().reads == 0


@pytest.mark.parametrize(
    ("address", "replica"),
    [("sqlite:///x/y.db", "postgresql://h/d"), ("postgresql://h/d", "sqlite:///x/y.db")],
)
def test_a_replica_is_of_the_same_kind(address: str, replica: str) -> None:
    with pytest.raises(database.DatabaseAddressError, match="只读副本"):
        database.connect(address, replica=replica)


async def test_what_is_read_in_a_snapshot_is_of_one_moment(
    migrated_postgresql_url: str, key_file: Path
) -> None:
    """And nothing can be written in it."""
    async with opened(Settings(migrated_postgresql_url, key_file)):
        other = await asyncpg.connect(migrated_postgresql_url)
        await other.execute("CREATE TABLE numbers (n INTEGER)")
        async with database.snapshot():
            assert await database.fetch("SELECT n FROM numbers") == []
            await other.execute("INSERT INTO numbers VALUES (1)")
            assert await database.fetch("SELECT n FROM numbers") == []
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await database.execute("INSERT INTO numbers VALUES (2)")
        assert await database.fetch("SELECT n FROM numbers") == [{"n": 1}]
        await other.close()
