"""The recap of real campaigns: what stands in it, in which order, and that nothing is lost."""

from __future__ import annotations

from dataclasses import replace

from core import bundles, campaigns, database, kept, reports, targets
from core.permissions import SYSTEM
from core.process import Process
from core.recap import build
from core.recap.formats import markdown
from core.recap.model import Chart, Document, FigureSpan, Ledger, Notice, Section, Table, said
from tests.core.bundle_samples import campaign as sample


async def document(key: str, process: Process, office: str | None = None) -> Document:
    report = await reports.read(
        await campaigns.find(key), office, process.plugins, process.catalogue
    )
    return await build.document(report, process.plugins, process.catalogue)


def parts(sections: tuple[Section, ...]) -> list[Section]:
    """Sections and all below them, in order."""
    return [each for section in sections for each in (section, *parts(section.sections))]


def table(document: Document, key: str) -> Table:
    (found,) = [each for each in parts(document.sections) if each.key == key]
    blocks = [block.table if isinstance(block, Chart) else block for block in found.blocks]
    (block,) = [block for block in blocks if isinstance(block, Table)]
    return block


async def test_it_opens_with_the_day_and_goes_on_as_such_papers_do(
    campaign_2022: str, process: Process
) -> None:
    made = await document(campaign_2022, process)
    assert made.title == "关于第32次全国助残日活动开展情况的总结"
    assert made.particulars == (
        ("主题", "促进残疾人就业，保障残疾人权益"),
        ("节日", "2022年5月15日"),
        ("时间", "2022年5月1日至31日"),
        ("单位", "某市残联"),
    )
    assert [section.title for section in made.sections] == [
        "总体情况",
        "活动开展情况",
        "每日进展",
        "各单位情况",
        "需要核对的事项",
    ]
    text = markdown.render(made)
    assert (
        "2022年5月15日是第32次全国助残日。5月1日至31日，围绕“促进残疾人就业，"
        "保障残疾人权益”主题，某市残联组织开展了系列活动。"
    ) in text
    assert (
        "本总结共列数据32项，其中全部有明细记录的17项、部分有明细记录的5项、仅有填报的9项、"
        "由其他数据算出的1项；每项数据的口径和来源见文后说明。"
    ) in text
    assert "### （五）其他工作" in text


async def test_every_figure_stands_in_the_text_and_in_the_annex(
    campaign_2022: str, process: Process
) -> None:
    made = await document(campaign_2022, process)
    spans = {
        span.metric
        for part in parts(made.sections)
        for block in part.blocks
        for span in getattr(block, "inlines", ())
        if isinstance(span, FigureSpan)
    }
    for part in parts(made.sections):
        for block in part.blocks:
            if isinstance(block, Ledger):
                spans |= {figure.metric for figure in block.figures}
    explained = [entry.figure.metric for entry in made.annex.entries]
    assert len(explained) == len(set(explained)) == 32
    assert spans >= set(explained)


async def test_what_was_reported_of_an_activity_is_said_with_its_title(
    campaign_2022: str, process: Process
) -> None:
    made = await document(campaign_2022, process)
    (items,) = [e for e in made.annex.entries if e.figure.metric == "assistive.items"]
    assert [part.activity for part in items.reported] == [
        "辅助器具展示与义诊",
        "辅助器具展示与义诊",
        None,
    ]


async def test_the_table_holds_the_offices_directly_below_and_no_others(
    process: Process,
) -> None:
    bundle = sample("2022-city")
    bundle["organisations"].append(
        {"key": "x1t1", "name": "甲旗一镇残联", "level": "town", "parent": "x1"}
    )
    for shift in bundle["plugins"]["volunteer"]["shifts"]:
        if shift["organisation"] == "x1":
            shift["organisation"] = "x1t1"
    key = await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)
    found = table(await document(key, process), "by_organisation")
    assert [said(row[0].inlines) for row in found.rows] == [
        "甲旗残联",
        "乙县残联",
        "丙区残联",
        "丁区残联",
    ]
    assert len(found.header) == 7
    below = table(await document(key, process, "x1"), "by_organisation")
    assert [said(row[0].inlines) for row in below.rows] == ["甲旗一镇残联"]


async def test_targets_of_the_office_and_of_those_below_are_told(
    campaign_2022: str, process: Process
) -> None:
    campaign = await campaigns.find(campaign_2022)
    values = {
        ("condolence.people", "city"): "1200",
        ("condolence.people", "x1"): "100",
        ("volunteer.volunteers", "x2"): "60",
    }
    known = {metric for metric, _ in values}
    await targets.set_many(SYSTEM, campaign, values, known)
    made = await document(campaign_2022, process)
    (section,) = [each for each in made.sections if each.key == "targets"]
    assert "- 走访慰问人数1132人[^1]，任务1200人，完成率94.33%" in markdown.render(made)
    rows = [[said(cell.inlines) for cell in row] for row in table(made, "targets").rows]
    assert rows == [
        ["甲旗残联", "走访慰问人数", "120人", "100人", "120%"],
        ["乙县残联", "参与志愿者", "30人", "60人", "50%"],
    ]
    assert section is made.sections[4]


async def test_findings_and_failures_are_told_at_the_end(
    campaign_2022: str, process: Process
) -> None:
    await database.execute(
        "UPDATE reported_figure SET value = '1' WHERE metric = 'condolence.people'"
    )
    campaign = await campaigns.find(campaign_2022)
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    made = await build.document(
        replace(report, failed=["某插件"]), process.plugins, process.catalogue
    )
    last = made.sections[-1]
    assert last.title == "需要核对的事项"
    kinds = [block.kind for block in last.blocks if isinstance(block, Notice)]
    assert kinds[0] == "failure"
    assert "finding" in kinds


async def test_a_campaign_without_data_says_so(process: Process) -> None:
    bundle = sample("2022-city")
    bare = {name: bundle[name] for name in ("format", "version", "organisations", "campaign")}
    bare["campaign"] |= {"observance": None, "title": "爱心助残活动", "theme": ""}
    key = await bundles.import_document(
        {**bare, "activities": []}, process.plugins, process.catalogue, SYSTEM
    )
    made = await document(key, process)
    assert made.title == "关于爱心助残活动开展情况的总结"
    text = markdown.render(made)
    assert "2022年5月1日至31日，某市残联组织开展了爱心助残活动。" in text
    assert "目前还没有登记或填报任何数据。" in text
    assert [section.key for section in made.sections] == ["overview"]


async def test_a_recap_takes_as_many_statements_for_few_records_as_for_many(
    campaign_2022: str, process: Process
) -> None:
    async def statements() -> int:
        seen: list[str] = []
        kept.forget()
        async with database.watching(seen.append):
            await document(campaign_2022, process)
        return len(seen)

    many = await statements()
    first = "SELECT MIN(id) FROM condolence_line"
    await database.execute(f"DELETE FROM condolence_goods WHERE line NOT IN ({first})")
    await database.execute(f"DELETE FROM condolence_line WHERE id NOT IN ({first})")
    assert await statements() == many
