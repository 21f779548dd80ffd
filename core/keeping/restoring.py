"""Putting a backup back: looked at first, made ready beside the old one, then swapped at once."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from core import audit, database, migrating, moments
from core.database.sqlite_engine import PooledSQLiteEngine
from core.keeping import contents, files, occupancy, postgres_dumps, sqlite_files
from core.keeping.refusal import KeepingError
from core.permissions import SYSTEM
from core.process import prepare
from core.settings import Settings

SQLITE, POSTGRESQL = b"SQLite format 3\0", b"PGDMP"
OTHERS = (
    "SELECT application_name, COUNT(*) AS count FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1"
)
Report = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. ``aside`` is the file, or the schema, that holds what was there."""

    aside: str
    migrated: int


async def restore(settings: Settings, file: Path, report: Report, *, replace: bool) -> Restored:
    """Put a backup in the place of the database. Raises KeepingError; then nothing has changed.

    Without ``replace`` only into an empty database. Nobody may be at it. Whoever was signed in when
    the backup was made is not any more.
    """
    process = prepare(settings, patient=True)
    engine = database.engine()
    report(f"正在检查 {file}……")
    kind = _kind(file)
    if isinstance(engine, PooledSQLiteEngine):
        if kind != SQLITE:
            raise KeepingError("这不是 SQLite 的备份，而现在的数据库是 SQLite")
        await asyncio.to_thread(sqlite_files.require_whole, file)
        found = sqlite_files.contents(file)
    else:
        if kind != POSTGRESQL:
            raise KeepingError("这不是 PostgreSQL 的备份，而现在的数据库是 PostgreSQL")
        await asyncio.to_thread(postgres_dumps.require_whole, file)
        found = postgres_dumps.contents(file)
    if isinstance(engine, PooledSQLiteEngine) and sqlite_files.is_same(file, Path(engine.path)):
        raise KeepingError("备份文件就是现在的数据库文件")
    contents.require_known(found)
    contents.require_key(found, process.settings.key_file)
    if isinstance(engine, PooledSQLiteEngine):
        return await _into_sqlite(settings, Path(engine.path), file, report, replace=replace)
    return await _into_postgresql(settings, file, report, replace=replace)


def _kind(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            head = opened.read(len(SQLITE))
    except OSError as error:
        raise KeepingError(f"无法读取 {file}：{error.strerror}") from error
    for kind in (SQLITE, POSTGRESQL):
        if head.startswith(kind):
            return kind
    raise KeepingError(f"{file} 不是备份文件")


def _require_replace(empty: bool, replace: bool) -> None:
    if not empty and not replace:
        raise KeepingError("数据库里已有内容；要用备份替换它请加 --replace，原来的会改名留着")


async def _into_sqlite(
    settings: Settings, path: Path, file: Path, report: Report, *, replace: bool
) -> Restored:
    moment = moments.now()
    with occupancy.alone(path):
        _require_replace(sqlite_files.is_empty(path), replace)
        ready = path.with_name(f"{path.name}.restoring")
        try:
            report("正在准备……")
            await asyncio.to_thread(_copy, file, ready, path)
            async with _connected(ready, settings):
                migrated = await _brought_up(file, report)
            sqlite_files.make_single(ready)
            aside = sqlite_files.put_in_place(ready, path, moment)
        except OSError as error:
            raise KeepingError(f"无法写入 {ready}：{error.strerror}") from error
        finally:
            _remove(ready)
    return Restored(str(aside) if aside else "", migrated)


def _copy(file: Path, ready: Path, path: Path) -> None:
    """A copy to make ready, owned like what it will replace: root may restore for the service."""
    _remove(ready)
    ready.touch(mode=0o600)
    model = (path if path.exists() else path.parent).stat()
    with suppress(PermissionError):
        os.chown(ready, model.st_uid, model.st_gid)
    shutil.copyfile(file, ready)
    if path.exists():
        ready.chmod(model.st_mode)


def _remove(ready: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal", ".migrating"):
        Path(f"{ready}{ending}").unlink(missing_ok=True)


@asynccontextmanager
async def _connected(path: Path, settings: Settings) -> AsyncIterator[None]:
    """The process on another file for a while."""
    database.connect(f"sqlite:///{quote(str(path))}", synchronous="FULL")
    try:
        async with database.running():
            yield
    finally:
        prepare(settings, patient=True)


async def _into_postgresql(
    settings: Settings, file: Path, report: Report, *, replace: bool
) -> Restored:
    async with database.running():
        empty = not await migrating.has_schema() or not await database.fetch_value(
            "SELECT (SELECT COUNT(*) FROM organisation) + (SELECT COUNT(*) FROM account)"
        )
        _require_replace(empty, replace)
        if await database.fetch_value("SELECT current_schema()") != "public":
            raise KeepingError("只能恢复到名为 public 的模式（schema）里")
        schemas = await database.fetch("SELECT nspname FROM pg_namespace")
    aside = postgres_dumps.aside_of(moments.now(), {row["nspname"] for row in schemas})
    await _require_nobody(settings.database_url)
    report("正在恢复……")
    await asyncio.to_thread(postgres_dumps.put_in_place, file, settings.database_url, aside)
    async with database.running():
        migrated = await _brought_up(file, report)
    return Restored(aside, migrated)


async def _require_nobody(address: str) -> None:
    connection = await asyncpg.connect(address, timeout=10)
    try:
        others = await connection.fetch(OTHERS)
    finally:
        await connection.close()
    if others:
        named = "、".join(
            f"{row['application_name'] or '未知程序'} {row['count']} 个" for row in others
        )
        raise KeepingError(
            f"还有别的连接在使用这个数据库（{named}），"
            "请先停止服务（systemctl stop tongxing）再恢复"
        )


async def _brought_up(file: Path, report: Report) -> int:
    """The schema to where this software has it; the restore into the log; nobody signed in."""
    migrated = await migrating.migrate(report)
    async with database.transaction():
        await database.execute("DELETE FROM session")
        await audit.record(
            SYSTEM,
            "installation.restored",
            "installation",
            file.name[-64:],
            after={"sha256": files.sha256(file), "migrated": migrated},
        )
    return migrated
