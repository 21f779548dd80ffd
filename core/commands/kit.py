"""What commands share: Chinese help, clear errors with exit status 2, a running process."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from core import database
from core.commands.mistakes import database_sentence
from core.keeping.refusal import KeepingError
from core.permissions import SYSTEM, Actor
from core.privacy import KeyFileError
from core.process import NotMigrated, Process, opened
from core.refusals import Missing, Refusal
from core.settings import Settings, SettingsError

Answer = TypeVar("Answer")
WIDTH = 100
FILE = click.Path(path_type=Path, dir_okay=False)
OUTPUT = click.option(
    "-o", "--output", "output", type=FILE, metavar="文件", help="写入文件，不写则输出到屏幕"
)
# How click ends the help of a required option, with the range that our words name already.
REQUIRED = re.compile(r"\s*\[[^\]]*\brequired\]$")
FORESEEN = (
    Missing,
    NotMigrated,
    KeepingError,
    KeyFileError,
    database.DatabaseAddressError,
    SettingsError,
)


class ChineseCommand(click.Command):
    """A command whose help reads as Chinese from the first word."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """用法 instead of Usage."""
        pieces = [piece.replace("[OPTIONS]", "[选项]") for piece in self.collect_usage_pieces(ctx)]
        pieces = [piece.replace("COMMAND [ARGS]...", "命令 [参数]…") for piece in pieces]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """选项 instead of Options; what arguments are for stands in usage and description."""
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        rows = [row for each in options if (row := each.get_help_record(ctx)) is not None]
        if rows:
            with formatter.section("选项"):
                formatter.write_dl((names, REQUIRED.sub("（必填）", text)) for names, text in rows)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option ``--help``, said in Chinese."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示帮助"
        return option


class ChineseGroup(ChineseCommand, click.Group):
    """A group of such commands."""

    command_class = ChineseCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """命令 instead of Commands."""
        ChineseCommand.format_options(self, ctx, formatter)
        rows = [
            (name, command.get_short_help_str(WIDTH))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None and not command.hidden
        ]
        with formatter.section("命令"):
            formatter.write_dl(rows)


ChineseGroup.group_class = ChineseGroup


def tell(sentence: str) -> None:
    """Say what is going on, on standard error: standard output is for results.

    A log that cannot be written to, on a full disk say, is no reason to stop.
    """
    with suppress(OSError):
        click.echo(sentence, err=True)


def fail(*sentences: str) -> NoReturn:
    """Say what is wrong and end with exit status 2."""
    for sentence in sentences:
        tell(sentence)
    raise SystemExit(2)


def write(text: str, output: Path | None) -> None:
    """Put a result into a file or on standard output, as UTF-8 whatever the terminal is set to."""
    write_bytes(text.encode(), output)


def write_bytes(content: bytes, output: Path | None) -> None:
    """The same for bytes. A file is there whole or as it was before, never in part."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        _put(content, output.resolve())
    except OSError as error:
        fail(f"无法写入 {output}：{error.strerror}")


def _put(content: bytes, path: Path) -> None:
    if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced
        path.write_bytes(content)
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def settings_or_end() -> Settings:
    """The settings of the environment; one that cannot be used is told, and ends the command."""
    try:
        return Settings.from_environment()
    except SettingsError as error:
        fail(str(error))


def run(work: Callable[[Process], Awaitable[Answer]], *, migrate: bool = False) -> Answer:
    """Run ``work`` in an opened process; every foreseeable failure is a sentence and status 2."""

    async def inside() -> Answer:
        settings = Settings.from_environment()
        async with opened(settings, migrate=migrate, patient=True, report=tell) as process:
            return await database.repeated(lambda: work(process))

    return carry_out(inside)


def carry_out(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run ``work``, which opens what it needs; failures are told as by ``run``."""

    async def inside() -> Answer:
        return await work()

    try:
        return asyncio.run(inside())
    except Refusal as refusal:
        lines = [
            f"{fault.pointer or '/'} [{fault.code}] {fault.message}" for fault in refusal.faults
        ]
        fail(f"发现 {len(lines)} 处错误，没有写入任何内容：", *lines)
    except FORESEEN as error:
        fail(str(error))
    except database.UNREACHABLE as error:
        fail(database_sentence(error))


async def organisation_id(key: str) -> int:
    """The id of an office. Raises Missing with a hint to list them."""
    number = await database.fetch_value("SELECT id FROM organisation WHERE key = :key", key=key)
    if number is None:
        raise Missing(f"没有编号为“{key}”的机构；python app.py organisation list 列出全部机构")
    return int(number)


def actor() -> Actor:
    """Who the command line acts as."""
    return SYSTEM
