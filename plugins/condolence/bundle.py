"""``plugins.condolence`` of a bundle: recipients, and rounds with their lines and goods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core import database, privacy
from core.bundle_sections import CheckContext, WriteContext
from core.moments import LATER
from core.numbers import money_text
from core.shapes import (
    Optional,
    Path,
    Shape,
    count,
    day,
    key,
    money,
    nullable,
    object_of,
    one_of,
    optional_list,
    text,
)
from core.synchronise import Synchroniser
from plugins.condolence.rules import (
    GOODS_FEN_LIMIT,
    GOODS_TOO_DEAR,
    KINDS,
    STATUSES,
    TOLD_BY_CALENDARS,
    goods_value,
    ordered_goods,
)

RECIPIENT = object_of(
    {
        "key": key,
        "kind": one_of(*KINDS),
        "name": text(),
        "organisation": key,
        "members": Optional(count),
    }
)
GOODS = object_of({"item": text(), "quantity": count, "unit": text(), "unit_value": money})
LINE_MEMBERS: dict[str, Shape | Optional] = {
    "recipient": key,
    "cash": money,
    "status": one_of(*STATUSES),
    "goods": optional_list(GOODS),
}
LINE = object_of(LINE_MEMBERS)
ROUND_MEMBERS: dict[str, Shape | Optional] = {
    "key": key,
    "occasion": text(),
    "organisation": key,
    "activity": nullable(key),
    "visited_on": day,
    "funder": Optional(text(), str),
}
ROUND = object_of({**ROUND_MEMBERS, "lines": optional_list(LINE)})
SEALED = {"name_sealed": (privacy.seal, privacy.unseal)}


class CondolenceSection:
    """How condolence records travel."""

    key = "condolence"
    in_envelope = False
    shape = staticmethod(
        object_of({"recipients": optional_list(RECIPIENT), "rounds": optional_list(ROUND)})
    )

    def check(self, section: Mapping[str, Any], path: Path, context: CheckContext) -> None:
        """References, a recipient once a round, goods of a sane worth."""
        recipients = context.unique(section.get("recipients", []), (*path, "recipients"))
        for index, item in enumerate(section.get("recipients", [])):
            if item:
                place = (*path, "recipients", index, "organisation")
                context.organisation(item.get("organisation"), place)
        context.unique(section.get("rounds", []), (*path, "rounds"))
        for index, item in enumerate(section.get("rounds", [])):
            if item:
                _check_round(item, (*path, "rounds", index), recipients, context)

    async def write(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Children are removed before parents and written after them."""
        recipients, rounds, lines, goods = _stored()
        place = {"campaign": context.campaign}
        for stored in (recipients, rounds, lines, goods):
            await stored.load(**place)
        wanted, given = list(_lines(section)), list(_goods(section))
        await goods.prune(identity for identity, _, _ in given)
        await lines.prune(identity for identity, _ in wanted)
        await rounds.prune((item["key"],) for item in section["rounds"])
        await recipients.prune((item["key"],) for item in section["recipients"])
        await recipients.store(
            {(item["key"],): _recipient_row(item, context) for item in section["recipients"]},
            **place,
        )
        before = {identity: dict(row) for identity, row in rounds.now.items()}
        await rounds.store(
            {(item["key"],): _round_row(item, context) for item in section["rounds"]}, **place
        )
        await _revise(before, rounds, context)
        await lines.store(
            {
                identity: {
                    **place,
                    "round": rounds.ids[identity[:1]],
                    "recipient": recipients.ids[identity[1:]],
                    "cash": line["cash"],
                    "status": line["status"],
                }
                for identity, line in wanted
            },
            **place,
        )
        await goods.store(
            {
                identity: {**place, "line": lines.ids[line], "position": identity[2], **item}
                for identity, line, item in given
            },
            **place,
        )

    async def finish(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Nothing is left over: no other section points here."""

    async def read(self, campaign: int) -> dict[str, Any]:
        """Recipients and rounds, lists sorted as bundles are."""
        return {
            "recipients": await _read_recipients(campaign),
            "rounds": await _read_rounds(campaign),
        }


async def _revise(
    before: Mapping[Any, Mapping[str, Any]], rounds: Synchroniser, context: WriteContext
) -> None:
    """Note for calendar programmes which rounds changed in what they show."""
    revised = []
    for identity, row in rounds.now.items():
        old = before.get(identity)
        if old is None or any(old[name] != row[name] for name in TOLD_BY_CALENDARS):
            revised.append({"id": row["id"], "now": context.now, "grown": int(old is not None)})
    await database.execute_many(
        f"UPDATE condolence_round SET modified_at = {LATER}, sequence = sequence + :grown"
        " WHERE id = :id",
        revised,
    )


def _check_round(
    item: Mapping[str, Any], path: Path, recipients: set[str], context: CheckContext
) -> None:
    context.organisation(item.get("organisation"), (*path, "organisation"))
    context.activity(item.get("activity"), (*path, "activity"))
    lines = item.get("lines", [])
    context.unique(lines, (*path, "lines"), ("recipient",))
    for index, line in enumerate(lines):
        if not line:
            continue
        place = (*path, "lines", index)
        context.known(line.get("recipient"), recipients, (*place, "recipient"), "慰问对象")
        for number, goods in enumerate(line.get("goods", [])):
            if goods and {"quantity", "unit_value"} <= goods.keys():
                worth = goods_value(goods["quantity"], goods["unit_value"])
                if worth > GOODS_FEN_LIMIT:
                    context.problems.add(
                        (*place, "goods", number, "quantity"), "value", GOODS_TOO_DEAR
                    )


def _lines(section: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    for item in section["rounds"]:
        for line in item["lines"]:
            yield (item["key"], line["recipient"]), line


def _goods(
    section: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, str, int], tuple[str, str], Mapping[str, Any]]]:
    for line, content in _lines(section):
        for position, item in enumerate(ordered_goods(content["goods"])):
            yield (*line, position), line, item


def _stored() -> tuple[Synchroniser, Synchroniser, Synchroniser, Synchroniser]:
    own = "SELECT * FROM {} WHERE campaign = :campaign"
    joined = (
        "JOIN condolence_round r ON r.id = l.round"
        " JOIN condolence_recipient p ON p.id = l.recipient"
    )
    return (
        Synchroniser("condolence_recipient", own.format("condolence_recipient"), ("key",), SEALED),
        Synchroniser("condolence_round", own.format("condolence_round"), ("key",)),
        Synchroniser(
            "condolence_line",
            "SELECT l.*, r.key AS round_key, p.key AS recipient_key"
            f" FROM condolence_line l {joined} WHERE l.campaign = :campaign",
            ("round_key", "recipient_key"),
        ),
        Synchroniser(
            "condolence_goods",
            "SELECT g.*, r.key AS round_key, p.key AS recipient_key FROM condolence_goods g"
            " JOIN condolence_line l ON l.id = g.line"
            f" {joined} WHERE g.campaign = :campaign",
            ("round_key", "recipient_key", "position"),
            leaf=True,
        ),
    )


def _recipient_row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    return {
        "campaign": context.campaign,
        "key": item["key"],
        "kind": item["kind"],
        "name_sealed": item["name"],
        "name_index": privacy.index(item["name"], "name"),
        "organisation": context.organisations[item["organisation"]],
        "members": item["members"],
    }


def _round_row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    return {
        "campaign": context.campaign,
        "key": item["key"],
        "occasion": item["occasion"],
        "organisation": context.organisations[item["organisation"]],
        "activity": None if item["activity"] is None else context.activities[item["activity"]],
        "visited_on": item["visited_on"],
        "funder": item["funder"],
    }


async def _read_recipients(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT p.key, p.kind, p.name_sealed, o.key AS organisation, p.members"
        " FROM condolence_recipient p JOIN organisation o ON o.id = p.organisation"
        " WHERE p.campaign = :campaign",
        campaign=campaign,
    )
    for row in rows:
        row["name"] = privacy.unseal(row.pop("name_sealed"))
        if row["members"] is None:
            del row["members"]
    return sorted(rows, key=lambda row: row["key"])


async def _read_rounds(campaign: int) -> list[dict[str, Any]]:
    rounds = {
        row["id"]: row
        for row in await database.fetch(
            "SELECT r.id, r.key, r.occasion, o.key AS organisation, a.key AS activity,"
            " r.visited_on, r.funder FROM condolence_round r"
            " JOIN organisation o ON o.id = r.organisation"
            " LEFT JOIN activity a ON a.id = r.activity WHERE r.campaign = :campaign",
            campaign=campaign,
        )
    }
    lines: dict[int, dict[str, Any]] = {}
    for row in rounds.values():
        row["visited_on"] = row["visited_on"].isoformat()
        row["lines"] = []
    for row in await database.fetch(
        "SELECT l.id, l.round, p.key AS recipient, l.cash, l.status FROM condolence_line l"
        " JOIN condolence_recipient p ON p.id = l.recipient"
        " WHERE l.campaign = :campaign",
        campaign=campaign,
    ):
        rounds[row.pop("round")]["lines"].append(row)
        row["cash"] = money_text(row["cash"])
        row["goods"] = []
        lines[row.pop("id")] = row
    for row in await database.fetch(
        "SELECT line, item, quantity, unit, unit_value FROM condolence_goods"
        " WHERE campaign = :campaign ORDER BY line, position",
        campaign=campaign,
    ):
        line = lines[row.pop("line")]
        row["unit_value"] = money_text(row["unit_value"])
        line["goods"].append(row)
    for row in rounds.values():
        del row["id"]
        row["lines"].sort(key=lambda line: line["recipient"])
        for line in row["lines"]:
            line["goods"].sort(key=_by_worth)
    return sorted(rounds.values(), key=lambda row: row["key"])


def _by_worth(goods: Mapping[str, Any]) -> tuple[str, str, str]:
    """The order of goods in a bundle: item, unit, unit value (as written)."""
    return goods["item"], goods["unit"], goods["unit_value"]
