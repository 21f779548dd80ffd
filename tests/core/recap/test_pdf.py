"""The recap as PDF: whoever listens to it, checks it or measures it finds what is to be there."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from core import bundles, campaigns, reports, wording
from core.permissions import SYSTEM
from core.process import Process
from core.recap import build
from core.recap.drawing import fonts
from core.recap.formats import pdf
from core.recap.formats.as_json import report_as_json
from core.recap.model import (
    Annex,
    AnnexEntry,
    Block,
    Cell,
    Chart,
    Document,
    FigureSpan,
    Items,
    Ledger,
    Notice,
    Paragraph,
    Photo,
    ReportedPart,
    Section,
    Series,
    Table,
    Text,
    Verification,
)
from tests.core.bundle_samples import NAMES
from tests.core.bundle_samples import campaign as sample
from tests.core.recap.conformance import bare, elements, failures, lines, words
from tests.core.recap.test_renderers import CASH, HIRED, OPENINGS, PEOPLE

ADDRESS = "https://canlian.example.cn/verify/7K2M-9QXD-41VH"
# Everything that means something to the typesetter, and what means something elsewhere.
MARKUP = (
    '#import "x": * $x^2$ [a] \\ @ref // c /* d */ *b* _i_ `r` = h <l> ~ -- --- ... - + / #(1+1)'
    " \\u{41} <script>&amp; 'q' \"q\""
)
PHOTO = Photo("a" * 64, "image/png", 80, 60, "志愿者在社区", "志愿者扶着一位老人")
CHART = Chart(
    key="offices",
    title="各单位任务完成情况",
    form="bars",
    categories=("甲县残联", "乙县残联"),
    series=(Series("岗位", (Decimal(260), None)),),
    unit="个",
    description="甲县残联提供260个岗位，乙县残联没有数据。",
    table=Table(
        "各单位岗位数",
        ("单位", "岗位（个）"),
        ((Cell.words("甲县残联"), Cell.number(OPENINGS)),),
    ),
)


def paper(*blocks: Block, **changes: Any) -> Document:
    """A document of these blocks that explains its figures."""
    part = ReportedPart(Decimal(490), "全市汇总", "total", True, "某市残联")
    entries = (
        AnnexEntry(OPENINGS, "某市残联", "招聘岗位数", (part,)),
        AnnexEntry(CASH, "某市残联", "已发放的现金"),
        AnnexEntry(PEOPLE, "某市残联", ""),
        AnnexEntry(HIRED, "某市残联", "已录用的求职者"),
    )
    made = Document(
        campaign="2022-disability-day-city",
        organisation="city",
        title="关于第32次全国助残日活动开展情况的总结",
        subtitles=(),
        particulars=(("主题", "促进残疾人就业"),),
        sections=(Section("work", "活动开展情况", blocks),),
        annex=Annex(entries),
        issuer="某市残疾人联合会",
        date=date(2022, 6, 1),
        generated_at=datetime(2022, 5, 31, 17, 5, 9, 123, tzinfo=UTC),
        verification=Verification("7K2M-9QXD-41VH", ADDRESS, "第2版（定稿）"),
    )
    return replace(made, **changes)


def said(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def photo_bytes() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (80, 60), "grey").save(file, "PNG")
    return file.getvalue()


def _destination(reader: PdfReader, name: str) -> Any:
    return reader.named_destinations[name].dest_array


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("name", NAMES)
async def test_the_recap_of_a_campaign_conforms_and_says_every_figure(
    name: str, process: Process
) -> None:
    key = await bundles.import_document(sample(name), process.plugins, process.catalogue, SYSTEM)
    report = await reports.read(await campaigns.find(key), None, process.plugins, process.catalogue)
    document = await build.document(report, process.plugins, process.catalogue)
    made = pdf.render(document, {})
    assert failures(made) == []
    found = words(made)
    stated = report_as_json(report, process.catalogue)["figures"]
    assert stated
    for each in stated:
        figure = report.figures.own[each["metric"]]
        assert bare(f"{each['label']}{wording.stated(figure)}") in found
        assert each["metric"] in found
    kinds = Counter(kind for kind, _ in elements(made))
    assert kinds["H1"] == 1
    assert kinds["H2"] == len(document.sections) + 1
    assert kinds["Table"] >= 1
    assert kinds["TH"] >= 5
    assert kinds["Link"] >= 1


characters = st.text(
    st.sampled_from("残联助日1〔，。“” #$[]\\@*_`<>/=~-'\"&\n\t\u200b\u2028㛃䶮𠮷😀\ue000\udcffيé"),
    max_size=40,
)
inlines = st.lists(
    st.one_of(
        st.builds(Text, characters),
        st.builds(
            FigureSpan,
            characters,
            st.sampled_from([OPENINGS.metric, CASH.metric, "other"]),
            st.just("city"),
        ),
    ),
    max_size=4,
).map(tuple)
tables = st.integers(1, 9).flatmap(
    lambda across: st.builds(
        Table,
        characters,
        st.tuples(*[characters] * across),
        st.lists(st.tuples(*[st.builds(Cell, inlines, st.booleans())] * across), max_size=4).map(
            tuple
        ),
    )
)
blocks = st.one_of(
    st.builds(Paragraph, inlines),
    st.builds(Items, st.lists(inlines, max_size=3).map(tuple)),
    st.builds(Notice, st.sampled_from(["finding", "failure", "information"]), inlines),
    st.builds(Ledger, st.lists(st.sampled_from([OPENINGS, HIRED, CASH]), max_size=3).map(tuple)),
    st.builds(replace, st.just(PHOTO), caption=characters, description=characters),
    tables,
)
sections = st.recursive(
    st.builds(Section, st.just("k"), characters, st.lists(blocks, max_size=4).map(tuple)),
    lambda below: st.builds(
        Section, st.just("k"), characters, st.lists(blocks, max_size=2).map(tuple),
        st.none(), st.lists(below, max_size=3).map(tuple),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(sections, max_size=3).map(tuple),
    characters,
    characters,
    characters,
    st.none() | st.builds(Verification, characters, st.just(ADDRESS) | st.just(""), characters),
)
def test_whatever_a_document_says_it_conforms(
    parts: tuple[Section, ...],
    title: str,
    issuer: str,
    recipient: str,
    verification: Verification | None,
) -> None:
    document = paper(
        annex=Annex(paper().annex.entries, issuer),
        sections=parts,
        title=title,
        issuer=issuer,
        recipient=recipient,
        verification=verification,
        subtitles=(issuer,),
    )
    assert failures(pdf.render(document, {PHOTO.sha256: photo_bytes()})) == []


def test_titles_of_nothing_that_can_be_set_stop_nothing() -> None:
    for title in ("", " ", "𠮷"):
        document = paper(title=title, issuer="", annex=Annex((), title))
        document = replace(document, sections=(Section("k", title, ()),))
        made = pdf.render(document, {})
        assert failures(made) == []
        assert [kind for kind, _ in elements(made) if kind in {"H1", "H2"}] == ["H1", "H2", "H2"]


def test_text_is_never_markup() -> None:
    table = Table(MARKUP, (MARKUP, "二"), ((Cell.words(MARKUP), Cell.words(MARKUP)),))
    document = paper(said(MARKUP), Items(((Text(MARKUP),),)), table)
    section = replace(document.sections[0], title=MARKUP)
    made = pdf.render(replace(document, sections=(section,), subtitles=(MARKUP,)), {})
    assert words(made).count(bare(MARKUP)) == 8
    assert failures(made) == []


def test_same_document_same_bytes() -> None:
    document = paper(said("话"), CHART, PHOTO)
    first = pdf.render(document, {PHOTO.sha256: photo_bytes()})
    assert pdf.render(document, {PHOTO.sha256: photo_bytes()}) == first


def test_the_file_says_what_it_is() -> None:
    reader = PdfReader(io.BytesIO(pdf.render(paper(said("话")), {})))
    root: Any = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == "关于第32次全国助残日活动开展情况的总结"
    assert reader.metadata.author == "某市残疾人联合会"
    assert reader.metadata.creation_date == datetime(2022, 5, 31, 17, 5, 9, tzinfo=UTC)
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    assert [str(entry["/Title"]) for entry in reader.outline if isinstance(entry, dict)] == [
        "关于第32次全国助残日活动开展情况的总结"
    ]


class TestPage:
    """GB/T 9704-2012: the measures of paper, text and page numbers."""

    BODY = said("为全市残疾人办实事" * 200)

    def test_a_page_holds_22_lines_of_28_characters(self) -> None:
        made = pdf.render(paper(self.BODY, subtitles=()), {})
        second = [each for each in lines(made) if each[0] == 2 and each[4] == 16]
        assert len(second) == 22
        assert {len(text) for _, _, _, text, _ in second} == {28}
        assert {left for _, left, _, _, _ in second} == {28.0}
        tops = [top for _, _, top, _, _ in second]
        pitches = {round(lower - upper, 1) for upper, lower in itertools.pairwise(tops)}
        assert pitches == {10.2}
        box = PdfReader(io.BytesIO(made)).pages[0].mediabox
        assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == (210, 297)

    def test_page_numbers_stand_on_the_outer_side(self) -> None:
        made = pdf.render(paper(self.BODY), {})
        numbers = [each for each in lines(made) if each[4] == 14]
        assert [text for _, _, _, text, _ in numbers] == [
            f"— {number} —" for number in range(1, len(numbers) + 1)
        ]
        for number, left, top, _, _ in numbers:
            # The dash is a little above the line of letters, 7 mm below the text at 262 mm.
            assert 269.5 < top < 271.5
            assert (left > 160) if number % 2 else (left == pytest.approx(32.9, abs=0.1))

    def test_the_title_is_centred_and_headings_are_indented_by_two_characters(self) -> None:
        inner = Section("deeper", "走访慰问", (said("话"),))
        document = paper()
        outer = replace(document.sections[0], sections=(inner,))
        found = {text: each for each in lines(pdf.render(replace(document, sections=(outer,)), {}))
                 for text in [each[3]]}  # fmt: skip
        title = found["关于第32次全国助残日活动开展情况的总结"]
        assert title[4] == 22
        assert title[1] - 28 == pytest.approx(19 * 22 / 72 * 25.4 / 40, abs=6)
        for text in ("一、活动开展情况", "（一）走访慰问", "话"):
            assert found[text][1] == pytest.approx(28 + 2 * 15.79 / 72 * 25.4, abs=0.1)
            assert found[text][4] == 16

    def test_whom_it_is_for_stands_flush_left_before_the_text(self) -> None:
        made = pdf.render(paper(said("话"), recipient="某省残疾人联合会："), {})
        texts = [text for _, _, _, text, size in lines(made) if size in {16, 22}]
        assert texts[:3] == [
            "关于第32次全国助残日活动开展情况的总结",
            "某省残疾人联合会：",
            "一、活动开展情况",
        ]
        assert next(each for each in lines(made) if each[3] == "某省残疾人联合会：")[1] == 28

    @pytest.mark.parametrize("issuer", ["某市残疾人联合会", "市残联"])
    def test_the_date_begins_two_characters_behind_the_name(self, issuer: str) -> None:
        found = {each[3]: each for each in lines(pdf.render(paper(said("话"), issuer=issuer), {}))}
        name, day = found[issuer], found["2022年6月1日"]
        assert day[1] - name[1] == pytest.approx(2 * 5.57, abs=0.1)
        assert day[2] - name[2] == pytest.approx(10.2, abs=0.1)
        # The longer one ends two characters before the edge.
        ends = {"某市残疾人联合会": name[1] + 8 * 5.57, "市残联": day[1] + 6.3 * 5.57}
        assert 184 - ends[issuer] == pytest.approx(2 * 5.57, abs=0.5)

    def test_the_signature_takes_the_end_of_the_text_along(self) -> None:
        """However the text fills its last page, no page holds the signature alone."""
        for count in range(24, 28 * 8, 28):
            document = paper(said("话" * 28 * 12), said("实" * count))
            made = list(lines(pdf.render(document, {})))
            signed = next(each[0] for each in made if each[3] == "某市残疾人联合会")
            assert any("实" in text for number, _, _, text, _ in made if number == signed)

    def test_a_draft_says_so_below_its_title(self) -> None:
        draft = Verification("7K2M-9QXD-41VH", "", "草稿")
        texts = [each[3] for each in lines(pdf.render(paper(verification=draft), {}))]
        assert texts[1] == "（草稿）"
        assert "（草稿）" not in words(pdf.render(paper(), {}))


class TestBlocks:
    def test_a_long_table_repeats_its_head_on_every_page(self) -> None:
        rows = tuple((Cell.words(f"第{row}村"), Cell.words("户")) for row in range(120))
        made = pdf.render(paper(Table("各村情况", ("单位名称", "走访户数"), rows)), {})
        texts = [(number, text) for number, _, _, text, _ in lines(made)]
        pages = {number for number, text in texts if text.startswith("第") and "村" in text}
        assert len(pages) >= 3
        assert [number for number, text in texts if text == "单位名称"] == sorted(pages)
        found = words(made)
        assert all(f"第{row}村户" in found for row in range(120))

    def test_numbers_are_flush_right(self) -> None:
        table = Table(
            "表",
            ("单位", "岗位"),
            tuple((Cell.words("甲"), Cell((Text(text),), numeric=True)) for text in ("7", "12345")),
        )
        found = {each[3]: each[1] for each in lines(pdf.render(paper(table), {}))}
        digit = 10.5 * 0.55 / 72 * 25.4
        assert found["7"] - found["12345"] == pytest.approx(4 * digit, abs=0.6)

    def test_pictures_are_told_to_those_who_do_not_see_them(self) -> None:
        made = pdf.render(paper(CHART, PHOTO), {PHOTO.sha256: photo_bytes()})
        told = [str(element["/Alt"]) for kind, element in elements(made) if "/Alt" in element]
        assert told == [CHART.description, PHOTO.description, f"二维码：打开核验网页 {ADDRESS}"]
        found = words(made)
        assert "志愿者在社区" in found
        assert bare("各单位岗位数单位岗位（个）甲县残联约490") in found
        assert failures(made) == []

    def test_a_caption_stands_below_its_picture(self) -> None:
        """Wherever on the page the picture comes to stand."""
        for height in range(6, 16):
            document = paper(said("话" * 28 * height), PHOTO)
            made = pdf.render(document, {PHOTO.sha256: photo_bytes()})
            reader = PdfReader(io.BytesIO(made))
            caption = next(each[0] for each in lines(made) if each[3] == "志愿者在社区")
            with_pictures = [
                number for number, each in enumerate(reader.pages, start=1) if each.images
            ]
            assert with_pictures == [caption]

    def test_a_photo_that_is_gone_or_broken_is_told(self) -> None:
        assert "（照片已撤下：志愿者在社区）" in words(pdf.render(paper(PHOTO), {}))
        broken = {PHOTO.sha256: b"\x89PNG\r\n\x1a\nno"}
        assert "（照片无法显示：志愿者在社区）" in words(pdf.render(paper(PHOTO), broken))

    def test_a_ledger_tells_targets_only_where_there_are_any(self) -> None:
        with_targets = words(pdf.render(paper(Ledger((OPENINGS, PEOPLE))), {}))
        assert bare("指标数值任务与完成佐证提供岗位约490个") in with_targets
        assert "任务500个，完成率98%" in with_targets
        assert bare("指标数值佐证走访慰问人数1132人") in words(
            pdf.render(paper(Ledger((PEOPLE,))), {})
        )


class TestFigures:
    SPAN = FigureSpan("4.8万元", CASH.metric, CASH.organisation)

    def test_a_figure_leads_to_its_row_of_the_annex_where_it_is_first_mentioned(self) -> None:
        again = Paragraph((self.SPAN, Text("发放完毕。")))
        made = pdf.render(paper(Paragraph((Text("发放"), self.SPAN, Text("。"))), again), {})
        assert words(made).count("4.8万元〔2〕") == 1
        assert "4.8万元发放完毕" in words(made)
        reader = PdfReader(io.BytesIO(made))
        links = [note.get_object() for note in reader.pages[0].get("/Annots", [])]
        assert len(links) == 1
        name = links[0]["/Dest"] if "/Dest" in links[0] else links[0]["/A"]["/D"]
        target: Any = name if isinstance(name, list) else _destination(reader, str(name))
        arrived = reader.get_page_number(target[0].get_object())
        assert arrived is not None
        rows = {each[3]: each for each in lines(made) if each[0] == arrived + 1}
        # The number stands in the middle of its row, the mark at its beginning.
        assert rows["1"][2] < 297 - float(target[3]) * 25.4 / 72 < rows["2"][2]

    def test_a_figure_without_an_entry_has_no_mark(self) -> None:
        made = pdf.render(paper(Paragraph((self.SPAN,)), annex=Annex(())), {})
        assert "〔" not in words(made)
        assert failures(made) == []

    def test_the_annex_tells_where_a_figure_comes_from(self) -> None:
        found = words(pdf.render(paper(said("话")), {}))
        assert (
            bare(
                "1提供岗位约490个job_fair.openings招聘岗位数其中260个有明细，佐证率53.06%任务500个，"
                "完成率98%某市残联合计填报约490个（来源：全市汇总）某市残联"
            )
            in found
        )
        for line in ("主题：促进残疾人就业", "状态：第2版（定稿）", "核验码：7K2M-9QXD-41VH"):
            assert line in found
        assert bare("生成时间：2022年6月1日 01:05") in found
        assert f"核验地址：{ADDRESS}" in found


class TestFonts:
    def test_the_common_ideographs_are_all_held(self) -> None:
        common = "".join(map(chr, range(0x4E00, 0x9FA6)))
        assert list(fonts.pieces(common)) == [common]

    def test_rare_characters_of_names_are_held_or_told(self) -> None:
        assert list(fonts.pieces("㛃某䶮")) == ["㛃某䶮"]
        assert list(fonts.pieces("甲𠮷乙")) == [
            "甲",
            fonts.Absent("20BB7", "字库没有的字：𠮷（U+20BB7）"),
            "乙",
        ]
        assert [piece.description for piece in fonts.pieces("\ue000\udcff\U000313ff")
                if isinstance(piece, fonts.Absent)] == [
            "字库没有的字：U+E000", "字库没有的字：U+DCFF", "字库没有的字：\U000313ff（U+313FF）",
        ]  # fmt: skip

    def test_what_prints_nothing_is_left_out_and_a_break_is_a_space(self) -> None:
        assert "".join(map(str, fonts.pieces("葛\U000e0100城\u200b\ufeff\n区\x00"))) == "葛城 区"

    def test_a_character_without_a_glyph_is_printed_as_its_code(self) -> None:
        made = pdf.render(paper(said("受助人𠮷某"), title="𠮷县总结"), {})
        assert "受助人20BB7某" in words(made)
        told = [str(element.get("/Alt")) for kind, element in elements(made) if kind == "Figure"]
        assert told.count("字库没有的字：𠮷（U+20BB7）") == 2
        reader = PdfReader(io.BytesIO(made))
        assert reader.metadata is not None
        assert reader.metadata.title == "𠮷县总结"
        assert failures(made) == []

    def test_every_font_is_ours_and_embedded(self) -> None:
        reader = PdfReader(io.BytesIO(pdf.render(paper(said("话"), CHART), {})))
        found = set()
        for each in reader.pages:
            resources: Any = each["/Resources"]
            for font in resources["/Font"].values():
                below = font.get_object()["/DescendantFonts"][0].get_object()
                assert "/FontFile3" in below["/FontDescriptor"].get_object()
                found.add(str(below["/BaseFont"]).partition("+")[2])
        assert found == {"NotoSerifSC-Regular", "NotoSansSC-Regular"}
