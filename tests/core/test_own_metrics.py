"""A campaign's own metrics, under the rules of a bundle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import campaigns, database, own_metrics, reported_figures, targets
from core import metrics as definitions
from core.campaigns import Campaign
from core.own_metrics import Definition
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Conflict, Missing, Refusal
from core.reported_figures import References, Statement
from tests.core.stored import everything
from tests.fixtures.application import ActorOf

TEXTBOOKS = Definition("发放盲文教材", "册", "sum")


@pytest.fixture
async def campaign(campaign_2022: str) -> Campaign:
    return await campaigns.find(campaign_2022)


async def own(campaign: Campaign) -> dict[str, definitions.Metric]:
    return {metric.key: metric for metric in await definitions.of_campaign(campaign.id)}


async def test_a_metric_is_defined_changed_and_removed(
    campaign: Campaign, process: Process, actor_of: ActorOf
) -> None:
    organiser = await actor_of("organiser", "city")
    plugins = process.plugins
    before = await own(campaign)
    await own_metrics.add(organiser, campaign, plugins, "braille.books", TEXTBOOKS)
    made = (await own(campaign))["braille.books"]
    assert (made.label, made.unit, made.aggregation, made.numerator) == (
        "发放盲文教材",
        "册",
        "sum",
        None,
    )
    rate = Definition("教材占比", "%", "ratio", "braille.books", "assistive.items")
    await own_metrics.change(
        organiser, campaign, plugins, "braille.books", replace(TEXTBOOKS, unit="本")
    )
    await own_metrics.add(organiser, campaign, plugins, "braille.rate", rate)
    with pytest.raises(Conflict, match="教材占比"):
        await own_metrics.remove(organiser, campaign, "braille.books")
    await own_metrics.remove(organiser, campaign, "braille.rate")
    await own_metrics.remove(organiser, campaign, "braille.books")
    assert await own(campaign) == before
    actions = await database.fetch(
        "SELECT action FROM audit_entry WHERE thing = 'metric' ORDER BY id"
    )
    assert [row["action"].removeprefix("metric.") for row in actions] == [
        "created",
        "changed",
        "created",
        "removed",
        "removed",
    ]


@pytest.mark.parametrize(
    ("key", "definition", "faults"),
    [
        ("坏", TEXTBOOKS, {("/key", "value")}),
        ("condolence.cash", TEXTBOOKS, {("/key", "duplicate")}),
        ("new", replace(TEXTBOOKS, aggregation="average"), {("/aggregation", "value")}),
        (
            "new",
            replace(TEXTBOOKS, label=" ", unit=""),
            {("/label", "missing"), ("/unit", "missing")},
        ),
        (
            "new",
            replace(TEXTBOOKS, aggregation="ratio"),
            {("/numerator", "missing"), ("/denominator", "missing")},
        ),
        ("new", replace(TEXTBOOKS, numerator="assistive.items"), {("/numerator", "unknown_key")}),
        (
            "new",
            Definition("率", "%", "ratio", "no.such", "job_fair.intent_rate"),
            {("/numerator", "unknown_reference"), ("/denominator", "value")},
        ),
        (
            "new",
            Definition("率", "%", "ratio", "new", "assistive.items"),
            {("/numerator", "value")},
        ),
    ],
)
async def test_a_faulty_definition_is_refused_with_every_fault(
    campaign: Campaign,
    process: Process,
    key: str,
    definition: Definition,
    faults: set[tuple[str, str]],
) -> None:
    before = await everything()
    with pytest.raises(Refusal) as refused:
        await own_metrics.add(SYSTEM, campaign, process.plugins, key, definition)
    assert {(fault.pointer, fault.code) for fault in refused.value.faults} == faults
    assert await everything() == before


async def test_the_part_of_a_ratio_cannot_become_one(campaign: Campaign, process: Process) -> None:
    rate = Definition("占比", "%", "ratio", "assistive.items", "rehab.clinic")
    await own_metrics.add(SYSTEM, campaign, process.plugins, "a.rate", rate)
    change = Definition("比率", "%", "ratio", "rehab.clinic", "rehab.assessed")
    with pytest.raises(Refusal) as refused:
        await own_metrics.change(SYSTEM, campaign, process.plugins, "assistive.items", change)
    assert [fault.pointer for fault in refused.value.faults] == ["/aggregation"]


async def test_what_is_in_use_is_neither_removed_nor_made_a_ratio(
    campaign: Campaign, process: Process
) -> None:
    plugins = process.plugins
    await own_metrics.add(SYSTEM, campaign, plugins, "braille.books", TEXTBOOKS)
    references = References(await own_metrics.known(campaign, plugins), ())
    statement = Statement("braille.books", "x1", "3", "additional", "登记册")
    figure = await reported_figures.add(SYSTEM, campaign, references, statement)
    rate = Definition("率", "%", "ratio", "rehab.clinic", "rehab.assessed")
    with pytest.raises(Conflict):
        await own_metrics.change(SYSTEM, campaign, plugins, "braille.books", rate)
    with pytest.raises(Conflict, match="1条填报"):
        await own_metrics.remove(SYSTEM, campaign, "braille.books")
    await reported_figures.remove(SYSTEM, campaign, figure)
    cell = ("braille.books", "x1")
    await targets.set_many(SYSTEM, campaign, {cell: "3"}, references.metrics)
    with pytest.raises(Conflict, match="任务"):
        await own_metrics.remove(SYSTEM, campaign, "braille.books")
    await targets.set_many(SYSTEM, campaign, {cell: None}, references.metrics)
    await own_metrics.remove(SYSTEM, campaign, "braille.books")


async def test_a_key_is_used_once_and_only_what_exists_is_changed(
    campaign: Campaign, process: Process
) -> None:
    plugins = process.plugins
    with pytest.raises(Conflict) as refused:
        await own_metrics.add(SYSTEM, campaign, plugins, "assistive.items", TEXTBOOKS)
    assert refused.value.faults[0].pointer == "/key"
    for call in (
        own_metrics.change(SYSTEM, campaign, plugins, "no.such", TEXTBOOKS),
        own_metrics.change(SYSTEM, campaign, plugins, "condolence.cash", TEXTBOOKS),
        own_metrics.remove(SYSTEM, campaign, "no.such"),
    ):
        with pytest.raises(Missing):
            await call


@pytest.mark.parametrize(("role", "office"), [("organiser", "x1"), ("clerk", "city")])
async def test_only_who_leads_the_campaign_defines_its_metrics(
    campaign: Campaign, process: Process, actor_of: ActorOf, role: str, office: str
) -> None:
    actor = await actor_of(role, office)
    with pytest.raises(Missing):
        await own_metrics.add(actor, campaign, process.plugins, "new", TEXTBOOKS)


async def test_a_campaign_at_its_end_takes_no_more_metrics(
    campaign: Campaign, process: Process
) -> None:
    await database.execute("UPDATE campaign SET state = 'closing'")
    ending = await campaigns.find(campaign.key)
    with pytest.raises(Conflict):
        await own_metrics.add(SYSTEM, ending, process.plugins, "new", TEXTBOOKS)


def test_a_form_offers_the_metrics_of_enabled_plugins(process: Process) -> None:
    metrics = definitions.by_key(process.plugins.metrics())
    offered = own_metrics.offered(metrics, ["publicity"])
    assert {metric.plugin for metric in offered} == {"publicity"}
