"""Rules of volunteer service: credited time, overlaps and stars, without any I/O."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from core.moments import local
from core.numbers import plain, rounded

STATUSES = {
    "signed_up": "已报名",
    "open": "服务中",
    "pending": "待确认",
    "confirmed": "已确认",
    "rejected": "不予确认",
    "no_show": "未到",
}
COUNTED = "confirmed"
# Who has one of these takes no place in a shift.
AWAY = frozenset({"rejected", "no_show"})
MOST_MINUTES_A_DAY = 10 * 60
# How a shift stands with the public.
RECRUITING = {"private": "未公开", "published": "公开招募", "cancelled": "已取消"}
# What of a shift stands in calendars.
TOLD_BY_CALENDARS = (
    "title",
    "starts_at",
    "ends_at",
    "organisation",
    "capacity",
    "activity",
    "place",
)
PERIODS = {"year": "按年度", "all": "累计"}
DIGITS = "零一二三四五六七八九十"


def credited_interval(
    checked_in: datetime | None, checked_out: datetime | None, starts: datetime, ends: datetime
) -> tuple[datetime, datetime] | None:
    """The part of [in, out] within [starts, ends]; None where that is no more than a moment."""
    if checked_in is None or checked_out is None:
        return None
    start, end = max(checked_in, starts), min(checked_out, ends)
    return (start, end) if start < end else None


def credited_minutes(
    checked_in: datetime | None, checked_out: datetime | None, starts: datetime, ends: datetime
) -> int:
    """Whole minutes of the overlap of [in, out] with [starts, ends], never less than 0 (bundle.md).

    Service time is time actually served, travel not counted (民函〔2012〕340号), so early arrival
    and staying on add nothing. The status plays no part here: who counts, counts the confirmed.
    """
    interval = credited_interval(checked_in, checked_out, starts, ends)
    return 0 if interval is None else (interval[1] - interval[0]) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """Credited time of the attendance at ``index`` of a list; longer than a moment."""

    index: int
    start: datetime
    end: datetime


def overlapping(intervals: Iterable[Interval]) -> dict[int, int]:
    """Of one volunteer's intervals, those that overlap one before them in the list.

    Answers its index and that of one of those before it. Sweeping by start, in O(n log n): whatever
    has not ended when an interval starts overlaps it, be it a neighbour or long before. Two heaps
    hold what may still run, so that whichever of a pair comes later in the list is found.
    """
    found: dict[int, int] = {}
    earliest: list[tuple[int, Interval]] = []  # least index first: an earlier partner for the new
    latest: list[tuple[int, Interval]] = []  # greatest index first: those the new one comes before
    for new in sorted(intervals, key=lambda interval: (interval.start, interval.index)):
        while earliest and earliest[0][1].end <= new.start:
            heapq.heappop(earliest)
        if earliest and earliest[0][0] < new.index:
            found.setdefault(new.index, earliest[0][0])
        while latest and -latest[0][0] > new.index:
            _, running = heapq.heappop(latest)
            if running.end > new.start:
                found.setdefault(running.index, new.index)
        heapq.heappush(earliest, (new.index, new))
        heapq.heappush(latest, (-new.index, new))
    return found


@dataclass(frozen=True, slots=True)
class Weekly:
    """What a first star asks besides hours: ``minutes`` a week, on "average" or in "every" one."""

    rule: str
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class Scheme:
    """How stars are given: hours in a ``period`` ("year": a calendar year, "all") for each star.

    ``by_application``: whether somebody is put on the list only when he asks for it.
    """

    label: str
    period: str
    hours: tuple[int, ...]
    name: str = "own"
    version: str = ""
    weekly: Weekly | None = None
    by_application: bool = False
    source: str = ""


def star(minutes: int, scheme: Scheme) -> int:
    """How many stars credited minutes of the scheme's period earn; 0 is none.

    Minutes are compared unrounded: 49 hours 59 minutes are no 50 hours.
    """
    return sum(minutes >= hours * 60 for hours in scheme.hours)


def star_name(stars: int) -> str:
    """一星、二星…; what somebody without a star is called."""
    if stars == 0:
        return "未达星级"
    return f"{DIGITS[stars] if stars < len(DIGITS) else stars}星"


def hours_text(minutes: int) -> str:
    """Minutes as hours, half up to one decimal: 150 → ``"2.5"``. Add minutes first, then state."""
    return plain(rounded(Fraction(minutes, 60), 1))


def duration_text(minutes: int) -> str:
    """Minutes exactly, as people say them: 150 → ``2小时30分钟``, 0 → ``0分钟``."""
    hours, rest = divmod(minutes, 60)
    said = f"{hours}小时" if hours else ""
    return said + (f"{rest}分钟" if rest or not hours else "")


def shift_label(title: str, starts: datetime) -> str:
    """What tells a shift from others of the same title: ``2026-05-17 08:00 引导``."""
    return f"{local(starts):%Y-%m-%d %H:%M} {title or '志愿服务'}"


def minutes_by_day(start: datetime, end: datetime) -> dict[date, int]:
    """Credited time by the days in China on which it was served."""
    found: dict[date, int] = {}
    here, last = local(start), local(end)
    while here < last:
        midnight = datetime.combine(here.date() + timedelta(days=1), time.min, here.tzinfo)
        until = min(last, midnight)
        found[here.date()] = (until - here) // timedelta(minutes=1)
        here = until
    return found


def next_star(minutes: int, scheme: Scheme) -> int | None:
    """How many minutes are missing to the next star; None with the last one."""
    missing = [hours * 60 - minutes for hours in scheme.hours if hours * 60 > minutes]
    return missing[0] if missing else None
