"""What offices are told of hours."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.kit.records import Work, add, change
from core import database
from core.scopes import Scope
from plugins.volunteer.hours import findings, objections
from plugins.volunteer.records import ATTENDANCES, SHIFTS
from tests.plugins.volunteer.hours.test_confirming import pending


async def told(work: Work, office: str) -> list[tuple[str, str]]:
    row = await database.fetch_one("SELECT id FROM organisation WHERE key = :key", key=office)
    assert row is not None
    scope = Scope(work.campaign.id, work.campaign.key, row["id"], office)
    return [(each.code, each.message) for each in await findings.findings(scope)]


async def test_each_office_is_told_what_waits(work: Work, punch: Any) -> None:
    assert await told(work, "city") == []
    await punch("v1", "in", "08:00")
    await punch("v1", "in", "10:30", "h2")
    await add(work, ATTENDANCES, pending("t2", "v2"))
    await add(work, ATTENDANCES, pending("t3", "v3", checked_out_at="2022-05-15T08:00:00+08:00"))
    key = await objections.note(work, "t2", "少算了")
    assert [code for code, _ in await told(work, "x1")] == ["open_conflicts", "improbable_hours"]
    await database.execute(
        "UPDATE volunteer_objection SET due_on = :day WHERE key = :key",
        day=date(2022, 5, 22),
        key=key,
    )
    await change(work, SHIFTS, "h1", {"activity": None})
    await change(work, ATTENDANCES, "t2", {"status": "confirmed"})
    names = await told(work, "city")
    assert [code for code, _ in names] == [
        "open_conflicts",
        "objections_overdue",
        "hours_without_activity",
        "improbable_hours",
    ]
    assert "有1条打卡冲突没有处理" in names[0][1]
    assert "计入了3小时" in names[2][1]
    assert await told(work, "x2") == []
