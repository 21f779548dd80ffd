"""What job fairs say through their hooks: recap, findings, evidence, calendar, people, clones."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from api.kit.records import Work, change, remove
from core import bundles, campaigns, database, figures, privacy
from core.figures import Figure
from core.measures import RecordPage
from core.permissions import Actor, Grant
from core.process import Process
from core.recap.model import Paragraph, Section, Table, said
from core.scopes import Scope
from plugins import job_fair
from plugins.job_fair import calendar, evidence, people, recap
from plugins.job_fair.fair_records import APPLICATIONS, POSITIONS
from plugins.job_fair.figures import METRICS
from plugins.job_fair.findings import DISCRIMINATORY, NOT_ATTENDED, OUTSIDE_WINDOW, UNSTATED
from plugins.job_fair.findings import read as findings
from plugins.job_fair.records import FAIRS, SEEKERS
from tests.core.recap.delivered import delivered
from tests.plugins.job_fair.fairs_made import KEY, crowded, load


async def scope_of(work: Work, office: str | None = None) -> Scope:
    return await campaigns.scope(work.campaign, office)


async def own(process: Process, work: Work, scope: Scope) -> dict[str, Figure]:
    computed = await figures.compute(scope, process.plugins, work.campaign.enabled)
    return dict(computed.own)


async def written(scope: Scope, counted: dict[str, Figure]) -> Section | None:
    return await recap.section(scope, counted, delivered(counted))


async def test_the_recap_says_it_as_an_office_does(process: Process, work: Work) -> None:
    scope = await scope_of(work)
    section = await written(scope, await own(process, work, scope))
    assert section is not None
    opening = section.blocks[0]
    assert isinstance(opening, Paragraph)
    assert said(opening.inlines) == (
        "活动期间，举办招聘会2场，1家用人单位提供2个工种、10个岗位。"
        "到场求职残疾人2人（3人次），投递简历3人次，2人达成初步就业意向，1人实现就业。"
    )
    table = section.blocks[-1]
    assert isinstance(table, Table)
    assert [[said(cell.inlines) for cell in row] for row in table.rows] == [
        ["5月12日", "现场招聘会", "现场", "甲县残联", "1", "8", "1", "2", "1"],
        ["6月2日", "线上专场招聘", "线上", "某市残联", "1", "2", "2", "0", "0"],
    ]


async def test_clauses_go_where_their_figures_do(process: Process, work: Work) -> None:
    scope = await scope_of(work, "c1")
    counted = await own(process, work, scope)

    async def opening(*left_out: str) -> str:
        kept = {key: value for key, value in counted.items() if key not in left_out}
        section = await written(scope, kept)
        assert section is not None
        assert isinstance(section.blocks[0], Paragraph)
        return said(section.blocks[0].inlines)

    # Everybody came once here, so that people and attendances are the same number.
    assert "到场求职残疾人1人，投递" in await opening()
    assert "招聘会1场，提供2个工种、8个岗位。" in await opening("job_fair.employers")
    without = await opening("job_fair.job_types", "job_fair.openings", "job_fair.attendees")
    assert without == (
        "活动期间，举办招聘会1场，1家用人单位参加。"
        "求职残疾人到场1人次，投递简历2人次，2人达成初步就业意向，1人实现就业。"
    )


async def test_an_office_without_fairs_has_no_section(work: Work) -> None:
    assert await written(await scope_of(work, "c2"), {}) is None


async def test_a_long_table_says_what_it_leaves_out(
    work: Work, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recap, "LONGEST_TABLE", 1)
    scope = await scope_of(work)
    section = await written(scope, await own(process, work, scope))
    assert section is not None
    table, rest = section.blocks[-2:]
    assert isinstance(table, Table)
    assert len(table.rows) == 1
    assert isinstance(rest, Paragraph)
    assert said(rest.inlines) == "表中只列前1场，另有1场未列。"


async def test_findings_name_what_is_wrong_and_where_to_mend_it(work: Work) -> None:
    found = await findings(await scope_of(work))
    base = f"/campaigns/{KEY}/job_fair"
    assert [(each.code, each.organisation, each.href) for each in found] == [
        (DISCRIMINATORY, "c1", f"{base}/positions/p2"),
        (OUTSIDE_WINDOW, "city", f"{base}/fairs/j2"),
        (NOT_ATTENDED, "c1", f"{base}/fairs/j1"),
        (UNSTATED, "c1", f"{base}/fairs/j1"),
    ]
    wording, outside, absent, unstated = (each.message for each in found)
    assert "“话务员（五官端正）”写有“五官端正”" in wording
    assert "2026年6月2日" in outside
    assert "有1人投了简历，却没有登记到场" in absent
    assert "“5月12日现场招聘会”有1个职位没有写明无障碍条件" in unstated


async def test_findings_go_when_it_is_mended(work: Work) -> None:
    mended = {"title": "话务员", "accommodations": ["captions"]}
    await change(work, POSITIONS, "p2", mended)
    await change(work, FAIRS, "j2", {"held_on": "2026-05-31"})
    await remove(work, APPLICATIONS, "s2~p1~0")
    assert await findings(await scope_of(work)) == []


async def test_an_application_online_needs_no_attendance(work: Work) -> None:
    await change(work, FAIRS, "j1", {"mode": "online"})
    codes = {each.code for each in await findings(await scope_of(work))}
    assert NOT_ATTENDED not in codes


async def test_findings_stay_within_the_office(work: Work) -> None:
    for office, codes in (("t1", 0), ("c2", 0), ("c1", 3)):
        assert len(await findings(await scope_of(work, office))) == codes


async def every_record(scope: Scope, metric: str) -> RecordPage:
    """All pages of a figure's records, fetched two at a time."""
    records: list[Any] = []
    after: int | None = 0
    while after is not None:
        page = await evidence.read(scope, metric, after, 2)
        records += page.records
        after = page.after
    return RecordPage(records, None)


