"""Settings, all from environment variables that start with ``TONGXING_``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = f"sqlite:///{ROOT / 'data' / 'tongxing.db'}"


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
        }


def _key_file(chosen: str | None, url: str) -> Path:
    """The key lies beside an SQLite file unless chosen otherwise; never inside a database."""
    if chosen:
        return Path(chosen)
    if url.startswith("sqlite:///"):
        return Path(unquote(url.removeprefix("sqlite:///"))).with_suffix(".key")
    return ROOT / "data" / "tongxing.key"
