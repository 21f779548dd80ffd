"""The engine that an address names: ``sqlite:///path`` or ``postgresql://…``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.database.postgres_engine import PooledPostgresEngine
from core.database.postgres_pool import Tuning
from core.database.sqlite_engine import PooledSQLiteEngine

Engine = PooledSQLiteEngine | PooledPostgresEngine


class DatabaseAddressError(ValueError):
    """An address that names no database we can use; the message is for people."""


def engine_for(address: str, synchronous: str, tuning: Tuning, replica: str) -> Engine:
    """An engine, with nothing opened yet. Raises DatabaseAddressError."""
    if replica and not (_is_server(replica) and _is_server(address)):
        raise DatabaseAddressError("只读副本和数据库的地址都要以 postgresql:// 开头")
    if _is_server(address):
        return PooledPostgresEngine(address, tuning, replica)
    if not address.startswith("sqlite:"):
        raise DatabaseAddressError(
            "数据库地址要以 sqlite:/// 或 postgresql:// 开头，例如 sqlite:///data/tongxing.db"
        )
    path = Path(unquote(address.removeprefix("sqlite:///")))
    if not address.startswith("sqlite:///") or not path.name:
        raise DatabaseAddressError("SQLite 的地址应写成 sqlite:///路径/文件.db")
    path.parent.mkdir(parents=True, exist_ok=True)
    return PooledSQLiteEngine(str(path), synchronous=synchronous)


def _is_server(address: str) -> bool:
    """Whether an address is one of PostgreSQL. Raises DatabaseAddressError for half of one."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        # Not the address itself: it may hold a password.
        raise DatabaseAddressError(
            "数据库地址（TONGXING_DATABASE_URL）写得不对，请检查主机、端口和特殊字符的写法"
        ) from None
    return parts.scheme in ("postgresql", "postgres")
