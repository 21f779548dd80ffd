from __future__ import annotations

import io
import re
import struct
import zipfile

import openpyxl
import pytest

from core.spreadsheets import CellError, read, sources
from tests.core.spreadsheets.samples import (
    KEY,
    NAME,
    csv_of,
    repacked,
    sheet_xml,
    workbook_of,
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_the_encodings_and_delimiters_in_use(encoding, delimiter):
    text = delimiter.join(["编号", "姓名"]) + "\r\n" + delimiter.join(["k", '"𠮷,\n野"']) + "\r\n"
    sheet = read(text.encode(encoding), "名单.CSV", (KEY, NAME))
    assert sheet.errors == []
    assert [(row.number, row.values) for row in sheet.rows] == [
        (2, {"key": "k", "name": "𠮷,\n野"})
    ]


def test_content_tells_the_format_before_the_name_does():
    data = workbook_of([["编号"], ["k"]])
    assert [row.values for row in read(data, "x.csv", (KEY,)).rows] == [{"key": "k"}]


def truncated():
    return workbook_of([["编号"], ["k"]])[:-200]


def broken_sheet():
    return repacked(
        workbook_of([["编号"], ["k"]]),
        lambda name, content: content[:-40] if name.endswith("sheet1.xml") else content,
    )


def without_workbook():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "x")
    return file.getvalue()


def with_entities(encoding):
    declaration = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    )

    def change(name, content):
        if not name.endswith("sheet1.xml"):
            return content
        text = re.sub(r"^<\?xml.*?\?>", "", content.decode())
        return (declaration + text).encode(encoding)

    return repacked(workbook_of([["编号"], ["k"]]), change)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (bytes(100), "x.xlsx"),
        (b"\xff" * 100, "x.xlsx"),
        (b"PK\x03\x04garbage", "x.xlsx"),
        (truncated(), "x.xlsx"),
        (broken_sheet(), "x.xlsx"),
        (repacked(workbook_of([["编号"]]), lambda name, content: b""), "x.xlsx"),
        (with_entities("utf-8"), "x.xlsx"),
        (with_entities("utf-16"), "x.xlsx"),
        ("编号\n\0".encode(), "x.csv"),
        (sheet_xml('<c r="A2" t="s"><v>999</v></c>'), "x.xlsx"),
        (sheet_xml('<c r="A2"><v>abc</v></c>'), "x.xlsx"),
    ],
)
def test_a_damaged_file_is_one_error(data, name):
    sheet = read(data, name, (KEY,))
    assert sheet == type(sheet)([], [CellError(0, "", "", "", "不是有效的表格文件")])


def test_the_repacked_file_of_these_tests_is_sound_when_unchanged():
    data = repacked(workbook_of([["编号"], ["k"]]), lambda _name, content: content)
    assert [row.values for row in read(data, "x.xlsx", (KEY,)).rows] == [{"key": "k"}]


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "x.xlsx", "文件是空的"),
        (b"\xef\xbb\xbf\n\n", "x.csv", "文件是空的"),
        (b"hello", "x.xlsx", "其实是纯文字，请把扩展名改成 .csv"),
        (without_workbook(), "x.xlsx", "其实是压缩包，请先解开"),
        (b"\x89PNG\r\n\x1a\n", "x.csv", "其实是图片"),
        (b"<table><tr><td>1", "x.csv", "其实是网页"),
        (OLD + "Workbook".encode("utf-16-le"), "x.xls", "旧的 .xls 格式，请用 Excel 或 WPS 打开"),
        (OLD + "EncryptedPackage".encode("utf-16-le"), "x.xlsx", "有密码保护，请先在 Excel"),
        (b"\xff\xfe\x16\x7f", "x.csv", "文字编码应为 UTF-8 或 GB18030"),
        (b"a" * (10 * 1024 * 1024 + 1), "x.csv", "最大 10 MB"),
    ],
)
def test_a_file_that_is_refused_says_why(data, name, message):
    sheet = read(data, name, (KEY,))
    assert sheet.rows == []
    assert len(sheet.errors) == 1
    assert message in sheet.errors[0].message


def bomb(size, count=1):
    file = io.BytesIO(workbook_of([["编号"], ["k"]]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(count):
            archive.writestr(f"xl/part{number}.xml", bytes(size))
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [bomb(2 * 1024 * 1024), bomb(1024 * 1024, 65), bomb(1, 1001)],
    ids=["dense", "sum", "parts"],
)
def test_an_archive_that_would_swell_is_refused_before_it_is_opened(data, monkeypatch):
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_: pytest.fail("opened"))
    sheet = read(data, "x.xlsx", (KEY,))
    assert [error.message for error in sheet.errors] == [sources.UNPACKS_TOO_LARGE]


def test_an_archive_that_lies_about_its_sizes_is_damaged():
    data = bytearray(bomb(3 * 1024 * 1024))
    # Both headers of the part say that it holds one kilobyte.
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.rfind(signature, 0, data.rfind(b"xl/part0.xml") if offset == 24 else None)
        if offset == 22:
            start = data.rfind(signature, 0, data.find(b"xl/part0.xml"))
        struct.pack_into("<I", data, start + offset, 1024)
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        assert archive.getinfo("xl/part0.xml").file_size == 1024
    sheet = read(bytes(data), "x.xlsx", (KEY,))
    assert [error.message for error in sheet.errors] == ["不是有效的表格文件"]


def test_twenty_thousand_rows_are_read_and_one_more_is_refused():
    rows = [["编号"], *([f"k{number}"] for number in range(20_000))]
    sheet = read(csv_of(rows), "x.csv", (KEY,))
    assert len(sheet.rows) == 20_000
    assert sheet.errors == []
    sheet = read(csv_of([*rows, ["k"]]), "x.csv", (KEY,))
    assert sheet.rows == []
    assert [error.message for error in sheet.errors] == ["数据超过 20,000 行，请分成几个文件"]


@pytest.mark.parametrize("row", [60_000, 1_048_576, 10**15])
def test_a_row_far_below_is_refused_rather_than_lost(row):
    data = repacked(
        workbook_of([["编号"], ["k"]]),
        lambda name, content: (
            content.replace(b"</sheetData>", f'<row r="{row}"></row></sheetData>'.encode())
            if name.endswith("sheet1.xml")
            else content
        ),
    )
    sheet = read(data, "x.xlsx", (KEY,))
    assert [error.message for error in sheet.errors] == [sources.TOO_MANY_LINES]


def test_a_wrong_dimension_in_the_file_does_not_hide_rows():
    data = repacked(
        workbook_of([["编号", "姓名"], ["k", "张三"]]),
        lambda name, content: content.replace(b'ref="A1:B2"', b'ref="A1"'),
    )
    assert [row.values for row in read(data, "x.xlsx", (KEY, NAME)).rows] == [
        {"key": "k", "name": "张三"}
    ]
