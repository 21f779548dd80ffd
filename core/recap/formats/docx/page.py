"""The page: paper, margins, the grid of 22 lines by 28 characters, and the page numbers."""

from __future__ import annotations

from typing import Literal

from core.recap.formats.docx.markup import HEAD, NAMESPACES
from core.recap.formats.docx.measures import (
    CHARACTER_SPACE,
    FOOTER_DISTANCE,
    LINE_PITCH,
    MARGIN_BOTTOM,
    MARGIN_LEFT,
    MARGIN_RIGHT,
    MARGIN_TOP,
    PAGE_HEIGHT,
    PAGE_NUMBER_SIZE,
    PAGE_WIDTH,
)

_WORD_2013 = 15  # the newest compatibility mode there is: later versions of Word use it too


def relation(part: str) -> str:
    """The id under which the text refers to a part of the package."""
    return f"rId{('styles', 'settings', 'fontTable', 'footer1', 'footer2').index(part) + 1}"


def section() -> str:
    """The properties of the page."""
    return (
        f'<w:sectPr><w:footerReference w:type="default" r:id="{relation("footer1")}"/>'
        f'<w:footerReference w:type="even" r:id="{relation("footer2")}"/>'
        f'<w:pgSz w:w="{PAGE_WIDTH}" w:h="{PAGE_HEIGHT}"/>'
        f'<w:pgMar w:top="{MARGIN_TOP}" w:right="{MARGIN_RIGHT}" w:bottom="{MARGIN_BOTTOM}"'
        f' w:left="{MARGIN_LEFT}" w:header="851" w:footer="{FOOTER_DISTANCE}" w:gutter="0"/>'
        f'<w:docGrid w:type="linesAndChars" w:linePitch="{LINE_PITCH}"'
        f' w:charSpace="{CHARACTER_SPACE}"/></w:sectPr>'
    )


def footer(side: Literal["left", "right"]) -> str:
    """A page number `— 1 —` one character from the outer side: right on odd pages, left on even."""
    character = PAGE_NUMBER_SIZE * 10
    return (
        f'{HEAD}<w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/>'
        f'<w:ind w:{side}Chars="100" w:{side}="{character}"/><w:jc w:val="{side}"/></w:pPr>'
        '<w:r><w:t xml:space="preserve">— </w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        '<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>'
    )


def settings() -> str:
    """Settings of the whole document, as a Chinese Word 2013 or later writes them."""
    compatible = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word"'
        f' w:val="{value}"/>'
        for name, value in {
            "compatibilityMode": _WORD_2013,
            "overrideTableStyleFontSizeAndJustification": 1,
            "enableOpenTypeFeatures": 1,
            "doNotFlipMirrorIndents": 1,
        }.items()
    )
    return (
        f'{HEAD}<w:settings {NAMESPACES}><w:zoom w:percent="100"/>'
        "<w:bordersDoNotSurroundHeader/><w:bordersDoNotSurroundFooter/>"
        '<w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
        f'<w:drawingGridVerticalSpacing w:val="{LINE_PITCH}"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        "<w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/>"
        "<w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:doNotExpandShiftReturn/>"
        f"<w:useFELayout/>{compatible}</w:compat>"
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>'
        '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
    )
