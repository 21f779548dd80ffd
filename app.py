"""同行: the composition root and the command line.

``create_app(settings)`` gives the application; ``python app.py --help`` lists the commands.
"""

from __future__ import annotations

# The collector of garbage is still while everything is loaded: of that, nothing is any.
import gc

gc.disable()

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click
import uvicorn
from litestar import Litestar, Router

from api import annex, application, plugin_routes
from api.annex import desk
from api.kit import idempotency, limits, measuring, meters, serving, states
from core import allocator, audit_seals, demonstration, live, logs, migrating, moments, stopping
from core.commands.kit import ChineseGroup, fail, run, settings_or_end, tell
from core.commands.mistakes import sentence_for
from core.commands.registry import COMMANDS
from core.database import capacity
from core.plugins import Plugins, installed
from core.process import Process, opened, prepare
from core.recap.drawing import apart
from core.recap.making import process as rendering_process
from core.settings import Settings

gc.freeze()  # and none of it ever will be
gc.enable()

HOST, PORT = "127.0.0.1", 8000
PORTS = click.IntRange(1, 65535)
WORKERS = click.IntRange(1, 64)
NICENESS = 5  # whoever waits for a large file waits anyway; pages and check-ins go first


def release() -> str:
    """This software's version."""
    try:
        return version("tongxing")
    except PackageNotFoundError:
        return "0"


def folders(plugins: Plugins, name: str) -> dict[str, Path]:
    """Each plugin's folder of that name (``templates``, ``static``), where it has one."""
    found: dict[str, Path] = {}
    for key in plugins.infos:
        module = plugins.manager.get_plugin(key)
        folder = Path(str(getattr(module, "__file__", ""))).parent / name
        if folder.is_dir():
            found[key] = folder
    return found


@asynccontextmanager
async def _serving(settings: Settings, *, large_apart: bool) -> AsyncIterator[None]:
    """What a server does besides answering."""
    await idempotency.purge(moments.now())
    async with AsyncExitStack() as services:
        await services.enter_async_context(rendering_process.supervising(settings))
        await services.enter_async_context(apart.drawing())
        await services.enter_async_context(live.watching())
        await services.enter_async_context(audit_seals.sealing())
        if large_apart:
            await services.enter_async_context(annex.carrying(settings))
        states.describe(release())
        with stopping.told_to_stop(live.end):
            yield


def create_app(
    settings: Settings | None = None, *, large_apart: bool = False, answers_only: bool = False
) -> Litestar:
    """The application on the settings' database, or on those of the environment.

    With ``large_apart`` a second process answers large requests; ``answers_only`` is that process,
    which leaves all else that a server does to the server.
    """
    settings = settings or Settings.from_environment()
    process = prepare(settings)

    @asynccontextmanager
    async def connected(_: Litestar) -> AsyncIterator[None]:
        async with opened(settings), measuring.measuring(settings.slow_milliseconds):
            if answers_only:
                yield
                return
            async with _serving(settings, large_apart=large_apart):
                yield

    process.plugins.seconds = settings.plugin_seconds

    def assembled(routes: list[Router]) -> Litestar:
        return application.create(
            routes,
            lifespan=[connected],
            plugin_folders=folders(process.plugins, "templates"),
            static_folders=folders(process.plugins, "static"),
            version=release(),
            state={"process": process, "limits": limits.Limiter(settings.limit_factor)},
        )

    with allocator.without_collector():
        return plugin_routes.assembled(process.plugins, assembled)


@click.group(cls=ChineseGroup)
def main() -> None:
    """同行：残联活动从策划到总结。"""


