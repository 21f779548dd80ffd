"""Kinds of activity: the general ones, those of plugins, and slugs that nobody has named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.plugins import ActivityKind, Plugins

GENERAL: tuple[ActivityKind, ...] = (
    ActivityKind("training", "培训"),
    ActivityKind("culture", "文体活动"),
    ActivityKind("rehab", "康复服务"),
    ActivityKind("assistive", "辅助器具"),
    ActivityKind("screening", "筛查义诊"),
    ActivityKind("donation", "捐赠"),
    ActivityKind("education", "助学"),
    ActivityKind("legal", "法律服务"),
    ActivityKind("research", "走访调研"),
    ActivityKind("meeting", "会议"),
    ActivityKind("ceremony", "启动仪式"),
    ActivityKind("other", "其他活动"),
)


def kind_labels(plugins: Plugins, enabled: Iterable[str] | None = None) -> dict[str, str]:
    """Label by slug: the kinds of plugins, then the general ones.

    With ``enabled`` those of other plugins are left out: what a campaign offers to choose from.
    """
    wanted = None if enabled is None else {*enabled, *plugins.foundations}
    answers = plugins.registered("register_activity_kinds")
    ordered = sorted(answers, key=lambda answer: answer[0] in plugins.foundations)
    found: dict[str, str] = {}
    for key, kinds in ordered:
        for kind in kinds if wanted is None or key in wanted else ():
            found.setdefault(kind.key, kind.label)
    return found


def kind_label(kind: str, known: Mapping[str, str]) -> str:
    """What people call a kind; an unknown slug is its own label."""
    return known.get(kind, kind)
