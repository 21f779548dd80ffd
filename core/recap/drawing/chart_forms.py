"""The forms of charts: rows of bars, shares of a target, and columns by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from core.recap.drawing.chart_sheet import (
    GROUND,
    HATCHED,
    LINE,
    SERIES,
    SOLID,
    TEXT,
    WIDTH,
    Ink,
    Sheet,
    fitted,
    number_words,
    part_of,
    width_of,
)

if TYPE_CHECKING:
    from core.recap.model import Series

MOST_ROWS = 20
_EDGE = 4.0
_GAP = 6.0
_LABEL = 132.0  # the widest column of names: 13 letters
_BAR = 12.0
_PLOT = 58.0  # the height of a panel of columns
_FULL = Decimal(100)
_FARTHEST = Decimal(200)  # per cent of a target; a bar beyond is broken, its number stands


@dataclass(frozen=True, slots=True)
class _Row:
    """One category: its name in lines, and a value for each series."""

    name: tuple[str, ...]
    values: tuple[Decimal | None, ...]

    def height(self, bar: float) -> float:
        return max(bar * len(self.values), LINE * len(self.name)) + 8


def drawn(form: str, categories: Sequence[str], series: Sequence[Series], unit: str) -> Sheet:
    """Lay out and draw a chart of a form (`bars`, `columns`, `progress` or `pairs`)."""
    if not categories or not series:
        sheet = Sheet(LINE + 2 * _EDGE)
        sheet.write("没有数据", _EDGE, sheet.height / 2)
        return sheet
    if form == "columns":
        return _columns(categories, series, unit)
    return _Rows(form, categories, series, unit).sheet()


class _Rows:
    """Bars that lie: one row a category, one bar a series in it."""

    def __init__(
        self, form: str, categories: Sequence[str], series: Sequence[Series], unit: str
    ) -> None:
        self._form, self._unit, self._series = form, unit, series
        widest = max(width_of(name) for name in categories)
        self._label = min(_LABEL, widest + 2)
        rows = [
            _Row(fitted(name, self._label, lines=2), tuple(s.values[index] for s in series))
            for index, name in enumerate(categories)
        ]
        self._rows = _greatest(rows)
        self._left_out = len(rows) - len(self._rows)
        suffix = "%" if unit == "%" or form == "progress" else ""
        self._words = [[number_words(v, suffix) for v in row.values] for row in self._rows]
        numbers = max(width_of(word) for words in self._words for word in words)
        self._start = _EDGE + self._label + _GAP
        self._room = WIDTH - self._start - numbers - _GAP - _EDGE

    def _wholes(self) -> list[Decimal]:
        """What a full bar stands for, row by row.

        Rows without a common unit are each measured by themselves: 户 are not compared with 元.
        """
        peaks = [
            max((v for v in row.values if v is not None), default=Decimal(0)) for row in self._rows
        ]
        most = max(peaks)
        if self._form == "progress":
            return [min(max(most, _FULL), _FARTHEST)] * len(peaks)
        if self._form == "pairs" and not self._unit:
            return peaks
        return [most] * len(peaks)

    def sheet(self) -> Sheet:
        """Draw all of it."""
        legend = _legend(self._form, self._series, self._unit)
        top = _EDGE + (LINE + 6 if legend else 0)
        heights = [row.height(_BAR) for row in self._rows]
        foot = LINE + 2 if self._left_out else 0
        sheet = Sheet(top + sum(heights) + foot + _EDGE)
        _write_legend(sheet, legend)
        self._target(sheet, top, top + sum(heights))
        place = top
        for row, words, whole, height in zip(
            self._rows, self._words, self._wholes(), heights, strict=True
        ):
            self._draw_row(sheet, row, words, whole, place + height / 2)
            place += height
        sheet.line((self._start, top), (self._start, place))
        if self._left_out:
            sheet.write(f"其余{self._left_out}项见表", self._start, place + LINE / 2 + 1)
        return sheet

    def _target(self, sheet: Sheet, top: float, bottom: float) -> None:
        if self._form == "progress":
            line = self._start + self._room * part_of(_FULL, self._wholes()[0])
            sheet.line((line, top - 2), (line, bottom), dashed=True)

    def _draw_row(
        self, sheet: Sheet, row: _Row, words: Sequence[str], whole: Decimal, middle: float
    ) -> None:
        first = middle - LINE * (len(row.name) - 1) / 2
        for index, line in enumerate(row.name):
            sheet.write(line, self._start - _GAP, first + LINE * index, "right")
        top = middle - _BAR * len(row.values) / 2
        for index, (value, word) in enumerate(zip(row.values, words, strict=True)):
            end = self._draw_bar(sheet, value, whole, top + _BAR * index, _ink(index))
            sheet.write(word, self._start + end + _GAP, top + _BAR * (index + 0.5))

    def _draw_bar(
        self, sheet: Sheet, value: Decimal | None, whole: Decimal, top: float, ink: Ink
    ) -> float:
        """Draw one bar and tell where its number may begin."""
        length = self._room * part_of(value, whole)
        if self._form != "progress":
            sheet.area(self._start, top, length, _BAR, ink)
            return length
        full = self._room * part_of(_FULL, whole)
        sheet.area(self._start, top, full, _BAR, GROUND)
        sheet.area(self._start + full, top, length - full, _BAR, HATCHED)
        sheet.area(self._start, top, min(length, full), _BAR, SOLID)
        if value is not None and value > whole:
            sheet.gap(self._start + length - 16, top, _BAR)
        return max(length, full)


def _greatest(rows: list[_Row]) -> list[_Row]:
    """The rows with the greatest first value, still in their order, where there are too many."""
    if len(rows) <= MOST_ROWS:
        return rows
    order = sorted(range(len(rows)), key=lambda index: -(rows[index].values[0] or Decimal(0)))
    return [rows[index] for index in sorted(order[:MOST_ROWS])]


def _ink(index: int) -> Ink:
    return SERIES[index % len(SERIES)]


Legend = list[tuple[Ink | None, str]]


def _legend(form: str, series: Sequence[Series], unit: str) -> Legend:
    """What stands above the bars: keys to the hatching, and the unit."""
    if form == "progress":
        keys: Legend = [(SOLID, "已完成"), (GROUND, "距任务还差")]
        if any(v is not None and v > _FULL for each in series for v in each.values):
            keys.append((HATCHED, "超过任务的部分"))
        return [*keys, (None, "虚线：任务的100%")]
    keys = []
    if len(series) > 1:
        keys = [(_ink(index), each.label) for index, each in enumerate(series)]
    if unit and unit != "%":
        keys.append((None, f"单位：{unit}"))
    return keys


def _write_legend(sheet: Sheet, legend: Legend) -> None:
    place, middle = _EDGE, _EDGE + LINE / 2
    for ink, text in legend:
        if ink is not None:
            sheet.area(place, middle - 4.5, 18, 9, ink)
            place += 22
        room = WIDTH - _EDGE - place
        (line,) = fitted(text, room)
        sheet.write(line, place, middle)
        place += width_of(line) + 16


def _columns(categories: Sequence[str], series: Sequence[Series], unit: str) -> Sheet:
    """One panel a series, all above the same days; each has its own scale, and says its values."""
    pitch = (WIDTH - 2 * _EDGE) / max(len(categories), 8)
    panels = [_Panel(each, unit, pitch) for each in series]
    heights = [panel.height() for panel in panels]
    sheet = Sheet(_EDGE + sum(heights) + LINE + 2 + _EDGE)
    top = _EDGE
    for panel, height in zip(panels, heights, strict=True):
        panel.draw(sheet, top, top + height)
        top += height
    _write_days(sheet, categories, pitch, top + LINE / 2 + 2)
    return sheet


class _Panel:
    """The columns of one series."""

    def __init__(self, series: Series, unit: str, pitch: float) -> None:
        self._series, self._pitch = series, pitch
        self._title = f"{series.label}（{unit}）" if unit else series.label
        self._words = ["" if not v else number_words(v) for v in series.values]
        widest = max((width_of(word) for word in self._words), default=0.0)
        self._upright = widest > pitch - 1
        self._all = not self._upright or pitch >= TEXT + 1
        self._above = (widest if self._upright and self._all else LINE) + 4

    def height(self) -> float:
        return LINE + 4 + self._above + _PLOT + 6

    def draw(self, sheet: Sheet, top: float, bottom: float) -> None:
        """Draw title, columns and values, on a ground line."""
        (title,) = fitted(self._title, WIDTH - 2 * _EDGE)
        sheet.write(title, _EDGE, top + LINE / 2)
        ground = bottom - 6
        most = max((v for v in self._series.values if v is not None), default=Decimal(0))
        width = min(self._pitch * 0.7, 22.0)
        said = False
        for index, value in enumerate(self._series.values):
            middle = _EDGE + self._pitch * (index + 0.5)
            height = _PLOT * part_of(value, most)
            sheet.area(middle - width / 2, ground - height, width, height, SOLID)
            if self._all or (value == most and not said):
                said = said or value == most
                self._write(sheet, self._words[index], middle, ground - height)
        sheet.line((_EDGE, ground), (WIDTH - _EDGE, ground))

    def _write(self, sheet: Sheet, word: str, middle: float, top: float) -> None:
        if self._upright and self._all:
            sheet.write(word, middle, top - 2, upright=True)
            return
        half = width_of(word) / 2
        place = min(max(middle, _EDGE + half), WIDTH - _EDGE - half)
        sheet.write(word, place, top - LINE / 2 - 1, "center")


def _write_days(sheet: Sheet, categories: Sequence[str], pitch: float, middle: float) -> None:
    """Name as many columns as there is room for, the first among them, at even steps."""
    widest = max(width_of(name) for name in categories) + 8
    step = max(1, int(-(-widest // pitch)))
    for index in range(0, len(categories), step):
        half = width_of(categories[index]) / 2
        place = max(_EDGE + pitch * (index + 0.5), _EDGE + half)
        if place + half <= WIDTH:
            sheet.write(categories[index], place, middle, "center")
