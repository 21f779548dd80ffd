"""What is improbable: long days, one hand or one device for many."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.volunteer.hours.flags import crowded, long_days, of_punches, of_record

BEGIN = datetime(2022, 5, 15, 0, 0, tzinfo=UTC)
Taken = list[tuple[datetime, int, int]]


def punch(person: int, seconds: float = 0, **members: Any) -> dict[str, Any]:
    return {
        "attendance": person,
        "shift": 1,
        "volunteer": person,
        "actor": "zhang",
        "device": "平板",
        "source": "steward",
        "at": BEGIN + timedelta(seconds=seconds),
        **members,
    }


def codes(punches: Iterable[dict[str, Any]]) -> dict[int, list[str]]:
    return {n: [flag.code for flag in own] for n, own in of_punches(list(punches)).items()}


@pytest.mark.parametrize(("people", "flagged"), [(9, False), (10, True)])
def test_one_steward_for_everything(people: int, flagged: bool) -> None:
    found = codes(punch(n, 100 * n) for n in range(people))
    assert found == ({key: ["one_steward"] for key in range(people)} if flagged else {})
    assert not codes([*(punch(n, 100 * n) for n in range(people)), punch(1, 5000, actor="li")])


@pytest.mark.parametrize(("people", "flagged"), [(20, False), (21, True)])
def test_more_than_twenty_people_a_minute(people: int, flagged: bool) -> None:
    # In shifts of their own, so that nobody stands for a whole shift.
    found = codes(punch(n, 59 * n / people, shift=n) for n in range(people))
    assert found == ({key: ["too_fast"] for key in range(people)} if flagged else {})


@pytest.mark.parametrize(("people", "seconds", "flagged"), [(4, 1, False), (5, 149, True)])
def test_one_device_for_many_who_check_in_themselves(
    people: int, seconds: int, flagged: bool
) -> None:
    own: dict[str, Any] = {"source": "self", "device": "手机"}
    found = codes(punch(n, n * seconds, actor=f"v{n}", **own) for n in range(people))
    assert found == ({key: ["one_device"] for key in range(people)} if flagged else {})
    assert not codes(punch(n, n * 150, actor=f"v{n}", **own) for n in range(5))
    assert not codes(punch(n, n, source="self", device="", actor=f"v{n}") for n in range(9))
    # The same person in and out is one person.
    assert not codes(punch(n % 4, n, actor=f"v{n % 4}", **own) for n in range(9))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5)), max_size=30))
def test_a_window_finds_what_counting_finds(given_taken: list[tuple[int, int]]) -> None:
    window, many = timedelta(seconds=10), 3
    taken: Taken = [
        (BEGIN + timedelta(seconds=second), person, index)
        for index, (second, person) in enumerate(given_taken)
    ]
    expected: set[int] = set()
    most = 0
    for start, _, _ in taken:
        inside = [each for each in taken if start <= each[0] < start + window]
        people = len({person for _, person, _ in inside})
        if people >= many:
            most = max(most, people)
            expected |= {record for _, _, record in inside}
    assert crowded(taken, window, many) == (expected, most)


def day(number: int, person: int, begin: float, hours: float) -> dict[str, Any]:
    starts, ends = BEGIN + timedelta(hours=begin), BEGIN + timedelta(hours=begin + hours)
    times = {"checked_in_at": starts, "checked_out_at": ends, "starts_at": starts, "ends_at": ends}
    return {"id": number, "person": person, **times}


def test_more_than_ten_hours_a_day() -> None:
    rows = [day(1, 1, 0, 6), day(2, 1, 6, 4), day(3, 2, 0, 6), day(4, 2, 6, 4.5), day(5, 2, 30, 1)]
    found = long_days(rows)
    assert set(found) == {3, 4}
    assert found[3][0].text == "2022年5月15日一天合计10小时30分钟"
    # Served over midnight in China (16:00 UTC) it is two days.
    assert long_days([day(1, 1, 10, 12)]) == {}


def test_what_a_record_shows_by_itself() -> None:
    record = {
        "activity": 1,
        "closed_by_itself": False,
        "checked_in_at": BEGIN,
        "checked_out_at": BEGIN,
        "credited_minutes": 1,
    }
    assert of_record(record) == []
    odd = {**record, "activity": None, "closed_by_itself": True, "credited_minutes": 0}
    found = [flag.code for flag in of_record(odd)]
    assert found == ["no_activity", "closed_by_itself", "no_minutes"]
    assert "no_minutes" not in [f.code for f in of_record({**odd, "checked_out_at": None})]
