"""A campaign's own metrics, besides those of its plugins: defined, changed and removed.

The rules are those of a bundle, checked by the same function over the whole list as it would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from core import audit, campaign_states, campaigns, database
from core import metrics as definitions
from core.bundle_envelope import check_metrics, metric_shape
from core.bundle_sections import CheckContext
from core.campaigns import Campaign
from core.metrics import Metric
from core.permissions import Actor, may
from core.plugins import Plugins
from core.refusals import Conflict, Fault, Missing, Refusal
from core.shapes import Problems

MANAGE = "campaign.manage"
AGGREGATION_LABELS: dict[str, str] = {
    "sum": "各单位相加",
    "distinct": "去重人数（各单位另有的才相加）",
    "last": "各单位最近一次填报相加",
    "max": "取各单位中最大的",
    "ratio": "两项数据相除",
    "none": "只在本单位使用，不汇总",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What somebody states of a metric; a ratio, and only a ratio, names its two parts."""

    label: str
    unit: str
    aggregation: str
    numerator: str | None = None
    denominator: str | None = None

    def item(self, key: str) -> dict[str, Any]:
        """The metric as a bundle writes it."""
        parts = {"numerator": self.numerator, "denominator": self.denominator}
        stated = {name: value for name, value in parts.items() if value is not None}
        plain = {"label": self.label, "unit": self.unit, "aggregation": self.aggregation}
        return {"key": key, **plain, **stated}


async def known(campaign: Campaign, plugins: Plugins) -> dict[str, Metric]:
    """Every metric that the campaign can have figures of, by key. One statement."""
    own = await definitions.of_campaign(campaign.id)
    return definitions.by_key([*plugins.metrics(), *own])


def offered(
    metrics: Mapping[str, Metric], enabled: Iterable[str], *, ratios: bool = True
) -> list[Metric]:
    """Those that a form offers: of the campaign's plugins and its own; ratios only if wanted."""
    wanted = {None, *enabled}
    return [
        metric
        for metric in metrics.values()
        if metric.plugin in wanted and (ratios or metric.aggregation != "ratio")
    ]


async def add(
    actor: Actor, campaign: Campaign, plugins: Plugins, key: str, definition: Definition
) -> str:
    """Define one more metric; answers its key, which is made when it is empty.

    Raises Refusal with every fault, Missing without the permission.
    """
    async with database.transaction():
        before = await _ground(actor, campaign)
        taken = {metric.key for metric in before}
        key = key or next(made for n in count(1) if (made := f"own.{n}") not in taken)
        if key in taken:
            raise Conflict.of("duplicate", f"编号“{key}”已经有指标在用", "key")
        item = definition.item(key)
        _check([*map(_item, before), item], len(before), plugins)
        await database.execute(
            "INSERT INTO metric (campaign, key, label, unit, aggregation, numerator, denominator)"
            " VALUES (:campaign, :key, :label, :unit, :aggregation, :numerator, :denominator)",
            **_columns(campaign, item),
        )
        await _record(actor, campaign, "metric.created", key, after=item)
    return key


async def change(
    actor: Actor, campaign: Campaign, plugins: Plugins, key: str, definition: Definition
) -> None:
    """Define a metric anew. One with reported figures cannot become a ratio."""
    async with database.transaction():
        before = await _ground(actor, campaign)
        index = _place(before, key)
        item = definition.item(key)
        _check([item if m.key == key else _item(m) for m in before], index, plugins)
        if item["aggregation"] == "ratio" and await _count("reported_figure", campaign, key):
            raise Conflict.of("value", "这项指标已经有填报的数据，不能改为比率", "aggregation")
        await database.execute(
            "UPDATE metric SET label = :label, unit = :unit, aggregation = :aggregation,"
            " numerator = :numerator, denominator = :denominator"
            " WHERE campaign = :campaign AND key = :key",
            **_columns(campaign, item),
        )
        earlier = _item(before[index])
        await _record(actor, campaign, "metric.changed", key, before=earlier, after=item)


async def remove(actor: Actor, campaign: Campaign, key: str) -> None:
    """Remove a metric that nothing refers to. Raises Conflict where something does."""
    async with database.transaction():
        before = await _ground(actor, campaign)
        index = _place(before, key)
        ratios = [m.label for m in before if key in (m.numerator, m.denominator)]
        if ratios:
            raise Conflict.of("in_use", f"比率“{ratios[0]}”还用着这项指标，请先删除或修改它")
        for table, what in (("reported_figure", "条填报的数据"), ("target", "个任务数")):
            if number := await _count(table, campaign, key):
                raise Conflict.of("in_use", f"这项指标还有{number}{what}，请先删除它们")
        await database.execute(
            "DELETE FROM metric WHERE campaign = :campaign AND key = :key",
            campaign=campaign.id,
            key=key,
        )
        await _record(actor, campaign, "metric.removed", key, before=_item(before[index]))


async def _ground(actor: Actor, campaign: Campaign) -> list[Metric]:
    """The metrics so far, once it is sure that the actor may change them and nobody else does."""
    if not await may(actor, MANAGE, campaign.organisation_id):
        raise Missing(f"没有编号为“{campaign.key}”的活动")
    campaign_states.require(campaign, "plan")
    await campaigns.touch(campaign.id)
    return await definitions.of_campaign(campaign.id)


def _place(metrics: list[Metric], key: str) -> int:
    for index, metric in enumerate(metrics):
        if metric.key == key:
            return index
    raise Missing(f"没有编号为“{key}”的指标")


def _check(items: list[dict[str, Any]], index: int, plugins: Plugins) -> None:
    """The rules of a bundle over the whole list; faults are told of the metric at ``index``.

    What another metric has against it (a ratio whose part would become a ratio) is told of the
    aggregation, which is what caused it.
    """
    problems = Problems()
    shaped = [metric_shape(item, ("metrics", place), problems) for place, item in enumerate(items)]
    context = CheckContext(problems, frozenset(), frozenset())
    check_metrics(shaped, definitions.by_key(plugins.metrics()), context)
    own = f"/metrics/{index}"
    faults = [
        Fault(fault.pointer.removeprefix(own), fault.code, fault.message)
        if fault.pointer.startswith(f"{own}/")
        else Fault("/aggregation", fault.code, fault.message)
        for fault in problems.found
    ]
    for member, text in (("label", "名称"), ("unit", "单位")):
        if not str(items[index][member]).strip():
            faults.append(Fault(f"/{member}", "missing", f"请填写{text}"))
    if faults:
        raise Refusal(*faults)


def _item(metric: Metric) -> dict[str, Any]:
    stated = Definition(
        metric.label, metric.unit, metric.aggregation, metric.numerator, metric.denominator
    )
    return stated.item(metric.key)


def _columns(campaign: Campaign, item: Mapping[str, Any]) -> dict[str, Any]:
    return {"campaign": campaign.id, "numerator": None, "denominator": None, **item}


async def _count(table: str, campaign: Campaign, metric: str) -> int:
    found = await database.fetch_value(
        f"SELECT COUNT(*) FROM {table} WHERE campaign = :campaign AND metric = :metric",
        campaign=campaign.id,
        metric=metric,
    )
    return int(found)


async def _record(
    actor: Actor, campaign: Campaign, action: str, key: str, **states: Mapping[str, Any]
) -> None:
    await audit.record(
        actor,
        action,
        "metric",
        key,
        organisation=campaign.organisation_id,
        campaign=campaign.key,
        **states,
    )
