"""What a spreadsheet holds: columns as declared, rows and errors as read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Kind = Literal["text", "key", "count", "money", "day", "moment", "choice", "flag", "decimal"]

MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100
YES: Final = "是"
NO: Final = "否"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `label` is its Chinese heading, `name` the key of its values.

    Values by kind: text, key: str; count: int ≥ 0; money: int of 分 ≥ 0; day: date; moment: aware
    UTC datetime (written and read as Asia/Shanghai); choice: the code that `choices` gives for a
    Chinese label; flag: bool; decimal: Decimal ≥ 0. A blank cell of a column that is not required
    is None. `example` is text as a clerk would type it; `width` is in characters.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    example: str = ""
    width: int = 14

    def __post_init__(self) -> None:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(
                f"column {self.name}: choices belong to the kind choice, and to it only"
            )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: its number in the file, the values of its sound cells, the cells as text.

    `values` has every declared column but those with an error; `raw` the cells that are not blank.
    """

    number: int
    values: dict[str, Any]
    raw: dict[str, str]


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong at a cell. `column` is the column's name.

    Errors of the whole file have row 0 and the rest empty; those of a heading that is not there
    have no cell; those of a heading that nobody declared have no column.
    """

    row: int
    column: str
    cell: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read. Import `rows` only when `errors` is empty.

    `letters` tells where each declared column that the file has stands: its name and its letter.
    """

    rows: list[Row]
    errors: list[CellError]
    letters: Mapping[str, str] = field(default_factory=dict)

    def error(self, row: Row, column: Column, message: str) -> CellError:
        """What a rule beyond the cell's own form finds wrong there, for who reads `rows` on."""
        letter = self.letters.get(column.name, "")
        cell = f"{letter}{row.number}" if letter else ""
        return CellError(row.number, column.name, cell, column.label, message)


@dataclass(frozen=True, slots=True)
class Content:
    """A cell that is not blank, as the file holds it.

    `value` is str, bool, int, float or of datetime's kinds; `clock` tells whether a datetime is
    shown with its hour; `problem` is a Chinese sentence where there is no value to be had.
    """

    value: object
    clock: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file: its number and its cells that are not blank, by column from 1."""

    number: int
    cells: dict[int, Content]


class NotATableError(Exception):
    """The file as a whole cannot be read; the message is a Chinese sentence."""


def letter(position: int) -> str:
    """The letters of a column by its place, from 1: A to Z, AA and so on."""
    letters = ""
    while position:
        position, place = divmod(position - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def compact(text: str) -> str:
    """Return `text` with full-width forms made ordinary and without any white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def heading(text: str) -> str:
    """Return a heading as headings are compared: without the marks of a required column."""
    return re.sub(r"(\*|\(必填\))+$", "", compact(text))
