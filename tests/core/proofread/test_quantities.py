"""Quantities: what is found, with what unit, label and marks, and what is left alone."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.proofread import quantities, units
from core.proofread.checking import text_findings


def only(text: str) -> quantities.Quantity:
    (quantity,) = quantities.find(text)
    return quantity


@pytest.mark.parametrize(
    ("text", "value", "unit", "kind"),
    [
        ("231户", "231", "户", "count"),
        ("1286人次", "1286", "人次", "count"),
        ("4.5万元", "45000", "元", "money"),
        ("四万六千元", "46000", "元", "money"),
        ("1.2亿元人民币", "120000000", "元", "money"),
        ("63.5%", "63.5", "%", "percent"),
        ("６３．５％", "63.5", "%", "percent"),
        ("百分之六十三点五", "63.5", "%", "percent"),
        ("千分之五", "0.5", "%", "percent"),
        ("六成五", "65", "%", "percent"),
        ("3.2个百分点", "3.2", "个百分点", "points"),
        ("1.5倍", "1.5", "倍", "multiple"),
        ("38场（次）", "38", "场次", "count"),
        ("60户家庭", "60", "户", "count"),
    ],
)
def test_value_unit_and_kind(text: str, value: str, unit: str, kind: str) -> None:
    quantity = only(text)
    assert (quantity.value, quantity.unit, quantity.kind) == (Decimal(value), unit, kind)
    assert (quantity.start, quantity.end, quantity.text) == (0, len(text), text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("提供岗位490个", "提供岗位"),
        ("提供490个岗位", "提供岗位"),
        ("490个岗位", "岗位"),
        ("走访慰问残疾人家庭231户。", "走访慰问残疾人家庭"),
        ("全年，共发放慰问金4.5万元，", "发放慰问金"),
        ("达成初步就业意向的181人", "达成初步就业意向"),
        ("志愿者总数达到312人", "志愿者总数"),
    ],
)
def test_the_label_says_what_is_counted(text: str, label: str) -> None:
    assert only(text).label == label


def test_a_list_gives_each_number_its_own_label() -> None:
    found = quantities.find("举办招聘会6场、提供岗位490个，其中男性65人、女性55人")
    assert [(int(q.value), q.label) for q in found] == [
        (6, "举办招聘会"), (490, "提供岗位"), (65, "男性"), (55, "女性"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "approximate", "marks"),
    [
        ("500人", None, ()),
        ("约500人", "about", ("约",)),
        ("500人左右", "about", ("左右",)),
        ("500余人", "above", ("余",)),
        ("20余万元", "above", ("余",)),
        ("十余人", "above", ("余",)),
        ("超过500人", "above", ("超过",)),
        ("近500人", "below", ("近",)),
        ("近百名", "below", ("近",)),
        ("上百人", "above", ("上",)),
        ("近900余份", "double", ("近", "余")),
        ("约500人左右", "double", ("约", "左右")),
        ("大约近两千余人次", "double", ("大约", "近", "余")),
        ("500份余", "above", ("余",)),
        ("三四十人", "about", ()),
    ],
)
def test_marks_of_approximation(text: str, approximate: str | None, marks: tuple[str, ...]) -> None:
    quantity = only(text)
    assert (quantity.approximate, quantity.marks, quantity.text) == (approximate, marks, text)


@pytest.mark.parametrize("text", ["节约500元", "预约300人", "附近200户", "商超20家", "签约300家"])
def test_a_word_that_ends_like_a_mark_is_none(text: str) -> None:
    assert only(text).approximate is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("100～150元", 100, 150), ("13万元～17万元", 130000, 170000), ("13～17万元", 130000, 170000),
     ("15%—30%", 15, 30), ("30-50人", 30, 50), ("5至10户", 5, 10)],
)  # fmt: skip
def test_a_range_is_one_quantity(text: str, low: int, high: int) -> None:
    quantity = only(text)
    assert quantity.value == low
    assert quantity.upper == high


def test_a_change_from_one_to_another_is_two() -> None:
    assert [q.value for q in quantities.find("从60户到80户")] == [60, 80]


def test_a_list_takes_the_counting_word_of_its_last() -> None:
    found = quantities.find("分别为538、151、62、94、130和13人")
    assert [(int(q.value), q.unit, q.bare) for q in found] == [
        (538, "人", True), (151, "人", True), (62, "人", True), (94, "人", True),
        (130, "人", True), (13, "人", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "per"),
    [("每户发放300元", "户"), ("人均600元", "人"), ("300元/户", "户"), ("每人每年600元", "人"),
     ("按每名学生2000元", "名"), ("共发放300元", None), ("每户300元，150户共发放4.5万元", "户")],
)  # fmt: skip
def test_an_amount_for_each_is_known(text: str, per: str | None) -> None:
    found = quantities.find(text)
    assert found[0].per == per
    assert all(q.per is None for q in found[1:])


@pytest.mark.parametrize(
    "text",
    [
        "2022年5月15日9时30分",
        "5月1日至31日",
        "2025—2026年",
        "二〇二二年五月十五日",
        "第32次全国助残日",
        "第三十二次",
        "残联发〔2022〕12号",
        "残联发〔2017〕34号文件",
        "0371-65432100",
        "13800138000",
        "11010519491231002X",
        "一户多残、一助一、一户一策",
        "“五个一”“两个维护”",
        "落实两项补贴，开展一系列活动，一批残疾人受益",
        "一是加强领导，二是广泛宣传",
        "一、基本情况",
        "（一）走访慰问",
        "1. 组织领导",
        "“十四五”期间",
        "80岁以上老人",
        "24小时热线12385",
        "三分之一的家庭",
        "下一步，进一步做好工作，十分重视",
        "视力残疾一级、二级",
        "近三年来",
        "《第12期简报》",
    ],
)
def test_what_counts_nothing_is_left_alone(text: str) -> None:
    assert quantities.find(text) == []


def test_offsets_are_those_of_the_text_given() -> None:
    text = "😀春节走访１，１３２户，\n发放慰问金三十三万九千六百元。"
    found = quantities.find(text)
    assert [text[q.start : q.end] for q in found] == ["１，１３２户", "三十三万九千六百元"]
    assert [q.value for q in found] == [1132, 339600]


ALPHABET = st.sampled_from(
    [
        *"0123456789０９.,，、。；：（）%％～-—/×＝+ \n一二两三十百千万亿零〇几数余多约近超",
        *"共每其中为占率完成任务人户名元倍年月😀",
        *("万元", "百分之", "个百分点", "分别", "合计", "左右", "增长", "其中", "完成率", "每户"),
    ]
)


@given(st.lists(ALPHABET, max_size=60).map("".join))
def test_any_text_is_read_and_every_quote_stands_where_it_says(text: str) -> None:
    for quantity in quantities.find(text):
        assert text[quantity.start : quantity.end] == quantity.text
        assert units.family(quantity.unit) == quantity.family
    offsets = [quantity.start for quantity in quantities.find(text)]
    assert offsets == sorted(set(offsets))
    for finding in text_findings(text):
        assert text[finding.offset : finding.offset + len(finding.quote)] == finding.quote
        assert finding.quote
        assert finding.message


@given(st.text(max_size=80))
def test_text_of_any_script_is_read(text: str) -> None:
    for finding in text_findings(text):
        assert text[finding.offset : finding.offset + len(finding.quote)] == finding.quote


SENTENCE = (
    "全年任务436人，完成786人，完成率180.28%；春节走访慰问残疾人家庭150户，每户300元，共发放慰问金4.5万元，"
    "其中低收入60户、一户多残40户、老残一体30户、特困20户。"
)


def seconds(unit: str) -> float:
    """How long a hundred kilobytes of one thing take."""
    text = unit * (100_000 // len(unit.encode()))
    start = time.process_time()
    text_findings(text)
    return time.process_time() - start


@pytest.mark.parametrize("unit", [SENTENCE, f"{SENTENCE}\n", SENTENCE.replace("。", "，")])
def test_a_hundred_kilobytes_of_prose_take_no_two_seconds(unit: str) -> None:
    assert seconds(unit) < 2


@pytest.mark.parametrize(
    "unit",
    [
        *("9", "1,", "1,234", "一", "三万", "1万", "1.5", "（", "每", "约", "其中", "2022年5月"),
        *("1户、", "占的", " ", "a1", "每户1元", "近", "“", "《", "共1户"),
    ],
    ids=lambda unit: unit.strip() or "空",
)
def test_no_text_takes_more_than_linear_time(unit: str) -> None:
    assert seconds(unit) < 6


@pytest.mark.parametrize(
    "text",
    [
        "如表所列〔7〕。",
        "同一人多次走访只计一次。",
        "四舍五入保留一位小数。",
        "由两项数据相除得出。",
    ],
)
def test_what_a_recap_says_about_its_own_figures_is_no_figure(text: str) -> None:
    """A recap made here, proof-read, gives no false alarm over its notes."""
    assert quantities.find(text) == []
