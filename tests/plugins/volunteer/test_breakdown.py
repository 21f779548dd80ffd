"""What volunteer service adds up to besides its metrics."""

from __future__ import annotations

import pytest

from api.kit.records import Work
from core import campaigns, database
from core.permissions import SYSTEM
from plugins.volunteer import breakdown
from tests.fixtures.application import SignIn

PAGE = "/campaigns/2022-city/volunteer/breakdown"


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


async def told(work: Work, office: str | None = None) -> list[tuple[str, str]]:
    found = await breakdown.read(await campaigns.scope(work.campaign, office))
    return [(label, amount) for label, amount, _ in found.rows]


async def attended(key: str, minutes: int, status: str = "confirmed", **shift: str) -> None:
    """One attendance more: v00602's in a shift of x1 of its own."""
    values = {"skills": "[]", "tasks": "[]", "organisation": "x1", **shift}
    number = await database.fetch_value(
        "INSERT INTO volunteer_shift (campaign, key, activity, organisation, title, starts_at,"
        " ends_at, capacity, label, sequence, place, skills, tasks, risks, insurance)"
        " SELECT campaign, CAST(:key AS VARCHAR), (SELECT id FROM activity WHERE key = :activity),"
        " (SELECT id FROM organisation WHERE key = :organisation), '', starts_at, ends_at, 1,"
        " '', 0, '', CAST(:skills AS VARCHAR), CAST(:tasks AS VARCHAR), '', ''"
        " FROM volunteer_shift h ORDER BY h.id LIMIT 1 RETURNING id",
        key=key,
        **{"activity": "", **values},
    )
    await database.execute(
        "INSERT INTO volunteer_attendance (campaign, key, shift, volunteer, ordinal, status,"
        " credited_minutes, policy, closed_by_itself) SELECT campaign, CAST(:key AS VARCHAR),"
        " CAST(:shift AS BIGINT), id, 0, CAST(:status AS VARCHAR), CAST(:minutes AS BIGINT), '',"
        " :closed FROM volunteer_person WHERE key = 'v00602'",
        key=key,
        shift=number,
        status=status,
        minutes=minutes,
        closed=False,
    )


async def test_what_is_counted_beside_the_figures(work: Work, sign_in: SignIn) -> None:
    before = dict(await told(work, "x1"))
    assert not {label for label in before if "技能" in label or "任务" in label}
    await attended("b1", 50, skills='["手语","急救"]', tasks='["sign_language"]')
    await attended("b2", 50, skills='["手语"]', tasks='["sign_language","推轮椅"]')
    await attended("b3", 50, skills='["手语"]')
    await attended("b4", 90, "pending", skills='["手语"]')
    await attended("b5", 0, "no_show", skills='["手语"]')
    found = dict(await told(work, "x1"))
    # Minutes are added first and stated once: three times 50 are two hours and a half.
    assert found["技能“手语”的服务时长（小时）"] == "2.5"
    assert found["技能“急救”的服务时长（小时）"] == "0.8"
    assert found["助残任务“手语翻译”的服务时长（小时）"] == "1.7"
    assert found["助残任务“推轮椅”的服务时长（小时）"] == "0.8"
    assert found["直接为残疾人服务（人次）"] == "2"
    assert found["报名后未到（人次）"] == str(int(before.get("报名后未到（人次）", 0)) + 1)
    assert dict(await told(work, "x2")).get("技能“手语”的服务时长（小时）") is None
    seen = (await (await sign_in("viewer", "x1")).get(PAGE)).text
    assert "技能“手语”的服务时长" in seen
    assert "技能“" not in (await (await sign_in("viewer", "x2")).get(PAGE)).text


async def test_hours_where_accessibility_was_offered(work: Work) -> None:
    label = "在有无障碍服务的活动中的服务时长（小时）"
    await database.execute("UPDATE activity SET accessibility = '[]'")
    assert label not in dict(await told(work))
    await attended("b1", 60, activity="v00")
    assert label not in dict(await told(work))
    await database.execute(
        "UPDATE activity SET accessibility = '[\"sign_language\"]' WHERE key = 'v00'"
    )
    served = await database.fetch_value(
        "SELECT SUM(a.credited_minutes) FROM volunteer_attendance a JOIN volunteer_shift h"
        " ON h.id = a.shift JOIN activity e ON e.id = h.activity WHERE e.key = 'v00'"
        " AND a.status = 'confirmed'"
    )
    found = await breakdown.read(await campaigns.scope(work.campaign))
    assert found.at_accessible.minutes == int(served)
    assert label in dict(await told(work))


async def test_one_statement_and_a_table_only_where_there_is_something(work: Work) -> None:
    asked: list[str] = []
    scope = await campaigns.scope(work.campaign)
    async with database.watching(asked.append):
        await breakdown.read(scope)
    assert len(asked) == 1
    assert breakdown.table(breakdown.Breakdown()) is None
    table = breakdown.table(breakdown.Breakdown(no_shows=3))
    assert table is not None
    assert table.numeric_columns() == (False, True)