async def test_records_add_up_to_their_figures(process: Process, work: Work) -> None:
    scope = await scope_of(work)
    counted = await own(process, work, scope)
    assert set(evidence.KINDS) == {metric.key for metric in METRICS} == set(counted)
    for metric in METRICS:
        records = (await every_record(scope, metric.key)).records
        if metric.aggregation == "sum":
            assert sum(each.amount for each in records) == counted[metric.key].value, metric.key
        else:
            assert len({each.id for each in records}) == counted[metric.key].value, metric.key


async def test_records_are_labelled_masked_and_led_to(work: Work) -> None:
    scope = await scope_of(work, "c1")
    base = f"/campaigns/{KEY}/job_fair"
    told = {}
    for metric in evidence.KINDS:
        records = (await every_record(scope, metric)).records
        told[metric] = [(each.label, each.href, each.organisation) for each in records]
    assert told["job_fair.hired"] == [("李*", f"{base}/seekers/s2", "c1")]
    assert told["job_fair.attendances"] == [
        ("张*三（现场招聘会）", f"{base}/attendances/j1~s1", "c1")
    ]
    assert told["job_fair.applications"][1] == (
        "李*投递夜班包装工（甲县包装厂），已就业",
        f"{base}/applications/s2~p1~0",
        "c1",
    )
    assert told["job_fair.openings"][0][:2] == ("夜班包装工（甲县包装厂）", f"{base}/positions/p1")
    assert told["job_fair.employers"] == [("甲县包装厂", f"{base}/employers/e1", "c1")]
    assert told["job_fair.fairs"] == [("现场招聘会", f"{base}/fairs/j1", "c1")]


async def test_every_address_of_a_record_opens(work: Work, sign_in: Any) -> None:
    browser = await sign_in("viewer", "city")
    scope = await scope_of(work)
    for metric in evidence.KINDS:
        for each in (await every_record(scope, metric)).records:
            assert (await browser.get(each.href)).status_code == 200, each.href


async def test_a_fair_without_an_activity_is_a_day_in_the_calendar(work: Work) -> None:
    scope = await scope_of(work)
    (entry,) = await calendar.entries(scope)
    assert (entry.title, entry.starts, entry.ends) == (
        "现场招聘会（甲县残联）",
        date(2026, 5, 12),
        date(2026, 5, 13),
    )
    assert entry.sequence == 0
    await change(work, FAIRS, "j1", {"held_on": "2026-05-13"})
    (moved,) = await calendar.entries(scope)
    assert (moved.uid, moved.sequence, moved.starts) == (entry.uid, 1, date(2026, 5, 13))
    assert moved.modified_at > entry.modified_at
    assert await calendar.entries(await scope_of(work, "c2")) == []


async def test_an_import_counts_revisions_too(process: Process, work: Work) -> None:
    scope = await scope_of(work)
    (before,) = await calendar.entries(scope)
    await load(process)
    assert await calendar.entries(scope) == [before]
    changed = crowded(0)
    changed["plugins"]["job_fair"]["fairs"][0]["held_on"] = "2026-05-14"
    await load(process, changed)
    (after,) = await calendar.entries(scope)
    assert (after.sequence, after.starts) == (1, date(2026, 5, 14))


