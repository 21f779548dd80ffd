"""The section of a bundle read slowly, straight from the law: what our statements are held to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

from core.checking.slow_reading import Record, SlowReader


def records(section: dict[str, Any]) -> Iterator[Record]:
    """Every record of the section, metric by metric."""
    shifts = {shift["key"]: shift for shift in section.get("shifts", [])}
    for attendance in section.get("attendances", []):
        if attendance["status"] != "confirmed":
            continue
        shift = shifts[attendance["shift"]]
        place = shift["organisation"], shift["activity"]
        start = max(map(datetime.fromisoformat, (shift["starts_at"], attendance["checked_in_at"])))
        end = min(map(datetime.fromisoformat, (shift["ends_at"], attendance["checked_out_at"])))
        minutes = max(0, int((end - start).total_seconds()) // 60)
        yield Record("volunteer.volunteers", *place, Fraction(1), attendance["volunteer"])
        yield Record("volunteer.attendances", *place, Fraction(1))
        yield Record("volunteer.hours", *place, Fraction(minutes, 60))
        if shift["activity"] is not None:
            yield Record("volunteer.activities", *place, Fraction(1), shift["activity"])


READER = SlowReader(
    records,
    sums=["volunteer.attendances", "volunteer.hours"],
    distincts=["volunteer.volunteers", "volunteer.activities"],
    places={"volunteer.hours": 1},
)
