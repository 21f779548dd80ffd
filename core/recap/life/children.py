"""How far the offices directly below one are with their recaps, and what may not pass over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import database, moments
from core.permissions import Actor, scope_sql
from core.recap.life.deadlines import Deadline
from core.recap.life.versions import NOT_YET, SETTLED, STATES
from core.refusals import Conflict
from core.scopes import Scope

VIEW = "recap.view"
# What may be asked for: a state, no version at all, or whoever is late.
ABSENT, LATE, WAITING = "absent", "late", "submitted"
STANDINGS: dict[str, str] = {ABSENT: NOT_YET, **STATES}
# How many names a sentence bears.
NAMED = 5
# ``v`` is an office's newest version, ``f`` its first.
_FROM = (
    "FROM campaign_participant p JOIN organisation o ON o.id = p.organisation"
    " LEFT JOIN recap_version f ON f.campaign = p.campaign AND f.organisation = p.organisation"
    " AND f.number = 1"
    " LEFT JOIN recap_version v ON v.campaign = p.campaign AND v.organisation = p.organisation"
    " AND v.number = (SELECT MAX(w.number) FROM recap_version w"
    " WHERE w.campaign = p.campaign AND w.organisation = p.organisation)"
    " WHERE p.campaign = :campaign AND p.parent = :parent"
)


@dataclass(frozen=True, slots=True)
class Child:
    """An office directly below, with its newest version; ``standing`` is one of STANDINGS.

    ``late``: its first version came after the deadline, or none came and the day is over.
    ``moved``: something of the campaign was changed since the newest version was handed in.
    """

    key: str
    name: str
    standing: str
    number: int | None
    submitted_at: datetime | None
    submitted_by: str | None
    decided_at: datetime | None
    reason: str
    late: bool
    moved: bool

    @property
    def label(self) -> str:
        """The standing in Chinese."""
        return STANDINGS[self.standing]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many offices there are of each standing, in the order of STANDINGS, and late ones."""

    by_standing: Mapping[str, int]
    late: int

    @property
    def offices(self) -> int:
        """How many there are at all."""
        return sum(self.by_standing.values())

    @property
    def unsettled(self) -> int:
        """How many have handed in nothing that was accepted."""
        return sum(count for key, count in self.by_standing.items() if key not in SETTLED)


def _is_late(deadline: Deadline) -> tuple[str, dict[str, Any]]:
    """The condition over ``f`` that an office is late, with its values."""
    over = moments.now() >= deadline.ends_at
    absent = "f.id IS NULL" if over else "1 = 0"
    return f"({absent} OR f.submitted_at >= :ends_at)", {"ends_at": deadline.ends_at}


async def totals(actor: Actor, scope: Scope, deadline: Deadline) -> Totals:
    """Counts of the offices directly below that the actor may see. One statement."""
    inside, parameters = scope_sql(actor, VIEW)
    late, values = _is_late(deadline)
    rows = await database.fetch(
        f"SELECT COALESCE(v.state, '{ABSENT}') AS standing, COUNT(*) AS offices,"
        f" SUM(CASE WHEN {late} THEN 1 ELSE 0 END) AS late {_FROM}"
        f" AND p.organisation IN ({inside}) GROUP BY COALESCE(v.state, '{ABSENT}')",
        campaign=scope.campaign_id,
        parent=scope.organisation_id,
        **values,
        **parameters,
    )
    found = {row["standing"]: row for row in rows}
    counts = {key: found[key]["offices"] if key in found else 0 for key in STANDINGS}
    return Totals(counts, sum(row["late"] for row in rows))


async def listed(
    actor: Actor,
    scope: Scope,
    deadline: Deadline,
    *,
    standing: str = "",
    after: str = "",
    limit: int = 50,
) -> list[Child]:
    """The offices directly below that the actor may see, by key. One statement.

    ``standing`` is one of STANDINGS or LATE; ``after`` the key of the last one of a page.
    """
    inside, parameters = scope_sql(actor, VIEW)
    late, values = _is_late(deadline)
    conditions = [f"p.organisation IN ({inside})", "o.key > :after"]
    if standing == LATE:
        conditions.append(late)
    elif standing:
        conditions.append(f"COALESCE(v.state, '{ABSENT}') = :standing")
        values["standing"] = standing
    rows = await database.fetch(
        f"SELECT o.key, p.name, COALESCE(v.state, '{ABSENT}') AS standing, v.number,"
        " v.submitted_at, (SELECT COALESCE(a.display_name, v.submitted_by) FROM account a"
        " WHERE a.name = v.submitted_by) AS submitted_by, v.decided_at,"
        " COALESCE(v.reason, '') AS reason,"
        f" CASE WHEN {late} THEN 1 ELSE 0 END AS late, v.campaign_changes,"
        " (SELECT c.changes FROM campaign c WHERE c.id = p.campaign) AS changes"
        f" {_FROM} AND {' AND '.join(conditions)} ORDER BY o.key LIMIT :limit",
        campaign=scope.campaign_id,
        parent=scope.organisation_id,
        after=after,
        limit=limit,
        **{"ends_at": deadline.ends_at, **values},
        **parameters,
    )
    return [_child(row) for row in rows]


def _child(row: dict[str, Any]) -> Child:
    then, now = row.pop("campaign_changes"), row.pop("changes")
    moved = then is not None and then != now
    return Child(**{**row, "late": bool(row["late"])}, moved=moved)


async def unsettled(scope: Scope) -> tuple[int, list[tuple[str, str]]]:
    """How many offices directly below have nothing accepted, and the first few: name, state."""
    settled = ", ".join(f"'{state}'" for state in sorted(SETTLED))
    outside = f"COALESCE(v.state, '{ABSENT}') NOT IN ({settled})"
    rows = await database.fetch(
        f"SELECT p.name, COALESCE(v.state, '{ABSENT}') AS standing, COUNT(*) OVER () AS offices"
        f" {_FROM} AND {outside} ORDER BY o.key LIMIT {NAMED}",
        campaign=scope.campaign_id,
        parent=scope.organisation_id,
    )
    return (
        rows[0]["offices"] if rows else 0,
        [(row["name"], STANDINGS[row["standing"]]) for row in rows],
    )


def unsettled_words(count: int, first: list[tuple[str, str]]) -> str:
    """``甲县残联（未报送）、乙县残联（已退回）等6个下级单位的总结还没有被接受``."""
    names = "、".join(f"{name}（{state}）" for name, state in first)
    return f"{names}{'等' if count > len(first) else ''}{count}个下级单位的总结还没有被接受"


async def require_settled(scope: Scope, reason: str, act: str, member: str) -> int:
    """Let pass when all offices directly below are accepted or there is a reason; their number.

    Raises Conflict (``unaccepted``) otherwise; ``act`` says what was to be done (报送).
    """
    count, first = await unsettled(scope)
    if count and not reason.strip():
        said = f"{unsettled_words(count, first)}；仍要{act}，请写明原因"
        raise Conflict.of("unaccepted", said, member)
    return count
