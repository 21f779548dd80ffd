from __future__ import annotations

import openpyxl
import pytest

from core.spreadsheets import CellError, read
from tests.core.spreadsheets.samples import (
    CASH,
    COUNT,
    KEY,
    NAME,
    PHONE,
    csv_of,
    saved,
    sheet_xml,
    workbook_of,
)


def test_headings_in_any_order_below_a_title_with_the_marks_of_the_template():
    rows = [
        ["2026年慰问登记表"],
        [],
        ["电话", "姓 名（必填）", None, "编号 *"],
        [],
        ["1", "张三", None, "k1"],
        ["", " ", "", ""],
        ["2", "李四", None, "k2"],
    ]
    sheet = read(workbook_of(rows), "x.xlsx", (KEY, NAME, PHONE))
    assert sheet.errors == []
    assert [(row.number, row.values) for row in sheet.rows] == [
        (5, {"key": "k1", "name": "张三", "phone": "1"}),
        (7, {"key": "k2", "name": "李四", "phone": "2"}),
    ]


def test_a_rule_of_the_reader_names_the_cell_where_its_column_stands():
    sheet = read(workbook_of([["电话", "编号"], ["1", "k1"]]), "x.xlsx", (KEY, NAME, PHONE))
    (row,) = sheet.rows
    assert sheet.error(row, KEY, "重复") == CellError(2, "key", "B2", "编号", "重复")
    assert sheet.error(row, NAME, "没有").cell == ""


def test_headings_are_looked_for_in_ten_rows():
    found = read(workbook_of([["x"]] * 9 + [["编号"], ["k"]]), "x.xlsx", (KEY,))
    assert [row.values for row in found.rows] == [{"key": "k"}]
    lost = read(workbook_of([["x"]] * 10 + [["编号"], ["k"]]), "x.xlsx", (KEY,))
    assert lost.rows == []
    assert lost.errors == [CellError(0, "", "", "", "前 10 行里没有找到表头；表头应有：编号")]


@pytest.mark.parametrize("data", [b",,\n", "编 码,名字\n1,2\n".encode()])
def test_a_file_without_headings_is_one_error(data):
    sheet = read(data, "x.csv", (KEY, NAME))
    assert sheet.rows == []
    assert [error.message for error in sheet.errors] == [
        "前 10 行里没有找到表头；表头应有：编号、姓名"
    ]


def test_unknown_missing_and_repeated_headings_are_errors():
    rows = [["编号", "慰问金额", "电话", "电话", "备注"], ["k", "5", "1", "2", "x"]]
    sheet = read(csv_of(rows), "x.csv", (KEY, NAME, PHONE, CASH))
    assert [(error.row, error.cell, error.column, error.message) for error in sheet.errors] == [
        (1, "B1", "", "不认识的表头“慰问金额”，是不是“慰问金”？"),
        (1, "D1", "phone", "表头“电话”出现了不止一次，请只留一列"),
        (1, "E1", "", "不认识的表头“备注”，请删除这一列"),
        (1, "", "name", "缺少必填的列“姓名”"),
    ]
    assert [row.values for row in sheet.rows] == [{"key": "k", "phone": "1", "cash": None}]


def test_content_below_no_heading_is_an_error_once_a_column():
    rows = [["编号", ""], ["k1", "", "合计"], ["k2", "x", "5"], ["k3", "y"]]
    sheet = read(csv_of(rows), "x.csv", (KEY,))
    assert [error.cell for error in sheet.errors] == ["C2", "B3"]
    assert {error.message for error in sheet.errors} == {
        "这一列没有表头，不知道是什么内容；请补上表头或清空这一列"
    }


def test_the_sheet_with_the_headings_is_read():
    workbook = openpyxl.Workbook()
    workbook.create_sheet("封面", 0).append(["封面"])
    other = workbook.create_sheet("名单")
    other.append(["编号", "姓名"])
    other.append(["k", "张三"])
    sheet = read(saved(workbook), "x.xlsx", (KEY, NAME))
    assert sheet.errors == []
    assert [row.values for row in sheet.rows] == [{"key": "k", "name": "张三"}]


def test_a_formula_gives_its_cached_value():
    data = sheet_xml('<c r="A2" t="str"><f>"k"</f><v>k</v></c><c r="B2"><f>1+1</f><v>2</v></c>')
    sheet = read(data, "x.xlsx", (KEY, CASH))
    assert sheet.errors == []
    assert sheet.rows[0].values == {"key": "k", "cash": 200}


@pytest.mark.parametrize("cached", ["", "<v></v>", "<v/>"])
def test_a_formula_that_was_never_computed_is_an_error(cached):
    data = sheet_xml(
        f'<c r="A2" t="inlineStr"><is><t>k</t></is></c><c r="B2"><f>1+1</f>{cached}</c>'
    )
    sheet = read(data, "x.xlsx", (KEY, CASH))
    assert [(error.cell, error.message) for error in sheet.errors] == [
        ("B2", "公式还没有算出结果；请用表格软件打开并保存一次，或直接填数值")
    ]


def test_a_formula_whose_text_is_empty_is_a_blank_cell():
    data = sheet_xml(
        '<c r="A2" t="inlineStr"><is><t>k</t></is></c><c r="B2" t="str"><f>""</f><v></v></c>'
    )
    sheet = read(data, "x.xlsx", (KEY, CASH))
    assert sheet.errors == []
    assert sheet.rows[0].values == {"key": "k", "cash": None}


def test_a_formula_in_error_is_an_error():
    data = sheet_xml(
        '<c r="A2" t="inlineStr"><is><t>k</t></is></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    )
    sheet = read(data, "x.xlsx", (KEY, CASH))
    assert [(error.cell, error.message) for error in sheet.errors] == [
        ("B2", "单元格里是错误值 #DIV/0!，请改正公式或直接填数值")
    ]


def test_every_error_of_every_cell_is_reported_with_the_text_of_its_row():
    rows = [
        ["编号", "姓名", "人数", "慰问金"],
        ["a b 中", "张三", "x", "-1"],
        ["k", "", "2", "0.001"],
    ]
    sheet = read(csv_of(rows), "x.csv", (KEY, NAME, COUNT, CASH))
    assert [error.cell for error in sheet.errors] == ["A2", "C2", "D2", "B3", "D3"]
    assert [row.raw for row in sheet.rows] == [
        {"key": "a b 中", "name": "张三", "members": "x", "cash": "-1"},
        {"key": "k", "members": "2", "cash": "0.001"},
    ]
    assert [row.values for row in sheet.rows] == [{"name": "张三"}, {"key": "k", "members": 2}]
