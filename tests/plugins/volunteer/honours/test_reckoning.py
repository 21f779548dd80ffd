"""What services are worth: years, weeks, and the condition of the first star."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.moments import from_local
from plugins.volunteer.honours.reckoning import Service, reckon
from plugins.volunteer.honours.schemes import SCHEMES, VERSIONS, described, kept, taken_out
from plugins.volunteer.rules import Scheme, Weekly, star

STREET = SCHEMES["street-annual"]
EVERY = replace(STREET, weekly=Weekly("every"))
BARE = replace(STREET, weekly=None)
HOUR = 60

days = st.dates(date(2025, 12, 20), date(2027, 1, 10))
services = st.lists(
    st.tuples(days.map(lambda day: from_local(day, 9)), st.integers(0, 40 * HOUR)), max_size=60
)


def at(day: str, hours: int = 1) -> Service:
    moment = datetime.fromisoformat(f"{day}T09:00:00+08:00")
    return moment, hours * HOUR


def test_a_year_begins_and_ends_at_midnight_in_china() -> None:
    midnight = datetime.fromisoformat("2026-01-01T00:00:00+08:00")
    before = midnight - timedelta(seconds=1)
    served = [(before, 60), (midnight, 100)]
    assert reckon(served, STREET, date(2026, 6, 1)).minutes == 100
    assert reckon(served, STREET, date(2025, 12, 31)).minutes == 60
    assert reckon(served, SCHEMES["national-cumulative"], date(2026, 6, 1)).minutes == 160


def test_what_comes_after_the_day_is_not_counted() -> None:
    served = [at("2026-05-17", 30), at("2026-05-18", 30)]
    assert reckon(served, BARE, date(2026, 5, 17)).stars == 0
    assert reckon(served, BARE, date(2026, 5, 18)).stars == 1


@pytest.mark.parametrize(
    ("day", "weeks", "average", "stars"),
    [
        # From Monday 5 January: 50 hours are an hour a week in 50 whole weeks, not in 51.
        ("2026-01-05", 0, 3000, 1),
        ("2026-01-11", 1, 3000, 1),
        ("2026-12-20", 50, 60, 1),
        ("2026-12-26", 50, 60, 1),
        ("2026-12-27", 51, 58, 0),
    ],
)
def test_the_first_star_asks_for_an_hour_a_week_on_average(
    day: str, weeks: int, average: int, stars: int
) -> None:
    found = reckon([at("2026-01-05", 50)], STREET, date.fromisoformat(day))
    assert found.weeks is not None
    assert (found.weeks.count, found.weeks.average, found.stars) == (weeks, average, stars)
    assert found.held_back is (stars == 0)


def test_what_is_missing_is_said() -> None:
    late = reckon([at("2026-01-05", 50)], STREET, date(2026, 12, 31))
    assert late.wanting == ("时长够一星，还差：从第一次服务起51周平均每周58分钟（要求不少于1小时）")
    assert reckon([], STREET, date(2026, 5, 1)).wanting == "再服务50小时达到一星"
    assert (
        reckon([], STREET, date(2026, 5, 1)).weekly_words == "一星要求每周不少于1小时，还没有满一周"
    )
    assert reckon([at("2026-01-05", 150)], STREET, date(2026, 12, 31)).wanting == ""
    assert reckon([at("2026-01-05", 50)], BARE, date(2026, 12, 31)).weekly_words == ""


def test_every_week_means_every_week_that_has_ended() -> None:
    full = [at("2026-03-02", 49), at("2026-03-11", 1), at("2026-03-16", 1)]
    sunday, wednesday = date(2026, 3, 22), date(2026, 3, 25)
    assert reckon(full, EVERY, sunday).stars == 1
    assert reckon(full, EVERY, wednesday).stars == 1  # the week that still runs
    gap = reckon([full[0], full[2]], EVERY, sunday)
    assert (gap.stars, gap.weekly_words) == (0, "从第一次服务起3周里，1周不到1小时")
    assert reckon([full[0], full[2]], STREET, sunday).stars == 1


def test_no_further_star_asks_for_the_week() -> None:
    assert reckon([at("2026-01-05", 99)], EVERY, date(2026, 6, 1)).stars == 0
    assert reckon([at("2026-01-05", 100)], EVERY, date(2026, 6, 1)).stars == 2


@given(services, days)
def test_without_a_condition_it_is_bundle_mds_rule(served: list[Service], day: date) -> None:
    found = reckon(served, BARE, day)
    same_year = [m for at, m in served if from_local(date(day.year, 1, 1)) <= at]
    counted = [
        m
        for at, m in served
        if from_local(date(day.year, 1, 1)) <= at < from_local(day + timedelta(days=1))
    ]
    assert found.minutes == sum(counted) <= sum(same_year)
    assert found.stars == star(sum(counted), BARE)


@given(services, days, st.sampled_from([STREET, EVERY]))
def test_the_condition_only_ever_takes_the_first_star(
    served: list[Service], day: date, scheme: Scheme
) -> None:
    with_it, without = reckon(served, scheme, day), reckon(served, BARE, day)
    assert with_it.stars in {without.stars, 0}
    if without.stars != 1:
        assert with_it.stars == without.stars


@given(services, days)
def test_an_hour_every_week_is_an_hour_a_week_on_average(served: list[Service], day: date) -> None:
    every, average = reckon(served, EVERY, day).weeks, reckon(served, STREET, day).weeks
    assert every is not None
    assert average is not None
    if every.count and every.met:
        assert average.met


@given(services, days, st.permutations(range(5)))
def test_the_order_of_services_plays_no_part(
    served: list[Service], day: date, order: list[int]
) -> None:
    mixed = [served[i] for i in order if i < len(served)] + served[5:]
    assert reckon(mixed, EVERY, day) == reckon(served, EVERY, day)


@pytest.mark.parametrize("scheme", [*VERSIONS, EVERY, BARE], ids=lambda each: each.label)
def test_an_award_keeps_its_scheme(scheme: Scheme) -> None:
    again = taken_out(kept(scheme))
    assert replace(again, source=scheme.source, by_application=scheme.by_application) == scheme


def test_versions_are_told_apart_and_the_last_is_in_use() -> None:
    named = [(each.name, each.version) for each in VERSIONS]
    assert len(set(named)) == len(named)
    assert set(SCHEMES.values()) <= set(VERSIONS)
    assert described(STREET) == (
        "按年度：50小时一星、100小时二星、150小时三星；一星还要求平均每周不少于1小时"
    )
    assert described(SCHEMES["national-cumulative"]).endswith("1500小时五星；由志愿者本人申请")
