"""What volunteer service adds up to besides its metrics: no-shows, skills, accessibility.

These are no metrics of the campaign (docs/bundle.md says which those are, and a recap's figures
are compared with them letter by letter): nobody sets targets for them or reports them. They are
counted here from the same records, and printed beside the figures.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from core import database
from core.measures import IN_SCOPE
from core.recap.model import Cell, Table, Text
from core.scopes import Scope
from events import accessibility
from plugins.volunteer.rules import hours_text

CAPTION = "志愿服务的其他数据"


@dataclass(slots=True)
class Amount:
    """Confirmed attendances and their credited minutes."""

    times: int = 0
    minutes: int = 0

    def add(self, times: int, minutes: int) -> None:
        """Count more of them."""
        self.times += times
        self.minutes += minutes


@dataclass(slots=True)
class Breakdown:
    """Confirmed service of a scope by what it was for; ``no_shows`` are attendances.

    A shift that asks for two skills counts under both: what is by skill or task adds up to more
    than the whole.
    """

    no_shows: int = 0
    at_accessible: Amount = field(default_factory=Amount)
    to_disabled: Amount = field(default_factory=Amount)
    by_skill: dict[str, Amount] = field(default_factory=lambda: defaultdict(Amount))
    by_task: dict[str, Amount] = field(default_factory=lambda: defaultdict(Amount))

    @property
    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Label, how much, and what it counts, of what there is."""
        if self.no_shows:
            yield "报名后未到（人次）", str(self.no_shows), "状态为“未到”的服务记录"
        if self.at_accessible.times:
            yield (
                "在有无障碍服务的活动中的服务时长（小时）",
                hours_text(self.at_accessible.minutes),
                "班次所属的日程登记了无障碍服务的，已确认的时长",
            )
        if self.to_disabled.times:
            yield (
                "直接为残疾人服务（人次）",
                str(self.to_disabled.times),
                "班次登记了助残任务（手语、推轮椅等）的，已确认的记录",
            )
        for task, amount in _sorted(self.by_task):
            yield f"助残任务“{task}”的服务时长（小时）", hours_text(amount.minutes), SEVERAL
        for skill, amount in _sorted(self.by_skill):
            yield f"技能“{skill}”的服务时长（小时）", hours_text(amount.minutes), SEVERAL


SEVERAL = "一个班次有几项的，每项都计，各项不能相加"


def _sorted(amounts: dict[str, Amount]) -> list[tuple[str, Amount]]:
    return sorted(amounts.items(), key=lambda item: (-item[1].minutes, item[0]))


async def read(scope: Scope) -> Breakdown:
    """Count the records of the scope. One statement."""
    found = Breakdown()
    for row in await database.fetch(
        "SELECT h.skills, h.tasks, a.status,"
        " CASE WHEN COALESCE(e.accessibility, '[]') <> '[]' THEN 1 ELSE 0 END AS accessible,"
        " COUNT(*) AS times, CAST(SUM(a.credited_minutes) AS BIGINT) AS minutes"
        " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        " AND h.campaign = a.campaign"
        " LEFT JOIN activity e ON e.id = h.activity WHERE a.campaign = :campaign"
        f" AND a.status IN ('confirmed', 'no_show') AND h.organisation + 0 IN ({IN_SCOPE})"
        " GROUP BY 1, 2, 3, 4",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    ):
        times, minutes = int(row["times"]), int(row["minutes"])
        if row["status"] == "no_show":
            found.no_shows += times
            continue
        if row["accessible"]:
            found.at_accessible.add(times, minutes)
        tasks = json.loads(row["tasks"])
        if tasks:
            found.to_disabled.add(times, minutes)
        for label in {accessibility.label(word) for word in tasks}:
            found.by_task[label].add(times, minutes)
        for skill in set(json.loads(row["skills"])):
            found.by_skill[skill].add(times, minutes)
    return found


def table(found: Breakdown) -> Table | None:
    """The table of a recap; None where there is nothing."""
    rows = tuple(
        (Cell.words(label), Cell((Text(amount),), numeric=True)) for label, amount, _ in found.rows
    )
    return Table(CAPTION, ("项目", "数量"), rows) if rows else None
