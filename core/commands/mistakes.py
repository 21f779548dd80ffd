"""What click says about wrong arguments, and drivers about databases, in Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

from core.database.faults import BUSY, DAMAGED, FULL, GONE, READ_ONLY, fault_of

# What click's sentences look like, and ours. The first that fits.
SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (r"No such command '(.*?)'", lambda m: f"没有这个命令：{m[1]}"),
        (r"Got unexpected extra arguments? \((.*?)\)", lambda m: f"多了参数：{m[1]}"),
        (r"Option '(.*?)' requires an argument", lambda m: f"选项 {m[1]} 后面要有内容"),
        (r"Option '(.*?)' does not take a value", lambda m: f"选项 {m[1]} 后面不带内容"),
        (
            r"'?(.*?)'? is not in the range (\S+?)<=x<=(\S+?)\.",
            lambda m: f"{m[1]} 不在 {m[2]} 到 {m[3]} 之间",
        ),
        (r"'(.*?)' is not a valid integer", lambda m: f"{m[1]} 不是整数"),
        (r"'(.*?)' is not one of (.*)\.", lambda m: f"没有 {m[1]}，可以是：{_listed(m[2])}"),
        (r"\w+ '(.*?)' is a directory", lambda m: f"{m[1]} 是一个文件夹"),
        (r"\w+ '(.*?)' does not exist", lambda m: f"没有 {m[1]}"),
    )
)

# The same trouble as in core.database.faults, for somebody who can do something about it.
DATABASE_FAULTS = {
    BUSY: "别的程序占着数据库，没有办成，请稍后再试",
    GONE: "连不上或打不开，请检查数据库是否在运行，地址、密码和文件夹的权限对不对",
    FULL: "磁盘满了，没有写入任何内容，请清理磁盘后再试",
    READ_ONLY: "只能读，不能写，请检查数据库文件和所在文件夹的权限",
    DAMAGED: "读不出来，文件可能已损坏，或者不是同行的数据库，请用备份恢复",
}


def database_sentence(error: Exception) -> str:
    """What is wrong with the database, and what the driver said, without the stop at its end."""
    fault = fault_of(error)
    told = f"（{error}）" if str(error) else ""
    return f"无法使用数据库：{DATABASE_FAULTS[fault] if fault else '出了差错'}{told}"


def _listed(choices: str) -> str:
    return "、".join(choice.strip(" '") for choice in choices.split(","))


def sentence_for(error: click.ClickException) -> str:
    """One of click's errors as a Chinese sentence, without the stop at its end."""
    if isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(error.ctx) if error.param and error.ctx else ""
        if isinstance(error.param, click.Option):
            name = f"{error.param.opts[0]} {name}"
        return f"缺少参数 {name}"
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}"
    told = _translated(error.message)
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"参数 {_name(error.param)} 不对：{told}"
    return told


def _name(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return parameter.metavar or parameter.human_readable_name


def _translated(message: str) -> str:
    for pattern, sentence in SENTENCES:
        if match := pattern.match(message):
            return sentence(match)
    return message.rstrip(".")
