"""``migrate``, ``plugins`` and ``doctor``: the installation itself."""

from __future__ import annotations

import asyncio

import click

from core import database, migrating, plugins
from core.commands.kit import FORESEEN, ChineseCommand, run, settings_or_end, tell, write
from core.commands.mistakes import database_sentence
from core.diagnosis import machine, stored
from core.diagnosis.findings import Finding, bad
from core.documents import canonical
from core.process import Process, prepare
from core.settings import Settings


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
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="格式")
def doctor_command(form: str) -> None:
    """检查安装有没有问题；逐条列出（✓ 正常，· 提示，✗ 有问题和办法），有问题时退出码为 1。"""
    settings = settings_or_end()
    found = [*machine.look(settings)]
    try:
        prepare(settings)
        asyncio.run(_look(settings, found))
    except FORESEEN as error:
        found.append(bad("database", str(error)))
    except database.UNREACHABLE as error:
        found.append(bad("database", database_sentence(error)))
    wrong = sum(each.state == "bad" for each in found)
    if form == "json":
        write(canonical({"findings": [each.as_json() for each in found], "wrong": wrong}), None)
    else:
        lines = [*(each.as_line() for each in found), _sum(wrong)]
        write("".join(f"{line}\n" for line in lines), None)
    if wrong:
        raise SystemExit(1)


def _sum(wrong: int) -> str:
    return f"有 {wrong} 处问题。" if wrong else "一切正常。"


async def _look(settings: Settings, found: list[Finding]) -> None:
    """Look at the database; what was found stays also when it goes away meanwhile."""
    async for each in stored.look(settings):
        found.append(each)  # noqa: PERF401 — what came before a failure is to stay
