from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from core.spreadsheets import read, write, write_csv
from tests.core.spreadsheets.samples import (
    ALL,
    MOMENT,
    NAME,
    wall,
)

RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"]


def test_text_never_becomes_a_formula_in_xlsx():
    data = write("名单", (NAME,), [{"name": text} for text in RISKY])
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    cells = [row[0] for row in workbook["名单"].iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * len(RISKY)
    assert all(cell.quotePrefix for cell in cells)
    assert [cell.value for cell in cells] == [text.replace("\r", "\n") for text in RISKY]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f" not in archive.read("xl/worksheets/sheet1.xml").replace(b"<formatCode", b"")


def test_text_never_becomes_a_formula_in_csv():
    data = write_csv((NAME,), [{"name": text} for text in RISKY])
    assert data.startswith("\ufeff姓名\r\n".encode())
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    assert [row[0] for row in rows] == ["'" + text.replace("\r", "\n") for text in RISKY]


def test_exported_cells_have_the_type_of_their_column():
    record = {
        "key": "007",
        "name": "张三",
        "members": 3,
        "cash": 50050,
        "visited_on": date(2026, 5, 17),
        "starts_at": datetime(2026, 5, 17, 1, 30, tzinfo=UTC),
        "kind": "household",
        "done": True,
        "rate": Decimal("12.5"),
    }
    sheet = openpyxl.load_workbook(io.BytesIO(write("名单", ALL, [record])))["名单"]
    assert [(cell.value, cell.number_format) for cell in sheet[2]] == [
        ("007", "@"),
        ("张三", "@"),
        (None, "General"),
        (3, "0"),
        (500.5, "0.00"),
        (wall(2026, 5, 17), "yyyy-mm-dd"),
        (wall(2026, 5, 17, 9, 30), "yyyy-mm-dd hh:mm"),
        ("户", "@"),
        ("是", "@"),
        (12.5, "General"),
    ]
    assert sheet.freeze_panes == "A2"


def test_characters_that_no_file_can_hold_are_left_out():
    records = [{"name": "张\x00\x0b三\ud800\ufffe"}]
    for data, name in (
        (write("名单", (NAME,), records), "x.xlsx"),
        (write_csv((NAME,), records), "x.csv"),
    ):
        assert [row.values for row in read(data, name, (NAME,)).rows] == [{"name": "张三"}]


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        write("名单", (MOMENT,), [{"starts_at": wall(2026, 5, 17)}])
