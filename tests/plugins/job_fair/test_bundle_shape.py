from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from core.bundle_sections import CheckContext
from core.shapes import Problems
from plugins.job_fair.bundle import JobFairSection

PATH = ("plugins", "job_fair")
FAIRS = "/plugins/job_fair/fairs"
Change = Callable[[dict[str, Any]], Any]


def good() -> dict[str, Any]:
    """Two fairs: the first with two positions, the second with one."""
    return {
        "employers": [{"key": "e1", "name": "某公司"}, {"key": "e2", "name": "某厂"}],
        "seekers": [
            {"key": "s1", "name": "求职者一", "organisation": "c01"},
            {"key": "s2", "name": "求职者二", "organisation": "city"},
        ],
        "fairs": [
            {
                "key": "j1",
                "activity": "a07",
                "organisation": "city",
                "mode": "online",
                "held_on": "2022-05-10",
                "positions": [
                    {
                        "key": "p1",
                        "employer": "e1",
                        "title": "包装工",
                        "job_type": "包装工",
                        "openings": 5,
                        "accommodations": ["wheelchair"],
                    },
                    {
                        "key": "p2",
                        "employer": "e2",
                        "title": "客服",
                        "job_type": "客服",
                        "openings": 10**12,
                    },
                ],
                "attendances": ["s1", "s2"],
                "applications": [
                    {"seeker": "s1", "position": "p1", "stage": "intent"},
                    {"seeker": "s1", "position": "p1", "stage": "applied"},
                    {"seeker": "s2", "position": "p2", "stage": "hired"},
                ],
            },
            {
                "key": "j2",
                "activity": None,
                "organisation": "c01",
                "mode": "onsite",
                "held_on": "2022-05-12",
                "positions": [
                    {
                        "key": "p3",
                        "employer": "e1",
                        "title": "保洁",
                        "job_type": "包装工",
                        "openings": 0,
                    }
                ],
                "attendances": ["s1"],
                "applications": [{"seeker": "s2", "position": "p3", "stage": "withdrawn"}],
            },
        ],
    }


def checked(section: Any) -> tuple[Any, list[tuple[str, str]]]:
    """The normalised section and its errors as (pointer, code)."""
    problems = Problems()
    normalised = JobFairSection.shape(section, PATH, problems)
    if isinstance(normalised, dict):
        context = CheckContext(problems, frozenset({"city", "c01"}), frozenset({"a07"}))
        JobFairSection().check(normalised, PATH, context)
    return normalised, [(problem.pointer, problem.code) for problem in problems.found]


def test_a_sound_section_has_no_errors_and_is_normalised() -> None:
    normalised, errors = checked(good())
    assert errors == []
    first = normalised["fairs"][0]
    assert first["held_on"] == date(2022, 5, 10)
    assert first["positions"][1]["accommodations"] == []


@pytest.mark.parametrize("section", [{}, {"employers": []}, {"fairs": [], "seekers": []}])
def test_lists_may_be_left_out(section: dict[str, Any]) -> None:
    assert checked(section) == ({"employers": [], "seekers": [], "fairs": []}, [])


def test_a_fair_may_have_nothing_in_it() -> None:
    section = good()
    for name in ("positions", "attendances", "applications"):
        del section["fairs"][1][name]
    assert checked(section)[1] == []


def test_job_types_that_differ_by_a_letter_stay_apart() -> None:
    section = good()
    section["fairs"][1]["positions"][0]["job_type"] = "包装工 "
    normalised, errors = checked(section)
    assert errors == []
    assert normalised["fairs"][1]["positions"][0]["job_type"] == "包装工 "


def put(*path: str | int, value: Any) -> Change:
    """Set what stands at ``path``."""

    def change(section: dict[str, Any]) -> None:
        place: Any = section
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value

    return change


def take(*path: str | int) -> Change:
    """Remove what stands at ``path``."""

    def change(section: dict[str, Any]) -> None:
        place: Any = section
        for part in path[:-1]:
            place = place[part]
        del place[path[-1]]

    return change


