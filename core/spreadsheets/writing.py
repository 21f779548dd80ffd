"""Writing records to xlsx and csv: typed cells, and no text that could run as a formula.

openpyxl is loaded when the first workbook is made: it takes long to load, and much memory.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from core.spreadsheets.columns import NO, YES, Column, Kind, letter
from core.spreadsheets.moments import SHANGHAI

if TYPE_CHECKING:
    from openpyxl import Workbook

CREATOR: Final = "同行"
TEXT_FORMAT: Final = "@"
NUMBER_FORMATS: Final[dict[Kind, str]] = {
    "text": TEXT_FORMAT,
    "key": TEXT_FORMAT,
    "choice": TEXT_FORMAT,
    "flag": TEXT_FORMAT,
    "count": "0",
    "money": "0.00",
    "decimal": "General",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}

# Before 1900-03-01 spreadsheet software counts a 29 February 1900 that never was.
_FIRST_STORED_DAY: Final = date(1900, 3, 1)
_MAX_DIGITS: Final = 15
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# What csv readers may run, after any apostrophes: full-width signs count in Chinese versions.
_RUNS: Final = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")


def write(title: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return an xlsx file with a sheet `title`: a frozen heading and a row for each of `rows`.

    A row maps names of columns to values typed as `Column` says; None or absent is blank. Raises
    ValueError for a moment without a zone.
    """
    workbook = new_workbook()
    sheet = workbook.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"
    for position, column in enumerate(columns, start=1):
        sheet.column_dimensions[letter(position)].width = column.width
    sheet.append([heading_cell(sheet, column.label) for column in columns])
    try:
        for row in rows:
            sheet.append([_cell(sheet, column, row.get(column.name)) for column in columns])
        return saved(workbook)
    finally:
        if not sheet.closed:  # a row that raised: the sheet's file is still open
            sheet.close()


def write_csv(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the same as csv: UTF-8 with a byte order mark, lines ending in CRLF.

    Text that could run as a formula has an apostrophe before it, which `read` takes off again.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_harmless(column.label) for column in columns])
    for row in rows:
        writer.writerow([_harmless(_as_text(column, row.get(column.name))) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def new_workbook() -> Workbook:
    """Return an empty workbook whose rows are written one after the other, and not kept."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    workbook.properties.creator = CREATOR
    return workbook


def saved(workbook: Workbook) -> bytes:
    """Return the workbook as a file."""
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def sheet_title(title: str) -> str:
    """Return `title` as spreadsheet software allows it: 31 characters, some of them forbidden."""
    return re.sub(r"[\[\]:*?/\\']", " ", storable(title)).strip()[:31] or "数据"


def storable(text: str) -> str:
    """Return `text` without the characters that no xlsx file can hold."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain_cell(sheet: Any) -> Any:
    """Return an empty cell."""
    from openpyxl.cell import WriteOnlyCell

    return WriteOnlyCell(sheet)


def text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that is text whatever it looks like: `=1+1` is not a formula in it."""
    cell = plain_cell(sheet)
    # The library would read a leading = as a formula and #N/A as an error: the type is set after.
    cell.value = _ESCAPE.sub("_x005F_", storable(text))
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT
    # Editing the cell in a spreadsheet must not turn it into a formula either.
    cell.quotePrefix = _RUNS.match(text) is not None
    return cell


def heading_cell(sheet: Any, label: str) -> Any:
    """Return the cell of a heading."""
    cell = text_cell(sheet, label)
    cell.font, cell.fill, cell.alignment = _heading_style()
    return cell


@cache
def _heading_style() -> tuple[Any, Any, Any]:
    from openpyxl.styles import Alignment, Font, PatternFill

    return (
        Font(bold=True),
        PatternFill("solid", fgColor="E8EEF4"),
        Alignment(vertical="center", wrap_text=True),
    )


def _cell(sheet: Any, column: Column, value: Any) -> Any:
    if value is None or value == "":
        return None
    stored = _STORED.get(column.kind, _unchanged)(value)
    if isinstance(stored, date) and _day_of(stored) < _FIRST_STORED_DAY:
        return text_cell(sheet, _as_text(column, value))
    if isinstance(stored, Decimal) and len(stored.as_tuple().digits) > _MAX_DIGITS:
        return text_cell(sheet, _as_text(column, value))
    if column.kind in {"text", "key", "choice", "flag"}:
        return text_cell(sheet, _as_text(column, value))
    cell = plain_cell(sheet)
    cell.value = stored
    has_seconds = isinstance(stored, datetime) and stored.second
    cell.number_format = NUMBER_FORMATS[column.kind] + (":ss" if has_seconds else "")
    return cell


def _as_text(column: Column, value: Any) -> str:
    """Return the value as `read` takes it back."""
    match value:
        case None:
            text = ""
        case bool():
            text = YES if value else NO
        case datetime():
            local = _local(value)
            text = local.isoformat(" ", "seconds" if local.second else "minutes")
        case Decimal():
            text = f"{value:f}"
        case int() if column.kind == "money":
            text = f"{Decimal(value) / 100:.2f}"
        case str() if column.kind == "choice":
            text = next((label for label, code in column.choices.items() if code == value), value)
        case other:
            text = str(other)
    return text


def _harmless(text: str) -> str:
    plain = storable(text)
    return "'" + plain if _RUNS.match(plain) else plain


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be written")
    return moment.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)


def _day_of(stored: date) -> date:
    return stored.date() if isinstance(stored, datetime) else stored


def _unchanged(value: Any) -> Any:
    return value


_STORED: Final[dict[Kind, Callable[[Any], Any]]] = {
    "money": lambda cents: Decimal(cents) / 100,
    "count": Decimal,
    "decimal": Decimal,
    "moment": _local,
}
