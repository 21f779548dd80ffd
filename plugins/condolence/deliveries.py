"""Many lines at once: the same for everybody of some offices, and marking what was delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.kit.records import Work, find
from api.kit.records.fields import Row
from api.kit.records.writing import hold
from core import audit, database
from core.permissions import scope_sql
from core.refusals import Refusal
from core.shapes import Optional, Problems, key, list_of, money, object_of, one_of, optional_list
from plugins.condolence.bundle import GOODS
from plugins.condolence.record_rules import write_goods
from plugins.condolence.records import LINES, ROUNDS, VIEW
from plugins.condolence.rules import (
    GOODS_FEN_LIMIT,
    GOODS_TOO_DEAR,
    KINDS,
    STATUSES,
    goods_value,
)


@dataclass(frozen=True, slots=True)
class Gift:
    """What everybody chosen gets: recipients of an office and below, of some kinds.

    ``cash`` is 分; ``goods`` are normalised.
    """

    organisation: str
    kinds: tuple[str, ...] = tuple(KINDS)
    cash: int = 0
    goods: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    status: str = "planned"

    @property
    def worth(self) -> int:
        """What one recipient gets, in 分, goods included."""
        goods = sum(goods_value(each["quantity"], each["unit_value"]) for each in self.goods)
        return self.cash + goods


GIFT = object_of(
    {
        "organisation": key,
        "kinds": Optional(list_of(one_of(*KINDS)), lambda: list(KINDS)),
        "cash": Optional(money, int),
        "goods": optional_list(GOODS),
        "status": Optional(one_of(*STATUSES), lambda: "planned"),
    }
)
MARK = object_of(
    {
        "status": one_of(*STATUSES),
        "recipients": Optional(list_of(key)),
    }
)


def read_gift(given: Mapping[str, Any]) -> Gift:
    """A gift from its JSON. Raises Refusal."""
    problems = Problems()
    found = GIFT(dict(given), (), problems)
    for index, each in enumerate(found.get("goods", []) if isinstance(found, dict) else []):
        whole = each and {"quantity", "unit_value"} <= each.keys()
        if whole and goods_value(each["quantity"], each["unit_value"]) > GOODS_FEN_LIMIT:
            problems.add(("goods", index, "quantity"), "value", GOODS_TOO_DEAR)
    if problems.found:
        raise Refusal(*problems.found)
    return Gift(**{**found, "kinds": tuple(found["kinds"])})


def _chosen(work: Work, row: Row, gift: Gift) -> tuple[str, dict[str, Any]]:
    """``FROM … WHERE``: recipients that the gift is for and that are not in the round yet."""
    scope, values = scope_sql(work.actor, VIEW)
    sql = (
        " FROM condolence_recipient p WHERE p.campaign = :campaign AND p.kind IN (:kinds)"
        f" AND p.organisation IN ({scope}) AND p.organisation IN (SELECT descendant FROM"
        " campaign_closure WHERE campaign = :campaign AND ancestor = (SELECT id FROM organisation"
        " WHERE key = :office)) AND NOT EXISTS (SELECT 1 FROM condolence_line l"
        " WHERE l.round = :round AND l.recipient = p.id)"
    )
    return sql, {
        **values,
        "campaign": work.campaign.id,
        "kinds": gift.kinds,
        "office": gift.organisation,
        "round": row["id"],
    }


async def candidates(work: Work, row: Row, gift: Gift) -> int:
    """How many recipients a gift would bring into the round."""
    sql, values = _chosen(work, row, gift)
    return int(await database.fetch_value(f"SELECT COUNT(*){sql}", **values))


async def give(work: Work, round_key: str, gift: Gift) -> int:
    """Bring everybody chosen into the round; answers how many. Raises Missing, Conflict.

    The number of statements does not depend on how many they are.
    """
    async with database.transaction():
        await hold(work, LINES)
        row = await find(work, ROUNDS, round_key, ROUNDS.edit)
        sql, values = _chosen(work, row, gift)
        made = await database.fetch(
            "INSERT INTO condolence_line (campaign, round, recipient, cash, status)"
            " SELECT p.campaign, CAST(:round AS BIGINT), p.id, CAST(:cash AS BIGINT),"
            f" CAST(:status AS VARCHAR(16)){sql} RETURNING id",
            **values,
            cash=gift.cash,
            status=gift.status,
        )
        await write_goods(work.campaign.id, [(line["id"], gift.goods) for line in made])
        await audit.record(
            work.actor,
            "condolence.lines.given",
            ROUNDS.purpose,
            row["key"],
            organisation=row["office"],
            campaign=work.campaign.key,
            after={
                "organisation": gift.organisation,
                "kinds": gift.kinds,
                "cash": gift.cash,
                "goods": gift.goods,
                "status": gift.status,
                "recipients": len(made),
            },
        )
    return len(made)


async def mark(
    work: Work, round_key: str, status: str, recipients: Sequence[str] | None = None
) -> int:
    """Give lines of a round another status; answers how many changed. Raises Missing, Conflict.

    Without ``recipients`` (keys) it is all that are still planned.
    """
    async with database.transaction():
        await hold(work, LINES)
        row = await find(work, ROUNDS, round_key, ROUNDS.edit)
        narrowed = " AND l.status = 'planned'"
        values: dict[str, Any] = {}
        if recipients is not None:
            narrowed, values = " AND p.key IN (:recipients)", {"recipients": list(recipients)}
        changing = await database.fetch(
            "SELECT l.id, p.key, l.status FROM condolence_line l"
            " JOIN condolence_recipient p ON p.id = l.recipient"
            f" WHERE l.round = :round AND l.status <> :status{narrowed}",
            round=row["id"],
            status=status,
            **values,
        )
        await database.execute_many(
            "UPDATE condolence_line SET status = :status WHERE id = :id",
            [{"id": line["id"], "status": status} for line in changing],
        )
        await audit.record(
            work.actor,
            f"condolence.lines.{status}",
            ROUNDS.purpose,
            row["key"],
            organisation=row["office"],
            campaign=work.campaign.key,
            before={line["key"]: line["status"] for line in changing},
            after={line["key"]: status for line in changing},
        )
    return len(changing)
