"""Pieces of WordprocessingML as text: the one place where words become XML.

Text is written as strings and parsed once, because a table of two thousand rows made cell by cell
through an object model takes minutes. Every word of a user passes `escaped`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.recap.formats.docx.measures import TEXT_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    }.items()
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EMU_PER_MM = 36_000

# XML 1.0 has no way to write these, not even escaped.
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_STYLED = re.compile(r'<w:pStyle w:val="[^"]+"/>(?!<w:keepNext/>)')
_WORDS = re.compile("<w:t [^>]*>([^<]*)</w:t>")
_SHORT = 84  # characters: three lines of text
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def legible(text: str) -> str:
    """Give a text without what XML cannot hold; breaks of lines and tabs become a space."""
    return _UNWRITABLE.sub("", _SPACES.sub(" ", text))


def escaped(text: str) -> str:
    """Write a text so that it stands in XML as it is, also between double quotes."""
    return legible(text).translate(_ENTITIES)


def run(text: str, style: str = "") -> str:
    """Words in the type of their paragraph, or in a character style."""
    properties = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escaped(text)}</w:t></w:r>'


def paragraph(style: str, runs: str, properties: str = "") -> str:
    """A paragraph of runs; `properties` stand after the style, in the order of the schema."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>'


def words(style: str, text: str, properties: str = "") -> str:
    """A paragraph of plain words."""
    return paragraph(style, run(text), properties)


def lines(style: str, texts: Iterable[str], properties: str = "") -> str:
    """One paragraph whose lines are broken where they are told to be."""
    return paragraph(style, "<w:r><w:br/></w:r>".join(run(text) for text in texts), properties)


def kept_with_next(written: str) -> str:
    """Keep the last row or short paragraph of what is written on one page with what follows.

    A signature that stands alone on its page is what the standard wants avoided. A long paragraph
    is left alone: LibreOffice would move all of it to the next page.
    """
    last = written.rfind("<w:tr>" if written.endswith("</w:tbl>") else "<w:p>")
    if sum(map(len, _WORDS.findall(written, last))) > _SHORT:
        return written
    return written[:last] + _STYLED.sub(r"\g<0><w:keepNext/>", written[last:])


def inner_link(bookmark: str, text: str, style: str) -> str:
    """A link to a bookmark of the same document."""
    return f'<w:hyperlink w:anchor="{bookmark}" w:history="1">{run(text, style)}</w:hyperlink>'


def outer_link(relation: str, text: str) -> str:
    """A link to an address that the package keeps as a relation."""
    return f'<w:hyperlink r:id="{relation}" w:history="1">{run(text, "Hyperlink")}</w:hyperlink>'


def bookmarked(number: int, name: str, runs: str) -> str:
    """Runs that a link can lead to; `number` is the bookmark's own among all of the document."""
    return (
        f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{runs}<w:bookmarkEnd w:id="{number}"/>'
    )


def picture(relation: str, number: int, width_mm: float, height_mm: float, description: str) -> str:
    """A run with a picture in the line; `description` is read to those who do not see it."""
    width, height = round(width_mm * EMU_PER_MM), round(height_mm * EMU_PER_MM)
    names = f'id="{number}" name="图片{number}" descr="{escaped(description)}"'
    return (
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{width}" cy="{height}"/><wp:docPr {names}/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f"<pic:pic><pic:nvPicPr><pic:cNvPr {names}/><pic:cNvPicPr/></pic:nvPicPr>"
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch>'
        '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def cell(width: int, paragraphs: str) -> str:
    """A cell of a table, its words in the middle of its height."""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{paragraphs}</w:tc>"
    )


def row(cells: str, *, head: bool = False, whole: bool = True) -> str:
    """A row of a table. The head comes again on every page; a `whole` row is not split."""
    unsplit = "<w:cantSplit/>" if whole else ""
    repeated = "<w:tblHeader/>" if head else ""
    properties = f"<w:trPr>{unsplit}{repeated}</w:trPr>" if unsplit or repeated else ""
    return f"<w:tr>{properties}{cells}</w:tr>"


def table(caption: str, widths: Sequence[int], rows: Iterable[str], *, row_headers: bool) -> str:
    """A table as wide as the text; `caption` also names it to those who do not see it."""
    named = f'<w:tblCaption w:val="{escaped(caption)}"/>' if caption else ""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    first_column = int(row_headers)
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:jc w:val="center"/>'
        '<w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="{0x0420 | first_column << 7:04X}" w:firstRow="1" w:lastRow="0"'
        f' w:firstColumn="{first_column}" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'
        f"{named}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
