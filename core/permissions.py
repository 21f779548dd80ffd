"""Who may do what, and where.

A permission belongs to roles; a grant gives an account one role over one office and everything
below it. An actor therefore holds a permission over some subtrees, and every question here is
answered over the closure of the organisation tree, never by comparing keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core import database
from core.database.gathered import Gathered

ROLE_LABELS: dict[str, str] = {
    "administrator": "管理员",
    "organiser": "组织者",
    "clerk": "经办人",
    "reviewer": "审核人",
    "volunteer": "志愿者",
    "viewer": "查看者",
    "monitor": "监控程序",
}
ROLES = frozenset(ROLE_LABELS)

_ADMINISTRATOR = frozenset({"administrator"})
_ORGANISERS = _ADMINISTRATOR | {"organiser"}
_WRITERS = _ORGANISERS | {"clerk"}
_CHECKERS = _ORGANISERS | {"reviewer"}
_READERS = _WRITERS | {"reviewer", "viewer"}


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that may be done, in Chinese by ``label``, by those who have one of ``roles``.

    ``start`` is the label and address of the page where those begin who have no campaign to see;
    "" when there is none.
    """

    key: str
    label: str
    roles: frozenset[str]
    start: tuple[str, str] = ("", "")


CORE_PERMISSIONS: tuple[Permission, ...] = (
    Permission("organisation.view", "查看机构", _READERS),
    Permission("organisation.manage", "增改机构", _ADMINISTRATOR),
    Permission("campaign.view", "查看活动", _READERS),
    Permission("campaign.manage", "策划和管理活动", _ORGANISERS),
    Permission("activity.view", "查看日程", _READERS),
    Permission("activity.manage", "安排日程", _WRITERS),
    Permission("figure.view", "查看数据", _READERS),
    Permission("figure.report", "填报数据", _WRITERS),
    Permission("target.set", "下达任务", _ORGANISERS),
    Permission("recap.view", "查看总结", _READERS),
    Permission("recap.write", "编写和报送总结", _WRITERS),
    Permission("recap.review", "审核总结", _CHECKERS),
    Permission("recap.freeze", "总结定稿", _ORGANISERS),
    Permission("recap.template", "修改总结模板", _ORGANISERS),
    Permission("bundle.import", "导入活动包", _ORGANISERS),
    Permission("bundle.export", "导出活动包", _ORGANISERS),
    Permission("account.manage", "管理账号", _ADMINISTRATOR),
    Permission("token.manage", "管理接口令牌", _ADMINISTRATOR),
    Permission("audit.view", "查看操作记录", _CHECKERS),
    Permission("feed.manage", "管理日历订阅", _WRITERS),
    Permission("personal.unmask", "查看完整个人信息", _ORGANISERS),
    Permission("observance.manage", "增改节日", _ORGANISERS),
    Permission("system.metrics", "读取运行指标", _ADMINISTRATOR | {"monitor"}),
)


class PermissionRegistry:
    """Core's permissions and those that plugins bring."""

    def __init__(self, additional: Iterable[Permission] = ()) -> None:
        """Take ``additional`` permissions in.

        Raises ValueError for a key given twice or a role that does not exist.
        """
        self._permissions: dict[str, Permission] = {}
        for permission in (*CORE_PERMISSIONS, *additional):
            if permission.key in self._permissions:
                raise ValueError(f"permission {permission.key!r} is registered twice")
            if unknown := permission.roles - ROLES:
                raise ValueError(f"permission {permission.key!r} names no role: {sorted(unknown)}")
            self._permissions[permission.key] = permission

    def __getitem__(self, key: str) -> Permission:
        """The permission; KeyError when nobody registered it."""
        return self._permissions[key]

    def __contains__(self, key: object) -> bool:
        return key in self._permissions

    def of_role(self, role: str) -> list[Permission]:
        """What a role may do, in the order of registration."""
        return [each for each in self._permissions.values() if role in each.roles]

    def starts(self, actor: Actor) -> list[tuple[str, str]]:
        """Label and address of the pages where a person of these roles begins."""
        roles = {grant.role for grant in actor.grants}
        found = (each for each in self._permissions.values() if each.roles & roles)
        return [each.start for each in found if each.start[1]]


_registry = PermissionRegistry()


def use(registry: PermissionRegistry) -> None:
    """Make ``registry`` the process's own; done once at start, when the plugins are known."""
    global _registry  # noqa: PLW0603 — one registry a process, set once at start
    _registry = registry


