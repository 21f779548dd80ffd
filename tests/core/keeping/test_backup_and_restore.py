"""A backup is of one moment, and a restore leaves the old or the new, whatever happens."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import pytest

from core import audit_seals, bundles, database, installation, moments, privacy
from core.checking import everything
from core.keeping import occupancy, postgres_programs
from core.keeping.backing_up import Backup, back_up
from core.keeping.refusal import KeepingError
from core.keeping.restoring import SQLITE, Restored, restore
from core.permissions import SYSTEM
from core.process import opened
from core.settings import Settings
from tests.fixtures.command_line import ROOT, CommandLine
from tests.fixtures.postgres import program_folders

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
FIRST, SECOND = "2012-street", "2015-county"


@pytest.fixture
def settings(migrated_url: str, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database of this test's own, and for PostgreSQL the programs of its server."""
    if migrated_url.startswith("postgresql"):
        monkeypatch.setattr(postgres_programs, "FOLDERS", ())
        monkeypatch.setenv("PATH", str(program_folders()[0]), prepend=":")
    return Settings(migrated_url, key_file)


async def imported(settings: Settings, key: str) -> None:
    """Import a campaign."""
    data = (CAMPAIGNS / f"{key}.json").read_bytes()
    async with opened(settings) as process:
        await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)


async def exported(settings: Settings) -> list[str]:
    """All campaigns as they are exported; all of them are whole."""
    async with opened(settings) as process:
        assert (await everything.check(process, lambda _: None)).complaints == []
        rows = await database.fetch("SELECT key FROM campaign ORDER BY key")
        return [await bundles.export_bundle(row["key"], process.plugins) for row in rows]


async def executed(settings: Settings, *statements: str) -> None:
    """Run statements that the software would not."""
    async with opened(settings):
        for statement in statements:
            await database.execute(statement)


async def backed_up(settings: Settings, file: Path, keep: int = 0) -> Backup:
    return await back_up(settings, file, lambda _: None, keep=keep)


async def restored(settings: Settings, file: Path, *, replace: bool = True) -> Restored:
    return await restore(settings, file, lambda _: None, replace=replace)


async def test_what_was_backed_up_comes_back(
    settings: Settings, tmp_path: Path, engine_name: str
) -> None:
    await imported(settings, FIRST)
    first = await exported(settings)
    file = tmp_path / "backup"
    made = await backed_up(settings, file)
    assert made.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (made.bytes, made.engine) == (file.stat().st_size, engine_name)
    assert file.stat().st_mode & 0o777 == 0o600
    identity, secret = settings.key_file.read_text().split()
    assert made.key == identity
    assert secret.encode() not in file.read_bytes()
    assert made.seal
    async with opened(settings):
        noted = await installation.last_backup()
        assert noted is not None
        assert timedelta() <= moments.now() - noted < timedelta(minutes=5)

    await imported(settings, SECOND)
    both = await exported(settings)
    with pytest.raises(KeepingError, match="--replace"):
        await restored(settings, file, replace=False)
    assert await exported(settings) == both
    done = await restored(settings, file)
    assert await exported(settings) == first
    async with opened(settings):
        newest = await audit_seals.last()
        assert newest is not None
        assert newest.digest == made.seal
        told = "SELECT thing_key FROM audit_entry WHERE action = 'installation.restored'"
        assert await database.fetch_value(told) == "backup"
        if engine_name == "postgresql":
            old = await database.fetch_value(f"SELECT COUNT(*) FROM {done.aside}.campaign")
            assert old == 2
    if engine_name == "sqlite":
        aside = replace(settings, database_url=f"sqlite:///{done.aside}")
        assert await exported(aside) == both


