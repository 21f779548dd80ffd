"""The part of a recap that sets it beside the last edition, and the same for programmes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from core import wording
from core.numbers import EXACT, plain
from core.recap.model import (
    Cell,
    Chart,
    Inline,
    Inlines,
    Paragraph,
    Section,
    Series,
    Table,
    Text,
    figure_span,
    merged,
    present,
)
from core.recap.sections.comparison import Compared, Comparison

TITLE = "与上次对比"
REDEFINED = "口径已变，不作比较"
NONE = "—"
MOST_IN_CHART = 10
_LEAST_RATE = Decimal("0.0001")


def section(comparison: Comparison) -> Section:
    """What grew and what fell, the table of it, a chart, and what only one of the two has."""
    table = _table(comparison)
    chart = _chart(comparison, table) if table else None
    return Section(
        "comparison",
        TITLE,
        present(
            Paragraph((Text(_summary(comparison)),)),
            chart or table,
            _only(comparison, "new"),
            _only(comparison, "gone"),
        ),
    )


def difference_words(row: Compared) -> str:
    """Say a difference in its unit: `增加56人`, `减少4.5万元`, `提高3.2个百分点`, `持平`.

    Where one of the two is approximate, so is the difference: `增加约50本`, `基本持平`.
    """
    if row.difference is None:
        return REDEFINED if row.state == "changed" else NONE
    if not row.difference:
        return "基本持平" if row.approximate else "持平"
    figure, grown = row.figure, row.difference > 0
    amount = abs(row.difference)
    if figure.unit == "%":
        points = EXACT.multiply(amount, Decimal(100)) if figure.aggregation == "ratio" else amount
        about = "约" if row.approximate else ""
        return f"{'提高' if grown else '降低'}{about}{plain(points)}个百分点"
    said = wording.quantity(amount, figure.unit, row.approximate)
    return f"{'增加' if grown else '减少'}{said}"


def rate_words(row: Compared) -> str:
    """Say a rate: `增长5.21%`, `下降12%`; a share has none, nor has what was 0 last time."""
    if row.difference is None or row.figure.unit == "%":
        return NONE
    if row.rate is None:
        return "上次为0，不计增长率" if row.difference else NONE
    if not row.difference:
        return NONE
    about = "约" if row.approximate else ""
    direction = "增长" if row.difference > 0 else "下降"
    if not row.rate:
        return f"{direction}不足{wording.percent(_LEAST_RATE)}"
    return f"{direction}{about}{wording.percent(abs(row.rate))}"


def comparison_as_json(comparison: Comparison | None) -> dict[str, Any] | None:
    """The comparison for programmes; None where there is nothing to compare with."""
    if comparison is None:
        return None
    return {
        "campaign": comparison.campaign.key,
        "title": comparison.title,
        "year": comparison.campaign.year,
        "version": comparison.version,
        "figures": [_row_as_json(row) for row in comparison.rows],
    }


def _row_as_json(row: Compared) -> dict[str, Any]:
    return {
        "metric": row.metric,
        "label": row.figure.label,
        "unit": row.figure.unit,
        "state": row.state,
        "value": None if row.now is None else plain(row.now.value),
        "last": None if row.last is None else plain(row.last.value),
        "difference": None if row.difference is None else plain(row.difference),
        "rate": None if row.rate is None else plain(row.rate),
    }


def _summary(comparison: Comparison) -> str:
    compared = comparison.of("compared")
    last = f"上次（{comparison.campaign.year}年，{comparison.title}）"
    signs = [(row.difference or 0) > 0 for row in compared if row.difference]
    counts = (
        ("上升", sum(signs)),
        ("下降", len(signs) - sum(signs)),
        ("持平", len(compared) - len(signs)),
    )
    if compared:
        parts = "、".join(f"{word}的{count}项" for word, count in counts if count)
        sentences = [f"与{last}相比，可比的数据{len(compared)}项，其中{parts}。"]
    else:
        sentences = [f"与{last}相比，没有口径相同的数据。"]
    if changed := len(comparison.of("changed")):
        sentences.append(f"口径已变的{changed}项，列出而不作比较。")
    if comparison.version is None:
        sentences.append("上次没有定稿的总结，上次的数据按现有记录统计。")
    else:
        sentences.append(f"上次的数据取自当时定稿的总结（第{comparison.version}版）。")
    return "".join(sentences)


def _table(comparison: Comparison) -> Table | None:
    rows = tuple(
        (
            Cell.words(row.now.label),
            Cell((figure_span(row.now),), numeric=True),
            Cell((Text(wording.stated(row.last)),), numeric=True),
            Cell((Text(difference_words(row)),), numeric=True),
            Cell((Text(rate_words(row)),), numeric=True),
        )
        for row in comparison.rows
        if row.now is not None and row.last is not None
    )
    if not rows:
        return None
    return Table("与上次对比的数据", ("指标", "本次", "上次", "增减", "增减幅度"), rows)


def _chart(comparison: Comparison, table: Table) -> Chart | None:
    """Two bars a metric: last time and now. A single metric needs no picture."""
    chosen = _chosen(comparison)
    if len(chosen) < 2:
        return None
    units = {row.figure.unit for row in chosen}
    unit = units.pop() if len(units) == 1 else ""
    return Chart(
        key="comparison",
        title=f"主要数据与上次（{comparison.campaign.year}年）对比",
        form="pairs",
        categories=tuple(
            row.figure.label if unit else f"{row.figure.label}（{row.figure.unit}）"
            for row in chosen
        ),
        series=(
            Series("上次", tuple(row.last.value for row in chosen if row.last)),
            Series("本次", tuple(row.now.value for row in chosen if row.now)),
        ),
        unit=unit,
        description=_description(chosen),
        table=table,
    )


def _chosen(comparison: Comparison) -> list[Compared]:
    """Amounts that can be compared, in the order of the table: first of all what has changed."""
    amounts = [
        row
        for row in comparison.of("compared")
        if row.figure.unit != "%" and row.figure.aggregation != "ratio"
    ]
    changed = _in_turn(row for row in amounts if row.difference)
    same = _in_turn(row for row in amounts if not row.difference)
    kept = {row.metric for row in [*changed, *same][:MOST_IN_CHART]}
    return [row for row in amounts if row.metric in kept]


def _in_turn(rows: Iterable[Compared]) -> list[Compared]:
    """The same rows, one of each field of work in turn."""
    fields: dict[str, list[Compared]] = {}
    for row in rows:
        fields.setdefault(row.metric.partition(".")[0], []).append(row)
    rounds = zip_longest(*fields.values())
    return [row for taken in rounds for row in taken if row is not None]


def _description(chosen: list[Compared]) -> str:
    said = [
        f"{row.figure.label}{wording.stated(row.now)}，"
        + (f"{difference_words(row)}" if row.difference else "与上次持平")
        for row in chosen
        if row.now
    ]
    return f"每项指标两条，上面是上次，下面是本次。{'；'.join(said)}。"


def _only(comparison: Comparison, state: str) -> Paragraph | None:
    """What only one of the two has. Last time's figures open nothing here: they are words."""
    rows = comparison.of("new" if state == "new" else "gone")
    if not rows:
        return None
    inlines: list[Inline] = [Text("本次新增：" if state == "new" else "上次有、本次没有：")]
    for position, row in enumerate(rows):
        inlines += [Text("、" if position else ""), *_named(row)]
    return Paragraph(merged((*inlines, Text("。"))))


def _named(row: Compared) -> Inlines:
    if row.now is not None:
        return (Text(row.now.label), figure_span(row.now))
    return (Text(f"{row.figure.label}{wording.stated(row.figure)}"),)
