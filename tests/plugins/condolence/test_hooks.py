"""What condolence says through its hooks: recap, calendar, findings, records, people, clones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from api.kit.records import Work, add, change
from core import bundles, campaigns, database, figures, privacy
from core.permissions import SYSTEM
from core.process import Process
from core.scopes import Scope
from plugins.condolence import opened, people, recap, watch
from plugins.condolence.records import LINES, RECIPIENTS, ROUNDS
from tests.core.recap.delivered import delivered

GOODS = [{"item": "大米", "quantity": 2, "unit": "袋", "unit_value": "60.00"}]


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


async def add_round(work: Work, **members: Any) -> None:
    await add(
        work,
        ROUNDS,
        {
            "key": "n1",
            "occasion": "全国助残日",
            "organisation": "x1",
            "activity": None,
            "visited_on": "2022-05-12",
            **members,
        },
    )


async def test_the_recap_says_figures_and_nothing_else(process: Process, work: Work) -> None:
    await add_round(work)
    line = {"round": "n1", "cash": "100.00", "status": "delivered", "goods": GOODS}
    await add(work, LINES, {**line, "recipient": "r00239"})
    scope = await campaigns.scope(work.campaign, "x1")
    own = (await figures.compute(scope, process.plugins, work.campaign.enabled)).own
    section = await recap.section(scope, own, delivered(own))
    assert section is not None
    said = "".join(inline.text for inline in section.blocks[0].inlines)  # type: ignore[union-attr]
    assert "120人" in said
    assert "2袋" not in said
    assert "折价120元" in said
    nothing = await campaigns.scope(work.campaign, "x3")
    assert await recap.section(nothing, {}, delivered({})) is None


async def test_a_round_without_an_activity_is_a_day_in_the_calendar(work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    before = {entry.uid for entry in await watch.calendar_entries(scope)}
    await add_round(work)
    made = [e for e in await watch.calendar_entries(scope) if e.uid not in before]
    assert [(e.title, e.starts, e.ends, e.sequence) for e in made] == [
        ("走访慰问（全国助残日）", date(2022, 5, 12), date(2022, 5, 13), 0)
    ]
    await change(work, ROUNDS, "n1", {"funder": "县残联"})
    await change(work, ROUNDS, "n1", {"visited_on": "2022-05-13"})
    (moved,) = [e for e in await watch.calendar_entries(scope) if e.uid == made[0].uid]
    assert (moved.starts, moved.sequence) == (date(2022, 5, 13), 1)
    assert moved.modified_at > made[0].modified_at
    await change(work, ROUNDS, "n1", {"activity": "a01"})
    assert made[0].uid not in {e.uid for e in await watch.calendar_entries(scope)}


async def test_findings_name_what_to_look_at(work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    before = len(await watch.findings(scope))
    await add_round(work, visited_on="2022-06-01")
    for _ in range(2):
        await add(work, RECIPIENTS, {"kind": "person", "name": "张三", "organisation": "x2"})
    await add(work, RECIPIENTS, {"kind": "person", "name": "张三", "organisation": "x1"})
    found = await watch.findings(scope)
    assert len(found) == before + 2
    told = {finding.code: finding for finding in found}
    assert told["outside_window"].organisation == "x1"
    assert told["outside_window"].href == "/campaigns/2022-city/condolence/rounds/n1"
    assert "2022年6月1日" in told["outside_window"].message
    assert told["same_recipient"].organisation == "x2"
    below = await campaigns.scope(work.campaign, "x1")
    assert [finding.code for finding in await watch.findings(below)] == ["outside_window"]


@pytest.mark.parametrize(
    ("metric", "total"),
    [
        ("condolence.people", None),
        ("condolence.visits", 1),
        ("condolence.cash", 10000),
        ("condolence.goods_items", 2),
        ("condolence.goods_value", 12000),
    ],
)
async def test_records_under_a_figure_add_up_to_it(
    process: Process, work: Work, metric: str, total: int | None
) -> None:
    await add_round(work, organisation="x3")
    line = {"round": "n1", "cash": "100.00", "status": "delivered", "goods": GOODS}
    await add(work, LINES, {**line, "recipient": "r00239"})
    scope = await campaigns.scope(work.campaign, "x3")
    own = (await figures.compute(scope, process.plugins, work.campaign.enabled)).own
    page = await opened.figure_records(scope, metric, 0, 10)
    assert page.after is None
    (record,) = page.records
    if total is None:
        assert own[metric].itemised == 1
    else:
        assert record.amount == total
        scale = 100 if metric.endswith(("cash", "value")) else 1
        assert own[metric].itemised == Decimal(total) / scale
    assert "对*****9" in record.label
    assert "对象00239" not in record.label
    assert record.organisation in {"x1", "x3"}
    assert record.href.startswith("/campaigns/2022-city/condolence/")


async def test_records_come_in_pages(work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await opened.figure_records(scope, "condolence.visits", after, 100)
        seen += [record.id for record in page.records]
        after = page.after
    assert len(seen) == len(set(seen)) == 360


async def test_somebody_is_told_what_is_kept_and_is_forgotten(process: Process, work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    before = await figures.compute(scope, process.plugins, work.campaign.enabled)
    (kept,) = await people.personal_data("对 象00239", "export")
    assert (kept["name"], kept["organisation"], kept["key"]) == ("对象00239", "甲旗残联", "r00239")
    assert kept["given"][0]["cash"] == "200.00"
    await people.personal_data("对象00239", "erase")
    assert await people.personal_data("对象00239", "export") == []
    row = await database.fetch_one("SELECT * FROM condolence_recipient WHERE key = 'r00239'")
    assert row is not None
    assert privacy.unseal(row["name_sealed"]) == people.ERASED
    assert row["name_index"] == ""
    after = await figures.compute(scope, process.plugins, work.campaign.enabled)
    assert after.by_organisation == before.by_organisation


async def test_a_new_campaign_takes_recipients_over_and_no_lines(work: Work) -> None:
    await people.personal_data("对象00239", "erase")
    number = await database.fetch_value(
        "INSERT INTO campaign (key, organisation, year, title, theme, starts_on, ends_on, state,"
        " changes, modified_at) SELECT '2023-city', organisation, 2023, '2023', '', starts_on,"
        " ends_on, 'draft', 0, modified_at FROM campaign WHERE key = '2022-city' RETURNING id"
    )
    await database.execute(
        "INSERT INTO campaign_participant (campaign, organisation, name, level)"
        " SELECT CAST(:number AS BIGINT), id, name, level FROM organisation WHERE key <> 'x2'",
        number=number,
    )
    await people.carry_over(work.campaign.id, number)
    for table, count in (("recipient", 119), ("round", 0), ("line", 0)):
        sql = f"SELECT COUNT(*) FROM condolence_{table} WHERE campaign = :number"
        assert await database.fetch_value(sql, number=number) == count, table
    scope = Scope(number, "2023-city", 0, "city")
    assert (await opened.figure_records(scope, "condolence.visits", 0, 9)).records == ()


async def test_a_bundle_revises_only_rounds_that_it_changes(process: Process, work: Work) -> None:
    sql = "SELECT key, sequence, modified_at FROM condolence_round ORDER BY key"
    before = await database.fetch(sql)
    document = await bundles.export_document("2022-city", process.plugins)
    await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
    assert await database.fetch(sql) == before
    document["plugins"]["condolence"]["rounds"][0]["visited_on"] = "2022-05-14"
    await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
    after = await database.fetch(sql)
    assert [row["sequence"] for row in after] == [1, 0]
    assert after[0]["modified_at"] > before[0]["modified_at"]
    assert after[1] == before[1]
