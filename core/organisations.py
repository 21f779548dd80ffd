"""The tree of offices as it is today: adding, renaming, moving and closing an office.

Campaigns hold their own picture of the tree. A change here reaches those that are still going on
(draft, open, closing); a closed campaign keeps the tree and the names it was carried out with.
An open office never stands below a closed one, so that the open ones are a tree by themselves.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from core import audit, closures, database, moments, office_campaigns
from core.bundle_envelope import LEVELS
from core.permissions import Actor, may, may_everywhere
from core.refusals import Conflict, Fault, Missing, Refusal
from core.shapes import INVALID, Problems, Shape, one_of, text
from core.shapes import key as key_shape

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

    Live campaigns of the parent take it in. Raises Refusal or Missing.
    """
    _checked(key=(key, key_shape), name=(name, name_shape), level=(level, one_of(*LEVELS)))
    async with database.transaction():
        await closures.hold_tree()
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
        await office_campaigns.take_in([[made]])
        after = {"name": name, "level": level, "parent": parent_id}
        await audit.record(
            actor, "organisation.created", "organisation", key, organisation=made, after=after
        )
    return int(made)


async def free_key(parent: str) -> str:
    """A key below ``parent`` that nobody has, the lowest of ``x1-01``, ``x1-02`` and so on."""
    taken = {row["key"] for row in await database.fetch("SELECT key FROM organisation")}
    number = 1
    while (key := f"{parent[:58]}-{number:02d}") in taken:
        number += 1
    return key


async def rename(actor: Actor, key: str, name: str) -> None:
    """Give an office another name, here and in live campaigns."""
    await change(actor, key, name=name)


async def change(
    actor: Actor, key: str, *, name: str | None = None, level: str | None = None
) -> None:
    """Give an office another name or level, here and in live campaigns; None leaves it.

    Raises Refusal when the level is not below what stands above it and above what stands below.
    """
    if name is not None:
        _checked(name=(name, name_shape))
    if level is not None:
        _checked(level=(level, one_of(*LEVELS)))
    async with database.transaction():
        await closures.hold_tree()
        office = await require(actor, key, "organisation.manage")
        given = {"name": name, "level": level}
        after = {k: v for k, v in given.items() if v is not None and v != office[k]}
        if not after:
            return
        if level is not None and level != office["level"]:
            await _require_fitting_level(office["id"], level)
        now = {"name": office["name"], "level": office["level"], **after}
        await database.execute(
            "UPDATE organisation SET name = :name, level = :level WHERE id = :id",
            id=office["id"],
            **now,
        )
        await office_campaigns.describe(office["id"], now["name"], now["level"])
        await _record(actor, "organisation.renamed", office, after)


async def move(actor: Actor, key: str, parent_key: str) -> None:
    """Put an office, with everything below it, under another parent.

    Live campaigns in which both take part follow; those of the new parent alone take it in. Raises
    Refusal for a parent that is below the office itself, not above its level, or closed.
    """
    async with database.transaction():
        await closures.hold_tree()
        office = await require(actor, key, "organisation.manage")
        parent = await require(actor, parent_key, "organisation.manage")
        subtree = await _subtree(office["id"])
        if parent["id"] in {row["id"] for row in subtree}:
            raise Refusal.of("cycle", "不能移到自己或自己的下级名下", "parent")
        _require_level(parent["level"], office["level"], "parent")
        _require_open(parent)
        if parent["id"] == office["parent"]:
            return
        await database.execute(
            "UPDATE organisation SET parent = :parent WHERE id = :id",
            parent=parent["id"],
            id=office["id"],
        )
        await closures.rebuild_organisations()
        await office_campaigns.move(office["id"], parent["id"])
        await office_campaigns.take_in(_by_depth(subtree))
        await _record(actor, "organisation.moved", office, {"parent": parent["id"]})


async def close(actor: Actor, key: str, on: date | None) -> None:
    """Close an office from a day on (None opens it again): new campaigns leave it out.

    Raises Conflict while an office below it is open, or to open one below a closed one.
    """
    async with database.transaction():
        await closures.hold_tree()
        office = await require(actor, key, "organisation.manage")
        if on is None:
            await _require_open_above(office)
        else:
            if on > moments.today():
                raise Refusal.of("value", "停用日期不能晚于今天", "on")
            await _require_none_open_below(office)
        await database.execute(
            "UPDATE organisation SET closed_on = :day WHERE id = :id", day=on, id=office["id"]
        )
        action = "organisation.reopened" if on is None else "organisation.closed"
        await _record(actor, action, office, {"closed_on": on})


def name_shape(value: Any, path: tuple[Any, ...], problems: Problems) -> Any:
    """An office's name: some text of at most NAME_LIMIT characters."""
    checked = text(NAME_LIMIT)(value, path, problems)
    if checked is not INVALID and not checked.strip():
        return problems.add(path, "missing", "请填写名称")
    return checked


def _require_level(above: str, level: str, member: str = "level") -> None:
    if LEVELS.index(above) >= LEVELS.index(level):
        raise Refusal(Fault(f"/{member}", "level", "级别应当低于上级机构"))


def _require_open(parent: dict[str, Any]) -> None:
    if parent["closed_on"] is not None:
        raise Conflict.of("closed", f"“{parent['name']}”已停用，不能作为上级", "parent")


async def _require_parent(actor: Actor, parent_id: int | None, level: str) -> None:
    if parent_id is None:
        if not await may_everywhere(actor, "organisation.manage") and await database.fetch_value(
            "SELECT 1 FROM organisation LIMIT 1"
        ):
            raise Refusal.of("value", "请选择上级机构", "parent")
        return
    row = await database.fetch_one(
        "SELECT name, level, closed_on FROM organisation WHERE id = :id", id=parent_id
    )
    if row is None or not await may(actor, "organisation.manage", parent_id):
        raise Missing("没有这个上级机构")
    _require_level(row["level"], level)
    _require_open(row)


async def _require_fitting_level(office: int, level: str) -> None:
    above, below = await office_campaigns.levels_beside(office)
    if any(LEVELS.index(each) >= LEVELS.index(level) for each in above):
        raise Refusal.of("level", "级别应当低于上级机构", "level")
    if any(LEVELS.index(each) <= LEVELS.index(level) for each in below):
        raise Refusal.of("level", "级别应当高于下级机构", "level")


async def _require_open_above(office: dict[str, Any]) -> None:
    name = await database.fetch_value(
        "SELECT name FROM organisation WHERE id = :parent AND closed_on IS NOT NULL",
        parent=office["parent"],
    )
    if name is not None:
        raise Conflict.of("closed", f"上级“{name}”还停用着，请先恢复上级")


async def _require_none_open_below(office: dict[str, Any]) -> None:
    count = await database.fetch_value(
        "SELECT COUNT(*) FROM organisation_closure k JOIN organisation o ON o.id = k.descendant"
        " WHERE k.ancestor = :id AND k.depth > 0 AND o.closed_on IS NULL",
        id=office["id"],
    )
    if count:
        raise Conflict.of("open_below", f"它还有{count}个下级机构没有停用，请先停用或移走下级")


async def _subtree(office: int) -> list[dict[str, Any]]:
    return await database.fetch(
        "SELECT descendant AS id, depth FROM organisation_closure WHERE ancestor = :office",
        office=office,
    )


def _by_depth(subtree: list[dict[str, Any]]) -> list[list[int]]:
    depths = sorted({row["depth"] for row in subtree})
    return [[row["id"] for row in subtree if row["depth"] == depth] for depth in depths]


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
