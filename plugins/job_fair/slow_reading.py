"""The section of a bundle read slowly, straight from the law: what our statements are held to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from core.checking.slow_reading import Record, SlowReader

WITH_INTENT = ("intent", "signed", "hired")


def records(section: dict[str, Any]) -> Iterator[Record]:
    """Every record of the section, metric by metric."""
    for fair in section.get("fairs", []):
        place = fair["organisation"], fair["activity"]
        yield Record("job_fair.fairs", *place, Fraction(1))
        for position in fair.get("positions", []):
            yield Record("job_fair.employers", *place, Fraction(1), position["employer"])
            yield Record("job_fair.job_types", *place, Fraction(1), position["job_type"])
            yield Record("job_fair.openings", *place, Fraction(position["openings"]))
        for seeker in fair.get("attendances", []):
            yield Record("job_fair.attendees", *place, Fraction(1), seeker)
            yield Record("job_fair.attendances", *place, Fraction(1))
        for application in fair.get("applications", []):
            yield Record("job_fair.applications", *place, Fraction(1))
            if application["stage"] in WITH_INTENT:
                yield Record("job_fair.intents", *place, Fraction(1), application["seeker"])
            if application["stage"] == "hired":
                yield Record("job_fair.hired", *place, Fraction(1), application["seeker"])


READER = SlowReader(
    records,
    sums=["job_fair.fairs", "job_fair.openings", "job_fair.attendances", "job_fair.applications"],
    distincts=[
        "job_fair.employers",
        "job_fair.job_types",
        "job_fair.attendees",
        "job_fair.intents",
        "job_fair.hired",
    ],
)