def _require_free(host: str, port: int) -> None:
    """End with a sentence when nobody could listen there; uvicorn would only log it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            fail(
                f"不能在 {host} 的端口 {port} 上启动（{error.strerror}），请用 --port 换一个端口。"
            )


def served_app() -> Litestar:
    """The application as a server process makes it, which is who writes the log."""
    settings = Settings.from_environment()
    logs.configure(settings.log_format, settings.log_level)
    allocator.settle()
    with allocator.without_collector(kept=True):
        return create_app(settings, large_apart=True)


def _serve(host: str, port: int, workers: int) -> None:
    settings = settings_or_end()
    logs.configure(settings.log_format, settings.log_level)
    signal.signal(signal.SIGTERM, stopping.stop_well)
    with meters.several() if workers > 1 else nullcontext():
        uvicorn.run(
            "app:served_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            app_dir=str(Path(__file__).parent),
            log_config=None,
            log_level="warning",
            access_log=False,  # it would hold addresses, and with them names and tokens
            server_header=False,
            timeout_graceful_shutdown=10,
            **serving.options(),
        )


@main.command()
@click.option("--host", default=HOST, metavar="地址", help=f"监听地址，默认 {HOST}（只限本机）")
@click.option("--port", type=PORTS, default=PORT, metavar="端口", help=f"端口，默认 {PORT}")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, metavar="个数", help="服务进程数，默认 1"
)
def serve(host: str, port: int, workers: int) -> None:
    """启动服务。"""

    async def check(process: Process) -> None:
        for sentence in await capacity.complaints(process.settings, workers):
            tell(f"注意：{sentence}。")

    _require_free(host, port)
    run(check)
    tell(f"服务地址：http://{host}:{port}/")
    _serve(host, port, workers)


@main.command("annex", hidden=True)
@click.argument("idle", type=float, metavar="秒数")
def answer_large(idle: float) -> None:
    """处理大文件（由服务自动调用）。"""
    connection = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    settings = settings_or_end()
    logs.configure(settings.log_format, settings.log_level)
    logging.getLogger(measuring.log.name).disabled = True  # the server has its line
    os.nice(NICENESS)
    with allocator.without_collector(kept=True):
        made = create_app(settings, answers_only=True)
    asyncio.run(desk.serve(made, connection, idle))


@main.command("run")
@click.option("--port", type=PORTS, default=PORT, metavar="端口", help=f"端口，默认 {PORT}")
def run_demonstration(port: int) -> None:
    """准备数据库并启动；第一次启动时载入示例活动和示例账号。"""
    # Whoever looks on reads the logins and addresses here, not a line a request.
    os.environ.setdefault("TONGXING_LOG_LEVEL", "warning")
    os.environ.setdefault("TONGXING_LOG_FORMAT", "text")
    settings = settings_or_end()
    _require_free(HOST, port)
    logins = settings.key_file.with_name("demo-logins.txt")

    async def ready(process: Process) -> None:
        async with migrating.alone():  # another server may be starting on the same database
            if await demonstration.wanted():
                tell("第一次启动：正在载入示例活动（一座城市 2022 年的全国助残日）和示例账号……")
                await demonstration.load(process, logins)

    run(ready, migrate=True)
    tell(f"\n同行已就绪，请用浏览器打开：http://{HOST}:{port}/\n")
    if logins.exists():
        tell(f"示例账号（保存在 {logins}）：")
        tell("账号\t密码\t\t角色")
        tell(logins.read_text(encoding="utf-8"))
    tell("按 Ctrl+C 停止。")
    _serve(HOST, port, 1)


def _register(plugins: Plugins) -> None:
    """Core's commands, and those that plugins bring; a plugin cannot replace one of ours."""
    for command in COMMANDS:
        main.add_command(command)
    for key, commands in plugins.registered("register_commands"):
        for command in commands:
            if main.commands.get(command.name or "", command) is not command:
                tell(f"插件“{key}”的命令“{command.name}”与已有命令同名，没有载入")
                continue
            main.add_command(command)


def _readable(argument: str) -> str:
    """An argument as text: in a locale without UTF-8 Chinese arrives as halves of surrogates."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return os.fsencode(argument).decode("utf-8", "replace")
    return argument


def command_line(arguments: list[str]) -> int:
    """Run one command; answers the exit status (2 for bad input)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    os.environ.setdefault("PICCOLO_CONF", "piccolo_conf")
    allocator.settle()
    with allocator.without_collector(kept=True):
        _register(installed())
    try:
        main.main(
            [_readable(given) for given in arguments],
            prog_name="python app.py",
            standalone_mode=False,
        )
    except click.exceptions.NoArgsIsHelpError as error:
        tell(error.format_message())
        return 2
    except click.ClickException as error:
        tell(f"{sentence_for(error)}。用 --help 查看用法。")
        return 2
    except (click.Abort, KeyboardInterrupt, asyncio.CancelledError):
        tell("已取消。")
        return 130
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(command_line(sys.argv[1:]))
