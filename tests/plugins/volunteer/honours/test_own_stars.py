"""What a volunteer sees of his own stars, and asking for one."""

from __future__ import annotations

from datetime import timedelta

from litestar import Litestar

from api.kit.records import Work
from core import campaigns, database
from core.moments import today
from core.permissions import SYSTEM
from core.process import Process
from plugins.volunteer import stars
from plugins.volunteer.honours import awarding
from tests.plugins.volunteer.volunteers import (
    attend,
    browser_of,
    offices_alone,
    on,
    registered,
    shift,
)

PAGE = "/volunteer/me/stars"


async def test_a_volunteer_asks_for_his_star_and_sees_its_way(
    running_app: Litestar, process: Process
) -> None:
    work = Work(SYSTEM, await campaigns.find(await offices_alone(process)))
    actor, profile = await registered()
    _, other = await registered("李雷", "13800000002")
    for each in (profile, other):
        await attend(each, await shift(f"h-{each.id}", on("2022-05-15"), hours=100))
    async with await browser_of(running_app, actor) as browser:
        before = (await browser.get(PAGE)).text
        assert "申请星级" not in before  # the street's stars are not asked for
        assert "还没有星级在认定" in before
        await browser.post(f"{PAGE}/applications", data={"x": "1"})
        assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_star_award") == 0
        await stars.choose(work, "national-cumulative")
        assert "您已经达到一星，可以申请" in (await browser.get(PAGE)).text
        assert (await browser.post(f"{PAGE}/applications", data={"x": "1"})).status_code == 303
        row = await database.fetch_one(
            "SELECT w.stars, w.state, w.reason, v.profile FROM volunteer_star_award w"
            " JOIN volunteer_person v ON v.id = w.volunteer"
        )
        assert row == {
            "stars": 1,
            "state": "proposed",
            "reason": "本人申请",
            "profile": profile.id,
        }
        assert await database.fetch_value("SELECT COUNT(*) FROM volunteer_star_award") == 1
        asked = (await browser.get(PAGE)).text
        assert "拟认定" in asked
        assert "再服务200小时达到二星" in asked
        await database.execute(
            "UPDATE volunteer_star_award SET state = 'announced', announced_on = :day,"
            " until = :day",
            day=today(),
        )
        assert 'href="/volunteer/notices/2022-city"' in (await browser.get(PAGE)).text
        await database.execute(
            "UPDATE volunteer_star_award SET until = :day", day=today() - timedelta(days=1)
        )
        await awarding.finalise(work)
        final = (await browser.get(PAGE)).text
        assert "已认定" in final
        assert "/volunteer/notices/" not in final
