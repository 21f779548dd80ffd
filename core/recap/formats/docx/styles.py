"""The styles of the document: an office that goes on writing finds every kind of line there.

Latin letters and digits have the same font as the Chinese beside them. The standard sets the whole
text in 仿宋 and knows no second font; Times New Roman for figures is a habit of some offices, and
with it Word would also set quotation marks and dashes half as wide.

The page has the grid of 22 × 28, and paragraphs do not snap to it: their pitch of 28.95 pt is exact
by itself, and LibreOffice, whose grid gives a letter of 16 pt two cells of 15.79 pt, would set 14
characters in a line. Body type is instead 0.3 pt closer, so that 28 characters fill a line in every
programme, whether it adds the grid's own −0.21 pt (Word) or not (LibreOffice).
"""

from __future__ import annotations

from dataclasses import dataclass

from core.recap.formats.docx.markup import HEAD, NAMESPACES
from core.recap.formats.docx.measures import (
    BODY_FONT,
    BODY_SIZE,
    CAPTION_SIZE,
    CHARACTER_PITCH,
    HEAVY_FONT,
    LINE_PITCH,
    PAGE_NUMBER_SIZE,
    SCRIPT_FONT,
    SONG_FONT,
    SUBSTITUTES,
    TABLE_SIZES,
    TITLE_FONT,
    TITLE_PITCH,
    TITLE_SIZE,
)

