"""The recap as a workbook: read back with a library, cell by cell, against the JSON recap."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from core import bundles, campaigns, reports
from core.permissions import SYSTEM
from core.process import Process
from core.recap import build
from core.recap.formats import xlsx
from core.recap.formats.as_json import report_as_json
from core.recap.model import Annex, AnnexEntry, Document
from tests.core.bundle_samples import campaign as sample
from tests.core.recap.test_pdf import paper
from tests.core.recap.test_renderers import figure

HOSTILE = "=HYPERLINK(1)"


def opened(document: Document, recap: dict[str, Any]) -> Workbook:
    return load_workbook(io.BytesIO(xlsx.render(document, recap)))


def rows(book: Workbook, title: str) -> list[dict[str, Any]]:
    """The rows of a sheet by the names of its head."""
    head, *below = book[title].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in below]


def one(metric: str = "a.b", value: str = "7", unit: str = "人", **fields: Any) -> dict[str, Any]:
    """A figure of the JSON recap."""
    return {
        "metric": metric, "label": "指标", "unit": unit, "aggregation": "sum", "value": value,
        "itemised": None, "evidence": None, "target": None, "completion": None,
        "approximate": False, **fields,
    }  # fmt: skip


def stated(*figures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A JSON recap of one office with these figures and no plugin."""
    return {
        "campaign": {"key": "c", "title": "第32次全国助残日"},
        "organisation": "city",
        "figures": list(figures),
        "by_organisation": {"city": list(figures)},
        "findings": [],
        "failed_plugins": [],
        "plugins": [],
        "organisations": [{"key": "city", "name": "某市残联", "parent": None, "level": "city"}],
        **changes,
    }


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("name", ["2022-city", "generated-1"])
async def test_every_figure_of_every_office_is_there_as_a_number(
    name: str, process: Process
) -> None:
    key = await bundles.import_document(sample(name), process.plugins, process.catalogue, SYSTEM)
    report = await reports.read(await campaigns.find(key), None, process.plugins, process.catalogue)
    document = await build.document(report, process.plugins, process.catalogue)
    recap = report_as_json(report, process.catalogue)
    book = opened(document, recap)
    titles = [plugin["title"] for plugin in recap["plugins"]]
    assert book.sheetnames == ["全部数据", *titles, "其他", "来源", "说明"]
    found = {(row["单位编号"], row["代码"]): row for row in rows(book, "全部数据")}
    expected = {
        (office, each["metric"]): each
        for office, figures in recap["by_organisation"].items()
        for each in figures
    }
    assert found.keys() == expected.keys()
    for place, each in expected.items():
        row = found[place]
        assert Decimal(str(row["数值"])) == Decimal(each["value"])
        for column, member in (("明细", "itemised"), ("佐证率", "evidence"),
                               ("任务", "target"), ("完成率", "completion")):  # fmt: skip
            value = each[member]
            assert (None if row[column] is None else Decimal(str(row[column]))) == (
                None if value is None else Decimal(value)
            )
        assert row["约数"] == ("是" if each["approximate"] else None)
    for plugin in recap["plugins"]:
        _check_plugin(book, plugin, recap)


def _check_plugin(book: Workbook, plugin: dict[str, Any], recap: dict[str, Any]) -> None:
    """A plugin's sheet has all its metrics, and all offices in the order of the tree."""
    sheet = rows(book, plugin["title"])
    assert [row["单位"] for row in sheet] == [each["name"] for each in recap["organisations"]]
    for office, row in zip(recap["organisations"], sheet, strict=True):
        own = {each["metric"]: each["value"] for each in recap["by_organisation"].get(
            office["key"], ())}  # fmt: skip
        cells = [cell for name, cell in row.items() if name != "单位"]
        assert [None if cell is None else Decimal(str(cell)) for cell in cells] == [
            Decimal(own[each["metric"]]) if each["metric"] in own else None
            for each in plugin["metrics"]
        ]


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_sources_tell_who_reported_what(campaign_2022: str, process: Process) -> None:
    report = await reports.read(
        await campaigns.find(campaign_2022), None, process.plugins, process.catalogue
    )
    document = await build.document(report, process.plugins, process.catalogue)
    book = opened(document, report_as_json(report, process.catalogue))
    sources = rows(book, "来源")
    assert {row["序号"] for row in sources} == set(range(1, len(document.annex.entries) + 1))
    items = [row for row in sources if row["代码"] == "assistive.items"]
    assert [(row["填报数值"], row["填报方式"], row["填报单位"]) for row in items] == [
        (130, "另行填报", "某市残联"),
        (291, "另行填报", "某市残联"),
        (904, "合计", "某市残联"),
    ]
    assert [row["活动"] for row in items] == ["辅助器具展示与义诊", "辅助器具展示与义诊", None]
    assert {row["来源"] for row in items} == {"总结", "全市汇总"}
    assert all(row["口径"] for row in sources)


