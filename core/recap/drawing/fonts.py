"""The fonts that PDF files are set in, and what is done with characters that they do not hold.

The fonts are Noto Serif SC and Noto Sans SC in one weight, from the package pylopdf-fonts-zh-cn:
30,890 characters, 㛃 and 䶮 among them; rare ones such as 𠮷 are not. A character that is missing
must neither vanish from somebody's name nor stop the document: it is printed as a box that holds
its code point (as browsers do), with the character itself in the alternative text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_cn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERIF = "Noto Serif SC"
SANS = "Noto Sans SC"
# Formats (joiners, marks of direction, byte order) and variation selectors print nothing.
_SILENT = frozenset({"Cf", "Cc"})
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
# Unassigned, private and half characters mean nothing to a reader, so they are told by code alone;
# but ideographs may be younger than Python's own tables.
_UNREADABLE = frozenset({"Cn", "Co", "Cs"})
_IDEOGRAPHS = range(0x20000, 0x3FFFE)


@dataclass(frozen=True, slots=True)
class Absent:
    """A character that the fonts do not hold. `code` is its code point, such as `20BB7`."""

    code: str
    description: str


def folder() -> Path:
    """The directory of the font files."""
    return pylopdf_fonts_zh_cn.serif_path().parent


def pieces(text: str) -> Iterator[str | Absent]:
    """Cut a text into runs that can be set and the characters that cannot.

    Line breaks and tabs are set as spaces; characters that print nothing are left out.
    """
    held = _held()
    run: list[str] = []
    for character in text:
        if character in "\t\n\r\v\f\x85\u2028\u2029":
            run.append(" ")
        elif _is_silent(character):
            continue
        elif ord(character) in held:
            run.append(character)
        else:
            if run:
                yield "".join(run)
                run.clear()
            yield _absent(character)
    if run:
        yield "".join(run)


def _is_silent(character: str) -> bool:
    return unicodedata.category(character) in _SILENT or any(
        ord(character) in selectors for selectors in _SELECTORS
    )


def _absent(character: str) -> Absent:
    code = f"{ord(character):04X}"
    readable = ord(character) in _IDEOGRAPHS or unicodedata.category(character) not in _UNREADABLE
    spoken = f"{character}（U+{code}）" if readable else f"U+{code}"
    return Absent(code, f"字库没有的字：{spoken}")


@cache
def _held() -> frozenset[int]:
    """Code points that both fonts hold: a text may be set in either."""
    from matplotlib.font_manager import get_font

    serif = get_font(str(pylopdf_fonts_zh_cn.serif_path())).get_charmap()
    sans = get_font(str(pylopdf_fonts_zh_cn.sans_path())).get_charmap()
    return frozenset(serif) & frozenset(sans)
