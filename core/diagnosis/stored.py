"""The database: reachable, current, sound, with room left, and nothing stuck in it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

from core import audit_seals, database, installation, migrating, moments
from core.database import capacity
from core.database.sqlite_engine import PooledSQLiteEngine
from core.diagnosis.findings import Finding, bad, good, note
from core.privacy import KeyFileError, KeyRing
from core.settings import Settings

LEAST_FREE_BYTES = 200 * 1024 * 1024
LEAST_POSTGRESQL = 150_000
# The database's clock and ours may differ by this before sessions and times are affected.
CLOCKS_APART = timedelta(seconds=5)
# Files of recaps that nobody began by then, and log entries that nobody sealed.
WAITING, UNSEALED = timedelta(minutes=30), timedelta(days=2)
# A weekly timer that failed once.
BACKUP_DUE = timedelta(days=8)
SHARES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "glusterfs"})
MOUNTS = Path("/proc/mounts")


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """Open the database and look at it. Raises the driver's error when it cannot be reached."""
    async with database.running() as engine:
        if isinstance(engine, PooledSQLiteEngine):
            async for found in _sqlite(Path(engine.path)):
                yield found
        else:
            async for found in _postgresql(settings):
                yield found
        if not await migrating.has_schema():
            yield bad("schema", "数据库还是空的，请运行：python app.py migrate")
        elif waiting := await migrating.pending():
            steps = f"数据库结构还差 {len(waiting)} 步更新"
            yield bad("schema", f"{steps}，请运行：python app.py migrate")
        else:
            yield good("schema", "数据库结构是最新的")
            async for found in _contents(settings):
                yield found


async def _sqlite(path: Path) -> AsyncIterator[Finding]:
    if (kind := file_system(path)) in SHARES:
        yield bad("disk", f"数据库 {path} 在网络共享（{kind}）上，会损坏，请移到本机硬盘")
    free = shutil.disk_usage(path.parent).free
    if free < LEAST_FREE_BYTES:
        yield bad("disk", "数据库所在磁盘剩余空间不足 200 MB，请清理出空间")
    else:
        yield good("disk", f"数据库所在磁盘剩余 {free // 1024**2} MB")
    mode = await database.fetch_value("SELECT * FROM pragma_journal_mode")
    if str(mode).lower() != "wal":
        yield bad("journal", f"数据库没有用 WAL 方式（现在是 {mode}），读写会互相等待")
    else:
        yield good("journal", "数据库用 WAL 方式")
    result = await database.fetch("SELECT * FROM pragma_quick_check")
    if [next(iter(row.values())) for row in result] != ["ok"]:
        yield bad("file", "数据库文件已损坏（quick_check 未通过），请用备份恢复")
    else:
        yield good("file", "数据库文件完好（quick_check）")
    if await database.fetch("SELECT * FROM pragma_foreign_key_check LIMIT 1"):
        yield bad(
            "references",
            "数据库里有指向不存在记录的引用（foreign_key_check 未通过），请用备份恢复",
        )
    else:
        yield good("references", "数据库里的引用都有着落")


def file_system(path: Path) -> str:
    """The kind of the file system that a file lies on, ``ext4``; "" where nobody says."""
    if not MOUNTS.exists():
        return ""
    best, kind = "", ""
    for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
        _, where, what, *_ = line.split(" ")
        where = where.replace("\\040", " ")
        if path.resolve().is_relative_to(where) and len(where) >= len(best):
            best, kind = where, what
    return kind


async def _postgresql(settings: Settings) -> AsyncIterator[Finding]:
    row = await database.fetch_one(
        "SELECT current_setting('server_version_num') AS number,"
        " current_setting('server_version') AS version, current_setting('server_encoding') AS"
        " encoding, clock_timestamp() AS now"
    )
    found = row or {}
    if int(found["number"]) < LEAST_POSTGRESQL:
        yield bad("server", f"PostgreSQL 版本是 {found['version']}，需要 15 或更新")
    else:
        yield good("server", f"PostgreSQL {found['version']}")
    if found["encoding"] != "UTF8":
        yield bad("encoding", f"数据库的编码是 {found['encoding']}，应为 UTF8，请另建数据库")
    yield _clocks(found["now"])
    complaints = [
        *await capacity.complaints(settings),
        *await capacity.replica_complaints(),
    ]
    for sentence in complaints:
        yield bad("connections", sentence)
    if not complaints:
        yield good("connections", "数据库允许的连接数够用")


def _clocks(there: datetime) -> Finding:
    apart = abs(moments.now() - there)
    if apart > CLOCKS_APART:
        seconds = round(apart.total_seconds())
        return bad("clocks", f"本机和数据库服务器的时间相差 {seconds} 秒，请校准两边的时间")
    return good("clocks", "本机和数据库服务器的时间一致")


async def _contents(settings: Settings) -> AsyncIterator[Finding]:
    yield _key(settings.key_file, await installation.key_identity())
    yield await _renderings()
    yield await _log()
    yield await _backup()


def _key(path: Path, expected: str | None) -> Finding:
    if expected is None:
        return note("key-identity", "还没有加密过内容，密钥文件会在第一次启动时生成")
    if not path.exists():
        return bad("key-identity", f"没有密钥文件 {path}，姓名无法读取，请放回原来的密钥文件")
    try:
        identity = KeyRing.load(path, create=False).identity
    except KeyFileError as error:
        return bad("key-identity", str(error))
    if identity != expected:
        return bad("key-identity", f"密钥文件 {path} 不是这个数据库的，请换回原来的密钥文件")
    return good("key-identity", "密钥文件是这个数据库的")


async def _backup() -> Finding:
    last = await installation.last_backup()
    if last is None:
        return note("backup", "还没有用 python app.py backup 备份过，请定时备份（见运维文档）")
    day = f"{moments.local(last):%Y-%m-%d %H:%M}"
    if moments.now() - last > BACKUP_DUE:
        return bad("backup", f"上次备份是 {day}，已经超过 8 天，请检查定时备份")
    return good("backup", f"上次备份是 {day}")


async def _renderings() -> Finding:
    since = await database.fetch_value(
        "SELECT created_at FROM recap_rendering WHERE state = 'queued' ORDER BY id LIMIT 1"
    )
    if since is not None and moments.now() - since > WAITING:
        return bad("renderings", "有总结文件等了半小时还没有开始生成，请确认服务正在运行")
    return good("renderings", "没有积压的总结文件")


async def _log() -> Finding:
    newest = await audit_seals.last()
    after = newest.last_entry if newest else 0
    since = await database.fetch_value(
        "SELECT at FROM audit_entry WHERE id > :after ORDER BY id LIMIT 1", after=after
    )
    if since is not None and moments.now() - since > UNSEALED:
        number = await database.fetch_value(
            "SELECT COUNT(*) FROM audit_entry WHERE id > :after", after=after
        )
        return note("log", f"有 {number} 条操作记录超过两天没有封存；服务运行时每小时封存一次")
    return good("log", "操作记录的封存没有落下")
