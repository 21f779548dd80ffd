"""A campaign with job fairs: a city's, a county's and a town's; and as many people as wanted."""

from __future__ import annotations

from typing import Any

from core import bundles
from core.permissions import SYSTEM
from core.process import Process

KEY = "fairs-2026"
OFFICES = (
    ("city", "某市残联", "city", None),
    ("c1", "甲县残联", "county", "city"),
    ("t1", "甲镇残联", "town", "c1"),
    ("c2", "乙县残联", "county", "city"),
)
WINDOW = {"starts_on": "2026-05-01", "ends_on": "2026-05-31"}
NAMES = ("张小三", "李四", "王小五")


def position(key: str, job_type: str, openings: int, **members: Any) -> dict[str, Any]:
    """A position of the employer e1."""
    return {"key": key, "employer": "e1", "job_type": job_type, "openings": openings, **members}


def section() -> dict[str, Any]:
    """Two employers; 张小三 and 李四 of c1, 王小五 of c2; fairs j1 of c1 and j2 of city."""
    offices = ("c1", "c1", "c2")
    seekers = [
        {"key": f"s{number}", "name": name, "organisation": office}
        for number, (name, office) in enumerate(zip(NAMES, offices, strict=True), start=1)
    ]
    fair = {
        "key": "j1",
        "activity": None,
        "organisation": "c1",
        "mode": "onsite",
        "held_on": "2026-05-12",
        "positions": [
            position("p1", "包装工", 5, title="夜班包装工", accommodations=["wheelchair"]),
            position("p2", "话务员", 3, title="话务员（五官端正）"),
        ],
        "attendances": ["s1"],
        "applications": [
            {"seeker": "s1", "position": "p1", "stage": "intent"},
            {"seeker": "s2", "position": "p1", "stage": "hired"},
        ],
    }
    online = {
        "key": "j2",
        "activity": "a1",
        "organisation": "city",
        "mode": "online",
        "held_on": "2026-06-02",
        "positions": [position("p3", "包装工", 2, accommodations=["remote_work"])],
        "attendances": ["s1", "s3"],
        "applications": [{"seeker": "s3", "position": "p3", "stage": "applied"}],
    }
    employers = [{"key": "e1", "name": "甲县包装厂"}, {"key": "e2", "name": "乙县客服公司"}]
    return {"employers": employers, "seekers": seekers, "fairs": [fair, online]}


def document() -> dict[str, Any]:
    """The campaign as a bundle."""
    names = ("key", "name", "level", "parent")
    return {
        "format": "campaign-bundle",
        "version": 1,
        "organisations": [dict(zip(names, office, strict=True)) for office in OFFICES],
        "campaign": {
            "key": KEY,
            "observance": "national-disability-day",
            "year": 2026,
            "organisation": "city",
            "theme": "",
            **WINDOW,
        },
        "metrics": [],
        "targets": [],
        "activities": [
            {
                "key": "a1",
                "title": "线上专场招聘",
                "kind": "job_fair",
                "organisation": "city",
                "starts_at": "2026-05-20T09:00:00+08:00",
                "ends_at": "2026-05-20T11:00:00+08:00",
            }
        ],
        "reported": [],
        "plugins": {"job_fair": section()},
    }


def crowded(count: int) -> dict[str, Any]:
    """The same with so many more positions, attendances and applications at j1."""
    made = document()
    records = made["plugins"]["job_fair"]
    fair = records["fairs"][0]
    for number in range(count):
        seeker, offered = f"x{number}", f"q{number}"
        records["seekers"].append({"key": seeker, "name": f"人{number}", "organisation": "c1"})
        fair["positions"].append(position(offered, f"工种{number % 7}", 1))
        fair["attendances"].append(seeker)
        applied = {"seeker": seeker, "position": offered, "stage": "applied"}
        fair["applications"].append(applied)
    return made


async def load(process: Process, made: dict[str, Any] | None = None) -> str:
    """Import it; answers its key."""
    return await bundles.import_document(
        made or document(), process.plugins, process.catalogue, SYSTEM
    )
