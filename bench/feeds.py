"""Calendar feeds, beside the icalendar library alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar, Event

from bench.measuring import Case, Result, compare
from core.calendar_entries import CalendarEntry
from events.feeds import render_feed


async def rendering(_: Path) -> list[Result]:
    """A calendar of 1,000 activities."""
    count = 1_000
    start = datetime(2026, 5, 1, 1, tzinfo=UTC)
    entries = [
        CalendarEntry(
            uid=f"activity-{number}@bench",
            title=f"走访慰问第{number}组",
            starts=start + timedelta(hours=number),
            ends=start + timedelta(hours=number + 2),
            modified_at=start,
            sequence=0,
            place="红旗街道",
            accessibility=("手语翻译", "轮椅通道"),
        )
        for number in range(count)
    ]

    async def project() -> None:
        render_feed("日程", "", entries, now=start)

    async def limit() -> None:
        _plain_calendar(entries)

    return [await compare(f"feed of {count:,} activities", project, limit, "icalendar alone")]


def _plain_calendar(entries: list[CalendarEntry]) -> bytes:
    calendar = Calendar()
    for entry in entries:
        event = Event()
        members: dict[str, Any] = {
            "uid": entry.uid,
            "summary": entry.title,
            "dtstart": entry.starts,
            "dtend": entry.ends,
            "dtstamp": entry.modified_at,
            "location": entry.place,
        }
        for name, value in members.items():
            event.add(name, value)
        calendar.add_component(event)
    return calendar.to_ical()


CASES = (Case("feeds.rendering", rendering),)
