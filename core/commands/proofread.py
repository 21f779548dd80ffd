"""``proofread``: hold a summary somebody wrote against the figures, and against itself."""

from __future__ import annotations

from pathlib import Path

import click

from core import campaigns, office_observances, reports
from core.commands.kit import ChineseCommand, fail, run, tell, write
from core.documents import canonical
from core.figures import Figures
from core.process import Process
from core.proofread import reading
from core.proofread.findings import KINDS, Finding
from core.refusals import Refusal


@click.command("proofread", cls=ChineseCommand)
@click.argument("arguments", nargs=-1, required=True, metavar="[活动编号] 文件")
@click.option("--text-only", is_flag=True, help="只检查文字自身，不需要活动")
@click.option("--organisation", metavar="编号", help="按哪个机构的数据核对，默认是活动所属的机构")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="格式，默认 text"
)
def proofread_command(
    arguments: tuple[str, ...], text_only: bool, organisation: str | None, form: str
) -> None:
    """核稿：找出总结里的数据，与登记和填报的数据核对。

    文件可以是 .docx、.pdf 或 .txt。加上 --text-only 时只写文件，不写活动编号。
    """
    if len(arguments) != (1 if text_only else 2):
        fail("请写：proofread 活动编号 文件，或者 proofread --text-only 文件")
    text = _text(Path(arguments[-1]))
    figures = (
        None if text_only else run(lambda process: _figures(process, arguments[0], organisation))
    )
    from core.proofread import checking  # its many patterns take long to make

    found = checking.findings(text, figures)
    if form == "json":
        write(canonical([finding.as_json() for finding in found]), None)
    else:
        write("".join(_told(text, finding) for finding in found), None)
        tell(f"共 {len(found)} 处。" if found else "没有找到数据。")


async def _figures(process: Process, campaign: str, organisation: str | None) -> Figures:
    catalogue = await office_observances.joined(process.catalogue)
    found = await campaigns.find(campaign)
    report = await reports.read(found, organisation, process.plugins, catalogue)
    for title in report.failed:
        tell(f"“{title}”部分暂时无法统计，没有与它的数据核对。")
    return report.figures


def _text(file: Path) -> str:
    try:
        return reading.read(file.name, file.read_bytes())
    except OSError as error:
        fail(f"无法读取 {file}：{error.strerror}")
    except Refusal as refusal:
        fail(*(fault.message for fault in refusal.faults))


def _told(text: str, finding: Finding) -> str:
    line = text.count("\n", 0, finding.offset) + 1
    return f"第{line}行 [{KINDS[finding.finding]}] “{finding.quote}”：{finding.message}\n"
