"""The tree of offices as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from api.kit import paging
from api.kit.guards import current_actor
from api.kit.idempotency import create_once
from api.kit.offices import office_id
from core import moments, organisations
from core.office_tree import Office, visible

VIEW = {"permission": "organisation.view"}
MANAGE = {"permission": "organisation.manage"}
TAGS = ["organisations"]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="机构编号")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=organisations.NAME_LIMIT)]


class OfficeOut(msgspec.Struct):
    """An office; ``parent`` is null at the top of what the asker may see."""

    key: str
    name: str
    level: str
    parent: str | None
    closed_on: date | None


class OfficeTree(msgspec.Struct):
    """An office with those below it, as deep as the tree is."""

    key: str
    name: str
    level: str
    closed_on: date | None
    children: list[OfficeTree]


class OfficeIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new office; without a ``parent`` it is the top of a tree of its own."""

    key: Key
    name: Name
    level: str
    parent: Key | None


class OfficeChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; what is left out stays."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    level: str | msgspec.UnsetType = msgspec.UNSET


class OfficeMove(msgspec.Struct, forbid_unknown_fields=True):
    """Below which office it is to stand."""

    parent: Key


class OfficeClosing(msgspec.Struct, forbid_unknown_fields=True):
    """From which day on it is closed; today when left out."""

    on: date | None = None


def office_out(office: Office) -> OfficeOut:
    """An office as the API gives it."""
    above = office.parent.key if office.parent else None
    return OfficeOut(office.key, office.name, office.level, above, office.closed_on)


def office_tree(office: Office) -> OfficeTree:
    """An office and its subtree as the API gives them."""
    children = [office_tree(child) for child in office.children]
    return OfficeTree(office.key, office.name, office.level, office.closed_on, children)


async def _one(request: Request[Any, Any, Any], key: str) -> OfficeOut:
    return office_out((await visible(current_actor(request))).find(key))


@get("/api/v1/organisations", opt=VIEW, tags=TAGS)
async def office_index(
    request: Request[Any, Any, Any],
    *,
    q: FromQuery[str] = "",
    level: FromQuery[str] = "",
    closed: FromQuery[bool] = False,
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[OfficeOut]:
    """List offices by key: those whose name or key holds ``q``, closed ones only when asked."""
    place = paging.decode(cursor, (str,))
    tree = await visible(current_actor(request))
    found = sorted(tree.search(q, level, closed=closed), key=lambda office: office.key)
    rest = [office for office in found if place is None or office.key > place[0]]
    page, following = paging.cut(rest, limit, lambda office: (office.key,))
    return paging.Page([office_out(office) for office in page], following)


@get("/api/v1/organisation-tree", opt=VIEW, tags=TAGS)
async def office_trees(request: Request[Any, Any, Any]) -> list[OfficeTree]:
    """Give everything the asker may see as trees, closed offices too."""
    return [office_tree(top) for top in (await visible(current_actor(request))).tops]


@post("/api/v1/organisations", opt=MANAGE, tags=TAGS)
async def office_add(
    request: Request[Any, Any, Any], data: JSONBody[OfficeIn]
) -> Response[OfficeOut]:
    """Add an office."""
    actor = current_actor(request)

    async def work() -> OfficeOut:
        parent = data.parent
        above = await office_id(actor, "organisation.manage", parent, "parent") if parent else None
        await organisations.create(
            actor, data.key, name=data.name, level=data.level, parent_id=above
        )
        return OfficeOut(data.key, data.name, data.level, parent, None)

    return await create_once(
        request, work, location=lambda made: f"/api/v1/organisations/{quote(made['key'], safe='')}"
    )


@get("/api/v1/organisations/{key:str}", opt=VIEW, tags=TAGS)
async def office_item(request: Request[Any, Any, Any], key: FromPath[str]) -> OfficeOut:
    """Give one office."""
    return await _one(request, key)


@patch("/api/v1/organisations/{key:str}", opt=MANAGE, tags=TAGS)
async def office_change(
    request: Request[Any, Any, Any], key: FromPath[str], data: JSONBody[OfficeChange]
) -> OfficeOut:
    """Give an office another name or level, here and in campaigns under way."""
    actor = current_actor(request)
    await organisations.require(actor, key, "organisation.manage")
    await organisations.change(actor, key, name=data.name or None, level=data.level or None)
    return await _one(request, key)


@post("/api/v1/organisations/{key:str}/move", opt=MANAGE, tags=TAGS, status_code=200)
async def office_move_below(
    request: Request[Any, Any, Any], key: FromPath[str], data: JSONBody[OfficeMove]
) -> OfficeOut:
    """Put an office, with everything below it, below another."""
    actor = current_actor(request)
    await organisations.require(actor, key, "organisation.manage")
    await office_id(actor, "organisation.manage", data.parent, "parent")
    await organisations.move(actor, key, data.parent)
    return await _one(request, key)


@post("/api/v1/organisations/{key:str}/close", opt=MANAGE, tags=TAGS, status_code=200)
async def office_shut(
    request: Request[Any, Any, Any], key: FromPath[str], data: JSONBody[OfficeClosing]
) -> OfficeOut:
    """Close an office: new campaigns leave it out."""
    await organisations.close(current_actor(request), key, data.on or moments.today())
    return await _one(request, key)


@post("/api/v1/organisations/{key:str}/reopen", opt=MANAGE, tags=TAGS, status_code=200)
async def office_open_again(request: Request[Any, Any, Any], key: FromPath[str]) -> OfficeOut:
    """Open a closed office again."""
    await organisations.close(current_actor(request), key, None)
    return await _one(request, key)


ROUTES = [
    office_index,
    office_trees,
    office_add,
    office_item,
    office_change,
    office_move_below,
    office_shut,
    office_open_again,
]
