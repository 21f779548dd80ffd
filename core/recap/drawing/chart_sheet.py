"""The paper a chart is drawn on: lengths in points from the upper left, one font, few inks.

matplotlib does the drawing. It is loaded when the first chart is drawn, because it takes longer to
load than the rest of the house together.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import pylopdf_fonts_zh_cn

from core.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

MILLIMETRES = 72 / 25.4
WIDTH = 156 * MILLIMETRES  # the width of text on A4 by GB/T 9704
TEXT = 10.0  # points: the least that is read with ease on paper
LINE = 13.0
PIXELS_PER_INCH = 220
LONGEST_NUMBER = 14

INK, QUIET, RULE = "#1a1a1a", "#3d3d3d", "#8c8c8c"
_MISSING = "〓"  # what a compositor sets where the letter is not in the case
_BLANK = re.compile(r"\s+")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>]*>\s*")
# How pictures are written is a setting of the whole process.
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Ink:
    """How an area is filled; every one has an outline, and they differ without any colour."""

    fill: str
    hatch: str | None = None


SOLID = Ink("#1f4e79")
HATCHED = Ink("#ffffff", "////")
DOTTED = Ink("#d9d9d9", "....")
GROUND = Ink("#ffffff")
SERIES = (SOLID, HATCHED, DOTTED)


@lru_cache(maxsize=1)
def _font() -> Any:
    from matplotlib.font_manager import get_font

    return get_font(str(pylopdf_fonts_zh_cn.sans_path()))


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    return frozenset(_font().get_charmap())


def printable(text: str) -> str:
    """Text on one line, with a mark for each letter that the font does not have."""
    line = _BLANK.sub(" ", text).strip()
    return "".join(letter if ord(letter) in _letters() else _MISSING for letter in line)


@lru_cache(maxsize=4096)
def width_of(text: str) -> float:
    """How wide a text is in points."""
    letters = _letters()
    wide = sum(
        1.0 if ord(letter) > 0x2E7F or ord(letter) not in letters else 0.0 for letter in text
    )
    narrow = "".join(letter for letter in text if ord(letter) <= 0x2E7F)
    return TEXT * (wide + sum(_advance(letter) for letter in narrow))


@lru_cache(maxsize=512)
def _advance(letter: str) -> float:
    """The width of a letter in ems, from the font itself."""
    from matplotlib.ft2font import LoadFlags

    font = _font()
    font.set_size(100, 72)
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / 100


def fitted(text: str, width: float, lines: int = 1) -> tuple[str, ...]:
    """Break a text into lines of a width; what is too long loses its middle, not its end.

    Names of offices begin alike and differ at their end.
    """
    text = printable(text)
    if width_of(text) <= width:
        return (text,)
    if lines > 1:
        cut = _fitting(text, width)
        rest = fitted(text[cut:], width, lines - 1)
        return (text[:cut], *rest)
    end = len(text) - _fitting(text[::-1], width * 0.6)
    start = _fitting(text, width - width_of(f"…{text[end:]}"))
    return (f"{text[:start]}…{text[end:]}",)


def _fitting(text: str, width: float) -> int:
    """How many of the first letters fit; always at least one."""
    taken = 0.0
    for count, letter in enumerate(text):
        taken += width_of(letter)
        if taken > width:
            return max(count, 1)
    return max(len(text), 1)


def number_words(value: Decimal | None, unit: str = "") -> str:
    """Write a value beside its bar as its table does; `—` for none, `见表` for one too long."""
    if value is None:
        return "—"
    text = plain(value)
    return f"{text}{unit}" if len(text) <= LONGEST_NUMBER else "见表"


def part_of(value: Decimal | None, whole: Decimal) -> float:
    """What part of the whole a value is, from 0 to 1; 0 for none."""
    if value is None or value <= 0 or whole <= 0:
        return 0.0
    return min(float(value / whole), 1.0)


class Sheet:
    """A white sheet of `WIDTH` × `height` points."""

    def __init__(self, height: float) -> None:
        from matplotlib.figure import Figure
        from matplotlib.font_manager import FontProperties

        self.height = height
        self._figure = Figure(figsize=(WIDTH / 72, height / 72), facecolor="white")
        self._axes = self._figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
        self._axes.set_axis_off()
        self._font = FontProperties(fname=str(pylopdf_fonts_zh_cn.sans_path()), size=TEXT)

    def area(self, left: float, top: float, width: float, height: float, ink: Ink) -> None:
        """Fill an area; nothing is drawn where it has no extent."""
        from matplotlib.patches import Rectangle

        if width <= 0 or height <= 0:
            return
        self._axes.add_patch(
            Rectangle(
                (left, top),
                width,
                height,
                facecolor=ink.fill,
                edgecolor=INK,
                hatch=ink.hatch,
                hatch_linewidth=0.9,
                linewidth=0.8,
            )
        )

    def line(
        self, start: tuple[float, float], end: tuple[float, float], *, dashed: bool = False
    ) -> None:
        """Draw a line: a rule of the ground, or a dashed one that means something."""
        self._axes.plot(
            (start[0], end[0]),
            (start[1], end[1]),
            color=INK if dashed else RULE,
            linewidth=1.2 if dashed else 0.6,
            linestyle=(0, (4, 2)) if dashed else "solid",
        )

    def gap(self, left: float, top: float, height: float) -> None:
        """Break a bar that goes on farther than the sheet."""
        from matplotlib.patches import Polygon

        corners = [(left, top + height + 1), (left + 4, top - 1), (left + 8, top - 1)]
        self._axes.add_patch(
            Polygon([*corners, (left + 4, top + height + 1)], facecolor="white", edgecolor="none")
        )

    def write(
        self,
        text: str,
        left: float,
        middle: float,
        align: Literal["left", "center", "right"] = "left",
        *,
        upright: bool = False,
    ) -> None:
        """Write one line about a middle; `upright` turns it to be read from below."""
        self._axes.text(
            left,
            middle,
            printable(text),
            ha="center" if upright else align,
            va="bottom" if upright else "center_baseline",
            rotation=90 if upright else 0,
            color=INK,
            fontproperties=self._font,
            parse_math=False,
        )

    def vector(self) -> bytes:
        """The sheet as SVG: the same bytes for the same drawing."""
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        drawn = io.BytesIO()
        with _LOCK, mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "tongxing"}):
            unsaid = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            FigureCanvasSVG(self._figure).print_svg(drawn, metadata=unsaid)
        return _DOCTYPE.sub(b"", drawn.getvalue())

    def pixels(self) -> bytes:
        """The sheet as PNG: the same bytes for the same drawing."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        drawn = io.BytesIO()
        with _LOCK:
            self._figure.set_dpi(PIXELS_PER_INCH)
            canvas = FigureCanvasAgg(self._figure)
            canvas.draw()
            _save(canvas.get_width_height(), bytes(canvas.buffer_rgba()), drawn)
        return drawn.getvalue()


def _save(size: tuple[int, int], drawn: bytes, into: io.BytesIO) -> None:
    """Write pixels as a PNG of few colours, which is a third as large and prints the same."""
    from PIL import Image

    image = Image.frombytes("RGBA", size, drawn).convert("RGB")
    image = image.quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    image.save(into, "PNG", dpi=(PIXELS_PER_INCH, PIXELS_PER_INCH), optimize=True)


def rows_of(height: float, count: int, top: float) -> Iterator[float]:
    """The tops of so many rows of one height."""
    return (top + height * index for index in range(count))
