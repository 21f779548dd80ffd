"""Settings, all from environment variables that start with ``TONGXING_``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = f"sqlite:///{ROOT / 'data' / 'tongxing.db'}"

# The first is what holds when nothing is chosen.
LOG_FORMATS = ("json", "text")
LOG_LEVELS = ("info", "debug", "warning", "error")


class SettingsError(ValueError):
    """A variable that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs; docs/operating.md lists the variables."""

    database_url: str = DEFAULT_DATABASE
    key_file: Path = ROOT / "data" / "tongxing.key"
    synchronous: str = "NORMAL"
    deaf_day_rule: str = ""
    base_url: str = ""
    contact: str = ""
    log_format: str = "json"
    log_level: str = "info"
    slow_milliseconds: int = 500
    pool_size: int = 10
    statement_seconds: int = 60
    replica_url: str = ""
    live_streams: int = 200
    plugin_seconds: int = 15
    limit_factor: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables. Raises SettingsError with a Chinese sentence for an unusable one."""
        url = environment.get("TONGXING_DATABASE_URL") or DEFAULT_DATABASE
        synchronous = environment.get("TONGXING_SQLITE_SYNCHRONOUS", "NORMAL").upper()
        if synchronous not in ("NORMAL", "FULL"):
            raise SettingsError("TONGXING_SQLITE_SYNCHRONOUS 只能是 NORMAL 或 FULL")
        deaf_day = environment.get("TONGXING_DEAF_DAY", "")
        if deaf_day not in ("", "fourth", "last"):
            raise SettingsError(
                "TONGXING_DEAF_DAY 只能是 fourth（第四个星期日）或 last（最后一个星期日）"
            )
        return cls(
            database_url=url,
            key_file=_key_file(environment.get("TONGXING_KEY_FILE"), url),
            synchronous=synchronous,
            deaf_day_rule=deaf_day,
            base_url=environment.get("TONGXING_BASE_URL", "").rstrip("/"),
            contact=environment.get("TONGXING_CONTACT", "").strip(),
            log_format=_one_of(environment, "TONGXING_LOG_FORMAT", LOG_FORMATS),
            log_level=_one_of(environment, "TONGXING_LOG_LEVEL", LOG_LEVELS),
            slow_milliseconds=_number(environment, "TONGXING_SLOW_MILLISECONDS", 500, 1, 600_000),
            pool_size=_number(environment, "TONGXING_POOL_SIZE", 10, 1, 200),
            statement_seconds=_number(environment, "TONGXING_STATEMENT_SECONDS", 60, 1, 3600),
            replica_url=environment.get("TONGXING_REPLICA_URL", "").strip(),
            plugin_seconds=_number(environment, "TONGXING_PLUGIN_SECONDS", 15, 1, 600),
            limit_factor=_number(environment, "TONGXING_LIMIT_FACTOR", 1, 0, 1_000),
            live_streams=_number(environment, "TONGXING_LIVE_STREAMS", 200, 0, 10_000),
        )

    def as_environment(self) -> dict[str, str]:
        """The variables that give another process the same settings."""
        return {
            "TONGXING_DATABASE_URL": self.database_url,
            "TONGXING_KEY_FILE": str(self.key_file),
            "TONGXING_SQLITE_SYNCHRONOUS": self.synchronous,
            "TONGXING_DEAF_DAY": self.deaf_day_rule,
            "TONGXING_BASE_URL": self.base_url,
            "TONGXING_CONTACT": self.contact,
            "TONGXING_LOG_FORMAT": self.log_format,
            "TONGXING_LOG_LEVEL": self.log_level,
            "TONGXING_SLOW_MILLISECONDS": str(self.slow_milliseconds),
            "TONGXING_POOL_SIZE": str(self.pool_size),
            "TONGXING_STATEMENT_SECONDS": str(self.statement_seconds),
            "TONGXING_REPLICA_URL": self.replica_url,
            "TONGXING_LIVE_STREAMS": str(self.live_streams),
            "TONGXING_PLUGIN_SECONDS": str(self.plugin_seconds),
            "TONGXING_LIMIT_FACTOR": str(self.limit_factor),
        }


def _one_of(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """A word out of ``choices``, in whatever case; the first when there is none."""
    chosen = environment.get(name, "").strip().lower() or choices[0]
    if chosen not in choices:
        raise SettingsError(f"{name} 只能是 {'、'.join(sorted(choices))} 之一")
    return chosen


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds; the default when there is none."""
    text = environment.get(name, "").strip()
    if not text:
        return default
    plain = text.isascii() and text.isdigit() and len(text) <= 12
    if not plain or not least <= int(text) <= most:
        raise SettingsError(f"{name} 应为 {least} 到 {most} 的整数")
    return int(text)


def _key_file(chosen: str | None, url: str) -> Path:
    """The key lies beside an SQLite file unless chosen otherwise; never inside a database."""
    if chosen:
        return Path(chosen)
    if url.startswith("sqlite:///"):
        return Path(unquote(url.removeprefix("sqlite:///"))).with_suffix(".key")
    return ROOT / "data" / "tongxing.key"
