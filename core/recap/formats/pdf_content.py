"""What a PDF is to say, as plain data: the typesetter's template reads it and adds no word.

Text never becomes markup, because it is handed over as JSON. A line is a list of parts: a string
is set as it stands, ``{"note": 3}`` is the mark of an annex entry, ``{"absent": …, "spoken": …}``
a character that the fonts do not hold.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import arrow

from core import wording
from core.qr import qr_svg
from core.recap.drawing import fonts
from core.recap.formats.annex_words import evidence, named
from core.recap.formats.pdf_pictures import Pictures
from core.recap.formats.title_lines import broken, width
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
    Section,
    Table,
    figure_span,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Line = list[Any]

TITLE_WIDTH = 19.5  # characters of 22 points in 156 mm, with a little air
_NOTICES = {"finding": "需要核对", "failure": "未能生成", "information": "说明"}
_ANNEX_HEADER = ("序号", "指标与数值", "口径", "明细与填报（来源）", "单位")
_ANNEX_WIDTHS = (3.4, 11.4, 10.4, 18.2, 6.2)
# Characters of 10.5 points in 156 mm; the space beside a cell's text is most of one.
_TABLE_WIDTH = 42.0
_INSET = 0.9
_BREAKABLE_ROW = 400  # characters from which a row may be torn by the end of a page
# What no line can be broken in: an address or a key may be longer than its column is wide.
_LONG = re.compile(r"[!-~]{13,}")
_STEP = re.compile(r"(?<=[A-Za-z][._/&?=+:-])(?=[^._/&?=+:-])|(?<=[^._/&?=+:-]{16})(?=[!-~])")
_MAY_BREAK = "\u200b"


def content(document: Document, pictures: Mapping[str, bytes]) -> tuple[dict[str, Any], Pictures]:
    """The whole document as data, and the pictures that the data name by their files."""
    return _Content(document, pictures).data()


@dataclass(slots=True)
class _Content:
    """One document's data in the making: it remembers which figures have been mentioned."""

    document: Document
    photos: Mapping[str, bytes]
    pictures: Pictures = field(default_factory=Pictures)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    mentioned: set[tuple[str, str]] = field(default_factory=set)

    def data(self) -> tuple[dict[str, Any], Pictures]:
        document = self.document
        self.numbers = document.annex.numbers()
        status = document.verification.status if document.verification else ""
        title = _headed(document.title, "总结")
        described = {
            "title": printable(title),
            "author": printable(document.issuer),
            "title_lines": [line(part) for part in broken(title, TITLE_WIDTH)],
            "subtitles": [line(subtitle) for subtitle in document.subtitles],
            "draft": line(f"（{status}）") if status.startswith("草稿") else None,
            "recipient": line(f"{document.recipient.rstrip('：:')}：")
            if document.recipient
            else None,
            "body": self._sections(document.sections, 1),
            "issuer": line(document.issuer),
            "day": line(wording.day(document.date)),
            "annex": self._annex(),
        }
        return described, self.pictures

    def _sections(self, sections: Sequence[Section], depth: int) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = []
        for position, section in enumerate(sections, start=1):
            number = wording.heading_number(depth, position)
            blocks.append(
                {
                    "kind": "heading",
                    "level": min(depth + 1, 6),
                    "line": line(f"{number}{section.title}"),
                }
            )
            blocks += [self._block(block) for block in section.blocks]
            blocks += self._sections(section.sections, depth + 1)
        return blocks

    def _block(self, block: Block) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind
        match block:
            case Paragraph(inlines):
                return {"kind": "paragraph", "line": self._line(inlines)}
            case Items(items):
                return {"kind": "items", "items": [self._line(item) for item in items]}
            case Notice(kind, inlines):
                words = self._line(inlines)
                return {"kind": "notice", "label": line(f"【{_NOTICES[kind]}】"), "line": words}
            case Table():
                return self._table(block)
            case Ledger():
                return self._ledger(block)
            case Chart():
                return self._chart(block)
            case Photo():
                return self._photo(block)

    def _line(self, inlines: Inlines) -> Line:
        """A line with a mark behind each figure that is mentioned for the first time."""
        parts: Line = []
        for inline in inlines:
            parts += line(inline.text)
            if isinstance(inline, FigureSpan):
                key = (inline.metric, inline.organisation)
                if key in self.numbers and key not in self.mentioned:
                    self.mentioned.add(key)
                    parts.append({"note": self.numbers[key]})
        return parts

    def _table(self, table: Table) -> dict[str, Any]:
        texts = [table.header, *([said(cell.inlines) for cell in row] for row in table.rows)]
        return {
            "kind": "table",
            "caption": line(table.caption),
            "header": [line(title) for title in table.header],
            "numeric": list(table.numeric_columns()),
            "widths": _widths(texts),
            "rows": [_row([[self._line(cell.inlines)] for cell in row]) for row in table.rows],
        }

    def _ledger(self, ledger: Ledger) -> dict[str, Any]:
        """The figures line by line; what nobody has a target for needs no column of targets."""
        columns: list[tuple[str, bool, list[str | Inlines]]] = [
            ("指标", False, [figure.label for figure in ledger.figures]),
            ("数值", True, [(figure_span(figure),) for figure in ledger.figures]),
            ("任务与完成", False, [wording.completion_note(figure) for figure in ledger.figures]),
            ("佐证", False, [wording.evidence_note(figure) for figure in ledger.figures]),
        ]
        kept = [column for column in columns if any(column[2])]
        rows = list(zip(*(texts for _, _, texts in kept), strict=True))
        return {
            "kind": "table",
            "caption": line(ledger.caption),
            "header": [line(title) for title, _, _ in kept],
            "numeric": [numeric for _, numeric, _ in kept],
            "widths": _widths([[_read(title, *texts) for title, _, texts in kept]]),
            "rows": [_row([[self._cell(text)] for text in row]) for row in rows],
        }

    def _cell(self, text: str | Inlines) -> Line:
        return line(text or "—") if isinstance(text, str) else self._line(text)

    def _chart(self, chart: Chart) -> dict[str, Any]:
        drawn = self.pictures.chart(chart)
        return {
            "kind": "chart",
            "caption": line(chart.title),
            "file": drawn.file,
            "width": drawn.width,
            "alt": printable(chart.description or chart.title),
            "table": self._table(chart.table),
        }

    def _photo(self, photo: Photo) -> dict[str, Any]:
        data = self.photos.get(photo.sha256)
        drawn = None if data is None else self.pictures.photo(data)
        if drawn is None:
            text = "照片已撤下" if data is None else "照片无法显示"
            caption = f"：{photo.caption}" if photo.caption else ""
            return {"kind": "absent", "line": line(f"（{text}{caption}）")}
        return {
            "kind": "photo",
            "caption": line(photo.caption),
            "file": drawn.file,
            "width": drawn.width,
            "alt": printable(photo.description or photo.caption or "照片"),
        }

    def _annex(self) -> dict[str, Any]:
        document = self.document
        title = _headed(re.sub(r"^附件?：", "", document.annex.title), "数据说明")
        rows = [
            _row(_explained(number, entry)) | {"number": number}
            for number, entry in enumerate(document.annex.entries, start=1)
        ]
        return {
            "title": line(title),
            "note": line(f"附件：{title}"),
            "header": [line(name) for name in _ANNEX_HEADER],
            "widths": list(_ANNEX_WIDTHS),
            "rows": rows,
            "particulars": [line(text) for text in self._particulars()],
            "code": self._code(),
        }

    def _particulars(self) -> Iterable[str]:
        """What is to be known of the document itself, a line each."""
        document = self.document
        for label, text in document.particulars:
            yield f"{label}：{text}"
        moment = arrow.get(document.generated_at).to("Asia/Shanghai")
        yield f"生成时间：{moment.format('YYYY年M月D日 HH:mm')}"
        if verification := document.verification:
            yield f"状态：{verification.status}"
            yield f"核验码：{verification.code}"
            if verification.address:
                yield f"核验地址：{verification.address}"

    def _code(self) -> dict[str, Any] | None:
        verification = self.document.verification
        if verification is None or not verification.address:
            return None
        file = self.pictures.add("svg", qr_svg(verification.address, title="").encode())
        return {"file": file, "alt": f"二维码：打开核验网页 {printable(verification.address)}"}


