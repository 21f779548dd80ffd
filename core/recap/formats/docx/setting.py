"""How wide words run, and what follows from it: a date under its issuer, columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.recap.formats.docx.measures import CHARACTERS, TABLE_SIZES, TEXT_WIDTH
from core.recap.formats.title_lines import width

_SLACK = 1.2
_LEAST, _ENOUGH = 5, 6  # characters of a column: so that its head can be read, and enough of words

if TYPE_CHECKING:
    from collections.abc import Sequence


def signature_indents(issuer: str, day: str) -> tuple[int, int]:
    """How far issuer and date stay from the right edge, in hundredths of a character.

    GB/T 9704, without a seal: the issuer ends 2 characters from the edge and the date begins 2 to
    the right of it; a date longer than the issuer ends 2 characters from the edge instead, and the
    issuer moves to the left so that the date still begins 2 to its right.
    """
    name, date = width(issuer), width(day)
    if date > name:
        return round(100 * (4 + date - name)), 200
    if name + 2 > CHARACTERS:  # the name fills lines of its own, and nothing can be reckoned
        return 200, 200
    return 200, round(100 * (name - date))


def column_need(text: str) -> float:
    """The width that a cell's words want, with room for a font whose digits run wider."""
    return width(text) * _SLACK


def table_size(widths: Sequence[float], numeric: Sequence[bool]) -> int:
    """The largest type of a table in which its numbers stand on one line.

    `widths` are what the columns' cells want, in characters.
    """
    needed = [
        max(wide, _LEAST) if number else min(wide, _ENOUGH)
        for wide, number in zip(widths, numeric, strict=True)
    ]
    for size in TABLE_SIZES:
        if sum(_twips(wide, size) for wide in needed) <= TEXT_WIDTH:
            return size
    return min(TABLE_SIZES)


def column_widths(widths: Sequence[float], size: int) -> list[int]:
    """Share the width of the text between columns, so that narrow ones keep what they need."""
    natural = [_twips(wide, size) for wide in widths]
    if sum(natural) <= TEXT_WIDTH:
        shared = [TEXT_WIDTH * one // sum(natural) for one in natural]
    else:
        shared = _levelled(natural)
    shared[0] += TEXT_WIDTH - sum(shared)
    return shared


def _levelled(natural: list[int]) -> list[int]:
    """Cut the widest columns down to one width, so that all fit."""
    left, waiting = TEXT_WIDTH, len(natural)
    for one in sorted(natural):
        if one * waiting > left:
            break
        left -= one
        waiting -= 1
    return [min(one, left // waiting) for one in natural]


def _twips(wide: float, size: int) -> int:
    """A column's width with the margins of its cells."""
    return round(max(wide, 2) * size * 10) + 190
