"""Building the recap's document: what core writes itself, around what the plugins write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core import database, reports, wording
from core.figures import Figure
from core.metrics import Metric
from core.moments import OFFSET, now, today
from core.numbers import exact, fraction
from core.observances import Catalogue
from core.plugins import Plugins
from core.recap.model import (
    Annex,
    AnnexEntry,
    Block,
    Cell,
    Document,
    Items,
    Ledger,
    Notice,
    Paragraph,
    ReportedPart,
    Section,
    Table,
    Text,
    figure_span,
)
from core.recap.writer import Writer
from core.reports import Report
from core.scopes import Scope

OFFICE_TABLE_METRICS = 6


async def document(report: Report, plugins: Plugins, catalogue: Catalogue) -> Document:
    """The recap of a report; its figures are the report's, letter by letter."""
    written, failed = await reports.sections(report, plugins)
    own = report.figures.own
    sections = [
        _overview(report),
        *written,
        _other(own, report.figures.metrics, {section.plugin for section in written}),
        _by_office(report),
        _targets(own),
        _findings(report, [*report.failed, *failed]),
    ]
    return Document(
        campaign=report.campaign.key,
        organisation=report.scope.organisation,
        title=f"关于{report.title}活动开展情况的总结",
        subtitles=(),
        particulars=_particulars(report, catalogue),
        sections=tuple(section for section in sections if section is not None),
        annex=await _annex(report),
        issuer=report.figures.names[report.scope.organisation],
        date=today(),
        generated_at=now().astimezone(OFFSET),
    )


def _particulars(report: Report, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    campaign = report.campaign
    day = campaign.day(catalogue)
    pairs = [
        ("主题", campaign.theme),
        ("日期", wording.day(day) if day else ""),
        ("时间", f"{wording.day(campaign.starts_on)}至{wording.day(campaign.ends_on)}"),
        ("单位", report.figures.names[report.scope.organisation]),
    ]
    return tuple((label, text) for label, text in pairs if text)


def _overview(report: Report) -> Section:
    campaign = report.campaign
    own = report.figures.own
    theme = f"围绕“{campaign.theme}”主题，" if campaign.theme else ""
    name = report.figures.names[report.scope.organisation]
    opening = (
        f"{wording.day(campaign.starts_on)}至{wording.day(campaign.ends_on)}，{name}{theme}"
        f"组织开展{report.title}活动。"
    )
    blocks: list[Block] = [Paragraph((Text(opening),))]
    counted = [figure for figure in own.values() if figure.itemised is not None]
    fully = sum(1 for f in counted if f.evidence is not None and f.evidence >= 1)
    if counted:
        blocks.append(
            Paragraph(
                (
                    Text(
                        f"本总结共列数据{len(own)}项，其中可以逐条计数的{len(counted)}项，"
                        f"全部有明细记录佐证的{fully}项；其余数据的填报来源见文后说明。"
                    ),
                )
            )
        )
    blocks.append(Ledger(tuple(own.values())))
    return Section("overview", "总体情况", tuple(blocks))


def _other(
    own: Mapping[str, Figure], metrics: Mapping[str, Metric], written: set[str | None]
) -> Section | None:
    """Figures of metrics that no plugin has written about: the campaign's own, above all."""
    rest = [figure for key, figure in own.items() if metrics[key].plugin not in written]
    rest = [figure for figure in rest if metrics[figure.metric].plugin is None]
    if not rest:
        return None
    writer = Writer(own)
    sentence = writer.clauses([f"{figure.label}{{{figure.metric}}}" for figure in rest])
    return Section("other", "其他工作", tuple(b for b in (sentence,) if b is not None))


def _by_office(report: Report) -> Section | None:
    """One table: the offices directly concerned, and the figures most of them have."""
    figures = report.figures
    offices = [key for key in sorted(figures.by_organisation) if key != figures.root]
    if not offices:
        return None
    common: dict[str, int] = {}
    for office in offices:
        for metric in figures.by_organisation[office]:
            common[metric] = common.get(metric, 0) + 1
    order = list(figures.metrics)
    chosen = sorted(common, key=lambda metric: (-common[metric], order.index(metric)))
    chosen = sorted(chosen[:OFFICE_TABLE_METRICS], key=order.index)
    header = ("单位", *(f"{figures.metrics[m].label}（{figures.metrics[m].unit}）" for m in chosen))
    rows = tuple(
        (
            Cell.words(figures.names[office]),
            *(Cell.number(figures.by_organisation[office].get(metric)) for metric in chosen),
        )
        for office in offices
    )
    return Section("by_organisation", "各单位情况", (Table("各单位主要数据", header, rows),))


def _targets(own: Mapping[str, Figure]) -> Section | None:
    aimed = [figure for figure in own.values() if figure.completion is not None]
    if not aimed:
        return None
    items = tuple(
        (Text(figure.label), figure_span(figure), Text(f"，{wording.completion_note(figure)}"))
        for figure in aimed
    )
    return Section("targets", "任务完成情况", (Items(items),))


def _findings(report: Report, failed: Sequence[str]) -> Section | None:
    blocks: list[Block] = [
        Notice("failure", (Text(f"“{title}”部分暂时无法统计，上述数据不包括它的明细。"),))
        for title in dict.fromkeys(failed)
    ]
    blocks += [Notice("finding", (Text(finding.message),)) for finding in report.findings]
    return Section("findings", "需要核对的事项", tuple(blocks)) if blocks else None


async def _annex(report: Report) -> Annex:
    parts = await reported_parts(report.scope)
    figures = report.figures
    entries = [
        AnnexEntry(
            figure=figure,
            organisation_name=figures.names[figure.organisation],
            definition=definition_of(figures.metrics[figure.metric], figures.metrics),
            reported=tuple(parts.get(figure.metric, ())),
        )
        for figure in figures.own.values()
    ]
    return Annex(tuple(entries))


def definition_of(metric: Metric, metrics: Mapping[str, Metric]) -> str:
    """The 口径 of a metric; a ratio is explained by its parts."""
    if metric.definition:
        return metric.definition
    if metric.numerator and metric.denominator:
        above, below = metrics[metric.numerator].label, metrics[metric.denominator].label
        return f"{above}除以{below}"
    return {
        "sum": "各单位填报数之和",
        "distinct": "去重后的数目",
        "last": "各单位最近一次填报数之和",
        "max": "各单位填报数中的最大值",
        "none": "本单位最近一次填报数，不汇总",
    }[metric.aggregation]


async def reported_parts(scope: Scope) -> dict[str, list[ReportedPart]]:
    """Every reported figure below the scope's office, by metric, in one statement."""
    parts: dict[str, list[ReportedPart]] = {}
    for row in await database.fetch(
        "SELECT r.metric, r.value, r.basis, r.approximate, r.source, r.activity, p.name"
        " FROM reported_figure r JOIN campaign_participant p"
        " ON p.campaign = r.campaign AND p.organisation = r.organisation"
        " JOIN campaign_closure c ON c.campaign = r.campaign AND c.descendant = r.organisation"
        " WHERE r.campaign = :campaign AND c.ancestor = :root ORDER BY c.depth, r.id",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    ):
        parts.setdefault(row["metric"], []).append(
            ReportedPart(
                value=exact(fraction(row["value"])),
                source=row["source"],
                basis=row["basis"],
                approximate=bool(row["approximate"]),
                organisation=row["name"],
                activity=row["activity"],
            )
        )
    return parts
