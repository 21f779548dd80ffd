"""Credited time, overlaps, stars and hours: vectors and properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.volunteer.honours.schemes import SCHEMES, scheme
from plugins.volunteer.rules import (
    Interval,
    Scheme,
    credited_interval,
    credited_minutes,
    hours_text,
    overlapping,
    star,
    star_name,
)

MIDNIGHT = datetime(2022, 5, 15, tzinfo=UTC)
clock = st.integers(0, 400).map(lambda seconds: MIDNIGHT + timedelta(seconds=seconds))


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return MIDNIGHT.replace(hour=hour, minute=minute, second=second)


@pytest.mark.parametrize(
    ("checked_in", "checked_out", "minutes"),
    [
        (at(7, 50), at(11), 180),  # bundle.md's own example
        (at(8), at(12), 240),
        (at(6), at(18), 240),
        (at(9), at(9, 0, 59), 0),
        (at(9), at(9, 1), 1),
        (at(9), at(9, 1, 59), 1),
        (at(7, 59, 30), at(8, 1, 30), 1),
        (at(9), at(9), 0),
        (at(6), at(8), 0),
        (at(12), at(13), 0),
        (at(5), at(6), 0),
        (at(11), at(9), 0),
        (None, at(9), 0),
        (at(9), None, 0),
        (None, None, 0),
    ],
)
def test_credited_minutes(
    checked_in: datetime | None, checked_out: datetime | None, minutes: int
) -> None:
    assert credited_minutes(checked_in, checked_out, at(8), at(12)) == minutes


def test_fractions_of_a_second_count_towards_a_minute() -> None:
    half = timedelta(microseconds=500_000)
    assert credited_minutes(at(8) + half, at(8, 1) + half, at(8), at(12)) == 1
    assert credited_minutes(at(8) + half, at(8, 1), at(8), at(12)) == 0


@given(clock, clock, clock, clock)
def test_credited_minutes_lie_within_both(
    checked_in: datetime, checked_out: datetime, starts: datetime, ends: datetime
) -> None:
    minutes = credited_minutes(checked_in, checked_out, starts, ends)
    shared = sum(
        max(checked_in, starts) <= MIDNIGHT + timedelta(seconds=second) < min(checked_out, ends)
        for second in range(400)
    )
    assert minutes == shared // 60
    assert (credited_interval(checked_in, checked_out, starts, ends) is None) == (shared == 0)


def hours(*spans: tuple[int, int]) -> list[Interval]:
    return [Interval(index, at(start), at(end)) for index, (start, end) in enumerate(spans)]


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([], []),
        ([(8, 12)], []),
        ([(8, 12), (12, 14)], []),  # one moment is shared
        ([(12, 14), (8, 12)], []),
        ([(8, 12), (11, 14)], [1]),
        ([(11, 14), (8, 12)], [1]),
        ([(8, 12), (8, 12)], [1]),
        ([(8, 20), (9, 10), (15, 16)], [1, 2]),  # the long one, past its neighbour
        ([(15, 16), (9, 10), (8, 20)], [2]),
        ([(9, 10), (8, 20), (15, 16)], [1, 2]),
        ([(8, 10), (9, 12), (11, 14)], [1, 2]),  # a chain
        ([(9, 12), (10, 11), (8, 20)], [1, 2]),
    ],
)
def test_overlaps_are_found_at_the_later_in_the_list(
    spans: list[tuple[int, int]], found: list[int]
) -> None:
    assert sorted(overlapping(hours(*spans))) == found


@given(
    st.lists(
        st.tuples(st.integers(0, 22), st.integers(1, 23)).filter(lambda span: span[0] < span[1]),
        max_size=12,
    )
)
def test_overlaps_are_those_of_comparing_all_pairs(spans: list[tuple[int, int]]) -> None:
    intervals = hours(*spans)
    pairs = {
        (a.index, b.index)
        for a, b in combinations(intervals, 2)
        if max(a.start, b.start) < min(a.end, b.end)
    }
    found = overlapping(reversed(intervals))
    assert set(found) == {later for _, later in pairs}
    assert {(earlier, later) for later, earlier in found.items()} <= pairs


@pytest.mark.parametrize(
    ("name", "minutes", "stars"),
    [
        ("street-annual", 0, 0),
        ("street-annual", 50 * 60 - 1, 0),
        ("street-annual", 50 * 60, 1),
        ("street-annual", 100 * 60, 2),
        ("street-annual", 150 * 60, 3),
        ("street-annual", 10**9, 3),
        ("national-cumulative", 100 * 60 - 1, 0),
        ("national-cumulative", 100 * 60, 1),
        ("national-cumulative", 300 * 60, 2),
        ("national-cumulative", 600 * 60, 3),
        ("national-cumulative", 1000 * 60, 4),
        ("national-cumulative", 1500 * 60, 5),
    ],
)
def test_stars(name: str, minutes: int, stars: int) -> None:
    assert star(minutes, SCHEMES[name]) == stars


def test_periods_of_the_named_schemes() -> None:
    assert {name: known.period for name, known in SCHEMES.items()} == {
        "street-annual": "year",
        "national-cumulative": "all",
    }


def test_a_scheme_is_stated_by_name_or_in_full() -> None:
    assert scheme("street-annual") is SCHEMES["street-annual"]
    own = scheme({"period": "all", "hours": [10, 50]})
    assert own == Scheme(own.label, "all", (10, 50))
    assert star(599, own) == 0
    assert star(600, own) == 1
    with pytest.raises(KeyError):
        scheme("street")


def test_names_of_stars() -> None:
    assert [star_name(stars) for stars in (0, 1, 5, 12)] == ["未达星级", "一星", "五星", "12星"]


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0"),
        (2, "0"),
        (3, "0.1"),  # 0.05, half up
        (60, "1"),
        (3 * 50, "2.5"),
        (50, "0.8"),
        (5190, "86.5"),
        (60 * 10**12, "1000000000000"),
    ],
)
def test_hours_are_stated_to_one_decimal(minutes: int, text: str) -> None:
    assert hours_text(minutes) == text
