"""Working days: the vectors of the State Council's notices, and what is not known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.working_days import UnannouncedYearError, after, is_working_day

KNOWN = st.dates(date(2007, 1, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("start", "three", "five", "seven"),
    [
        ("2026-02-12", "02-24", "02-26", "02-28"),
        ("2026-04-30", "05-08", "05-11", "05-13"),
        ("2026-05-17", "05-20", "05-22", "05-26"),
        ("2026-06-18", "06-24", "06-26", "06-30"),
        ("2026-09-17", "09-21", "09-23", "09-28"),
        ("2025-09-29", "10-10", "10-13", "10-15"),
    ],
)
def test_the_start_is_not_counted(start: str, three: str, five: str, seven: str) -> None:
    day = date.fromisoformat(start)
    assert [f"{after(day, n):%m-%d}" for n in (3, 5, 7)] == [three, five, seven]


@pytest.mark.parametrize("count", [1, 3, 5, 7])
def test_a_year_that_is_not_announced_says_so(count: int) -> None:
    with pytest.raises(UnannouncedYearError, match="2027年的放假安排还没有公布") as told:
        after(date(2026, 12, 24), count)
    assert told.value.year == 2027


def test_what_is_announced_reaches_to_the_last_week_of_the_year() -> None:
    assert after(date(2026, 12, 23), 1) == date(2026, 12, 24)
    assert not is_working_day(date(2018, 12, 31))
    assert is_working_day(date(2018, 12, 29))
    with pytest.raises(UnannouncedYearError, match="2003年"):
        is_working_day(date(2003, 6, 2))


@pytest.mark.parametrize("count", [0, -1])
def test_at_least_one_day_is_counted(count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        after(date(2026, 5, 18), count)


@given(KNOWN, st.integers(1, 15))
def test_as_many_working_days_lie_between_as_were_asked_for(start: date, count: int) -> None:
    if start > date(2026, 11, 1):
        count = 1
    end = after(start, count)
    days = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert is_working_day(end)
    assert sum(map(is_working_day, days)) == count


@given(KNOWN, st.integers(1, 6), st.integers(1, 6))
def test_counting_on_is_counting_once(start: date, first: int, then: int) -> None:
    start = min(start, date(2026, 11, 1))
    assert after(after(start, first), then) == after(start, first + then)
