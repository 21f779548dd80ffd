"""Counting words by which a text may mean a metric's unit: 场次 for 场, but never 户 for 人."""

from __future__ import annotations

from core.proofread import units

# A word may stand in several groups: 次 counts visits and, of activities, 场.
_GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "人次 人",
        "家 个 所",
        "场 场次 次 期 个",
        "次 场 场次 项 个 批 批次",
        "次 户次 人次",
        "个 项 种 类",
        "件 台 副 辆 套 份 个 袋 桶 支",
        "份 张 页",
        "本 份",
        "条 幅 块",
        "条次 条 次",
        "篇 条 件 个",
        "条 则 次",
        "小时 个小时",
    )
)


def comparable(stated: str, unit: str) -> bool:
    """Whether a quantity in the one unit can be meant by a figure in the other."""
    stated, unit = units.family(stated), units.family(unit)
    return stated == unit or any(stated in group and unit in group for group in _GROUPS)
