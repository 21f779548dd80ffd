"""Files as lines of cells: xlsx and csv, from people nobody has to trust.

An xlsx file is checked by `core.archives` before it is opened.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from typing import Any, Final, Protocol

from core import archives, file_kinds
from core.file_kinds import Kind
from core.spreadsheets.columns import MAX_COLUMNS, Content, Line, NotATableError

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_LINES: Final = 50_000
MAX_SHEETS: Final = 50
# Beginnings and ends of elements: 20,000 rows of 30 cells come to two and a half million. The
# others are styles, merged cells and the like, which the library makes much more of.
MAX_MARKS: Final = 4_000_000
MAX_OTHER_MARKS: Final = 150_000
MAX_MERGED: Final = 5_000  # each takes the library a tenth of a millisecond

DAMAGED: Final = "不是有效的表格文件"
ENDINGS: Final = (".xlsx", ".csv")
UNPACKS_TOO_LARGE: Final = DAMAGED + "：解开后过大，可能不是正常保存的表格"
TOO_MANY_SHEETS: Final = f"工作表超过 {MAX_SHEETS} 张；请只留下要导入的一张"
TOO_MANY_LINES: Final = (
    f"表格延伸到第 {MAX_LINES:,} 行以后；请删除数据下方的空行和格式，或分成几个文件"
)
# Sheets that `template` adds; they never hold records.
GUIDE_TITLE: Final = "说明"
CHOICES_TITLE: Final = "选项"

_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MARKS_OF_CELLS: Final = tuple(
    beginning + name
    for name in (
        b"row",
        b"c ",
        b"c>",
        b"v>",
        b"v/",
        b"is>",
        b"si>",
        b"t>",
        b"t ",
        b"r>",
        b"f>",
        b"f ",
    )
    for beginning in (b"<", b"</")
)
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DELIMITERS: Final = (",", "\t", ";")


class Source(Protocol):
    """A file with one or more readings, of which the one with the headings is meant."""

    def readings(self) -> range:
        """Return the numbers of the readings: sheets of a workbook, delimiters of a csv file."""

    def lines(self, reading: int) -> Iterator[Line]:
        """Yield the lines that are not blank. Raises NotATableError."""


def open_source(data: bytes, filename: str) -> Source:
    """Open a file by its content, or by its name where the content does not tell.

    Raises NotATableError, which says what a file is that is none of these.
    """
    if len(data) > MAX_FILE_BYTES:
        raise NotATableError(f"文件太大，最大 {MAX_FILE_BYTES // 1024 // 1024} MB；请分成几个文件")
    kind = file_kinds.kind_of(data)
    if kind is Kind.SHEET:
        return Workbook(data)
    if kind in {Kind.TEXT, Kind.UNKNOWN} and filename.lower().endswith((".csv", ".txt")):
        return SeparatedText(data)
    raise NotATableError(DAMAGED if kind is Kind.UNKNOWN else file_kinds.advice(data, ENDINGS))


class Workbook:
    """An xlsx file."""

    def __init__(self, data: bytes) -> None:
        try:
            self._has_formulas = _check_archive(data)
            self._values = _open_workbook(data, cached=True)
            self._written = _open_workbook(data, cached=False) if self._has_formulas else None
            if len(self._values.worksheets) > MAX_SHEETS:
                raise NotATableError(TOO_MANY_SHEETS)
            self._sheets = [
                index
                for index, sheet in enumerate(self._values.worksheets)
                if sheet.title not in {GUIDE_TITLE, CHOICES_TITLE}
            ]
        except NotATableError:
            raise
        except Exception as error:  # a damaged file can fail anywhere in the library
            raise NotATableError(DAMAGED) from error

    def readings(self) -> range:
        """Return the numbers of the sheets that may hold records."""
        return range(len(self._sheets))

    def lines(self, reading: int) -> Iterator[Line]:
        """Yield the lines of a sheet with cached values in place of formulas."""
        try:
            yield from self._lines(self._sheets[reading])
        except NotATableError:
            raise
        except Exception as error:  # as above
            raise NotATableError(DAMAGED) from error

    def _lines(self, index: int) -> Iterator[Line]:
        formulas = self._formulas(index)
        for number, row in _rows(self._values, index):
            cells: dict[int, Content] = {}
            written = next(formulas, frozenset())
            for column, cell in enumerate(row, start=1):
                uncached = cell.data_type == "n" and column in written
                if content := _content(cell, uncached=uncached):
                    cells[column] = content
            if cells:
                yield Line(number, cells)

    def _formulas(self, index: int) -> Iterator[frozenset[int]]:
        """The columns that hold a formula, row by row beside the values."""
        if self._written is not None:
            for _, row in _rows(self._written, index):
                yield frozenset(
                    column for column, cell in enumerate(row, start=1) if cell.data_type == "f"
                )


class SeparatedText:
    """A csv file in UTF-8 or GB18030, its delimiter still to be found out."""

    def __init__(self, data: bytes) -> None:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                self._text = data.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            raise NotATableError(DAMAGED + "：文字编码应为 UTF-8 或 GB18030")
        if "\0" in self._text:
            raise NotATableError(DAMAGED)

    def readings(self) -> range:
        """Return the numbers of the delimiters to try."""
        return range(len(_DELIMITERS))

    def lines(self, reading: int) -> Iterator[Line]:
        """Yield the records. The apostrophe that `write_csv` puts before formulas is taken off."""
        records = csv.reader(io.StringIO(self._text, newline=""), delimiter=_DELIMITERS[reading])
        try:
            for number, record in enumerate(records, start=1):
                if number > MAX_LINES:
                    raise NotATableError(TOO_MANY_LINES)
                cells = {
                    column: Content(re.sub(r"^'(?='*[=+\-@＝＋－＠\t\r\n])", "", text))
                    for column, text in enumerate(record[:MAX_COLUMNS], start=1)
                    if text.strip()
                }
                if cells:
                    yield Line(number, cells)
        except csv.Error as error:
            raise NotATableError(DAMAGED) from error


def _check_archive(data: bytes) -> bool:
    """Refuse what would swell or carries entities; return whether the file holds formulas."""
    has_formulas, left, others = False, MAX_MARKS, MAX_OTHER_MARKS
    try:
        for content in archives.contents(data):
            has_formulas = has_formulas or _FORMULA.search(content) is not None
            marks = content.count(b"<")
            left -= marks
            if left >= 0:
                others -= marks - sum(map(content.count, _MARKS_OF_CELLS))
            if left < 0 or others < 0 or content.count(b"<mergeCell ") > MAX_MERGED:
                raise archives.SwellingArchiveError
    except archives.SwellingArchiveError as error:
        raise NotATableError(UNPACKS_TOO_LARGE) from error
    except archives.UnsafeArchiveError as error:
        raise NotATableError(DAMAGED) from error
    return has_formulas


def _open_workbook(data: bytes, *, cached: bool) -> Any:
    import openpyxl  # takes long to load, and much memory

    with warnings.catch_warnings():
        # It warns of every part that it does not keep; nothing is written back here.
        warnings.filterwarnings("ignore", module="openpyxl")
        return openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=cached, keep_links=False
        )


def _rows(workbook: Any, index: int) -> Iterator[tuple[int, Any]]:
    sheet = workbook.worksheets[index]
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="openpyxl")
        for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            if number > MAX_LINES:
                raise NotATableError(TOO_MANY_LINES)
            yield number, row


def _content(cell: Any, *, uncached: bool) -> Content | None:
    value = cell.value
    if value is None:
        problem = "公式还没有算出结果；请用表格软件打开并保存一次，或直接填数值"
        return Content(None, problem=problem) if uncached else None
    if cell.data_type == "e":
        return Content(None, problem=f"单元格里是错误值 {value}，请改正公式或直接填数值")
    if isinstance(value, str):
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
        return Content(text) if text.strip() else None
    is_moment = hasattr(value, "hour") and hasattr(value, "year")
    return Content(value, clock=not is_moment or "h" in (cell.number_format or "").lower())
