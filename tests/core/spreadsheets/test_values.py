from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.spreadsheets import read
from tests.core.spreadsheets.samples import (
    ALL,
    CASH,
    COUNT,
    DAY,
    DONE,
    KEY,
    KIND,
    MOMENT,
    NAME,
    PHONE,
    RATE,
    SHANGHAI,
    csv_of,
    error_of,
    value_of,
    wall,
    workbook_of,
)


@pytest.mark.parametrize("file", ["x.xlsx", "x.csv"])
@pytest.mark.parametrize(
    ("column", "content", "value"),
    [
        (NAME, " 张三\u3000", "张三"),
        (NAME, "买买提·吐尔逊", "买买提·吐尔逊"),
        (NAME, "𠮷䶮", "𠮷䶮"),
        (NAME, "\ufeff\u200b张三\u202e", "张三"),
        (NAME, "一\r\n二", "一\n二"),
        (NAME, "あ" * 500, "あ" * 500),
        (PHONE, "13800138000", "13800138000"),
        (PHONE, "0377-6312345", "0377-6312345"),
        (PHONE, "011010519491231002X", "011010519491231002X"),
        (COUNT, "3", 3),
        (COUNT, "１２", 12),
        (COUNT, "1,234", 1234),
        (COUNT, "12.0", 12),
        (COUNT, "0", 0),
        (CASH, "500", 50000),
        (CASH, "500.5", 50050),
        (CASH, "1,234.50", 123450),
        (CASH, "1，234.50", 123450),
        (CASH, "￥500", 50000),
        (CASH, "¥ 500.00 元", 50000),
        (CASH, "５００元整", 50000),
        (CASH, "0.01", 1),
        (CASH, "9999999999999.99", 999999999999999),
        (DAY, "2026/5/17", date(2026, 5, 17)),
        (DAY, "2026-5-17", date(2026, 5, 17)),
        (DAY, "2026-05-17", date(2026, 5, 17)),
        (DAY, "2026.5.17", date(2026, 5, 17)),
        (DAY, "2026年5月17日", date(2026, 5, 17)),
        (DAY, "2026 年 5 月 17 号", date(2026, 5, 17)),
        (DAY, "２０２６年５月１７日", date(2026, 5, 17)),
        (DAY, "20260517", date(2026, 5, 17)),
        (MOMENT, "2026-5-17 9:30", datetime(2026, 5, 17, 1, 30, tzinfo=UTC)),
        (MOMENT, "2026/05/17 09:30:15", datetime(2026, 5, 17, 1, 30, 15, tzinfo=UTC)),
        (MOMENT, "2026年5月17日9时30分", datetime(2026, 5, 17, 1, 30, tzinfo=UTC)),
        (MOMENT, "2026年5月17日 下午3点", datetime(2026, 5, 17, 7, 0, tzinfo=UTC)),
        (MOMENT, "2026-5-17 上午9：30", datetime(2026, 5, 17, 1, 30, tzinfo=UTC)),
        (MOMENT, "2026-05-17T09:30:00+08:00", datetime(2026, 5, 17, 1, 30, tzinfo=UTC)),
        (MOMENT, "2026-05-17T01:30:00Z", datetime(2026, 5, 17, 1, 30, tzinfo=UTC)),
        (MOMENT, "2026-05-17 0:00", datetime(2026, 5, 16, 16, 0, tzinfo=UTC)),
        (KIND, "户", "household"),
        (KIND, " 个 人 ", "person"),
        (DONE, "是", True),
        (DONE, "√", True),
        (DONE, "否", False),
        (DONE, "true", True),
        (DONE, "０", False),
        (RATE, "12.5", Decimal("12.5")),
        (RATE, "0.123456", Decimal("0.123456")),
    ],
)
def test_text_is_read_by_the_kind_of_its_column(file, column, content, value):
    assert value_of(column, content, file) == value


@pytest.mark.parametrize("written", ["r1", " ｒ１ ", "r 1"])
def test_a_key_is_read_without_what_does_not_belong_in_it(written):
    sheet = read(csv_of([["编号"], [written]]), "x.csv", (KEY,))
    assert sheet.errors == []
    assert sheet.rows[0].values == {"key": "r1"}


@pytest.mark.parametrize(
    ("column", "content", "number_format", "value"),
    [
        (PHONE, 13800138000, None, "13800138000"),
        (PHONE, 12.0, None, "12"),
        (PHONE, 12.5, None, "12.5"),
        (PHONE, True, None, "是"),
        (PHONE, wall(2026, 5, 17), "yyyy-mm-dd", "2026-05-17"),
        (COUNT, 12.0, None, 12),
        (CASH, 500, None, 50000),
        (CASH, 0.1 + 0.2, None, 30),
        (CASH, 1234.56, "#,##0.00", 123456),
        (DAY, wall(2026, 5, 17), "yyyy-mm-dd", date(2026, 5, 17)),
        (DAY, date(2026, 5, 17), None, date(2026, 5, 17)),
        (DAY, 20260517, None, date(2026, 5, 17)),
        (
            MOMENT,
            wall(2026, 5, 17, 9, 30),
            "yyyy-mm-dd hh:mm",
            datetime(2026, 5, 17, 1, 30, tzinfo=UTC),
        ),
        (
            MOMENT,
            wall(2026, 5, 17),
            "yyyy-mm-dd hh:mm",
            datetime(2026, 5, 16, 16, 0, tzinfo=UTC),
        ),
        (DONE, True, None, True),
        (DONE, 0, None, False),
        (RATE, 0.125, None, Decimal("0.125")),
        (RATE, 1e-5, None, Decimal("0.00001")),
    ],
)
def test_typed_cells_are_read_by_the_kind_of_their_column(column, content, number_format, value):
    assert value_of(column, content, number_format=number_format) == value


