"""Charts and photos in the text renderers: pictures with words, and the words without pictures."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from core.recap.drawing import charts
from core.recap.formats import html, markdown
from core.recap.model import (
    Annex,
    Cell,
    Chart,
    Document,
    Photo,
    Section,
    Series,
    Table,
    Text,
    Verification,
)

PHOTO = Photo("ab" * 32, "image/jpeg", 800, 600, "慰问现场", "两人在门前<握手>")
CHART = Chart(
    "targets",
    "各项任务完成情况",
    "progress",
    ("走访慰问人数",),
    (Series("完成率", (Decimal("94.33"),)),),
    "%",
    "走访慰问人数完成94.33%。",
    Table(
        "任务完成表",
        ("指标", "完成率"),
        ((Cell.words("走访慰问人数"), Cell((Text("94.33%"),), numeric=True)),),
    ),
)
DOCUMENT = Document(
    campaign="c",
    organisation="city",
    title="总结",
    subtitles=(),
    particulars=(),
    sections=(Section("work", "活动", (CHART, PHOTO)),),
    annex=Annex(()),
    issuer="某市残联",
    date=date(2022, 6, 1),
    generated_at=datetime(2022, 5, 31, 17, 5, tzinfo=UTC),
    recipient="某省残联",
    verification=Verification("7K2M-9QXD-41VH", "https://a.example/verify/7K2M9QXD41VH", "草稿"),
)


class Page(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.order: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.classes: set[str] = set()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.order.append(tag)
        self.classes |= set((dict(attrs).get("class") or "").split())
        if tag == "img":
            self.pictures.append(dict(attrs))


def test_a_chart_is_a_picture_within_the_page_and_its_table_follows() -> None:
    page = Page(html.render_body(DOCUMENT))
    (picture,) = page.pictures
    media_type, _, content = (picture["src"] or "").partition(";base64,")
    assert media_type == "data:image/svg+xml"
    drawing = charts.draw(CHART)
    assert base64.b64decode(content) == drawing.svg
    assert picture["alt"] == "走访慰问人数完成94.33%。"
    width, height = int(picture["width"] or 0), int(picture["height"] or 0)
    assert width / height == pytest.approx(drawing.width_mm / drawing.height_mm, rel=0.02)
    assert page.order.index("img") < page.order.index("table")
    styles = html.stylesheet()
    assert [name for name in page.classes if f".{name}" not in styles] == []


def test_a_photo_is_in_the_file_or_where_the_application_says() -> None:
    kept = Page(html.render(DOCUMENT, pictures={PHOTO.sha256: b"bytes"})).pictures[1]
    assert kept["src"] == "data:image/jpeg;base64,Ynl0ZXM="
    assert kept["alt"] == "两人在门前<握手>"
    linked = Page(html.render_body(DOCUMENT, photo_link=lambda sha: f"/photos/{sha}")).pictures[1]
    assert linked["src"] == f"/photos/{PHOTO.sha256}"


def test_a_photo_without_bytes_is_told_in_words() -> None:
    source = html.render(DOCUMENT)
    assert len(Page(source).pictures) == 1
    assert "照片没有随文附上：两人在门前&lt;握手&gt;" in source
    assert "慰问现场" in source


def test_plain_text_has_the_table_and_says_what_is_to_be_seen() -> None:
    text = markdown.render(DOCUMENT)
    assert "| 走访慰问人数 | 94.33% |" in text
    assert "（图：走访慰问人数完成94.33%。）" in text
    assert "（照片：慰问现场。两人在门前\\<握手\\>）" in text


def test_whom_it_is_handed_to_and_how_it_is_checked_is_said() -> None:
    for text in (html.render_body(DOCUMENT), markdown.render(DOCUMENT)):
        assert text.index("某省残联：") < text.index("一、活动")
        assert "7K2M-9QXD-41VH" in text[text.index("2022年6月1日") :]
        assert "https://a.example/verify/7K2M9QXD41VH" in text
    bare = replace(DOCUMENT, recipient="某省残联：", verification=Verification("7K2M", "", "草稿"))
    for text in (html.render_body(bare), markdown.render(bare)):
        assert "某省残联：" in text
        assert "残联：：" not in text
        assert "7K2M" in text
        assert "是否为现行文本" not in text
    nothing = replace(DOCUMENT, recipient="", verification=None)
    assert "核验码" not in html.render_body(nothing) + markdown.render(nothing)
