"""What is kept of a person, given out or erased; and what a new campaign takes over."""

from __future__ import annotations

from typing import Any

from core import campaigns, database, privacy
from core.numbers import money_text
from plugins.condolence.rules import KINDS, PERSONAL, STATUSES

ERASED = "（已删除）"


async def personal_data(person: str, action: str) -> list[dict[str, Any]]:
    """What is stored of everybody of that name, in every campaign; erased when asked.

    Erasing takes the name away. What was given, and so every figure, stays as it is.
    """
    rows = await database.fetch(
        "SELECT p.id, p.campaign AS campaign_id, c.key AS campaign, p.key, p.kind, p.name_sealed,"
        " o.name AS organisation, p.members FROM condolence_recipient p"
        " JOIN campaign c ON c.id = p.campaign JOIN organisation o ON o.id = p.organisation"
        " WHERE p.name_index = :name AND p.kind IN (:kinds) ORDER BY p.id",
        name=privacy.index(person, "name"),
        kinds=sorted(PERSONAL),
    )
    given = await _given([row["id"] for row in rows])
    if action == "erase":
        await _erase(rows)
    return [
        {
            "campaign": row["campaign"],
            "record": "慰问对象",
            "key": row["key"],
            "kind": KINDS[row["kind"]],
            "name": ERASED if action == "erase" else privacy.unseal(row["name_sealed"]),
            "organisation": row["organisation"],
            "members": row["members"],
            "given": given.get(row["id"], []),
        }
        for row in rows
    ]


async def _given(recipients: list[int]) -> dict[int, list[dict[str, Any]]]:
    """What each got: day, occasion, cash, goods, status. Two statements."""
    lines = await database.fetch(
        "SELECT l.id, l.recipient, r.visited_on, r.occasion, l.cash, l.status"
        " FROM condolence_line l JOIN condolence_round r ON r.id = l.round"
        " WHERE l.recipient IN (:recipients) ORDER BY r.visited_on, l.id",
        recipients=recipients,
    )
    goods: dict[int, list[str]] = {}
    for row in await database.fetch(
        "SELECT line, item, quantity, unit FROM condolence_goods WHERE line IN (:lines)"
        " ORDER BY line, position",
        lines=[line["id"] for line in lines],
    ):
        goods.setdefault(row["line"], []).append(f"{row['item']}{row['quantity']}{row['unit']}")
    found: dict[int, list[dict[str, Any]]] = {}
    for line in lines:
        found.setdefault(line["recipient"], []).append(
            {
                "visited_on": line["visited_on"].isoformat(),
                "occasion": line["occasion"],
                "cash": money_text(line["cash"]),
                "goods": goods.get(line["id"], []),
                "status": STATUSES[line["status"]],
            }
        )
    return found


async def _erase(rows: list[dict[str, Any]]) -> None:
    async with database.transaction():
        await database.execute_many(
            "UPDATE condolence_recipient SET name_sealed = :name, name_index = '' WHERE id = :id",
            [{"id": row["id"], "name": privacy.seal(ERASED)} for row in rows],
        )
        for campaign in sorted({row["campaign_id"] for row in rows}):
            await campaigns.touch(campaign)


async def carry_over(source: int, target: int) -> None:
    """Recipients are plan: next year's campaign starts with this year's list of names.

    Those of offices that take part no more stay behind, and so does whoever had his name erased.
    Rounds and lines are records.
    """
    await database.execute(
        "INSERT INTO condolence_recipient"
        " (campaign, key, kind, name_sealed, name_index, organisation, members)"
        " SELECT CAST(:target AS BIGINT), p.key, p.kind, p.name_sealed, p.name_index,"
        " p.organisation, p.members FROM condolence_recipient p"
        " WHERE p.campaign = :source AND p.name_index <> '' AND p.organisation IN"
        " (SELECT organisation FROM campaign_participant WHERE campaign = :target) ORDER BY p.id",
        source=source,
        target=target,
    )
