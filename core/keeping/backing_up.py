"""Making a backup: what comes in since the last one is sealed, then all is copied."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import audit_seals, database, installation, migrating, moments, privacy
from core.database.sqlite_engine import PooledSQLiteEngine
from core.keeping import files, occupancy, postgres_dumps, sqlite_files
from core.keeping.refusal import KeepingError
from core.privacy import KeyFileError, KeyRing
from core.process import prepare
from core.settings import Settings

Report = Callable[[str], Any]
# What may keep the log from being sealed, and must not keep a backup from being made.
NOT_SEALED: tuple[type[Exception], ...] = (KeyFileError, *database.UNREACHABLE)
NOT_SEALED_WORDS = "操作记录没有封存（{}），备份照常进行"
# The same of noting when it was made.
NOT_NOTED: tuple[type[Exception], ...] = (KeepingError, *database.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made. ``key`` is the identity of the key that its names need."""

    file: Path
    engine: str
    bytes: int
    sha256: str
    key: str | None
    seal: str
    seconds: float
    removed: tuple[Path, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The members as programmes read them."""
        return {
            "file": str(self.file),
            "engine": self.engine,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "key": self.key,
            "seal": self.seal,
            "seconds": round(self.seconds, 1),
            "removed": [str(path) for path in self.removed],
        }


@dataclass(frozen=True, slots=True)
class _State:
    """What is known of the database before it is copied."""

    key: str | None
    seal: str
    server: int = 0
    tables: int = 0


async def back_up(
    settings: Settings, given: Path, report: Report, *, overwrite: bool = False, keep: int = 0
) -> Backup:
    """Back the database up into a file, or a dated file of a folder, while it runs.

    ``keep`` leaves so many dated files in the folder. Raises KeepingError.
    """
    prepare(settings, patient=True)
    engine = database.engine()
    source = Path(engine.path) if isinstance(engine, PooledSQLiteEngine) else None
    target = _target(source, given, overwrite=overwrite, keep=keep)
    started = time.monotonic()
    with occupancy.present():
        async with database.running():
            state = await _state(settings, report)
    with files.whole(target) as part:
        if source is not None:
            await asyncio.to_thread(sqlite_files.copy, source, part, report)
        else:
            await asyncio.to_thread(
                postgres_dumps.dump,
                settings.database_url,
                part,
                state.server,
                state.tables,
                report,
            )
    digest = await asyncio.to_thread(files.sha256, target)
    removed = files.remove_old(given, keep) if keep else []
    await _noted(report)
    return Backup(
        file=target,
        engine="sqlite" if source else "postgresql",
        bytes=target.stat().st_size,
        sha256=digest,
        key=state.key,
        seal=state.seal,
        seconds=time.monotonic() - started,
        removed=tuple(removed),
    )


async def _noted(report: Report) -> None:
    """Tell the database, for ``doctor``; what keeps from it takes nothing from the backup."""
    try:
        with occupancy.present():
            async with database.running():
                await installation.note_backup(moments.now())
    except NOT_NOTED as error:
        report(f"没有记下备份时间（{error}），备份本身已经完成")


def _target(source: Path | None, given: Path, *, overwrite: bool, keep: int) -> Path:
    if keep and not given.exists():
        raise KeepingError(f"没有文件夹 {given}，请先建立它")
    if keep and not given.is_dir():
        raise KeepingError("--keep 只能和文件夹一起用")
    if source is not None and not source.exists():
        raise KeepingError(f"没有数据库 {source}，没有可以备份的内容")
    target = files.target(given, "db" if source else "dump", moments.now(), overwrite=overwrite)
    if source is not None and target.exists() and target.samefile(source):
        raise KeepingError("不能把备份写到数据库文件自己上")
    return target


async def _state(settings: Settings, report: Report) -> _State:
    if not await migrating.has_schema():
        raise KeepingError("数据库还是空的，没有可以备份的内容")
    key = await installation.key_identity()
    seal = await _sealed(settings, key, report)
    if not database.is_postgresql():
        return _State(key, seal)
    version = int(await database.fetch_value("SHOW server_version_num"))
    tables = await database.fetch_value(
        "SELECT COUNT(*) FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = current_schema()::regnamespace"
    )
    return _State(key, seal, version // 10_000, tables)


async def _sealed(settings: Settings, key: str | None, report: Report) -> str:
    """Seal the log, so that the backup holds its seals; what keeps from it keeps from no backup."""
    try:
        if reason := await _not_yet(key):
            report(NOT_SEALED_WORDS.format(reason))
            return ""
        ring = KeyRing.load(settings.key_file, create=False)
        if ring.identity != key:
            raise KeyFileError(f"密钥文件 {settings.key_file} 不是这个数据库的")
        privacy.use(ring)
        newest = await audit_seals.seal(settling=5)
    except NOT_SEALED as error:
        report(NOT_SEALED_WORDS.format(error))
        return ""
    return newest.digest if newest else ""


async def _not_yet(key: str | None) -> str:
    """Why the log of this database cannot be sealed by this software; "" when it can."""
    if waiting := await migrating.pending():
        return f"数据库结构还差 {len(waiting)} 步更新，更新以后的备份会封存"
    return "" if key else "数据库还没有启用过密钥"
