"""Punches of one person in any order, against a simple model of where he was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from plugins.volunteer.punching.states import (
    Direction,
    ShiftTimes,
    Stay,
    assumed_end,
    clashing,
    step,
)

DAY = datetime(2026, 5, 17, tzinfo=UTC)
# Mostly where something begins or ends.
MINUTES = st.sampled_from(range(360, 1330, 20)) | st.integers(300, 24 * 60)


def clock(minutes: int) -> datetime:
    return DAY + timedelta(minutes=minutes)


def times(number: int, starts: int, ends: int) -> ShiftTimes:
    return ShiftTimes(number, clock(starts), clock(ends))


# Beside one another, overlapping, one in the other, and one that was called off.
SHIFTS = (
    times(0, 480, 720),
    times(1, 720, 900),
    times(2, 660, 960),
    times(3, 600, 640),
    replace(times(4, 480, 720), cancelled=True),
)


class Punches(RuleBasedStateMachine):
    """The model: for each shift when he came (open), and the minutes of closed stays as sets."""

    def __init__(self) -> None:
        super().__init__()
        self.stays: list[Stay] = []
        self.count = 0
        self.open: dict[int, int] = {}
        self.served: dict[int, set[int]] = {each.id: set() for each in SHIFTS}
        self.raw: dict[int, set[int]] = {each.id: set() for each in SHIFTS}
        self.latest = -10_000
        self.in_order = True

    @rule(number=st.integers(0, 3), status=st.sampled_from(["signed_up", "rejected", "no_show"]))
    def sign_up(self, number: int, status: str) -> None:
        """Somebody is down for a shift, or was refused; no time is served by that."""
        if not any(stay.shift.id == number for stay in self.stays):
            self.stays.append(Stay(f"s{number}", SHIFTS[number], status))

    @rule(number=st.integers(0, 3))
    def confirm(self, number: int) -> None:
        """What waits is confirmed; where he was stays where he was."""
        self.stays = [
            replace(stay, status="confirmed")
            if stay.shift.id == number and stay.status == "pending"
            else stay
            for stay in self.stays
        ]

    @rule(number=st.integers(0, 4), direction=st.sampled_from(["in", "out"]), minute=MINUTES)
    def punch(self, number: int, direction: Direction, minute: int) -> None:
        """One punch, whenever it says it was taken."""
        shift = SHIFTS[number]
        self.count += 1
        expected = self.expected(number, direction, minute)
        taken = step(self.stays, shift, direction, clock(minute), f"n{self.count}")
        assert taken.code == expected
        assert (taken.stay is None) == (taken.code is not None)
        self.in_order = self.in_order and minute >= self.latest
        self.latest = max(self.latest, minute)
        if taken.stay is None:
            return
        self.stays = [each for each in self.stays if each.place != taken.stay.place]
        self.stays.append(taken.stay)
        if direction == "in":
            self.open[number] = minute
            return
        came = self.open.pop(number)
        starts, ends = minutes_of(shift)
        self.raw[number] |= set(range(came, minute))
        added = set(range(max(came, starts), min(minute, ends)))
        shared = any(added & other for other in [*self.served.values()])
        assert (taken.conflict == "two_places") == shared
        self.served[number] |= added

    def expected(self, number: int, direction: str, minute: int) -> str | None:
        """The code with which the model would refuse the punch."""
        starts, ends = minutes_of(SHIFTS[number])
        if SHIFTS[number].cancelled:
            return "cancelled"
        if not starts - 120 <= minute <= ends + 360:
            return "outside_window"
        if direction == "in":
            return self.expected_coming(number, minute)
        return None if number in self.open and self.open[number] < minute else "not_in"

    def expected_coming(self, number: int, minute: int) -> str | None:
        """Not while he is there, and not while he is elsewhere."""
        if number in self.open or minute in self.raw[number]:
            return "already_in"
        others = [each for each in self.served if each != number]
        ends = minutes_of(SHIFTS[number])[1]
        elsewhere = any(minute in self.served[each] for each in others)
        opened = [
            self.open[each]
            for each in others
            if each in self.open and minute < minutes_of(SHIFTS[each])[1]
        ]
        elsewhere |= any(came < ends or came <= minute for came in opened)
        return "overlap" if elsewhere else None

    @invariant()
    def minutes_are_those_of_the_model(self) -> None:
        """Every minute within a shift between a coming and its going, no other."""
        for number, served in self.served.items():
            own = [stay for stay in self.stays if stay.shift.id == number and stay.went]
            total = sum(stay.minutes for stay in own)
            assert total == len(served) or (not self.in_order and total >= len(served))

    @invariant()
    def nobody_is_in_a_shift_twice(self) -> None:
        """At most one open attendance a shift, and those the model knows."""
        opened = [stay.shift.id for stay in self.stays if stay.status == "open"]
        assert sorted(opened) == sorted(self.open)
        places = [stay.place for stay in self.stays]
        assert len(places) == len(set(places))

    @invariant()
    def in_the_order_of_time_nothing_overlaps(self) -> None:
        """Whoever is scanned as it happens is in one place at a time."""
        if self.in_order:
            opened = [stay for stay in self.stays if stay.status == "open" and stay.came]
            for one, later in pairwise(sorted(opened, key=lambda stay: stay.came or DAY)):
                assert later.came
                assert one.shift.ends <= later.came  # forgotten, and over
            assert not any(clashing(stay, self.stays) for stay in self.stays)


def minutes_of(shift: ShiftTimes) -> tuple[int, int]:
    minute = timedelta(minutes=1)
    return (shift.starts - DAY) // minute, (shift.ends - DAY) // minute


TestPunches = Punches.TestCase
TestPunches.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


def came(number: int, minute: int) -> Stay:
    return Stay(f"s{number}", SHIFTS[number], "open", came=clock(minute))


def test_whoever_signed_up_keeps_his_attendance() -> None:
    waiting = [
        Stay("gone", SHIFTS[0], "no_show"),
        Stay("down", SHIFTS[0], "signed_up", 1),
        Stay("refused", SHIFTS[0], "rejected", 2),
    ]
    taken = step(waiting, SHIFTS[0], "in", clock(480), "new")
    assert taken.stay
    assert (taken.stay.key, taken.stay.status) == ("down", "open")
    assert step(waiting[:1], SHIFTS[0], "in", clock(480), "new").stay.key == "gone"  # type: ignore[union-attr]
    refused = step(waiting[2:], SHIFTS[0], "in", clock(480), "new").stay
    assert refused
    assert (refused.key, refused.ordinal) == ("new", 3)


@pytest.mark.parametrize(
    ("direction", "minute", "code"),
    [
        ("in", 360, None),
        ("in", 359, "outside_window"),
        ("in", 720 + 360, None),
        ("in", 720 + 361, "outside_window"),
        ("out", 480, "not_in"),
    ],
)
def test_the_window_of_a_shift(direction: Direction, minute: int, code: str | None) -> None:
    assert step([], SHIFTS[0], direction, clock(minute), "new").code == code


def test_going_before_coming_is_looked_at() -> None:
    stay = came(0, 500)
    for minute in (499, 500):
        taken = step([stay], SHIFTS[0], "out", clock(minute), "new")
        assert (taken.code, taken.conflict, taken.other) == ("not_in", "out_before_in", stay)


def test_two_places_at_once_are_looked_at() -> None:
    stay = came(0, 500)
    taken = step([stay], SHIFTS[2], "in", clock(665), "new")
    assert (taken.code, taken.conflict, taken.other) == ("overlap", "two_places", stay)


def test_a_forgotten_going_of_a_shift_that_is_over_keeps_nobody_out() -> None:
    forgotten = came(0, 480)
    afternoon = ShiftTimes(9, clock(780), clock(1020), cancelled=False)
    taken = step([forgotten], afternoon, "in", clock(770), "new")
    assert taken.code is None
    assert step([forgotten], afternoon, "in", clock(719), "new").code == "overlap"
    assert taken.stay
    gone = step([forgotten, taken.stay], SHIFTS[0], "out", clock(790), "other")
    assert (gone.code, gone.conflict) == (None, None)


def test_a_late_coming_of_an_earlier_shift_is_no_second_place() -> None:
    later = came(1, 725)
    opened = step([later], SHIFTS[0], "in", clock(470), "new")
    assert opened.code is None
    assert step([came(1, 719)], SHIFTS[0], "in", clock(470), "new").code == "overlap"


def test_an_end_that_nobody_took_yields_to_a_late_going() -> None:
    stay = came(0, 480)
    closed = stay.ended(assumed_end(stay), by_itself=True)
    assert (closed.minutes, closed.by_itself, closed.status) == (240, True, "pending")
    late = step([closed], SHIFTS[0], "out", clock(600), "new")
    assert late.stay
    assert (late.stay.minutes, late.stay.by_itself) == (120, False)
    confirmed = replace(closed, status="confirmed")
    taken = step([confirmed], SHIFTS[0], "out", clock(600), "new")
    assert (taken.code, taken.conflict, taken.other) == ("not_in", "late", confirmed)


def test_an_end_that_nobody_took_leaves_him_where_he_came() -> None:
    closed = came(0, 470).ended(assumed_end(came(0, 470)), by_itself=True)
    beside = replace(SHIFTS[0], id=5)
    taken = step([closed], beside, "in", clock(475), "new")
    assert (taken.code, taken.conflict, taken.other) == ("overlap", "two_places", closed)
    assert step([closed], beside, "in", clock(465), "new").code is None
    assert step([replace(closed, by_itself=False)], beside, "in", clock(475), "new").code is None


def test_a_going_after_he_was_back_belongs_to_no_forgotten_stay() -> None:
    stay = came(0, 480)
    closed = stay.ended(assumed_end(stay), by_itself=True)
    again = Stay("again", SHIFTS[0], "pending", 1, clock(730), clock(760))
    assert step([closed, again], SHIFTS[0], "out", clock(800), "new").code == "not_in"


def test_who_came_after_the_end_is_closed_when_he_came() -> None:
    stay = came(0, 800)
    assert assumed_end(stay) == clock(800)
    assert stay.ended(assumed_end(stay)).minutes == 0
