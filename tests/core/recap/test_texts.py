"""Whose template applies, changing it, and what a recap makes of it."""

from __future__ import annotations

import json

import pytest

from core import campaigns, database, own_metrics, reports
from core.permissions import SYSTEM
from core.process import Process
from core.recap import build
from core.recap.formats import markdown
from core.recap.model import said
from core.recap.sections.comparison import Compared, Comparison
from core.recap.templating import changes as template_changes
from core.recap.templating import core_words
from core.recap.templating.parts import RecapTemplate, faults_of
from core.recap.templating.previews import preview
from core.recap.templating.texts import effective, offered, usual_words
from core.refusals import Missing, Refusal
from tests.fixtures.application import ActorOf

PART = "volunteer"
OWN = "志愿者{参与志愿者}出了力。"


async def office(key: str) -> int:
    found = await database.fetch_value("SELECT id FROM organisation WHERE key = :key", key=key)
    return int(found)


async def save(process: Process, key: str, text: str, part: str = PART) -> None:
    campaign = await campaigns.find("2022-city")
    known = await own_metrics.known(campaign, process.plugins)
    where = await office(key)
    await template_changes.save(SYSTEM, where, part, text, known, process.plugins)


async def text_of(process: Process, key: str | None = None) -> str:
    report = await reports.read(
        await campaigns.find("2022-city"), key, process.plugins, process.catalogue
    )
    return markdown.render(await build.document(report, process.plugins, process.catalogue))


async def test_the_nearest_office_s_template_applies(campaign_2022: str, process: Process) -> None:
    assert campaign_2022 == "2022-city"
    delivered = await effective(await office("x1"), process.plugins)
    assert {each.organisation for each in delivered.values()} == {None}
    parts = list(delivered)
    assert (parts[0], parts[-1]) == ("overview", "other")
    await save(process, "city", "全市{参与志愿者}。")
    await save(process, "x1", OWN)
    found = {
        key: (await effective(await office(key), process.plugins))[PART]
        for key in ("city", "x1", "x2")
    }
    assert {key: each.organisation for key, each in found.items()} == {
        "city": "city",
        "x1": "x1",
        "x2": "city",
    }
    assert found["x1"].text == "志愿者{volunteer.volunteers}出了力。"
    assert found["x1"].changed_by == SYSTEM.display_name
    assert "全市126人" in await text_of(process)
    assert "志愿者" in (told := await text_of(process, "x1"))
    assert "出了力。" in told
    assert "全市" in await text_of(process, "x2")
    x1 = await office("x1")
    seen: list[str] = []
    async with database.watching(seen.append):
        await effective(x1, process.plugins)
    assert len(seen) == 1


async def test_every_change_is_in_the_log(campaign_2022: str, process: Process) -> None:
    await save(process, "x1", OWN)
    await save(process, "x1", "共{参与志愿者}。\r\n\x00第二段\n\n")
    assert await template_changes.remove(SYSTEM, await office("x1"), PART, process.plugins)
    assert not await template_changes.remove(SYSTEM, await office("x1"), PART, process.plugins)
    rows = await database.fetch(
        "SELECT action, before, after FROM audit_entry WHERE thing = 'recap_template' ORDER BY id"
    )
    states = [
        (r["action"], *(json.loads(r[n])["text"] if r[n] else "" for n in ("before", "after")))
        for r in rows
    ]
    first = "志愿者{volunteer.volunteers}出了力。"
    second = "共{volunteer.volunteers}。\n第二段"
    assert states == [
        ("recap_template.changed", "", first),
        ("recap_template.changed", first, second),
        ("recap_template.removed", second, ""),
    ]
    assert campaign_2022


