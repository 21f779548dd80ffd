"""A recap as a workbook: all figures of all offices, a sheet a plugin, the sources, and about it.

Cells hold numbers where there are numbers, so that offices can go on reckoning with them; text is
text whatever it looks like. The same document always gives the same cells.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import arrow
from openpyxl import Workbook

from core import wording
from core.numbers import plain
from core.office_tree import LEVEL_LABELS
from core.recap.formats.xlsx_cells import Indented, Number, Value, add_sheet, number, share
from core.spreadsheets.writing import CREATOR, sheet_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.recap.model import AnnexEntry, Document

_ALL: Final = "全部数据"
_OTHER: Final = "其他"
_SOURCES: Final = "来源"
_LAST_TIME: Final = "与上次对比"
_ABOUT: Final = "说明"
_FIGURES_HEADER: Final = (
    "单位", "上级", "层级", "指标", "代码", "计量单位", "数值", "明细", "佐证率", "任务", "完成率",
    "约数", "单位编号",
)  # fmt: skip
_SOURCES_HEADER: Final = (
    "序号", "指标", "代码", "计量单位", "数值", "口径", "佐证", "填报单位", "活动", "填报方式",
    "填报数值", "约数", "来源",
)  # fmt: skip
_LAST_HEADER: Final = ("指标", "代码", "计量单位", "本次", "上次", "增减", "增减率", "可比性")
_STATES: Final = {
    "compared": "可比",
    "changed": "口径已变，不作比较",
    "new": "上次没有",
    "gone": "这次没有",
}
_LEGEND: Final = (
    ("空格", "没有这项数据，与0不同"),
    ("约数", "显示为“约”的单元格仍是数字，可以计算"),
    ("佐证率", "有明细记录的部分除以数值"),
    ("百分比", "单元格里是比值，按百分比显示"),
)
_LONG_NUMBERS: Final = (
    "长数字",
    "超过15位有效数字的数按文字保存：电子表格软件最多保留15位，存成数字会改变它",
)


def render(document: Document, recap: Mapping[str, Any]) -> bytes:
    """Draw the workbook; `recap` is the JSON recap of the same office and moment."""
    workbook = Workbook(write_only=True)
    workbook.properties.creator = CREATOR
    workbook.properties.title = document.title
    moment = arrow.get(document.generated_at).naive
    workbook.properties.created = workbook.properties.modified = moment.replace(microsecond=0)
    sheets = list(_sheets(document, recap))
    long_numbers = any(
        isinstance(value, Number) and not value.is_exact()
        for _, _, rows in sheets
        for row in rows
        for value in row
    )
    sheets.append((_ABOUT, ("项目", "内容"), list(_about(document, recap, long_numbers))))
    taken: set[str] = set()
    for title, header, rows in sheets:
        add_sheet(workbook, _free(title, taken), header, rows)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


Sheet = tuple[str, "Sequence[str]", "Sequence[Sequence[Value]]"]


def _sheets(document: Document, recap: Mapping[str, Any]) -> Iterator[Sheet]:
    offices = recap["organisations"]
    names = {office["key"]: office["name"] for office in offices}
    figures = recap["by_organisation"]
    yield _ALL, _FIGURES_HEADER, list(_all_figures(offices, names, figures))
    counted: set[str] = set()
    for plugin in recap["plugins"]:
        if metrics := plugin["metrics"]:
            counted.update(metric["metric"] for metric in metrics)
            yield _of_metrics(plugin["title"], metrics, offices, figures)
    others = {
        figure["metric"]: figure
        for of_office in figures.values()
        for figure in of_office
        if figure["metric"] not in counted
    }
    if others:
        yield _of_metrics(_OTHER, list(others.values()), offices, figures)
    if compared := recap.get("comparison"):
        own = {figure["metric"]: figure["aggregation"] for figure in recap["figures"]}
        rows = [_compared(row, own.get(row["metric"], "ratio")) for row in compared["figures"]]
        yield _LAST_TIME, _LAST_HEADER, rows
    entries = enumerate(document.annex.entries, start=1)
    sources = [row for place, entry in entries for row in _sources(place, entry)]
    yield _SOURCES, _SOURCES_HEADER, sources


def _all_figures(
    offices: Iterable[Mapping[str, Any]],
    names: Mapping[str, str],
    figures: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Iterator[Sequence[Value]]:
    for office in offices:
        for figure in figures.get(office["key"], ()):
            unit, aggregation = figure["unit"], figure["aggregation"]
            yield (
                office["name"],
                names.get(office["parent"], ""),
                LEVEL_LABELS.get(office["level"], office["level"]),
                figure["label"],
                figure["metric"],
                unit,
                number(figure["value"], unit, aggregation),
                number(figure["itemised"], unit, aggregation),
                share(figure["evidence"]),
                number(figure["target"], unit, aggregation),
                share(figure["completion"]),
                "是" if figure["approximate"] else "",
                office["key"],
            )


def _of_metrics(
    title: str,
    metrics: Sequence[Mapping[str, Any]],
    offices: Sequence[Mapping[str, Any]],
    figures: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Sheet:
    """A sheet of offices, each below its superior, by metrics."""
    header = ("单位", *(f"{metric['label']}（{metric['unit']}）" for metric in metrics))
    depths: dict[str | None, int] = {None: -1}
    rows: list[Sequence[Value]] = []
    for office in offices:
        depths[office["key"]] = depth = depths.get(office["parent"], -1) + 1
        own = {figure["metric"]: figure for figure in figures.get(office["key"], ())}
        rows.append(
            (
                Indented(office["name"], depth),
                *(_value(own.get(metric["metric"])) for metric in metrics),
            )
        )
    return title, header, rows


def _value(figure: Mapping[str, Any] | None) -> Value:
    if figure is None:
        return None
    return number(figure["value"], figure["unit"], figure["aggregation"], figure["approximate"])


def _compared(row: Mapping[str, Any], aggregation: str) -> Sequence[Value]:
    """A line of the comparison; a share's difference is in points and has no rate."""
    unit = row["unit"]
    values = (number(row[name], unit, aggregation) for name in ("value", "last", "difference"))
    rate = None if unit == "%" else share(row["rate"])
    return (row["label"], row["metric"], unit, *values, rate, _STATES[row["state"]])


