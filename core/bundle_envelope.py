"""The envelope of a bundle: its shape, and the checks that one member alone cannot see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core.bundle_sections import CheckContext
from core.documents import Repeated
from core.metrics import AGGREGATIONS, Metric
from core.shapes import (
    INVALID,
    Optional,
    Path,
    Problems,
    Shape,
    day,
    decimal,
    flag,
    integer,
    key,
    list_of,
    nullable,
    object_of,
    one_of,
    optional_list,
    text,
    unfit,
)

FORMAT, VERSION = "campaign-bundle", 1
LEVELS = ("nation", "province", "city", "county", "town", "community")
BASES = ("total", "additional")


def _exactly(expected: Any) -> Shape:
    def check(value: Any, path: Path, problems: Problems) -> Any:
        if type(value) is not type(expected):
            return unfit(value, path, problems, f"这里应当是 {expected!r}")
        if value != expected:
            return problems.add(path, "value", f"只认识 {expected!r}")
        return value

    return check


ORGANISATION = object_of(
    {"key": key, "name": text(), "level": one_of(*LEVELS), "parent": nullable(key)}
)
CAMPAIGN = object_of(
    {
        "key": key,
        "observance": nullable(key),
        "year": integer(1900, 2100),
        "organisation": key,
        "title": Optional(text()),
        "theme": Optional(text(), str),
        "starts_on": day,
        "ends_on": day,
    }
)
PLAIN_METRIC = {
    "key": key,
    "label": text(),
    "unit": text(),
    "aggregation": one_of(*AGGREGATIONS),
}
TARGET = object_of({"metric": key, "organisation": key, "value": decimal})
REPORTED = object_of(
    {
        "key": key,
        "metric": key,
        "organisation": key,
        "activity": nullable(key),
        "value": decimal,
        "basis": one_of(*BASES),
        "approximate": Optional(flag, bool),
        "source": Optional(text(), str),
    }
)
_ratio_metric = object_of({**PLAIN_METRIC, "numerator": key, "denominator": key})
_other_metric = object_of(PLAIN_METRIC)


def metric_shape(value: Any, path: Path, problems: Problems) -> Any:
    """A metric; only a ratio has a numerator and a denominator."""
    ratio = isinstance(value, dict) and value.get("aggregation") == "ratio"
    return (_ratio_metric if ratio else _other_metric)(value, path, problems)


def envelope(in_envelope: Mapping[str, Shape], sections: Mapping[str, Shape]) -> Shape:
    """The whole bundle; ``in_envelope`` and ``sections`` are the parts that others bring."""

    def plugins(value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, dict):
            return unfit(value, path, problems, "这里应当是一个对象 {…}")
        for name in value:
            if name not in sections:
                problems.add((*path, name), "unknown_plugin", f"没有安装插件“{name}”")
        known = {name: Optional(shape, _absent) for name, shape in sections.items()}
        present = Repeated((name, part) for name, part in value.items() if name in sections)
        present.names = getattr(value, "names", ())
        checked = object_of(known)(present, path, problems)
        return {name: part for name, part in checked.items() if part is not INVALID}

    return object_of(
        {
            "format": _exactly(FORMAT),
            "version": _exactly(VERSION),
            "organisations": list_of(ORGANISATION),
            "campaign": CAMPAIGN,
            "metrics": optional_list(metric_shape),
            "targets": optional_list(TARGET),
            "reported": optional_list(REPORTED),
            **{name: Optional(shape, list) for name, shape in in_envelope.items()},
            "plugins": Optional(plugins, dict),
        }
    )


def _absent() -> Any:
    return INVALID


def check_organisations(items: list[Any], context: CheckContext) -> None:
    """Keys, parents, levels, cycles, and exactly one office without a parent."""
    context.unique(items, ("organisations",))
    offices = {item["key"]: item for item in items if item and "key" in item}
    roots = [i for i, item in enumerate(items) if item and item.get("parent", "?") is None]
    for index in roots[1:]:
        context.problems.add(
            ("organisations", index, "parent"), "duplicate", "只能有一个机构没有上级"
        )
    for index, item in enumerate(items):
        if not item or item.get("parent") is None:
            continue
        place = ("organisations", index)
        context.organisation(item["parent"], (*place, "parent"))
        if _in_cycle(item.get("key"), offices):
            context.problems.add((*place, "parent"), "cycle", "上级关系绕成了一圈")
            continue
        above = offices.get(item["parent"], {}).get("level")
        if above and "level" in item and LEVELS.index(above) >= LEVELS.index(item["level"]):
            context.problems.add((*place, "level"), "level", "级别应当低于上级机构")


def _in_cycle(start: str | None, offices: Mapping[str, Any]) -> bool:
    """Whether following parents from ``start`` comes back to it."""
    seen: set[str] = set()
    current = start
    while current is not None and current in offices and current not in seen:
        seen.add(current)
        current = offices[current].get("parent")
    return current is not None and current == start


def check_campaign(
    item: Mapping[str, Any],
    offices: list[Any],
    observances: Collection[str],
    context: CheckContext,
) -> None:
    """The observance, the title of a campaign without one, the window, the office."""
    if "observance" in item:
        if item["observance"] is None and not item.get("title"):
            context.problems.add(("campaign", "title"), "missing", "不属于节日的活动要有标题")
        elif item["observance"] is not None and item["observance"] not in observances:
            context.problems.add(
                ("campaign", "observance"),
                "unknown_observance",
                f"不认识的节日“{item['observance']}”",
            )
    context.ends_after_start(item, "starts_on", "ends_on", ("campaign",))
    path = ("campaign", "organisation")
    context.organisation(item.get("organisation"), path)
    roots = {o.get("key") for o in offices if o and o.get("parent", "?") is None}
    if item.get("organisation") in context.organisations and item["organisation"] not in roots:
        context.problems.add(path, "value", "活动应当属于没有上级的那个机构")


def check_metrics(
    items: list[Any], of_plugins: Mapping[str, Metric], context: CheckContext
) -> dict[str, str]:
    """Keys and the parts of ratios; answers each known metric's aggregation."""
    context.unique(items, ("metrics",))
    known = {name: metric.aggregation for name, metric in of_plugins.items()}
    for index, item in enumerate(items):
        if item and item.get("key") in of_plugins:
            context.problems.add(
                ("metrics", index, "key"), "duplicate", f"指标“{item['key']}”已由插件定义"
            )
    known.update(
        {
            i["key"]: i.get("aggregation", "")
            for i in items
            if i and "key" in i
            if i["key"] not in known
        }
    )
    for index, item in enumerate(items):
        for member in ("numerator", "denominator") if item else ():
            name = item.get(member)
            context.known(name, known.keys(), ("metrics", index, member), "指标")
            if known.get(name) == "ratio":
                context.problems.add(
                    ("metrics", index, member), "value", "比率的分子分母不能又是比率"
                )
    return known


