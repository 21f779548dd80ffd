"""The section's shape and checks: what passes, and where and how everything else is reported."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from core.bundle_sections import CheckContext
from core.shapes import INVALID, Problems
from plugins.volunteer.bundle import VolunteerSection

PATH = ("plugins", "volunteer")
OWN_SCHEME = {"period": "year", "hours": [10, 20]}


def shift(key: str = "h1", start: str = "08:00", end: str = "12:00", **members: Any) -> Any:
    return {
        "key": key,
        "activity": "a09",
        "organisation": "c01",
        "title": "引导",
        "starts_at": f"2022-05-15T{start}:00+08:00",
        "ends_at": f"2022-05-15T{end}:00+08:00",
        "capacity": 20,
        **members,
    }


def attendance(
    start: str | None = "07:50", end: str | None = "11:00", **members: Any
) -> dict[str, Any]:
    return {
        "volunteer": "v1",
        "shift": "h1",
        "checked_in_at": start and f"2022-05-15T{start}:00+08:00",
        "checked_out_at": end and f"2022-05-15T{end}:00+08:00",
        "status": "confirmed",
        **members,
    }


def section(*attendances: Any, **members: Any) -> dict[str, Any]:
    return {
        "volunteers": [
            {"key": "v1", "name": "志愿者一", "organisation": "c01"},
            {"key": "v2", "name": "志愿者二", "organisation": "c01"},
        ],
        "shifts": [shift(), shift("h2", "11:00", "15:00", activity=None)],
        "attendances": list(attendances),
        "star_scheme": "street-annual",
        **members,
    }


def examined(document: Any) -> tuple[Any, list[tuple[str, str]]]:
    """The normalised section, and pointer (below the section) and code of every problem."""
    problems, part = Problems(), VolunteerSection()
    checked = part.shape(document, PATH, problems)
    if checked is not INVALID:
        context = CheckContext(problems, frozenset({"c01"}), frozenset({"a09"}))
        part.check(checked, PATH, context)
    head = "/plugins/volunteer"
    assert all(problem.pointer.startswith(head) for problem in problems.found)
    return checked, [(p.pointer.removeprefix(head), p.code) for p in problems.found]


def problems_of(document: Any) -> list[tuple[str, str]]:
    return examined(document)[1]


def test_the_example_of_the_format_passes() -> None:
    checked, problems = examined(section(attendance()))
    assert problems == []
    assert checked["attendances"][0] == {
        "volunteer": "v1",
        "shift": "h1",
        "checked_in_at": datetime(2022, 5, 14, 23, 50, tzinfo=UTC),
        "checked_out_at": datetime(2022, 5, 15, 3, tzinfo=UTC),
        "status": "confirmed",
    }
    assert checked["star_scheme"] == "street-annual"


def test_an_empty_section_needs_no_scheme() -> None:
    checked, problems = examined({})
    assert problems == []
    assert checked == {"volunteers": [], "shifts": [], "attendances": [], "star_scheme": None}


@pytest.mark.parametrize("scheme", ["street-annual", "national-cumulative", OWN_SCHEME])
def test_a_scheme_alone_is_a_section(scheme: Any) -> None:
    checked, problems = examined({"star_scheme": scheme})
    assert problems == []
    assert checked["star_scheme"] == scheme


@pytest.mark.parametrize("member", ["volunteers", "shifts", "attendances"])
def test_any_other_member_asks_for_a_scheme(member: str) -> None:
    assert problems_of({member: []}) == [("/star_scheme", "missing")]


@pytest.mark.parametrize(
    ("scheme", "problems"),
    [
        ("street", [("", "value")]),
        (None, [("", "type")]),
        (3, [("", "type")]),
        ([], [("", "type")]),
        ({}, [("/period", "missing"), ("/hours", "missing")]),
        ({**OWN_SCHEME, "period": "month"}, [("/period", "value")]),
        ({**OWN_SCHEME, "name": "自定"}, [("/name", "unknown_key")]),
        ({**OWN_SCHEME, "hours": 50}, [("/hours", "type")]),
        ({**OWN_SCHEME, "hours": []}, [("/hours", "value")]),
        ({**OWN_SCHEME, "hours": [0, 10]}, [("/hours/0", "value")]),
        ({**OWN_SCHEME, "hours": [10, 10]}, [("/hours/1", "value")]),
        ({**OWN_SCHEME, "hours": [10, 20, 15]}, [("/hours/2", "value")]),
        ({**OWN_SCHEME, "hours": [10, "20", 15]}, [("/hours/1", "type")]),
        ({**OWN_SCHEME, "hours": [10.5]}, [("/hours/0", "type")]),
        ({**OWN_SCHEME, "hours": [True]}, [("/hours/0", "type")]),
    ],
)
def test_schemes_that_are_none(scheme: Any, problems: list[tuple[str, str]]) -> None:
    found = problems_of(section(star_scheme=scheme))
    assert found == [(f"/star_scheme{place}", code) for place, code in problems]


@pytest.mark.parametrize("member", ["volunteers", "shifts", "attendances"])
def test_a_list_that_is_none_is_reported_once(member: str) -> None:
    assert problems_of(section(attendance(), **{member: {}})) == [(f"/{member}", "type")]


@pytest.mark.parametrize("value", [[], None, "x", 1])
def test_a_section_that_is_no_object(value: Any) -> None:
    assert problems_of(value) == [("", "type")]


def test_unknown_members() -> None:
    document = section(attendance(key="t1"), notes="")
    document["shifts"][0]["place"] = "广场"
    assert sorted(problems_of(document)) == [
        ("/attendances/0/key", "unknown_key"),
        ("/notes", "unknown_key"),
        ("/shifts/0/place", "unknown_key"),
    ]


def test_every_member_but_the_title_is_required() -> None:
    whole = section(attendance("09:00", "10:00"))
    for name in ("volunteers", "shifts", "attendances"):
        for member in whole[name][-1]:
            document = deepcopy(whole)
            del document[name][-1][member]
            place = f"/{name}/{len(whole[name]) - 1}/{member}"
            expected = [] if member == "title" else [(place, "missing")]
            assert problems_of(document) == expected


def test_references_and_duplicates() -> None:
    document = section(
        attendance(volunteer="v9"),
        attendance(shift="h9"),
        volunteers=[
            {"key": "v1", "name": "甲", "organisation": "c09"},
            {"key": "v1", "name": "乙", "organisation": "c01"},
        ],
        shifts=[shift(), shift(activity="a01"), shift("h2", organisation="city")],
    )
    assert problems_of(document) == [
        ("/volunteers/1/key", "duplicate"),
        ("/volunteers/0/organisation", "unknown_reference"),
        ("/shifts/1/key", "duplicate"),
        ("/shifts/1/activity", "unknown_reference"),
        ("/shifts/2/organisation", "unknown_reference"),
        ("/attendances/0/volunteer", "unknown_reference"),
        ("/attendances/1/shift", "unknown_reference"),
    ]


@pytest.mark.parametrize("status", ["signed_up", "open", "pending", "rejected", "no_show"])
def test_times_may_be_absent_until_confirmed(status: str) -> None:
    assert problems_of(section(attendance(None, None, status=status))) == []


def test_confirmed_needs_both_times() -> None:
    assert problems_of(section(attendance(None, "11:00"), attendance("12:00", None))) == [
        ("/attendances/0/checked_in_at", "missing"),
        ("/attendances/1/checked_out_at", "missing"),
    ]


@pytest.mark.parametrize("status", ["pending", "confirmed", "rejected"])
def test_ends_before_starts_whatever_the_status(status: str) -> None:
    document = section(attendance("11:00", "09:00", status=status))
    assert problems_of(document) == [("/attendances/0/checked_out_at", "ends_before_starts")]


def test_ending_at_once_is_no_error() -> None:
    assert problems_of(section(attendance("09:00", "09:00"), shifts=[shift(end="08:00")])) == []


def test_a_shift_that_ends_before_it_starts() -> None:
    document = section(shifts=[shift(start="13:00")])
    assert problems_of(document) == [("/shifts/0/ends_at", "ends_before_starts")]


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("checked_in_at", "2022-05-15T08:00:00", "value"),
        ("checked_in_at", "2022-05-32T08:00:00+08:00", "value"),
        ("checked_in_at", 8, "type"),
        ("status", "done", "value"),
        ("status", None, "type"),
        ("volunteer", "志愿者", "value"),
        ("shift", None, "type"),
    ],
)
def test_values_of_an_attendance(member: str, value: Any, code: str) -> None:
    document = section(attendance(**{member: value}))
    assert problems_of(document) == [(f"/attendances/0/{member}", code)]


@pytest.mark.parametrize(
    ("value", "code"), [(-1, "value"), (None, "type"), ("20", "type"), (10**12 + 1, "value")]
)
def test_values_of_a_capacity(value: Any, code: str) -> None:
    assert problems_of(section(shifts=[shift(capacity=value)])) == [("/shifts/0/capacity", code)]


def test_more_volunteers_than_places_are_no_error() -> None:
    document = section(attendance(), attendance(volunteer="v2"), shifts=[shift(capacity=1)])
    assert problems_of(document) == []


def test_the_same_shift_twice_and_apart() -> None:
    document = section(attendance("08:00", "09:00"), attendance("09:00", "10:00"))
    assert problems_of(document) == []


def test_overlap_across_shifts_at_the_later_in_the_list() -> None:
    document = section(attendance("11:30", "14:00", shift="h2"), attendance("08:00", "12:00"))
    assert problems_of(document) == [("/attendances/1", "overlap")]


def test_overlap_with_an_earlier_long_one() -> None:
    document = section(
        attendance("08:00", "12:00"),
        attendance("09:00", "09:30"),
        attendance("10:00", "10:30"),
        attendance("10:00", "10:30", volunteer="v2"),
    )
    assert problems_of(document) == [("/attendances/1", "overlap"), ("/attendances/2", "overlap")]


def test_only_credited_time_overlaps() -> None:
    document = section(
        attendance("07:00", "11:30"),
        attendance("10:00", "13:00", shift="h2"),  # credited from 11:00
        attendance("06:00", "08:00"),  # nothing of it is credited
    )
    assert problems_of(document) == [("/attendances/1", "overlap")]
    document["attendances"][0] = attendance("07:00", "11:00")
    assert problems_of(document) == []


@pytest.mark.parametrize("status", ["open", "pending", "rejected", "no_show"])
def test_what_is_not_confirmed_overlaps_nothing(status: str) -> None:
    assert problems_of(section(attendance(), attendance(status=status))) == []


def test_items_that_are_no_objects_leave_the_places_of_others() -> None:
    document = section("x", attendance(), attendance())
    assert problems_of(document) == [("/attendances/0", "type"), ("/attendances/2", "overlap")]
