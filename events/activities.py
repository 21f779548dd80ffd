"""Activities as they are read: one, a list by time, those that come next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import database
from core.permissions import Actor, scope_sql
from core.refusals import Missing
from core.scopes import Scope

STATES: dict[str, str] = {
    "draft": "草稿",
    "published": "已发布",
    "done": "已完成",
    "cancelled": "已取消",
}
# What people outside the office that plans may know of.
SHOWN = ("published", "done", "cancelled")
WORD_LISTS = ("accessibility", "accessibility_asked")
SUBTREE = (
    "a.organisation IN (SELECT descendant FROM campaign_closure"
    " WHERE campaign = :campaign AND ancestor = :office)"
)


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity with its office's key and its name in the campaign. Moments are UTC."""

    id: int
    key: str
    title: str
    kind: str
    organisation_id: int
    organisation: str
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    place: str
    address: str
    hosts: str
    capacity: int | None
    person_in_charge: str
    accessibility: tuple[str, ...]
    accessibility_asked: tuple[str, ...]
    notes: str
    state: str
    sequence: int
    modified_at: datetime
    cancelled_at: datetime | None

    @property
    def name(self) -> str:
        """Its title; the key of one that has none."""
        return self.title or self.key


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which activities are asked for; what is None or empty does not narrow.

    ``office_id`` means its subtree in the campaign, ``since`` and ``until`` (exclusive) what
    overlaps with that time, ``after`` the place (start, key) of the last one of a page.
    """

    office_id: int | None = None
    kind: str = ""
    service: str = ""
    states: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, str] | None = None

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """The conditions in SQL over ``a`` (the activity) and their values."""
        columns: dict[str, tuple[str, Any]] = {
            "office": (SUBTREE, self.office_id),
            "kind": ("a.kind = :kind", _storable(self.kind) or None),
            "service": ("a.accessibility LIKE :service ESCAPE '~'", _like(self.service)),
            "states": ("a.state IN (:states)", self.states or None),
            "since": ("(a.ends_at > :since OR a.starts_at >= :since)", self.since),
            "until": ("a.starts_at < :until", self.until),
        }
        chosen = {name: pair for name, pair in columns.items() if pair[1] is not None}
        conditions = [condition for condition, _ in chosen.values()]
        values = {name: value for name, (_, value) in chosen.items()}
        if self.after is not None:
            conditions.append(
                "(a.starts_at > :after_start"
                " OR (a.starts_at = :after_start AND a.key > :after_key))"
            )
            values |= {"after_start": self.after[0], "after_key": self.after[1]}
        return conditions, values


SELECT = (
    "SELECT a.id, a.key, a.title, a.kind, a.organisation AS organisation_id,"
    " o.key AS organisation, COALESCE(p.name, o.name) AS organisation_name, a.starts_at, a.ends_at,"
    " a.place, a.address, a.hosts, a.capacity, a.person_in_charge, a.accessibility,"
    " a.accessibility_asked, a.notes, a.state, a.sequence, a.modified_at, a.cancelled_at"
    " FROM activity a JOIN organisation o ON o.id = a.organisation"
    " LEFT JOIN campaign_participant p"
    " ON p.campaign = a.campaign AND p.organisation = a.organisation"
)


def _storable(word: str) -> str:
    """The word as a database can compare it: PostgreSQL takes no NUL, and no word has one."""
    return word.replace("\x00", "\ufffd")


def _like(word: str) -> str | None:
    """A pattern that finds the word in a JSON list."""
    if not word:
        return None
    quoted = json.dumps(_storable(word), ensure_ascii=False)
    for mark in "~%_":
        quoted = quoted.replace(mark, f"~{mark}")
    return f"%{quoted}%"


def of_row(row: Mapping[str, Any]) -> Activity:
    """A row of SELECT as an activity."""
    words = {
        name: tuple(json.loads(row[name])) for name in ("accessibility", "accessibility_asked")
    }
    return Activity(**{**row, **words})


async def find(actor: Actor, campaign_id: int, key: str, permission: str) -> Activity:
    """The activity of that key, where the actor holds the permission. Raises Missing."""
    scope, parameters = scope_sql(actor, permission)
    row = await database.fetch_one(
        f"{SELECT} WHERE a.campaign = :campaign AND a.key = :key AND a.organisation IN ({scope})",
        campaign=campaign_id,
        key=key,
        **parameters,
    )
    if row is None:
        raise Missing(f"没有编号为“{key}”的活动安排")
    return of_row(row)


async def listed(
    actor: Actor, campaign_id: int, wanted: Wanted = Wanted(), limit: int | None = None
) -> list[Activity]:
    """The campaign's activities in the actor's offices, by start and key. One statement."""
    scope, parameters = scope_sql(actor, "activity.view")
    return await _fetch(
        ["a.campaign = :campaign", f"a.organisation IN ({scope})"],
        {"campaign": campaign_id, **parameters},
        wanted,
        limit,
    )


async def of_scope(
    scope: Scope, wanted: Wanted = Wanted(), limit: int | None = None
) -> list[Activity]:
    """The activities of the scope's subtree that are no drafts, by start and key. One statement.

    ``wanted`` names no office besides: the scope is the office.
    """
    conditions = ["a.campaign = :campaign", "a.state IN (:shown)", SUBTREE]
    given = {"campaign": scope.campaign_id, "office": scope.organisation_id, "shown": SHOWN}
    return await _fetch(conditions, given, wanted, limit)


async def upcoming(scope: Scope, now: datetime, limit: int) -> list[Activity]:
    """The next published activities of the scope's subtree, those that are going on included."""
    return await of_scope(scope, Wanted(states=("published",), since=now), limit)


async def _fetch(
    conditions: Iterable[str], given: Mapping[str, Any], wanted: Wanted, limit: int | None
) -> list[Activity]:
    narrower, values = wanted.conditions()
    sql = f"{SELECT} WHERE {' AND '.join([*conditions, *narrower])} ORDER BY a.starts_at, a.key"
    if limit is not None:
        sql, values = f"{sql} LIMIT :limit", {**values, "limit": limit}
    return [of_row(row) for row in await database.fetch(sql, **given, **values)]
