"""The tree of offices as it is today: adding, renaming, moving and closing an office.

Campaigns hold their own picture of the tree. A change here reaches those that are still going on
(draft, open, closing); a closed campaign keeps the tree and the names it was carried out with.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from core import audit, closures, database
from core.bundle_envelope import LEVELS
from core.permissions import Actor, may, may_everywhere
from core.refusals import Conflict, Fault, Missing, Refusal
from core.shapes import INVALID, Problems, Shape, one_of, text
from core.shapes import key as key_shape

LIVE = "('draft', 'open', 'closing')"
NAME_LIMIT = 100


def _checked(**members: tuple[Any, Shape]) -> None:
    """Raise Refusal with every member that has not the right form."""
    problems = Problems()
    for name, (value, shape) in members.items():
        shape(value, (name,), problems)
    if problems.found:
        raise Refusal(*problems.found)


async def require(actor: Actor, key: str, permission: str) -> dict[str, Any]:
    """The office of that key, if the actor holds the permission there. Raises Missing."""
    row = await database.fetch_one("SELECT * FROM organisation WHERE key = :key", key=key)
    if row is None or not await may(actor, permission, row["id"]):
        raise Missing(f"没有编号为“{key}”的机构")
    return row


async def create(actor: Actor, key: str, *, name: str, level: str, parent_id: int | None) -> int:
    """Add an office below another, or a new root; gives its id.

    Live campaigns of the parent take it in.
    """
    _checked(key=(key, key_shape), name=(name, _name), level=(level, one_of(*LEVELS)))
    async with database.transaction():
        await _require_parent(actor, parent_id, level)
        made = await database.fetch_value(
            "INSERT INTO organisation (key, name, level, parent)"
            " VALUES (:key, :name, :level, :parent) ON CONFLICT (key) DO NOTHING RETURNING id",
            key=key,
            name=name,
            level=level,
            parent=parent_id,
        )
        if made is None:
            raise Conflict.of("duplicate", f"编号“{key}”已经有机构在用", "key")
        await closures.rebuild_organisations()
        await _join_live_campaigns(made, parent_id, name, level)
        after = {"name": name, "level": level, "parent": parent_id}
        await audit.record(
            actor, "organisation.created", "organisation", key, organisation=made, after=after
        )
    return int(made)


async def rename(actor: Actor, key: str, name: str) -> None:
    """Give an office another name, here and in live campaigns."""
    _checked(name=(name, _name))
    async with database.transaction():
        office = await require(actor, key, "organisation.manage")
        await database.execute(
            "UPDATE organisation SET name = :name WHERE id = :id", name=name, id=office["id"]
        )
        await database.execute(
            "UPDATE campaign_participant SET name = :name WHERE organisation = :id"
            f" AND campaign IN (SELECT id FROM campaign WHERE state IN {LIVE})",
            name=name,
            id=office["id"],
        )
        await _record(actor, "organisation.renamed", office, {"name": name})


async def move(actor: Actor, key: str, parent_key: str) -> None:
    """Put an office, with everything below it, under another parent.

    Live campaigns in which both take part follow. Raises Refusal for a parent that is below the
    office itself or not above its level.
    """
    async with database.transaction():
        office = await require(actor, key, "organisation.manage")
        parent = await require(actor, parent_key, "organisation.manage")
        below = await database.fetch_value(
            "SELECT 1 FROM organisation_closure WHERE ancestor = :office AND descendant = :parent",
            office=office["id"],
            parent=parent["id"],
        )
        if below:
            raise Refusal.of("cycle", "不能移到自己或自己的下级名下", "parent")
        _require_level(parent["level"], office["level"])
        await database.execute(
            "UPDATE organisation SET parent = :parent WHERE id = :id",
            parent=parent["id"],
            id=office["id"],
        )
        await closures.rebuild_organisations()
        await _move_in_live_campaigns(office["id"], parent["id"])
        await _record(actor, "organisation.moved", office, {"parent": parent["id"]})


async def close(actor: Actor, key: str, on: date | None) -> None:
    """Close an office from a day on (None opens it again): new campaigns leave it out."""
    async with database.transaction():
        office = await require(actor, key, "organisation.manage")
        await database.execute(
            "UPDATE organisation SET closed_on = :day WHERE id = :id", day=on, id=office["id"]
        )
        await _record(actor, "organisation.closed", office, {"closed_on": on})


def _name(value: Any, path: tuple[Any, ...], problems: Problems) -> Any:
    checked = text(NAME_LIMIT)(value, path, problems)
    if checked is not INVALID and not checked.strip():
        return problems.add(path, "missing", "请填写名称")
    return checked


def _require_level(above: str, level: str) -> None:
    if LEVELS.index(above) >= LEVELS.index(level):
        raise Refusal(Fault("/level", "level", "级别应当低于上级机构"))


async def _require_parent(actor: Actor, parent_id: int | None, level: str) -> None:
    if parent_id is None:
        if not await may_everywhere(actor, "organisation.manage") and await database.fetch_value(
            "SELECT 1 FROM organisation LIMIT 1"
        ):
            raise Refusal.of("value", "请选择上级机构", "parent")
        return
    row = await database.fetch_one("SELECT level FROM organisation WHERE id = :id", id=parent_id)
    if row is None or not await may(actor, "organisation.manage", parent_id):
        raise Missing("没有这个上级机构")
    _require_level(row["level"], level)


async def _live_campaigns(organisation: int) -> list[int]:
    rows = await database.fetch(
        "SELECT p.campaign FROM campaign_participant p JOIN campaign c ON c.id = p.campaign"
        f" WHERE p.organisation = :organisation AND c.state IN {LIVE}",
        organisation=organisation,
    )
    return [row["campaign"] for row in rows]


async def _join_live_campaigns(office: int, parent: int | None, name: str, level: str) -> None:
    for campaign in await _live_campaigns(parent) if parent is not None else []:
        await database.execute(
            "INSERT INTO campaign_participant (campaign, organisation, parent, name, level)"
            " VALUES (:campaign, :office, :parent, :name, :level)",
            campaign=campaign,
            office=office,
            parent=parent,
            name=name,
            level=level,
        )
        await closures.rebuild_campaign(campaign)


async def _move_in_live_campaigns(office: int, parent: int) -> None:
    both = set(await _live_campaigns(office)) & set(await _live_campaigns(parent))
    for campaign in sorted(both):
        await database.execute(
            "UPDATE campaign_participant SET parent = :parent"
            " WHERE campaign = :campaign AND organisation = :office AND parent IS NOT NULL",
            parent=parent,
            campaign=campaign,
            office=office,
        )
        await closures.rebuild_campaign(campaign)


async def _record(actor: Actor, action: str, office: dict[str, Any], after: dict[str, Any]) -> None:
    before = {name: office[name] for name in after}
    await audit.record(
        actor,
        action,
        "organisation",
        office["key"],
        organisation=office["id"],
        before=before,
        after=after,
    )
