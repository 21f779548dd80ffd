"""``plugins.publicity`` of a bundle: items, materials and outreach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.bundle_sections import CheckContext, WriteContext
from core.shapes import (
    Optional,
    Path,
    count,
    day,
    key,
    nullable,
    object_of,
    one_of,
    optional_list,
    text,
)
from plugins.publicity import bundle_storage
from plugins.publicity.rules import (
    ITEM_KINDS,
    MATERIAL_KINDS,
    OUTLET_LEVELS,
    comparable_url,
    looped,
)

ITEM = object_of(
    {
        "key": key,
        "kind": one_of(*ITEM_KINDS),
        "title": Optional(text(), str),
        "outlet": text(),
        "outlet_level": one_of(*OUTLET_LEVELS),
        "published_on": day,
        "url": nullable(text()),
        "reprint_of": nullable(key),
        "organisation": key,
    }
)
MATERIAL = object_of(
    {
        "key": key,
        "kind": one_of(*MATERIAL_KINDS),
        "quantity": count,
        "activity": nullable(key),
        "organisation": key,
        "on": day,
    }
)
OUTREACH = object_of(
    {
        "key": key,
        "organisation": key,
        "activity": nullable(key),
        "people": count,
        "on": day,
    }
)


class PublicitySection:
    """How publicity records travel."""

    key = "publicity"
    in_envelope = False
    shape = staticmethod(
        object_of(
            {
                "items": optional_list(ITEM),
                "materials": optional_list(MATERIAL),
                "outreach": optional_list(OUTREACH),
            }
        )
    )

    def check(self, section: Mapping[str, Any], path: Path, context: CheckContext) -> None:
        """References, one item a URL, no item a reprint of itself."""
        for name in ("items", "materials", "outreach"):
            entries = section.get(name, [])
            for index, entry in enumerate(entries):
                if entry:
                    place = (*path, name, index)
                    context.organisation(entry.get("organisation"), (*place, "organisation"))
                    context.activity(entry.get("activity"), (*place, "activity"))
        items = section.get("items", [])
        keys = context.unique(items, (*path, "items"))
        context.unique(section.get("materials", []), (*path, "materials"))
        context.unique(section.get("outreach", []), (*path, "outreach"))
        _check_urls(items, (*path, "items"), context)
        _check_reprints(items, (*path, "items"), keys, context)

    async def write(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Make the campaign's rows those of the section."""
        await bundle_storage.write(section, context)

    async def finish(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Nothing is left over: no other section points here."""

    async def read(self, campaign: int) -> dict[str, Any]:
        """Items, materials and outreach, each by key."""
        return await bundle_storage.read(campaign)


def _check_urls(items: Sequence[Any], path: Path, context: CheckContext) -> None:
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        comparable = comparable_url(item.get("url")) if item else None
        if comparable is None:
            continue
        first = seen.setdefault(comparable, index)
        if first != index:
            context.problems.add(
                (*path, index, "url"), "duplicate_url", f"与第 {first + 1} 条是同一个网址"
            )


def _check_reprints(
    items: Sequence[Any], path: Path, keys: set[str], context: CheckContext
) -> None:
    links = {
        item["key"]: item["reprint_of"]
        for item in items
        if item and "key" in item and item.get("reprint_of") is not None
    }
    in_loop = looped(links)
    for index, item in enumerate(items):
        original = item.get("reprint_of") if item else None
        place = (*path, index, "reprint_of")
        context.known(original, keys, place, "报道")
        if original is not None and item.get("key") in in_loop:
            context.problems.add(place, "cycle", "转载关系绕成了一圈，最后又回到这一条")
