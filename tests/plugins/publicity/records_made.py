"""Records of publicity that tests add to a campaign."""

from __future__ import annotations

from typing import Any

from api.kit.records import Work, add
from plugins.publicity.records import AUDIENCE, ITEMS, MATERIALS

ITEM: dict[str, Any] = {
    "kind": "article",
    "title": "助残日走进社区",
    "outlet": "甲日报",
    "outlet_level": "city",
    "published_on": "2022-05-16",
    "url": None,
    "reprint_of": None,
    "organisation": "x1",
}
MATERIAL: dict[str, Any] = {
    "kind": "leaflet",
    "quantity": 1000,
    "activity": None,
    "organisation": "x1",
    "on": "2022-05-15",
}
OUTREACH: dict[str, Any] = {
    "organisation": "x1",
    "activity": None,
    "people": 500,
    "on": "2022-05-15",
}


async def add_item(work: Work, key: str, **members: Any) -> None:
    """Add an item; its address is one of its own unless it is given."""
    await add(work, ITEMS, {**ITEM, "key": key, "url": f"https://example.org/{key}", **members})


async def add_material(work: Work, key: str, **members: Any) -> None:
    """Add a quantity of printed matter."""
    await add(work, MATERIALS, {**MATERIAL, "key": key, **members})


async def add_outreach(work: Work, key: str, **members: Any) -> None:
    """Add people reached."""
    await add(work, AUDIENCE, {**OUTREACH, "key": key, **members})
