"""The campaigns of a soak: one that everybody writes to, one that is sent again as a whole."""

from __future__ import annotations

from typing import Any

CAMPAIGN, REPLACED = "soak", "soak-replaced"
OFFICES = ("c0", "c1", "t0", "t1")
VOLUNTEERS, SHIFTS = 300, 6


def _offices() -> list[dict[str, Any]]:
    rows = [("city", "city", None), ("c0", "county", "city"), ("c1", "county", "city")]
    rows += [("t0", "town", "c0"), ("t1", "town", "c1")]
    return [
        {"key": key, "name": f"{key}残联", "level": level, "parent": parent}
        for key, level, parent in rows
    ]


def _bundle(key: str, plugins: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": "campaign-bundle",
        "version": 1,
        "organisations": _offices(),
        "campaign": {
            "key": key,
            "observance": "national-disability-day",
            "year": 2026,
            "organisation": "city",
            "theme": "",
            "starts_on": "2026-05-01",
            "ends_on": "2026-05-31",
        },
        "metrics": [{"key": "own.sum", "label": "甲", "unit": "件", "aggregation": "sum"}],
        "plugins": plugins,
    }


def first_bundle() -> dict[str, Any]:
    """The campaign that everybody writes to: volunteers and the shifts they may come to."""
    shifts = [
        {
            "key": f"h{number}",
            "activity": None,
            "organisation": OFFICES[number % len(OFFICES)],
            "title": "引导",
            "starts_at": "2026-05-17T08:00:00+08:00",
            "ends_at": "2026-05-17T18:00:00+08:00",
            "capacity": 1000,
        }
        for number in range(SHIFTS)
    ]
    people = [
        {"key": f"v{number}", "name": f"志愿者{number}", "organisation": "c0"}
        for number in range(VOLUNTEERS)
    ]
    volunteer = {"volunteers": people, "shifts": shifts, "star_scheme": "street-annual"}
    return _bundle(CAMPAIGN, {"volunteer": volunteer, "publicity": {}, "condolence": {}})


def replaced_bundle(number: int) -> dict[str, Any]:
    """The campaign that is sent as a whole: ``number`` records, each with the quantity 1."""
    materials = [
        {
            "key": f"m{each}",
            "kind": "leaflet",
            "quantity": 1,
            "activity": None,
            "organisation": OFFICES[each % len(OFFICES)],
            "on": "2026-05-17",
        }
        for each in range(number)
    ]
    return _bundle(REPLACED, {"publicity": {"materials": materials}})