def line(text: str) -> Line:
    """A text as a line without marks."""
    parts: Line = []
    for piece in fonts.pieces(text):
        if isinstance(piece, str):
            parts.append(_LONG.sub(lambda run: _STEP.sub(_MAY_BREAK, run[0]), piece))
        else:
            parts.append({"absent": piece.code, "spoken": piece.description})
    return parts


def _headed(title: str, otherwise: str) -> str:
    """A title that a reader's software can say: one without any letter to set gets a word."""
    set_in_letters = any(isinstance(part, str) and part.strip() for part in line(title))
    return title if set_in_letters else f"{title.strip()}{otherwise}"


def printable(text: str) -> str:
    """A text for readers' software, such as an alternative text: any character, on one line."""
    bare = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text)
    return " ".join(bare.split())


def _explained(number: int, entry: AnnexEntry) -> list[list[Line]]:
    """The cells of an annex row; each is a list of paragraphs."""
    return [
        [line(str(number))],
        [line(text) for text in named(entry)],
        [line(entry.definition or "—")],
        [line(text) for text in evidence(entry)] or [line("—")],
        [line(entry.organisation_name)],
    ]


def _row(cells: list[list[Line]]) -> dict[str, Any]:
    """A row of cells, each of paragraphs. Only a long row may be torn by the end of a page."""
    longest = max((len(json.dumps(cell, ensure_ascii=False)) for cell in cells), default=0)
    return {"cells": cells, "breakable": longest > _BREAKABLE_ROW}


def _read(*texts: str | Inlines) -> str:
    """The longest of a column's texts."""
    return max((text if isinstance(text, str) else said(text) for text in texts), key=width)


def _widths(rows: Sequence[Sequence[str]]) -> list[float]:
    """How wide each column is, in characters: as its longest text, while there is room for all.

    Where there is not, the widest columns give way first, so that short ones stay on one line.
    """
    wanted = [max(width(text) for text in column) + _INSET for column in zip(*rows, strict=True)]
    room, most = _TABLE_WIDTH, 0.0
    for place, each in enumerate(sorted(wanted)):
        most = room / (len(wanted) - place)
        if each > most:
            break
        room -= each
    else:
        return wanted
    return [round(min(each, most), 2) for each in wanted]
