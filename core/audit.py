"""The log of who did what: one row a write, in the transaction of the write itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from core import database, moments
from core.permissions import Actor, may_everywhere, scope_sql

# Never in the log, however deep: sealed or hashed personal fields, secrets and what opens them.
DENIED = re.compile(r"(_sealed|_index|_hash|password|secret|token|cookie)s?$", re.IGNORECASE)
JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True)

INSERT = (
    "INSERT INTO audit_entry (at, actor, account, organisation, campaign, action, thing,"
    " thing_key, before, after) VALUES (:at, :actor, :account, :organisation, :campaign,"
    " :action, :thing, :thing_key, :before, :after)"
)


class OutsideTransactionError(RuntimeError):
    """``record`` was called where the write it tells of could be kept without it."""


@lru_cache(maxsize=1024)
def _is_denied(name: str) -> bool:
    return DENIED.search(name) is not None


def _plain(value: Any) -> Any:
    """A value as JSON takes it, without denied members. TypeError for what nobody can read."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if not _is_denied(str(k))}
    if isinstance(value, list | tuple | set | frozenset):
        members = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(member) for member in members]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"audit: {type(value).__name__} has no form in the log")


def _written(state: Mapping[str, Any] | None) -> str | None:
    return None if state is None else JSON.encode(_plain(state))


@dataclass(frozen=True, slots=True)
class Deed:
    """What ``actor`` did to the ``thing`` named ``thing_key`` (``account`` ``zhang``).

    ``action`` is what was done (``account.created``), ``organisation`` the id of the office it was
    done for, ``campaign`` a campaign's key. ``before`` and ``after`` hold the members that matter;
    personal fields come masked.
    """

    actor: Actor
    action: str
    thing: str
    thing_key: str
    organisation: int | None = None
    campaign: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    def row(self, at: datetime) -> dict[str, Any]:
        """The entry's columns."""
        return {
            "at": at,
            "actor": self.actor.name,
            "account": self.actor.account_id,
            "organisation": self.organisation,
            "campaign": self.campaign,
            "action": self.action,
            "thing": self.thing,
            "thing_key": self.thing_key,
            "before": _written(self.before),
            "after": _written(self.after),
        }


async def record(
    actor: Actor,
    action: str,
    thing: str,
    thing_key: str,
    *,
    organisation: int | None = None,
    campaign: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry: see ``Deed``. Raises OutsideTransactionError outside a unit of work."""
    await record_all([Deed(actor, action, thing, thing_key, organisation, campaign, before, after)])


async def record_all(deeds: Sequence[Deed]) -> None:
    """Write several entries, in their order, with one statement.

    Raises OutsideTransactionError outside a unit of work.
    """
    if deeds and not database.in_transaction():
        action = deeds[0].action
        raise OutsideTransactionError(f"{action}: audit.record belongs in the write's transaction")
    at = moments.now()
    await database.execute_many(INSERT, [each.row(at) for each in deeds])


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for; what is None or empty does not narrow.

    ``since`` and ``until`` are moments (``until`` exclusive); ``office`` is an office's key.
    """

    actor: str = ""
    action: str = ""
    thing: str = ""
    thing_key: str = ""
    campaign: str = ""
    office: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """The conditions in SQL over ``e`` (the entry) and ``o`` (its office), and their values."""
        columns = {
            "actor": "e.actor = :actor",
            "action": "e.action = :action",
            "thing": "e.thing = :thing",
            "thing_key": "e.thing_key = :thing_key",
            "campaign": "e.campaign = :campaign",
            "office": "o.key = :office",
            "since": "e.at >= :since",
            "until": "e.at < :until",
        }
        values = {name: getattr(self, name) for name in columns if getattr(self, name)}
        return [columns[name] for name in values], values


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log, as it is shown. ``before`` and ``after`` are decoded."""

    id: int
    at: datetime
    actor: str
    action: str
    thing: str
    thing_key: str
    organisation: str | None
    organisation_name: str | None
    campaign: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


async def entries(
    actor: Actor, wanted: Filter = Filter(), after: int | None = None, limit: int = 50
) -> list[Entry]:
    """The newest entries that the actor may see, those older than the entry ``after`` (an id).

    Entries of an office are seen by those who hold ``audit.view`` over it, entries of no office by
    those who hold it over a whole tree.
    """
    conditions, values = wanted.conditions()
    scope, parameters = scope_sql(actor, "audit.view")
    visible = f"e.organisation IN ({scope})"
    if await may_everywhere(actor, "audit.view"):
        # Nearly every entry is visible: walk back from the newest (adding 0 leaves the index of
        # offices alone) rather than gather and sort all there ever were.
        visible = f"(e.organisation + 0 IN ({scope}) OR e.organisation IS NULL)"
    if after is not None:
        conditions.append("e.id < :after")
        values["after"] = after
    rows = await database.fetch(
        "SELECT e.id, e.at, e.actor, e.action, e.thing, e.thing_key, o.key AS organisation,"
        " o.name AS organisation_name, e.campaign, e.before, e.after"
        " FROM audit_entry AS e LEFT JOIN organisation AS o ON o.id = e.organisation"
        f" WHERE {' AND '.join([visible, *conditions])} ORDER BY e.id DESC LIMIT :limit",
        limit=limit,
        **values,
        **parameters,
    )
    return [_entry(row) for row in rows]


def _entry(row: dict[str, Any]) -> Entry:
    states = {name: json.loads(row[name]) if row[name] else None for name in ("before", "after")}
    return Entry(**{**row, **states})
