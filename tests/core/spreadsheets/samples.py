"""Columns and files that the tests of spreadsheets share."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from core.spreadsheets import Column, read

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHOICES = {"户": "household", "个人": "person", "机构": "institution"}

NAME = Column("name", "姓名", required=True, example="张三")
KEY = Column("key", "编号", "key", required=True)
PHONE = Column("phone", "电话")
COUNT = Column("members", "人数", "count")
CASH = Column("cash", "慰问金", "money")
DAY = Column("visited_on", "走访日期", "day")
MOMENT = Column("starts_at", "开始时间", "moment")
KIND = Column("kind", "类别", "choice", choices=CHOICES)
DONE = Column("done", "已送达", "flag")
RATE = Column("rate", "比例", "decimal")
ALL = (KEY, NAME, PHONE, COUNT, CASH, DAY, MOMENT, KIND, DONE, RATE)


def workbook_of(rows, formats=None, title="数据"):
    """Make an xlsx file with the library itself, as other software would."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    return saved(workbook)


def saved(workbook):
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def csv_of(rows, encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def one(column, content, file="x.xlsx", number_format=None):
    """Read one cell of `column`, beside a key so that the row is never blank."""
    rows = [["编号", column.label], ["k", content]]
    if file.endswith("csv"):
        sheet = read(csv_of(rows), file, (KEY, column))
    else:
        formats = {"B2": number_format} if number_format else {}
        sheet = read(workbook_of(rows, formats), file, (KEY, column))
    assert len(sheet.rows) == 1
    return sheet


def value_of(column, content, file="x.xlsx", number_format=None):
    sheet = one(column, content, file, number_format)
    assert sheet.errors == []
    return sheet.rows[0].values[column.name]


def error_of(column, content, file="x.xlsx", number_format=None):
    sheet = one(column, content, file, number_format)
    assert [(error.row, error.cell, error.column, error.label) for error in sheet.errors] == [
        (2, "B2", column.name, column.label)
    ]
    assert column.name not in sheet.rows[0].values
    return sheet.errors[0].message


def repacked(data, change):
    """Rewrite the parts of an archive through `change(name, content)`."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            archive.writestr(name, change(name, source.read(name)))
    return target.getvalue()


def sheet_xml(cells):
    """Make an xlsx file whose second row is the given XML, under the headings 编号 and 慰问金."""
    data = workbook_of([["编号", "慰问金"], ["k", 1]])

    def change(name, content):
        if name != "xl/worksheets/sheet1.xml":
            return content
        return re.sub(rb'<row r="2".*?</row>', f'<row r="2">{cells}</row>'.encode(), content)

    return repacked(data, change)


def wall(year, month, day, hour=0, minute=0):
    """Make a time as spreadsheets hold it: without a zone."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)
