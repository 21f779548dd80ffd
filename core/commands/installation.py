"""``migrate``, ``plugins`` and ``doctor``: the installation itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
from pathlib import Path

import click

from core import capacity, database, migrating, plugins
from core.commands.kit import FORESEEN, ChineseCommand, run, settings_or_end, tell, write
from core.commands.mistakes import database_sentence
from core.process import Process, prepare
from core.settings import Settings
from core.sqlite_engine import PooledSQLiteEngine

LEAST_FREE_BYTES = 200 * 1024 * 1024


@click.command("migrate", cls=ChineseCommand)
def migrate_command() -> None:
    """把数据库结构更新到当前版本。"""

    async def work(_: Process) -> int:
        return len(await migrating.pending())

    left = run(work, migrate=True)
    tell("数据库结构已是最新。" if not left else f"还有 {left} 步没有完成。")


@click.command("plugins", cls=ChineseCommand)
def plugins_command() -> None:
    """列出已安装的插件，以及各自实现的接口。"""
    found = plugins.installed()
    for key in (*found.foundations, *found.keys):
        info = found.infos[key]
        write(f"{key}\t{info.version}\t{info.title}\n", None)
        write(f"    {'、'.join(found.hooks_of(key))}\n", None)
    for name, reason in sorted(found.failures.items()):
        write(f"{name}\t无法使用：{reason}\n", None)


@click.command("doctor", cls=ChineseCommand)
def doctor_command() -> None:
    """检查安装有没有问题；有问题时逐条列出，退出码为 1。"""
    settings = settings_or_end()
    complaints = [*_sqlite_library(), *_plugins(), *_key(settings.key_file)]
    try:
        prepare(settings)
        complaints += asyncio.run(_database(settings))
    except FORESEEN as error:
        complaints.append(str(error))
    except database.UNREACHABLE as error:
        complaints.append(database_sentence(error))
    for complaint in complaints:
        write(f"✗ {complaint}\n", None)
    if complaints:
        raise SystemExit(1)
    write("一切正常。\n", None)


def _sqlite_library() -> list[str]:
    if sqlite3.sqlite_version_info < (3, 35):
        return [f"SQLite 版本是 {sqlite3.sqlite_version}，需要 3.35 或更新"]
    return []


def _plugins() -> list[str]:
    failures = plugins.installed().failures
    return [f"插件“{name}”无法使用：{reason}" for name, reason in sorted(failures.items())]


def _key(path: Path) -> list[str]:
    if not path.exists():
        return []
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return [f"密钥文件 {path} 其他人也能读取，请执行：chmod 600 {path}"]
    return []


async def _database(settings: Settings) -> list[str]:
    complaints: list[str] = []
    async with database.running() as engine:
        if not await migrating.has_schema():
            complaints.append("数据库还是空的，请运行：python app.py migrate")
        elif waiting := await migrating.pending():
            complaints.append(
                f"数据库结构还差 {len(waiting)} 步更新，请运行：python app.py migrate"
            )
        if isinstance(engine, PooledSQLiteEngine):
            complaints += await _sqlite(engine.path)
        elif not complaints:
            complaints += await capacity.complaints(settings)
            complaints += await capacity.replica_complaints()
    return complaints


async def _sqlite(path: str) -> list[str]:
    complaints: list[str] = []
    result = await database.fetch("SELECT * FROM pragma_quick_check")
    if [next(iter(row.values())) for row in result] != ["ok"]:
        complaints.append("数据库文件已损坏（quick_check 未通过），请用备份恢复")
    if await database.fetch("SELECT * FROM pragma_foreign_key_check LIMIT 1"):
        complaints.append("数据库里有指向不存在记录的引用（foreign_key_check 未通过）")
    if shutil.disk_usage(Path(path).parent).free < LEAST_FREE_BYTES:
        complaints.append("数据库所在磁盘剩余空间不足 200 MB")
    return complaints
