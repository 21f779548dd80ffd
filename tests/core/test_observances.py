"""The catalogue against published dates, editions and themes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.observances import Catalogue, Observance, Occurrence, catalogue, same_weekday_shift

YEARS = st.integers(1900, 2100)
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def observance(key: str, chosen: Catalogue | None = None) -> Observance:
    found = (chosen or catalogue()).get(key)
    assert found is not None, key
    return found


def lunar(month: int, day: int) -> Observance:
    rule = {"kind": "lunar-day", "month": month, "day": day}
    return Observance.from_mapping("own", {"name": "农历某日", "rule": rule})


# ── Dates and editions ──────────────────────────────────────────────────────────────────────────

# 全国助残日: month and day from the first, 1991, to the fortieth, 2030
DISABILITY_DAYS = (
    "05-19 05-17 05-16 05-15 05-21 05-19 05-18 05-17 05-16 05-21 05-20 05-19 05-18 05-16 05-15 "
    "05-21 05-20 05-18 05-17 05-16 05-15 05-20 05-19 05-18 05-17 05-15 05-21 05-20 05-19 05-17 "
    "05-16 05-15 05-21 05-19 05-18 05-17 05-16 05-21 05-20 05-19"
)


@pytest.mark.parametrize(("edition", "day"), [*enumerate(DISABILITY_DAYS.split(), start=1)])
def test_national_disability_day(edition: int, day: str) -> None:
    year = 1990 + edition
    item = observance("national-disability-day")
    assert item.date(year) == item.last_date(year) == date.fromisoformat(f"{year}-{day}")
    assert item.edition(year) == edition
    assert item.title(year) == f"第{edition}次全国助残日"


@given(YEARS)
def test_a_third_sunday_is_never_before_the_15th_nor_after_the_21st(year: int) -> None:
    day = observance("national-disability-day").date(year)
    assert (day.month, day.isoweekday()) == (5, 7)
    assert 15 <= day.day <= 21


# key, year of the first edition, dates of 2024 to 2027
OBSERVANCES = [
    ("ear-care-day", 2000, "03-03 03-03 03-03 03-03"),
    ("young-volunteers-day", 2000, "03-05 03-05 03-05 03-05"),
    ("autism-day", 2008, "04-02 04-02 04-02 04-02"),
    ("national-disability-day", 1991, "05-19 05-18 05-17 05-16"),
    ("eye-care-day", 1996, "06-06 06-06 06-06 06-06"),
    ("special-olympics-day", 2007, "07-20 07-20 07-20 07-20"),
    ("disability-fitness-week", 2011, "08-05 08-04 08-03 08-02"),
    ("physically-disabled-day", 2010, "08-11 08-11 08-11 08-11"),
    ("disability-prevention-day", 2017, "08-25 08-25 08-25 08-25"),
    ("sign-language-day", 2018, "09-23 09-23 09-23 09-23"),
    ("deaf-day", 1958, "09-22 09-28 09-27 09-26"),
    ("mental-health-day", 1992, "10-10 10-10 10-10 10-10"),
    ("blind-day", 1984, "10-15 10-15 10-15 10-15"),
    ("international-disability-day", 1992, "12-03 12-03 12-03 12-03"),
    ("volunteer-day", 1986, "12-05 12-05 12-05 12-05"),
]


@pytest.mark.parametrize(("key", "first", "days"), OBSERVANCES)
def test_observance_dates_and_first_edition(key: str, first: int, days: str) -> None:
    item = observance(key)
    assert [f"{item.date(year):%m-%d}" for year in range(2024, 2028)] == days.split()
    assert item.edition(first) == 1
    assert item.edition(first - 1) is None
    assert item.family == "observance"


# Editions that published texts name, one or more an observance.
@pytest.mark.parametrize(
    ("key", "year", "edition"),
    [
        ("ear-care-day", 2023, 24),
        ("ear-care-day", 2026, 27),
        ("young-volunteers-day", 2027, 28),
        ("autism-day", 2025, 18),
        ("eye-care-day", 2024, 29),
        ("special-olympics-day", 2015, 9),
        ("special-olympics-day", 2016, 10),
        ("special-olympics-day", 2017, 11),
        ("special-olympics-day", 2020, 14),
        ("special-olympics-day", 2023, 17),
        ("special-olympics-day", 2024, 18),
        ("disability-fitness-week", 2013, 3),
        ("disability-fitness-week", 2015, 5),
        ("disability-fitness-week", 2018, 8),
        ("disability-fitness-week", 2019, 9),
        ("disability-fitness-week", 2022, 12),
        ("physically-disabled-day", 2011, 2),
        ("physically-disabled-day", 2024, 15),
        ("physically-disabled-day", 2025, 16),
        ("disability-prevention-day", 2025, 9),
        ("sign-language-day", 2024, 7),
        ("deaf-day", 2024, 67),
        ("mental-health-day", 2024, 33),
        ("blind-day", 2024, 41),
        ("international-disability-day", 2015, 24),
        ("volunteer-day", 2019, 34),
        ("volunteer-day", 2024, 39),
    ],
)
def test_published_editions(key: str, year: int, edition: int) -> None:
    assert observance(key).edition(year) == edition


def test_a_week_is_monday_to_sunday_and_holds_its_day() -> None:
    week = observance("disability-fitness-week")
    assert (week.date(2013), week.last_date(2013)) == (date(2013, 8, 5), date(2013, 8, 11))
    assert (week.date(2027), week.last_date(2027)) == (date(2027, 8, 2), date(2027, 8, 8))
    assert (week.date(2022), week.last_date(2022)) == (date(2022, 8, 8), date(2022, 8, 14))
    assert week.title(2022) == "第12届残疾人健身周"


# 国际聋人日: (year, fourth Sunday, last Sunday of September)
DEAF_DAYS = [
    (1958, 28, 28),
    (2018, 23, 30),
    (2019, 22, 29),
    (2024, 22, 29),
    (2029, 23, 30),
    (2030, 22, 29),
    *[(year, day, day) for year, day in zip(range(2020, 2024), (27, 26, 25, 24), strict=True)],
    *[(year, day, day) for year, day in zip(range(2025, 2029), (28, 27, 26, 24), strict=True)],
    *[(year, day, day) for year, day in zip(range(2031, 2034), (28, 26, 25), strict=True)],
]


@pytest.mark.parametrize(("year", "fourth", "last"), DEAF_DAYS)
def test_deaf_day_under_both_rules(year: int, fourth: int, last: int) -> None:
    by_fourth = observance("deaf-day", Catalogue.load({"deaf-day": "fourth"}))
    by_last = observance("deaf-day", Catalogue.load({"deaf-day": "last"}))
    assert by_fourth.date(year) == date(year, 9, fourth) == observance("deaf-day").date(year)
    assert by_last.date(year) == date(year, 9, last)
    assert by_last.edition(year) == by_fourth.edition(year) == year - 1957


# ── The lunar year ──────────────────────────────────────────────────────────────────────────────

# year: 春节 元宵 端午 七夕 中秋 重阳, then 腊八, which may fall in the next January
LUNAR_YEARS = {
    2024: "02-10 02-24 06-10 08-10 09-17 10-11 2025-01-07",
    2025: "01-29 02-12 05-31 08-29 10-06 10-29 2026-01-26",
    2026: "02-17 03-03 06-19 08-19 09-25 10-18 2027-01-15",
    2027: "02-06 02-20 06-09 08-08 09-15 10-08 2028-01-04",
    2028: "01-26 02-09 05-28 08-26 10-03 10-26 2029-01-22",
    2029: "02-13 02-27 06-16 08-16 09-22 10-16 2030-01-11",
    2030: "02-03 02-17 06-05 08-05 09-12 10-05 2031-01-01",
    2031: "01-23 02-06 06-24 08-24 10-01 10-24 2032-01-20",
    2032: "02-11 02-25 06-12 08-12 09-19 10-12 2033-01-08",
    2033: "01-31 02-14 06-01 08-01 09-08 10-01 2034-01-27",
    2034: "02-19 03-05 06-20 08-20 09-27 10-20 2035-01-16",
    2035: "02-08 02-22 06-10 08-10 09-16 10-09 2036-01-05",
}


@pytest.mark.parametrize(("year", "days"), [*LUNAR_YEARS.items()])
def test_lunar_festivals(year: int, days: str) -> None:
    *within, laba = days.split()
    festivals = [
        observance("spring-festival"),
        observance("lantern-festival"),
        observance("dragon-boat"),
        lunar(7, 7),
        observance("mid-autumn"),
        observance("double-ninth"),
    ]
    assert [f"{festival.date(year):%Y-%m-%d}" for festival in festivals] == [
        f"{year}-{day}" for day in within
    ]
    assert lunar(12, 8).date(year) == date.fromisoformat(laba)


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [
        (5, 5, date(2028, 5, 28)),  # not 06-27
        (5, 5, date(2039, 5, 27)),  # not 06-26
        (7, 7, date(2044, 7, 31)),  # not 08-29
        (8, 15, date(2052, 9, 7)),  # not 10-07
        (9, 9, date(2014, 10, 2)),  # not 11-01
        (8, 15, date(2033, 9, 8)),  # old tables put a leap seventh month before it
        (8, 15, date(1978, 9, 17)),  # some tables say the 16th
        (8, 15, date(2089, 9, 18)),  # others begin this month a day late
        (7, 7, date(2097, 8, 13)),  # and this one
        (1, 1, date(2027, 2, 6)),  # the new moon is four minutes before midnight
    ],
)
def test_lunar_traps(month: int, day: int, expected: date) -> None:
    assert lunar(month, day).date(expected.year) == expected


@given(YEARS)
def test_lunar_festivals_keep_their_order_and_season(year: int) -> None:
    keys = ("spring-festival", "lantern-festival", "dragon-boat", "mid-autumn", "double-ninth")
    days = [observance(key).date(year) for key in keys]
    assert days == sorted(days)
    assert date(year, 1, 20) <= days[0] <= date(year, 2, 21)
    assert days[1] - days[0] == timedelta(days=14)
    assert date(year, 9, 6) <= days[3] <= date(year, 10, 9)


# ── Titles, themes, the year ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("key", "year", "title"),
    [
        ("national-disability-day", 2022, "第32次全国助残日"),
        ("national-disability-day", 1990, "1990年全国助残日"),
        ("ear-care-day", 2026, "第27次全国爱耳日"),
        ("double-ninth", 2022, "2022年重阳节"),
        ("lei-feng-day", 2026, "2026年学雷锋纪念日"),
        ("childrens-day", 2026, "2026年六一国际儿童节"),
        ("volunteer-day", 2024, "第39个国际志愿者日"),
    ],
)
def test_titles(key: str, year: int, title: str) -> None:
    assert observance(key).title(year) == title


@pytest.mark.parametrize(
    ("key", "year", "theme"),
    [
        ("national-disability-day", 1991, "宣传残疾人保障法"),
        ("national-disability-day", 2012, "加强残疾人文化服务，保障残疾人文化权益"),
        ("national-disability-day", 2015, "关注孤独症儿童，走向美好未来"),
        ("national-disability-day", 2022, "促进残疾人就业，保障残疾人权益"),
        ("national-disability-day", 2025, "弘扬自强与助残精神，凝聚团结奋进力量"),
        ("national-disability-day", 2026, ""),
        ("ear-care-day", 2026, "全民科学爱耳，共护听力健康"),
        ("ear-care-day", 2024, ""),
        ("disability-prevention-day", 2017, "推进残疾预防，建设健康中国"),
        ("deaf-day", 2024, "以梦想为伴，与时代同行"),
    ],
)
def test_themes(key: str, year: int, theme: str) -> None:
    assert observance(key).theme(year) == theme


def test_every_disability_day_to_2025_has_a_theme_of_its_own() -> None:
    item = observance("national-disability-day")
    assert list(item.themes) == list(range(1991, 2026))
    assert len(set(item.themes.values())) == 35


def test_the_year_is_in_order_of_date_then_key() -> None:
    year = catalogue().year(2022)
    assert year == sorted(year, key=lambda occurrence: (occurrence.date, occurrence.key))
    assert len(year) == len(catalogue())
    by_key = {occurrence.key: occurrence for occurrence in year}
    assert by_key["national-disability-day"] == Occurrence(
        key="national-disability-day",
        name="全国助残日",
        date=date(2022, 5, 15),
        last_date=date(2022, 5, 15),
        edition=32,
        theme="促进残疾人就业，保障残疾人权益",
    )
    assert by_key["double-ninth"].edition is None
    march_fifth = [item.key for item in year if item.date == date(2022, 3, 5)]
    assert march_fifth == ["lei-feng-day", "young-volunteers-day"]


def test_what_had_not_begun_is_not_in_the_year() -> None:
    keys = {occurrence.key for occurrence in catalogue().year(1990)}
    assert "national-disability-day" not in keys
    assert {"spring-festival", "childrens-day", "deaf-day", "lei-feng-day"} <= keys
    assert "national-disability-day" in {item.key for item in catalogue().year(1991)}


def test_festivals_are_told_apart() -> None:
    assert {item.key for item in catalogue() if item.family == "festival"} == {
        "new-year",
        "childrens-day",
        "spring-festival",
        "lantern-festival",
        "dragon-boat",
        "mid-autumn",
        "double-ninth",
    }


def test_every_observance_says_what_it_rests_on() -> None:
    assert [item.key for item in catalogue() if not item.source] == []


@pytest.mark.parametrize("year", [1899, 2101])
def test_years_beyond_the_span_are_refused(year: int) -> None:
    item = observance("mid-autumn")
    for ask in (item.date, item.last_date, item.edition, item.title, catalogue().year):
        with pytest.raises(ValueError, match=f"1900 到 2100 年的日期，没有 {year} 年"):
            ask(year)


@pytest.mark.parametrize("year", [1900, 2100])
def test_the_ends_of_the_span_are_reckoned(year: int) -> None:
    assert all(item.date(year).year == year for item in catalogue())


# ── Reading, choosing, extending ────────────────────────────────────────────────────────────────

OWN: dict[str, Any] = {
    "name": "本市残疾人文化周",
    "rule": {"kind": "week", "month": 5, "day": 1},
    "base": 2019,
    "counter": "届",
    "themes": {"2026": "融合共享"},
}


def test_an_office_adds_its_own() -> None:
    own = Observance.from_mapping("city-culture-week", OWN)
    extended = catalogue().with_additional([own])
    assert extended.get("city-culture-week") is own
    assert catalogue().get("city-culture-week") is None
    assert len(extended) == len(catalogue()) + 1
    assert own.title(2026) == "第7届本市残疾人文化周"
    assert (own.theme(2026), own.first, own.family) == ("融合共享", 2020, "observance")
    assert (own.date(2026), own.last_date(2026)) == (date(2026, 4, 27), date(2026, 5, 3))
    assert own in [*extended]


def test_a_key_is_given_once() -> None:
    own = Observance.from_mapping("deaf-day", OWN)
    with pytest.raises(ValueError, match="目录里已经有“deaf-day”（国际聋人日）"):
        catalogue().with_additional([own])


def test_reading_happens_once_for_each_choice() -> None:
    assert catalogue() is Catalogue.load() is Catalogue.load({})
    assert Catalogue.load({"deaf-day": "last"}) is not catalogue()


@pytest.mark.parametrize(
    ("variants", "sentence"),
    [
        ({"deaf-day": "third"}, "没有“third”这种日期规则，只有 fourth、last"),
        ({"blind-day": "last"}, "“blind-day”没有可以选择的日期规则"),
        ({"nothing": "last"}, "“nothing”没有可以选择的日期规则"),
    ],
)
def test_a_choice_that_there_is_not(variants: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Catalogue.load(variants)


FIXED = {"kind": "fixed-day", "month": 3, "day": 3}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": None}, "“name”有误：应当是"),
        ({"name": ""}, "“name”有误：不能是空的"),
        ({"name": " 某日"}, "“name”有误"),
        ({"name": "日" * 501}, "“name”有误"),
        ({"family": "party"}, "“family”有误：只能是 observance、festival 之一"),
        ({"base": "1990"}, "“base”有误：应当是 1899 到 2100 的整数"),
        ({"base": True}, "“base”有误"),
        ({"first": 3000}, "“first”有误"),
        ({"counter": ""}, "“counter”有误：不能是空的"),
        ({"colour": "red"}, "“colour”有误：没有这一项"),
        ({"themes": ["甲"]}, "“themes”有误：应当是一组"),
        ({"themes": {"明年": "甲"}}, "“themes.明年”有误：没有这一项"),
        ({"themes": {"2026": 1}}, "“themes.2026”有误"),
        ({"rule": None}, "“rule”有误：应当是一组"),
        ({"rule": {}}, "“rule.kind”有误：缺少这一项"),
        ({"rule": FIXED | {"kind": "moon"}}, "“rule.kind”有误：只能是 fixed-day、"),
        ({"rule": FIXED | {"month": 13}}, "“rule.month”有误：应当是 1 到 12 的整数"),
        ({"rule": FIXED | {"day": 3.0}}, "“rule.day”有误"),
        ({"rule": FIXED | {"weekday": 7}}, "“rule.weekday”有误：没有这一项"),
        ({"rule": FIXED | {"month": 2, "day": 29}}, "“rule.day”有误：2月29日不是每年都有"),
        ({"rule": FIXED | {"kind": "week", "month": 4, "day": 31}}, "“rule.day”有误"),
        ({"rule": FIXED | {"kind": "lunar-day", "day": 30}}, "“rule.day”有误：农历三十"),
        ({"rule": {"kind": "last-weekday", "month": 9, "weekday": 0}}, "“rule.weekday”有误"),
        (
            {"rule": {"kind": "nth-weekday", "month": 9, "weekday": 7, "nth": 5}},
            "“rule.nth”有误：应当是 1 到 4 的整数",
        ),
        ({"rules": {"a": FIXED}}, "“default_rule”有误：缺少这一项"),
        ({"rules": {"a": FIXED}, "default_rule": "b"}, "“default_rule”有误：只能是 a 之一"),
        ({"rules": {"a": FIXED}, "default_rule": "a"}, "“rule”有误：没有这一项"),
        (
            {"rules": {"a": FIXED, "b": FIXED | {"day": 0}}, "default_rule": "a"},
            "“rules.b.day”有误",
        ),
    ],
)
def test_a_wrong_member_is_named(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"纪念日“own”的{sentence}"):
        Observance.from_mapping("own", {"name": "某日", "rule": FIXED} | change)


@pytest.mark.parametrize("name", ["name", "rule"])
def test_a_missing_member_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"“{name}”有误：缺少这一项"):
        Observance.from_mapping("own", {key: OWN[key] for key in ("name", "rule") if key != name})


@pytest.mark.parametrize("key", ["", "助残日", "a b", "x" * 65])
def test_a_wrong_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="“key”有误"):
        Observance.from_mapping(key, OWN)


# ── Carrying a day into another year ────────────────────────────────────────────────────────────


@given(st.integers(1990, 2099), st.integers(1990, 2099), st.integers(-40, 40))
def test_a_third_sunday_keeps_the_distance_exactly(one: int, other: int, offset: int) -> None:
    item = observance("national-disability-day")
    day = item.date(one) + timedelta(days=offset)
    shifted = same_weekday_shift(day, item.date(one), item.date(other))
    assert shifted - item.date(other) == timedelta(days=offset)


@given(DAYS, DAYS, st.integers(-60, 60))
def test_the_weekday_is_kept_at_the_nearest_distance(one: date, other: date, offset: int) -> None:
    day = one + timedelta(days=offset)
    shifted = same_weekday_shift(day, one, other)
    assert shifted.weekday() == day.weekday()
    assert abs((shifted - other).days - offset) <= 3
    assert same_weekday_shift(shifted, other, one) == day


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 28), date(2027, 2, 27)),  # the Saturday before stays a Saturday
        (date(2026, 3, 3), date(2027, 3, 2)),  # Tuesday; 3 March 2027 is a Wednesday
        (date(2026, 3, 8), date(2027, 3, 7)),  # the Sunday after
    ],
)
def test_a_fixed_day_gives_way_to_the_weekday(day: date, expected: date) -> None:
    assert same_weekday_shift(day, date(2026, 3, 3), date(2027, 3, 3)) == expected
