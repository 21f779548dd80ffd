"""``personal``: what is kept about a person, given out or erased on request."""

from __future__ import annotations

import click

from core import personal
from core.commands.kit import ChineseGroup, actor, run, tell, write
from core.documents import canonical
from core.process import Process


@click.group("personal", cls=ChineseGroup)
def personal_group() -> None:
    """按本人要求，导出或删除其个人信息。"""


def _answer(person: str, action: str) -> str:
    async def work(process: Process) -> str:
        found = await personal.ask(actor(), process.plugins, person, action)
        return canonical(found)

    return run(work)


@personal_group.command("export")
@click.argument("person", metavar="姓名")
def personal_export(person: str) -> None:
    """导出以这个姓名登记的全部记录（JSON）。同名的人会一并列出，请核对后再交给本人。"""
    write(_answer(person, personal.EXPORT), None)


@personal_group.command("erase")
@click.argument("person", metavar="姓名")
@click.option("--yes", is_flag=True, help="不再询问，直接删除")
def personal_erase(person: str, yes: bool) -> None:
    """删除以这个姓名登记的个人信息和本人的照片；数量和金额保留，数据不变。"""
    if not yes and not click.confirm(
        f"将删除所有登记为“{person}”的姓名，不能恢复，确定吗", err=True
    ):
        raise click.Abort
    write(_answer(person, personal.ERASE), None)
    tell("已删除。备份里的数据请另行处理。")