OF_FIRST_FAIR = ("fairs", 0)
OF_POSITION = ("fairs", 0, "positions", 0)
OF_APPLICATION = ("fairs", 0, "applications", 0)

CASES: list[tuple[Change, list[tuple[str, str]]]] = [
    (put("visitors", value=[]), [("/plugins/job_fair/visitors", "unknown_key")]),
    (
        put("employers", 1, "key", value="e1"),
        [
            ("/plugins/job_fair/employers/1/key", "duplicate"),
            (f"{FAIRS}/0/positions/1/employer", "unknown_reference"),
        ],
    ),
    (
        put("employers", 0, "organisation", value="city"),
        [
            ("/plugins/job_fair/employers/0/organisation", "unknown_key"),
        ],
    ),
    (
        put("employers", 0, "name", value="长" * 501),
        [
            ("/plugins/job_fair/employers/0/name", "too_long"),
        ],
    ),
    (
        put("seekers", 1, "key", value="s1"),
        [
            ("/plugins/job_fair/seekers/1/key", "duplicate"),
            (f"{FAIRS}/0/attendances/1", "unknown_reference"),
            (f"{FAIRS}/0/applications/2/seeker", "unknown_reference"),
            (f"{FAIRS}/1/applications/0/seeker", "unknown_reference"),
        ],
    ),
    (
        put("seekers", 0, "organisation", value="c99"),
        [
            ("/plugins/job_fair/seekers/0/organisation", "unknown_reference"),
        ],
    ),
    (
        take("seekers", 0, "organisation"),
        [
            ("/plugins/job_fair/seekers/0/organisation", "missing"),
        ],
    ),
    (put("fairs", 1, "key", value="j1"), [(f"{FAIRS}/1/key", "duplicate")]),
    (put(*OF_FIRST_FAIR, "activity", value="a99"), [(f"{FAIRS}/0/activity", "unknown_reference")]),
    (take(*OF_FIRST_FAIR, "activity"), [(f"{FAIRS}/0/activity", "missing")]),
    (
        put(*OF_FIRST_FAIR, "organisation", value="c99"),
        [
            (f"{FAIRS}/0/organisation", "unknown_reference"),
        ],
    ),
    (put(*OF_FIRST_FAIR, "organisation", value=None), [(f"{FAIRS}/0/organisation", "type")]),
    (put(*OF_FIRST_FAIR, "mode", value="hybrid"), [(f"{FAIRS}/0/mode", "value")]),
    (put(*OF_FIRST_FAIR, "held_on", value="2022-02-30"), [(f"{FAIRS}/0/held_on", "value")]),
    (
        put(*OF_POSITION, "employer", value="e9"),
        [
            (f"{FAIRS}/0/positions/0/employer", "unknown_reference"),
        ],
    ),
    (put(*OF_POSITION, "openings", value=-1), [(f"{FAIRS}/0/positions/0/openings", "value")]),
    (put(*OF_POSITION, "openings", value="5"), [(f"{FAIRS}/0/positions/0/openings", "type")]),
    (put(*OF_POSITION, "openings", value=True), [(f"{FAIRS}/0/positions/0/openings", "type")]),
    (
        put(*OF_POSITION, "accommodations", value=["wheelchair", 3]),
        [
            (f"{FAIRS}/0/positions/0/accommodations/1", "type"),
        ],
    ),
    (take(*OF_POSITION, "job_type"), [(f"{FAIRS}/0/positions/0/job_type", "missing")]),
    # Within a fair, and in another fair: the later one's key.
    (
        put("fairs", 0, "positions", 1, "key", value="p1"),
        [
            (f"{FAIRS}/0/positions/1/key", "duplicate"),
            (f"{FAIRS}/0/applications/2/position", "unknown_reference"),
        ],
    ),
    (
        put("fairs", 1, "positions", 0, "key", value="p1"),
        [
            (f"{FAIRS}/1/positions/0/key", "duplicate"),
            (f"{FAIRS}/1/applications/0/position", "unknown_reference"),
        ],
    ),
    (
        put("fairs", 0, "attendances", value=["s1", "s2", "s1", "s1"]),
        [
            (f"{FAIRS}/0/attendances/2", "duplicate"),
            (f"{FAIRS}/0/attendances/3", "duplicate"),
        ],
    ),
    (
        put("fairs", 0, "attendances", 1, value="s9"),
        [
            (f"{FAIRS}/0/attendances/1", "unknown_reference"),
        ],
    ),
    (put("fairs", 0, "attendances", 1, value=2), [(f"{FAIRS}/0/attendances/1", "type")]),
    (
        put(*OF_APPLICATION, "seeker", value="s9"),
        [
            (f"{FAIRS}/0/applications/0/seeker", "unknown_reference"),
        ],
    ),
    (
        put(*OF_APPLICATION, "position", value="p9"),
        [
            (f"{FAIRS}/0/applications/0/position", "unknown_reference"),
        ],
    ),
    # p3 is a position, but of the other fair.
    (
        put(*OF_APPLICATION, "position", value="p3"),
        [
            (f"{FAIRS}/0/applications/0/position", "unknown_reference"),
        ],
    ),
    (
        put(*OF_APPLICATION, "stage", value="offered"),
        [
            (f"{FAIRS}/0/applications/0/stage", "value"),
        ],
    ),
    (
        put(*OF_APPLICATION, "ordinal", value=0),
        [
            (f"{FAIRS}/0/applications/0/ordinal", "unknown_key"),
        ],
    ),
    # A list that is none is one error, not one for everything that points into it.
    (put("employers", value={}), [("/plugins/job_fair/employers", "type")]),
    (put("seekers", value=None), [("/plugins/job_fair/seekers", "type")]),
    (put("fairs", value="j1"), [("/plugins/job_fair/fairs", "type")]),
    (put("fairs", 0, "positions", value={}), [(f"{FAIRS}/0/positions", "type")]),
    (put("fairs", 0, "attendances", value={}), [(f"{FAIRS}/0/attendances", "type")]),
    (put("fairs", 0, "applications", value={}), [(f"{FAIRS}/0/applications", "type")]),
    # An item that is none leaves the others where they were.
    (
        put("seekers", 0, value=None),
        [
            ("/plugins/job_fair/seekers/0", "type"),
            (f"{FAIRS}/0/attendances/0", "unknown_reference"),
            (f"{FAIRS}/0/applications/0/seeker", "unknown_reference"),
            (f"{FAIRS}/0/applications/1/seeker", "unknown_reference"),
            (f"{FAIRS}/1/attendances/0", "unknown_reference"),
        ],
    ),
    (put("fairs", 1, value=[]), [(f"{FAIRS}/1", "type")]),
    (put("fairs", 0, "applications", 2, value="s2"), [(f"{FAIRS}/0/applications/2", "type")]),
]


