"""The machine and the settings, without a database."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core import plugins
from core.diagnosis.findings import Finding, bad, good, note
from core.settings import Settings

LEAST_PYTHON, LEAST_SQLITE = (3, 11), (3, 35)
# Some large requests at once, each with its body and its answer (docs/operating.md).
LEAST_TEMPORARY = 100_000_000
# No release is older than this: a clock before it is wrong, and with it every session and log.
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
FONTS, TYPESETTER = "pylopdf_fonts_zh_cn", "typst"
LOCAL = ("localhost", "127.", "192.168.", "10.", "[::1]")


def look(settings: Settings) -> Iterator[Finding]:
    """Everything that needs no database."""
    yield from _versions()
    yield from _clock()
    yield from _documents()
    yield from _temporary()
    yield from _plugins()
    yield from _key(settings.key_file)
    yield from _addresses(settings)


def _versions() -> Iterator[Finding]:
    python = platform.python_version()
    if sys.version_info < LEAST_PYTHON:
        yield bad("python", f"Python 版本是 {python}，需要 3.11 或更新")
    else:
        yield good("python", f"Python {python}")
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        yield bad("sqlite", f"SQLite 版本是 {sqlite3.sqlite_version}，需要 3.35 或更新")
    else:
        yield good("sqlite", f"SQLite {sqlite3.sqlite_version}")


def _clock() -> Iterator[Finding]:
    now = datetime.now(UTC)
    if now < NOT_BEFORE:
        yield bad("clock", f"系统时间是 {now:%Y-%m-%d}，不对，请校准系统时间")
    try:
        offset = now.astimezone(ZoneInfo("Asia/Shanghai")).utcoffset()
    except ZoneInfoNotFoundError:
        offset = None
    if offset != timedelta(hours=8):
        advice = "请重新安装运行所需的软件包（requirements/install run）"
        yield bad("time-zone", f"没有可用的北京时间时区数据，{advice}")
    else:
        yield good("time-zone", "北京时间的时区数据可用")


def _documents() -> Iterator[Finding]:
    missing = [name for name in (FONTS, TYPESETTER) if importlib.util.find_spec(name) is None]
    found = importlib.util.find_spec(FONTS)
    folder = Path(found.origin).parent if found and found.origin else None
    if folder is not None and not any(folder.rglob("*.[ot]tf")):
        missing.append(f"{FONTS} 的字体文件")
    if missing:
        advice = "PDF 和图表做不出来，请运行：requirements/install run"
        yield bad("fonts", f"缺少 {'、'.join(missing)}，{advice}")
    else:
        yield good("fonts", "PDF 和图表所用的字体齐全")


def _temporary() -> Iterator[Finding]:
    try:
        folder = tempfile.gettempdir()
        free = shutil.disk_usage(folder).free
    except OSError:
        yield bad("temporary", "没有可以写入的临时文件夹，大文件无法收发，请设置 TMPDIR")
        return
    if free < LEAST_TEMPORARY:
        advice = "大文件收发可能失败，请清理，或用 TMPDIR 换一个地方"
        yield bad("temporary", f"临时文件夹 {folder} 只剩 {free // 10**6} MB，{advice}")
    else:
        yield good("temporary", f"临时文件夹 {folder} 可以写入")


def _plugins() -> Iterator[Finding]:
    found = plugins.installed()
    for name, reason in sorted(found.failures.items()):
        yield bad("plugins", f"插件“{name}”无法使用：{reason}")
    if not found.failures:
        yield good("plugins", f"{len(found.keys)} 个插件都能使用")


def _key(path: Path) -> Iterator[Finding]:
    if not path.exists():
        return
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield bad("key", f"密钥文件 {path} 其他人也能读取，请执行：chmod 600 {path}")
    else:
        yield good("key", f"密钥文件 {path} 只有本账号能读；请确认另有一份备份")


def _addresses(settings: Settings) -> Iterator[Finding]:
    if not settings.contact:
        yield note("contact", "没有设置 TONGXING_CONTACT：个人信息说明里没有联系方式")
    if not settings.base_url:
        yield note("address", "没有设置 TONGXING_BASE_URL：日历订阅里的网址取自每次请求")
        return
    parts = urlsplit(settings.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        yield bad(
            "address",
            f"TONGXING_BASE_URL（{settings.base_url}）不是网址，应像 https://canlian.example.cn",
        )
    elif parts.scheme == "http" and not parts.netloc.startswith(LOCAL):
        yield note("address", f"{settings.base_url} 没有用 https，个人信息会明文传输")
    else:
        yield good("address", f"使用网址 {settings.base_url}")
