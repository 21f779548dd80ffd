"""Reading a Word document back: what tests of it look at."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph


def opened(content: bytes) -> WordDocument:
    """A document as python-docx reads it."""
    return docx.Document(io.BytesIO(content))


def part(content: bytes, name: str) -> str:
    """One part of the package, such as `word/styles.xml`."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def lines(content: bytes) -> Iterator[str]:
    """Flat text, a line for each paragraph and row, with the names of styles.

    `[Heading 1] 一、总体情况` · `| 单位 | 岗位 |` (rows that are repeated begin with `‖`) ·
    `[图片] （图：what those hear who do not see it）`.
    """
    document = opened(content)
    for child in document.element.body:
        if child.tag == qn("w:p"):
            paragraph = WordParagraph(child, document)
            described = "".join(
                f"（图：{found.get('descr')}）" for found in child.iter(qn("wp:docPr"))
            )
            style = paragraph.style.name if paragraph.style else ""
            yield f"[{style}] {paragraph.text}{described}"
        elif child.tag == qn("w:tbl"):
            for row in WordTable(child, document).rows:
                head = row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
                texts = [one.text.replace("\n", " / ") for one in row.cells]
                yield f"{'‖' if head else '|'} {' | '.join(texts)} |"


def text(content: bytes) -> str:
    """Every word of the body."""
    return "\n".join(lines(content))


def styles(content: bytes) -> dict[str, dict[str, str]]:
    """What each style says, by its id: `{"Title": {"spacing/line": "700", …}}`."""
    found: dict[str, dict[str, str]] = {}
    for style in parse_xml(part(content, "word/styles.xml").encode()).findall(qn("w:style")):
        said: dict[str, str] = {}
        for kind in (qn("w:pPr"), qn("w:rPr")):
            for one in style.findall(f"{kind}/*"):
                tag = one.tag.split("}")[1]
                said[tag] = one.get(qn("w:val"), "")
                said |= {f"{tag}/{key.split('}')[1]}": value for key, value in one.items()}
        found[style.get(qn("w:styleId"))] = said
    return found