@pytest.mark.parametrize(("change", "errors"), CASES)
def test_errors_and_their_places(change: Change, errors: list[tuple[str, str]]) -> None:
    section = good()
    change(section)
    assert sorted(checked(section)[1]) == sorted(errors)


def test_all_errors_are_listed_at_once() -> None:
    section = good()
    section["seekers"][0]["organisation"] = "c99"
    section["fairs"][0]["mode"] = "hybrid"
    section["fairs"][0]["positions"][0]["employer"] = "e9"
    section["fairs"][1]["attendances"].append("s1")
    assert sorted(checked(section)[1]) == [
        (f"{FAIRS}/0/mode", "value"),
        (f"{FAIRS}/0/positions/0/employer", "unknown_reference"),
        (f"{FAIRS}/1/attendances/1", "duplicate"),
        ("/plugins/job_fair/seekers/0/organisation", "unknown_reference"),
    ]


def test_a_position_of_another_fair_is_said_to_be_one() -> None:
    section = good()
    section["fairs"][0]["applications"][0]["position"] = "p3"
    problems = Problems()
    normalised = JobFairSection.shape(section, PATH, problems)
    context = CheckContext(problems, frozenset({"city", "c01"}), frozenset({"a07"}))
    JobFairSection().check(normalised, PATH, context)
    assert [problem.message for problem in problems.found] == ["岗位“p3”属于另一场招聘会"]
