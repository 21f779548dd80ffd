"""What a punch does to the attendances of one person: pure rules, without any I/O.

An attendance is open between a coming and a going; its credited time is ``rules.credited_minutes``.
Punches arrive in any order, since devices are offline for hours: a rule therefore looks at the
time of a punch, never at the time it arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from plugins.volunteer.rules import credited_interval, credited_minutes

Direction = Literal["in", "out"]
Code = Literal[
    "unknown_volunteer",
    "unknown_shift",
    "already_in",
    "not_in",
    "overlap",
    "outside_window",
    "cancelled",
]
# The rule by which minutes are credited: bundle.md, version 1.
POLICY = "bundle-1"
EARLIEST = timedelta(hours=2)
LATEST = timedelta(hours=6)
# Who is expected, or was given up too soon, and comes after all.
EXPECTED = ("signed_up", "no_show")
# Time of these is, or may become, credited.
CLOSED = ("pending", "confirmed")


class ShiftTimes(msgspec.Struct, frozen=True):
    """A shift as far as punches ask for it."""

    id: int
    starts: datetime
    ends: datetime
    cancelled: bool = False

    def takes(self, at: datetime) -> bool:
        """Whether somebody may come or go then: from two hours before until six hours after."""
        return self.starts - EARLIEST <= at <= self.ends + LATEST


class Stay(msgspec.Struct, frozen=True):
    """An attendance of a person, in whichever campaign. ``id`` is None before it is stored."""

    key: str
    shift: ShiftTimes
    status: str
    ordinal: int = 0
    came: datetime | None = None
    went: datetime | None = None
    by_itself: bool = False
    id: int | None = None

    @property
    def credited(self) -> tuple[datetime, datetime] | None:
        """The time that counts or may come to count."""
        if self.status not in CLOSED:
            return None
        return credited_interval(self.came, self.went, self.shift.starts, self.shift.ends)

    @property
    def minutes(self) -> int:
        """Credited minutes, whatever the status."""
        return credited_minutes(self.came, self.went, self.shift.starts, self.shift.ends)

    @property
    def place(self) -> tuple[int, int]:
        """What tells a person's attendances apart."""
        return self.shift.id, self.ordinal

    def covers(self, at: datetime) -> bool:
        """Whether the person was there then, be it before the shift began."""
        times = self.came, self.went
        return self.status in CLOSED and None not in times and times[0] <= at < times[1]  # type: ignore[operator]

    def ended(self, at: datetime, *, by_itself: bool = False) -> Stay:
        """The same with its end taken: it waits to be confirmed."""
        return replace(self, went=at, status="pending", by_itself=by_itself)


class Step(msgspec.Struct, frozen=True):
    """What a punch comes to: refused with a ``code``, or ``stay`` as it is afterwards.

    ``conflict`` says what somebody has to look at, ``other`` which attendance it clashes with.
    """

    code: Code | None
    stay: Stay | None = None
    conflict: str | None = None
    other: Stay | None = None


def step(
    stays: Sequence[Stay], shift: ShiftTimes, direction: Direction, at: datetime, new_key: str
) -> Step:
    """The punch of a person with these attendances; ``new_key`` is that of one to be opened."""
    if shift.cancelled:
        return Step("cancelled")
    if not shift.takes(at):
        return Step("outside_window")
    here = [stay for stay in stays if stay.shift.id == shift.id]
    if direction == "out":
        return _go(stays, here, at)
    elsewhere = [stay for stay in stays if stay.shift.id != shift.id]
    return _come(here, elsewhere, shift, at, new_key)


def _come(
    here: Sequence[Stay], elsewhere: Sequence[Stay], shift: ShiftTimes, at: datetime, new_key: str
) -> Step:
    if any(stay.status == "open" or stay.covers(at) for stay in here):
        return Step("already_in")
    for stay in elsewhere:
        # Whoever forgot to check out of a shift that is over has left it all the same.
        still = stay.status == "open" and at < stay.shift.ends
        still = still and not _came_after(stay, shift, at)
        # Whose end was only assumed was still open when this coming was taken.
        if still or _within(stay, at) or (stay.by_itself and stay.covers(at)):
            return Step("overlap", conflict="two_places", other=stay)
    waiting = [stay for stay in here if stay.status in EXPECTED]
    if waiting:
        chosen = min(waiting, key=lambda stay: (EXPECTED.index(stay.status), stay.ordinal))
        opened = replace(chosen, status="open", came=at, went=None, by_itself=False)
    else:
        ordinal = max((stay.ordinal for stay in here), default=-1) + 1
        opened = Stay(new_key, shift, "open", ordinal, at)
    return Step(None, opened)


def _go(stays: Sequence[Stay], here: Sequence[Stay], at: datetime) -> Step:
    for stay in here:
        if stay.status == "open":
            if stay.came is not None and at <= stay.came:
                return Step("not_in", conflict="out_before_in", other=stay)
            return _ended(stays, stay, at)
    # An end that nobody took yields to the one that somebody took and sent late.
    assumed = [each for each in here if each.by_itself and each.came and each.came < at]
    if not assumed:
        return Step("not_in")
    stay = max(assumed, key=lambda each: (each.came, each.ordinal))
    if any(each.came and stay.came and stay.came < each.came < at for each in here):
        return Step("not_in")  # he was back by then: the going belongs to no stay
    if stay.status != "pending":
        return Step("not_in", conflict="late", other=stay)
    return _ended(stays, stay, at)


def _ended(stays: Sequence[Stay], stay: Stay, at: datetime) -> Step:
    closed = stay.ended(at)
    other = clashing(closed, stays)
    return Step(None, closed, "two_places" if other else None, other)


def _within(stay: Stay, at: datetime) -> bool:
    interval = stay.credited
    return interval is not None and interval[0] <= at < interval[1]


def _came_after(stay: Stay, shift: ShiftTimes, at: datetime) -> bool:
    """Whether an open stay began later, when the shift was over: then it is no second place."""
    return stay.came is not None and at < stay.came and shift.ends <= stay.came


def clashing(stay: Stay, stays: Iterable[Stay]) -> Stay | None:
    """One of the others whose credited time shares more than a moment with the stay's."""
    mine = stay.credited
    if mine is None:
        return None
    for other in stays:
        theirs = other.credited
        if (
            theirs
            and other.place != stay.place
            and max(mine[0], theirs[0]) < min(mine[1], theirs[1])
        ):
            return other
    return None


def assumed_end(stay: Stay) -> datetime:
    """When an open stay closes by itself: the shift's end, or the coming where that was later."""
    return max(stay.shift.ends, stay.came) if stay.came else stay.shift.ends


def is_forgotten(stay: Stay, now: datetime) -> bool:
    """Whether an open stay's end was forgotten: six hours after the shift's end."""
    return stay.status == "open" and stay.shift.ends + LATEST < now
