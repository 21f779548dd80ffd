"""What holds among items: one item an address, no reprint of itself."""

from __future__ import annotations

from typing import Any

from api.kit.records import Batch, Entry, Rules
from api.kit.records.targets import MANY
from core import database
from core.permissions import scope_sql
from plugins.publicity.bundle_storage import forget_addresses
from plugins.publicity.checks import CALLED
from plugins.publicity.rules import looped, url_index

LOOP = "转载关系绕成了一圈，最后又回到这一条"
TAKEN = "这个网址已经登记过了：“{label}”（{office}，编号 {key}）"
TAKEN_ELSEWHERE = "这个网址别的单位已经登记过了"
REPEATED = "和前面的“{label}”是同一个网址"
# Stands for the id of an original that is written together with its reprint.
PENDING = 0


class ItemRules(Rules):
    """Items of one campaign."""

    async def check(self, batch: Batch) -> None:
        """No address twice, no loop of reprints. Two statements."""
        await _check_addresses(batch)
        await _check_loops(batch)

    async def columns(self, batch: Batch) -> None:
        """The comparable address; changed ones let go of theirs, for others may take it."""
        moved = []
        for entry in batch.entries:
            index = url_index(entry.item.get("url"))
            entry.columns["url_comparable"] = index
            if entry.stored and url_index(entry.stored["url"]) not in (None, index):
                moved.append(entry.stored["id"])
            if entry.columns.get("reprint_of") == PENDING:
                entry.columns["reprint_of"] = None
        await forget_addresses(moved)

    async def written(self, batch: Batch) -> None:
        """Tie reprints to originals that were written with them."""
        ids = {entry.item["key"]: entry.id for entry in batch.entries}
        links = [
            {"id": entry.id, "original": ids[target.key]}
            for entry in batch.entries
            if (target := batch.target(entry, "reprint_of")) and target.id == PENDING
        ]
        await database.execute_many(
            "UPDATE publicity_item SET reprint_of = :original WHERE id = :id", links
        )


def _called(entry: Entry) -> str:
    return entry.item.get("title") or entry.item.get("outlet") or entry.item.get("key", "")


async def _check_addresses(batch: Batch) -> None:
    """Compare addresses with those before them and with the campaign's other items."""
    indexes = [url_index(entry.item.get("url")) for entry in batch.entries]
    taken = await _taken(batch, {index for index in indexes if index})
    seen: dict[str, Entry] = {}
    for number, (entry, index) in enumerate(zip(batch.entries, indexes, strict=True)):
        if index is None:
            continue
        if index in seen:
            message = REPEATED.format(label=_called(seen[index]))
            batch.fail(number, "url", "duplicate_url", message)
        elif index in taken:
            batch.fail(number, "url", "duplicate_url", taken[index])
        seen.setdefault(index, entry)


async def _taken(batch: Batch, indexes: set[str]) -> dict[str, str]:
    """Addresses that items outside the batch have: index → what to say. One statement at most.

    An item of an office that the actor may not look at is not named.
    """
    if not indexes:
        return {}
    work = batch.work
    scope, values = scope_sql(work.actor, batch.resource.view)
    narrowed = ""
    if len(indexes) <= MANY:
        narrowed = " AND i.url_comparable IN (:indexes)"
        values = {**values, "indexes": sorted(indexes)}
    own = {entry.stored["id"] for entry in batch.changed if entry.stored}
    return {
        row["url_comparable"]: TAKEN.format(**row) if row["seen"] else TAKEN_ELSEWHERE
        for row in await database.fetch(
            "SELECT i.id, i.key, i.url_comparable, p.name AS office,"
            f" {CALLED} AS label,"
            f" CASE WHEN i.organisation IN ({scope}) THEN 1 ELSE 0 END AS seen"
            " FROM publicity_item i JOIN campaign_participant p"
            " ON p.campaign = i.campaign AND p.organisation = i.organisation"
            f" WHERE i.campaign = :campaign AND i.url_comparable IS NOT NULL{narrowed}",
            campaign=work.campaign.id,
            **values,
        )
        if row["id"] not in own
    }


async def _check_loops(batch: Batch) -> None:
    """Follow reprints to their originals, as they will be."""
    links = {entry.item.get("key"): entry.item.get("reprint_of") for entry in batch.entries}
    if not any(links.values()):
        return
    stored: dict[Any, Any] = {
        row["key"]: row["original"]
        for row in await database.fetch(
            "SELECT i.key, o.key AS original FROM publicity_item i"
            " JOIN publicity_item o ON o.id = i.reprint_of WHERE i.campaign = :campaign",
            campaign=batch.work.campaign.id,
        )
    }
    followed = {key: original for key, original in {**stored, **links}.items() if original}
    loop = looped(followed)
    for number, entry in enumerate(batch.entries):
        if entry.item.get("key") in loop:
            batch.fail(number, "reprint_of", "cycle", LOOP)
