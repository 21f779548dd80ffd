"""What publicity says through its hooks: recap, findings, records under figures, tabs, clones."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from api.kit.records import Work
from core import bundles, campaign_cloning, campaigns, database, figures, reports
from core.campaign_plans import Plan
from core.measures import Record
from core.permissions import SYSTEM
from core.process import Process
from core.recap.build import document
from core.recap.formats import markdown
from core.recap.model import Paragraph, Section, Table, said
from core.scopes import Scope
from plugins import publicity
from plugins.publicity import evidence, noticed, recap
from plugins.publicity.figures import METRICS
from tests.core.bundle_samples import campaign as bundle
from tests.core.recap.delivered import delivered
from tests.fixtures.application import ActorOf
from tests.plugins.publicity.records_made import add_item, add_material, add_outreach


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


@pytest.fixture
async def generated(process: Process) -> Scope:
    """The generated campaign from its own office."""
    key = await bundles.import_document(
        bundle("generated-1"), process.plugins, process.catalogue, SYSTEM
    )
    return await campaigns.scope(await campaigns.find(key))


async def written(process: Process, scope: Scope) -> Section | None:
    enabled = (await campaigns.find(scope.campaign)).enabled
    own = (await figures.compute(scope, process.plugins, enabled)).own
    return await recap.section(scope, own, delivered(own))


def paragraph(section: Section | None) -> str:
    assert section is not None
    return "".join(said(each.inlines) for each in section.blocks if isinstance(each, Paragraph))


def table(section: Section | None) -> list[list[str]]:
    assert section is not None
    (found,) = [each for each in section.blocks if isinstance(each, Table)]
    rows = [[said(cell.inlines) for cell in row] for row in found.rows]
    return [list(found.header), *rows]


async def test_the_recap_of_the_demonstration(process: Process, work: Work) -> None:
    section = await written(process, await campaigns.scope(work.campaign))
    assert paragraph(section) == (
        "活动期间，在市级媒体刊发稿件200篇。悬挂横幅5条，发放宣传单1000份、宣传册500本。"
    )
    assert table(section) == [["媒体级别", "稿件（篇）"], ["市级", "200"]]


async def test_the_recap_names_media_and_keeps_kinds_apart(process: Process, work: Work) -> None:
    await add_item(work, "a", outlet="国家日报", outlet_level="nation")
    await add_item(work, "b")
    await add_item(work, "c", outlet="乙电视台", kind="tv")
    await add_item(work, "d", outlet="乙电视台", kind="tv")
    await add_item(work, "e", outlet="丙网", outlet_level="county", kind="video")
    await add_item(work, "f", outlet="丁网", reprint_of="a")
    await add_item(work, "g", outlet="县残联简报", outlet_level="county", kind="brief")
    await add_material(work, "b1")
    await add_material(work, "b2", kind="banner", quantity=3)
    await add_outreach(work, "o1")
    await add_outreach(work, "o2", on="2022-05-16")
    section = await written(process, await campaigns.scope(work.campaign, "x1"))
    assert paragraph(section) == (
        "活动期间，在国家日报、乙电视台、甲日报等媒体刊发稿件2篇、电视报道2条、视频1个，"
        "媒体转载1篇，编发信息简报1篇。悬挂横幅3条，发放宣传单1000份，宣传受众1000人次。"
    )
    assert table(section) == [
        ["媒体级别", "稿件（篇）", "电视（条）", "视频（个）", "信息简报（篇）", "转载（篇）"],
        ["国家级", "1", "0", "0", "0", "0"],
        ["市级", "1", "2", "0", "0", "1"],
        ["县级", "0", "0", "1", "1", "0"],
    ]


async def test_what_is_reported_alone_names_no_media(process: Process, work: Work) -> None:
    await database.execute(
        "INSERT INTO reported_figure (campaign, key, metric, organisation, value, basis,"
        " approximate, source, activity) SELECT c.id, 'f1', 'publicity.articles', o.id, '30',"
        " 'additional', :rough, '', NULL FROM campaign c, organisation o WHERE o.key = 'x3'",
        rough=True,
    )
    section = await written(process, await campaigns.scope(work.campaign, "x3"))
    assert paragraph(section) == "活动期间，在各级媒体刊发稿件约30篇。"
    await add_item(work, "a", organisation="x3")
    section = await written(process, await campaigns.scope(work.campaign, "x3"))
    assert paragraph(section) == "活动期间，在甲日报等媒体刊发稿件约31篇。"


async def test_there_is_no_section_without_figures(process: Process, work: Work) -> None:
    assert await written(process, await campaigns.scope(work.campaign, "x4")) is None


async def test_the_document_carries_the_section(process: Process, work: Work) -> None:
    report = await reports.read(work.campaign, None, process.plugins, process.catalogue)
    text = markdown.render(await document(report, process.plugins, process.catalogue))
    assert "宣传工作" in text
    assert "在市级媒体刊发稿件200篇" in text


async def test_findings_say_what_to_look_at_and_where(work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    assert await noticed.read(scope) == []
    await add_item(work, "a", url=" ")
    await add_item(work, "b", outlet=" ", title="", published_on="2022-06-01")
    await add_item(work, "c", published_on="2022-05-20", organisation="x2")
    await add_item(work, "d", reprint_of="c", published_on="2022-05-19", organisation="x2")
    await add_item(work, "e", reprint_of="c", published_on="2022-05-20", organisation="x2")
    await add_item(work, "f", url=None, organisation="x2")
    await add_item(work, "g", url=None, organisation="x2")
    await add_material(work, "b1", on="2022-04-30")
    await add_material(work, "b2", on="2022-05-31")
    await add_outreach(work, "o1", on="2022-06-01")
    await add_outreach(work, "o2", on="2022-06-02")
    base = "/campaigns/2022-city/publicity"
    found = await noticed.read(scope)
    assert [(each.code, each.organisation, each.href.removeprefix(base)) for each in found] == [
        ("publicity_without_outlet", "x1", "/items/b"),
        ("publicity_without_url", "x1", "/items/a"),
        ("publicity_outside_window", "x1", "/items/b"),
        ("publicity_without_url", "x2", f"/items?organisation=x2&issues={quote('没有网址')}"),
        ("publicity_reprint_too_early", "x2", "/items/d"),
        ("publicity_outside_window", "x1", "/materials/b1"),
        ("publicity_outside_window", "x1", "/outreach?organisation=x1"),
    ]
    assert [each.message for each in found] == [
        "甲旗残联的报道“b”没有写明媒体，请补上",
        "甲旗残联的报道“助残日走进社区”没有网址，请补上，便于核对",
        "甲旗残联的报道“b”的刊发日期不在活动期间，请核对日期",
        "乙县残联有2条报道没有网址，请补上，便于核对",
        "乙县残联的报道“助残日走进社区”的刊发日期早于原报道，请核对日期和转载关系",
        "甲旗残联有1批宣传品的日期不在活动期间，请核对日期",
        "甲旗残联有2次宣传受众的日期不在活动期间，请核对日期",
    ]
    below = await campaigns.scope(work.campaign, "x2")
    assert [each.code for each in await noticed.read(below)] == [
        "publicity_without_url", "publicity_reprint_too_early",
    ]  # fmt: skip


@pytest.mark.parametrize("metric", [metric.key for metric in METRICS])
async def test_records_under_a_figure_add_up_to_it(
    process: Process, generated: Scope, metric: str
) -> None:
    enabled = (await campaigns.find(generated.campaign)).enabled
    own = (await figures.compute(generated, process.plugins, enabled)).own
    records: list[Record] = []
    after: int | None = 0
    while after is not None:
        page = await evidence.records_under(generated, metric, after, 2)
        assert len(page.records) <= 2
        records += page.records
        after = page.after
    assert len({record.id for record in records}) == len(records)
    stated = own[metric].itemised if metric in own else None
    assert sum(record.amount for record in records) == Decimal(stated or 0)


async def test_records_are_named_and_lead_to_themselves(work: Work) -> None:
    await add_item(work, "a", title="", organisation="x2")
    await add_item(work, "new", organisation="x2")
    await add_material(work, "b1", activity="a01", organisation="x2")
    await add_outreach(work, "o1", organisation="x2")
    scope = await campaigns.scope(work.campaign, "x2")
    title = await database.fetch_value("SELECT title FROM activity WHERE key = 'a01'")
    base = "/campaigns/2022-city/publicity"
    told: list[Any] = []
    for metric in ("publicity.articles", "publicity.leaflets", "publicity.reach"):
        page = await evidence.records_under(scope, metric, 0, 10)
        told += [(r.label, r.organisation, r.amount, r.href, r.on) for r in page.records]
    assert told == [
        ("甲日报", "x2", 1, f"{base}/items/a", "2022年5月16日"),
        ("助残日走进社区（甲日报）", "x2", 1, f"{base}/items/~new", "2022年5月16日"),
        (f"宣传单（{title}）", "x2", 1000, f"{base}/materials/b1", "2022年5月15日"),
        ("宣传受众", "x2", 500, f"{base}/outreach/o1", "2022年5月15日"),
    ]


async def test_every_hook_takes_a_fixed_number_of_statements(work: Work) -> None:
    scope = await campaigns.scope(work.campaign)

    async def statements(ask: Callable[[], Any]) -> int:
        ran: list[str] = []
        async with database.watching(ran.append):
            await ask()
        return len(ran)

    async def asked() -> list[int]:
        computed = {metric.key: FIGURE for metric in METRICS}
        return [
            await statements(lambda: recap.section(scope, computed, delivered(computed))),
            await statements(lambda: noticed.read(scope)),
            await statements(lambda: evidence.records_under(scope, "publicity.tv", 0, 5000)),
        ]

    await add_item(work, "tv", kind="tv")
    assert await asked() == [1, 3, 2]
    await database.execute_many(
        "INSERT INTO publicity_item (campaign, key, kind, title, outlet, outlet_level,"
        " published_on, organisation) SELECT campaign, :key, kind, title, '', outlet_level,"
        " published_on, organisation FROM publicity_item WHERE key = 'tv'",
        [{"key": f"k{number}"} for number in range(1000)],
    )
    assert await asked() == [1, 3, 2]


FIGURE = figures.Figure(
    metric="publicity.articles",
    label="稿件",
    unit="篇",
    aggregation="sum",
    organisation="city",
    value=Decimal(1),
    itemised=Decimal(1),
    evidence=Decimal(1),
    target=None,
    completion=None,
    approximate=False,
)


async def test_the_tab_is_for_those_who_may_look(work: Work, actor_of: ActorOf) -> None:
    (item,) = await publicity.navigation("2022-city", await actor_of("viewer", "x1"))
    assert (item.label, item.href) == ("宣传", "/campaigns/2022-city/publicity")
    assert await publicity.navigation("2022-city", await actor_of("volunteer", "x1")) == []


async def test_nothing_of_last_years_publicity_is_carried_over(
    process: Process, work: Work
) -> None:
    made = await campaign_cloning.clone(
        SYSTEM, work.campaign.key, Plan(year=2026), process.catalogue, process.plugins
    )
    target = await campaigns.find(made.key)
    assert made.failed == ()
    assert "publicity" in target.enabled
    for table_name in ("publicity_item", "publicity_material", "publicity_outreach"):
        kept = await database.fetch_value(
            f"SELECT COUNT(*) FROM {table_name} WHERE campaign = :campaign", campaign=target.id
        )
        assert kept == 0
