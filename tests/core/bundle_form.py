"""Every member of a bundle, as the exchange format states it, and what may not stand there.

Written from the format's description and not from the code that checks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# One object of each kind in bundle_samples.small(), with its members. A member that may be left out
# has "~" behind its kind, one that may be null "?".
FORM = {
    "": {
        "format": "word",
        "version": "integer",
        "organisations": "list",
        "campaign": "object",
        "metrics": "list~",
        "targets": "list~",
        "activities": "list~",
        "reported": "list~",
        "plugins": "object~",
    },
    "/organisations/15": {
        "key": "key",
        "name": "text",
        "level": "word",
        "parent": "reference?",
    },
    "/campaign": {
        "key": "key",
        "observance": "observance?",
        "year": "integer",
        "organisation": "reference",
        "theme": "text~",
        "starts_on": "day",
        "ends_on": "day",
    },
    "/metrics/3": {"key": "key", "label": "text", "unit": "text", "aggregation": "word"},
    "/metrics/4": {"numerator": "reference", "denominator": "reference"},
    "/targets/0": {"metric": "reference", "organisation": "reference", "value": "decimal"},
    "/activities/0": {
        "key": "key",
        "title": "text~",
        "kind": "word",
        "organisation": "reference",
        "starts_at": "moment",
        "ends_at": "moment",
        "place": "text~",
        "accessibility": "list~",
        "accessibility/0": "text~",
    },
    "/reported/0": {
        "key": "key",
        "metric": "reference",
        "organisation": "reference",
        "activity": "reference?",
        "value": "decimal",
        "basis": "word",
        "approximate": "flag~",
        "source": "text~",
    },
    "/plugins": {
        "condolence": "object~",
        "job_fair": "object~",
        "volunteer": "object~",
        "publicity": "object~",
    },
    "/plugins/condolence": {"recipients": "list~", "rounds": "list~"},
    "/plugins/condolence/recipients/5": {
        "key": "key",
        "kind": "word",
        "name": "text",
        "organisation": "reference",
        "members": "integer~",
    },
    "/plugins/condolence/rounds/0": {
        "key": "key",
        "occasion": "text",
        "organisation": "reference",
        "activity": "reference?",
        "visited_on": "day",
        "funder": "text~",
        "lines": "list~",
    },
    "/plugins/condolence/rounds/0/lines/0": {
        "recipient": "reference",
        "cash": "money",
        "status": "word",
        "goods": "list~",
    },
    "/plugins/condolence/rounds/0/lines/0/goods/0": {
        "item": "text",
        "quantity": "integer",
        "unit": "text",
        "unit_value": "money",
    },
    "/plugins/job_fair": {"employers": "list~", "seekers": "list~", "fairs": "list~"},
    "/plugins/job_fair/employers/5": {"key": "key", "name": "text"},
    "/plugins/job_fair/seekers/5": {"key": "key", "name": "text", "organisation": "reference"},
    "/plugins/job_fair/fairs/0": {
        "key": "key",
        "activity": "reference?",
        "organisation": "reference",
        "mode": "word",
        "held_on": "day",
        "positions": "list~",
        "attendances": "list~",
        "attendances/0": "reference~",
        "applications": "list~",
    },
    "/plugins/job_fair/fairs/0/positions/0": {
        "key": "key",
        "employer": "reference",
        "title": "text~",
        "job_type": "text",
        "openings": "integer",
        "accommodations": "list~",
        "accommodations/0": "text~",
    },
    "/plugins/job_fair/fairs/0/applications/0": {
        "seeker": "reference",
        "position": "reference",
        "stage": "word",
    },
    "/plugins/volunteer": {
        "volunteers": "list~",
        "shifts": "list~",
        "attendances": "list~",
        "star_scheme": "scheme",
    },
    "/plugins/volunteer/volunteers/5": {
        "key": "key",
        "name": "text",
        "organisation": "reference",
    },
    "/plugins/volunteer/shifts/5": {
        "key": "key",
        "activity": "reference?",
        "organisation": "reference",
        "title": "text~",
        "starts_at": "moment",
        "ends_at": "moment",
        "capacity": "integer",
    },
    "/plugins/volunteer/attendances/0": {
        "volunteer": "reference",
        "shift": "reference",
        "checked_in_at": "moment?",
        "checked_out_at": "moment?",
        "status": "word",
    },
    "/plugins/publicity": {"items": "list~", "materials": "list~", "outreach": "list~"},
    "/plugins/publicity/items/5": {
        "key": "key",
        "kind": "word",
        "title": "text~",
        "outlet": "text",
        "outlet_level": "word",
        "published_on": "day",
        "url": "text?",
        "reprint_of": "reference?",
        "organisation": "reference",
    },
    "/plugins/publicity/materials/0": {
        "key": "key",
        "kind": "word",
        "quantity": "integer",
        "activity": "reference?",
        "organisation": "reference",
        "on": "day",
    },
    "/plugins/publicity/outreach/0": {
        "key": "key",
        "organisation": "reference",
        "activity": "reference?",
        "people": "integer",
        "on": "day",
    },
}
LONG_KEY, LONG_TEXT = "k" * 65, "长" * 501
KEYS = [("", "value"), ("a\n", "value"), ("\na", "value"), ("a b", "value"), ("a/b", "value")]
KEYS += [("键", "value"), ("a\x00", "value"), ("é", "value"), (LONG_KEY, "too_long")]
DECIMALS = [("", "value"), ("-1", "value"), ("+1", "value"), ("1e3", "value"), ("1.", "value")]
DECIMALS += [(".5", "value"), (" 1", "value"), ("1\n", "value"), ("1,000", "value")]
DECIMALS += [("１２", "value"), ("٣", "value"), ("NaN", "value"), ("Infinity", "value")]
DECIMALS += [("0x10", "value"), ("1_000", "value"), ("1" * 501, "too_long")]
MOMENTS = [
    "2026-02-20",
    "2026-02-20T08:00:00",
    "2026-02-20T24:00:00+08:00",
    "2026-02-30T08:00:00+08:00",
    "2026-02-20T08:00:00+25:00",
    "2026-02-20T08:00:00-24:00",
    "0000-02-20T08:00:00+08:00",
    "0001-01-01T00:00:00+08:00",
    "9999-12-31T23:59:59-01:00",
    "2026-02-20T08:60:00+08:00",
    "2026-02-20T08:00:60+08:00",
    "2026-13-20T08:00:00+08:00",
    "20260220T080000+0800",
    "2026-02-20T08+08:00",
    "2026-W08-5T08:00:00+08:00",
    "２０２６-02-20T08:00:00+08:00",
    "+2026-02-20T08:00:00+08:00",
    "2026-02-20 08:00:00+08:00",
    "2026-02-20T08:00:00+08:00\n",
    "",
    "明天上午",
]
DAYS = [
    "2026-02-30",
    "0000-01-01",
    "2026-13-01",
    "2026-2-3",
    "20260203",
    "2026-W08-5",
    "2026-034",
    "2026/02/03",
    "2026-02-20T00:00:00+08:00",
    "10000-01-01",
    "２０２６-02-03",
    "",
    " 2026-02-03",
    "2026-02-03\n",
]
# Values that are of the right type and wrong all the same, with the code each is refused by.
WRONG: dict[str, list[tuple[Any, str]]] = {
    "key": KEYS,
    "reference": [*KEYS, ("nobody", "unknown_reference")],
    "text": [(LONG_TEXT, "too_long"), ("a\x00b", "value"), ("\ud800", "value"), ("\x1b", "value")],
    "observance": [*KEYS, ("knitting-day", "unknown_observance")],
    "word": [("", "value"), ("x y", "value"), ("总", "value"), ("a\x00", "value")],
    "integer": [(-1, "value"), (10**12 + 1, "value"), (10**400, "value")],
    "decimal": DECIMALS,
    "money": [*DECIMALS, ("1.234", "value"), ("1.000", "value"), ("1000000000000.01", "value")],
    "day": [(text, "value") for text in DAYS],
    "moment": [(text, "value") for text in MOMENTS],
    "flag": [],
    "list": [],
    "object": [],
    "scheme": [("street", "value"), ("", "value")],
}
TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "flag": (bool,),
    "list": (list,),
    "object": (dict,),
    "scheme": (str, dict),
}
OF_EVERY_TYPE: list[Any] = [None, True, 7, 7.5, 1e3, "x", [], ["x"], {}, {"x": 1}]


@dataclass(frozen=True, slots=True)
class Member:
    """A member at its place in the small bundle."""

    pointer: str
    kind: str
    required: bool
    nullable: bool

    def wrong_types(self) -> list[Any]:
        """Values of every JSON type but the member's own."""
        own = TYPES.get(self.kind, (str,))
        allowed = (*own, type(None)) if self.nullable else own
        return [value for value in OF_EVERY_TYPE if type(value) not in allowed]


def members() -> list[Member]:
    """All members of all kinds of object."""
    return [
        Member(f"{place}/{name}", kind.rstrip("~?"), "~" not in kind, "?" in kind)
        for place, form in FORM.items()
        for name, kind in form.items()
    ]
