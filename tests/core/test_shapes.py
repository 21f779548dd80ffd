"""Shapes: what is sound comes out in its one form, what is not is named and left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import shapes
from core.documents import NotANumber, Repeated
from core.shapes import INVALID, Problems, Shape


def checked(shape: Shape, value: Any) -> tuple[Any, list[tuple[str, str]]]:
    """What a shape makes of a value at ``/x``, and what it found wrong."""
    problems = Problems()
    result = shape(value, ("x",), problems)
    return result, [(fault.pointer, fault.code) for fault in problems.found]


@pytest.mark.parametrize(
    ("shape", "value", "result"),
    [
        (shapes.text(), "", ""),
        (shapes.text(), "两行\n和\t一格", "两行\n和\t一格"),
        (shapes.text(3), "𠮷野家", "𠮷野家"),
        (shapes.text(), "长" * 500, "长" * 500),
        (shapes.key, "A.b-c_9", "A.b-c_9"),
        (shapes.key, "k" * 64, "k" * 64),
        (shapes.count, 0, 0),
        (shapes.count, 10**12, 10**12),
        (shapes.integer(5, 7), 7, 7),
        (shapes.decimal, "007.500", "007.500"),
        (shapes.money, "12.5", 1250),
        (shapes.money, "1000000000000.00", 10**14),
        (shapes.day, "2024-02-29", date(2024, 2, 29)),
        (shapes.moment, "2026-05-17T09:00:00+08:00", datetime(2026, 5, 17, 1, tzinfo=UTC)),
        (shapes.moment, "2026-05-17T09:00+08:00", datetime(2026, 5, 17, 1, tzinfo=UTC)),
        (shapes.moment, "2026-05-17T01:00:00Z", datetime(2026, 5, 17, 1, tzinfo=UTC)),
        (shapes.moment, "2026-05-16T20:00:00-05:00", datetime(2026, 5, 17, 1, tzinfo=UTC)),
        (
            shapes.moment,
            "2026-05-17T09:00:00.25+08:00",
            datetime(2026, 5, 17, 1, 0, 0, 250_000, tzinfo=UTC),
        ),
        (shapes.flag, False, False),
        (shapes.one_of("a", "b"), "b", "b"),
        (shapes.nullable(shapes.count), None, None),
        (shapes.list_of(shapes.count), [], []),
    ],
)
def test_what_is_sound_comes_out_in_its_one_form(shape: Shape, value: Any, result: Any) -> None:
    found = checked(shape, value)
    assert found == (result, [])
    assert type(found[0]) is type(result)


def test_an_object_comes_out_with_its_defaults() -> None:
    shape = shapes.object_of(
        {
            "key": shapes.key,
            "note": shapes.Optional(shapes.text(), str),
            "list": shapes.optional_list(shapes.count),
            "number": shapes.Optional(shapes.count),
        }
    )
    assert checked(shape, {"key": "a"}) == (
        {"key": "a", "note": "", "list": [], "number": None},
        [],
    )
    first, second = checked(shape, {"key": "a"})[0], checked(shape, {"key": "b"})[0]
    assert first["list"] is not second["list"]


def test_a_failed_member_is_absent_and_the_others_stay() -> None:
    shape = shapes.object_of({"a": shapes.count, "b": shapes.count, "c": shapes.count})
    result, faults = checked(shape, {"a": 1, "b": "2", "d": 4})
    assert result == {"a": 1}
    assert sorted(faults) == [("/x/b", "type"), ("/x/c", "missing"), ("/x/d", "unknown_key")]


def test_a_failed_item_keeps_the_places_of_the_others() -> None:
    found, faults = checked(shapes.list_of(shapes.count), [1, "2", 3, -4])
    assert found == [1, None, 3, None]
    assert faults == [("/x/1", "type"), ("/x/3", "value")]


def test_a_member_that_is_written_twice_is_named_and_read_once() -> None:
    value = Repeated({"a": 2})
    value.names = ("a", "a")
    assert checked(shapes.object_of({"a": shapes.count}), value) == (
        {"a": 2},
        [("/x/a", "duplicate"), ("/x/a", "duplicate")],
    )


@pytest.mark.parametrize(
    ("path", "pointer"),
    [((), ""), (("a", 3), "/a/3"), (("a/b", "c~d"), "/a~1b/c~0d"), (("~1",), "/~01"), (("",), "/")],
)
def test_pointers_are_those_of_rfc_6901(path: tuple[Any, ...], pointer: str) -> None:
    assert shapes.pointer(path) == pointer


ALL: list[Shape] = [
    shapes.text(),
    shapes.key,
    shapes.count,
    shapes.decimal,
    shapes.money,
    shapes.day,
    shapes.moment,
    shapes.flag,
    shapes.one_of("a", "b"),
    shapes.nullable(shapes.key),
    shapes.list_of(shapes.money),
    shapes.object_of({"a": shapes.day, "b": shapes.optional_list(shapes.moment)}),
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.builds(NotANumber, st.just("NaN"))
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner),
    max_leaves=6,
)


@given(value=values, shape=st.sampled_from(ALL))
def test_every_value_is_either_sound_or_named(value: Any, shape: Shape) -> None:
    """Nothing raises; INVALID never comes without a fault; faults stand at or below the place."""
    result, faults = checked(shape, value)
    if result is INVALID:
        assert faults
    assert all(pointer.startswith("/x") for pointer, _ in faults)
    assert {code for _, code in faults} <= {
        "type", "value", "too_long", "syntax", "missing", "unknown_key", "duplicate",
    }  # fmt: skip


# The year 1 and the year 9999 have moments that no other zone can name.
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))  # noqa: DTZ001 — made aware below


@given(moment=moments, minutes=st.integers(-23 * 60, 23 * 60))
def test_a_moment_is_the_same_in_every_zone(moment: datetime, minutes: int) -> None:
    stated = moment.replace(tzinfo=UTC)
    sign, off = ("-" if minutes < 0 else "+"), abs(minutes)
    local = (stated + timedelta(minutes=minutes)).replace(tzinfo=None)
    text = f"{local.isoformat()}{sign}{off // 60:02d}:{off % 60:02d}"
    assert checked(shapes.moment, text) == (stated, [])


@given(day=st.dates())
def test_every_day_is_read(day: date) -> None:
    assert checked(shapes.day, day.isoformat()) == (day, [])


@given(amount=st.integers(0, 10**14))
def test_every_amount_of_money_is_read(amount: int) -> None:
    assert checked(shapes.money, f"{amount // 100}.{amount % 100:02d}") == (amount, [])