async def test_what_was_there_stays_each_time_also_twice_within_a_second(
    settings: Settings, tmp_path: Path, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(settings, FIRST)
    file = tmp_path / "backup"
    await backed_up(settings, file)
    second = moments.now()
    monkeypatch.setattr(moments, "now", lambda: second)
    kept = []
    for key in (SECOND, "2022-city", "generated-1"):
        await imported(settings, key)
        before = await exported(settings)
        kept.append(((await restored(settings, file)).aside, before))
    for aside, before in kept:
        if engine_name == "sqlite":
            there = replace(settings, database_url=f"sqlite:///{aside}")
            assert await exported(there) == before
        else:
            async with opened(settings):
                rows = await database.fetch(f"SELECT key FROM {aside}.campaign ORDER BY key")
            assert [row["key"] for row in rows] == [
                json.loads(campaign)["campaign"]["key"] for campaign in before
            ]
    assert len({aside for aside, _ in kept}) == 3


async def test_an_old_backup_goes_into_an_empty_database_and_is_brought_up_to_date(
    settings: Settings, tmp_path: Path, engine_name: str, request: pytest.FixtureRequest
) -> None:
    await imported(settings, FIRST)
    first = await exported(settings)
    await executed(
        settings,
        "DROP TABLE audit_seal",
        "DELETE FROM migration WHERE name = '2026-11-22T09:29:37:159521'",
        "INSERT INTO session (token_hash, account, created_at, last_seen_at, expires_at)"
        " SELECT 'x', id, created_at, created_at, created_at FROM account",
    )
    file = tmp_path / "old"
    told: list[str] = []
    assert (await back_up(settings, file, told.append)).seal == ""
    reason = "数据库结构还差 1 步更新，更新以后的备份会封存"
    assert f"操作记录没有封存（{reason}），备份照常进行" in told
    empty = replace(settings, database_url=request.getfixturevalue(f"{engine_name}_url"))
    done = await restored(empty, file, replace=False)
    assert done.migrated == 1
    assert await exported(empty) == first
    async with opened(empty):
        assert await database.fetch("SELECT * FROM session") == []


async def test_what_cannot_be_put_back_is_refused(settings: Settings, tmp_path: Path) -> None:
    """Another key, none, a newer schema, a damaged file, another kind of file, none at all."""
    await imported(settings, FIRST)
    file = tmp_path / "backup"
    await backed_up(settings, file)
    content = file.read_bytes()
    (tmp_path / "cut").write_bytes(content[: len(content) * 2 // 3])
    (tmp_path / "else").write_bytes(b"PGDMP" if content.startswith(SQLITE) else SQLITE + content)
    (tmp_path / "text").write_bytes(b"hello")
    other = replace(settings, key_file=tmp_path / "other.key")
    nowhere = replace(settings, key_file=tmp_path / "nowhere.key")
    privacy.KeyRing.load(other.key_file)
    newer = "2099-01-01T00:00:00:000000"
    await executed(
        settings,
        "INSERT INTO migration (name, app_name, ran_on)"
        f" VALUES ('{newer}', 'core', CURRENT_TIMESTAMP)",
    )
    await backed_up(settings, tmp_path / "newer")
    before = await exported(settings)
    for wrong, file_name, words in (
        (nowhere, "backup", "不在；请先把密钥文件放回原处"),
        (other, "backup", "请先换回原来的密钥文件"),
        (settings, "newer", "请先升级软件"),
        (settings, "cut", "损坏"),
        (settings, "else", "现在的数据库是"),
        (settings, "text", "不是备份文件"),
        (settings, "none", "无法读取"),
    ):
        with pytest.raises(KeepingError, match=words):
            await restored(wrong, tmp_path / file_name)
    assert await exported(settings) == before


async def test_files_are_kept_by_name_and_number(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "days"
    folder.mkdir()
    (folder / "mine.db").write_text("not ours")
    for day in (1, 2, 3):
        (folder / f"tongxing-2020010{day}-000000.db").write_text("old")
    made = await backed_up(settings, folder, keep=2)
    assert len(made.removed) == 2
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["mine.db", "tongxing-20200103-000000.db", made.file.name]
    for file, keep, sentence in (
        (folder / "mine.db", 0, "已经存在"),
        (folder / "mine.db", 2, "--keep 只能和文件夹一起用"),
        (tmp_path / "x", 2, "没有文件夹"),
        (tmp_path / "no" / "x", 0, "没有文件夹"),
    ):
        with pytest.raises(KeepingError, match=sentence):
            await backed_up(settings, file, keep)
    assert (folder / "mine.db").read_text() == "not ours"


@asynccontextmanager
async def serving(url: str) -> AsyncIterator[None]:
    """Somebody at the database, as a server is."""
    if url.startswith("sqlite"):
        with occupancy.locked(Path(unquote(url.removeprefix("sqlite:///"))), shared=True):
            yield
        return
    connection = await asyncpg.connect(url)
    try:
        yield
    finally:
        await connection.close()


async def test_nothing_is_put_back_under_a_running_server(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    async with serving(settings.database_url):
        await backed_up(settings, file)
        with pytest.raises(KeepingError, match="请先停止服务"):
            await restored(settings, file)
    await restored(settings, file)


async def test_no_server_starts_while_a_backup_is_put_back(tmp_path: Path, key_file: Path) -> None:
    path = tmp_path / "t.db"
    with occupancy.alone(path), pytest.raises(KeepingError, match="正在恢复备份"):
        async with opened(Settings(f"sqlite:///{path}", key_file)):
            pass


async def test_a_restore_that_is_killed_leaves_the_old_or_the_new(
    settings: Settings, tmp_path: Path
) -> None:
    await imported(settings, FIRST)
    new = await exported(settings)
    file = tmp_path / "backup"
    await backed_up(settings, file)
    await imported(settings, SECOND)
    old = await exported(settings)
    draw = random.Random(5)
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "app.py"), "restore", str(file), "--replace",
            env={"PATH": os.environ["PATH"], **settings.as_environment()},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        while line := (await process.stderr.readline()).decode():
            if line.startswith(("正在准备", "正在恢复")):
                break
        else:
            raise AssertionError("it never began")
        await asyncio.sleep(draw.uniform(0.0, 0.3))
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
        await _until_alone(settings.database_url)
        assert await exported(settings) in (old, new)
    await restored(settings, file)
    assert await exported(settings) == new


async def _until_alone(url: str) -> None:
    """The programs that a killed one had started come to their end by themselves."""
    if url.startswith("sqlite"):
        return
    connection = await asyncpg.connect(url)
    try:
        for _ in range(400):
            others = await connection.fetchval(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if not others:
                return
            await asyncio.sleep(0.05)
    finally:
        await connection.close()
    raise AssertionError("somebody is still connected")


def test_the_commands_tell_people_and_timers(
    sqlite_command_line: CommandLine, tmp_path: Path
) -> None:
    nothing = sqlite_command_line("backup", tmp_path / "b.db")
    assert (nothing.returncode, "没有可以备份的内容" in nothing.stderr) == (2, True)
    sqlite_command_line("organisation", "add", "a", "--name", "甲", "--level", "city")
    made = sqlite_command_line("backup", tmp_path / "b.db")
    assert json.loads(made.stdout)["file"] == str(tmp_path / "b.db")
    assert str(tmp_path / "tongxing.key") in made.stderr
    again = sqlite_command_line("backup", tmp_path / "b.db")
    assert (again.returncode, "--overwrite" in again.stderr) == (2, True)
    done = sqlite_command_line("restore", tmp_path / "b.db", "--replace")
    assert done.returncode == 0, done.stderr
    assert "没有发现问题" in done.stdout
    assert "tongxing.db.before-restore-" in done.stderr
