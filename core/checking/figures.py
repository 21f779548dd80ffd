"""A campaign's figures against the slow reading of what it exports: every office, every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core import bundles, campaigns, figures
from core.campaigns import Campaign
from core.checking.complaints import NONSENSE, Complaint
from core.checking.slow_reading import SlowReader, SlowReading
from core.figures import Figure, Figures
from core.numbers import plain
from core.observances import Catalogue
from core.plugins import Plugins
from core.privacy import UnsealError
from core.refusals import Missing, Refusal
from core.shapes import Problems

ATTEMPTS = 3
NAMES = {
    "value": "数值",
    "itemised": "明细",
    "evidence": "佐证率",
    "target": "任务",
    "completion": "完成率",
    "approximate": "约数",
}
Stated = dict[str, dict[str, dict[str, Any]]]


async def check(campaign: Campaign, plugins: Plugins, catalogue: Catalogue) -> list[Complaint]:
    """What is wrong with the campaign's records and figures.

    A campaign that is being written to is read again; one that never keeps still is told.
    """
    for _ in range(ATTEMPTS):
        before = await campaigns.find(campaign.key)
        try:
            found = await _read(before, plugins, catalogue)
        except NONSENSE as error:
            kind = type(error).__name__
            message = (
                f"活动 {campaign.key} 读不完整，数据没有核对：有的内容不是该有的样子（{kind}）"
            )
            found = [Complaint("not_readable", f"campaign {campaign.key}", message)]
        if (await campaigns.find(campaign.key)).changes == before.changes:
            return found
    message = f"活动 {campaign.key} 一直有人在修改，数据没有核对成，请稍后再查"
    return [Complaint("busy", f"campaign {campaign.key}", message)]


async def _read(campaign: Campaign, plugins: Plugins, catalogue: Catalogue) -> list[Complaint]:
    place = f"campaign {campaign.key}"
    missing = sorted(set(campaign.enabled) - set(plugins.keys))
    if missing:
        message = f"活动 {campaign.key} 用到的插件没有安装：{'、'.join(missing)}"
        return [Complaint("plugin_missing", place, message)]
    try:
        document = await bundles.export_document(campaign.key, plugins)
    except (Refusal, Missing, UnsealError) as error:
        message = f"活动 {campaign.key} 读不完整，数据没有核对：{error}"
        return [Complaint("not_readable", place, message)]
    problems = Problems()
    bundles.check(document, plugins, catalogue, problems)
    complaints = [
        Complaint(
            "record_broken",
            f"{place}{fault.pointer}",
            f"活动 {campaign.key} 的记录 {fault.pointer}：{fault.message}",
        )
        for fault in problems.found
    ]
    if complaints:  # neither counting nor the slow reading takes what is not well-formed
        return complaints
    computed = await figures.compute(await campaigns.scope(campaign), plugins, campaign.enabled)
    if computed.failed:
        message = f"活动 {campaign.key} 的这些部分无法统计：{'、'.join(computed.failed)}"
        return [Complaint("plugin_failed", place, message)]
    readers: dict[str, SlowReader] = dict(plugins.registered("register_slow_reading"))
    reading = SlowReading(document, readers)
    complaints += _unread(campaign, reading.unread, plugins)
    complaints += _compared(campaign.key, reading, computed)
    return complaints


def _unread(campaign: Campaign, keys: list[str], plugins: Plugins) -> Iterator[Complaint]:
    for key in keys:
        if any(metric.plugin == key for metric in plugins.metrics()):
            title = plugins.infos[key].title
            yield Complaint(
                "not_checked",
                f"campaign {campaign.key}",
                f"活动 {campaign.key} 的“{title}”没有自带核对办法，这部分数据没有核对",
            )


def _compared(key: str, reading: SlowReading, computed: Figures) -> Iterator[Complaint]:
    expected = reading.figures()
    stated = _stated(computed, reading)
    for office in sorted(expected.keys() | stated.keys()):
        theirs, ours = expected.get(office, {}), stated.get(office, {})
        for metric in sorted(theirs.keys() | ours.keys()):
            if ours.get(metric) != theirs.get(metric):
                yield _difference(key, office, metric, ours.get(metric), theirs.get(metric))
    found = {
        (finding.metric, finding.organisation)
        for finding in computed.findings
        if finding.code == "total_below_parts" and finding.metric in reading.metrics
    }
    for metric, office in found ^ reading.totals_below_parts():
        place = f"campaign {key} {office} {metric}"
        message = f"活动 {key} 机构 {office} 的 {metric}：“合计小于明细”的提示不对"
        yield Complaint("finding_wrong", place, message)


def _stated(computed: Figures, reading: SlowReading) -> Stated:
    """Our figures in the form of the slow reading's, as far as it can read them."""

    def readable(key: str) -> bool:
        metric = computed.metrics[key]
        parts = [part for part in (metric.numerator, metric.denominator) if part]
        return {key, *parts} <= reading.metrics.keys()

    return {
        office: told
        for office, of_office in computed.by_organisation.items()
        if (told := {key: _fields(f) for key, f in of_office.items() if readable(key)})
    }


def _fields(figure: Figure) -> dict[str, Any]:
    numbers = {name: getattr(figure, name) for name in NAMES if name != "approximate"}
    told = {name: None if value is None else plain(value) for name, value in numbers.items()}
    return {**told, "approximate": figure.approximate}


def _difference(
    key: str,
    office: str,
    metric: str,
    ours: Mapping[str, Any] | None,
    theirs: Mapping[str, Any] | None,
) -> Complaint:
    where = f"活动 {key} 机构 {office} 的 {metric}"
    if ours is None or theirs is None:
        words = "应当有数而没有" if ours is None else "不应当有数"
    else:
        words = "；".join(
            f"{label}是 {ours[name]}，核对得 {theirs[name]}"
            for name, label in NAMES.items()
            if ours[name] != theirs[name]
        )
    return Complaint("figure_differs", f"campaign {key} {office} {metric}", f"{where}：{words}")
