"""Accounts as they are looked at: with their roles, by name, within what the asker manages."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import database
from core.permissions import ROLE_LABELS, Actor, may, may_everywhere, scope_sql
from core.refusals import Missing


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """A role of an account over an office, as it is shown."""

    id: int
    role: str
    organisation_id: int
    organisation: str
    organisation_name: str

    @property
    def label(self) -> str:
        """The role in Chinese."""
        return ROLE_LABELS[self.role]


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with its roles, as it is shown."""

    id: int
    name: str
    display_name: str
    active: bool
    created_at: datetime
    locked_until: datetime | None
    roles: tuple[GrantedRole, ...]


def normal_name(name: str) -> str:
    """The one form of an account's name: ``Ｚhang `` and ``zhang`` are the same account."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


async def find(name: str) -> AccountView:
    """The account of that name, whoever asks. Raises Missing."""
    rows = await _views("a.name = :name", name=normal_name(name))
    if not rows:
        raise Missing("没有这个账号")
    return rows[0]


async def managed(actor: Actor, name: str) -> AccountView:
    """The account, for somebody who manages it: at every office where it holds a role.

    So an administrator of a county cannot take over an account of the city. Raises Missing.
    """
    view = await find(name)
    if await may_everywhere(actor, "account.manage"):
        return view
    offices = {role.organisation_id for role in view.roles}
    if offices and all([await may(actor, "account.manage", office) for office in offices]):
        return view
    raise Missing("没有这个账号")


async def listed(actor: Actor, after: str = "", limit: int = 50) -> list[AccountView]:
    """Accounts with a role at an office whose accounts the actor manages, by name, after a name."""
    scope, parameters = scope_sql(actor, "account.manage")
    return await _views(
        "a.id IN (SELECT a.id FROM account AS a JOIN account_grant AS own ON own.account = a.id"
        f" WHERE own.organisation IN ({scope}) AND a.name > :after"
        " GROUP BY a.id, a.name ORDER BY a.name LIMIT :limit)",
        after=after,
        limit=limit,
        **parameters,
    )


async def _views(condition: str, **values: Any) -> list[AccountView]:
    rows = await database.fetch(
        "SELECT a.id, a.name, a.display_name, a.active, a.created_at, a.locked_until,"
        " g.id AS grant_id, g.role, g.organisation AS organisation_id, o.key, o.name AS office"
        " FROM account AS a LEFT JOIN account_grant AS g ON g.account = a.id"
        " LEFT JOIN organisation AS o ON o.id = g.organisation"
        f" WHERE {condition} ORDER BY a.name, g.id",
        **values,
    )
    grouped: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["id"], []).append(row)
    return [_view(own) for own in grouped.values()]


def _view(rows: Sequence[dict[str, Any]]) -> AccountView:
    first = rows[0]
    roles = tuple(
        GrantedRole(row["grant_id"], row["role"], row["organisation_id"], row["key"], row["office"])
        for row in rows
        if row["grant_id"] is not None
    )
    return AccountView(
        first["id"],
        first["name"],
        first["display_name"],
        bool(first["active"]),
        first["created_at"],
        first["locked_until"],
        roles,
    )
