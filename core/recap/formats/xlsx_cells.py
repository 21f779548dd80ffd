"""Cells of the recap's workbook: numbers that stay numbers, text that stays text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from core.recap.formats.title_lines import width
from core.spreadsheets.writing import heading_cell, text_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openpyxl import Workbook

# Spreadsheet software keeps 15 significant digits and makes zeros of all behind them.
MOST_DIGITS: Final = 15
PERCENT: Final = "0.00%"
_A4: Final = 9
_NARROWEST, _WIDEST = 8.0, 60.0
_LOOKED_AT = 200  # rows by which a column's width is reckoned


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a plain decimal text, with the format in which it is shown."""

    text: str
    format: str

    def is_exact(self) -> bool:
        """Tell whether spreadsheet software keeps every digit of it."""
        _, digits, _ = Decimal(self.text).normalize().as_tuple()
        return len(digits) <= MOST_DIGITS


@dataclass(frozen=True, slots=True)
class Indented:
    """Text set in by so many steps, such as an office below others."""

    text: str
    steps: int


Value = str | Number | Indented | None


def number(text: str | None, unit: str, aggregation: str, approximate: bool = False) -> Value:
    """A figure's value, target or part on record; None where there is none.

    Of the unit `%`, a ratio holds a quotient, and any other figure holds percents as they were
    reported. An approximate number stays a number and is shown with 约 before it.
    """
    if text is None:
        return None
    places = len(text.partition(".")[2])
    shown = f"0.{'0' * places}" if places else "0"
    if unit == "%":
        shown = PERCENT if aggregation == "ratio" else f'{shown}"%"'
    return Number(text, f'"约"{shown}' if approximate else shown)


def share(text: str | None) -> Value:
    """A quotient shown in percent; None where there is none."""
    return None if text is None else Number(text, PERCENT)


def add_sheet(
    workbook: Workbook, title: str, header: Sequence[str], rows: Sequence[Sequence[Value]]
) -> None:
    """Add a sheet with a bold, frozen and filtered head that is printed on every page.

    `title` must be one that spreadsheet software allows, and no other sheet's.
    """
    sheet: Any = workbook.create_sheet(title)
    sheet.freeze_panes = "B2"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"
    for position, wide in enumerate(_widths(header, rows), start=1):
        sheet.column_dimensions[get_column_letter(position)].width = wide
    sheet.append([heading_cell(sheet, name) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(rows) + 1}"


def _cell(sheet: Any, value: Value) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, Number) and value.is_exact():
        cell = WriteOnlyCell(sheet)
        cell.value = Decimal(value.text)
        cell.number_format = value.format
        return cell
    cell = text_cell(sheet, value if isinstance(value, str) else value.text)
    if isinstance(value, Indented):
        cell.alignment = Alignment(indent=value.steps)
    elif isinstance(value, Number):
        cell.alignment = Alignment(horizontal="right")
    else:
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _widths(header: Sequence[str], rows: Sequence[Sequence[Value]]) -> Iterable[float]:
    """How wide each column is, in digits: as its longest text, within limits."""
    for position, name in enumerate(header):
        texts = (_shown(row[position]) for row in rows[:_LOOKED_AT])
        longest = max((2 * width(text) for text in texts), default=0.0)
        yield min(max(_NARROWEST, width(name) + 3, longest + 2), _WIDEST)


def _shown(value: Value) -> str:
    match value:
        case Number(text):
            return f"约{text}"
        case Indented(text, steps):
            return f"{'　' * steps}{text}"
        case _:
            return value or ""
