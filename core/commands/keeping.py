"""``backup`` and ``restore``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from core.checking import everything
from core.checking.everything import Checked
from core.commands.checking import as_text
from core.commands.kit import (
    FILE,
    ChineseCommand,
    carry_out,
    fail,
    run,
    settings_or_end,
    tell,
    write,
)
from core.keeping.backing_up import Backup, back_up
from core.keeping.restoring import Restored, restore
from core.process import Process


@click.command("backup", cls=ChineseCommand)
@click.argument("file", type=click.Path(path_type=Path), metavar="文件或文件夹")
@click.option("--overwrite", is_flag=True, help="文件已经存在时覆盖它")
@click.option(
    "--keep",
    type=click.IntRange(1, 10_000),
    metavar="份数",
    help="写入文件夹时，只留最新的几份，更早的删除",
)
def backup_command(file: Path, overwrite: bool, keep: int | None) -> None:
    """备份整个数据库，服务不用停。

    写入文件夹时自动按时间取名。成功后在标准输出写一行 JSON：文件、大小、SHA-256、密钥编号。
    """
    settings = settings_or_end()

    async def work() -> Backup:
        return await back_up(settings, file, tell, overwrite=overwrite, keep=keep or 0)

    made = carry_out(work)
    for path in made.removed:
        tell(f"已删除旧备份 {path}")
    tell(f"备份完成：{made.file}（{made.bytes / 1024 / 1024:.1f} MB，{made.seconds:.1f} 秒）")
    if made.key is not None:
        tell(
            f"备份里没有密钥。恢复时要用密钥文件 {settings.key_file}（编号 {made.key}），"
            "没有它姓名读不出来：请另外保管一份，不要和备份放在一起。"
        )
    write(json.dumps(made.as_json(), ensure_ascii=False) + "\n", None)


@click.command("restore", cls=ChineseCommand)
@click.argument("file", type=FILE, metavar="备份文件")
@click.option("--replace", is_flag=True, help="数据库里已有内容时替换它，原来的改名留着")
def restore_command(file: Path, replace: bool) -> None:
    """用备份恢复数据库，然后核对一遍。要先停止服务。

    先检查备份，再一步换上：中途断电，留下的不是原来的就是恢复好的。
    """
    settings = settings_or_end()
    if not file.exists():
        fail(f"没有 {file}")

    async def work() -> Restored:
        return await restore(settings, file, tell, replace=replace)

    done = carry_out(work)
    tell("恢复完成，所有人都要重新登录。")
    if done.aside:
        tell(f"原来的数据还在 {done.aside}，核对无误后请自行删除，里面有个人信息。")

    async def checking(process: Process) -> Checked:
        return await everything.check(process, tell)

    checked = run(checking)
    write(as_text(checked), None)
    if checked.complaints:
        raise SystemExit(1)
