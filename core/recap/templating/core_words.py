"""What core brings to templates: the words of its own parts, and the figures of last time."""

from __future__ import annotations

from collections.abc import Iterable

from core.figures import Figure
from core.recap.model import Inlines, Text, figure_span
from core.recap.sections.comparison import Comparison
from core.recap.templating.texts import Texts
from core.reports import Report


def overview_words(figures: Iterable[Figure]) -> dict[str, str]:
    """How much of all that follows is on record."""
    counts = dict.fromkeys(("数据项数", "全部有明细", "部分有明细", "仅有填报", "算出的数据"), 0)
    for figure in figures:
        counts["数据项数"] += 1
        if figure.aggregation == "ratio":
            counts["算出的数据"] += 1
        elif not figure.itemised:
            counts["仅有填报"] += 1
        elif figure.itemised >= figure.value:
            counts["全部有明细"] += 1
        else:
            counts["部分有明细"] += 1
    return {word: f"{count}项" for word, count in counts.items() if count}


def other_metrics(report: Report) -> list[str]:
    """The campaign's own metrics that have a figure."""
    metrics = report.figures.metrics
    return [key for key in report.figures.own if metrics[key].plugin is None]


def other_words(texts: Texts, metrics: Iterable[str]) -> dict[str, Inlines]:
    """Those figures, each with its label: 义诊3场，讲座2场."""
    figures = [texts.figures[key] for key in metrics]
    enumerated = tuple(
        inline
        for place, figure in enumerate(figures)
        for inline in (Text(f"{'，' if place else ''}{figure.label}"), figure_span(figure))
    )
    return {"其他数据": enumerated}


def comparable(last: Comparison | None) -> dict[str, Figure]:
    """The figures of last time that mean what they mean now, by metric."""
    rows = last.of("compared") if last else ()
    return {row.metric: row.last for row in rows if row.last is not None}
