from __future__ import annotations

import io
import re
from datetime import UTC, date
from decimal import Decimal

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.spreadsheets import read, template, write, write_csv
from tests.core.spreadsheets.samples import (
    ALL,
    CHOICES,
    KEY,
    NAME,
    SHANGHAI,
    saved,
    wall,
)

TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Cn"]),
    min_size=1,
    max_size=30,
)
DANGEROUS = st.sampled_from(
    ["=1+1", "+1", "-1", "@A1", "'=x", "''=x", "#N/A", "_x0041_", "TRUE", "1", "<&>"]
)
RECORDS = st.fixed_dictionaries(
    {
        "key": st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True),
        "name": st.one_of(TEXT, DANGEROUS),
    },
    optional={
        "phone": st.from_regex(r"1[0-9]{10}", fullmatch=True),
        "members": st.integers(0, 10**15 - 1),
        "cash": st.integers(0, 10**15 - 1),
        "visited_on": st.dates(date(1900, 1, 1), date(2100, 12, 31)),
        "starts_at": st.datetimes(wall(1901, 1, 1), wall(2100, 12, 31)).map(
            lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
        ),
        "kind": st.sampled_from(sorted(CHOICES.values())),
        "done": st.booleans(),
        "rate": st.decimals(0, 10**6, places=4),
    },
)


def plain_text(records):
    """Text in the form of a number that lost its digits is refused on reading, and rightly so."""
    return [
        record
        for record in records
        if not any(
            re.fullmatch(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,}", record[name])
            for name in ("key", "name")
        )
    ]


def complete(record):
    return {column.name: record.get(column.name) for column in ALL}


@given(st.lists(RECORDS, max_size=4).map(plain_text))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(records):
    for data, name in ((write("名单", ALL, records), "x.xlsx"), (write_csv(ALL, records), "x.csv")):
        sheet = read(data, name, ALL)
        assert sheet.errors == []
        assert [row.values for row in sheet.rows] == [complete(record) for record in records]


def typed_in(sheet, row, record):
    """Fill a row of the template as a clerk would, by heading."""
    labels = {code: label for label, code in CHOICES.items()}
    for position, column in enumerate(ALL, start=1):
        value = record.get(column.name)
        cell = sheet.cell(row, position)
        match column.kind:
            case _ if value is None:
                continue
            case "money":
                cell.value = Decimal(value) / 100
            case "choice":
                cell.value = labels[value]
            case "flag":
                cell.value = "是" if value else "否"
            case "moment":
                cell.value = value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
            case "day":
                cell.value = f"{value.year}/{value.month}/{value.day}"
            case _:
                cell.value = value
        if isinstance(cell.value, str):
            # Spreadsheet software writes such text with an escape, this library does not.
            cell.value = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", cell.value)
            cell.data_type = "s"


@given(st.lists(RECORDS, max_size=3).map(plain_text))
@settings(max_examples=40, deadline=None)
def test_a_filled_template_gives_the_values_back(records):
    workbook = openpyxl.load_workbook(io.BytesIO(template("名单", ALL)))
    for row, record in enumerate(records, start=2):
        typed_in(workbook["名单"], row, record)
    sheet = read(saved(workbook), "x.xlsx", ALL)
    assert sheet.errors == []
    assert [row.values for row in sheet.rows] == [complete(record) for record in records]


@given(st.binary(max_size=200), st.sampled_from(["x.xlsx", "x.csv", "x", "x.xls"]))
def test_no_bytes_whatever_raise(data, name):
    for content in (data, b"PK\x03\x04" + data):
        sheet = read(content, name, (KEY, NAME))
        assert sheet.rows == []
        assert sheet.errors


@given(st.lists(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(["编号", "人数", "1E5"])))))
def test_no_text_whatever_raises(rows):
    text = "\n".join(",".join(row) for row in rows)
    sheet = read(text.encode(errors="ignore"), "x.csv", ALL)
    assert all(error.message for error in sheet.errors)
