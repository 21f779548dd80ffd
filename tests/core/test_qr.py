from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from core.qr import qr_svg

SVG = "{http://www.w3.org/2000/svg}"
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def drawn_modules(svg: str) -> list[list[int]]:
    """Paint the path on a grid as large as the view box, quiet zone included."""
    root = ET.fromstring(svg)
    left, top, width, height = map(int, root.attrib["viewBox"].split())
    assert (left, top, width) == (0, 0, height)
    grid = [[0] * width for _ in range(height)]
    path = root.findall(f"{SVG}path")[0].attrib["d"]
    assert RUN.sub("", path) == ""
    for column, row, length, back in RUN.findall(path):
        assert length == back
        for offset in range(int(length)):
            grid[int(row)][int(column) + offset] += 1
    return grid


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120))
def test_what_is_drawn_is_the_code_of_the_text_in_a_quiet_zone_of_four(text: str) -> None:
    expected = segno.make_qr(text, error="m").matrix_iter(border=4)
    assert drawn_modules(qr_svg(text)) == [list(row) for row in expected]


def test_a_feed_address_takes_colour_from_the_page_and_needs_no_inline_style() -> None:
    svg = qr_svg("https://example.org/feeds/abcdefghijklmnop.ics", title="订阅 <一区&二区> 的日历")
    root = ET.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert [child.tag for child in root] == [f"{SVG}title", f"{SVG}path"]
    assert root[0].text == "订阅 <一区&二区> 的日历"
    assert root[1].attrib["fill"] == "currentColor"
    assert all("style" not in element.attrib for element in root.iter())


def test_text_that_no_code_holds_is_refused() -> None:
    with pytest.raises(segno.DataOverflowError):
        qr_svg("残" * 1500)


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(ValueError, match="不能为空"):
        qr_svg("")
