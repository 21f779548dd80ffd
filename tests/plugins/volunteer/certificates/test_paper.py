"""A certificate on paper: what it says, its conformance, and that the same gives the same bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plugins.volunteer.certificates import paper
from plugins.volunteer.certificates.content import Content, Line, Record, read
from tests.core.recap.conformance import bare, elements, failures, words

AT = datetime(2026, 5, 20, 1, tzinfo=UTC)
SITE = "https://tongxing.example.cn"
LINE = Line(
    "第36次全国助残日·盲人电影进社区",
    ("引路", "推轮椅"),
    "甲旗残联",
    "2026-05-15",
    "2026-05-17",
    2,
    410,
)
CONTENT = Content(
    number="同行-2026-000001",
    code="7K2M9QXD41VH",
    name="欧阳𠮷娜",
    volunteer="2610811180",
    issuer="某市残疾人联合会",
    responsible="赵主任",
    handler="",
    contact="0470-1234567",
    first="2026-01-01",
    last="2026-05-17",
    issued_on="2026-05-20",
    minutes=505,
    lines=(
        LINE,
        Line("第36次全国助残日", ("手语",), "乙旗残联", "2026-05-15", "2026-05-15", 1, 95),
    ),
    records=(Record("2026-city", "t-1", "2026-05-15", 410),),
)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return paper.render(CONTENT, AT, SITE)


def test_it_holds_the_four_groups(pdf: bytes) -> None:
    said = words(pdf)
    for part in (
        "志愿服务记录证明",
        "编号：同行-2026-000001",
        "志愿者编号：2610811180",
        "2026年1月1日至2026年5月17日参加志愿服务，服务时长共计8.4小时（8小时25分钟）",
        "盲人电影进社区引路、推轮椅2026年5月15日至17日2次6小时50分钟甲旗残联",
        "合计3次8小时25分钟",
        "出具单位：某市残疾人联合会负责人：赵主任",
        "经办人：＿＿",
        "联系方式：0470-1234567",
        "出具日期：2026年5月20日",
        "核验码：7K2M-9QXD-41VH",
        "盖章处",
        "备注：",
    ):
        assert bare(part) in said, part


def test_it_is_accessible_and_fit_for_archives(pdf: bytes) -> None:
    assert failures(pdf) == []
    alternatives = [str(element["/Alt"]) for _, element in elements(pdf) if "/Alt" in element]
    assert any("𠮷" in each for each in alternatives)
    assert f"二维码：打开核验网页 {SITE}/volunteer/certificates/7K2M-9QXD-41VH" in alternatives
    names = [name for name, _ in elements(pdf)]
    assert names.count("H1") == 1
    assert {"Table", "TH", "TD"} <= set(names)


def test_many_activities_go_on_on_further_pages_under_their_heads() -> None:
    lines = tuple(replace(LINE, activity=f"第{number}项活动") for number in range(60))
    drawn = paper.render(replace(CONTENT, lines=lines), AT, SITE)
    said = words(drawn)
    assert "第0项活动" in said
    assert "第59项活动" in said
    assert "第1页，共" in said
    assert failures(drawn) == []


def test_the_same_gives_the_same_bytes_and_words_are_never_markup(pdf: bytes) -> None:
    assert paper.render(CONTENT, AT, SITE) == pdf
    odd = replace(CONTENT, name="#panic()", issuer="$x$ *粗* @here")
    said = words(paper.render(odd, AT, SITE))
    assert "#panic()" in said
    assert "$x$*粗*@here" in said


def test_a_stored_text_reads_back_without_loss() -> None:
    assert read(CONTENT.text()) == CONTENT
    assert read(CONTENT.without_name().text()).name.startswith("（")


def test_it_holds_only_with_every_record_just_so() -> None:
    assert CONTENT.holds({("2026-city", "t-1"): (410, "2026-05-15")})
    assert not CONTENT.holds({("2026-city", "t-1"): (409, "2026-05-15")})
    assert not CONTENT.holds({("2026-city", "t-1"): (410, "2026-05-16")})
    assert not CONTENT.holds({})
