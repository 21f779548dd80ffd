"""Templates as they are delivered: which part they word, and what they may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.metrics import Metric
from core.recap.templating.faults import check
from core.recap.templating.language import Vocabulary

# What every template may name besides figures.
WORDS: Mapping[str, str] = {
    "主题": "活动主题",
    "时间": "活动的起止日期",
    "单位": "本单位的名称",
    "活动名称": "如第32次全国助残日",
    "活动": "节日写“系列活动”，其他写活动名称",
    "节日": "节日的名称，不是节日的活动没有",
    "节日日期": "节日是哪一天",
    "年份": "如2022年",
}


@dataclass(frozen=True, slots=True)
class RecapTemplate:
    """How a part of the recap is worded unless an office words it otherwise.

    ``part`` is the plugin's key, or begins with it and a dot. ``words`` are the words that the
    plugin brings to ``Texts.write``, each with what it means.
    """

    part: str
    title: str
    text: str
    words: Mapping[str, str] = field(default_factory=dict)


def vocabulary(metrics: Mapping[str, Metric], template: RecapTemplate | None = None) -> Vocabulary:
    """What the template of a part may name, or a written part where there is none."""
    return Vocabulary(metrics, {**WORDS, **(template.words if template else {})})


def faults_of(templates: Iterable[RecapTemplate], metrics: Mapping[str, Metric]) -> list[str]:
    """What is wrong with delivered templates, a sentence each."""
    return [
        f"总结模板“{each.part}”{fault.sentence}"
        for each in templates
        for fault in check(each.text, vocabulary(metrics, each))
    ]
