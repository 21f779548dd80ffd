"""What somebody's services are worth under a scheme on a day: pure, without any I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.moments import day_of
from plugins.volunteer.rules import (
    Scheme,
    Weekly,
    duration_text,
    next_star,
    star,
    star_name,
)

Service = tuple[datetime, int]
"""When a shift began, and the minutes credited in it."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """How the weeks went that the first star looks at.

    ``count`` weeks are looked at, ``short`` of them had less than is asked for; ``average`` is
    whole minutes a week; ``met`` whether the scheme's condition holds.
    """

    count: int
    short: int
    average: int
    met: bool


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Minutes of the scheme's period up to the day, and what they are worth."""

    scheme: Scheme
    minutes: int
    weeks: Weeks | None

    @property
    def by_hours(self) -> int:
        """How many stars the hours alone are worth."""
        return star(self.minutes, self.scheme)

    @property
    def held_back(self) -> bool:
        """Whether the hours are enough for the first star and the weeks are not."""
        return self.by_hours == 1 and self.weeks is not None and not self.weeks.met

    @property
    def stars(self) -> int:
        """How many stars there are. What the first star asks besides, no further star asks."""
        return 0 if self.held_back else self.by_hours

    @property
    def wanting(self) -> str:
        """What is missing to the next star, in a sentence; "" with the last one."""
        if self.held_back:
            return f"时长够一星，还差：{self.weekly_words}"
        missing = next_star(self.minutes, self.scheme)
        if missing is None:
            return ""
        return f"再服务{duration_text(missing)}达到{star_name(self.stars + 1)}"

    @property
    def weekly_words(self) -> str:
        """How the weeks went, for people; "" where the scheme does not look at them."""
        if self.weeks is None or self.scheme.weekly is None:
            return ""
        asked = duration_text(self.scheme.weekly.minutes)
        if not self.weeks.count:
            return f"一星要求每周不少于{asked}，还没有满一周"
        if self.scheme.weekly.rule == "average":
            return (
                f"从第一次服务起{self.weeks.count}周平均每周{duration_text(self.weeks.average)}"
                f"（要求不少于{asked}）"
            )
        short = f"{self.weeks.short}周不到{asked}" if self.weeks.short else f"每周都不少于{asked}"
        return f"从第一次服务起{self.weeks.count}周里，{short}"


def reckon(services: Iterable[Service], scheme: Scheme, day: date) -> Reckoning:
    """Add up what was served in the scheme's period until the end of ``day``.

    A shift belongs to the day in China on which it begins. With the period "year" it is the
    calendar year of ``day``.
    """
    by_day: dict[date, int] = defaultdict(int)
    for starts, minutes in services:
        served_on = day_of(starts)
        if served_on <= day and (scheme.period == "all" or served_on.year == day.year):
            by_day[served_on] += minutes
    weeks = _weeks(by_day, scheme.weekly, day) if scheme.weekly else None
    return Reckoning(scheme, sum(by_day.values()), weeks)


def _weeks(by_day: dict[date, int], weekly: Weekly, day: date) -> Weeks:
    """Weeks from Monday to Sunday, from that of the first service to the last that has ended.

    The week that still runs on ``day`` can yet become a full one: it is not held against anybody,
    and what was served in it counts towards the average.
    """
    days = [each for each, minutes in by_day.items() if minutes > 0]
    if not days:
        return Weeks(0, 0, 0, met=False)
    first = _monday(min(days))
    served: dict[date, int] = defaultdict(int)
    for each, minutes in by_day.items():
        served[_monday(each)] += minutes
    count = (_monday(day + timedelta(days=1)) - first).days // 7
    ended = (first + timedelta(weeks=number) for number in range(count))
    short = sum(served[monday] < weekly.minutes for monday in ended)
    average = sum(by_day.values()) // max(count, 1)
    met = average >= weekly.minutes if weekly.rule == "average" else short == 0
    return Weeks(count, short, average, met)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def drawn(stars: int, most: int) -> str:
    """``★☆☆``."""
    return "★" * stars + "☆" * (most - stars)
