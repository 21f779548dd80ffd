"""The kinds of date rule that the catalogue of observances is written in.

A rule knows nothing of names or editions: it gives the first day of an observance in a year, and
says how many days it lasts. `RULES` names the kinds as the catalogue's data does.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Protocol

FIRST_YEAR, LAST_YEAR = 1900, 2100  # the span in which the lunar library was checked day by day


class Rule(Protocol):
    """When an observance falls: its first day in a year, and for how many days it lasts."""

    days: ClassVar[int]

    def date(self, year: int) -> dt.date:
        """Return the first day of the year's occurrence."""
        ...


@dataclass(frozen=True, slots=True)
class FixedDay:
    """The same month and day every year."""

    days: ClassVar[int] = 1
    month: int
    day: int

    def __post_init__(self) -> None:
        if self.day > monthrange(2001, self.month)[1]:  # a common year: 29 February is refused
            raise ValueError(f"{self.month}月{self.day}日不是每年都有的日子")

    def date(self, year: int) -> dt.date:
        """Return that day of the year."""
        return dt.date(year, self.month, self.day)


class WeekContaining(FixedDay):
    """The week, Monday to Sunday, that holds a fixed day."""

    __slots__ = ()
    days: ClassVar[int] = 7

    def date(self, year: int) -> dt.date:
        """Return the Monday of the week."""
        day = dt.date(year, self.month, self.day)
        return day - dt.timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """The n-th given weekday (1 = Monday … 7 = Sunday) of a month; n is 1 to 4."""

    days: ClassVar[int] = 1
    month: int
    weekday: int
    nth: int

    def date(self, year: int) -> dt.date:
        """Return the n-th such weekday of the month."""
        first = dt.date(year, self.month, 1)
        until = (self.weekday - first.isoweekday()) % 7
        return first + dt.timedelta(days=until, weeks=self.nth - 1)


@dataclass(frozen=True, slots=True)
class LastWeekday:
    """The last given weekday (1 = Monday … 7 = Sunday) of a month."""

    days: ClassVar[int] = 1
    month: int
    weekday: int

    def date(self, year: int) -> dt.date:
        """Return the last such weekday of the month."""
        last = dt.date(year, self.month, monthrange(year, self.month)[1])
        return last - dt.timedelta(days=(last.isoweekday() - self.weekday) % 7)


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the lunar year that begins in `year`, in the ordinary month, never the leap one.

    Days late in the eleventh month and in the twelfth may fall in January of the next year. One
    new moon (28 September 2057) is too near midnight to be decided today: 重阳 2057 may yet move
    from 7 to 6 October.
    """

    days: ClassVar[int] = 1
    month: int
    day: int

    def __post_init__(self) -> None:
        if self.day > 29:
            raise ValueError("农历三十不是每月都有，只能写 1 到 29")

    def date(self, year: int) -> dt.date:
        """Return the day in the solar calendar, by the moon as seen in China."""
        return _lunar_date(year, self.month, self.day)


@cache
def _lunar_date(year: int, month: int, day: int) -> dt.date:
    from lunar_python import Lunar

    solar = Lunar.fromYmd(year, month, day).getSolar()  # a leap month would be a negative number
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


RULES: dict[str, type[FixedDay | NthWeekday | LastWeekday | LunarDay]] = {
    "fixed-day": FixedDay,
    "nth-weekday": NthWeekday,
    "last-weekday": LastWeekday,
    "week": WeekContaining,
    "lunar-day": LunarDay,
}
LIMITS = {"month": (1, 12), "day": (1, 31), "weekday": (1, 7), "nth": (1, 4)}


def checked_year(year: int) -> int:
    """Return the year itself; ValueError with a Chinese sentence outside 1900 to 2100."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"只能推算 {FIRST_YEAR} 到 {LAST_YEAR} 年的日期，没有 {year} 年。")
    return year
