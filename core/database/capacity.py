"""Whether a PostgreSQL server takes as many connections as this installation may ask for."""

from __future__ import annotations

from core import database
from core.database.postgres_engine import PooledPostgresEngine
from core.settings import Settings

# Besides its pool each server process has one connection that listens, and those of the process
# that answers large requests beside it; one process at a time makes files of recaps, and somebody
# runs a command.
LISTENING, LARGE, BESIDE = 1, 2, 8
ALLOWED = (
    "SELECT CAST(current_setting('max_connections') AS INTEGER)"
    " - CAST(current_setting('superuser_reserved_connections') AS INTEGER)"
    " - CAST(COALESCE(current_setting('reserved_connections', true), '0') AS INTEGER) AS server,"
    " (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS database,"
    " (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS account"
)
# Which key the names of a database are sealed with: no two databases have the same.
KEY = "SELECT value FROM installation WHERE name = 'key'"


async def complaints(settings: Settings, workers: int = 1) -> list[str]:
    """Sentences for the operator when so many server processes may run out of connections."""
    if not database.is_postgresql():
        return []
    row = await database.fetch_one(ALLOWED)
    allowed = min(limit for limit in (row or {}).values() if limit >= 0)
    wanted = workers * (settings.pool_size + LISTENING + LARGE) + BESIDE
    if wanted <= allowed:
        return []
    fits = (allowed - BESIDE) // workers - LISTENING - LARGE
    advice = f"把 TONGXING_POOL_SIZE 设为 {fits} 或更小" if fits >= 1 else "减少服务进程"
    need = f"{workers} 个服务进程最多会用 {wanted} 个数据库连接，而数据库只允许 {allowed} 个"
    return [f"{need}：请{advice}，或调大数据库的 max_connections"]


async def replica_complaints() -> list[str]:
    """Sentences for the operator when the replica cannot be read, or is none of this database."""
    engine = database.engine()
    if not isinstance(engine, PooledPostgresEngine) or engine.replica is None:
        return []
    there = await engine.replica.asked(KEY, ())
    if there is None:
        return ["只读副本（TONGXING_REPLICA_URL）读不到，统计和总结由主数据库承担"]
    here = await database.fetch(KEY)
    same = [dict(row) for row in there] == here
    return [] if same else ["TONGXING_REPLICA_URL 指的不是这个数据库的副本"]
