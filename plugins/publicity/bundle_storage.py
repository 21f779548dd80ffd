"""Publicity records in the database: written from a section of a bundle, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core import database
from core.bundle_sections import WriteContext
from core.synchronise import BATCH, Identity, Synchroniser
from plugins.publicity.rules import url_index

STORED = {
    "publicity_item": "SELECT * FROM publicity_item WHERE campaign = :campaign",
    "publicity_material": "SELECT * FROM publicity_material WHERE campaign = :campaign",
    "publicity_outreach": "SELECT * FROM publicity_outreach WHERE campaign = :campaign",
}
FORGET_ORIGINAL = "UPDATE publicity_item SET reprint_of = NULL WHERE id IN (:ids)"
FORGET_ADDRESS = "UPDATE publicity_item SET url_comparable = NULL WHERE id IN (:ids)"
READ_ITEMS = (
    "SELECT i.key, i.kind, i.title, i.outlet, i.outlet_level, i.published_on, i.url,"
    " original.key AS reprint_of, o.key AS organisation FROM publicity_item i"
    " JOIN organisation o ON o.id = i.organisation"
    " LEFT JOIN publicity_item original ON original.id = i.reprint_of"
    " WHERE i.campaign = :campaign"
)
READ_MATERIALS = (
    "SELECT m.key, m.kind, m.quantity, a.key AS activity, o.key AS organisation, m.happened_on"
    " FROM publicity_material m JOIN organisation o ON o.id = m.organisation"
    " LEFT JOIN activity a ON a.id = m.activity WHERE m.campaign = :campaign"
)
READ_OUTREACH = (
    "SELECT p.key, p.people, a.key AS activity, o.key AS organisation, p.happened_on"
    " FROM publicity_outreach p JOIN organisation o ON o.id = p.organisation"
    " LEFT JOIN activity a ON a.id = p.activity WHERE p.campaign = :campaign"
)


async def write(section: Mapping[str, Any], context: WriteContext) -> None:
    """Insert, update by key, remove the rest. The section has been checked."""
    await _write_items(section["items"], context)
    for table, records, amount in (
        ("publicity_material", section["materials"], ("kind", "quantity")),
        ("publicity_outreach", section["outreach"], ("people",)),
    ):
        stored = _stored(table)
        await stored.load(campaign=context.campaign)
        await stored.prune((record["key"],) for record in records)
        await stored.store(
            {(record["key"],): _record_row(record, amount, context) for record in records},
            campaign=context.campaign,
        )


async def _write_items(items: Iterable[Mapping[str, Any]], context: WriteContext) -> None:
    """Items first, then which is a reprint of which: an original may stand later in the list."""
    stored = _stored("publicity_item")
    await stored.load(campaign=context.campaign)
    rows = {(item["key"],): _item_row(item, context) for item in items}
    await _release(stored, rows)
    await stored.prune(rows)
    await stored.store(rows, campaign=context.campaign)
    links = {
        (item["key"],): {
            "reprint_of": None if item["reprint_of"] is None else stored.ids[item["reprint_of"],]
        }
        for item in items
    }
    await stored.store(links, campaign=context.campaign)


async def _release(stored: Synchroniser, rows: Mapping[Identity, Mapping[str, Any]]) -> None:
    """Let go what would stand in the way of the next statements, which go row by row.

    Reprints let go of originals that are about to be removed; items whose address changes, of the
    address, which another item may be about to take.
    """
    gone = {stored.ids[identity] for identity in stored.now if identity not in rows}
    reprints = [row["id"] for row in stored.now.values() if row["reprint_of"] in gone]
    await _in_batches(FORGET_ORIGINAL, reprints)
    moved = [
        row["id"]
        for identity, row in stored.now.items()
        if identity in rows
        and row["url_comparable"] not in (None, rows[identity]["url_comparable"])
    ]
    await forget_addresses(moved)


async def forget_addresses(ids: Sequence[int]) -> None:
    """Let items go of their addresses until they are written, so that others may take them."""
    await _in_batches(FORGET_ADDRESS, ids)


async def _in_batches(statement: str, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), BATCH):
        await database.execute(statement, ids=ids[start : start + BATCH])


def _stored(table: str) -> Synchroniser:
    return Synchroniser(table, STORED[table], ("key",))


def _item_row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    copied = ("key", "kind", "title", "outlet", "outlet_level", "published_on", "url")
    return {
        "campaign": context.campaign,
        **{column: item[column] for column in copied},
        "url_comparable": url_index(item["url"]),
        "organisation": context.organisations[item["organisation"]],
    }


def _record_row(
    record: Mapping[str, Any], amount: tuple[str, ...], context: WriteContext
) -> dict[str, Any]:
    activity = record["activity"]
    return {
        "campaign": context.campaign,
        "key": record["key"],
        **{column: record[column] for column in amount},
        "activity": None if activity is None else context.activities[activity],
        "organisation": context.organisations[record["organisation"]],
        "happened_on": record["on"],
    }


async def read(campaign: int) -> dict[str, Any]:
    """The section as it is exported, lists by key."""
    items = await database.fetch(READ_ITEMS, campaign=campaign)
    for item in items:
        item["published_on"] = item["published_on"].isoformat()
    return {
        "items": sorted(items, key=lambda item: item["key"]),
        "materials": await _read_records(READ_MATERIALS, campaign),
        "outreach": await _read_records(READ_OUTREACH, campaign),
    }


async def _read_records(statement: str, campaign: int) -> list[dict[str, Any]]:
    records = await database.fetch(statement, campaign=campaign)
    for record in records:
        record["on"] = record.pop("happened_on").isoformat()
    return sorted(records, key=lambda record: record["key"])
