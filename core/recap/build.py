"""Building the recap's document: what core writes itself, around what the plugins write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core import reports, wording
from core.figures import Figure
from core.findings import Finding
from core.moments import OFFSET, now, today
from core.observances import Catalogue
from core.plugins import Plugins
from core.recap.manuscript import manuscripts, parts
from core.recap.model import Block, Document, Ledger, Notice, Section, Text, present
from core.recap.sections import comparison_section, days
from core.recap.sections.comparison import Comparison, compared
from core.recap.sections.explanations import annex
from core.recap.sections.offices import by_office, targets
from core.recap.templating.core_words import comparable, other_metrics, other_words, overview_words
from core.recap.templating.texts import Texts
from core.recap.templating.texts import read as read_texts
from core.reports import Report


async def document(report: Report, plugins: Plugins, catalogue: Catalogue) -> Document:
    """The recap of a report; its figures are the report's, letter by letter."""
    last = await compared(report, plugins, catalogue)
    return await document_beside(report, plugins, catalogue, last)


async def document_beside(
    report: Report, plugins: Plugins, catalogue: Catalogue, last: Comparison | None
) -> Document:
    """The same where the comparison with the last edition has been made already."""
    texts = await read_texts(report, plugins, catalogue, comparable(last))
    written, failed = await reports.sections(report, plugins, texts)
    by_day, untold = await days.section(report, plugins)
    sections = [
        _overview(report, texts),
        _work(report, plugins, texts, written),
        by_day,
        await by_office(report),
        await targets(report),
        comparison_section.section(last) if last else None,
    ]
    own = await manuscripts.read(report.scope.campaign_id, report.scope.organisation_id)
    made = [section for section in sections if section is not None]
    arranged = parts.arranged(made, own.parts, own.photos, texts.paragraphs)
    found = _findings([*report.findings, *texts.findings], [*report.failed, *failed, *untold])
    return Document(
        campaign=report.campaign.key,
        organisation=report.scope.organisation,
        title=own.title or usual_title(report.title),
        subtitles=(),
        particulars=_particulars(report, catalogue),
        sections=(*arranged, found) if found else arranged,
        annex=await annex(report, plugins),
        issuer=report.figures.names[report.scope.organisation],
        date=today(),
        generated_at=now().astimezone(OFFSET),
        recipient=own.recipient,
    )


def usual_title(campaign: str) -> str:
    """The title of a recap whose author gives it none, from what people call the campaign."""
    subject = campaign if campaign.endswith("活动") else f"{campaign}活动"
    return f"关于{subject}开展情况的总结"


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


def _overview(report: Report, texts: Texts) -> Section:
    own = report.figures.own
    blocks: list[Block] = [*texts.write("overview", **overview_words(own.values()))]
    if not own:
        blocks.append(Notice("information", (Text("目前还没有登记或填报任何数据。"),)))
    return Section("overview", "总体情况", tuple(blocks))


def _work(
    report: Report, plugins: Plugins, texts: Texts, written: Sequence[Section]
) -> Section | None:
    """What was done: the plugins' own words, then what nobody has written about."""
    parts = [*written, *_unwritten(report, plugins, {section.plugin for section in written})]
    if other := _other(report, texts):
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


def _other(report: Report, texts: Texts) -> Section | None:
    """Figures of the campaign's own metrics."""
    own = other_metrics(report)
    if not own:
        return None
    written = texts.write("other", **other_words(texts, own))
    ledger = texts.ledger(own, "其他工作的数据与佐证")
    return Section("other", "其他工作", present(*written, ledger))


def _findings(findings: Iterable[Finding], failed: Sequence[str]) -> Section | None:
    blocks: list[Block] = [
        Notice("failure", (Text(f"“{title}”部分暂时无法统计，上述数据不包括它的明细。"),))
        for title in dict.fromkeys(failed)
    ]
    blocks += [Notice("finding", (Text(finding.message),)) for finding in findings]
    return Section("findings", "需要核对的事项", tuple(blocks)) if blocks else None
