"""``recap``, and what the server starts to make a file in the background."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from core import campaigns, logs, office_observances
from core.commands.kit import (
    OUTPUT,
    ChineseCommand,
    actor,
    fail,
    run,
    settings_or_end,
    tell,
    write_bytes,
)
from core.process import Process
from core.recap.making import process as rendering_process
from core.recap.making.files import FORMS, PAPER, File, Maker, make

# Behind whatever serves people: a big recap may take longer, they may not wait.
NICENESS = 10


@click.command("recap", cls=ChineseCommand)
@click.argument("campaign", metavar="活动编号")
@click.option("--organisation", metavar="编号", help="从哪个机构看，默认是活动所属的机构")
@click.option(
    "--format",
    "form",
    type=click.Choice(("json", "md", "html", *PAPER)),
    default="md",
    help="格式，默认 md；docx、pdf、xlsx 要用 -o 写入文件",
)
@click.option(
    "--version",
    type=click.IntRange(min=1),
    metavar="版号",
    help="报送过的第几版，不写则按现在的数据生成",
)
@OUTPUT
def recap_command(
    campaign: str, organisation: str | None, form: str, version: int | None, output: Path | None
) -> None:
    """生成总结。"""
    if form in PAPER and output is None and sys.stdout.isatty():
        fail(f"{FORMS[form].label}不能显示在屏幕上，请用 -o 文件名.{form} 写入文件。")

    async def told(step: str) -> None:
        if form in PAPER:
            tell(f"{step}……")

    async def work(process: Process) -> File:
        catalogue = await office_observances.joined(process.catalogue)
        maker = Maker(process.plugins, catalogue, actor(), process.settings.base_url, told)
        return await make(maker, await campaigns.find(campaign), organisation, form, version)

    write_bytes(run(work).content, output)


@click.command("render", cls=ChineseCommand, hidden=True)
@click.argument("key", metavar="编号")
@click.argument("server", type=int, metavar="服务进程号")
def render_command(key: str, server: int) -> None:
    """生成排队中的一个文件（由服务自动调用）。"""
    settings = settings_or_end()
    logs.configure(settings.log_format, settings.log_level)
    os.nice(NICENESS)

    async def work(process: Process) -> None:
        await rendering_process.carry_out(key, server, process)

    run(work)
