"""A feed as a real client reads it: vdirsyncer over HTTP into a folder of items."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from icalendar import Calendar, Component

from core.calendar_entries import CalendarEntry
from events.feeds import render_feed

NOW = datetime(2027, 5, 12, tzinfo=UTC)
ENTRIES = [
    CalendarEntry(
        uid=f"activity-{number}@office",
        title=f"走访慰问第{number}组",
        starts=NOW + timedelta(days=number),
        ends=NOW + timedelta(days=number, hours=2),
        modified_at=NOW,
        sequence=0,
        place="红旗街道, 一楼; 北门",
        description="请带：\nD:\\NAS\\名单\u2028手语翻译" + "😀" * 40,
    )
    for number in range(1, 6)
]
DAY = CalendarEntry(
    uid="observance-1@office",
    title="第37次全国助残日",
    starts=date(2027, 5, 16),
    ends=date(2027, 5, 17),
    modified_at=NOW,
    sequence=0,
)


@dataclass
class FeedServer:
    """Serves whatever bytes it is given last, and counts how often it was asked."""

    address: str = ""
    data: bytes = b""
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    served = FeedServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar; charset=utf-8")
            self.send_header("Content-Length", str(len(served.data)))
            self.end_headers()
            self.wfile.write(served.data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{listener.server_port}/feed.ics"
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield served
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


@pytest.fixture
def configuration(server: FeedServer, tmp_path: Path) -> Path:
    path = tmp_path / "vdirsyncer.ini"
    path.write_text(
        f"""[general]
status_path = "{tmp_path / "status"}"

[pair feed]
a = "office"
b = "folder"
collections = null

[storage office]
type = "http"
url = "{server.address}"

[storage folder]
type = "filesystem"
path = "{tmp_path / "items"}"
fileext = ".ics"
""",
        encoding="utf-8",
    )
    (tmp_path / "items").mkdir()
    return path


def synchronise(configuration: Path) -> dict[str, bytes]:
    """Let the client do its work; give the items of its folder by file name."""
    program = Path(sys.executable).parent / "vdirsyncer"
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    for command in ("discover", "sync"):
        done = subprocess.run(
            [program, "--config", configuration, command],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in (configuration.parent / "items").iterdir()}


def events(items: dict[str, bytes]) -> list[Component]:
    """Give the one event of each item, by start."""
    found = []
    for item in items.values():
        (event,) = Calendar.from_ical(item).walk("VEVENT")
        found.append(event)
    return sorted(found, key=lambda event: event["DTSTART"].to_ical())


def test_a_client_keeps_one_item_for_each_entry_and_follows_a_cancellation(
    server: FeedServer, configuration: Path
) -> None:
    server.data = render_feed("某市残联", "全年安排", [*ENTRIES, DAY], now=NOW)
    items = synchronise(configuration)
    found = events(items)
    assert [str(event["SUMMARY"]) for event in found] == [
        "走访慰问第1组",
        "走访慰问第2组",
        "走访慰问第3组",
        "第37次全国助残日",
        "走访慰问第4组",
        "走访慰问第5组",
    ]
    assert [event.decoded("DTSTART") for event in found] == [
        *(entry.starts for entry in ENTRIES[:3]),
        DAY.starts,
        *(entry.starts for entry in ENTRIES[3:]),
    ]
    assert str(found[0]["LOCATION"]) == ENTRIES[0].place
    assert str(found[0]["DESCRIPTION"]) == ENTRIES[0].description.replace("\u2028", "\n")

    assert synchronise(configuration) == items  # an unchanged feed changes no item

    cancelled = replace(ENTRIES[1], sequence=1, modified_at=NOW, cancelled_at=NOW)
    server.data = render_feed(
        "某市残联", "全年安排", [ENTRIES[0], cancelled, *ENTRIES[2:], DAY], now=NOW
    )
    changed = synchronise(configuration)
    assert len(changed) == len(items)
    (event,) = [event for event in events(changed) if event["STATUS"] == "CANCELLED"]
    assert str(event["SUMMARY"]) == "【已取消】走访慰问第2组"
    assert len(set(changed.values()) & set(items.values())) == len(items) - 1
    assert set(server.paths) == {"/feed.ics"}