def registry() -> PermissionRegistry:
    """The process's registry: core's permissions alone until ``use`` was called."""
    return _registry


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over an office (its id) and everything below it."""

    role: str
    organisation_id: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does something: a person (session), a programme (token) or the command line."""

    name: str
    display_name: str
    account_id: int | None
    grants: tuple[Grant, ...]
    via: Literal["session", "token", "system"]
    office_name: str = field(default="", compare=False)

    def offices(self, permission: str) -> list[int]:
        """The ids of the offices over whose subtrees the actor holds it. KeyError: no such one."""
        roles = registry()[permission].roles
        return sorted({grant.organisation_id for grant in self.grants if grant.role in roles})

    def holds(self, permission: str) -> bool:
        """Whether the actor holds it anywhere. KeyError when there is no such permission."""
        roles = registry()[permission].roles
        return self.via == "system" or any(grant.role in roles for grant in self.grants)


SYSTEM = Actor("system", "命令行", None, (), "system")


async def may(actor: Actor, permission: str, organisation_id: int) -> bool:
    """Whether the actor holds the permission at this office."""
    if actor.via == "system":
        return True
    if not (offices := actor.offices(permission)):
        return False
    found = await database.fetch_value(
        "SELECT 1 FROM organisation_closure"
        " WHERE descendant = :organisation AND ancestor IN (:offices) LIMIT 1",
        organisation=organisation_id,
        offices=offices,
    )
    return found is not None


async def may_everywhere(actor: Actor, permission: str) -> bool:
    """Whether the actor holds it over a whole tree, and so over what belongs to no office."""
    if actor.via == "system":
        return True
    if not (offices := actor.offices(permission)):
        return False
    found = await database.fetch_value(
        "SELECT 1 FROM organisation WHERE parent IS NULL AND id IN (:offices) LIMIT 1",
        offices=offices,
    )
    return found is not None


def scope_sql(
    actor: Actor, permission: str, parameter: str = "scope_offices"
) -> tuple[str, dict[str, Any]]:
    """A subselect of the ids of the offices where the actor holds the permission.

    For statements that list: ``WHERE organisation IN ({sql})``. Give another ``parameter`` where
    one statement needs two scopes.
    """
    if actor.via == "system":
        return "SELECT id FROM organisation", {}
    sql = f"SELECT descendant FROM organisation_closure WHERE ancestor IN (:{parameter})"
    return sql, {parameter: actor.offices(permission)}


def campaign_scope_sql(
    actor: Actor, permission: str, parameter: str = "scope_offices"
) -> tuple[str, dict[str, Any]]:
    """A subselect of the ids of campaigns that an office of the actor's takes part in.

    It is for seeing: a town sees the city's campaign it works in. Who may change a campaign is
    asked at the campaign's own office, with ``may``.
    """
    if actor.via == "system":
        return "SELECT id FROM campaign", {}
    scope, parameters = scope_sql(actor, permission, parameter)
    sql = f"SELECT campaign FROM campaign_participant WHERE organisation IN ({scope})"
    return sql, parameters


async def may_in_campaign(actor: Actor, permission: str, campaign_id: int) -> bool:
    """Whether the actor holds the permission at any office that takes part in the campaign."""
    if actor.via == "system":
        return True
    if not (offices := actor.offices(permission)):
        return False
    return bool(await _present.ask((campaign_id, tuple(offices))))


async def _are_present(
    questions: Sequence[tuple[int, tuple[int, ...]]],
) -> dict[tuple[int, tuple[int, ...]], bool]:
    """Whether an office of each question, or one below it, takes part. One statement.

    The inner SELECT ends with the first office that does; as a join it would list them all.
    """
    rows = await database.fetch(
        "SELECT k.id AS campaign, o.id AS office FROM campaign k CROSS JOIN organisation o"
        " WHERE k.id IN (:campaigns) AND o.id IN (:offices) AND (SELECT 1"
        " FROM organisation_closure c JOIN campaign_participant p"
        " ON p.organisation = c.descendant AND p.campaign = k.id"
        " WHERE c.ancestor = o.id LIMIT 1) = 1",
        campaigns=sorted({campaign for campaign, _ in questions}),
        offices=sorted({office for _, offices in questions for office in offices}),
    )
    present = {(row["campaign"], row["office"]) for row in rows}
    return {
        (campaign, offices): any((campaign, office) in present for office in offices)
        for campaign, offices in questions
    }


_present = Gathered(_are_present)
