"""A recap beside the last edition: which that is, what is compared, and how it is said."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import bundles, campaign_cloning, campaigns, database, kept, reports, wording
from core.campaign_plans import Plan
from core.documents import canonical
from core.figures import Figure
from core.moments import now
from core.permissions import SYSTEM
from core.process import Process
from core.recap import build
from core.recap.formats import markdown
from core.recap.formats.as_json import report_as_json
from core.recap.life import snapshot
from core.recap.model import Chart, Paragraph, Table, said
from core.recap.sections import comparison, comparison_section
from core.recap.sections.comparison import Compared, Comparison
from tests.core.bundle_samples import campaign as sample

COUNTS = st.integers(0, 10**9).map(Decimal)
SHARES = st.integers(0, 30_000).map(lambda number: Decimal(number).scaleb(-4))


def figure(value: Decimal, unit: str = "人", *, about: bool = False) -> Figure:
    kind = "ratio" if unit == "%" else "sum"
    return Figure("m.a", "甲", unit, kind, "city", value, None, None, None, None, about)


def row(value: Decimal, last: Decimal, unit: str = "人", *, about: bool = False) -> Compared:
    difference, rate = comparison.change(value, last)
    figures = figure(value, unit, about=about), figure(last, unit)
    return Compared("m.a", "compared", *figures, difference, rate)


@given(COUNTS, COUNTS)
def test_a_difference_read_back_leads_from_last_time_to_now(value: Decimal, last: Decimal) -> None:
    words = comparison_section.difference_words(row(value, last))
    if words == "持平":
        assert value == last
        return
    amount, unit, about = wording.read_quantity(words[2:])
    assert (unit, about) == ("人", False)
    assert last + (amount if words.startswith("增加") else -amount) == value
    assert words[:2] in ("增加", "减少")


@given(COUNTS, COUNTS)
def test_a_rate_read_back_is_the_difference_over_last_time(value: Decimal, last: Decimal) -> None:
    words = comparison_section.rate_words(row(value, last))
    if value == last:
        assert words == "—"
    elif last == 0:
        assert words == "上次为0，不计增长率"
    elif words.endswith("不足0.01%"):
        assert abs(value - last) / last < Decimal("0.00005")
    else:
        share, unit, _ = wording.read_quantity(words[2:])
        assert unit == "%"
        assert words[:2] == ("增长" if value > last else "下降")
        assert abs(share - abs(value - last) / last) <= Decimal("0.00005")


@given(SHARES, SHARES)
def test_shares_differ_in_points_and_have_no_rate(value: Decimal, last: Decimal) -> None:
    compared = row(value, last, "%")
    words = comparison_section.difference_words(compared)
    assert comparison_section.rate_words(compared) == "—"
    if value == last:
        assert words == "持平"
        return
    assert words.endswith("个百分点")
    points = Decimal(words[2:].removesuffix("个百分点"))
    assert last * 100 + (points if words.startswith("提高") else -points) == value * 100


@pytest.mark.parametrize(
    ("value", "last", "unit", "about", "difference", "rate"),
    [
        ("1132", "1076", "人", False, "增加56人", "增长5.2%"),
        ("430000", "475000", "元", False, "减少4.5万元", "下降9.47%"),
        ("550", "500", "本", True, "增加约50本", "增长约10%"),
        ("500", "500", "本", True, "基本持平", "—"),
        ("7", "0", "场", False, "增加7场", "上次为0，不计增长率"),
        ("0", "12", "场", False, "减少12场", "下降100%"),
        ("100001", "100000", "人次", False, "增加1人次", "增长不足0.01%"),
        ("0.3694", "0.3512", "%", False, "提高1.82个百分点", "—"),
    ],
)
def test_how_a_change_is_said(
    *, value: str, last: str, unit: str, about: bool, difference: str, rate: str
) -> None:
    made = row(Decimal(value), Decimal(last), unit, about=about)
    assert comparison_section.difference_words(made) == difference
    assert comparison_section.rate_words(made) == rate


def test_a_share_that_somebody_typed_is_in_points_already() -> None:
    made = row(Decimal(88), Decimal("85.5"), "%")
    typed = [replace(each, aggregation="none") for each in (made.now, made.last) if each]
    made = replace(made, now=typed[0], last=typed[1])
    assert comparison_section.difference_words(made) == "提高2.5个百分点"


def edition(year: int, **changes: Any) -> dict[str, Any]:
    """The campaign of 2022 as that of another year, with another value of what is reported."""
    bundle: dict[str, Any] = sample("2022-city")
    days = {"starts_on": f"{year}-05-01", "ends_on": f"{year}-05-31"}
    bundle["campaign"] |= {"key": f"{year}-city", "year": year, **days, **changes}
    return bundle


def trained(bundle: dict[str, Any], value: str) -> dict[str, Any]:
    """The same bundle with that many people trained, and nothing else reported of it."""
    found = [each for each in bundle["reported"] if each["metric"] == "training.people"]
    stated = {"value": value, "basis": "total", "activity": None, "approximate": False}
    kept = {**found[0], **stated, "organisation": "city"}
    others = [each for each in bundle["reported"] if each["metric"] != "training.people"]
    return {**bundle, "reported": [*others, kept]}


async def taken_in(process: Process, bundle: dict[str, Any]) -> str:
    return await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)


async def beside(process: Process, key: str, office: str | None = None) -> Comparison | None:
    report = await reports.read(
        await campaigns.find(key), office, process.plugins, process.catalogue
    )
    return await comparison.compared(report, process.plugins, process.catalogue)


def of_metric(found: Comparison | None, metric: str) -> Compared:
    assert found is not None
    (made,) = [each for each in found.rows if each.metric == metric]
    return made


async def test_the_nearest_earlier_year_of_the_same_observance_is_last_time(
    process: Process, campaign_2022: str
) -> None:
    for bundle in (
        edition(2019),
        edition(2021, observance="ear-care-day"),
        edition(2020, key="draft"),
        edition(2023),
    ):
        await taken_in(process, bundle)
    await database.execute("UPDATE campaign SET state = 'draft' WHERE key = 'draft'")
    this = await campaigns.find(campaign_2022)
    found = await comparison.previous(this, this.organisation_id)
    assert found is not None
    assert found.key == "2019-city"
    assert await comparison.previous(found, this.organisation_id) is None
    free = replace(this, observance=None)
    assert await comparison.previous(free, this.organisation_id) is None


async def test_an_office_is_set_beside_a_campaign_in_which_it_took_part(
    process: Process, campaign_2022: str
) -> None:
    bundle = edition(2021)
    bundle["organisations"] = [o for o in bundle["organisations"] if o["key"] in {"city", "x1"}]
    bundle |= {"activities": [], "reported": [], "plugins": {}}
    await taken_in(process, bundle)
    this = await campaigns.find(campaign_2022)
    for key, expected in (("x1", "2021-city"), ("x2", None)):
        scope = await campaigns.scope(this, key)
        found = await comparison.previous(this, scope.organisation_id)
        assert (found.key if found else None) == expected
    assert await beside(process, campaign_2022, "x1") is None  # it has no figures


async def test_figures_are_compared_one_by_one(process: Process, campaign_2022: str) -> None:
    changed = trained(edition(2023), "150")
    changed["reported"] = [r for r in changed["reported"] if r["metric"] != "assistive.items"]
    await taken_in(process, trained(sample("2022-city"), "120"))
    found = await beside(process, await taken_in(process, changed))
    assert found is not None
    assert (found.campaign.key, found.title, found.version) == (
        campaign_2022,
        "第32次全国助残日",
        None,
    )
    made = of_metric(found, "training.people")
    assert (made.state, made.difference, made.rate) == ("compared", Decimal(30), Decimal("0.25"))
    gone = of_metric(found, "assistive.items")
    assert (gone.state, gone.now, gone.rate) == ("gone", None, None)
    same = of_metric(found, "condolence.people")
    assert (same.difference, same.rate) == (Decimal(0), Decimal(0))
    told = comparison_section.comparison_as_json(found)
    assert told is not None
    by_metric = {each["metric"]: each for each in told["figures"]}
    assert by_metric["training.people"] == {
        "metric": "training.people",
        "label": made.figure.label,
        "unit": "人",
        "state": "compared",
        "value": "150",
        "last": "120",
        "difference": "30",
        "rate": "0.25",
    }


async def test_the_recap_has_a_part_that_says_so(process: Process, campaign_2022: str) -> None:
    await taken_in(process, trained(sample("2022-city"), "120"))
    key = await taken_in(process, trained(edition(2023), "150"))
    campaign = await campaigns.find(key)
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    document = await build.document(report, process.plugins, process.catalogue)
    (part,) = [section for section in document.sections if section.key == "comparison"]
    assert part.title == "与上次对比"
    paragraph, chart = part.blocks
    assert isinstance(paragraph, Paragraph)
    assert said(paragraph.inlines) == (
        "与上次（2022年，第32次全国助残日）相比，可比的数据32项，其中上升的1项、持平的31项。"
        "上次没有定稿的总结，上次的数据按现有记录统计。"
    )
    assert isinstance(chart, Chart)
    assert chart.form == "pairs"
    assert [series.label for series in chart.series] == ["上次", "本次"]
    assert {len(series.values) for series in chart.series} == {len(chart.categories)} == {10}
    assert "培训讲座参加人数（人）" in chart.categories  # what has changed goes before the rest
    assert len(chart.table.rows) == 32
    lines = markdown.render(document).splitlines()
    (line,) = [each for each in lines if "增加30人" in each and each.startswith("|")]
    assert line.endswith("| 120人 | 增加30人 | 增长25% |")
    data = report_as_json(report, process.catalogue, await beside(process, key))
    assert data["comparison"]["campaign"] == campaign_2022
    assert report_as_json(report, process.catalogue)["comparison"] is None


async def test_what_means_something_else_is_marked_and_not_compared(
    process: Process, campaign_2022: str
) -> None:
    changed = edition(2023)
    for metric in changed["metrics"]:
        if metric["key"] == "training.people":
            metric["unit"] = "人次"
    found = await beside(process, await taken_in(process, changed))
    made = of_metric(found, "training.people")
    assert (made.state, made.difference, made.rate) == ("changed", None, None)
    assert comparison_section.difference_words(made) == "口径已变，不作比较"
    assert found is not None
    section = comparison_section.section(found)
    table = next(block.table for block in section.blocks if isinstance(block, Chart))
    assert isinstance(table, Table)
    lines = [[said(cell.inlines) for cell in cells] for cells in table.rows]
    (line,) = [each for each in lines if each[0] == made.figure.label]
    assert line[3:] == ["口径已变，不作比较", "—"]
    assert "口径已变的1项" in said(section.blocks[0].inlines)  # type: ignore[union-attr]


async def test_a_ratio_of_what_has_changed_has_changed(
    process: Process, campaign_2022: str
) -> None:
    def with_rate(bundle: dict[str, Any]) -> dict[str, Any]:
        rate = {"key": "training.rate", "label": "培训比", "unit": "%", "aggregation": "ratio"}
        parts = {"numerator": "training.people", "denominator": "condolence.people"}
        bundle["metrics"].append({**rate, **parts})
        return bundle

    await taken_in(process, with_rate(sample("2022-city")))
    changed = with_rate(edition(2023))
    for metric in changed["metrics"]:
        if metric["key"] == "training.people":
            metric["unit"] = "人次"
    found = await beside(process, await taken_in(process, changed))
    assert of_metric(found, "training.rate").state == "changed"
    again = await beside(process, await taken_in(process, with_rate(edition(2023))))
    assert of_metric(again, "training.rate").state == "compared"


async def test_a_clone_grows_beside_its_source(process: Process, campaign_2022: str) -> None:
    made = await campaign_cloning.clone(
        SYSTEM, campaign_2022, Plan(2023), process.catalogue, process.plugins
    )
    assert await beside(process, made.key) is None  # nothing is on record yet
    copied = "key, metric, organisation, activity, basis, approximate, source"
    await database.execute(
        f"INSERT INTO reported_figure (campaign, value, {copied})"
        f" SELECT t.id, '2', r.key, r.metric, r.organisation, NULL, r.basis, r.approximate,"
        " r.source FROM reported_figure r JOIN campaign s ON s.id = r.campaign, campaign t"
        " WHERE s.key = :source AND t.key = :target AND r.metric = 'culture.shows'",
        source=campaign_2022,
        target=made.key,
    )
    kept.forget()
    found = await beside(process, made.key)
    assert found is not None
    assert [each.metric for each in found.of("compared")] == ["culture.shows"]
    assert len(found.of("gone")) == 31


async def frozen(process: Process, key: str, values: dict[str, str], definition: str = "") -> None:
    """The recap of a campaign as it was frozen, with other values than there are now."""
    campaign = await campaigns.find(key)
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    document = await build.document(report, process.plugins, process.catalogue)
    entries = tuple(
        replace(
            entry,
            definition=definition or entry.definition,
            figure=replace(
                entry.figure,
                value=Decimal(values.get(entry.figure.metric, str(entry.figure.value))),
            ),
        )
        for entry in document.annex.entries
    )
    document = replace(document, annex=replace(document.annex, entries=entries))
    recap = report_as_json(report, process.catalogue)
    content = canonical({"document": snapshot.to_json(document), "recap": recap})
    await database.execute(
        "INSERT INTO recap_version (campaign, organisation, number, state, code, content, sha256,"
        " fingerprint, campaign_changes, unaccepted, submitted_by, submitted_at, reason)"
        " VALUES (:campaign, :office, 2, 'frozen', 'C2', :content, :sha256, '', 0, '', 'x',"
        " :now, '')",
        campaign=campaign.id,
        office=campaign.organisation_id,
        content=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        now=now(),
    )


async def test_what_was_frozen_counts_whatever_the_records_say_now(
    process: Process, campaign_2022: str
) -> None:
    await frozen(process, campaign_2022, {"condolence.people": "1000"})
    found = await beside(process, await taken_in(process, edition(2023)))
    assert found is not None
    assert found.version == 2
    assert {each.state for each in found.rows} == {"compared"}
    made = of_metric(found, "condolence.people")
    assert (made.difference, made.rate) == (Decimal(132), Decimal("0.132"))
    summary = comparison_section.section(found).blocks[0]
    assert "取自当时定稿的总结（第2版）" in said(summary.inlines)  # type: ignore[union-attr]
    await database.execute("UPDATE recap_version SET sha256 = 'x'")  # it was tampered with
    again = await beside(process, "2023-city")
    assert again is not None
    assert again.version is None
    assert of_metric(again, "condolence.people").difference == 0


async def test_a_plugin_that_counted_otherwise_then_is_not_compared(
    process: Process, campaign_2022: str
) -> None:
    await frozen(process, campaign_2022, {}, definition="当时另有算法")
    found = await beside(process, await taken_in(process, edition(2023)))
    assert found is not None
    assert {each.state for each in found.rows} == {"changed"}
    assert json.dumps(comparison_section.comparison_as_json(found)).count('"changed"') == 32
