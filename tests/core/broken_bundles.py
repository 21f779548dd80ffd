"""Bundles with one defect each, which no single member shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.core.bundle_samples import get, put, remove, small

Change = tuple[str, Any]
REMOVED, SAME_AS = object(), "=="


@dataclass(frozen=True, slots=True)
class Case:
    """``changes`` put values at pointers of the small bundle; a value ``==/pointer`` is a copy."""

    name: str
    changes: tuple[Change, ...]
    expected: list[tuple[str, str]]

    def document(self) -> Any:
        """The broken bundle."""
        document = small()
        for pointer, value in self.changes:
            if value is REMOVED:
                remove(document, pointer)
            elif isinstance(value, str) and value.startswith(SAME_AS):
                put(document, pointer, json.loads(json.dumps(get(document, value[2:]))))
            else:
                put(document, pointer, value)
        return document


def case(name: str, *changes: Change, expect: tuple[str, str] | list[tuple[str, str]]) -> Case:
    """A case; ``expect`` is one fault or all of them in order."""
    return Case(name, changes, expect if isinstance(expect, list) else [expect])


PLUGINS = "/plugins/"
ROUND = "/plugins/condolence/rounds/0"
FAIR = "/plugins/job_fair/fairs/0"
SHIFTS = "/plugins/volunteer/shifts"
SERVED = "/plugins/volunteer/attendances"
ITEMS = "/plugins/publicity/items"

TREE = [
    case(
        "an office above itself",
        ("/organisations/15/parent", "c2t3"),
        expect=("/organisations/15/parent", "cycle"),
    ),
    case(
        "two offices above each other",
        ("/organisations/11/parent", "c2t3"),
        expect=[
            ("/organisations/11/parent", "cycle"),
            ("/organisations/15/parent", "cycle"),
        ],
    ),
    case(
        "two roots",
        ("/organisations/15/parent", None),
        expect=("/organisations/15/parent", "duplicate"),
    ),
    case(
        "no root",
        ("/organisations/0/parent", "c0"),
        expect=[
            ("/organisations/0/parent", "cycle"),
            ("/organisations/1/parent", "cycle"),
            ("/campaign/organisation", "value"),
        ],
    ),
    case(
        "a town below a town",
        ("/organisations/15/parent", "c2t2"),
        expect=("/organisations/15/level", "level"),
    ),
    case(
        "a province below a county",
        ("/organisations/15/level", "province"),
        expect=("/organisations/15/level", "level"),
    ),
    case(
        "a campaign of an office below",
        ("/campaign/organisation", "c0"),
        expect=("/campaign/organisation", "value"),
    ),
]
TIMES = [
    case(
        "a campaign that ends before it starts",
        ("/campaign/ends_on", "2026-02-19"),
        expect=("/campaign/ends_on", "ends_before_starts"),
    ),
    case(
        "an activity that ends before it starts, in another zone",
        ("/activities/0/ends_at", "2026-02-28T00:59:59Z"),
        expect=("/activities/0/ends_at", "ends_before_starts"),
    ),
    case(
        "a shift that ends before it starts",
        (f"{SHIFTS}/5/ends_at", "2026-02-25T07:59:59+08:00"),
        expect=(f"{SHIFTS}/5/ends_at", "ends_before_starts"),
    ),
    case(
        "somebody out before in, though it does not count",
        (f"{SERVED}/0/checked_out_at", "2026-02-20T07:42:59+08:00"),
        expect=(f"{SERVED}/0/checked_out_at", "ends_before_starts"),
    ),
    case(
        "confirmed without a time in",
        (f"{SERVED}/1/checked_in_at", None),
        expect=(f"{SERVED}/1/checked_in_at", "missing"),
    ),
    case(
        "confirmed without a time out",
        (f"{SERVED}/1/checked_out_at", None),
        expect=(f"{SERVED}/1/checked_out_at", "missing"),
    ),
    case(
        "one volunteer in two places at once",
        (f"{SERVED}/2/volunteer", "v00323"),
        (f"{SHIFTS}/1/starts_at", "2026-02-20T08:00:00+08:00"),
        (f"{SERVED}/2/checked_in_at", "2026-02-20T11:30:31+08:00"),
        expect=(f"{SERVED}/2", "overlap"),
    ),
]
FIGURES = [
    case(
        "a ratio of a ratio",
        ("/metrics/-", {**get(small(), "/metrics/4"), "key": "q", "numerator": "hearing.rate"}),
        expect=("/metrics/5/numerator", "value"),
    ),
    case(
        "a ratio under a ratio",
        ("/metrics/-", {**get(small(), "/metrics/4"), "key": "q", "denominator": "hearing.rate"}),
        expect=("/metrics/5/denominator", "value"),
    ),
    case(
        "a ratio of itself",
        ("/metrics/4/numerator", "hearing.rate"),
        expect=("/metrics/4/numerator", "value"),
    ),
    case(
        "a ratio without its parts",
        ("/metrics/3/aggregation", "ratio"),
        expect=[("/metrics/3/numerator", "missing"), ("/metrics/3/denominator", "missing")],
    ),
    case(
        "a sum with parts",
        ("/metrics/4/aggregation", "sum"),
        expect=[("/metrics/4/denominator", "unknown_key"), ("/metrics/4/numerator", "unknown_key")],
    ),
    case(
        "a reported ratio",
        ("/reported/0/metric", "hearing.rate"),
        expect=("/reported/0/metric", "value"),
    ),
    case(
        "a plugin's metric declared again",
        ("/metrics/3/key", "condolence.cash"),
        expect=("/metrics/3/key", "duplicate"),
    ),
]
WORDS = [
    case("another format", ("/format", "campaign"), expect=("/format", "value")),
    case("a version to come", ("/version", 2), expect=("/version", "value")),
    case("version 1.0", ("/version", 1.0), expect=("/version", "type")),
    case("a version in words", ("/version", "1"), expect=("/version", "type")),
    case("a version that is true", ("/version", True), expect=("/version", "type")),
    case(
        "an unknown observance",
        ("/campaign/observance", "knitting-day"),
        expect=("/campaign/observance", "unknown_observance"),
    ),
    case(
        "neither observance nor title",
        ("/campaign/observance", None),
        expect=("/campaign/title", "missing"),
    ),
    case(
        "no observance and an empty title",
        ("/campaign/observance", None),
        ("/campaign/title", ""),
        expect=("/campaign/title", "missing"),
    ),
    case("a year before ours", ("/campaign/year", 1899), expect=("/campaign/year", "value")),
    case(
        "an unknown plugin",
        (PLUGINS + "knitting", {"anything": [1, 2]}),
        expect=("/plugins/knitting", "unknown_plugin"),
    ),
    case(
        "the foundation of activities as a plugin",
        (PLUGINS + "events", {}),
        expect=("/plugins/events", "unknown_plugin"),
    ),
    case(
        "stars that cost the same",
        ("/plugins/volunteer/star_scheme", {"period": "year", "hours": [10, 10]}),
        expect=("/plugins/volunteer/star_scheme/hours/1", "value"),
    ),
    case(
        "stars of no period",
        ("/plugins/volunteer/star_scheme", {"hours": [10]}),
        expect=("/plugins/volunteer/star_scheme/period", "missing"),
    ),
    case(
        "a reprint of itself",
        (f"{ITEMS}/5/reprint_of", "m00390"),
        expect=(f"{ITEMS}/5/reprint_of", "cycle"),
    ),
    case(
        "an application for another fair's position",
        (f"{FAIR}/applications/0/position", "p00221"),
        expect=(f"{FAIR}/applications/0/position", "unknown_reference"),
    ),
]
CASES = [*TREE, *TIMES, *FIGURES, *WORDS]
