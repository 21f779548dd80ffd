"""What is counted while the server runs, for ``/metrics``.

Each is a meter of prometheus_client; plugins may add their own with names that begin with
``tongxing_``. With several server processes every process writes into a folder of files (see
``several``), and whichever is asked adds them all up.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from core.database import Statement

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# Seconds; pages of up to 30 ms are the goal, so the steps are fine around it.
REQUEST_STEPS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
STATEMENT_STEPS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0)
SIZE_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
KINDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REGISTRY = CollectorRegistry()


def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
    """Something that is counted and only ever grows."""
    return Counter(name, text, labels, registry=REGISTRY)


def histogram(
    name: str, text: str, labels: tuple[str, ...] = (), steps: tuple[float, ...] = REQUEST_STEPS
) -> Histogram:
    """Something that has a size or lasts; ``steps`` are the upper bounds that are told apart."""
    return Histogram(name, text, labels, registry=REGISTRY, buckets=steps)


def gauge(name: str, text: str, labels: tuple[str, ...] = (), *, each: bool = False) -> Gauge:
    """Something that is so much now: the sum over all processes, or ``each`` one's with its pid."""
    if each:
        return Gauge(name, text, labels, registry=REGISTRY, multiprocess_mode="liveall")
    return Gauge(name, text, labels, registry=REGISTRY, multiprocess_mode="livesum")


REQUESTS = counter(
    "tongxing_requests", "Answered requests, by template of the path", ("method", "route", "status")
)
SECONDS = histogram(
    "tongxing_request_seconds", "From a request's head to its answer's end", ("method", "route")
)
STREAMS = gauge("tongxing_streams", "Live streams (server-sent events) that are open")
STATEMENTS = histogram(
    "tongxing_statement_seconds",
    "Statements on the database, until their rows were there",
    ("kind",),
    STATEMENT_STEPS,
)
STATEMENTS_FAILED = counter("tongxing_statements_failed", "Statements that the database refused")
STATEMENTS_SLOW = counter("tongxing_statements_slow", "Statements slower than the setting allows")
PLUGIN_FAILURES = counter(
    "tongxing_plugin_failures", "Hooks in which a plugin raised, hung or gave nonsense", ("plugin",)
)
LOG_RECORDS = counter("tongxing_log_records", "Warnings and errors logged", ("logger", "level"))
CACHE = counter("tongxing_cache", "What was looked for in a cache", ("cache", "found"))
BATCHES = histogram("tongxing_batch_size", "Things written under one commit", ("of",), SIZE_STEPS)


class Requests:
    """Counts answers; the meter of each route is looked up once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer.

        ``method`` is one of METHODS or "other": anybody can invent methods, and each would be a
        series of its own. ``route`` is the path's template, "" for an unknown address.
        """
        found = self._known.get((method, route, status))
        if found is None:
            place = route or "(unknown)"
            found = (REQUESTS.labels(method, place, str(status)), SECONDS.labels(method, place))
            self._known[method, route, status] = found
        found[0].inc()
        found[1].observe(seconds)


class Statements:
    """Counts statements: an observer of the database."""

    def __init__(self, slow_milliseconds: float) -> None:
        self._slow = slow_milliseconds / 1000
        self._meters = {word: STATEMENTS.labels(word.lower()) for word in KINDS}
        self._other = STATEMENTS.labels("other")

    def __call__(self, statement: Statement) -> None:
        """Count one that ran."""
        word = statement.sql.lstrip()[:7].partition(" ")[0].strip().upper()
        self._meters.get(word, self._other).observe(statement.seconds)
        if statement.failed:
            STATEMENTS_FAILED.inc()
        if statement.seconds >= self._slow:
            STATEMENTS_SLOW.inc()


class Records(logging.Handler):
    """Counts warnings and errors as they are logged, and whose plugin's they are."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        LOG_RECORDS.labels(record.name, record.levelname.lower()).inc()
        plugin = getattr(record, "facts", {}).get("plugin")
        if plugin is not None:
            PLUGIN_FAILURES.labels(plugin).inc()


def text() -> bytes:
    """Everything in Prometheus' text format, of all processes of this server."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return generate_latest(REGISTRY)
    for pid in {int(each.stem.rsplit("_", 1)[1]) for each in Path(folder).glob("gauge_live*.db")}:
        if not _is_alive(pid):
            multiprocess.mark_process_dead(pid)
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together)
    return generate_latest(together)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def several() -> Iterator[None]:
    """Let the server processes that are started inside count together, in a folder of their own.

    They have to be started with this process's environment, and to import this module only then.
    """
    folder = tempfile.mkdtemp(prefix="tongxing-metrics-")
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        del os.environ[FOLDER]
        shutil.rmtree(folder, ignore_errors=True)