@pytest.mark.parametrize("text", ["", " \n", "走访{没有这个}。", "{参与志愿者", "近{参与志愿者}"])
async def test_a_wrong_template_is_not_stored(
    campaign_2022: str, process: Process, text: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await save(process, "x1", text)
    assert {fault.pointer for fault in refused.value.faults} == {"/text"}
    assert await database.fetch_value("SELECT COUNT(*) FROM recap_template") == 0
    assert campaign_2022


async def test_only_those_who_may_change_it(
    campaign_2022: str, process: Process, actor_of: ActorOf
) -> None:
    known = await own_metrics.known(await campaigns.find(campaign_2022), process.plugins)
    x1 = await office("x1")
    for role, place in (("clerk", "x1"), ("organiser", "x2"), ("reviewer", "city")):
        actor = await actor_of(role, place)
        with pytest.raises(Missing):
            await template_changes.save(actor, x1, PART, OWN, known, process.plugins)
        with pytest.raises(Missing):
            await template_changes.remove(actor, x1, PART, process.plugins)
    with pytest.raises(Missing):
        await save(process, "x1", OWN, part="nothing")
    organiser = await actor_of("organiser", "city")
    await template_changes.save(organiser, x1, PART, OWN, known, process.plugins)


async def test_a_figure_that_is_gone_breaks_nothing(campaign_2022: str, process: Process) -> None:
    await save(process, "city", "开展文艺活动{残疾人文艺活动}，志愿者{参与志愿者}。")
    await database.execute("UPDATE metric SET label = '文艺演出' WHERE label = '残疾人文艺活动'")
    told = await text_of(process)
    assert "志愿者126人" in told
    assert "“志愿服务”的模板提到了“残疾人文艺活动”" in told
    assert campaign_2022


async def test_the_campaign_s_own_figures_and_words_can_be_named(
    campaign_2022: str, process: Process
) -> None:
    await save(process, "city", "{单位}做了其他工作：{其他数据}。", part="other")
    await save(process, "city", "共{数据项数}。", part="overview")
    told = await text_of(process)
    assert "某市残联做了其他工作：发放辅助器具904件" in told
    assert "共32项。" in told
    assert "组织开展了系列活动" not in told
    campaign = await campaigns.find(campaign_2022)
    words = usual_words(campaign, "某市残联", process.catalogue)
    assert words["节日"] == "全国助残日"
    assert words["年份"] == "2022年"


async def test_a_preview_stores_nothing(campaign_2022: str, process: Process) -> None:
    campaign = await campaigns.find(campaign_2022)
    report = await reports.read(campaign, None, process.plugins, process.catalogue)

    async def tried(part: str, text: str) -> tuple[list[str], list[str]]:
        made = await preview(report, process.plugins, process.catalogue, part, text)
        paragraphs = [said(each.inlines) for each in made.paragraphs]
        return paragraphs, [each.label for each in made.unsaid]

    assert await tried(PART, OWN) == (["志愿者126人出了力。"], [])
    assert await tried("publicity", "在{媒体}刊发{稿件}，{稿件}{电视}。") == (
        ["在市级媒体刊发200篇。"],
        [],
    )
    assert await tried("condolence", "{走访慰问人数}{走访慰问户数}，{走访慰问次数}。") == (
        ["360次。"],
        ["走访慰问人数"],
    )
    assert (await tried("overview", "共{数据项数}。"))[0] == ["共32项。"]
    assert (await tried("other", "{其他数据}。"))[0][0].startswith("发放辅助器具904件")
    assert await database.fetch_value("SELECT COUNT(*) FROM recap_template") == 0


async def test_last_time_can_be_said(campaign_2022: str, process: Process) -> None:
    campaign = await campaigns.find(campaign_2022)
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    now = report.figures.own["volunteer.volunteers"]
    rows = (
        Compared("volunteer.volunteers", "compared", now, now),
        Compared("volunteer.hours", "changed", now, now),
    )
    last = Comparison(campaign, "第31次全国助残日", None, rows)
    await save(process, "city", "{参与志愿者|比上次}，{志愿服务时长|比上次}。")
    made = await build.document_beside(report, process.plugins, process.catalogue, last)
    assert core_words.comparable(last) == {"volunteer.volunteers": now}
    assert markdown.render(made).count("与上次持平") == 1


def test_delivered_templates_are_right(process: Process) -> None:
    found = offered(process.plugins)
    metrics = {metric.key: metric for metric in process.plugins.metrics()}
    assert {"overview", "condolence", "job_fair", "publicity", PART, "other"} <= set(found)
    assert faults_of(found.values(), metrics) == []
    wrong = RecapTemplate("x", "x", "近{condolence.people}，{x}")
    assert len(faults_of([wrong], metrics)) == 2
