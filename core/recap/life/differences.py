"""What has changed in the figures since a recap was handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core import wording
from core.figures import Figure
from core.metrics import Metric
from core.numbers import EXACT, plain
from core.recap.formats.as_json import figure_as_json
from core.recap.life.versions import Version
from core.reports import Report

# Members of a figure besides its value, and what they are called.
_BESIDES = {"itemised": "有明细的", "target": "任务"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what it was. ``frozen`` and ``live`` are plain numbers, None for none.

    ``words`` say from what to what and by how much: ``1132人改为1140人，多8人``.
    """

    metric: str
    label: str
    organisation: str
    organisation_name: str
    frozen: str | None
    live: str | None
    words: str


def differs(version: Version, live: Report) -> list[Difference]:
    """Every figure of the office and below that differs from the version, its own first.

    Raises Conflict (``tampered``) as ``Version.recap`` does.
    """
    if version.campaign_changes == live.campaign.changes:
        return []
    stored = version.recap()["by_organisation"]
    now = live.figures.by_organisation
    root = live.scope.organisation
    offices = sorted({*stored, *now}, key=lambda key: (key != root, key))
    return [
        difference
        for office in offices
        for difference in _of_office(office, stored.get(office, []), now.get(office, {}), live)
    ]


def _of_office(
    office: str, stored: Iterable[Mapping[str, Any]], now: Mapping[str, Figure], live: Report
) -> Iterable[Difference]:
    before = {figure["metric"]: figure for figure in stored}
    after = {key: figure_as_json(figure) for key, figure in now.items()}
    for metric in [*before, *(key for key in after if key not in before)]:
        then, present = before.get(metric), after.get(metric)
        words = _words(live.figures.metrics.get(metric), then, present)
        if words:
            yield Difference(
                metric=metric,
                label=(present or then or {})["label"],
                organisation=office,
                organisation_name=live.figures.names.get(office, office),
                frozen=then["value"] if then else None,
                live=present["value"] if present else None,
                words=words,
            )


def _words(
    metric: Metric | None, then: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> str:
    if then is None and now is None:
        return ""
    if then is None:
        return f"原来没有，现在是{_said(metric, now, 'value')}"
    if now is None:
        return f"原来是{_said(metric, then, 'value')}，现在没有这一项"
    parts = []
    if any(then[name] != now[name] for name in ("value", "unit", "approximate")):
        old, new = _said(metric, then, "value"), _said(metric, now, "value")
        parts.append(f"{old}改为{new}{_by_how_much(metric, then, now)}")
    for name, called in _BESIDES.items():
        if then[name] != now[name]:
            old, new = _said(metric, then, name), _said(metric, now, name)
            parts.append(f"{called}{old}改为{new}")
    return "，".join(parts)


def _said(metric: Metric | None, figure: Mapping[str, Any] | None, member: str) -> str:
    """A member of a figure with its unit; only a ratio holds a quotient."""
    if figure is None or figure[member] is None:
        return "（没有）"
    about = bool(figure["approximate"]) and member == "value"
    value, unit = Decimal(figure[member]), figure["unit"]
    if unit == "%" and not (metric and metric.aggregation == "ratio"):
        return f"{'约' if about else ''}{plain(value)}%"
    return wording.quantity(value, unit, about)


def _by_how_much(metric: Metric | None, then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    change = EXACT.subtract(Decimal(now["value"]), Decimal(then["value"]))
    if not change or then["unit"] != now["unit"]:
        return ""
    more, amount = "多" if change > 0 else "少", abs(change)
    if now["unit"] != "%":
        return f"，{more}{wording.quantity(amount, now['unit'])}"
    points = EXACT.multiply(amount, Decimal(100 if metric and metric.aggregation == "ratio" else 1))
    return f"，{'高' if change > 0 else '低'}{plain(points)}个百分点"
