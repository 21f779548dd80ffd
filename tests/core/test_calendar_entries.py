from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.calendar_entries import CalendarEntry

START = datetime(2027, 5, 16, 1, tzinfo=UTC)
ENTRY = CalendarEntry(
    uid="activity-1@office",
    title="专场招聘会",
    starts=START,
    ends=START + timedelta(hours=2),
    modified_at=START,
    sequence=0,
)


def test_days_last_all_day_and_moments_do_not() -> None:
    assert replace(ENTRY, starts=date(2027, 5, 16), ends=date(2027, 5, 17)).all_day
    assert not ENTRY.all_day


def test_equal_ends_are_a_moment() -> None:
    assert replace(ENTRY, ends=START).ends == START


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"uid": " "}, "缺少标识"),
        ({"ends": date(2027, 5, 17)}, "要么都是时刻"),
        ({"starts": date(2027, 5, 15)}, "要么都是时刻"),
        ({"ends": START - timedelta(seconds=1)}, "结束早于开始"),
        ({"starts": date(2027, 5, 17), "ends": date(2027, 5, 16)}, "结束早于开始"),
        ({"starts": START.replace(tzinfo=None)}, "没有时区"),
        ({"ends": START.replace(tzinfo=None)}, "没有时区"),
        ({"modified_at": START.replace(tzinfo=None)}, "没有时区"),
        ({"cancelled_at": START.replace(tzinfo=None)}, "没有时区"),
        ({"sequence": -1}, "不能为负"),
        ({"alarm_minutes": -1}, "不能为负"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(ENTRY, **change)  # type: ignore[arg-type]