async def test_the_tab_is_for_those_who_may_look(work: Work) -> None:
    office = work.campaign.organisation_id
    clerk = Actor("a", "a", 1, (Grant("clerk", office),), "session")
    helper = Actor("b", "b", 2, (Grant("volunteer", office),), "session")
    (item,) = await job_fair.navigation(campaign=KEY, actor=clerk)
    assert (item.label, item.href) == ("招聘会", f"/campaigns/{KEY}/job_fair")
    assert await job_fair.navigation(campaign=KEY, actor=helper) == []


async def test_a_person_gets_what_is_kept_of_him(work: Work) -> None:
    assert await people.personal_data("张 小三", "export") == [
        {
            "campaign": KEY,
            "record": "求职者",
            "key": "s1",
            "name": "张小三",
            "organisation": "甲县残联",
            "attended": [
                {"held_on": "2026-05-12", "fair": "5月12日现场招聘会"},
                {"held_on": "2026-06-02", "fair": "6月2日线上专场招聘"},
            ],
            "applied": [{"position": "夜班包装工（甲县包装厂）", "stage": "达成初步意向"}],
        }
    ]
    assert await people.personal_data("张", "export") == []


async def test_erasing_takes_the_name_and_leaves_the_figures(process: Process, work: Work) -> None:
    scope = await scope_of(work)
    before = await own(process, work, scope)
    changes = "SELECT changes FROM campaign WHERE id = :id"
    counted = await database.fetch_value(changes, id=work.campaign.id)
    (told,) = await people.personal_data("张小三", "erase")
    assert told["name"] == people.ERASED
    assert await database.fetch_value(changes, id=work.campaign.id) > counted
    row = await database.fetch_one(
        "SELECT name_sealed, name_index FROM job_fair_seeker WHERE key = 's1'"
    )
    assert row is not None
    assert privacy.unseal(row["name_sealed"]) == people.ERASED
    assert row["name_index"] != privacy.index(people.ERASED, "name")
    assert await people.personal_data("张小三", "export") == []
    assert await own(process, work, scope) == before
    others = await people.personal_data("李四", "export")
    assert [each["key"] for each in others] == ["s2"]


async def test_a_new_campaign_takes_over_plans_and_no_records(process: Process, work: Work) -> None:
    await people.personal_data("张小三", "erase")
    await load(process, {**crowded(0), "campaign": _another(), "plugins": {"job_fair": {}}})
    target = await campaigns.find("next")
    await people.carry_over(work.campaign.id, target.id)
    exported = json.loads(await bundles.export_bundle("next", process.plugins))
    # 李四 was hired and 张小三 is erased.
    assert exported["plugins"]["job_fair"] == {
        "employers": [{"key": "e1", "name": "甲县包装厂"}, {"key": "e2", "name": "乙县客服公司"}],
        "seekers": [{"key": "s3", "name": "王小五", "organisation": "c2"}],
        "fairs": [],
    }


def _another() -> dict[str, Any]:
    return {**crowded(0)["campaign"], "key": "next"}


async def statements(act: Callable[[], Awaitable[Any]]) -> int:
    told: list[str] = []
    async with database.watching(told.append):
        await act()
    return len(told)


async def test_hooks_ask_as_much_of_a_thousand_as_of_a_few(process: Process, work: Work) -> None:
    scope = await scope_of(work)
    counted = await own(process, work, scope)
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        "recap": lambda: written(scope, counted),
        "findings": lambda: findings(scope),
        "calendar": lambda: calendar.entries(scope),
        "evidence": lambda: evidence.read(scope, "job_fair.applications", 0, 200),
        "people": lambda: people.personal_data("张小三", "export"),
    }
    await calendar.entries(scope)  # the installation's name is made once
    few = {name: await statements(act) for name, act in asked.items()}
    await load(process, crowded(1000))
    assert {name: await statements(act) for name, act in asked.items()} == few
    assert few == {"recap": 4, "findings": 4, "calendar": 2, "evidence": 3, "people": 3}


async def test_seekers_are_sealed_in_the_database(work: Work) -> None:
    rows = await database.fetch("SELECT * FROM job_fair_seeker")
    assert len(rows) == 3
    assert not any(name in str(rows) for name in ("张小三", "李四", "王小五"))
    assert SEEKERS.names_people
