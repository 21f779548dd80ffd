"""Shifts on offer to the public: published, to come, of campaigns prepared or under way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from core import database, moments
from core.refusals import Missing
from plugins.volunteer.signing_up.engagements import NAMED, TAKEN, WAITING

SHIFTS = (
    f"SELECT h.id, h.key, c.key AS campaign, c.id AS campaign_id, {NAMED} AS title, h.starts_at,"
    ' h.ends_at, h.place AS "where", h.skills, h.tasks, h.risks, h.insurance, h.capacity,'
    f" {TAKEN} AS taken, {WAITING} AS waiting, h.published_at, h.cancelled_at,"
    " h.organisation AS organisation_id, o.key AS organisation,"
    " COALESCE(p.name, o.name) AS office, c.state, e.title AS activity,"
    " e.accessibility FROM volunteer_shift h"
    " JOIN campaign c ON c.id = h.campaign JOIN organisation o ON o.id = h.organisation"
    " LEFT JOIN campaign_participant p ON p.campaign = h.campaign"
    " AND p.organisation = h.organisation LEFT JOIN activity e ON e.id = h.activity"
    " WHERE EXISTS (SELECT 1 FROM campaign_plugin g WHERE g.campaign = h.campaign"
    " AND g.plugin = 'volunteer')"
)
RECRUITING = frozenset({"draft", "open"})
OFFERED = (
    " AND h.published_at IS NOT NULL AND h.cancelled_at IS NULL AND h.starts_at > :now"
    " AND c.state IN ('draft', 'open')"
)
NOT_OFFERED = "没有这个班次，或者它现在不公开招募"


def public_shift(campaign: str, key: str) -> str:
    """The address of a shift's public page."""
    return f"/volunteer/shifts/{quote(campaign, safe='')}/{quote(key, safe='')}"


@dataclass(frozen=True, slots=True)
class Offer:
    """A shift as the public sees it; ``taken`` and ``waiting`` are people."""

    id: int
    key: str
    campaign: str
    campaign_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    where: str
    skills: tuple[str, ...]
    tasks: tuple[str, ...]
    risks: str
    insurance: str
    capacity: int
    taken: int
    waiting: int
    published_at: datetime | None
    cancelled_at: datetime | None
    organisation_id: int
    organisation: str
    office: str
    state: str
    activity: str | None
    accessibility: tuple[str, ...]

    @property
    def left(self) -> int:
        """Free places. Who waits beside them stands elsewhere at that time, or had moved up."""
        return max(0, self.capacity - self.taken)

    @property
    def full(self) -> bool:
        """Whether somebody who signs up now has to wait."""
        return self.left == 0

    @property
    def href(self) -> str:
        """The address of its public page."""
        return public_shift(self.campaign, self.key)

    def closed_because(self, now: datetime) -> str:
        """Why nobody signs up any more; "" while people may."""
        if self.cancelled_at is not None:
            return "这个班次已经取消"
        if self.starts_at <= now:
            return "这个班次已经开始，不能再报名或退出"
        if self.published_at is None or self.state not in RECRUITING:
            return "这个班次现在不招募志愿者"
        return ""


def _offer(row: dict[str, Any]) -> Offer:
    for name in ("skills", "tasks", "accessibility"):
        row[name] = tuple(json.loads(row[name] or "[]"))
    return Offer(**row)


async def shifts_on_offer(
    now: datetime,
    *,
    office: str = "",
    on: date | None = None,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[Offer]:
    """Shifts on offer by start; of an office (key) and what is below it, of a day in China.

    ``after`` is the (start, id) of the last one seen. One statement.
    """
    conditions, values = OFFERED, dict[str, Any](now=now, limit=limit)
    if office:
        conditions += (
            " AND h.organisation IN (SELECT x.descendant FROM organisation_closure x"
            " JOIN organisation a ON a.id = x.ancestor WHERE a.key = :office)"
        )
        values["office"] = office
    if on is not None:
        conditions += " AND h.starts_at < :until AND h.ends_at > :since"
        values |= {
            "since": moments.from_local(on),
            "until": moments.from_local(on + timedelta(days=1)),
        }
    if after is not None:
        conditions += " AND (h.starts_at, h.id) > (:after_start, :after_id)"
        values |= {"after_start": after[0], "after_id": after[1]}
    rows = await database.fetch(
        f"{SHIFTS}{conditions} ORDER BY h.starts_at, h.id LIMIT :limit", **values
    )
    return [_offer(row) for row in rows]


async def find(campaign: str, key: str) -> Offer:
    """A shift that was published; also past or cancelled. Raises Missing."""
    rows = await database.fetch(
        f"{SHIFTS} AND c.key = :campaign AND h.key = :key", campaign=campaign, key=key
    )
    if not rows:
        raise Missing(NOT_OFFERED)
    return _offer(rows[0])


async def offices(now: datetime) -> list[dict[str, str]]:
    """Offices that recruit now, as ``select_field`` takes them. One statement."""
    rows = await database.fetch(
        "SELECT o.key, o.name FROM organisation o WHERE o.id IN (SELECT h.organisation"
        f" FROM volunteer_shift h JOIN campaign c ON c.id = h.campaign{OFFERED}"
        " WHERE EXISTS (SELECT 1 FROM campaign_plugin g WHERE g.campaign = h.campaign"
        " AND g.plugin = 'volunteer')) ORDER BY o.name, o.key",
        now=now,
    )
    return [{"value": row["key"], "label": row["name"]} for row in rows]
