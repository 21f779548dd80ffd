"""Working days in mainland China: for periods that are counted in them, such as a 公示.

The State Council announces each year's days off, and the weekend days that are worked for them, in
the autumn before. A year that is not announced is an error, never a guess.
"""

from __future__ import annotations

from datetime import date, timedelta

# 元旦 moves days of the December before it, back to the 29th in 2007 and 2018, and is announced
# with the coming year: with a few days in hand, the last week of a year waits for the next year's
# notice.
LAST_WEEK = (12, 25)


class UnannouncedYearError(LookupError):
    """The days off of ``year`` are not known; the message is a Chinese sentence for people."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"{year}年的放假安排还没有公布（或者系统里还没有），算不出工作日，请自己填写日期"
        )
        self.year = year


def is_working_day(day: date) -> bool:
    """Whether offices work on a day, moved working days included. Raises UnannouncedYearError."""
    _require(day.year)
    if (day.month, day.day) >= LAST_WEEK:
        _require(day.year + 1)
    return _is_announced_workday(day)


def _require(year: int) -> None:
    try:
        _is_announced_workday(date(year, 1, 1))
    except NotImplementedError as error:
        raise UnannouncedYearError(year) from error


def _is_announced_workday(day: date) -> bool:
    import chinese_calendar  # takes long to load, and few processes count working days

    return bool(chinese_calendar.is_workday(day))


def after(day: date, count: int) -> date:
    """The ``count``-th working day after a day, which itself is not counted.

    Raises UnannouncedYearError where the way there leads through days that are not known, and
    ValueError for a count below one.
    """
    if count < 1:
        raise ValueError(f"{count} working days: at least one is counted")
    found = 0
    while found < count:
        day += timedelta(days=1)
        found += is_working_day(day)
    return day
