"""Building the recap's document: what core writes itself, around what the plugins write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core import reports, wording
from core.figures import Figure
from core.moments import OFFSET, now, today
from core.observances import Catalogue
from core.plugins import Plugins
from core.recap import comparison_section
from core.recap.comparison import Comparison, compared
from core.recap.explanations import annex
from core.recap.model import Block, Document, Ledger, Notice, Paragraph, Section, Text, present
from core.recap.offices import by_office, targets
from core.recap.writer import Writer
from core.reports import Report


async def document(report: Report, plugins: Plugins, catalogue: Catalogue) -> Document:
    """The recap of a report; its figures are the report's, letter by letter."""
    last = await compared(report, plugins, catalogue)
    return await document_beside(report, plugins, catalogue, last)


async def document_beside(
    report: Report, plugins: Plugins, catalogue: Catalogue, last: Comparison | None
) -> Document:
    """The same where the comparison with the last edition has been made already."""
    written, failed = await reports.sections(report, plugins)
    sections = [
        _overview(report, catalogue),
        _work(report, plugins, written),
        await by_office(report),
        await targets(report),
        comparison_section.section(last) if last else None,
        _findings(report, [*report.failed, *failed]),
    ]
    subject = report.title if report.title.endswith("活动") else f"{report.title}活动"
    return Document(
        campaign=report.campaign.key,
        organisation=report.scope.organisation,
        title=f"关于{subject}开展情况的总结",
        subtitles=(),
        particulars=_particulars(report, catalogue),
        sections=tuple(section for section in sections if section is not None),
        annex=await annex(report, plugins),
        issuer=report.figures.names[report.scope.organisation],
        date=today(),
        generated_at=now().astimezone(OFFSET),
    )


def _particulars(report: Report, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    campaign = report.campaign
    day = campaign.day(catalogue)
    pairs = [
        ("主题", campaign.theme),
        ("节日", wording.day(day) if day else ""),
        ("时间", wording.period(campaign.starts_on, campaign.ends_on)),
        ("单位", report.figures.names[report.scope.organisation]),
    ]
    return tuple((label, text) for label, text in pairs if text)


def _overview(report: Report, catalogue: Catalogue) -> Section:
    campaign = report.campaign
    day, name = campaign.day(catalogue), report.figures.names[report.scope.organisation]
    theme = f"围绕“{campaign.theme}”主题，" if campaign.theme else ""
    period = wording.period(campaign.starts_on, campaign.ends_on)
    if day is None:
        opening = f"{period}，{name}{theme}组织开展{report.title}。"
    else:
        if campaign.ends_on.year == day.year:
            period = period.removeprefix(f"{day.year}年")
        occasion = f"{wording.day(day)}是{report.title}。"
        opening = f"{occasion}{period}，{name}{theme}组织开展了系列活动。"
    blocks: list[Block] = [Paragraph((Text(opening),))]
    own = report.figures.own
    if own:
        blocks.append(Paragraph((Text(_evidence(own.values())),)))
    else:
        blocks.append(Notice("information", (Text("目前还没有登记或填报任何数据。"),)))
    return Section("overview", "总体情况", tuple(blocks))


def _evidence(figures: Iterable[Figure]) -> str:
    """How much of all that follows is on record."""
    counts = dict.fromkeys(("全部有明细记录", "部分有明细记录", "仅有填报", "由其他数据算出"), 0)
    total = 0
    for figure in figures:
        total += 1
        if figure.aggregation == "ratio":
            counts["由其他数据算出"] += 1
        elif not figure.itemised:
            counts["仅有填报"] += 1
        elif figure.itemised >= figure.value:
            counts["全部有明细记录"] += 1
        else:
            counts["部分有明细记录"] += 1
    parts = "，".join(f"{kind}的{count}项" for kind, count in counts.items() if count)
    return f"本总结共列数据{total}项，其中{parts}。每项数据的口径和来源见文后说明。"


def _work(report: Report, plugins: Plugins, written: Sequence[Section]) -> Section | None:
    """What was done: the plugins' own words, then what nobody has written about."""
    parts = [*written, *_unwritten(report, plugins, {section.plugin for section in written})]
    if other := _other(report):
        parts.append(other)
    return Section("work", "活动开展情况", (), sections=tuple(parts)) if parts else None


def _unwritten(report: Report, plugins: Plugins, written: set[str | None]) -> list[Section]:
    """The figures of plugins that have written nothing: a ledger each, so that none is lost."""
    found: dict[str, list[Figure]] = {}
    for key, figure in report.figures.own.items():
        plugin = report.figures.metrics[key].plugin
        if plugin is not None and plugin not in written:
            found.setdefault(plugin, []).append(figure)
    titles = {plugin: plugins.infos[plugin].title for plugin in found}
    return [
        Section(plugin, title, (Ledger(tuple(found[plugin]), f"{title}的数据与佐证"),), plugin)
        for plugin, title in titles.items()
    ]


def _other(report: Report) -> Section | None:
    """Figures of the campaign's own metrics."""
    metrics = report.figures.metrics
    own = {key: f for key, f in report.figures.own.items() if metrics[key].plugin is None}
    if not own:
        return None
    writer = Writer(own)
    sentence = writer.clauses([f"{figure.label}{{{key}}}" for key, figure in own.items()])
    return Section(
        "other", "其他工作", present(sentence, writer.ledger(list(own), "其他工作的数据与佐证"))
    )


def _findings(report: Report, failed: Sequence[str]) -> Section | None:
    blocks: list[Block] = [
        Notice("failure", (Text(f"“{title}”部分暂时无法统计，上述数据不包括它的明细。"),))
        for title in dict.fromkeys(failed)
    ]
    blocks += [Notice("finding", (Text(finding.message),)) for finding in report.findings]
    return Section("findings", "需要核对的事项", tuple(blocks)) if blocks else None
