"""``feed``: calendar feeds from the command line."""

from __future__ import annotations

import click

from core import campaigns
from core.commands.kit import ChineseGroup, actor, run, tell, write
from core.moments import now
from core.process import Process
from events import feed_tokens


@click.group("feed", cls=ChineseGroup)
def feed_group() -> None:
    """管理日历订阅。"""


@feed_group.command("add")
@click.argument("campaign", metavar="活动编号")
@click.option("--organisation", metavar="编号", help="哪个机构及其下级，默认是活动所属的机构")
@click.option("--label", metavar="说明", default="", help="给谁用，例如“办公室日历”")
def feed_add(campaign: str, organisation: str | None, label: str) -> None:
    """新增一个日历订阅地址；地址只输出这一次。"""

    async def work(_: Process) -> str:
        found = await campaigns.find(campaign)
        office = organisation or found.organisation
        token = await feed_tokens.create(actor(), found, office, label, now=now())
        return feed_tokens.path(token)

    write(run(work) + "\n", None)
    tell("以上是订阅地址的路径，前面加上本系统的网址就能用。请妥善保存，不会再次显示。")
