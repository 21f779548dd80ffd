"""The text of the paper: title, sections with their blocks, signature, annex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from core import wording
from core.recap.drawing import charts
from core.recap.formats.docx import annex, page
from core.recap.formats.docx.markup import (
    inner_link,
    kept_with_next,
    lines,
    paragraph,
    picture,
    run,
    words,
)
from core.recap.formats.docx.measures import CHARACTER_PITCH, TEXT_WIDTH, TITLE_CHARACTERS
from core.recap.formats.docx.setting import signature_indents
from core.recap.formats.docx.styles import HEADING_FONTS
from core.recap.formats.docx.tables import ledger_xml, table_xml
from core.recap.formats.title_lines import broken
from core.recap.model import (
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
    Text,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT_WIDTH_MM = TEXT_WIDTH * 25.4 / 1440
_HIGHEST_MM = 110.0  # half a page: two pictures with their captions stand on one
_DOTS_PER_MM = 150 / 25.4  # a photo is not blown up beyond what prints cleanly
_CLOSE = '<w:spacing w:afterLines="0" w:after="0"/>'
_CLOSED = "。；！？…：，、”）"


class Relations(Protocol):
    """Where pictures and addresses are kept; both give the id by which the text refers to them."""

    def image(self, content: bytes) -> str:
        """Keep a picture. Raises ValueError for bytes that are none."""

    def address(self, address: str) -> str:
        """Keep an address on the web."""


class Body:
    """One drawing of one document: it remembers what was mentioned and numbers its pictures."""

    def __init__(
        self, document: Document, pictures: Mapping[str, bytes], relations: Relations
    ) -> None:
        self._document = document
        self._pictures = pictures
        self._relations = relations
        self._numbers = document.annex.numbers()
        self._mentioned: set[int] = set()
        self._drawn = 0

    def xml(self) -> str:
        """Write everything between the opening and the closing of the body."""
        document = self._document
        parts = self._head()
        if document.recipient:
            parts.append(words("Salutation", f"{document.recipient.rstrip('：:')}："))
        for position, section in enumerate(document.sections, start=1):
            parts += self._section(section, 1, position)
        parts[-1] = kept_with_next(parts[-1])
        explained = annex.is_owed(document)
        if explained:
            parts.append(words("AnnexNote", f"附件：{annex.title(document)}"))
        parts += self._signature()
        if explained:
            parts += annex.parts(document, self._relations.address)
        return "".join(parts) + page.section()

    def _head(self) -> list[str]:
        """Title and subtitles, with a blank line below the last of them."""
        *above, last = [("Title", broken(self._document.title, TITLE_CHARACTERS))] + [
            ("Subtitle", [subtitle]) for subtitle in self._document.subtitles
        ]
        return [*(lines(*one, _CLOSE) for one in above), lines(*last)]

    def _section(self, section: Section, depth: int, position: int) -> list[str]:
        title = f"{wording.heading_number(depth, position)}{section.title}"
        parts = [words(f"Heading{min(depth, len(HEADING_FONTS))}", title)]
        parts += [made for block in section.blocks if (made := self._block(block))]
        for below, part in enumerate(section.sections, start=1):
            parts += self._section(part, depth + 1, below)
        return parts

    def _block(self, block: Block) -> str:
        match block:
            case Paragraph(inlines) | Notice(_, inlines):
                return self._paragraph(inlines)
            case Items(items):
                return self._items(items)
            case Table():
                return table_xml(block)
            case Ledger():
                return ledger_xml(block)
            case Chart():
                return self._chart(block)
            case Photo():
                return self._photo(block)

    def _paragraph(self, inlines: Inlines) -> str:
        if not said(inlines).strip():
            return ""
        return paragraph("BodyText", "".join(self._inline(inline) for inline in inlines))

    def _inline(self, inline: Text | FigureSpan) -> str:
        """Words; a figure carries the number of its explanation where it is first mentioned."""
        if isinstance(inline, Text):
            return run(inline.text)
        number = self._numbers.get((inline.metric, inline.organisation))
        if number is None or number in self._mentioned:
            return run(inline.text)
        self._mentioned.add(number)
        mark = inner_link(annex.bookmark(number), f"〔{number}〕", "FigureMark")
        return f"{run(inline.text)}{mark}"

    def _items(self, items: tuple[Inlines, ...]) -> str:
        """A list as such papers have it: paragraphs that end in `；`, the last one in `。`."""
        told = [item for item in items if said(item).strip()]
        return "".join(
            self._paragraph(_ended(item, "。" if position == len(told) else "；"))
            for position, item in enumerate(told, start=1)
        )

    def _chart(self, chart: Chart) -> str:
        drawing = charts.draw(chart)
        described = f"{chart.title}：{chart.description}"
        size = _fitted(drawing.width_mm, drawing.height_mm, drawing.height_mm)
        shown = self._picture(drawing.png, size, described)
        return f"{shown}{words('PictureCaption', chart.title)}{table_xml(chart.table)}"

    def _photo(self, photo: Photo) -> str:
        content = self._pictures.get(photo.sha256)
        if content is None:
            return self._paragraph((Text(f"（照片已撤下：{photo.caption}）"),))
        width, height = photo.width / _DOTS_PER_MM, photo.height / _DOTS_PER_MM
        described = photo.description or photo.caption
        try:
            shown = self._picture(content, _fitted(width, height, _HIGHEST_MM), described)
        except ValueError:
            return self._paragraph((Text(f"（照片无法显示：{photo.caption}）"),))
        return f"{shown}{words('PictureCaption', photo.caption)}"

    def _picture(self, content: bytes, size: tuple[float, float], described: str) -> str:
        relation = self._relations.image(content)
        self._drawn += 1
        return paragraph("Picture", picture(relation, self._drawn, *size, described))

    def _signature(self) -> list[str]:
        """Issuer and date without a seal."""
        document = self._document
        day = wording.day(document.date)
        indents = signature_indents(document.issuer, day)
        return [
            words(
                style,
                text,
                f'<w:ind w:rightChars="{indent}" w:right="{indent * CHARACTER_PITCH // 100}"/>',
            )
            for style, text, indent in zip(
                ("Signature", "Date"), (document.issuer, day), indents, strict=True
            )
        ]


def _ended(item: Inlines, mark: str) -> Inlines:
    """Close a line that brings no mark of its own."""
    return item if said(item).rstrip()[-1] in _CLOSED else (*item, Text(mark))


def _fitted(width: float, height: float, highest: float) -> tuple[float, float]:
    """Make a picture small enough for the text block, in millimetres, without distorting it."""
    factor = min(1.0, _TEXT_WIDTH_MM / width, highest / height)
    return width * factor, height * factor
