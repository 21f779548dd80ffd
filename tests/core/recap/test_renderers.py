"""The document model, its writer, and the two text renderers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from core.figures import Figure
from core.metrics import Metric
from core.recap.formats import html, markdown
from core.recap.model import (
    Annex,
    AnnexEntry,
    Cell,
    Document,
    Items,
    Ledger,
    Notice,
    Paragraph,
    ReportedPart,
    Section,
    Table,
    Text,
    present,
    said,
)
from core.recap.templating.texts import Texts

HOSTILE = "<script>alert(1)</script> | *强* [链](javascript:x) &amp; `码` # 1."


def figure(metric: str, label: str, value: str, unit: str, **fields: str | bool) -> Figure:
    def number(name: str) -> Decimal | None:
        return Decimal(str(fields[name])) if name in fields else None

    return Figure(
        metric=metric,
        label=label,
        unit=unit,
        aggregation=str(fields.get("aggregation", "sum")),
        organisation="city",
        value=Decimal(value),
        itemised=number("itemised"),
        evidence=number("evidence"),
        target=number("target"),
        completion=number("completion"),
        approximate=bool(fields.get("approximate", False)),
    )


PEOPLE = figure("condolence.people", "走访慰问人数", "1132", "人", itemised="360", evidence="0.318")
CASH = figure("condolence.cash", "慰问金", "48000", "元", itemised="48000", evidence="1")
HIRED = figure(
    "job_fair.hired", "实现就业", "12", "人", itemised="12", target="5", completion="2.4"
)
OPENINGS = figure(
    "job_fair.openings",
    "提供岗位",
    "490",
    "个",
    itemised="260",
    evidence="0.5306",
    target="500",
    completion="0.98",
    approximate=True,
)
FIGURES = {item.metric: item for item in (PEOPLE, CASH, HIRED, OPENINGS)}
METRICS = {
    item.metric: Metric(item.metric, item.label, item.unit, item.aggregation)
    for item in FIGURES.values()
}


def paragraph(written: Paragraph | None) -> Paragraph:
    assert written is not None
    return written


@pytest.fixture
def document() -> Document:
    texts = Texts("city", FIGURES, METRICS, {})
    blocks = present(
        *texts.paragraphs("走访慰问{condolence.people}，发放慰问金{condolence.cash}。"),
        *texts.paragraphs("没有的数字{training.people}。"),
        texts.ledger(["condolence.people", "training.people", "job_fair.openings"]),
        Table(
            "各单位情况",
            ("单位", "提供岗位（个）"),
            (
                (Cell.words("甲县残联"), Cell.number(OPENINGS)),
                (Cell.words(HOSTILE), Cell.number(None)),
            ),
        ),
    )
    deeper = Section("online", "线上招聘会", texts.paragraphs("{job_fair.hired}就业。"))
    findings = (
        Items(((Text(HOSTILE),), (Text("- 第二项"),))),
        Notice("finding", (Text("「提供岗位」填报合计少于明细。"),)),
        Notice("failure", (Text("插件 volunteer 出错。"),)),
        Paragraph((Text("1. 不是列表"),)),
    )
    entries = (
        AnnexEntry(
            OPENINGS,
            "某市残联",
            "招聘岗位数",
            (ReportedPart(Decimal(490), HOSTILE, "total", True, "某市残联"),),
        ),
        AnnexEntry(CASH, "某市残联", "已发放的现金"),
        AnnexEntry(PEOPLE, "某市残联", ""),
        AnnexEntry(HIRED, "某市残联", "已录用的求职者"),
        AnnexEntry(replace(HIRED, metric="rank", label="名次"), "某市残联", ""),
    )
    return Document(
        campaign="2022-disability-day-city",
        organisation="city",
        title="关于第32次全国助残日活动开展情况的总结",
        subtitles=("某市残疾人联合会",),
        particulars=(("主题", "促进残疾人就业，保障残疾人权益"),),
        sections=(
            Section("condolence", "走访慰问", blocks, "condolence", (deeper,)),
            Section("findings", HOSTILE, findings),
        ),
        annex=Annex(entries),
        issuer="某市残疾人联合会",
        date=date(2022, 6, 1),
        generated_at=datetime(2022, 5, 31, 17, 5, tzinfo=UTC),
    )


class Page(HTMLParser):
    """What a page holds: headings, links, ids, attributes and plain text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, name: str) -> Iterator[dict[str, str | None]]:
        return (attributes for tag, attributes in self.tags if tag == name)


class TestMarkdown:
    def test_same_document_same_bytes(self, document: Document) -> None:
        assert markdown.render(document) == markdown.render(document)

    def test_figures_point_to_their_line_in_the_annex(self, document: Document) -> None:
        text = markdown.render(document)
        assert "走访慰问1132人[^1]，发放慰问金4.8万元[^2]。" in text
        assert "| 提供岗位 | 约490个[^3] | 任务500个，完成率98% |" in text
        assert re.search(
            r"^\[\^3\]: 提供岗位（某市残联）：约490个。口径：招聘岗位数。", text, re.MULTILINE
        )
        referenced = set(re.findall(r"\[\^(\d+)\](?!:)", text))
        explained = re.findall(r"^\[\^(\d+)\]:", text, re.MULTILINE)
        assert referenced == set(explained) == {"1", "2", "3", "4", "5"}
        assert len(explained) == 5

    def test_headings_are_numbered_in_order(self, document: Document) -> None:
        tokens = MarkdownIt("commonmark").enable("table").parse(markdown.render(document))
        headings = [
            (token.tag, tokens[position + 1].content)
            for position, token in enumerate(tokens)
            if token.type == "heading_open"
        ]
        assert [tag for tag, _ in headings] == ["h1", "h2", "h3", "h2", "h2"]
        assert [title[:4] for _, title in headings[1:3]] == ["一、走访", "（一）线"]

    def test_text_is_never_markup(self, document: Document) -> None:
        parser = MarkdownIt("commonmark", {"html": True}).enable("table")
        page = Page(parser.render(markdown.render(document)))
        names = [tag for tag, _ in page.tags]
        assert "script" not in names
        assert "a" not in names
        assert "em" not in names
        assert names.count("ol") == 0
        assert page.words.count(HOSTILE) == 4

    def test_tables_keep_their_columns(self, document: Document) -> None:
        tokens = MarkdownIt("commonmark").enable("table").parse(markdown.render(document))
        kinds = [token.type for token in tokens]
        assert kinds.count("table_open") == 2
        assert kinds.count("td_open") == 2 * 4 + 2 * 2

    def test_day_of_making_is_a_day_in_china(self, document: Document) -> None:
        text = markdown.render(document)
        assert "2022年6月1日" in text
        assert text.endswith("生成时间：2022-06-01 01:05\n")


