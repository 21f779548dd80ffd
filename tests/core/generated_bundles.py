"""Random campaigns for properties: small trees of offices, with records of every built-in plugin.

The offices are always named ``o0`` (the root), ``o1``, … with each below one of a lesser number, so
that any two generated trees fit into one database without a cycle.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tests.core.slow_readers import DISTINCTS, SUMS

LEVELS = ("nation", "province", "city", "county", "town", "community")
MORNING = datetime.fromisoformat("2022-05-01T08:00:00+08:00")
OWN_METRICS = (
    {"key": "own.sum", "label": "甲", "unit": "件", "aggregation": "sum"},
    {"key": "own.distinct", "label": "乙", "unit": "人", "aggregation": "distinct"},
    {"key": "own.last", "label": "丙", "unit": "人", "aggregation": "last"},
    {"key": "own.max", "label": "丁", "unit": "元", "aggregation": "max"},
    {"key": "own.none", "label": "戊", "unit": "%", "aggregation": "none"},
)
OWN = [metric["key"] for metric in OWN_METRICS]
# Metrics under which small campaigns do have records, and all that can be reported.
LIKELY = [metric for metric in SUMS + DISTINCTS if not metric.startswith("publicity.")]
COUNTED = SUMS + DISTINCTS + OWN
metrics = st.one_of(st.sampled_from(LIKELY), st.sampled_from(OWN), st.sampled_from(COUNTED))

Draw = Any
Bundle = dict[str, Any]


def keys(letter: str, most: int) -> st.SearchStrategy[list[str]]:
    """Keys such as ``r0``, ``r1``: none to ``most``."""
    return st.integers(0, most).map(lambda count: [f"{letter}{index}" for index in range(count)])


counts = st.integers(0, 9)
money = st.sampled_from(["0", "0.01", "0.50", "60", "99.99", "500.00"])
decimals = st.one_of(
    st.integers(0, 4).map(str),
    st.integers(0, 40).map(str),
    st.sampled_from(["0.05", "0.25", "12.50", "007.5", "0.333", "100000000000000.1"]),
)


@st.composite
def trees(draw: Draw) -> list[Bundle]:
    """One to six offices."""
    offices: list[Bundle] = [{"key": "o0", "name": "零", "level": "nation", "parent": None}]
    for index in range(1, draw(st.integers(1, 6))):
        able = [office for office in offices if office["level"] != LEVELS[-1]]
        above = draw(st.sampled_from(able))
        level = LEVELS[LEVELS.index(above["level"]) + 1]
        offices.append(
            {"key": f"o{index}", "name": f"机构{index}", "level": level, "parent": above["key"]}
        )
    return offices


class Place:
    """Where records may happen: any office, any activity or none."""

    def __init__(self, offices: list[str], activities: list[str]) -> None:
        self.office = st.sampled_from(offices)
        self.activity = st.sampled_from([None, *activities])


@st.composite
def condolence(draw: Draw, place: Place) -> Bundle:
    """Recipients of each kind, and rounds with goods."""
    recipients = draw(keys("r", 4))
    goods = st.fixed_dictionaries(
        {
            "item": st.sampled_from("米油"),
            "quantity": counts,
            "unit": st.just("袋"),
            "unit_value": money,
        }
    )
    line = st.fixed_dictionaries(
        {
            "recipient": st.sampled_from(recipients or ["-"]),
            "cash": money,
            "status": st.sampled_from(["planned", "delivered", "delivered", "returned"]),
            "goods": st.lists(goods, max_size=2),
        }
    )
    lines = st.lists(
        line, max_size=4 if recipients else 0, unique_by=lambda line: line["recipient"]
    )
    return {
        "recipients": [
            {
                "key": key,
                "kind": draw(st.sampled_from(["household", "person", "institution"])),
                "name": f"对象{key}",
                "organisation": draw(place.office),
            }
            for key in recipients
        ],
        "rounds": [
            {
                "key": key,
                "occasion": "走访",
                "organisation": draw(place.office),
                "activity": draw(place.activity),
                "visited_on": "2022-05-12",
                "funder": "",
                "lines": draw(lines),
            }
            for key in draw(keys("n", 3))
        ],
    }


@st.composite
def fairs(draw: Draw, place: Place, key: str, employers: list[str], seekers: list[str]) -> Bundle:
    """One fair; applications only where there are a position and a seeker."""
    positions = [f"{key}p{index}" for index in range(draw(st.integers(0, 3)) if employers else 0)]
    stages = ["applied", "interviewed", "intent", "signed", "hired", "rejected", "withdrawn"]
    application = st.fixed_dictionaries(
        {
            "seeker": st.sampled_from(seekers or ["-"]),
            "position": st.sampled_from(positions or ["-"]),
            "stage": st.sampled_from(stages),
        }
    )
    applications = st.lists(
        application,
        max_size=4 if positions and seekers else 0,
        unique_by=lambda item: (item["seeker"], item["position"]),
    )
    return {
        "key": key,
        "activity": draw(place.activity),
        "organisation": draw(place.office),
        "mode": draw(st.sampled_from(["onsite", "online"])),
        "held_on": "2022-05-10",
        "positions": [
            {
                "key": position,
                "employer": draw(st.sampled_from(employers)),
                "title": "岗位",
                "job_type": draw(st.sampled_from(["包装工", "客服", "客服 "])),
                "openings": draw(counts),
                "accommodations": [],
            }
            for position in positions
        ],
        "attendances": draw(st.lists(st.sampled_from(seekers or ["-"]), unique=True, max_size=3))
        if seekers
        else [],
        "applications": draw(applications),
    }


@st.composite
def job_fair(draw: Draw, place: Place) -> Bundle:
    """Employers, seekers, fairs."""
    employers, seekers = draw(keys("e", 3)), draw(keys("s", 4))
    return {
        "employers": [{"key": key, "name": f"公司{key}"} for key in employers],
        "seekers": [
            {"key": key, "name": f"求职者{key}", "organisation": draw(place.office)}
            for key in seekers
        ],
        "fairs": [draw(fairs(place, key, employers, seekers)) for key in draw(keys("j", 2))],
    }


@st.composite
def attendances(draw: Draw, volunteer: str, shift: Bundle) -> Bundle:
    """Times to the second around the shift; without any where nothing is confirmed."""
    start = datetime.fromisoformat(shift["starts_at"])
    came = start + timedelta(seconds=draw(st.integers(-3_600, 20_000)))
    status = draw(st.sampled_from(["confirmed", "confirmed", "pending", "rejected", "no_show"]))
    went: datetime | None = came + timedelta(seconds=draw(st.integers(0, 20_000)))
    if status == "no_show":
        came, went = start, None
    return {
        "volunteer": volunteer,
        "shift": shift["key"],
        "checked_in_at": came.isoformat(),
        "checked_out_at": went.isoformat() if went else None,
        "status": status,
    }


@st.composite
def volunteer(draw: Draw, place: Place) -> Bundle:
    """Shifts on days of their own, so that nobody is in two places at once."""
    volunteers = draw(keys("v", 3))
    shifts = [
        {
            "key": key,
            "activity": draw(place.activity),
            "organisation": draw(place.office),
            "title": "引导",
            "starts_at": (MORNING + timedelta(days=index)).isoformat(),
            "ends_at": (
                MORNING + timedelta(days=index, minutes=draw(st.integers(0, 300)))
            ).isoformat(),
            "capacity": 20,
        }
        for index, key in enumerate(draw(keys("h", 3)))
    ]
    return {
        "volunteers": [
            {"key": key, "name": f"志愿者{key}", "organisation": draw(place.office)}
            for key in volunteers
        ],
        "shifts": shifts,
        "attendances": [
            draw(attendances(key, shift))
            for shift in shifts
            for key in volunteers
            if draw(st.booleans())
        ],
        "star_scheme": "street-annual",
    }


@st.composite
def publicity(draw: Draw, place: Place) -> Bundle:
    """Items of which some are reprints of an earlier one, materials, outreach."""
    items = draw(keys("m", 4))
    pages = draw(st.permutations(range(4)))
    materials = ["banner", "leaflet", "booklet", "poster", "slogan", "sms"]
    return {
        "items": [
            {
                "key": key,
                "kind": draw(st.sampled_from(["article", "tv", "radio", "video", "brief"])),
                "title": "报道",
                "outlet": "某日报",
                "outlet_level": "city",
                "published_on": "2022-05-16",
                "url": f"https://example.org/{pages[index]}" if draw(st.booleans()) else None,
                "reprint_of": draw(st.sampled_from([None, *items[:index]])),
                "organisation": draw(place.office),
            }
            for index, key in enumerate(items)
        ],
        "materials": [
            {
                "key": key,
                "kind": draw(st.sampled_from(materials)),
                "quantity": draw(counts),
                "activity": draw(place.activity),
                "organisation": draw(place.office),
                "on": "2022-05-15",
            }
            for key in draw(keys("b", 3))
        ],
        "outreach": [
            {
                "key": key,
                "organisation": draw(place.office),
                "activity": draw(place.activity),
                "people": draw(counts),
                "on": "2022-05-15",
            }
            for key in draw(keys("o", 2))
        ],
    }


@st.composite
def reported(draw: Draw, place: Place, few: list[str]) -> list[Bundle]:
    """Reported figures of a few metrics, with at most one total a metric, office and activity."""
    rows: list[Bundle] = []
    totals: set[tuple[str, str, str | None]] = set()
    for index in range(draw(st.integers(0, 14))):
        value = draw(decimals)
        row = {
            # By code point f10 stands before f9, and capitals before all: the law's order of keys.
            "key": draw(st.sampled_from(["f", "F", "_"])) + str(index),
            "metric": draw(st.sampled_from(few)),
            "organisation": draw(place.office),
            "activity": draw(place.activity),
            "value": value,
            "basis": draw(st.sampled_from(["total", "additional"])),
            # The law does not say whether an approximate nothing contributes to a figure.
            "approximate": Fraction(value) > 0 and draw(st.booleans()),
            "source": "来源",
        }
        identity = (row["metric"], row["organisation"], row["activity"])
        if row["basis"] == "total" and identity in totals:
            row["basis"] = "additional"
        elif row["basis"] == "total":
            totals.add(identity)
        rows.append(row)
    return rows


@st.composite
def bundles(draw: Draw) -> Bundle:
    """A whole campaign, always of the key ``generated``."""
    offices = draw(trees())
    names = [office["key"] for office in offices]
    activities = draw(keys("a", 3))
    place = Place(names, activities)
    few = draw(st.lists(metrics, min_size=2, max_size=5, unique=True))
    ratio_parts = st.sampled_from(few)
    ratios = [
        {
            "key": f"own.ratio{index}",
            "label": f"比率{index}",
            "unit": "%",
            "aggregation": "ratio",
            "numerator": draw(ratio_parts),
            "denominator": draw(ratio_parts),
        }
        for index in range(2)
    ]
    aims = st.tuples(st.sampled_from([*few, "own.ratio0"]), place.office)
    sections = {
        "condolence": condolence(place),
        "job_fair": job_fair(place),
        "volunteer": volunteer(place),
        "publicity": publicity(place),
    }
    enabled = [name for name in sections if draw(st.integers(0, 3))]
    return {
        "format": "campaign-bundle",
        "version": 1,
        "organisations": offices,
        "campaign": {
            "key": "generated",
            "observance": None,
            "year": 2022,
            "organisation": "o0",
            "title": "随机",
            "theme": "",
            "starts_on": "2022-05-01",
            "ends_on": "2022-05-31",
        },
        "metrics": [*OWN_METRICS, *ratios],
        "targets": [
            {"metric": metric, "organisation": office, "value": draw(decimals)}
            for metric, office in draw(st.lists(aims, unique=True, max_size=5))
        ],
        "activities": [
            {
                "key": key,
                "title": "活动",
                "kind": "culture",
                "organisation": draw(place.office),
                "starts_at": "2022-05-10T09:00:00+08:00",
                "ends_at": "2022-05-10T17:00:00+08:00",
                "place": "",
                "accessibility": [],
            }
            for key in activities
        ],
        "reported": draw(reported(place, few)),
        "plugins": {name: draw(sections[name]) for name in enabled},
    }
