"""What holds among recipients, rounds and lines, and what hangs on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from api.kit.records import Batch, Rules
from api.kit.records.fields import Row
from core import database, moments, privacy
from plugins.condolence.rules import (
    GOODS_FEN_LIMIT,
    GOODS_TOO_DEAR,
    TOLD_BY_CALENDARS,
    goods_value,
    ordered_goods,
)

# A statement takes at most some 32,000 parameters.
MANY = 2_000


class RecipientRules(Rules):
    """The same name at the same office twice is worth a warning, and no error."""

    async def check(self, batch: Batch) -> None:
        """Warn before an import doubles people."""
        if len(batch.added) < 2:
            return
        existing = {
            (row["name_index"], row["kind"], row["organisation"])
            for row in await database.fetch(
                "SELECT name_index, kind, organisation FROM condolence_recipient"
                " WHERE campaign = :campaign",
                campaign=batch.work.campaign.id,
            )
        }
        seen: set[tuple[Any, ...]] = set()
        doubled = 0
        for entry in batch.added:
            identity = (
                index_of(entry.item.get("name")),
                entry.item.get("kind"),
                entry.office,
            )
            doubled += identity in existing or identity in seen
            seen.add(identity)
        if doubled:
            batch.warnings.append(
                f"有{doubled}行与已登记的（或前面的）对象同名、同类别、同机构，请确认不是重复登记。"
            )


def index_of(name: Any) -> str:
    """The blind index of a recipient's name."""
    return privacy.index(name, "name") if isinstance(name, str) else ""


class RoundRules(Rules):
    """A round tells how far its deliveries are, and calendars that it has changed."""

    async def columns(self, batch: Batch) -> None:
        """Time and number of the revision that calendar programmes go by."""
        now = moments.now()
        for entry in batch.entries:
            entry.columns["modified_at"] = now
            entry.columns["sequence"] = 0
            if entry.stored is not None:
                told = any(entry.stored[n] != entry.item.get(n) for n in TOLD_BY_CALENDARS)
                entry.columns["sequence"] = entry.stored["sequence"] + told

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add the numbers of lines and of delivered ones, and the cash delivered."""
        many = len(rows) > MANY
        which = "campaign = :campaign" if many else "round IN (:rounds)"
        values = {"campaign": campaign_id} if many else {"rounds": [row["id"] for row in rows]}
        sums = {
            row["round"]: row
            for row in await database.fetch(
                "SELECT round, COUNT(*) AS lines,"
                " SUM(CASE WHEN status = 'delivered' THEN 1 ELSE 0 END) AS delivered,"
                " SUM(CASE WHEN status = 'planned' THEN 1 ELSE 0 END) AS planned,"
                " CAST(SUM(CASE WHEN status = 'delivered' THEN cash ELSE 0 END) AS BIGINT) AS cash"
                f" FROM condolence_line WHERE {which} GROUP BY round",
                **values,
            )
        }
        for row in rows:
            found = sums.get(row["id"], {})
            for name in ("lines", "delivered", "planned", "cash"):
                row[name] = int(found.get(name) or 0)


async def _goods_of(campaign_id: int, rows: Sequence[Row]) -> dict[int, list[Row]]:
    many = len(rows) > MANY
    # Of both conditions SQLite would take the campaign's index, and read all of its goods.
    which = "campaign = :campaign" if many else "line IN (:lines)"
    values = {"campaign": campaign_id} if many else {"lines": [row["id"] for row in rows]}
    found: dict[int, list[Row]] = defaultdict(list)
    for row in await database.fetch(
        "SELECT line, item, quantity, unit, unit_value FROM condolence_goods"
        f" WHERE {which} ORDER BY line, position",
        **values,
    ):
        found[row.pop("line")].append(row)
    return found


class LineRules(Rules):
    """A line's goods have a table of their own."""

    async def check(self, batch: Batch) -> None:
        """Goods of a sane worth."""
        for index, entry in enumerate(batch.entries):
            for goods in entry.item.get("goods", []):
                if goods and {"quantity", "unit_value"} <= goods.keys():
                    worth = goods_value(goods["quantity"], goods["unit_value"])
                    if worth > GOODS_FEN_LIMIT:
                        batch.fail(index, "goods", "value", GOODS_TOO_DEAR)

    async def written(self, batch: Batch) -> None:
        """Put the goods in place of those that were there."""
        changed = [{"line": entry.id} for entry in batch.changed]
        await database.execute_many("DELETE FROM condolence_goods WHERE line = :line", changed)
        await write_goods(
            batch.work.campaign.id,
            [
                (entry.id, entry.item.get("goods", []))
                for entry in batch.entries
                if entry.id is not None
            ],
        )

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add each line's goods."""
        found = await _goods_of(campaign_id, rows)
        for row in rows:
            row["goods"] = found.get(row["id"], [])


async def write_goods(campaign_id: int, lines: Sequence[tuple[int, Sequence[Any]]]) -> None:
    """Write goods (normalised, by line) as one batch."""
    await database.execute_many(
        "INSERT INTO condolence_goods (campaign, line, position, item, quantity, unit, unit_value)"
        " VALUES (:campaign, :line, :position, :item, :quantity, :unit, :unit_value)",
        [
            {"campaign": campaign_id, "line": line, "position": position, **item}
            for line, goods in lines
            for position, item in enumerate(ordered_goods(goods))
        ],
    )
