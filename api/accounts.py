"""Pages of accounts: who may sign in, with which roles; and one's own password."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from api.kit import forms, pages, paging, requests
from api.kit.guards import current_actor
from api.kit.offices import chosen_office, office_options
from core import accounts
from core.account_views import listed, managed
from core.permissions import ROLE_LABELS, may_everywhere, registry
from core.refusals import Refusal
from core.sessions import token_hash

MANAGE = {"permission": "account.manage"}
PASSWORDS_DIFFER = "两次填的密码不一样"
ROLE_OPTIONS = [{"value": role, "label": label} for role, label in ROLE_LABELS.items()]


def account_href(name: str) -> str:
    """The page of an account."""
    return f"/accounts/{quote(name, safe='')}"


@get("/accounts", opt=MANAGE, include_in_schema=False)
async def account_list(
    request: Request[Any, Any, Any], cursor: FromQuery[str] = ""
) -> Response[Any]:
    """Accounts with a role in the actor's offices."""
    place = paging.decode(cursor, (str,))
    limit = paging.USUAL_PAGE
    found = await listed(current_actor(request), place[0] if place else "", limit + 1)
    page, following = paging.cut(found, limit, lambda view: (view.name,))
    return pages.render(
        request,
        "api/accounts.html",
        accounts=page,
        may_manage_tokens=current_actor(request).holds("token.manage"),
        first_href="/accounts" if cursor else "",
        next_href=f"/accounts?cursor={following}" if following else "",
    )


async def _new_page(
    request: Request[Any, Any, Any], form: forms.Form, status: int = 200
) -> Response[Any]:
    return pages.render(
        request,
        "api/account_new.html",
        status=status,
        form=form,
        roles=ROLE_OPTIONS,
        offices=await office_options(current_actor(request), "account.manage"),
    )


@get("/new-account", opt=MANAGE, include_in_schema=False)
async def account_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the form for a new account."""
    return await _new_page(request, forms.Form())


@post("/new-account", opt=MANAGE, include_in_schema=False)
async def account_create(request: Request[Any, Any, Any]) -> Response[Any]:
    """Make the account, or show the form again with all that is wrong."""
    actor, form = current_actor(request), await forms.read(request)
    name = form.text("name", required=True, longest=64)
    display_name = form.text("display_name", longest=50)
    role = form.choice("role", ROLE_LABELS, required=True)
    office = await chosen_office(form, actor, "account.manage")
    password = form.secret("password")
    if not form.ok or role is None or office is None:
        return await _new_page(request, form, 422)
    try:
        await accounts.create(
            actor,
            name,
            display_name=display_name,
            password=password,
            role=role,
            organisation_id=office,
        )
    except Refusal as refusal:
        form.absorb(refusal)
        return await _new_page(request, form, 422)
    return pages.see_other(request, "/accounts", f"已建立账号 {name}。")


async def _account_page(
    request: Request[Any, Any, Any], name: str, form: forms.Form, status: int = 200
) -> Response[Any]:
    actor = current_actor(request)
    view = await managed(actor, name)
    return pages.render(
        request,
        "api/account.html",
        status=status,
        account=view,
        own=view.id == actor.account_id,
        form=form,
        roles=ROLE_OPTIONS,
        offices=await office_options(actor, "account.manage"),
        permissions={role.role: registry().of_role(role.role) for role in view.roles},
        may_see_audit=await may_everywhere(actor, "audit.view"),
    )


@get("/accounts/{name:str}", opt=MANAGE, include_in_schema=False)
async def account_page(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """One account: its roles, and what can be done with it."""
    return await _account_page(request, name, forms.Form())


@post("/accounts/{name:str}/password", opt=MANAGE, include_in_schema=False)
async def account_password(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """Give somebody a new password."""
    actor, form = current_actor(request), await forms.read(request)
    view = await managed(actor, name)
    try:
        await accounts.set_password(actor, view.name, form.secret("password"))
    except Refusal as refusal:
        form.absorb(refusal)
        return await _account_page(request, name, form, 422)
    return pages.see_other(request, account_href(view.name), "已设置新密码，请当面告诉本人。")


@post("/accounts/{name:str}/active", opt=MANAGE, include_in_schema=False)
async def account_active(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """Disable an account or enable it again."""
    active = (await forms.read(request)).flag("active")
    await accounts.set_active(current_actor(request), name, active)
    done = "已启用这个账号。" if active else "已停用这个账号，它的登录已全部失效。"
    return pages.see_other(request, account_href(name), done)


@post("/accounts/{name:str}/roles", opt=MANAGE, include_in_schema=False)
async def account_grant(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """Give one more role."""
    actor, form = current_actor(request), await forms.read(request)
    role = form.choice("role", ROLE_LABELS, required=True)
    office = await chosen_office(form, actor, "account.manage")
    if not form.ok or role is None or office is None:
        return await _account_page(request, name, form, 422)
    await accounts.grant(actor, name, role, office)
    return pages.see_other(request, account_href(name), "已增加角色。")


@post("/accounts/{name:str}/roles/{grant_id:int}/remove", opt=MANAGE, include_in_schema=False)
async def account_revoke(
    request: Request[Any, Any, Any], name: FromPath[str], grant_id: FromPath[int]
) -> Response[Any]:
    """Take a role away."""
    try:
        await accounts.revoke(current_actor(request), name, grant_id)
    except Refusal as refusal:
        return pages.see_other(request, account_href(name), str(refusal), "bad")
    return pages.see_other(request, account_href(name), "已去掉这个角色。")


@get("/password", opt={"signed_in": True}, include_in_schema=False)
async def password_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the form for one's own password."""
    return pages.render(request, "api/password.html", form=forms.Form())


@post("/password", opt={"signed_in": True}, include_in_schema=False)
async def password_change(request: Request[Any, Any, Any]) -> Response[Any]:
    """Change one's own password; other sessions of the account end."""
    form, keep = await forms.read(request), requests.session_token(request)
    if keep is None:
        return Redirect("/sign-in", status_code=303)
    current, password, again = map(form.secret, ("current", "password", "again"))
    if password != again:
        form.fail("again", PASSWORDS_DIFFER)
    if form.ok:
        try:
            await accounts.change_own_password(
                current_actor(request), current, password, keep=token_hash(keep)
            )
        except Refusal as refusal:
            form.absorb(refusal)
    if not form.ok:
        return pages.render(request, "api/password.html", status=422, form=form)
    return pages.see_other(request, "/", "已换新密码，其他地方的登录已失效。")


ROUTES = [
    account_list,
    account_form,
    account_create,
    account_page,
    account_password,
    account_active,
    account_grant,
    account_revoke,
    password_form,
    password_change,
]
