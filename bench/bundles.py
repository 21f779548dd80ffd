"""Bundles for measuring: a city of 2,021 offices and as many condolence lines as asked for."""

from __future__ import annotations

import random
from typing import Any

COUNTIES, TOWNS, VILLAGES = 20, 10, 9
LINES_A_ROUND = 100


def organisations() -> list[dict[str, Any]]:
    """A tree of four levels."""
    offices: list[dict[str, Any]] = [
        {"key": "city", "name": "某市残联", "level": "city", "parent": None}
    ]
    for county in range(COUNTIES):
        key = f"c{county}"
        offices.append({"key": key, "name": f"县{county}", "level": "county", "parent": "city"})
        for town in range(TOWNS):
            name = f"{key}t{town}"
            offices.append({"key": name, "name": f"镇{name}", "level": "town", "parent": key})
            offices += [
                {
                    "key": f"{name}v{village}",
                    "name": f"村{name}-{village}",
                    "level": "community",
                    "parent": name,
                }
                for village in range(VILLAGES)
            ]
    return offices


def _line(key: str) -> dict[str, Any]:
    goods = [{"item": "大米", "quantity": 1, "unit": "袋", "unit_value": "60.00"}]
    return {"recipient": key, "cash": "300.00", "status": "delivered", "goods": goods}


def _round(key: str, village: str, recipients: list[str]) -> dict[str, Any]:
    return {
        "key": key,
        "occasion": "全国助残日",
        "organisation": village,
        "activity": None,
        "visited_on": "2026-05-12",
        "funder": "",
        "lines": [_line(recipient) for recipient in recipients],
    }


def bundle(lines: int) -> dict[str, Any]:
    """A campaign with ``lines`` delivered lines, each with its recipient and one kind of goods."""
    draw = random.Random(lines)
    offices = organisations()
    villages = [office["key"] for office in offices if office["level"] == "community"]
    recipients: list[dict[str, Any]] = []
    rounds: list[dict[str, Any]] = []
    for number in range(-(-lines // LINES_A_ROUND)):
        village = draw.choice(villages)
        keys = [f"r{number}-{index}" for index in range(min(LINES_A_ROUND, lines))]
        recipients += [
            {
                "key": key,
                "kind": draw.choice(["household", "person"]),
                "name": f"对象{key}",
                "organisation": village,
                "members": 2,
            }
            for key in keys
        ]
        rounds.append(_round(f"n{number}", village, keys))
    return {
        "format": "campaign-bundle",
        "version": 1,
        "organisations": offices,
        "campaign": {
            "key": "bench",
            "observance": "national-disability-day",
            "year": 2026,
            "organisation": "city",
            "theme": "",
            "starts_on": "2026-05-01",
            "ends_on": "2026-05-31",
        },
        "plugins": {"condolence": {"recipients": recipients, "rounds": rounds}},
    }
