"""The Word document: the measures of GB/T 9704-2012, its styles, headings, tables and links."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from docx.oxml.ns import qn

from core.recap.formats import docx
from core.recap.formats.docx.setting import column_widths, signature_indents, table_size
from core.recap.model import (
    AnnexEntry,
    Cell,
    Paragraph,
    ReportedPart,
    Section,
    Table,
    Text,
    figure_span,
)
from tests.core.recap.docx_reading import lines, opened, part, styles, text
from tests.core.recap.docx_samples import (
    HIRED,
    OFFICES,
    PEOPLE,
    PHOTO,
    document,
    figure,
    photo_bytes,
    sample,
)

PICTURES = {PHOTO.sha256: photo_bytes()}


@pytest.fixture(scope="module")
def content() -> bytes:
    return docx.render(sample(), PICTURES)


class TestPage:
    def test_the_page_has_the_measures_of_the_standard(self, content: bytes) -> None:
        section = opened(content).sections[0]._sectPr
        size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
        assert (size.get(qn("w:w")), size.get(qn("w:h"))) == ("11906", "16838")
        sides = ("top", "left", "bottom", "right", "footer")
        twips = [int(margins.get(qn(f"w:{side}"))) for side in sides]
        assert twips == [2098, 1587, 1984, 1474, 1417]
        assert [round(length * 25.4 / 1440) for length in twips] == [37, 28, 35, 26, 25]

    def test_the_grid_has_22_lines_of_28_characters(self, content: bytes) -> None:
        grid = opened(content).sections[0]._sectPr.find(qn("w:docGrid"))
        assert {key.split("}")[1]: value for key, value in grid.items()} == {
            "type": "linesAndChars",
            "linePitch": "579",
            "charSpace": "-848",
        }
        assert 22 * 579 <= 16838 - 2098 - 1984 < 23 * 579
        pitch = 20 * (16 - 848 / 4096)
        assert 28 * pitch <= 11906 - 1587 - 1474 < 29 * pitch

    def test_page_numbers_stand_on_the_outer_side(self, content: bytes) -> None:
        (section,) = opened(content).sections
        assert opened(content).settings.odd_and_even_pages_header_footer
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            (paragraph,) = footer.paragraphs
            assert paragraph.text == "— 1 —"
            xml = paragraph._p.xml
            assert f'<w:jc w:val="{side}"/>' in xml
            assert f'w:{side}Chars="100"' in xml
            assert " PAGE " in xml
        said = styles(content)["Footer"]
        assert (said["rFonts/eastAsia"], said["sz"]) == ("宋体", "28")

    def test_it_is_a_document_of_today_in_chinese(self, content: bytes) -> None:
        settings = part(content, "word/settings.xml")
        assert re.search(r'"compatibilityMode"[^>]*w:val="15"', settings)
        assert '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>' in settings
        assert 'w:eastAsia="zh-CN"' in part(content, "word/styles.xml")


class TestStyles:
    @pytest.mark.parametrize(
        ("key", "font", "size"),
        [
            ("Normal", "仿宋_GB2312", "32"),
            ("Title", "方正小标宋简体", "44"),
            ("Heading1", "黑体", None),
            ("Heading2", "楷体_GB2312", None),
            ("Heading3", "仿宋_GB2312", None),
            ("Heading4", "仿宋_GB2312", None),
            ("AnnexMark", "黑体", None),
        ],
    )
    def test_fonts_and_sizes_are_those_of_the_standard(
        self, content: bytes, key: str, font: str, size: str | None
    ) -> None:
        said = styles(content)[key]
        assert {said[f"rFonts/{kind}"] for kind in ("ascii", "hAnsi", "eastAsia")} == {font}
        assert said.get("sz") == size  # without one it is that of Normal
        assert "b" not in said

    def test_body_text_is_indented_by_two_characters_at_an_exact_pitch(
        self, content: bytes
    ) -> None:
        said = styles(content)
        assert said["Normal"]["spacing/line"] == "579"
        assert said["Normal"]["spacing/lineRule"] == "exact"
        for key in ("BodyText", "Heading1", "Heading2", "Heading3", "Heading4"):
            assert said[key]["ind/firstLineChars"] == "200"
            assert "spacing/line" not in said[key]

    def test_headings_are_levels_of_the_outline(self, content: bytes) -> None:
        said = styles(content)
        levels = [said[f"Heading{level}"]["outlineLvl"] for level in range(1, 5)]
        assert levels == ["0", "1", "2", "3"]
        colours = re.findall(r'<w:color w:val="(\w+)"/>', part(content, "word/styles.xml"))
        assert set(colours) == {"000000"}

    def test_every_style_that_is_used_is_there_and_none_is_a_stranger(self, content: bytes) -> None:
        used = set(
            re.findall(r'<w:(?:p|r|tbl)Style w:val="(\w+)"', part(content, "word/document.xml"))
        )
        assert used <= set(styles(content))
        names = [style.name for style in opened(content).styles]
        assert len(names) == len(set(names)) < 40

    def test_a_style_is_based_on_one_that_is_there(self, content: bytes) -> None:
        xml = part(content, "word/styles.xml")
        assert set(re.findall(r'<w:(?:basedOn|next) w:val="(\w+)"', xml)) <= set(styles(content))


class TestText:
    def test_the_paper_has_its_parts_in_order(self, content: bytes) -> None:
        found = list(lines(content))
        names = [line.split("]")[0].lstrip("[") for line in found if line.startswith("[")]
        wanted = ["Title", "Salutation", "Heading 1", "Heading 2", "Heading 3", "Heading 4"]
        wanted += ["附件说明", "Signature", "Date", "附件标识", "附件标题"]
        positions = [names.index(name) for name in wanted]
        assert positions == sorted(positions)
        assert "[Salutation] 某省残疾人联合会：" in found
        assert "[附件说明] 附件：数据说明" in found
        assert "[附件标识] 附件" in found
        assert "[Signature] 某市残疾人联合会" in found
        assert "[Date] 2022年6月1日" in found

    def test_numbers_of_headings_are_text(self, content: bytes) -> None:
        found = text(content)
        for line in (
            "[Heading 1] 一、总体情况",
            "[Heading 2] （一）第二层",
            "[Heading 3] 1. 第三层",
            "[Heading 4] （1）第四层",
            "[Heading 1] 二、下一步打算",
        ):
            assert line in found

    def test_deeper_sections_stay_on_the_fourth_level(self) -> None:
        inner = Section("x", "最里", (Paragraph((Text("话。"),)),))
        for _ in range(5):
            inner = Section("x", "外", (), None, (inner,))
        assert "[Heading 4] （1）最里" in text(docx.render(document(inner), {}))

    def test_a_list_ends_its_lines_as_such_papers_do(self, content: bytes) -> None:
        assert "[Body Text] 第一项；\n[Body Text] 第二项。" in text(content)

    def test_a_long_title_is_broken_between_words(self) -> None:
        title = "某市残疾人联合会关于第三十二次全国助残日活动开展情况的总结"
        made = docx.render(replace(document(), title=title), {})
        broken = opened(made).paragraphs[0].text.split("\n")
        assert "".join(broken) == title
        assert len(broken) == 2
        assert max(map(len, broken)) <= 20
        assert opened(made).core_properties.title == title

    def test_a_recipient_has_one_colon_and_an_internal_paper_none(self) -> None:
        twice = docx.render(replace(document(), recipient="某省残联："), {})
        assert "[Salutation] 某省残联：\n" in text(twice)
        internal = docx.render(replace(document(), recipient=""), {})
        assert "Salutation" not in text(internal)

    def test_particulars_and_the_code_stand_in_the_annex(self, content: bytes) -> None:
        *_, code, address = lines(content)
        assert code == (
            "[说明文字] 核验码：7K2M-9QXD-41VH　版本：第2版（定稿）　生成时间：2022-06-01 01:05"
        )
        assert address == "[说明文字] 核验地址：https://example.org/verify/7K2M-9QXD-41VH"
        assert text(content).index("[附件标题]") < text(content).index("主题：促进残疾人就业")

    def test_a_paper_without_figures_code_and_particulars_has_no_annex(self) -> None:
        bare = replace(document(), particulars=(), verification=None)
        assert "附件" not in text(docx.render(bare, {}))

    def test_only_a_paper_that_was_printed_for_the_public_leads_to_an_address(self) -> None:
        made = sample()
        assert made.verification
        private = replace(made, verification=replace(made.verification, address=""))
        found = docx.render(private, PICTURES)
        assert "核验码：7K2M-9QXD-41VH" in text(found)
        assert "核验地址" not in text(found)
        assert "hyperlink" not in part(found, "word/_rels/document.xml.rels")


@pytest.mark.parametrize(
    ("issuer", "day", "indents"),
    [
        # 8 characters over 6.5: the date begins 2 to the right and ends 1.5 from the edge.
        ("某市残疾人联合会", "2022年6月11日", (200, 150)),
        # 4 over 6: the date ends 2 from the edge, and the issuer begins 2 to the left of it.
        ("某市残联", "2022年6月1日", (600, 200)),
        ("某" * 40, "2022年6月1日", (200, 200)),
    ],
)
def test_the_date_begins_two_characters_right_of_the_issuer(
    issuer: str, day: str, indents: tuple[int, int]
) -> None:
    assert signature_indents(issuer, day) == indents


class TestTables:
    def test_heads_are_repeated_and_rows_stay_whole(self, content: bytes) -> None:
        for table in opened(content).tables:
            head, *rows = table._tbl.findall(qn("w:tr"))
            assert head.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
            assert (
                table._tbl.find(f"{qn('w:tblPr')}/{qn('w:tblLook')}").get(qn("w:firstRow")) == "1"
            )
            for row in rows:
                assert row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None
                assert row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is None

    def test_tables_are_as_wide_as_the_text_and_named(self, content: bytes) -> None:
        tables = opened(content).tables
        assert len(tables) == 4
        for table in tables:
            widths = [
                int(one.get(qn("w:w"))) for one in table._tbl.tblGrid.findall(qn("w:gridCol"))
            ]
            assert sum(widths) == 11906 - 1587 - 1474
            caption = table._tbl.find(f"{qn('w:tblPr')}/{qn('w:tblCaption')}")
            assert caption.get(qn("w:val"))
            assert f"[Caption] {caption.get(qn('w:val'))}" in text(content)

    def test_numbers_are_flush_right_and_words_are_not(self, content: bytes) -> None:
        table = opened(content).tables[1]
        words, number = (cell.paragraphs[0]._p.xml for cell in table.rows[1].cells)
        assert '<w:jc w:val="right"/>' in number
        assert '<w:jc w:val="right"/>' not in words

    def test_a_ledger_tells_targets_where_there_are_any(self, content: bytes) -> None:
        assert "‖ 指标 | 数值 | 任务与完成 | 佐证 |" in text(content)
        assert "| 实现就业 | 12人 | 任务5人，完成率240% | 全部有明细 |" in text(content)

    def test_the_type_of_a_table_gets_smaller_with_its_columns(self) -> None:
        assert table_size([5, 4], [False, True]) == 24
        assert table_size([5] * 7, [False, *[True] * 6]) == 21
        assert table_size([5] * 12, [False, *[True] * 11]) == 18

    def test_a_wide_column_gives_way_to_narrow_ones(self) -> None:
        widths = column_widths([4, 200, 4], 24)
        assert sum(widths) == 8845
        assert widths[0] >= 4 * 240
        assert sum(column_widths([100] * 40, 18)) == 8845

    def test_two_tables_never_grow_together(self) -> None:
        bare = replace(OFFICES, caption="")
        made = docx.render(document(Section("a", "表", (bare, bare))), {})
        kinds = [child.tag for child in opened(made).element.body]
        assert kinds.count(qn("w:tbl")) == 2
        first = kinds.index(qn("w:tbl"))
        assert kinds[first + 1] == qn("w:p")

    def test_no_row_is_left_alone_on_a_page(self) -> None:
        def held(rows: int) -> list[bool]:
            made = replace(OFFICES, rows=OFFICES.rows[:1] * rows)
            after = Paragraph((Text("话。"),))
            content = docx.render(document(Section("a", "表", (made, after))), {})
            return ["<w:keepNext/>" in row._tr.xml for row in opened(content).tables[0].rows[1:]]

        assert held(8) == [True] * 7 + [False]
        assert held(9) == [True, *[False] * 6, True, False]

    def test_the_end_of_the_text_is_held_to_the_signature(self) -> None:
        made = docx.render(document(Section("a", "表", (OFFICES,))), {})
        last = opened(made).tables[-1].rows[-1]._tr.xml
        assert last.count("<w:keepNext/>") == 2


class TestPictures:
    def test_every_picture_is_described(self, content: bytes) -> None:
        found = [line for line in lines(content) if line.startswith("[图片]")]
        assert found == [
            "[图片] （图：各单位实现就业：甲县残联最多，7人）",
            "[图片] （图：两人坐在沙发上交谈）",
        ]
        assert "[图题] 各单位实现就业\n[Caption] 各单位实现就业的人数\n‖ 单位" in text(content)
        assert "[图题] 走访慰问现场" in text(content)

    def test_pictures_fit_into_the_text_and_keep_their_shape(self, content: bytes) -> None:
        shapes = opened(content).inline_shapes
        assert len(shapes) == 2
        for shape in shapes:
            assert shape.width.mm <= 156.1
        assert shapes[1].height.mm <= 110
        assert shapes[1].width / shapes[1].height == pytest.approx(1.5, rel=0.001)

    def test_a_photo_whose_bytes_are_gone_is_named(self) -> None:
        assert "（照片已撤下：走访慰问现场）" in text(docx.render(sample(), {}))

    def test_bytes_that_are_no_picture_stop_nothing(self) -> None:
        made = docx.render(sample(), {PHOTO.sha256: b"\x89PNG nothing"})
        assert "（照片无法显示：走访慰问现场）" in text(made)

    def test_the_same_photo_is_kept_once(self) -> None:
        made = docx.render(document(Section("a", "照片", (PHOTO, PHOTO))), PICTURES)
        assert len(opened(made).inline_shapes) == 2
        assert part(made, "word/_rels/document.xml.rels").count("/image") == 2  # type and target


class TestMarks:
    def test_a_figure_carries_the_number_of_its_explanation_where_it_is_first_told(
        self, content: bytes
    ) -> None:
        found = text(content)
        assert "走访慰问1132人〔2〕，发放慰问金47.5万元〔1〕。" in found
        assert "慰问的1132人中，12人〔3〕实现就业。" in found

    def test_every_mark_leads_to_its_row(self, content: bytes) -> None:
        xml = part(content, "word/document.xml")
        anchors = re.findall(r'w:anchor="([^"]+)"', xml)
        marks = re.findall(r"〔(\d+)〕", xml)
        assert (
            [f"figure_{mark}" for mark in marks] == anchors == ["figure_2", "figure_1", "figure_3"]
        )
        table = opened(content).tables[-1]
        for number, row in enumerate(table.rows[1:], start=1):
            assert f'w:name="figure_{number}"' in row._tr.xml
            assert row.cells[0].text == str(number)
        assert 'w:vertAlign w:val="superscript"' in part(content, "word/styles.xml")

    def test_a_figure_without_an_explanation_has_no_mark(self) -> None:
        told = Paragraph((Text("走访"), figure_span(PEOPLE)))
        assert "〔" not in text(docx.render(document(Section("a", "一", (told,))), {}))


class TestAnnex:
    def test_a_row_tells_meaning_and_source(self, content: bytes) -> None:
        found = list(lines(content))
        assert "‖ 序号 | 指标与数值 | 口径 | 明细与填报（来源） | 单位 |" in found
        assert (
            "| 2 | 走访慰问人数 / 1132人 / condolence.people | 有送达记录的人 | 其中360人有明细，"
            "佐证率31.8% / 某市残联合计填报约1132人（来源：全市汇总） | 某市残联 |"
        ) in found
        assert "| 1 | 慰问金 / 47.5万元 / 即475000元 / condolence.cash |" in text(content)

    def test_many_reports_of_one_figure_fill_several_rows(self) -> None:
        reported = tuple(
            ReportedPart(Decimal(1), f"第{number}号表", "additional", False, f"第{number}乡")
            for number in range(64)
        )
        entry = AnnexEntry(HIRED, "某市残联", "口径", reported)
        found = text(docx.render(document(entries=(entry,)), {}))
        assert "| 1（续） | 实现就业 |" in found
        assert "第49乡另行填报1人（来源：第49号表）" in found
        assert "第50乡" not in found
        assert "以上为前50项填报，另有14项见本总结的电子表格" in found

    def test_a_row_higher_than_half_a_page_may_be_split(self) -> None:
        entry = AnnexEntry(HIRED, "某市残联", "很长的口径" * 200)
        row = opened(docx.render(document(entries=(entry,)), {})).tables[-1].rows[1]
        assert row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is None


class TestPackage:
    def test_properties_tell_what_it_is(self, content: bytes) -> None:
        properties = opened(content).core_properties
        assert properties.title == "关于第32次全国助残日活动开展情况的总结"
        assert properties.author == properties.last_modified_by == "某市残疾人联合会"
        assert properties.language == "zh-CN"
        assert properties.identifier == "7K2M-9QXD-41VH"
        assert properties.content_status == "第2版（定稿）"
        assert properties.created is not None
        assert properties.created.replace(tzinfo=None) == datetime(2022, 5, 31, 17, 5)  # noqa: DTZ001

    def test_same_document_same_bytes_at_another_time(
        self, content: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
        monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2_000_000_000))
        assert docx.render(sample(), PICTURES) == content
        other = docx.render(replace(sample(), date=date(2022, 6, 2)), PICTURES)
        assert other != content

    def test_a_long_title_does_not_stop_the_properties(self) -> None:
        made = docx.render(replace(document(), title="总" * 400), {})
        assert opened(made).core_properties.title == "总" * 255
        assert opened(made).paragraphs[0].text.replace("\n", "") == "总" * 400


def test_two_thousand_rows_and_three_thousand_figures_take_a_few_seconds() -> None:
    row = (Cell.words("某县残联"), *(Cell.number(PEOPLE) for _ in range(6)))
    wide = Table("各单位", ("单位", *(f"指标{number}" for number in range(6))), (row,) * 2000)
    reported = ReportedPart(Decimal(1132), "全市汇总", "total", True, "某市残联")
    entries = tuple(
        AnnexEntry(figure(f"m.n{number}", "人数", "1132", "人"), "某市残联", "口径", (reported,))
        for number in range(3000)
    )
    started = time.perf_counter()
    made = docx.render(document(Section("a", "表", (wide,)), entries=entries), {})
    assert time.perf_counter() - started < 8
    assert len(made) < 2_000_000
