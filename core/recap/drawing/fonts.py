"""The fonts that PDF files are set in, and what is done with characters that they do not hold.

The fonts are Noto Serif SC and Noto Sans SC in one weight, from the package pylopdf-fonts-zh-cn:
30,890 characters, 㛃 and 䶮 among them; rare ones such as 𠮷 are not. A character that is missing
must neither vanish from somebody's name nor stop the document: it is printed as a box that holds
its code point (as browsers do), with the character itself in the alternative text.
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, BinaryIO

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
_ALL_OF_UNICODE = 12
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
    serif = code_points(pylopdf_fonts_zh_cn.serif_path())
    return serif & code_points(pylopdf_fonts_zh_cn.sans_path())


def code_points(font: Path) -> frozenset[int]:
    """What an OpenType font holds, by its table ``cmap`` in format 12 (all of Unicode).

    Read here, because what else reads fonts takes 40 MB of a server that prints certificates.
    Raises ValueError for a font without such a table.
    """
    with font.open("rb") as file:
        table = _table(file, b"cmap")
    for place in range(4, 4 + 8 * int.from_bytes(table[2:4], "big"), 8):
        (start,) = struct.unpack_from(">4xI", table, place)
        if struct.unpack_from(">H", table, start) == (_ALL_OF_UNICODE,):
            (count,) = struct.unpack_from(">I", table, start + 12)
            groups = struct.iter_unpack(">III", table[start + 16 : start + 16 + 12 * count])
            return frozenset(
                code for first, last, glyph in groups for code in range(first, last + 1) if glyph
            )
    raise ValueError(f"{font} has no cmap of format {_ALL_OF_UNICODE}")


def _table(file: BinaryIO, name: bytes) -> bytes:
    """One table of a font, found by its directory."""
    (count,) = struct.unpack(">4xH6x", file.read(12))
    for tag, place, size in struct.iter_unpack(">4s4xII", file.read(16 * count)):
        if tag == name:
            file.seek(place)
            return file.read(size)
    raise ValueError(f"no table {name!r} in the font")
