"""What an office adds to its recap, on both engines: kept, printed, logged, never lost."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from core import campaign_cloning, campaigns, database, reports
from core.campaign_plans import Plan
from core.permissions import SYSTEM, Actor
from core.process import Process
from core.recap import build
from core.recap.manuscript import changes as manuscript_changes
from core.recap.manuscript import manuscripts, parts
from core.recap.manuscript.changes import Wanted
from core.recap.manuscript.manuscripts import Desk, Manuscript
from core.recap.manuscript.parts import Part
from core.recap.model import Document, Paragraph, said
from core.refusals import Conflict, Missing, Refusal
from tests.fixtures.application import ActorOf


async def desk_at(process: Process, office: str = "city", key: str = "2022-city") -> Desk:
    campaign = await campaigns.find(key)
    return manuscripts.desk(campaign, await campaigns.scope(campaign, office), process.plugins)


async def stored(where: Desk) -> Manuscript:
    return await manuscripts.read(where.scope.campaign_id, where.scope.organisation_id)


async def printed(process: Process, where: Desk) -> Document:
    report = await reports.read(
        where.campaign, where.scope.organisation, process.plugins, process.catalogue
    )
    return await build.document(report, process.plugins, process.catalogue)


async def log(action: str) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT after FROM audit_entry WHERE action = :action ORDER BY id", action=action
    )
    return [json.loads(row["after"]) for row in rows]


@pytest.fixture
async def clerk(campaign_2022: str, actor_of: ActorOf) -> Actor:
    return await actor_of("clerk", "city")


@pytest.fixture
async def where(campaign_2022: str, process: Process) -> Desk:
    return await desk_at(process)


async def test_the_recap_is_as_its_author_shapes_it(
    clerk: Actor, where: Desk, process: Process
) -> None:
    before = await printed(process, where)
    assert await stored(where) == Manuscript()
    work = next(section for section in before.sections if section.key == "work")
    first, second = (parts.section_key(each) for each in work.sections[:2])
    await manuscript_changes.head(clerk, where, 0, "某市助残日总结", "某省残联：")
    await manuscript_changes.place(clerk, where, 1, second, "up")
    await manuscript_changes.place(clerk, where, 2, "by_organisation", "hide")
    text = "一是对就业意向{job_fair.intents}逐个回访。\n二是补齐明细。"
    await manuscript_changes.write(clerk, where, 3, Part("next", "今后打算", text))
    key = await manuscript_changes.add(clerk, where, 4, "媒体报道", "三家媒体作了报道。")
    found = await stored(where)
    assert (found.revision, found.changed_by, key) == (5, "clerk-city", "free-1")
    after = await printed(process, where)
    assert (after.title, after.recipient) == ("某市助残日总结", "某省残联")
    assert before.title == build.usual_title("第32次全国助残日")
    titles = [section.title for section in after.sections]
    assert "各单位情况" not in titles
    assert titles.index("媒体报道") == titles.index("今后打算") - 1
    below = next(section for section in after.sections if section.key == "work").sections
    assert [parts.section_key(each) for each in below[:2]] == [second, first]
    (own,) = [section for section in after.sections if section.key == "next"]
    lines = [said(block.inlines) for block in own.blocks if isinstance(block, Paragraph)]
    assert lines == ["一是对就业意向181人逐个回访。", "二是补齐明细。"]
    assert after.annex == before.annex


async def test_what_an_office_writes_is_its_own(
    clerk: Actor, where: Desk, process: Process
) -> None:
    await manuscript_changes.write(clerk, where, 0, Part("thanks", text="谢谢。"))
    below = await desk_at(process, "x1")
    assert await stored(below) == Manuscript()
    await manuscript_changes.write(clerk, below, 0, Part("thanks", text="感谢市残联。"))
    assert {part.key: part.text for part in (await stored(where)).parts}["thanks"] == "谢谢。"


async def test_whoever_comes_too_late_hears_what_was_done(
    clerk: Actor, where: Desk, actor_of: ActorOf
) -> None:
    chief = await actor_of("organiser", "city")
    await manuscript_changes.head(clerk, where, 0, "", "某省残联")
    await manuscript_changes.place(chief, where, 1, "thanks", "up")
    before = await stored(where)
    for seen in (0, 1, 3, -1):
        with pytest.raises(Conflict) as caught:
            await manuscript_changes.write(clerk, where, seen, Part("next", text="晚了"))
        assert caught.value.code == "stale_revision"
    with pytest.raises(Conflict, match=r"organiser-city.*移动了“致谢”") as caught:
        await manuscript_changes.write(clerk, where, 1, Part("next", text="晚了"))
    assert "主送机关" not in str(caught.value)
    assert await stored(where) == before


async def test_of_two_at_once_one_is_told_to_look_again(clerk: Actor, where: Desk) -> None:
    answers = await asyncio.gather(
        *(manuscript_changes.head(clerk, where, 0, title, "") for title in ("甲", "乙")),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Manuscript"]
    found = await stored(where)
    assert (found.revision, found.title in {"甲", "乙"}) == (1, True)


async def test_only_who_may_write_there_writes(
    where: Desk, process: Process, actor_of: ActorOf
) -> None:
    reader, county = await actor_of("viewer", "city"), await actor_of("clerk", "x1")
    for actor in (reader, county):
        with pytest.raises(Missing):
            await manuscript_changes.head(actor, where, 0, "标题", "")
    await manuscript_changes.head(county, await desk_at(process, "x1"), 0, "标题", "")
    assert await stored(where) == Manuscript()


async def test_what_is_put_away_is_not_written_on(
    clerk: Actor, where: Desk, process: Process
) -> None:
    await database.execute("UPDATE campaign SET state = 'archived'")
    with pytest.raises(Conflict) as caught:
        await manuscript_changes.head(clerk, await desk_at(process), 0, "标题", "")
    assert caught.value.code == "campaign_state"
    await database.execute("UPDATE campaign SET state = 'closed'")
    await manuscript_changes.head(clerk, await desk_at(process), 0, "标题", "")


@pytest.mark.parametrize(
    ("part", "member"),
    [
        (Part("overview", text="自己写"), "text"),
        (Part("next", "字" * 51), "title"),
        (Part("next", text="字" * 5_001), "text"),
        (Part("next", text="字\x00"), "text"),
        (Part("next", "两\n行"), "title"),
        (Part("free-1"), "title"),
        (Part("next", text="{没有的}"), "text"),
    ],
)
def test_what_is_wrong_is_said(part: Part, member: str) -> None:
    faults = manuscript_changes.part_faults(
        part, lambda text: ["没有这项数据"] if "{" in text else []
    )
    assert [fault.member for fault in faults] == [member]


async def test_a_part_that_is_not_there_is_missing(clerk: Actor, where: Desk) -> None:
    for key in ("findings", "free-1", "work.nothing", "x" * 200):
        with pytest.raises(Missing):
            await manuscript_changes.place(clerk, where, 0, key, "up")
    with pytest.raises(Missing):
        await manuscript_changes.write(clerk, where, 0, Part("free-3", "题", "文"))
    with pytest.raises(Refusal):
        await manuscript_changes.place(clerk, where, 0, "next", "sideways")
    with pytest.raises(Refusal):
        await manuscript_changes.write(clerk, where, 0, Part("overview", text="自己写"))
    assert await stored(where) == Manuscript()


async def test_only_free_parts_can_be_removed_and_not_more_than_some_added(
    clerk: Actor, where: Desk
) -> None:
    for number in range(manuscript_changes.MOST_FREE):
        await manuscript_changes.add(clerk, where, number, f"第{number}段", "文")
    seen = manuscript_changes.MOST_FREE
    with pytest.raises(Conflict):
        await manuscript_changes.add(clerk, where, seen, "又一段", "文")
    with pytest.raises(Conflict):
        await manuscript_changes.remove(clerk, where, seen, "next")
    await manuscript_changes.remove(clerk, where, seen, "free-3")
    keys = {part.key for part in (await stored(where)).parts}
    assert "free-3" not in keys
    assert await manuscript_changes.add(clerk, where, seen + 1, "又一段", "文") == "free-3"


async def test_the_log_tells_what_was_done_without_the_text(clerk: Actor, where: Desk) -> None:
    await manuscript_changes.write(clerk, where, 0, Part("thanks", text="感谢张三。"))
    (entry,) = await log("recap.part_written")
    assert entry == {
        "revision": 1, "part": "致谢", "key": "thanks", "characters": 5, "hidden": False
    }  # fmt: skip


async def test_a_whole_manuscript_is_put_or_refused(clerk: Actor, where: Desk) -> None:
    child = next(iter(where.children))
    wanted = (
        Part("thanks", text="谢谢"),
        Part("overview", hidden=True),
        Part("free-7", "题", "文"),
    )
    await manuscript_changes.put(
        clerk, where, 0, Wanted("题", "某局:", (*wanted, Part(child, "乙")))
    )
    found = await stored(where)
    assert (found.title, found.recipient, found.parts[:3]) == ("题", "某局", wanted)
    faulty = (Part("nothing"), Part("thanks"), Part("thanks"), Part("work", text="文"))
    with pytest.raises(Refusal) as caught:
        await manuscript_changes.put(clerk, where, 1, Wanted("字" * 101, "", faulty))
    assert {(fault.pointer, fault.code) for fault in caught.value.faults} == {
        ("/title", "too_long"),
        ("/parts/0/key", "unknown_reference"),
        ("/parts/2/key", "duplicate"),
        ("/parts/3/text", "value"),
    }
    assert await stored(where) == found


async def test_what_stands_there_of_a_plugin_waits_while_it_is_not_in_use(
    clerk: Actor, where: Desk, process: Process
) -> None:
    gone = next(iter(where.children))
    await manuscript_changes.place(clerk, where, 0, gone, "hide")
    await database.execute("DELETE FROM campaign_plugin")
    without = await desk_at(process)
    assert gone not in without.children
    await manuscript_changes.place(clerk, without, 1, "thanks", "up")
    await manuscript_changes.put(clerk, without, 2, Wanted("", "", (Part("thanks"),)))
    assert {part.key: part.hidden for part in (await stored(where)).parts}[gone]


async def test_next_year_begins_with_the_same_order_and_no_text(
    clerk: Actor, where: Desk, process: Process
) -> None:
    await manuscript_changes.head(clerk, where, 0, "2022年总结", "某省残联")
    await manuscript_changes.write(clerk, where, 1, Part("next", "今后打算", "写了"))
    await manuscript_changes.place(clerk, where, 2, "days", "hide")
    await manuscript_changes.place(clerk, where, 3, "thanks", "up")
    made = await campaign_cloning.clone(
        SYSTEM, "2022-city", Plan(2024), process.catalogue, process.plugins
    )
    old, new = await stored(where), await stored(await desk_at(process, key=made.key))
    assert (new.title, new.recipient, new.revision) == ("", "某省残联", 1)
    plan = [(part.key, part.title, part.hidden) for part in old.parts]
    assert [(part.key, part.title, part.hidden) for part in new.parts] == plan
    assert {part.text for part in new.parts} == {""}


async def test_reading_takes_two_statements(clerk: Actor, where: Desk) -> None:
    await manuscript_changes.place(clerk, where, 0, "days", "hide")
    told: list[str] = []
    async with database.watching(told.append):
        await stored(where)
    assert len(told) == 2
