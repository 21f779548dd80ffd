"""Accounts as JSON, for programmes that keep them in step with an office's own list."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from api.kit import paging
from api.kit.guards import current_actor
from api.kit.idempotency import create_once
from api.kit.offices import office_id
from core import accounts
from core.account_views import AccountView, find, listed, managed
from core.permissions import registry

MANAGE = {"permission": "account.manage"}
TAGS = ["accounts"]
Name = Annotated[str, msgspec.Meta(min_length=2, max_length=64, description="账号名")]
Password = Annotated[str, msgspec.Meta(max_length=200, description="至少 10 个字符")]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="机构编号")]


class RoleOut(msgspec.Struct):
    """A role over an office."""

    id: int
    role: str
    organisation: str


class AccountOut(msgspec.Struct):
    """An account and its roles."""

    name: str
    display_name: str
    active: bool
    created_at: datetime
    roles: list[RoleOut]


class AccountIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new account with its first role."""

    name: Name
    password: Password
    role: str
    organisation: Key
    display_name: Annotated[str, msgspec.Meta(max_length=50)] = ""


class AccountChange(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the account may be used."""

    active: bool


class RoleIn(msgspec.Struct, forbid_unknown_fields=True):
    """One more role."""

    role: str
    organisation: Key


class PasswordIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new password."""

    password: Password


class Myself(msgspec.Struct):
    """Who the request speaks for, and what it may do somewhere."""

    name: str
    display_name: str
    via: str
    permissions: list[str]


def account_out(view: AccountView) -> AccountOut:
    """An account as the API gives it."""
    roles = [RoleOut(role.id, role.role, role.organisation) for role in view.roles]
    return AccountOut(view.name, view.display_name, view.active, view.created_at, roles)


@get("/api/v1/me", opt={"signed_in": True}, tags=TAGS)
async def myself(request: Request[Any, Any, Any]) -> Myself:
    """Say who is asking."""
    actor = current_actor(request)
    held = {each.key for grant in actor.grants for each in registry().of_role(grant.role)}
    return Myself(actor.name, actor.display_name, actor.via, sorted(held))


@get("/api/v1/accounts", opt=MANAGE, tags=TAGS)
async def account_index(
    request: Request[Any, Any, Any],
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[AccountOut]:
    """List accounts by name."""
    place = paging.decode(cursor, (str,))
    found = await listed(current_actor(request), place[0] if place else "", limit + 1)
    page, following = paging.cut(found, limit, lambda view: (view.name,))
    return paging.Page([account_out(view) for view in page], following)


@post("/api/v1/accounts", opt=MANAGE, tags=TAGS)
async def account_add(
    request: Request[Any, Any, Any], data: JSONBody[AccountIn]
) -> Response[AccountOut]:
    """Make an account."""
    actor = current_actor(request)

    async def work() -> AccountOut:
        await accounts.create(
            actor,
            data.name,
            display_name=data.display_name,
            password=data.password,
            role=data.role,
            organisation_id=await office_id(actor, "account.manage", data.organisation),
        )
        return account_out(await find(data.name))

    return await create_once(
        request, work, location=lambda made: f"/api/v1/accounts/{quote(made['name'], safe='')}"
    )


@get("/api/v1/accounts/{name:str}", opt=MANAGE, tags=TAGS)
async def account_item(request: Request[Any, Any, Any], name: FromPath[str]) -> AccountOut:
    """Give one account."""
    return account_out(await managed(current_actor(request), name))


@patch("/api/v1/accounts/{name:str}", opt=MANAGE, tags=TAGS)
async def account_change(
    request: Request[Any, Any, Any], name: FromPath[str], data: JSONBody[AccountChange]
) -> AccountOut:
    """Disable an account or enable it again."""
    await accounts.set_active(current_actor(request), name, data.active)
    return account_out(await find(name))


@put("/api/v1/accounts/{name:str}/password", opt=MANAGE, tags=TAGS, status_code=204)
async def account_new_password(
    request: Request[Any, Any, Any], name: FromPath[str], data: JSONBody[PasswordIn]
) -> None:
    """Give an account a new password; its sessions end."""
    actor = current_actor(request)
    view = await managed(actor, name)
    await accounts.set_password(actor, view.name, data.password)


@post("/api/v1/accounts/{name:str}/roles", opt=MANAGE, tags=TAGS)
async def account_role_add(
    request: Request[Any, Any, Any], name: FromPath[str], data: JSONBody[RoleIn]
) -> Response[AccountOut]:
    """Give an account one more role."""
    actor = current_actor(request)

    async def work() -> AccountOut:
        await managed(actor, name)
        office = await office_id(actor, "account.manage", data.organisation)
        await accounts.grant(actor, name, data.role, office)
        return account_out(await find(name))

    return await create_once(request, work)


@delete("/api/v1/accounts/{name:str}/roles/{grant_id:int}", opt=MANAGE, tags=TAGS)
async def account_role_remove(
    request: Request[Any, Any, Any], name: FromPath[str], grant_id: FromPath[int]
) -> None:
    """Take a role away."""
    await accounts.revoke(current_actor(request), name, grant_id)


ROUTES = [
    myself,
    account_index,
    account_add,
    account_item,
    account_change,
    account_new_password,
    account_role_add,
    account_role_remove,
]
