"""Charts, drawn once and alike in every format, legible in black and white.

A chart is 156 mm wide, as wide as the text of a document by GB/T 9704, with letters of 10 points.
Values stand beside their bars; areas differ by hatching, never by colour alone. The title and the
table are not in the picture: whoever draws the document sets them beside it.

Drawing in the process that asks loads what draws, 70 MB that stay: a server has it done by
``core.recap.drawing.apart``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from core.recap.drawing.chart_forms import drawn
from core.recap.drawing.chart_sheet import MILLIMETRES, WIDTH

if TYPE_CHECKING:
    from core.recap.model import Chart, Series

_KEPT = 64
WIDTH_MM = WIDTH / MILLIMETRES
Numbers = tuple[str, tuple[str, ...], "tuple[Series, ...]", str]
"""What a chart is drawn from: its form, its categories, its series and their unit."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as pictures. The PNG is in pixels of 220 to the inch, the SVG holds no text.

    Few formats want pixels, which take as long again and far more memory: they are drawn when they
    are asked for, and in the process that asks.
    """

    svg: bytes
    width_mm: float
    height_mm: float
    of: Numbers

    @property
    def png(self) -> bytes:
        """The same in pixels."""
        return _pixels(*self.of)


Drawings = Mapping[Numbers, Drawing]
"""Those of a document; one that could not be drawn is not among them."""


def numbers_of(chart: Chart) -> Numbers:
    """What a chart is drawn from: charts of the same numbers are the same picture."""
    return chart.form, chart.categories, chart.series, chart.unit


def draw(chart: Chart) -> Drawing:
    """Draw a chart: the same bytes for the same numbers, kept for when it is asked for again."""
    return _drawing(*numbers_of(chart))


def vector(numbers: Numbers) -> tuple[bytes, float]:
    """A chart as SVG, and its height in millimetres; drawn anew each time."""
    sheet = drawn(*numbers)
    return sheet.vector(), sheet.height / MILLIMETRES


@lru_cache(maxsize=_KEPT)
def _drawing(
    form: str, categories: tuple[str, ...], series: tuple[Series, ...], unit: str
) -> Drawing:
    numbers = form, categories, series, unit
    svg, height = vector(numbers)
    return Drawing(svg, WIDTH_MM, height, numbers)


@lru_cache(maxsize=_KEPT)
def _pixels(form: str, categories: tuple[str, ...], series: tuple[Series, ...], unit: str) -> bytes:
    return drawn(form, categories, series, unit).pixels()
