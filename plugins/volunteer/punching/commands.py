"""``volunteer``: what a timer of the operator's may do."""

from __future__ import annotations

import click

from core import moments
from core.commands.kit import ChineseGroup, run, tell
from core.process import Process
from plugins.volunteer.punching import clock


@click.group("volunteer", cls=ChineseGroup)
def volunteer_group() -> None:
    """管理志愿服务。"""


@volunteer_group.command("close-forgotten")
def close_forgotten_command() -> None:
    """给忘记签退的补上签退：班次结束6小时后，按班次结束时间，标明并待确认。

    有人签到、签退时会自动做一次；定时运行本命令，没有人操作时也会做。
    """

    async def work(_: Process) -> int:
        return await clock.close_forgotten(moments.now())

    closed = run(work)
    tell(f"补上了{closed}条签退。" if closed else "没有忘记签退的记录。")