def test_numbers_are_shown_as_they_are_said() -> None:
    figures = [
        one("a.count", "490", approximate=True),
        one("a.hours", "12.5", "小时", target="10", completion="1.25"),
        one("a.rate", "0.3694", "%", aggregation="ratio", target="0.5"),
        one("a.reported_rate", "85", "%"),
    ]
    book = opened(paper(), stated(*figures))
    column = book["其他"]["B2:E2"][0]
    assert [(cell.value, cell.number_format) for cell in column] == [
        (490, '"约"0'),
        (12.5, "0.0"),
        (0.3694, "0.00%"),
        (85, '0"%"'),
    ]
    everything = rows(book, "全部数据")
    assert [row["完成率"] for row in everything] == [None, 1.25, None, None]
    assert [row["任务"] for row in everything] == [None, 10, 0.5, None]


def test_a_number_too_long_for_a_spreadsheet_stays_exact() -> None:
    long, short = "12345678901234567", "100000000000000000"
    book = opened(paper(), stated(one("a.long", long), one("a.short", short)))
    values = [row["数值"] for row in rows(book, "全部数据")]
    assert values == [long, int(short)]
    assert "长数字" in [row["项目"] for row in rows(book, "说明")]
    without = opened(paper(), stated(one("a.short", short)))
    assert "长数字" not in [row["项目"] for row in rows(without, "说明")]


def test_text_is_never_a_formula() -> None:
    recap = stated(
        one(label=HOSTILE, unit="+1"),
        organisations=[{"key": "city", "name": "@甲", "parent": None, "level": "city"}],
        findings=[{"code": "c", "metric": None, "organisation": "city", "message": "-2+3"}],
    )
    entry = AnnexEntry(figure("a.b", HOSTILE, "7", "人"), "@甲", "=1+1")
    document = paper(title="=1", issuer="+8", annex=Annex((entry,)))
    book = opened(document, recap)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    assert {cell.data_type for cell in texts} == {"s"}
    runnable = [cell for cell in texts if str(cell.value).startswith(("=", "+", "-", "@"))]
    assert {cell.value for cell in runnable} >= {HOSTILE, "@甲", "-2+3", "=1+1", "=1", "+8", "+1"}
    assert all(cell.quotePrefix for cell in runnable)


def test_sheets_are_ready_to_be_read_filtered_and_printed() -> None:
    book = opened(paper(), stated(one()))
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(cell.font.bold for cell in sheet[1])
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.column_dimensions["A"].width >= 8
    assert book.properties.title == paper().title


def test_names_of_sheets_are_allowed_and_unique() -> None:
    metric = [{"metric": "a.b", "label": "指标", "unit": "人", "aggregation": "sum"}]
    titles = ["说明", "A/B:C", "a b c", "名" * 40, "名" * 40 + "二", "空"]
    plugins: list[dict[str, Any]] = [
        {"key": str(place), "title": title, "metrics": metric if title != "空" else []}
        for place, title in enumerate(titles)
    ]
    names = opened(paper(), stated(one(), plugins=plugins)).sheetnames
    assert names == [
        *("全部数据", "说明", "A B C", "a b c（2）", "名" * 31, "名" * 28 + "（2）"),
        *("来源", "说明（2）"),
    ]


def test_offices_are_set_in_below_their_superiors() -> None:
    offices = [
        {"key": "city", "name": "市", "parent": None, "level": "city"},
        {"key": "a", "name": "县", "parent": "city", "level": "county"},
        {"key": "b", "name": "镇", "parent": "a", "level": "town"},
    ]
    book = opened(paper(), stated(one(), organisations=offices))
    column = [cell for (cell,) in book["其他"]["A2:A4"]]
    assert [(cell.value, cell.alignment.indent) for cell in column] == [
        ("市", 0),
        ("县", 1),
        ("镇", 2),
    ]


def test_the_last_edition_stands_beside_this_one() -> None:
    comparison = {
        "figures": [
            {"metric": "a.b", "label": "指标", "unit": "人", "state": "compared", "value": "7",
             "last": "10", "difference": "-3", "rate": "-0.3"},
            {"metric": "a.rate", "label": "率", "unit": "%", "state": "compared", "value": "0.4",
             "last": "0.5", "difference": "-0.1", "rate": "-0.2"},
            {"metric": "a.c", "label": "旧", "unit": "人", "state": "gone", "value": None,
             "last": "2", "difference": None, "rate": None},
        ]
    }  # fmt: skip
    book = opened(paper(), stated(one(), comparison=comparison))
    told = [tuple(row.values())[3:] for row in rows(book, "与上次对比")]
    assert told == [
        (7, 10, -3, -0.3, "可比"),
        (0.4, 0.5, -0.1, None, "可比"),
        (None, 2, None, None, "这次没有"),
    ]


def test_the_sheet_about_the_file_names_what_it_is() -> None:
    recap = stated(one(), failed_plugins=["志愿服务"])
    about = {row["项目"]: row["内容"] for row in rows(opened(paper(), recap), "说明")}
    assert about["标题"] == paper().title
    assert about["核验码"] == "7K2M-9QXD-41VH"
    assert about["生成时间"] == "2022年6月1日 01:05"
    assert about["未能统计"] == "“志愿服务”部分暂时无法统计，表中数据不包括它的明细"
    assert about["状态"] == "第2版（定稿）"
