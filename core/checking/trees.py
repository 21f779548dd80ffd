"""The closures of trees against the parents they were made from, worked out anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core import database
from core.checking.complaints import Complaint

Pair = tuple[int, int]


async def organisations() -> list[Complaint]:
    """Today's tree of offices."""
    rows = await database.fetch("SELECT id, key, parent FROM organisation")
    stored = await database.fetch("SELECT ancestor, descendant, depth FROM organisation_closure")
    keys = {row["id"]: row["key"] for row in rows}
    parents = {row["id"]: row["parent"] for row in rows}
    pairs = [((row["ancestor"], row["descendant"]), row["depth"]) for row in stored]
    return list(_compared("organisation_closure", parents, pairs, keys))


async def campaign(number: int, key: str) -> list[Complaint]:
    """A campaign's own tree: every office below one of it, and its closure."""
    rows = await database.fetch(
        "SELECT p.organisation, p.parent, o.key FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation WHERE p.campaign = :campaign",
        campaign=number,
    )
    stored = await database.fetch(
        "SELECT ancestor, descendant, depth FROM campaign_closure WHERE campaign = :campaign",
        campaign=number,
    )
    root = await database.fetch_value(
        "SELECT organisation FROM campaign WHERE id = :campaign", campaign=number
    )
    keys = {row["organisation"]: row["key"] for row in rows}
    parents = {row["organisation"]: row["parent"] for row in rows}
    table = f"campaign_closure（活动 {key}）"
    complaints = list(
        _compared(
            table,
            {office: None if office == root else parent for office, parent in parents.items()},
            [((row["ancestor"], row["descendant"]), row["depth"]) for row in stored],
            keys,
        )
    )
    place = f"campaign_participant（活动 {key}）"
    if root not in parents:
        complaints.append(
            Complaint("office_missing", place, f"{place}：活动所属的机构不在活动的机构之中")
        )
    complaints += [
        Complaint(
            "parent_missing",
            f"{place} {keys[office]}",
            f"{place}：机构 {keys[office]} 的上级不在活动的机构之中",
        )
        for office, parent in parents.items()
        if office != root and parent not in parents
    ]
    return complaints


def _compared(
    table: str,
    parents: Mapping[int, int | None],
    stored: list[tuple[Pair, int]],
    keys: Mapping[int, str],
) -> Iterator[Complaint]:
    found: dict[Pair, int] = {}
    for pair, depth in stored:
        if pair in found:
            yield _complaint("closure_repeated", table, pair, keys, "出现了不止一次")
        found[pair] = depth
    expected: dict[Pair, int] = {}
    for office in parents:
        chain = _upwards(office, parents)
        if chain is None:
            place = f"{table} {keys[office]}"
            yield Complaint("cycle", place, f"{table}：机构 {keys[office]} 的上级绕成了圈")
            continue
        expected |= {(ancestor, office): depth for depth, ancestor in enumerate(chain)}
    for pair, depth in expected.items():
        if pair not in found:
            yield _complaint("closure_missing", table, pair, keys, "缺少")
        elif found[pair] != depth:
            words = f"层数是 {found[pair]}，应当是 {depth}"
            yield _complaint("closure_depth", table, pair, keys, words)
    for pair in found.keys() - expected.keys():
        yield _complaint("closure_surplus", table, pair, keys, "不应当有")


def _upwards(office: int, parents: Mapping[int, int | None]) -> list[int] | None:
    """The office, its parent and so on to the top; None where they go round in a circle."""
    chain = [office]
    while (parent := parents.get(chain[-1])) is not None:
        if parent in chain:
            return None
        if parent not in parents:
            break
        chain.append(parent)
    return chain


def _complaint(code: str, table: str, pair: Pair, keys: Mapping[int, str], words: str) -> Complaint:
    above, below = (keys.get(office, f"内部编号 {office}") for office in pair)
    return Complaint(
        code, f"{table} {above}→{below}", f"{table}：上级 {above} 与下级 {below} 的一行{words}"
    )