HEADING_FONTS = (HEAVY_FONT, SCRIPT_FONT, BODY_FONT, BODY_FONT)
_NORMAL = "Normal"
_LATENT = (
    '<w:latentStyles w:defLockedState="0" w:defUIPriority="99" w:defSemiHidden="1"'
    ' w:defUnhideWhenUsed="1" w:defQFormat="0" w:count="376"/>'
)
_INDENT = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * CHARACTER_PITCH}"/>'
_LINE_BEFORE = f' w:beforeLines="100" w:before="{LINE_PITCH}"'
_LINE_AFTER = f' w:afterLines="100" w:after="{LINE_PITCH}"'
_CLOSER = '<w:spacing w:val="-6"/>'
_OFF_GRID = '<w:snapToGrid w:val="0"/>'
_EXACT = 'w:lineRule="exact"'


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style; `name` is Word's own where it has one, so that Word translates it.

    The parts of `paragraph` stand in the order of the schema. An empty font and a size of 0 are
    those of the style that it is based on. `close` is for what is set 28 characters to a line.
    """

    key: str
    name: str
    paragraph: str = ""
    font: str = ""
    size: int = 0
    close: bool = False
    based_on: str = _NORMAL
    following: str = ""

    def xml(self) -> str:
        """Write the style."""
        following = f'<w:next w:val="{self.following}"/>' if self.following else ""
        pitch = _CLOSER if self.close else _OFF_GRID
        size = f'<w:sz w:val="{self.size}"/><w:szCs w:val="{self.size}"/>' if self.size else ""
        own = "" if self.name.isascii() else ' w:customStyle="1"'
        return (
            f'<w:style w:type="paragraph"{own} w:styleId="{self.key}"><w:name w:val="{self.name}"/>'
            f'<w:basedOn w:val="{self.based_on}"/>{following}<w:qFormat/>'
            f"<w:pPr>{self.paragraph}</w:pPr><w:rPr>{fonts(self.font)}{pitch}{size}</w:rPr></w:style>"
        )


def fonts(name: str) -> str:
    """Name a font for every kind of letter; nothing for no name."""
    if not name:
        return ""
    return (
        f'<w:rFonts w:hint="eastAsia" w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}"'
        f' w:cs="{name}"/>'
    )


def _headings() -> list[Style]:
    """Give the levels 一、（一）1.（1）: none is bold and all are of the size of the text."""
    return [
        Style(
            f"Heading{level}",
            f"heading {level}",
            f'<w:keepNext/><w:keepLines/>{_INDENT}<w:outlineLvl w:val="{level - 1}"/>',
            font,
            close=True,
            following="BodyText",
        )
        for level, font in enumerate(HEADING_FONTS, start=1)
    ]


def _tables() -> list[Style]:
    styles = []
    for size, pitch in TABLE_SIZES.items():
        close = f'<w:spacing w:line="{pitch}" {_EXACT}/>'
        text, head = f"TableText{size}", f"TableHead{size}"
        points = f"{size / 2:g}磅"
        styles.append(Style(text, f"表格文字{points}", f'{close}<w:jc w:val="left"/>', "", size))
        centred = '<w:keepNext/><w:jc w:val="center"/>'
        styles.append(Style(head, f"表头{points}", centred, HEAVY_FONT, based_on=text))
    return styles


def _paper() -> list[Style]:
    """Give the parts of the paper that stand once, from the title to the signature."""
    centred = '<w:jc w:val="center"/>'
    title = f'<w:spacing{_LINE_AFTER} w:line="{TITLE_PITCH}" {_EXACT}/>{centred}'
    hanging = (
        f'<w:ind w:leftChars="500" w:left="{5 * CHARACTER_PITCH}" w:hangingChars="300"'
        f' w:hanging="{3 * CHARACTER_PITCH}"/>'
    )
    right = '<w:jc w:val="right"/>'
    return [
        Style("BodyText", "Body Text", _INDENT, close=True),
        Style(
            "Title",
            "Title",
            title,
            TITLE_FONT,
            TITLE_SIZE,
            following="BodyText",
        ),
        Style(
            "Subtitle",
            "Subtitle",
            f"<w:spacing{_LINE_AFTER}/>{centred}",
            SCRIPT_FONT,
            following="BodyText",
        ),
        Style("Salutation", "Salutation", close=True, following="BodyText"),
        Style(
            "AnnexNote", "附件说明", f"<w:keepNext/><w:spacing{_LINE_BEFORE}/>{hanging}", close=True
        ),
        Style(
            "Signature",
            "Signature",
            f"<w:keepNext/><w:keepLines/><w:spacing{_LINE_BEFORE}/>{right}",
            close=True,
            following="Date",
        ),
        Style("Date", "Date", right, close=True),
    ]


def _annex() -> list[Style]:
    """Give the head of the annex: a new page, 附件 in its corner, the title in the third line."""
    return [
        Style(
            "AnnexMark",
            "附件标识",
            "<w:keepNext/><w:pageBreakBefore/>",
            HEAVY_FONT,
            following="AnnexTitle",
        ),
        Style(
            "AnnexTitle",
            "附件标题",
            f'<w:keepNext/><w:spacing{_LINE_BEFORE}{_LINE_AFTER} w:line="{TITLE_PITCH}" {_EXACT}/>'
            '<w:jc w:val="center"/><w:outlineLvl w:val="0"/>',
            TITLE_FONT,
            TITLE_SIZE,
            following="BodyText",
        ),
    ]


def _beside() -> list[Style]:
    """Give what stands beside the text: captions, pictures, notes and page numbers."""
    close = f'<w:spacing{{}} w:line="400" {_EXACT}/>'
    free = '<w:spacing{} w:line="240" w:lineRule="auto"/>'
    centred = '<w:jc w:val="center"/>'
    before, after = ' w:before="160" w:after="60"', ' w:before="60" w:after="160"'
    return [
        Style(
            "Caption",
            "caption",
            "<w:keepNext/><w:keepLines/>" + close.format(before) + centred,
            HEAVY_FONT,
            CAPTION_SIZE,
        ),
        Style(
            "PictureCaption",
            "图题",
            "<w:keepLines/>" + close.format(after) + centred,
            HEAVY_FONT,
            CAPTION_SIZE,
        ),
        Style("Picture", "图片", f"<w:keepNext/>{free.format(before)}{centred}"),
        Style("Note", "说明文字", close.format(""), "", CAPTION_SIZE),
        Style("Footer", "footer", free.format(""), SONG_FONT, PAGE_NUMBER_SIZE),
    ]


def styles_xml() -> str:
    """Write the part of styles; nothing of it depends on the document."""
    paragraphs = [*_headings(), *_paper(), *_annex(), *_beside(), *_tables()]
    return (
        f"{HEAD}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{fonts(BODY_FONT)}"
        f'<w:color w:val="000000"/><w:sz w:val="{BODY_SIZE}"/><w:szCs w:val="{BODY_SIZE}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        f"<w:pPrDefault/></w:docDefaults>{_LATENT}"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        '<w:qFormat/><w:pPr><w:widowControl w:val="0"/><w:autoSpaceDE w:val="0"/>'
        '<w:autoSpaceDN w:val="0"/><w:snapToGrid w:val="0"/>'
        f'<w:spacing w:line="{LINE_PITCH}" {_EXACT}/>'
        f'<w:jc w:val="both"/></w:pPr><w:rPr>{fonts(BODY_FONT)}<w:sz w:val="{BODY_SIZE}"/>'
        f'<w:szCs w:val="{BODY_SIZE}"/></w:rPr></w:style>{_CHARACTERS}{_TABLE_STYLES}'
        f"{''.join(style.xml() for style in paragraphs)}</w:styles>"
    )


def font_table_xml() -> str:
    """Write the part that tells what to take where a font of this name is missing."""
    listed = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/>'
        '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, other in SUBSTITUTES.items()
    )
    return f"{HEAD}<w:fonts {NAMESPACES}>{listed}</w:fonts>"


_CHARACTERS = (
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
    '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
    '<w:rPr><w:color w:val="000000"/><w:u w:val="single"/></w:rPr></w:style>'
    '<w:style w:type="character" w:customStyle="1" w:styleId="FigureMark">'
    '<w:name w:val="数据标号"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
)
_TABLE_STYLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal">'
    '<w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr>'
    '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="28" w:type="dxa"/>'
    '<w:left w:w="85" w:type="dxa"/><w:bottom w:w="28" w:type="dxa"/>'
    '<w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>'
    '<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
    + "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    + "</w:tblBorders></w:tblPr></w:style>"
)