def test_a_number_in_a_key_column_is_the_key_as_shown():
    data = workbook_of([["编号"], [12.0], [7]])
    assert [row.values["key"] for row in read(data, "x.xlsx", (KEY,)).rows] == ["12", "7"]


@given(st.datetimes(wall(1950, 1, 1), wall(2099, 12, 31)))
@settings(max_examples=30, deadline=None)
def test_the_fraction_of_a_day_is_read_to_the_second(moment):
    local = moment.replace(microsecond=0)
    read_back = value_of(MOMENT, local, number_format="yyyy-mm-dd hh:mm:ss")
    assert read_back == local.replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("column", "content", "message"),
    [
        (PHONE, "1.38E+10", "末尾几位已丢失"),
        (NAME, "字" * 501, "最多 500 个字，现在有 501 个"),
        (COUNT, "三", "只填数字、不带单位，现在是“三”"),
        (COUNT, "3户", "只填数字、不带单位"),
        (COUNT, "2.5", "要填整数"),
        (COUNT, "-1", "不能是负数"),
        (COUNT, "－１", "不能是负数"),
        (COUNT, "1,23", "只填数字"),
        (COUNT, "1.38E+10", "只填数字"),
        (COUNT, "٣", "只填数字"),
        (COUNT, "9" * 16, "最多 15 位"),
        (CASH, "12.345", "最多两位小数"),
        (CASH, "500.000", "最多两位小数"),
        (CASH, "-5", "不能是负数"),
        (CASH, "￥-5", "不能是负数"),
        (CASH, "（500）", "不能是负数"),
        (CASH, "1.5万元", "请换算成元，只填数字"),
        (CASH, "五百", "只填数字"),
        (CASH, "NaN", "只填数字"),
        (CASH, "Infinity", "只填数字"),
        (CASH, ".5", "只填数字"),
        (RATE, "-0.5", "不能是负数"),
        (RATE, "50%", "只填数字"),
        (DAY, "2026-2-30", "没有这一天"),
        (DAY, "26-5-17", "日期看不懂"),
        (DAY, "2026-5/17", "日期看不懂"),
        (DAY, "5月17日", "日期看不懂"),
        (DAY, "46159", "日期看不懂"),
        (DAY, "1026-05-17", "年份应在 1900 到 2100 之间"),
        (DAY, "2026-5-17 9:30", "不带时间"),
        (MOMENT, "2026-5-17", "没有时间"),
        (MOMENT, "2026-5-17 25:00", "没有这个时间"),
        (MOMENT, "2026-5-179:30", "时间看不懂"),
        (MOMENT, "2026-13-17 9:30", "没有这一天"),
        (MOMENT, "2026-05-17T09:30+99:00", "没有这个时区"),
        (MOMENT, "9:30", "时间看不懂"),
        (KIND, "家", "“家”不在可选项里，请选：户、个人、机构"),
        (KIND, "household", "不在可选项里"),
        (DONE, "大概", "请填“是”或“否”"),
    ],
)
@pytest.mark.parametrize("file", ["x.xlsx", "x.csv"])
def test_what_cannot_be_read_is_an_error_at_its_cell(file, column, content, message):
    assert message in error_of(column, content, file)


@pytest.mark.parametrize(
    ("column", "content", "number_format", "message"),
    [
        (PHONE, 110105194912310021, None, "末尾几位已丢失"),
        (PHONE, 1.10105194912310e17, None, "末尾几位已丢失"),
        (COUNT, 2.5, None, "要填整数"),
        (COUNT, -1, None, "不能是负数"),
        (COUNT, True, None, "要填数字"),
        (CASH, 12.345, None, "最多两位小数"),
        (CASH, wall(2026, 5, 17), "yyyy-mm-dd", "要填数字"),
        (CASH, 1e20, None, "最多 15 位"),
        (DAY, wall(2026, 5, 17, 9, 30), "yyyy-mm-dd hh:mm", "不带时间"),
        (DAY, timedelta(hours=3), "[h]:mm", "日期看不懂"),
        (DAY, wall(9999, 12, 31), "yyyy-mm-dd", "年份"),
        (MOMENT, wall(2026, 5, 17), "yyyy-mm-dd", "没有时间"),
        (MOMENT, 46159.5, None, "时间看不懂"),
    ],
)
def test_a_cell_of_the_wrong_type_is_an_error(column, content, number_format, message):
    assert message in error_of(column, content, number_format=number_format)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("编 号 一", "编号只能用字母"),
        ("a" * 65, "编号只能用字母"),
        (wall(2026, 1, 2), "改成了日期"),
        (True, "改成了日期"),
        (1234567890123456, "末尾几位已丢失"),
    ],
)
def test_what_is_no_key_is_an_error(content, message):
    sheet = read(workbook_of([["编号"], [content]]), "x.xlsx", (KEY,))
    assert [error.cell for error in sheet.errors] == ["A2"]
    assert message in sheet.errors[0].message


def test_an_optional_blank_is_none_and_a_required_blank_an_error():
    data = workbook_of([["编号", "姓名", "电话"], ["k", None, None], [None, " \u3000", "1"]])
    sheet = read(data, "x.xlsx", ALL)
    assert [row.values for row in sheet.rows] == [
        {
            "key": "k",
            **dict.fromkeys(
                ["phone", "members", "cash", "visited_on", "starts_at", "kind", "done", "rate"]
            ),
        },
        {
            "phone": "1",
            **dict.fromkeys(["members", "cash", "visited_on", "starts_at", "kind", "done", "rate"]),
        },
    ]
    assert [(error.cell, error.message) for error in sheet.errors] == [
        ("B2", "必填，不能空着"),
        ("A3", "必填，不能空着"),
        ("B3", "必填，不能空着"),
    ]
