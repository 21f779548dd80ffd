"""What a plugin answers to a hook, looked at before anybody uses it.

A page must not fall because a plugin gave a text for a list, and a figure must not be wrong because
it gave an amount below nothing. An answer that does not fit is refused whole: half of it would be
told as the whole.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from core import hookspecs
from core.measures import Amount
from core.metrics import ITEMISED_AGGREGATIONS, Metric
from core.plugins.conforming import fault_in, hints_of

# Far above what any campaign counts, in the smallest unit, and sums of many still fit a BIGINT.
LARGEST_AMOUNT = 10**15
YEARS = range(1900, 2200)
LONGEST_ALARM_MINUTES = 60 * 24 * 366
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})?")


class PluginAnswerError(ValueError):
    """An answer that cannot be used; the message says what is wrong, without anybody's data."""


def checked(
    hook: str, plugin: str, value: Any, arguments: Mapping[str, Any], metrics: Sequence[Metric]
) -> Any:
    """The answer as it was given. Raises PluginAnswerError.

    ``metrics`` are those that the plugin registered. None stands for "nothing" in every hook.
    """
    if value is None or hook in UNREAD:
        return None
    if hook == "measure":
        _check_amounts(value, arguments, metrics)
        return value
    if found := fault_in(value, answer_of(hook)):
        raise PluginAnswerError(f"回答{found}")
    if (check := CHECKS.get(hook)) is not None:
        check(value, plugin, arguments)
    return value


@lru_cache(maxsize=64)
def answer_of(hook: str) -> Any:
    """What a hook is declared to answer."""
    return hints_of(getattr(hookspecs, hook))["return"]


def _refuse(condition: bool, sentence: str) -> None:
    if condition:
        raise PluginAnswerError(sentence)


def _check_amounts(value: Any, arguments: Mapping[str, Any], metrics: Sequence[Metric]) -> None:
    """Column by column rather than one by one: of a large tree there are tens of thousands."""
    _refuse(not isinstance(value, list | tuple), f"回答应当是列表，却是 {type(value).__name__}")
    if not value:
        return
    _refuse(set(map(type, value)) != {Amount}, "回答里有不是 Amount 的东西")
    own = {metric.key for metric in metrics if metric.aggregation in ITEMISED_AGGREGATIONS}
    _refuse(not _of_type(value, "metric", str), "回答里的指标不是文字")
    unknown = set(map(attrgetter("metric"), value)) - own
    _refuse(bool(unknown), f"指标“{min(unknown, default='')[:40]}”不是这个插件登记的，或不能有明细")
    for name in ("amount", "organisation"):
        _refuse(not _of_type(value, name, int), f"回答里的 {name} 不是整数")
    scope = arguments.get("scope")
    if (tree := getattr(scope, "tree", None)) is not None:
        offices = set(map(attrgetter("organisation"), value))
        _refuse(not offices <= tree.children.keys(), "回答里有不在这个范围内的机构")
    amounts = list(map(attrgetter("amount"), value))
    _refuse(min(amounts) < 0, "回答里有负数")
    _refuse(max(amounts) > LARGEST_AMOUNT, "回答里的数太大了")
    _refuse(not _of_type(value, "activity", str, type(None)), "回答里的活动不是文字")
    _refuse(not _of_type(value, "day", str, type(None)), "回答里的日期不是文字")
    if getattr(scope, "by_day", False):
        for day in set(map(attrgetter("day"), value)):
            _refuse(not _is_day(day), "回答里有认不出的日期")


def _of_type(value: Sequence[Any], name: str, *kinds: type) -> bool:
    return set(map(type, map(attrgetter(name), value))) <= set(kinds)


def _is_day(text: str | None) -> bool:
    if text is None or not DAY.fullmatch(text):
        return text is None
    try:
        return not text or datetime.fromisoformat(text).year in YEARS
    except ValueError:
        return False


def _is_local(href: str) -> bool:
    """Whether a link stays on this site: no other host, no script."""
    return href.startswith("/") and not href.startswith(("//", "/\\")) and href.isprintable()


def _check_records(page: Any, _: str, arguments: Mapping[str, Any]) -> None:
    for record in page.records:
        _refuse(not 0 <= record.amount <= LARGEST_AMOUNT, "回答里的数不在范围内")
        _refuse(bool(record.href) and not _is_local(record.href), "回答里有通往站外的链接")
    after, limit = arguments.get("after"), arguments.get("limit")
    if isinstance(limit, int):
        _refuse(len(page.records) > limit, "回答的记录比要的多")
    if page.after is not None and isinstance(after, int):
        _refuse(page.after <= after, "回答的下一页不往前走")


def _check_section(section: Any, plugin: str, arguments: Mapping[str, Any]) -> None:
    _refuse(section.plugin != plugin, "总结里的部分没有写明是这个插件的")
    _refuse(not section.title.strip(), "总结里的部分没有标题")
    figures = arguments.get("figures")
    stated = set(figures.values()) if isinstance(figures, Mapping) else None
    pending = [section]
    while pending:
        part = pending.pop()
        pending += part.sections
        for block in part.blocks:
            if stated is not None and type(block).__name__ == "Ledger":
                _refuse(not set(block.figures) <= stated, "总结里有不是这次统计的数")


def _check_links(items: Any, _: str, __: Mapping[str, Any]) -> None:
    for item in items:
        _refuse(not item.label.strip(), "有一个链接没有名称")
        _refuse(not _is_local(item.href), "有一个链接通往站外")


def _check_entries(entries: Any, _: str, __: Mapping[str, Any]) -> None:
    for entry in entries:
        for moment in (entry.starts, entry.ends, entry.modified_at, entry.cancelled_at):
            _refuse(moment is not None and moment.year not in YEARS, "日历条目的年份不在范围内")
        _refuse((entry.alarm_minutes or 0) > LONGEST_ALARM_MINUTES, "日历条目的提醒太早")


def _check_findings(findings: Any, _: str, __: Mapping[str, Any]) -> None:
    for finding in findings:
        _refuse(not finding.message.strip(), "有一条提醒没有内容")
        _refuse(bool(finding.href) and not _is_local(finding.href), "有一条提醒通往站外")


def _check_personal(records: Any, _: str, __: Mapping[str, Any]) -> None:
    try:
        json.dumps(records)
    except (TypeError, ValueError, RecursionError):
        raise PluginAnswerError("回答里有写不成 JSON 的东西") from None


CHECKS: dict[str, Callable[[Any, str, Mapping[str, Any]], None]] = {
    "figure_records": _check_records,
    "recap_section": _check_section,
    "navigation": _check_links,
    "calendar_entries": _check_entries,
    "findings": _check_findings,
    "personal_data": _check_personal,
}
# Hooks whose answer nobody reads.
UNREAD = frozenset(
    name
    for name, spec in inspect.getmembers(hookspecs, inspect.iscoroutinefunction)
    if str(inspect.signature(spec).return_annotation) == "None"
)
