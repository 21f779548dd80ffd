"""The texts of a recap: whose template applies to which part, and what it says of the figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from core import database, wording
from core.figures import Figure
from core.findings import Finding
from core.metrics import Metric
from core.recap.model import LEDGER_CAPTION, Inlines, Ledger, Paragraph
from core.recap.templating.faults import check
from core.recap.templating.language import Fault, Line, Vocabulary
from core.recap.templating.parts import WORDS, RecapTemplate, vocabulary
from core.recap.templating.reading import parse
from core.recap.templating.writing import Earlier, Writing

if TYPE_CHECKING:
    from core.campaigns import Campaign
    from core.observances import Catalogue
    from core.plugins import Plugins
    from core.reports import Report

__all__ = ["Effective", "Fault", "RecapTemplate", "Texts", "Vocabulary", "check", "vocabulary"]

OVERVIEW = RecapTemplate(
    "overview",
    "总体情况",
    "{节日日期}是{活动名称}。{时间}，围绕“{主题}”主题，{单位}组织开展了{活动}。\n"
    "本总结共列数据{数据项数}，其中〔全部有明细记录的{全部有明细}、部分有明细记录的{部分有明细}、"
    "仅有填报的{仅有填报}、由其他数据算出的{算出的数据}〕；每项数据的口径和来源见文后说明。",
    {
        "数据项数": "总结里一共有几项数据",
        "全部有明细": "其中几项全部有明细",
        "部分有明细": "其中几项部分有明细",
        "仅有填报": "其中几项没有明细",
        "算出的数据": "其中几项由其他数据算出",
    },
)
OTHER = RecapTemplate(
    "other",
    "其他工作",
    "{其他数据}。",
    {"其他数据": "本次活动自己增加的各项数据，依次写出名称和数"},
)


def offered(plugins: Plugins) -> dict[str, RecapTemplate]:
    """The templates that core and the installed plugins bring, by part, in the order printed."""
    registered = plugins.registered("register_recap_templates")
    brought = [template for _, templates in registered for template in templates]
    return {each.part: each for each in (OVERVIEW, *brought, OTHER)}


@dataclass(frozen=True, slots=True)
class Effective:
    """The template that applies to a part; ``organisation`` is None for the one delivered."""

    part: str
    text: str
    organisation: str | None = None
    organisation_name: str = ""
    changed_by: str = ""
    changed_at: datetime | None = None


async def effective(organisation: int, plugins: Plugins) -> dict[str, Effective]:
    """The template of each part at an office: its own, the next one above, or the delivered one.

    One statement.
    """
    rows = await database.fetch(
        "SELECT t.part, t.text, o.key AS organisation, o.name AS organisation_name,"
        " t.changed_by, t.changed_at FROM recap_template t"
        " JOIN organisation_closure c ON c.ancestor = t.organisation"
        " JOIN organisation o ON o.id = t.organisation"
        " WHERE c.descendant = :office ORDER BY c.depth",
        office=organisation,
    )
    found: dict[str, Effective] = {}
    for row in rows:
        found.setdefault(row["part"], Effective(**row))
    return {
        part: found.get(part) or Effective(part, template.text)
        for part, template in offered(plugins).items()
    }


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a part's template, and the words that its plugin brought."""

    paragraphs: tuple[Paragraph, ...]
    words: Mapping[str, str | Inlines]


@dataclass(slots=True)
class Texts:
    """Writes the paragraphs of a recap; ``findings`` says afterwards what could not be written.

    ``templates`` are those that apply, by part; ``words`` what WORDS are here; ``previous`` the
    figures of last time that may be compared, by metric; ``written`` what was written by part.
    """

    organisation: str
    figures: Mapping[str, Figure]
    metrics: Mapping[str, Metric]
    templates: Mapping[str, RecapTemplate]
    words: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, Earlier] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    written: dict[str, Written] = field(default_factory=dict)

    def write(self, part: str, **words: str | Inlines) -> tuple[Paragraph, ...]:
        """The paragraphs of a part, by the template that applies; empty where nothing remains.

        KeyError for a part that nobody registered. ``words`` are taken as they are; one that is
        empty, or not given, counts as absent.
        """
        template = self.templates[part]
        brought = {**dict.fromkeys(template.words, ""), **words}
        paragraphs = self._written(template.text, brought, f"“{template.title}”的模板")
        self.written[part] = Written(paragraphs, brought)
        return paragraphs

    def paragraphs(self, text: str, **words: str | Inlines) -> tuple[Paragraph, ...]:
        """The same of a text that somebody wrote; what is no template in it stands as it is."""
        return self._written(text, words, "总结里自己写的部分")

    def ledger(self, metrics: Iterable[str], caption: str = LEDGER_CAPTION) -> Ledger | None:
        """The ledger of those of these metrics that have a figure, in this order."""
        stated = tuple(self.figures[key] for key in metrics if key in self.figures)
        return Ledger(stated, caption) if stated else None

    def _written(
        self, text: str, words: Mapping[str, str | Inlines], where: str
    ) -> tuple[Paragraph, ...]:
        meanings = dict.fromkeys((*self.words, *WORDS, *words), "")
        vocabulary = Vocabulary(self.metrics, meanings)
        writing = Writing(vocabulary, self.figures, {**self.words, **words}, self.previous)
        written = writing.paragraphs(lines_of(text))
        for name in writing.unknown:
            message = f"{where}提到了“{name}”，这次活动没有这项数据，那一句没有写出来"
            finding = Finding("template_unknown_figure", message, self.organisation)
            if finding not in self.findings:
                self.findings.append(finding)
        return written


@lru_cache(maxsize=256)
def lines_of(text: str) -> tuple[Line, ...]:
    """The lines of a template, read once."""
    return parse(text)[0]


async def read(
    report: Report,
    plugins: Plugins,
    catalogue: Catalogue,
    previous: Mapping[str, Earlier] | None = None,
) -> Texts:
    """The texts of a report's office. One statement."""
    found = await effective(report.scope.organisation_id, plugins)
    figures = report.figures
    return Texts(
        organisation=report.scope.organisation,
        figures=figures.own,
        metrics=figures.metrics,
        templates={
            part: replace(template, text=found[part].text)
            for part, template in offered(plugins).items()
        },
        words=usual_words(report.campaign, figures.names[figures.root], catalogue),
        previous=previous or {},
    )


def usual_words(campaign: Campaign, office: str, catalogue: Catalogue) -> dict[str, str]:
    """What WORDS are in a campaign at an office of that name; one that has none is empty."""
    day = campaign.day(catalogue)
    observance = catalogue.get(campaign.observance) if campaign.observance else None
    title = campaign.title(catalogue)
    return {
        "主题": campaign.theme,
        "时间": wording.period(campaign.starts_on, campaign.ends_on),
        "单位": office,
        "活动名称": title,
        "活动": title if day is None else "系列活动",
        "节日": observance.name if observance else "",
        "节日日期": wording.day(day) if day else "",
        "年份": f"{campaign.year}年",
    }
