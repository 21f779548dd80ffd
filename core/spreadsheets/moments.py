"""Days and moments as clerks write them, and as spreadsheet software stores them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from core.spreadsheets.columns import Column, Content
from core.spreadsheets.contents import LAST_YEAR, UnreadableCellError, quoted, shown, to_second

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
FIRST_YEAR: Final = 1900

_DAY_FORMS: Final = (
    r"(?P<year>[0-9]{4})(?P<separator>[-/.])(?P<month>[0-9]{1,2})(?P=separator)(?P<day>[0-9]{1,2})",
    r"(?P<year>[0-9]{4})\s?年\s?(?P<month>[0-9]{1,2})\s?月\s?(?P<day>[0-9]{1,2})\s?[日号]",
)
_DAYS: Final = tuple(
    re.compile(form)
    for form in (*_DAY_FORMS, r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
)
_CLOCK: Final = (
    r"(?:T|\s?)(?P<half>上午|下午)?\s?(?P<hour>[0-9]{1,2})"
    r"(?:[:时点](?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})|分)?|[时点])"
    r"\s?(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_MOMENTS: Final = (
    re.compile(_DAY_FORMS[0] + r"(?=[T\s上下])" + _CLOCK),
    re.compile(_DAY_FORMS[1] + _CLOCK),
)


def parse_day(_column: Column, content: Content) -> date:
    """Return the day of a cell; raise UnreadableCellError."""
    match content.value:
        case datetime() as moment:
            moment = to_second(moment)
            if moment.time() != time():
                raise UnreadableCellError(f"这里只填日期，不带时间，现在是“{quoted(content)}”")
            return _within_years(moment.date())
        case date() as day:
            return _within_years(day)
    text = _spaced(content)
    for form in _DAYS:
        if match := form.fullmatch(text):
            return _calendar_day(match, content)
    if any(form.fullmatch(text) for form in _MOMENTS):
        raise UnreadableCellError(f"这里只填日期，不带时间，现在是“{quoted(content)}”")
    raise UnreadableCellError(f"日期看不懂：“{quoted(content)}”，请写成 2026-5-17 或 2026年5月17日")


def parse_moment(_column: Column, content: Content) -> datetime:
    """Return the moment of a cell, in UTC; a time without an offset is Asia/Shanghai's.

    Raises UnreadableCellError.
    """
    missing_clock = "要填日期和时间，例如 2026-5-17 9:30；现在没有时间"
    match content.value:
        case datetime() as moment:
            moment = to_second(moment)
            if moment.time() == time() and not content.clock:
                raise UnreadableCellError(missing_clock)
            _within_years(moment.date())
            return moment.replace(tzinfo=moment.tzinfo or SHANGHAI).astimezone(UTC)
        case date():
            raise UnreadableCellError(missing_clock)
    text = _spaced(content)
    for form in _MOMENTS:
        if match := form.fullmatch(text):
            zone = _zone(match["offset"])
            clock = _clock(match, content)
            day = _calendar_day(match, content)
            return datetime.combine(day, clock, zone).astimezone(UTC)
    if any(form.fullmatch(text) for form in _DAYS):
        raise UnreadableCellError(missing_clock)
    raise UnreadableCellError(f"时间看不懂：“{quoted(content)}”，请写成 2026-5-17 9:30")


def _calendar_day(match: re.Match[str], content: Content) -> date:
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise UnreadableCellError(f"没有这一天：“{quoted(content)}”") from error
    return _within_years(day)


def _within_years(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UnreadableCellError(f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间，现在是 {day.year}")
    return day


def _clock(match: re.Match[str], content: Content) -> time:
    hour = int(match["hour"])
    if match["half"] == "下午" and hour < 12:
        hour += 12
    try:
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError as error:
        raise UnreadableCellError(f"没有这个时间：“{quoted(content)}”") from error


def _zone(offset: str | None) -> ZoneInfo | timezone:
    if offset is None:
        return SHANGHAI
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 14 or minutes > 59:
        raise UnreadableCellError(f"没有这个时区：“{offset}”")
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _spaced(content: Content) -> str:
    return " ".join(unicodedata.normalize("NFKC", shown(content)).split())
