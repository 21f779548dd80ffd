"""The cells of a Word table's rows, each merged cell once a row, as it is seen on paper.

python-docx goes up the rows for every merged cell and repeats a cell for every column it spans,
which a file from somebody else can make endless. Here a row costs what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

WIDEST: Final = 63  # columns: Word itself makes no more


class TooWideError(ValueError):
    """A cell says that it spans more columns than Word makes."""


def rows(table: Any) -> Iterator[list[Any]]:
    """Yield the cells of each row (elements ``w:tc``); one merged downwards stands in each."""
    above: dict[int, Any] = {}
    for row in table._tbl.tr_lst:  # noqa: SLF001 — the library's rows are what this replaces
        here: dict[int, Any] = {}
        found: list[Any] = []
        column = row.grid_before
        for cell in row.tc_lst:
            span = cell.grid_span
            if not 0 <= column <= WIDEST or not 0 < span <= WIDEST:
                raise TooWideError
            shown = above.get(column, cell) if cell.vMerge == "continue" else cell
            here |= dict.fromkeys(range(column, column + span), shown)
            if all(shown is not each for each in found):
                found.append(shown)
            column += span
        yield found
        above = here
