"""The annex: what each figure of the paper means and where it comes from, and how to verify it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import arrow

from core.recap.formats.annex_words import evidence, named
from core.recap.formats.docx.markup import (
    bookmarked,
    cell,
    outer_link,
    paragraph,
    row,
    run,
    table,
    words,
)
from core.recap.formats.docx.measures import TEXT_WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.recap.model import AnnexEntry, Document

_HEADER = ("序号", "指标与数值", "口径", "明细与填报（来源）", "单位")
_WIDTHS = (680, 2800, 1850, 2415, TEXT_WIDTH - 680 - 2800 - 1850 - 2415)
_SIZE = 21
_PARTS_OF_ROW = 10  # a row is never much higher than a third of a page
_UNSPLIT = 300  # characters of a cell up to which its row stays on one page
_CENTRED = '<w:jc w:val="center"/>'


def is_owed(document: Document) -> bool:
    """Tell whether there is anything to explain."""
    return bool(document.annex.entries or document.particulars or document.verification)


def title(document: Document) -> str:
    """Name the annex; that it is one is said by the word 附件 before it."""
    return document.annex.title.removeprefix("附：")


def bookmark(number: int) -> str:
    """Name the place that explains a figure."""
    return f"figure_{number}"


def parts(document: Document, relation: Callable[[str], str]) -> Iterator[str]:
    """Write the annex, from its page break to the verification code in its last lines.

    A single annex has no number by GB/T 9704. The particulars stand here: the paper itself says
    them in its first sentence.
    """
    yield words("AnnexMark", "附件")
    yield words("AnnexTitle", title(document))
    for label, text in document.particulars:
        yield words("Note", f"{label}：{text}")
    entries = document.annex.entries
    if entries:
        yield words("Caption", "各项数据的口径与来源")
        head = _row([words(f"TableHead{_SIZE}", text) for text in _HEADER], head=True)
        rows = (made for number, entry in enumerate(entries, 1) for made in _rows(number, entry))
        yield table("各项数据的口径与来源", _WIDTHS, [head, *rows], row_headers=True)
    yield from _verification(document, relation)


def _rows(number: int, entry: AnnexEntry) -> Iterator[str]:
    """The rows of one figure: more than one where many have reported parts of it."""
    told = evidence(entry)
    for first in range(0, max(len(told), 1), _PARTS_OF_ROW):
        shown = told[first : first + _PARTS_OF_ROW]
        counted = f"{number}（续）" if first else str(number)
        marked = run(counted) if first else bookmarked(number, bookmark(number), run(counted))
        texts = [
            [entry.figure.label] if first else named(entry),
            [] if first else [entry.definition],
            shown,
            [entry.organisation_name],
        ]
        cells = [paragraph(f"TableText{_SIZE}", marked, _CENTRED), *map(_lines, texts)]
        yield _row(cells, whole=all(len("".join(text)) <= _UNSPLIT for text in texts))


def _row(cells: Sequence[str], *, head: bool = False, whole: bool = True) -> str:
    inner = "".join(cell(width, text) for width, text in zip(_WIDTHS, cells, strict=True))
    return row(inner, head=head, whole=whole)


def _lines(texts: Sequence[str]) -> str:
    """The lines of a cell, which must hold at least one."""
    return "".join(words(f"TableText{_SIZE}", text) for text in texts or [""])


def _verification(document: Document, relation: Callable[[str], str]) -> Iterator[str]:
    moment = arrow.get(document.generated_at).to("Asia/Shanghai").format("YYYY-MM-DD HH:mm")
    made, verification = f"生成时间：{moment}", document.verification
    apart = '<w:spacing w:before="200"/>'
    if verification is None:
        yield words("Note", made, apart)
        return
    told = (f"核验码：{verification.code}", f"版本：{verification.status}", made)
    address = verification.address
    yield words("Note", "　".join(told), f"{'<w:keepNext/>' if address else ''}{apart}")
    if address:
        link = outer_link(relation(address), address)
        yield paragraph("Note", run("核验地址：") + link)
