"""The file that is handed out to be filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from core.spreadsheets.columns import MAX_ROWS, NO, YES, Column, Kind, letter
from core.spreadsheets.sources import CHOICES_TITLE, GUIDE_TITLE
from core.spreadsheets.values import MAX_TEXT
from core.spreadsheets.writing import (
    NUMBER_FORMATS,
    TEXT_FORMAT,
    heading_cell,
    new_workbook,
    saved,
    sheet_title,
    text_cell,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.datavalidation import DataValidation

LAST_ROW: Final = MAX_ROWS + 1
EXAMPLE_MARK: Final = "示例（只供参考，不会被导入）"
# Lengths that spreadsheet software sets for the message beside a cell.
_PROMPT_TITLE_LENGTH: Final = 32
_PROMPT_LENGTH: Final = 255

KIND_HINTS: Final[dict[Kind, str]] = {
    "text": f"文字，最多 {MAX_TEXT} 个字",
    "key": "编号：字母、数字、点、横线、下划线，最多 64 位，不重复",
    "count": "整数，不带单位",
    "money": "金额（元），最多两位小数",
    "day": "日期，例如 2026-5-17",
    "moment": "日期和时间，例如 2026-5-17 9:30",
    "choice": "从下拉列表里选",
    "flag": f"填“{YES}”或“{NO}”",
    "decimal": "数字，可以带小数，不带单位",
}


def template(title: str, columns: Sequence[Column], notes: Sequence[str] = ()) -> bytes:
    """Return an xlsx file to fill in: a sheet with the headings alone, and one that explains.

    Required columns have a * after their heading; choices drop down; `notes` are sentences for
    the sheet 说明, where the example stands too.
    """
    workbook = new_workbook()
    sheet = workbook.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"
    lists = [_options(column) for column in columns]
    for position, column in enumerate(columns, start=1):
        place = letter(position)
        sheet.column_dimensions[place].width = column.width
        sheet.column_dimensions[place].number_format = NUMBER_FORMATS[column.kind]
        validation = _validation(column, place, lists[position - 1])
        validation.add(f"{place}2:{place}{LAST_ROW}")
        sheet.data_validations.append(validation)
    sheet.append([heading_cell(sheet, _marked(column)) for column in columns])
    _explain(workbook.create_sheet(GUIDE_TITLE), title, columns, notes)
    if any(lists):
        _list_options(workbook.create_sheet(CHOICES_TITLE), lists)
    return saved(workbook)


def _marked(column: Column) -> str:
    return f"{column.label} *" if column.required else column.label


def _options(column: Column) -> list[str]:
    return [YES, NO] if column.kind == "flag" else list(column.choices)


def _hint(column: Column) -> str:
    return column.hint or KIND_HINTS[column.kind]


def _validation(column: Column, place: str, options: Sequence[str]) -> DataValidation:
    """Return the drop-down list of a column, or for another column the hint alone."""
    from openpyxl.worksheet.datavalidation import DataValidation

    validation = DataValidation(
        showInputMessage=True,
        promptTitle=column.label[:_PROMPT_TITLE_LENGTH],
        prompt=_hint(column)[:_PROMPT_LENGTH],
        allow_blank=True,
    )
    if options:
        validation.type = "list"
        # By reference: a list in the rule itself holds 255 characters and no comma.
        validation.formula1 = f"'{CHOICES_TITLE}'!${place}$1:${place}${len(options)}"
        validation.showErrorMessage = True
        validation.errorTitle = column.label[:_PROMPT_TITLE_LENGTH]
        validation.error = "请从下拉列表里选"
    return validation


def _list_options(sheet: Any, lists: Sequence[Sequence[str]]) -> None:
    """Write each column's options into the same column of a hidden sheet."""
    sheet.sheet_state = "hidden"
    for index in range(max(len(options) for options in lists)):
        sheet.append(
            [
                text_cell(sheet, options[index]) if index < len(options) else None
                for options in lists
            ]
        )


def _explain(sheet: Any, title: str, columns: Sequence[Column], notes: Sequence[str]) -> None:
    from openpyxl.styles import Alignment, Font

    for position, width in enumerate((20, 10, 48, 24), start=1):
        sheet.column_dimensions[letter(position)].width = width
    sheet.column_dimensions["A"].number_format = TEXT_FORMAT
    name = text_cell(sheet, title)
    name.font = Font(bold=True, size=14)
    sheet.append([name])
    for note in (*notes, f"带 * 的列必填；一行一条，最多 {MAX_ROWS:,} 行；不要改动表头。"):
        sheet.append([text_cell(sheet, note)])
    sheet.append([])
    sheet.append([heading_cell(sheet, label) for label in ("列名", "必填", "怎么填", EXAMPLE_MARK)])
    for column in columns:
        options = "、".join(_options(column))
        how = f"{_hint(column)}：{options}" if column.kind == "choice" else _hint(column)
        cells = [
            text_cell(sheet, text)
            for text in (column.label, YES if column.required else "", how, column.example)
        ]
        cells[2].alignment = Alignment(vertical="top", wrap_text=True)
        sheet.append(cells)
