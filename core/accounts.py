"""Accounts and the roles they hold. Every write is audited in its own transaction."""

from __future__ import annotations

from typing import Any

from core import audit, database, moments, passwords
from core.account_views import AccountView, find, managed, normal_name
from core.permissions import ROLE_LABELS, Actor, may
from core.refusals import Conflict, Fault, Missing, Refusal
from core.tables import KEY_LENGTH

NAME_SHORTEST = 2
DISPLAY_NAME_LONGEST = 50


def name_fault(name: str) -> Fault | None:
    """Why a name (of an account or a token) is refused; None when it will do."""
    if not NAME_SHORTEST <= len(name) <= KEY_LENGTH:
        return Fault("/name", "value", f"名称要有 {NAME_SHORTEST} 到 {KEY_LENGTH} 个字符")
    if not all(character.isalnum() or character in "._-" for character in name):
        return Fault("/name", "value", "名称只能用文字、数字、点、横线和下划线")
    return None


def check_role(role: str) -> None:
    """Raise Refusal for a role that does not exist."""
    if role not in ROLE_LABELS:
        raise Refusal.of("value", "没有这个角色", "role")


async def create(
    actor: Actor,
    name: str,
    *,
    display_name: str,
    password: str,
    role: str,
    organisation_id: int,
) -> int:
    """Make an account with its first role; gives its id.

    Raises Refusal with every fault, Conflict when the name is taken, Missing when the office is
    not one that the actor manages accounts of.
    """
    name, display_name = normal_name(name), display_name.strip()
    faults = [fault for fault in (name_fault(name), passwords.weakness(password, name)) if fault]
    if len(display_name) > DISPLAY_NAME_LONGEST:
        faults.append(Fault("/display_name", "too_long", "姓名太长"))
    if faults:
        raise Refusal(*faults)
    check_role(role)
    password_hash = await passwords.hashed(password)
    async with database.transaction():
        return await insert(
            actor,
            name,
            display_name=display_name,
            password_hash=password_hash,
            role=role,
            organisation_id=organisation_id,
        )


async def insert(
    actor: Actor,
    name: str,
    *,
    display_name: str,
    password_hash: str,
    role: str,
    organisation_id: int,
) -> int:
    """Write an account whose name and password were checked; gives its id.

    Inside the caller's unit of work: hashing takes its time and belongs before it. Raises Conflict
    when the name is taken, Missing when the office is not one that the actor manages accounts of.
    """
    await _require_office(actor, organisation_id)
    account_id = await database.fetch_value(
        "INSERT INTO account (name, display_name, password_hash, active, failures, created_at)"
        " VALUES (:name, :display_name, :password_hash, :active, 0, :now)"
        " ON CONFLICT (name) DO NOTHING RETURNING id",
        name=name,
        display_name=display_name or name,
        password_hash=password_hash,
        active=True,
        now=moments.now(),
    )
    if account_id is None:
        raise Conflict.of("duplicate", "这个账号名已经有人用了", "name")
    after = {"display_name": display_name or name}
    await _record(actor, "account.created", name, organisation_id, after=after)
    await _add_role(actor, account_id, name, role, organisation_id)
    return int(account_id)


async def set_password(actor: Actor, name: str, password: str, *, keep: str = "") -> None:
    """Give an account a new password; its sessions end, but for the one of token hash ``keep``.

    Who may do it is asked by the caller. Raises Missing or Refusal.
    """
    view = await find(name)
    if fault := passwords.weakness(password, view.name):
        raise Refusal(fault)
    password_hash = await passwords.hashed(password)
    async with database.transaction():
        await database.execute(
            "UPDATE account SET password_hash = :password_hash, failures = 0, locked_until = NULL"
            " WHERE id = :id",
            password_hash=password_hash,
            id=view.id,
        )
        await _end_sessions(view.id, keep)
        await _record(actor, "account.password_set", view.name, _office(view))


async def change_own_password(actor: Actor, current: str, password: str, *, keep: str) -> None:
    """Change the actor's own password, who shows that he knows the present one."""
    stored = await database.fetch_value(
        "SELECT password_hash FROM account WHERE id = :id", id=actor.account_id
    )
    if not await passwords.matches(stored, current):
        raise Refusal.of("wrong_password", "现在的密码不对", "current")
    await set_password(actor, actor.name, password, keep=keep)


async def set_active(actor: Actor, name: str, active: bool) -> None:
    """Disable an account, which ends its sessions, or enable it again."""
    async with database.transaction():
        view = await managed(actor, name)
        if view.id == actor.account_id:
            raise Refusal.of("own_account", "不能停用自己的账号")
        await database.execute(
            "UPDATE account SET active = :active, failures = 0, locked_until = NULL WHERE id = :id",
            active=active,
            id=view.id,
        )
        if not active:
            await _end_sessions(view.id)
        action = "account.enabled" if active else "account.disabled"
        before, after = {"active": view.active}, {"active": active}
        await _record(actor, action, view.name, _office(view), before=before, after=after)


async def grant(actor: Actor, name: str, role: str, organisation_id: int) -> None:
    """Give an account one more role. A role it has already is no error."""
    async with database.transaction():
        view = await managed(actor, name)
        check_role(role)
        await _require_office(actor, organisation_id)
        _not_own(actor, view)
        if (role, organisation_id) not in {(has.role, has.organisation_id) for has in view.roles}:
            await _add_role(actor, view.id, view.name, role, organisation_id)


async def revoke(actor: Actor, name: str, grant_id: int) -> None:
    """Take a role away. The last one stays: an account without any is disabled instead."""
    async with database.transaction():
        view = await managed(actor, name)
        _not_own(actor, view)
        held = next((role for role in view.roles if role.id == grant_id), None)
        if held is None:
            raise Missing("没有这个角色")
        if len(view.roles) == 1:
            raise Refusal.of("last_role", "这是该账号仅有的角色；不再使用时请停用账号")
        await database.execute("DELETE FROM account_grant WHERE id = :id", id=grant_id)
        before = {"role": held.role, "organisation": held.organisation}
        await _record(actor, "account.revoked", view.name, held.organisation_id, before=before)


def _not_own(actor: Actor, view: AccountView) -> None:
    if view.id == actor.account_id:
        raise Refusal.of("own_account", "不能增减自己的角色")


async def _require_office(actor: Actor, organisation_id: int) -> None:
    known = await database.fetch_value(
        "SELECT 1 FROM organisation WHERE id = :id", id=organisation_id
    )
    if known is None or not await may(actor, "account.manage", organisation_id):
        raise Missing("没有这个机构")


async def _add_role(
    actor: Actor, account_id: int, name: str, role: str, organisation_id: int
) -> None:
    await database.execute(
        "INSERT INTO account_grant (account, role, organisation)"
        " VALUES (:account, :role, :organisation)",
        account=account_id,
        role=role,
        organisation=organisation_id,
    )
    await _record(actor, "account.granted", name, organisation_id, after={"role": role})


async def _end_sessions(account_id: int, keep: str = "") -> None:
    await database.execute(
        "DELETE FROM session WHERE account = :account AND token_hash <> :keep",
        account=account_id,
        keep=keep,
    )


async def _record(
    actor: Actor,
    action: str,
    name: str,
    organisation_id: int | None,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    await audit.record(
        actor, action, "account", name, organisation=organisation_id, before=before, after=after
    )


def _office(view: AccountView) -> int | None:
    return view.roles[0].organisation_id if view.roles else None
