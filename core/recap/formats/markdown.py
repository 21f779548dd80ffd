"""A recap as Markdown: CommonMark with the usual tables and footnotes.

A figure carries a footnote `[^n]`, numbered as it is first met; the notes are the annex, one line
a figure. The same document always gives the same bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import arrow

from core import wording
from core.recap.model import (
    AnnexEntry,
    Block,
    Chart,
    Document,
    FigureSpan,
    Inlines,
    Items,
    Ledger,
    Notice,
    Paragraph,
    Photo,
    ReportedPart,
    Section,
    Table,
    addressed,
    figure_span,
    reported_words,
    verified,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

# What opens a list, a heading or a rule when it stands first in a line.
_LINE_START = re.compile(r"^(?:\d+(?=[.)])|[-+=])")
_LINE_BREAK = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*")
_MARKUP = re.compile(r"[\\`*_\[\]<>|~&^#]")
_NOTICES = {"finding": "需要核对", "failure": "未能生成", "information": "说明"}


def render(document: Document) -> str:
    """Draw a whole document; the text ends with one newline."""
    return _Markdown(document).text()


class _Markdown:
    """One drawing of one document: it remembers the numbers of the footnotes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._entries = {
            (entry.figure.metric, entry.figure.organisation): entry
            for entry in document.annex.entries
        }
        self._numbers: dict[tuple[str, str], int] = {}

    def text(self) -> str:
        document = self._document
        parts = [f"# {_escaped(document.title)}"]
        parts += [_line(subtitle) for subtitle in document.subtitles]
        if document.particulars:
            parts.append("\n".join(_particular(*pair) for pair in document.particulars))
        if document.recipient:
            parts.append(_line(addressed(document.recipient)))
        for position, section in enumerate(document.sections, start=1):
            parts += self._section(section, 1, position)
        parts.append(f"{_line(document.issuer)}\\\n{wording.day(document.date)}")
        if document.annex.entries:
            parts += self._annex()
        moment = arrow.get(document.generated_at).to("Asia/Shanghai").format("YYYY-MM-DD HH:mm")
        parts.append("---")
        if document.verification:
            parts.append(_line(verified(document.verification)))
        parts.append(f"生成时间：{moment}")
        return "\n\n".join(parts) + "\n"

    def _section(self, section: Section, depth: int, position: int) -> list[str]:
        title = f"{wording.heading_number(depth, position)}{_escaped(section.title)}"
        parts = [f"{'#' * min(depth + 1, 6)} {title}"]
        parts += [self._block(block) for block in section.blocks]
        for below, part in enumerate(section.sections, start=1):
            parts += self._section(part, depth + 1, below)
        return parts

    def _block(self, block: Block) -> str:  # noqa: PLR0911 - one answer for each kind of block
        match block:
            case Paragraph(inlines):
                return _guarded(self._inlines(inlines))
            case Items(items):
                return "\n".join(f"- {_guarded(self._inlines(item))}" for item in items)
            case Notice(kind, inlines):
                return f"> **{_NOTICES[kind]}**　{self._inlines(inlines)}"
            case Table():
                return self._table(block)
            case Ledger():
                return self._ledger(block)
            case Chart():
                return f"{self._table(block.table)}\n\n{_line(f'（图：{block.description}）')}"
            case Photo():
                return _line(f"（照片：{block.caption}。{block.description}）")

    def _inlines(self, inlines: Inlines) -> str:
        return "".join(
            f"{_escaped(inline.text)}{self._note(inline)}"
            if isinstance(inline, FigureSpan)
            else _escaped(inline.text)
            for inline in inlines
        )

    def _note(self, span: FigureSpan) -> str:
        key = (span.metric, span.organisation)
        if key not in self._entries:
            return ""
        return f"[^{self._numbers.setdefault(key, len(self._numbers) + 1)}]"

    def _table(self, table: Table) -> str:
        rows = [[self._inlines(cell.inlines) for cell in row] for row in table.rows]
        return _drawn(table.caption, table.header, table.numeric_columns(), rows)

    def _ledger(self, ledger: Ledger) -> str:
        rows = [
            [
                _escaped(figure.label),
                self._inlines((figure_span(figure),)),
                _escaped(wording.completion_note(figure)) or "—",
                _escaped(wording.evidence_note(figure)) or "—",
            ]
            for figure in ledger.figures
        ]
        header = ("指标", "数值", "任务与完成", "佐证")
        return _drawn(ledger.caption, header, [False, True, False, False], rows)

    def _annex(self) -> list[str]:
        parts = [f"## {_escaped(self._document.annex.title)}"]
        unmentioned = [entry for key, entry in self._entries.items() if key not in self._numbers]
        if unmentioned:
            lines = (
                f"- {_escaped(entry.figure.label)}（{_escaped(entry.organisation_name)}）"
                f"{self._inlines((figure_span(entry.figure),))}"
                for entry in unmentioned
            )
            parts.append("正文没有写到的数据：")
            parts.append("\n".join(lines))
        parts.append(
            "\n".join(
                f"[^{number}]: {_explained(self._entries[key])}"
                for key, number in self._numbers.items()
            )
        )
        return parts


def _explained(entry: AnnexEntry) -> str:
    """One figure's line in the annex: value, meaning, evidence, reports with their sources."""
    figure = entry.figure
    sentences = [
        f"{figure.label}（{entry.organisation_name}）：{wording.stated(figure)}",
        f"口径：{entry.definition}" if entry.definition else "",
        wording.evidence_note(figure),
        "；".join(_reported(part, entry) for part in entry.reported),
    ]
    text = "。".join(sentence.rstrip("。；") for sentence in sentences if sentence)
    return f"{_escaped(text)}。指标代码 `{figure.metric}`"


def _reported(part: ReportedPart, entry: AnnexEntry) -> str:
    return f"{reported_words(part, entry.figure)}，来源：{part.source or '未注明'}"


def _drawn(
    caption: str, header: Sequence[str], numeric: Sequence[bool], rows: Sequence[Sequence[str]]
) -> str:
    lines = [
        [_escaped(title) for title in header],
        ["--:" if flag else ":--" for flag in numeric],
        *rows,
    ]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"**{_escaped(caption)}**\n\n{table}"


def _particular(label: str, text: str) -> str:
    return f"- {_escaped(label)}：{_escaped(text)}"


def _line(text: str) -> str:
    return _guarded(_escaped(text))


def _escaped(text: str) -> str:
    """Text on one line in which nothing is markup."""
    return _MARKUP.sub(r"\\\g<0>", _LINE_BREAK.sub(" ", text))


def _guarded(text: str) -> str:
    """Give a paragraph whose first characters open no list, heading or rule."""
    return _LINE_START.sub(_without_markup, text.lstrip(" \t"))


def _without_markup(match: re.Match[str]) -> str:
    opening = match[0]
    return f"{opening}\\" if opening.isdigit() else f"\\{opening}"