def _sources(place: int, entry: AnnexEntry) -> Iterator[Sequence[Value]]:
    """Every reported part of a figure, or one row that says there is none."""
    figure = entry.figure
    unit, aggregation = figure.unit, figure.aggregation
    common: tuple[Value, ...] = (
        Number(str(place), "0"),
        figure.label,
        figure.metric,
        unit,
        number(plain(figure.value), unit, aggregation, figure.approximate),
        entry.definition,
        wording.evidence_note(figure),
    )
    for part in entry.reported:
        yield (
            *common,
            part.organisation,
            part.activity,
            "合计" if part.basis == "total" else "另行填报",
            number(plain(part.value), unit, aggregation),
            "是" if part.approximate else "",
            part.source or "未注明",
        )
    if not entry.reported:
        yield (*common, *[None] * 6)


def _about(
    document: Document, recap: Mapping[str, Any], long_numbers: bool
) -> Iterator[Sequence[Value]]:
    yield "标题", document.title
    yield "单位", document.issuer
    yield "活动", recap["campaign"]["title"]
    yield from document.particulars
    moment = arrow.get(document.generated_at).to("Asia/Shanghai")
    yield "生成时间", moment.format("YYYY年M月D日 HH:mm")
    if verification := document.verification:
        yield "状态", verification.status
        yield "核验码", verification.code
        yield "核验地址", verification.address
    yield from _LEGEND
    if long_numbers:
        yield _LONG_NUMBERS
    for title in recap["failed_plugins"]:
        yield "未能统计", f"“{title}”部分暂时无法统计，表中数据不包括它的明细"
    for finding in recap["findings"]:
        yield "需要核对", finding["message"]


def _free(title: str, taken: set[str]) -> str:
    """A name that spreadsheet software allows and no sheet has, whatever its case."""
    name, count = sheet_title(title), 1
    while name.casefold() in taken:
        count += 1
        mark = f"（{count}）"
        name = f"{sheet_title(title)[: 31 - len(mark)]}{mark}"
    taken.add(name.casefold())
    return name
