"""Forms that change the tree of offices: adding, renaming, moving, closing and opening again."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.kit import forms, pages
from api.kit.guards import current_actor
from api.organisations import LEVEL_OPTIONS, office_href
from core import moments, organisations
from core.office_tree import LEVEL_LABELS, Office, Tree, visible
from core.refusals import Missing, Refusal

MANAGE = {"permission": "organisation.manage"}
INDENT = "\u3000"


def _managed(tree: Tree, key: str) -> Office:
    """An office that may be changed. Raises Missing."""
    office = tree.find(key)
    if not office.managed:
        raise Missing(f"没有编号为“{key}”的机构")
    return office


def _parent_options(tree: Tree, office: Office | None = None) -> list[dict[str, str]]:
    """Offices under which another may stand; not those below ``office`` nor itself."""
    barred = {office, *office.below()} if office else set()
    return [
        {"value": each.key, "label": INDENT * len(each.path) + each.name}
        for each in tree
        if each.managed and each.closed_on is None and each not in barred
    ]


def _new_page(
    request: Request[Any, Any, Any], form: forms.Form, tree: Tree, status: int = 200
) -> Response[Any]:
    return pages.render(
        request,
        "api/organisation_new.html",
        status=status,
        form=form,
        levels=LEVEL_OPTIONS[1:],
        parents=_parent_options(tree),
    )


@get("/new-organisation", opt=MANAGE, include_in_schema=False)
async def office_form(
    request: Request[Any, Any, Any], parent: FromQuery[str] = ""
) -> Response[Any]:
    """Show the form for a new office, below ``parent`` when one is named."""
    tree = await visible(current_actor(request))
    above = tree.by_key.get(parent)
    levels = list(LEVEL_LABELS)
    following = levels[levels.index(above.level) + 1 :] if above else []
    level = following[0] if following else ""
    return _new_page(request, forms.filled([("parent", parent), ("level", level)]), tree)


@post("/new-organisation", opt=MANAGE, include_in_schema=False)
async def office_create(request: Request[Any, Any, Any]) -> Response[Any]:
    """Add the office, or show the form again with all that is wrong."""
    actor, form = current_actor(request), await forms.read(request)
    tree = await visible(actor)
    name = form.text("name", required=True, longest=organisations.NAME_LIMIT)
    key, parent_key = form.key("key"), form.key("parent", required=True)
    level = form.choice("level", LEVEL_LABELS, required=True)
    parent = tree.by_key.get(parent_key or "")
    if parent_key and (parent is None or not parent.managed):
        form.fail("parent", forms.NOT_OFFERED)
    if form.ok and level and parent:
        try:
            key = key or await organisations.free_key(parent.key)
            await organisations.create(actor, key, name=name, level=level, parent_id=parent.id)
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            return pages.see_other(request, office_href(key), f"已增加“{name}”。")
    return _new_page(request, form, tree, 422)


def _edit_page(
    request: Request[Any, Any, Any], form: forms.Form, office: Office, status: int = 200
) -> Response[Any]:
    return pages.render(
        request,
        "api/organisation_edit.html",
        status=status,
        form=form,
        office=office,
        href=office_href(office.key),
        levels=LEVEL_OPTIONS,
    )


@get("/organisations/{key:str}/edit", opt=MANAGE, include_in_schema=False)
async def office_edit_form(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Show the form for a new name or level."""
    office = _managed(await visible(current_actor(request)), key)
    return _edit_page(
        request, forms.filled([("name", office.name), ("level", office.level)]), office
    )


@post("/organisations/{key:str}/edit", opt=MANAGE, include_in_schema=False)
async def office_edit(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Change name and level."""
    actor, form = current_actor(request), await forms.read(request)
    office = _managed(await visible(actor), key)
    name = form.text("name", required=True, longest=organisations.NAME_LIMIT)
    level = form.choice("level", LEVEL_LABELS, required=True)
    if form.ok and await _done(form, organisations.change(actor, key, name=name, level=level)):
        return pages.see_other(request, office_href(key), "已保存。")
    return _edit_page(request, form, office, 422)


async def _done(form: forms.Form, work: Awaitable[None]) -> bool:
    """Do the work; False with the reasons in the form when a rule refuses it."""
    try:
        await work
    except Refusal as refusal:
        form.absorb(refusal)
    return form.ok


def _move_page(
    request: Request[Any, Any, Any],
    form: forms.Form,
    tree: Tree,
    office: Office,
    status: int = 200,
) -> Response[Any]:
    return pages.render(
        request,
        "api/organisation_move.html",
        status=status,
        form=form,
        office=office,
        href=office_href(office.key),
        parents=_parent_options(tree, office),
    )


@get("/organisations/{key:str}/move", opt=MANAGE, include_in_schema=False)
async def office_move_form(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Show the form for another superior."""
    tree = await visible(current_actor(request))
    office = _managed(tree, key)
    above = office.parent.key if office.parent else ""
    return _move_page(request, forms.filled([("parent", above)]), tree, office)


@post("/organisations/{key:str}/move", opt=MANAGE, include_in_schema=False)
async def office_move(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Put the office below another."""
    actor, form = current_actor(request), await forms.read(request)
    tree = await visible(actor)
    office = _managed(tree, key)
    parent = form.choice(
        "parent", [o["value"] for o in _parent_options(tree, office)], required=True
    )
    if form.ok and parent and await _done(form, organisations.move(actor, key, parent)):
        done = f"已移到“{tree.by_key[parent].name}”名下。"
        return pages.see_other(request, office_href(key), done)
    return _move_page(request, form, tree, office, 422)


def _close_page(
    request: Request[Any, Any, Any], form: forms.Form, office: Office, status: int = 200
) -> Response[Any]:
    return pages.render(
        request,
        "api/organisation_close.html",
        status=status,
        form=form,
        office=office,
        href=office_href(office.key),
    )


@get("/organisations/{key:str}/close", opt=MANAGE, include_in_schema=False)
async def office_close_form(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Ask before closing an office, or before opening it again."""
    office = _managed(await visible(current_actor(request)), key)
    return _close_page(request, forms.filled([("on", moments.today().isoformat())]), office)


@post("/organisations/{key:str}/close", opt=MANAGE, include_in_schema=False)
async def office_close(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Close the office from a day on."""
    actor, form = current_actor(request), await forms.read(request)
    office = _managed(await visible(actor), key)
    on = form.day("on", required=True)
    if form.ok and on and await _done(form, organisations.close(actor, key, on)):
        return pages.see_other(request, office_href(key), f"已停用“{office.name}”。")
    return _close_page(request, form, office, 422)


@post("/organisations/{key:str}/reopen", opt=MANAGE, include_in_schema=False)
async def office_reopen(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Open a closed office again."""
    actor, form = current_actor(request), forms.Form()
    office = _managed(await visible(actor), key)
    if await _done(form, organisations.close(actor, key, None)):
        return pages.see_other(request, office_href(key), f"已恢复“{office.name}”。")
    return _close_page(request, form, office, 422)


ROUTES = [
    office_form,
    office_create,
    office_edit_form,
    office_edit,
    office_move_form,
    office_move,
    office_close_form,
    office_close,
    office_reopen,
]
