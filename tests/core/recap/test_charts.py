"""Charts as pictures: the same bytes each time, nothing fetched, and no meaning by colour alone."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from PIL import Image

from core.recap.drawing import charts
from core.recap.drawing.chart_forms import MOST_ROWS
from core.recap.drawing.chart_sheet import (
    DOTTED,
    GROUND,
    HATCHED,
    SOLID,
    Ink,
    Sheet,
    fitted,
    number_words,
    printable,
    width_of,
)
from core.recap.model import Chart, Series, Table

NOWHERE = Table("表", (), ())
LONG = "某某省某某自治州某某县某某民族乡残疾人联合会甲村"


def chart(form: str, categories: tuple[str, ...], *series: Series, unit: str = "人") -> Chart:
    return Chart("k", "标题", form, categories, series, unit, "", NOWHERE)  # type: ignore[arg-type]


def series(label: str, *values: str | None) -> Series:
    return Series(label, tuple(None if v is None else Decimal(v) for v in values))


def pixels(drawing: charts.Drawing) -> Image.Image:
    return Image.open(io.BytesIO(drawing.png)).convert("L")


SAMPLES = [
    chart("bars", ("甲旗残联", LONG, "丙$x$_{2}^2"), series("走访", "120", None, "3.5")),
    chart("progress", ("甲", "乙", "丙"), series("完成率", "94.33", "240", "0"), unit="%"),
    chart(
        "pairs", ("慰问金", "人数"), series("今年", "9", "1"), series("去年", "7", None), unit=""
    ),
    chart("columns", tuple(f"5月{n}日" for n in range(1, 32)), series("次", *map(str, range(31)))),
    chart("bars", (), series("无")),
    chart("bars", ("甲",), series("极大", "9" * 400)),
    chart("columns", ("5月1日",), series("全零", "0"), series("没有", None)),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.form}{len(sample.series)}")
def test_the_same_numbers_give_the_same_bytes_without_anything_from_outside(sample: Chart) -> None:
    drawing = charts.draw(sample)
    charts._drawing.cache_clear()
    again = charts.draw(sample)
    assert again is not drawing
    assert again == drawing
    root = ET.fromstring(drawing.svg)
    assert b"<!DOCTYPE" not in drawing.svg
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
    for element in root.iter():
        for name, value in element.attrib.items():
            if name.endswith("href"):
                assert value.startswith("#")
            assert "http" not in value
    wide, high = pixels(drawing).size
    assert drawing.width_mm == pytest.approx(156)
    assert wide / high == pytest.approx(drawing.width_mm / drawing.height_mm, rel=0.01)
    assert wide >= 156 / 25.4 * 200


def test_other_numbers_give_another_picture_and_the_title_gives_none() -> None:
    first = chart("bars", ("甲",), series("人", "1"))
    assert charts.draw(chart("bars", ("甲",), series("人", "2"))) != charts.draw(first)
    assert charts.draw(replace(first, key="z", title="别的")) is charts.draw(first)


def test_areas_differ_in_grey_and_each_has_an_outline() -> None:
    """By how much of them is dark, and by whether they are even: neither needs a colour."""
    looks: dict[Ink, tuple[float, bool]] = {}
    for ink in (SOLID, HATCHED, DOTTED, GROUND):
        sheet = Sheet(60)
        sheet.area(20, 10, 100, 40, ink)
        png = sheet.pixels()
        grey = Image.open(io.BytesIO(png)).convert("L")
        scale = grey.width / 442.2
        inner = grey.crop((int(30 * scale), int(15 * scale), int(110 * scale), int(45 * scale)))
        found = list(inner.tobytes())
        looks[ink] = (sum(found) / len(found), max(found) - min(found) > 60)
        assert min(grey.crop((int(18 * scale), 60, int(22 * scale), 62)).tobytes()) < 90
    for (mean, uneven), (other, other_uneven) in combinations(looks.values(), 2):
        assert uneven != other_uneven or abs(mean - other) > 25


def test_lengths_are_in_proportion() -> None:
    """Read back from the picture: dark pixels in the middle of each bar."""
    picture = pixels(charts.draw(chart("bars", ("甲", "乙"), series("人", "100", "25"), unit="")))
    lengths = [max(_runs(picture, row)) for row in range(picture.height)]
    longest, shortest = max(lengths), max(lengths[picture.height * 3 // 4 - 8 :])
    assert shortest / longest == pytest.approx(0.25, abs=0.02)


def _runs(picture: Image.Image, row: int) -> list[int]:
    line = picture.crop((0, row, picture.width, row + 1)).tobytes()
    runs, current = [0], 0
    for value in line:
        current = current + 1 if value < 110 else 0
        runs.append(current)
    return runs


def test_too_many_rows_leave_the_smaller_ones_to_the_table() -> None:
    names = tuple(f"第{n}镇" for n in range(35))
    many = charts.draw(chart("bars", names, series("人", *map(str, range(35)))))
    kept = charts.draw(chart("bars", names[15:], series("人", *map(str, range(15, 35)))))
    assert len(names[15:]) == MOST_ROWS
    # The same rows, and one line more that says how many are not there.
    assert 3 < many.height_mm - kept.height_mm < 8


def test_names_are_broken_and_lose_their_middle_but_never_their_end() -> None:
    assert fitted("甲旗残联", 200) == ("甲旗残联",)
    first, second = fitted(LONG, 100, lines=2)
    assert (first + second).endswith("甲村")
    assert "…" in second
    assert max(width_of(first), width_of(second)) <= 100
    assert fitted("甲\n乙\t丙", 100) == ("甲 乙 丙",)


def test_letters_and_numbers_that_cannot_be_drawn_are_said_to_be_missing() -> None:
    assert printable("𠮷县") == "〓县"
    assert number_words(None) == "—"
    assert number_words(Decimal("12.50"), "%") == "12.5%"
    assert number_words(Decimal(10) ** 20) == "见表"
