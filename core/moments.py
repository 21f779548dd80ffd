"""Time as this house keeps it: UTC inside, ``+08:00`` outside, days of Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

# What says when something last changed never goes back, though the clock may be set back:
# programmes that read calendars take what is older for what they have already.
LATER = "CASE WHEN modified_at > :now THEN modified_at ELSE :now END"
SHANGHAI = ZoneInfo("Asia/Shanghai")
# Documents state +08:00 for every moment, also for the summers before 1992 when clocks said +09:00.
OFFSET = timezone(timedelta(hours=8))


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's day in Asia/Shanghai."""
    return datetime.now(SHANGHAI).date()


def offset_text(moment: datetime) -> str:
    """An aware moment as documents write it: ``2026-05-17T09:00:00+08:00``."""
    return moment.astimezone(OFFSET).isoformat()


def local(moment: datetime) -> datetime:
    """An aware moment as a clock in China shows it."""
    return moment.astimezone(SHANGHAI)


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai on which a moment falls."""
    return moment.astimezone(SHANGHAI).date()


def from_local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A clock time in China as a moment in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)
