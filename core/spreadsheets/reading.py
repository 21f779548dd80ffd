"""Reading records from a file: every error of every cell, nothing raised for bad input."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.spreadsheets.columns import (
    MAX_ROWS,
    CellError,
    Column,
    Line,
    NotATableError,
    Row,
    Sheet,
    heading,
    letter,
)
from core.spreadsheets.contents import UnreadableCellError, quoted, shown
from core.spreadsheets.sources import Source, open_source
from core.spreadsheets.values import parse

HEADING_LINES: Final = 10


@dataclass(frozen=True, slots=True)
class _Headings:
    """The line of the headings: the declared columns by position, and what is wrong with it."""

    number: int
    columns: dict[int, Column]
    without_heading: frozenset[int]
    errors: list[CellError]


def read(data: bytes, filename: str, columns: Sequence[Column]) -> Sheet:
    """Read an xlsx or csv file whose headings stand in one of its first ten rows.

    Columns may come in any order; one that is not required may be left out. Blank rows are
    skipped. Of a workbook the sheet with the most known headings is read, its first hundred
    columns. Limits: 10 MB, 20,000 rows of data.
    """
    try:
        return _read(open_source(data, filename), columns)
    except NotATableError as error:
        return Sheet([], [CellError(0, "", "", "", str(error))])


def _read(source: Source, columns: Sequence[Column]) -> Sheet:
    reading, line = _find_headings(source, columns)
    headings = _headings(line, columns)
    rows: list[Row] = []
    errors = list(headings.errors)
    stray: set[int] = set()
    for data_line in source.lines(reading):
        if data_line.number <= headings.number:
            continue
        if len(rows) == MAX_ROWS:
            raise NotATableError(f"数据超过 {MAX_ROWS:,} 行，请分成几个文件")
        rows.append(_row(data_line, headings, columns, errors))
        for position in sorted(data_line.cells.keys() - headings.columns.keys() - stray):
            if position in headings.without_heading:
                stray.add(position)
                message = "这一列没有表头，不知道是什么内容；请补上表头或清空这一列"
                errors.append(_error(data_line.number, position, None, message))
    letters = {c.name: letter(position) for position, c in headings.columns.items()}
    return Sheet(rows, errors, letters)


def _find_headings(source: Source, columns: Sequence[Column]) -> tuple[int, Line]:
    """Return the reading and the line with the most known headings, the first among equals."""
    known = {heading(column.label) for column in columns}
    best: tuple[int, int, Line] | None = None
    for reading in source.readings():
        first = itertools.takewhile(
            lambda line: line.number <= HEADING_LINES, source.lines(reading)
        )
        for line in first:
            score = len(known & {heading(shown(content)) for content in line.cells.values()})
            if score and (best is None or score > best[0]):
                best = (score, reading, line)
    if best is None:
        labels = "、".join(column.label for column in columns)
        raise NotATableError(f"前 {HEADING_LINES} 行里没有找到表头；表头应有：{labels}")
    return best[1], best[2]


def _headings(line: Line, columns: Sequence[Column]) -> _Headings:
    by_heading = {heading(column.label): column for column in columns}
    found: dict[int, Column] = {}
    errors: list[CellError] = []
    for position, content in sorted(line.cells.items()):
        column = by_heading.get(heading(shown(content)))
        if column is None:
            message = content.problem or f"不认识的表头“{quoted(content)}”"
            near = difflib.get_close_matches(heading(shown(content)), by_heading, n=1, cutoff=0.5)
            advice = f"，是不是“{by_heading[near[0]].label}”？" if near else "，请删除这一列"
            errors.append(_error(line.number, position, None, message + advice))
        elif column in found.values():
            message = f"表头“{column.label}”出现了不止一次，请只留一列"
            errors.append(_error(line.number, position, column, message))
        else:
            found[position] = column
    errors += [
        CellError(line.number, column.name, "", column.label, f"缺少必填的列“{column.label}”")
        for column in columns
        if column.required and column not in found.values()
    ]
    last = max(line.cells)
    blank = frozenset(range(1, 1 + max(last, 200))) - line.cells.keys()
    return _Headings(line.number, found, blank, errors)


def _row(
    line: Line, headings: _Headings, columns: Sequence[Column], errors: list[CellError]
) -> Row:
    found = headings.columns
    values: dict[str, Any] = {}
    raw: dict[str, str] = {}
    for position, column in sorted(found.items()):
        content = line.cells.get(position)
        text = shown(content) if content else ""
        if content is None or not (text or content.problem):
            if column.required:
                errors.append(_error(line.number, position, column, "必填，不能空着"))
            else:
                values[column.name] = None
            continue
        raw[column.name] = text
        try:
            values[column.name] = parse(column, content)
        except UnreadableCellError as problem:
            errors.append(_error(line.number, position, column, str(problem)))
    present = {column.name for column in found.values()}
    values |= {
        column.name: None
        for column in columns
        if column.name not in present and not column.required
    }
    return Row(line.number, values, raw)


def _error(row: int, position: int, column: Column | None, message: str) -> CellError:
    cell = f"{letter(position)}{row}"
    if column is None:
        return CellError(row, "", cell, "", message)
    return CellError(row, column.name, cell, column.label, message)
