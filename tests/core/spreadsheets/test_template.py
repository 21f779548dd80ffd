from __future__ import annotations

import io

import openpyxl
import pytest

from core.spreadsheets import Column, read, template
from tests.core.spreadsheets.samples import (
    CASH,
    CHOICES,
    DAY,
    DONE,
    KEY,
    KIND,
)

COLUMNS = (
    Column("key", "编号", "key", required=True, example="k1"),
    Column("name", "姓名", required=True, hint="与身份证一致", example="=张三", width=20),
    KIND,
    Column("many", "去向", "choice", choices={f"去向，第{n}种": f"c{n}" for n in range(60)}),
    DONE,
    CASH,
    DAY,
)


def test_the_template_has_headings_and_nothing_else_to_import():
    data = template("慰问登记", COLUMNS, ["每户一行。"])
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    assert workbook.sheetnames == ["慰问登记", "说明", "选项"]
    sheet = workbook["慰问登记"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["编号 *", "姓名 *", "类别", "去向", "已送达", "慰问金", "走访日期"]
    ]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["B"].width == 20
    assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet.column_dimensions["G"].number_format == "yyyy-mm-dd"
    assert workbook["选项"].sheet_state == "hidden"
    result = read(data, "x.xlsx", COLUMNS)
    assert (result.rows, result.errors) == ([], [])


def test_the_template_drops_down_exactly_the_choices():
    workbook = openpyxl.load_workbook(io.BytesIO(template("慰问登记", COLUMNS)))
    sheet = workbook["慰问登记"]
    listed = {}
    for validation in sheet.data_validations.dataValidation:
        assert validation.showInputMessage
        if validation.type == "list":
            title, cells = validation.formula1.split("!")
            rows = workbook[title.strip("'")][cells.replace("$", "")]
            listed[str(validation.sqref)] = [cell.value for (cell,) in rows]
    assert listed == {
        "C2:C20001": ["户", "个人", "机构"],
        "D2:D20001": [f"去向，第{n}种" for n in range(60)],
        "E2:E20001": ["是", "否"],
    }


def test_the_guide_explains_each_column_and_marks_the_example():
    workbook = openpyxl.load_workbook(io.BytesIO(template("慰问登记", COLUMNS, ["每户一行。"])))
    rows = [tuple(cell.value for cell in row) for row in workbook["说明"].iter_rows()]
    assert rows[0][0] == "慰问登记"
    assert rows[1][0] == "每户一行。"
    assert ("列名", "必填", "怎么填", "示例（只供参考，不会被导入）") in rows
    assert ("姓名", "是", "与身份证一致", "=张三") in rows
    assert ("类别", None, "从下拉列表里选：户、个人、机构", None) in rows


def test_a_title_that_no_sheet_may_have_is_cut_to_one_that_it_may():
    workbook = openpyxl.load_workbook(io.BytesIO(template("a/b:" + "长" * 40, (KEY,))))
    assert workbook.sheetnames[0] == "a b " + "长" * 27


def test_a_column_with_choices_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="choices"):
        Column("kind", "类别", "choice")
    with pytest.raises(ValueError, match="choices"):
        Column("kind", "类别", "text", choices=CHOICES)