def check_targets(items: list[Any], metrics: Mapping[str, str], context: CheckContext) -> None:
    """References, and one target a metric and office."""
    context.unique(items, ("targets",), ("metric", "organisation"))
    for index, item in enumerate(items):
        if item:
            context.known(item.get("metric"), metrics.keys(), ("targets", index, "metric"), "指标")
            context.organisation(item.get("organisation"), ("targets", index, "organisation"))


def check_reported(items: list[Any], metrics: Mapping[str, str], context: CheckContext) -> None:
    """References, no figure for a ratio, one total a metric, office and activity."""
    context.unique(items, ("reported",))
    totals: set[tuple[Any, ...]] = set()
    for index, item in enumerate(items):
        if not item:
            continue
        place = ("reported", index)
        context.known(item.get("metric"), metrics.keys(), (*place, "metric"), "指标")
        if metrics.get(item.get("metric")) == "ratio":
            context.problems.add((*place, "metric"), "value", "比率由分子分母算出，不能填报")
        context.organisation(item.get("organisation"), (*place, "organisation"))
        context.activity(item.get("activity"), (*place, "activity"))
        members = ("metric", "organisation", "activity")
        if item.get("basis") != "total" or any(member not in item for member in members):
            continue
        identity = tuple(item[member] for member in members)
        if identity in totals:
            context.problems.add(place, "duplicate_total", "同一指标、机构和活动只能填报一个合计")
        totals.add(identity)
