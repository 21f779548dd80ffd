"""Our section of a bundle read slowly, to check by what our statements count."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from core.checking.slow_reading import Record, SlowReader


def screenings(section: dict[str, Any]) -> Iterator[Record]:
    """Every screening counts once, and for the people who came to it."""
    for held in section.get("screenings", []):
        place = held["organisation"], held["activity"]
        yield Record("hearing_test.sessions", *place, Fraction(1))
        yield Record("hearing_test.people", *place, Fraction(held["people"]))
        yield Record("hearing_test.referred", *place, Fraction(held["referred"]))


READER = SlowReader(
    screenings,
    sums=["hearing_test.sessions", "hearing_test.people", "hearing_test.referred"],
    ratios={"hearing_test.referral_rate": ("hearing_test.referred", "hearing_test.people")},
)
