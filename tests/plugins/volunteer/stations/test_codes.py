"""Codes of stations: shown for half a minute, good for one more; tickets hold three minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import privacy
from core.privacy import KeyRing
from plugins.volunteer.stations import codes

NOON = datetime(2026, 5, 17, 4, 0, tzinfo=UTC)
SHIFTS = st.integers(1, 10**9)
SECONDS = st.integers(0, 59)


@pytest.fixture(autouse=True, scope="module")
def ring() -> None:
    privacy.use(KeyRing([bytes(range(32))]))


@given(SHIFTS, SECONDS, st.integers(0, 120))
def test_a_code_holds_for_its_step_and_the_next(shift: int, second: int, later: int) -> None:
    shown = NOON + timedelta(seconds=second)
    seen = shown + timedelta(seconds=later)
    held = codes.is_current(shift, codes.code(shift, shown), seen)
    assert held == (later < codes.seconds_left(shown) + codes.STEP_SECONDS)
    assert not codes.is_current(shift + 1, codes.code(shift, shown), shown)


def test_a_code_changes_every_thirty_seconds_and_is_not_good_before_its_time() -> None:
    shown = [codes.code(7, NOON + timedelta(seconds=each)) for each in range(90)]
    assert [len(set(shown[start : start + 30])) for start in (0, 30, 60)] == [1, 1, 1]
    assert len(set(shown)) == 3
    assert codes.seconds_left(NOON) == 30
    assert codes.seconds_left(NOON + timedelta(seconds=29)) == 1
    assert not codes.is_current(7, shown[30], NOON)
    assert codes.is_current(7, f" {shown[0].lower()} ", NOON)
    assert not codes.is_current(7, "", NOON)
    assert not codes.is_current(7, "签到", NOON)


@given(SHIFTS, st.integers(0, 400))
def test_a_ticket_tells_shift_and_moment_for_three_minutes(shift: int, later: int) -> None:
    given_out = codes.ticket(shift, NOON)
    read = codes.read_ticket(given_out, NOON + timedelta(seconds=later))
    assert read == (codes.Ticket(shift, NOON) if later <= 180 else None)


def test_a_ticket_that_somebody_wrote_is_none() -> None:
    real = codes.ticket(7, NOON)
    _, at, stamp = real.split(".")
    later = str(int(at) + 60)
    for forged in (
        f"8.{at}.{stamp}",
        f"7.{later}.{stamp}",
        real[:-1],
        real + "A",
        "",
        "签到",
        "...",
    ):
        assert codes.read_ticket(forged, NOON + timedelta(seconds=70)) is None, forged
    assert codes.read_ticket(real, NOON - timedelta(seconds=1)) is None
    assert codes.code(7, NOON) not in real
