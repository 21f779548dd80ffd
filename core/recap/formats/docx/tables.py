"""Tables of the paper: those of the sections, and the ledger of figures."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from core import wording
from core.recap.formats.docx.markup import cell, row, table, words
from core.recap.formats.docx.setting import column_need, column_widths, table_size
from core.recap.model import Ledger, Table, said

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEDGER_HEADER = ("指标", "数值", "任务与完成", "佐证")
_RIGHT = '<w:jc w:val="right"/>'
_HELD = "<w:keepNext/>"
_UNSPLIT = 8  # rows up to which a table is not spread over two pages
_HEAD_WIDTH = 6  # characters: a longer head is broken rather than widening its column


def table_xml(source: Table) -> str:
    """A table of a section with its caption."""
    rows = [[said(one.inlines) for one in line] for line in source.rows]
    return drawn(
        source.caption,
        source.header,
        source.numeric_columns(),
        rows,
        numeric=[[one.numeric for one in line] for line in source.rows],
        row_headers=source.row_headers,
    )


def ledger_xml(ledger: Ledger) -> str:
    """A ledger as the table of its figures; targets are left out where nobody has set one."""
    rows = [
        [
            figure.label,
            wording.stated(figure),
            wording.completion_note(figure),
            wording.evidence_note(figure) or "—",
        ]
        for figure in ledger.figures
    ]
    kept = [True, True, any(line[2] for line in rows), True]
    columns = list(compress((False, True, False, False), kept))
    shown = [[text or "—" for text in compress(line, kept)] for line in rows]
    return drawn(ledger.caption, list(compress(_LEDGER_HEADER, kept)), columns, shown)


def drawn(
    caption: str,
    header: Sequence[str],
    columns: Sequence[bool],
    rows: Sequence[Sequence[str]],
    *,
    numeric: Sequence[Sequence[bool]] | None = None,
    row_headers: bool = True,
) -> str:
    """A caption and a table of words; numbers are flush right.

    `columns` tells which columns hold numbers alone, and `numeric` the same of each cell where a
    column is mixed.
    """
    if not header:
        return ""
    needed = [
        max((column_need(line[column]) for line in rows), default=0.0)
        for column in range(len(header))
    ]
    size = table_size(needed, columns)
    wanted = [
        max(need, min(column_need(text), _HEAD_WIDTH))
        for need, text in zip(needed, header, strict=True)
    ]
    widths = column_widths(wanted, size)
    head = "".join(
        cell(wide, words(f"TableHead{size}", text))
        for wide, text in zip(widths, header, strict=True)
    )
    held = _held(len(rows))
    body = (
        row(
            "".join(
                cell(wide, words(f"TableText{size}", text, _HELD * keep + _RIGHT * number))
                for wide, text, number in zip(widths, line, numbers, strict=True)
            )
        )
        for line, numbers, keep in zip(rows, numeric or [columns] * len(rows), held, strict=True)
    )
    made = table(caption, widths, [row(head, head=True), *body], row_headers=row_headers)
    return f"{words('Caption', caption)}{made}"


def _held(rows: int) -> list[bool]:
    """Which rows stay with the next: all of a short table, else so that none is left alone."""
    last = rows - 1
    return [place < last and (rows <= _UNSPLIT or place in (0, last - 1)) for place in range(rows)]
