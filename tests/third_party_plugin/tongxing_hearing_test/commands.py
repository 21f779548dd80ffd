"""``hearing-test``: screenings from the command line."""

from __future__ import annotations

import click

from core import campaigns
from core.commands.kit import ChineseGroup, actor, run, write
from core.process import Process
from tongxing_hearing_test import records


@click.group("hearing-test", cls=ChineseGroup)
def hearing_test_group() -> None:
    """听力筛查。"""


@hearing_test_group.command("list")
@click.argument("campaign", metavar="活动编号")
def hearing_test_list(campaign: str) -> None:
    """列出一个活动的听力筛查。"""

    async def work(_: Process) -> str:
        rows = await records.listed(actor(), await campaigns.find(campaign))
        return "".join(
            f"{row['held_on']}\t{row['organisation_name']}\t{row['people']}\t{row['referred']}\n"
            for row in rows
        )

    write(run(work), None)
