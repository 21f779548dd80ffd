"""Bearer tokens of programmes: pages and JSON. A token is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from api.accounts import ROLE_OPTIONS
from api.accounts_data import Key
from api.kit import forms, pages, paging
from api.kit.guards import current_actor
from api.kit.idempotency import create_once
from api.kit.offices import chosen_office, office_id, office_options
from core import moments
from core.permissions import ROLE_LABELS
from core.refusals import Refusal
from core.sessions import ApiTokenView, create_token, listed_tokens, revoke_token

MANAGE = {"permission": "token.manage"}
TAGS = ["tokens"]
Name = Annotated[str, msgspec.Meta(min_length=2, max_length=64, description="令牌名称")]


class TokenOut(msgspec.Struct):
    """A token without its secret."""

    name: str
    role: str
    organisation: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new token."""

    name: Name
    role: str
    organisation: Key


class TokenMade(msgspec.Struct):
    """A token just made; ``token`` is null when the request is a repeat."""

    name: str
    token: str | None


def token_out(view: ApiTokenView) -> TokenOut:
    """A token as the API gives it."""
    return TokenOut(
        view.name,
        view.role,
        view.organisation,
        view.created_at,
        view.last_used_at,
        view.revoked_at,
    )


async def _page(
    request: Request[Any, Any, Any],
    form: forms.Form,
    *,
    status: int = 200,
    cursor: str = "",
    made: str = "",
) -> Response[Any]:
    actor, limit = current_actor(request), paging.USUAL_PAGE
    place = paging.decode(cursor, (str,))
    found = await listed_tokens(actor, place[0] if place else "", limit + 1)
    page, following = paging.cut(found, limit, lambda view: (view.name,))
    return pages.render(
        request,
        "api/tokens.html",
        status=status,
        form=form,
        made=made,
        tokens=page,
        roles=ROLE_OPTIONS,
        role_labels=ROLE_LABELS,
        offices=await office_options(actor, "token.manage"),
        first_href="/tokens" if cursor else "",
        next_href=f"/tokens?cursor={following}" if following else "",
    )


@get("/tokens", opt=MANAGE, include_in_schema=False)
async def token_page(request: Request[Any, Any, Any], cursor: FromQuery[str] = "") -> Response[Any]:
    """List tokens, with the form for a new one."""
    return await _page(request, forms.Form(), cursor=cursor)


@post("/tokens", opt=MANAGE, include_in_schema=False)
async def token_create(request: Request[Any, Any, Any]) -> Response[Any]:
    """Make a token and show it, in this one answer: it can be read nowhere afterwards."""
    actor, form = current_actor(request), await forms.read(request)
    name = form.text("name", required=True, longest=64)
    role = form.choice("role", ROLE_LABELS, required=True)
    office = await chosen_office(form, actor, "token.manage")
    if not form.ok or role is None or office is None:
        return await _page(request, form, status=422)
    try:
        made = await create_token(actor, name, role, office, now=moments.now())
    except Refusal as refusal:
        form.absorb(refusal)
        return await _page(request, form, status=422)
    return await _page(request, forms.Form(), made=made)


@post("/tokens/{name:str}/revoke", opt=MANAGE, include_in_schema=False)
async def token_revoke(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """End a token."""
    await revoke_token(current_actor(request), name, moments.now())
    return pages.see_other(request, "/tokens", f"已停用令牌 {name}。")


@get("/api/v1/tokens", opt=MANAGE, tags=TAGS)
async def token_index(
    request: Request[Any, Any, Any],
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[TokenOut]:
    """List tokens by name."""
    place = paging.decode(cursor, (str,))
    found = await listed_tokens(current_actor(request), place[0] if place else "", limit + 1)
    page, following = paging.cut(found, limit, lambda view: (view.name,))
    return paging.Page([token_out(view) for view in page], following)


@post("/api/v1/tokens", opt=MANAGE, tags=TAGS)
async def token_add(
    request: Request[Any, Any, Any], data: JSONBody[TokenIn]
) -> Response[TokenMade]:
    """Make a token. Its text is in the first answer only, never in a repeat."""
    actor = current_actor(request)

    async def work() -> TokenMade:
        office = await office_id(actor, "token.manage", data.organisation)
        now = moments.now()
        token = await create_token(actor, data.name, data.role, office, now=now)
        return TokenMade(data.name, token)

    return await create_once(
        request,
        work,
        location=lambda made: f"/api/v1/tokens/{quote(made['name'], safe='')}",
        secret=("token",),
    )


@delete("/api/v1/tokens/{name:str}", opt=MANAGE, tags=TAGS)
async def token_remove(request: Request[Any, Any, Any], name: FromPath[str]) -> None:
    """End a token."""
    await revoke_token(current_actor(request), name, moments.now())


ROUTES = [token_page, token_create, token_revoke, token_index, token_add, token_remove]
