"""What a template would make of an office's figures, with nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.metrics import Metric
from core.observances import Catalogue
from core.plugins import Plugins
from core.recap.model import FigureSpan, Inlines, Paragraph
from core.recap.sections import comparison
from core.recap.templating.core_words import comparable, other_metrics, other_words, overview_words
from core.recap.templating.language import Vocabulary, fields
from core.recap.templating.texts import Texts, lines_of, read
from core.reports import Report


@dataclass(frozen=True, slots=True)
class Preview:
    """The paragraphs of a part, the words that were brought to it, and what was left out.

    ``unsaid`` are metrics that the template names and that have a figure, but stand in a clause
    that something else is missing from. ``failed`` when the plugin of the part raised.
    """

    paragraphs: tuple[Paragraph, ...]
    words: Mapping[str, str | Inlines]
    unsaid: tuple[Metric, ...]
    failed: bool = False


async def preview(
    report: Report, plugins: Plugins, catalogue: Catalogue, part: str, text: str
) -> Preview:
    """Write a part by this text. KeyError for a part that nobody registered."""
    last = await comparison.compared(report, plugins, catalogue)
    texts = await read(report, plugins, catalogue, comparable(last))
    texts.templates = {**texts.templates, part: replace(texts.templates[part], text=text)}
    failed = await _written(report, plugins, texts, part)
    paragraphs, words = (
        (texts.written[part].paragraphs, texts.written[part].words)
        if part in texts.written
        else ((), {})
    )
    return Preview(
        paragraphs,
        {**texts.words, **words},
        _unsaid(text, texts, paragraphs),
        failed,
    )


async def _written(report: Report, plugins: Plugins, texts: Texts, part: str) -> bool:
    """Have a part written; whether its plugin failed."""
    if part == "overview":
        texts.write(part, **overview_words(report.figures.own.values()))
        return False
    if part == "other":
        texts.write(part, **other_words(texts, other_metrics(report)))
        return False
    owner = next(
        key
        for key, templates in plugins.registered("register_recap_templates")
        if any(template.part == part for template in templates)
    )
    outcome = await plugins.ask_one(
        "recap_section", owner, scope=report.scope, figures=report.figures.own, texts=texts
    )
    return outcome is None or outcome.failed


def _unsaid(text: str, texts: Texts, paragraphs: tuple[Paragraph, ...]) -> tuple[Metric, ...]:
    vocabulary = Vocabulary(texts.metrics, texts.words)
    said = {
        inline.metric
        for paragraph in paragraphs
        for inline in paragraph.inlines
        if isinstance(inline, FigureSpan)
    }
    named = (vocabulary.find(field.name) for field in fields(lines_of(text)))
    found = {
        metric.key: metric
        for metric in named
        if isinstance(metric, Metric) and metric.key in texts.figures and metric.key not in said
    }
    return tuple(found.values())