class TestHtml:
    def test_same_document_same_bytes(self, document: Document) -> None:
        assert html.render(document) == html.render(document)

    def test_headings_come_in_order(self, document: Document) -> None:
        page = Page(html.render_body(document))
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[:5] == [1, 2, 3, 2, 2]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))

    def test_figures_lead_to_the_annex(self, document: Document) -> None:
        page = Page(html.render(document))
        targets = [link["href"] for link in page.all("a")]
        identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert "#figure:city:condolence.cash" in targets
        assert {target[1:] for target in targets if target} <= set(identifiers)
        assert len(identifiers) == len(set(identifiers))

    def test_figures_lead_where_the_application_says(self, document: Document) -> None:
        page = Page(html.render_body(document, lambda metric, office: f"/f/{office}/{metric}?a&b"))
        assert "/f/city/condolence.cash?a&b" in [link["href"] for link in page.all("a")]

    def test_a_figure_without_an_entry_is_plain_text(self, document: Document) -> None:
        page = Page(html.render(replace(document, annex=Annex(()))))
        assert list(page.all("a")) == []
        assert "4.8万元" in page.words

    def test_text_is_never_markup(self, document: Document) -> None:
        source = html.render(document)
        page = Page(source)
        assert "<script" not in source
        assert page.words.count(HOSTILE) == 4

    def test_no_style_attribute_and_nothing_from_outside(self, document: Document) -> None:
        source = html.render(document)
        for _, attributes in Page(source).tags:
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes)
            assert "src" not in attributes
        assert "http" not in source
        assert "@import" not in source
        assert "<style" not in html.render_body(document)

    def test_tables_are_named_and_headed(self, document: Document) -> None:
        page = Page(html.render(document))
        assert len(list(page.all("caption"))) == len(list(page.all("table"))) == 2
        assert {head["scope"] for head in page.all("th")} == {"col", "row"}

    def test_every_class_in_the_markup_is_explained(self, document: Document) -> None:
        names = {
            name
            for _, attributes in Page(html.render_body(document)).tags
            for name in (attributes.get("class") or "").split()
        }
        assert names
        assert [name for name in names if f".{name}" not in html.stylesheet()] == []

    def test_the_key_to_the_bars_stands_once(self, document: Document) -> None:
        section = document.sections[0]
        twice = replace(document, sections=(section, section))
        assert html.render_body(twice).count('class="recap-ledger"') == 2
        assert html.render_body(twice).count("实心：有明细") == 1

    def test_what_is_said_of_a_figure_stands_in_words(self, document: Document) -> None:
        words = Page(html.render(document)).words
        assert "任务500个，完成率98%；其中260个有明细，佐证率53.06%" in words
        assert "某市残联合计填报约490个，来源：" in words


class TestBar:
    def test_part_on_record_and_part_reported_within_the_target(self) -> None:
        assert html.bar(OPENINGS) == html.Bar("98%", "52%", None)

    def test_beyond_the_target_a_mark_shows_it(self) -> None:
        assert html.bar(HIRED) == html.Bar("100%", "100%", "41.67%")

    def test_without_target_the_value_is_the_whole(self) -> None:
        assert html.bar(PEOPLE) == html.Bar("100%", "31.8%", None)

    def test_nothing_never_divides(self) -> None:
        nothing = figure("a", "甲", "0", "人", itemised="0", target="0")
        assert html.bar(nothing) == html.Bar("0%", "0%", None)

    def test_more_on_record_than_stated_stays_inside(self) -> None:
        assert html.bar(figure("a", "甲", "4", "人", itemised="5")) == html.Bar(
            "100%", "100%", None
        )

    def test_a_quotient_is_drawn_solid(self) -> None:
        rate = figure("a", "率", "0.36", "%", aggregation="ratio", target="0.72")
        assert html.bar(rate) == html.Bar("50%", "50%", None)


def test_a_column_is_numeric_when_all_its_cells_are() -> None:
    row = (Cell.words("甲"), Cell.number(PEOPLE), Cell.words("乙"))
    assert Table("表", ("一", "二", "三"), (row,)).numeric_columns() == (False, True, False)
    assert Table("表", ("一",), ()).numeric_columns() == (False,)


def test_a_cell_holds_the_bare_number() -> None:
    assert said(Cell.number(replace(CASH, approximate=True)).inlines) == "约48000"
    rate = figure("a", "率", "0.3694", "%", aggregation="ratio")
    assert said(Cell.number(rate).inlines) == "36.94%"


def test_a_ledger_names_its_figures() -> None:
    ledger = Texts("city", FIGURES, METRICS, {}).ledger(
        ["job_fair.hired", "condolence.cash"], "就业"
    )
    assert ledger == Ledger((HIRED, CASH), "就业")
