"""The offices below in a recap: what most of them have, and how targets are met, each drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from core import database, wording
from core.figures import Figure, Figures
from core.recap.model import Block, Cell, Inlines, Items, Section, Table, Text, figure_span
from core.recap.sections import office_charts
from core.reports import Report

OFFICE_TABLE_METRICS = 6


async def children(report: Report) -> list[str]:
    """Keys of the offices directly below the report's, in order. One statement."""
    rows = await database.fetch(
        "SELECT o.key FROM campaign_participant p JOIN organisation o ON o.id = p.organisation"
        " WHERE p.campaign = :campaign AND p.parent = :office",
        campaign=report.scope.campaign_id,
        office=report.scope.organisation_id,
    )
    return sorted(row["key"] for row in rows)


async def by_office(report: Report) -> Section | None:
    """One table: the offices directly below, and the figures that most of them have."""
    figures = report.figures
    offices = await children(report)
    with_figures = [office for office in offices if figures.by_organisation.get(office)]
    if not with_figures:
        return None
    chosen = _chosen(figures, with_figures)
    header = ("单位", *(figures.metrics[m].headed for m in chosen))
    rows = tuple(
        (
            Cell.words(figures.names[office]),
            *(
                Cell.number(figures.by_organisation.get(office, {}).get(metric))
                for metric in chosen
            ),
        )
        for office in offices
    )
    table = Table("各单位主要数据", header, rows)
    chart = office_charts.by_office(figures, offices, chosen, table)
    return Section("by_organisation", "各单位情况", (chart or table,))


def _chosen(figures: Figures, offices: Iterable[str]) -> list[str]:
    """The metrics of the table: those that most offices have, of each plugin in turn."""
    common: dict[str, int] = {}
    for office in offices:
        for metric in figures.by_organisation[office]:
            common[metric] = common.get(metric, 0) + 1
    order = list(figures.metrics)
    of_plugins: dict[str | None, list[str]] = {}
    for metric in sorted(common, key=lambda metric: (-common[metric], order.index(metric))):
        of_plugins.setdefault(figures.metrics[metric].plugin, []).append(metric)
    chosen: list[str] = []
    while len(chosen) < OFFICE_TABLE_METRICS and any(of_plugins.values()):
        chosen += [waiting.pop(0) for waiting in of_plugins.values() if waiting]
    return sorted(chosen[:OFFICE_TABLE_METRICS], key=order.index)


async def targets(report: Report) -> Section | None:
    """How far the office's own targets are reached, then those of the offices below."""
    own = [f for f in report.figures.own.values() if f.completion is not None]
    figures = report.figures
    below = [
        figure
        for office in await children(report)
        for figure in figures.by_organisation.get(office, {}).values()
        if figure.completion is not None
    ]
    blocks: list[Block] = []
    if own:
        chart = office_charts.of_targets(
            "own_targets", "总体任务完成率", own, figures.names, _own_table(own)
        )
        blocks.append(chart or Items(tuple(_aimed(figure) for figure in own)))
    if below:
        table = _table(figures, below)
        chart = office_charts.of_targets("targets", "各单位任务完成率", below, figures.names, table)
        blocks.append(chart or table)
    return Section("targets", "任务完成情况", tuple(blocks)) if blocks else None


def _aimed(figure: Figure) -> Inlines:
    return (Text(figure.label), figure_span(figure), Text(f"，{wording.completion_note(figure)}"))


def _own_table(own: Sequence[Figure]) -> Table:
    rows = tuple((Cell.words(figure.label), *_reached(figure)) for figure in own)
    return Table("总体任务完成情况", ("指标", "完成", "任务", "完成率"), rows)


def _reached(figure: Figure) -> tuple[Cell, ...]:
    """A figure with a target that has a rate: what is reached, what was aimed at, and the rate."""
    return (
        Cell((figure_span(figure),), numeric=True),
        Cell((Text(wording.amount(figure.target or Decimal(0), figure)),), numeric=True),
        Cell((Text(wording.percent(figure.completion or Decimal(0))),), numeric=True),
    )


def _table(figures: Figures, below: Sequence[Figure]) -> Table:
    rows = tuple(
        (
            Cell.words(figures.names[figure.organisation]),
            Cell.words(figure.label),
            *_reached(figure),
        )
        for figure in below
    )
    header = ("单位", "指标", "完成", "任务", "完成率")
    return Table("各单位任务完成情况", header, rows)
