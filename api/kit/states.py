"""How this process is at the moment: its memory, its connections, what it waited for."""

from __future__ import annotations

import os
import platform
import resource
import sqlite3
import sys
import time
from pathlib import Path

from api.kit import meters
from core import database, kept, logs
from core.database import waits
from core.database.sqlite_engine import PooledSQLiteEngine

STATM = Path("/proc/self/statm")
STARTED = time.time()

BUILD = meters.gauge(
    "tongxing_build_info", "What runs here; always 1", ("version", "python", "sqlite"), each=True
)
MEMORY = meters.gauge("tongxing_process_resident_bytes", "Memory in use", each=True)
PROCESSOR = meters.gauge(
    "tongxing_process_cpu_seconds", "Processor time since the start", each=True
)
SINCE = meters.gauge("tongxing_process_start_seconds", "When it started, Unix time", each=True)
CONNECTIONS = meters.gauge(
    "tongxing_database_connections",
    "Connections for reading (SQLite) or all (PostgreSQL)",
    ("state",),
)
WAITED = meters.counter("tongxing_database_waits", "Times somebody had to wait", ("what",))
WAITED_SECONDS = meters.counter("tongxing_database_wait_seconds", "Time waited", ("what",))
KEPT = meters.gauge("tongxing_cache_entries", "What is kept", ("cache",))
LOST_LINES = meters.counter("tongxing_log_lines_lost", "Log lines that could not be written")

_noted: dict[object, float] = {}


def describe(version: str) -> None:
    """Say which version runs."""
    labels = (version or "0", platform.python_version(), sqlite3.sqlite_version)
    BUILD.labels(*labels).set(1)
    SINCE.set(STARTED)


def note() -> None:
    """Bring the gauges, and what core counts by itself, up to now."""
    MEMORY.set(resident_bytes())
    PROCESSOR.set(time.process_time())
    for state, number in connections().items():
        CONNECTIONS.labels(state).set(number)
    for what, waited in (("writer", waits.WRITER), ("connection", waits.CONNECTION)):
        WAITED.labels(what).inc(_more((what, "count"), waited.count))
        WAITED_SECONDS.labels(what).inc(_more((what, "seconds"), waited.seconds))
    for cache in kept.all_kept():
        KEPT.labels(cache.name).set(cache.counts.entries)
        for found, number in (("yes", cache.counts.hits), ("no", cache.counts.misses)):
            meters.CACHE.labels(cache.name, found).inc(_more((cache.name, found), number))
    LOST_LINES.inc(_more("lost", logs.Lines.lost))


def _more(name: object, total: float) -> float:
    """What came since the last time."""
    before = _noted.get(name, 0.0)
    _noted[name] = max(total, before)
    return max(total - before, 0.0)


def resident_bytes() -> int:
    """The memory that this process holds; where /proc is missing, the most it ever held."""
    if STATM.exists():
        pages = int(STATM.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def connections() -> dict[str, int]:
    """How many of the connections are ``busy`` and ``idle``, and the ``most`` there can be."""
    engine = database.engine()
    if isinstance(engine, PooledSQLiteEngine):
        idle = engine.idle_readers()
        return {"busy": engine.reader_count - idle, "idle": idle, "most": engine.reader_count}
    if engine.pool is not None:
        size, idle = engine.pool.get_size(), engine.pool.get_idle_size()
        return {"busy": size - idle, "idle": idle, "most": engine.pool.get_max_size()}
    return {}
