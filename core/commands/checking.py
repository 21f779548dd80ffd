"""``check``: is what the database holds whole."""

from __future__ import annotations

import click

from core.checking import everything
from core.checking.everything import Checked
from core.commands.kit import ChineseCommand, run, tell, write
from core.documents import canonical
from core.process import Process


@click.command("check", cls=ChineseCommand)
@click.option("--campaign", metavar="活动编号", default="", help="只核对一个活动")
@click.option("--quick", is_flag=True, help="快速核对：不重算数据，加密内容和操作记录只抽查")
@click.option(
    "--seal", "witness", metavar="封条", default="", help="以前记下的封条，核对它还在不在"
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="格式")
def check_command(campaign: str, quick: bool, witness: str, form: str) -> None:
    """核对数据库：文件、机构树、数据、总结、加密内容和操作记录。

    不改动任何内容，服务运行时也可以核对。有问题时逐条列出，退出码为 1。
    """

    async def work(process: Process) -> Checked:
        return await everything.check(
            process, tell, campaign=campaign, quick=quick, witness=witness
        )

    checked = run(work)
    write(_as_json(checked) if form == "json" else as_text(checked), None)
    if checked.complaints:
        raise SystemExit(1)


def as_text(checked: Checked) -> str:
    """What came of a check, for people: a line a finding, and a sum at the end."""
    lines = [f"✗ {complaint.message}" for complaint in checked.complaints]
    lines += [f"· {note.message}" for note in checked.notes]
    if checked.chain.seals:
        lines.append(
            f"操作记录已封存到第 {checked.chain.last_entry} 条，封条 {checked.chain.digest}"
        )
    wrong = len(checked.complaints)
    lines.append(
        f"共核对 {checked.campaigns} 个活动，"
        + (f"发现 {wrong} 处问题。" if wrong else "没有发现问题。")
    )
    return "\n".join(lines) + "\n"


def _as_json(checked: Checked) -> str:
    return canonical(
        {
            "campaigns": checked.campaigns,
            "findings": [complaint.as_json() for complaint in checked.complaints],
            "notes": [note.as_json() for note in checked.notes],
            "log": {
                "seals": checked.chain.seals,
                "sealed_to": checked.chain.last_entry,
                "seal": checked.chain.digest,
                "unsealed": checked.chain.unsealed,
            },
        }
    )
