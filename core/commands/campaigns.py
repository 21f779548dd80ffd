"""``import``, ``export`` and ``observances``."""

from __future__ import annotations

from pathlib import Path

import click

from core import bundles, campaigns, database, office_observances
from core.commands.kit import (
    FILE,
    OUTPUT,
    ChineseCommand,
    actor,
    fail,
    run,
    settings_or_end,
    tell,
    write,
)
from core.documents import canonical
from core.process import Process, catalogue_of

YEARS = click.IntRange(1900, 2100)


@click.command("import", cls=ChineseCommand)
@click.argument("file", type=FILE, metavar="文件")
def import_command(file: Path) -> None:
    """导入活动包，成功后输出活动编号。

    先检查整个文件，列出全部错误；有一处错误就什么也不写入。
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"无法读取 {file}：{error.strerror}")
    tell(f"正在检查 {file.name}（{len(data) / 1024:.0f} KB）……")

    async def work(process: Process) -> str:
        catalogue = await office_observances.joined(process.catalogue)
        return await bundles.import_bundle(data, process.plugins, catalogue, actor(), report=tell)

    write(run(work) + "\n", None)
    tell("导入完成。")


@click.command("export", cls=ChineseCommand)
@click.argument("campaign", metavar="活动编号")
@OUTPUT
def export_command(campaign: str, output: Path | None) -> None:
    """把一个活动导出为活动包。"""

    async def work(process: Process) -> str:
        found = await campaigns.find(campaign)
        async with database.reporting(found.id, found.changes), database.snapshot():
            return await bundles.export_bundle(found.key, process.plugins)

    write(run(work), output)


@click.command("observances", cls=ChineseCommand)
@click.option("--year", type=YEARS, required=True, metavar="年份", help="哪一年，1900 到 2100")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="格式")
def observances_command(year: int, form: str) -> None:
    """列出一年的节日：日期、届次和主题。"""
    occurrences = catalogue_of(settings_or_end()).year(year)
    if form == "json":
        rows = [
            {
                "key": o.key,
                "name": o.name,
                "date": o.date.isoformat(),
                "edition": o.edition,
                "theme": o.theme,
            }
            for o in occurrences
        ]
        write(canonical(rows), None)
        return
    for o in occurrences:
        edition = f"第{o.edition}次" if o.edition else ""
        write(f"{o.date.isoformat()}  {o.name}  {edition}  {o.theme}".rstrip() + "\n", None)
