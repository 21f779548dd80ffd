"""The language of templates: what is left out, what is refused, and that nothing hangs loose."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import wording
from core.figures import Figure
from core.metrics import Metric
from core.recap.model import FigureSpan, Text, said
from core.recap.templating.language import Vocabulary
from core.recap.templating.parts import WORDS
from core.recap.templating.texts import Texts, check

METRICS = {
    metric.key: metric
    for metric in (
        Metric("condolence.households", "走访慰问户数", "户", "distinct", plugin="condolence"),
        Metric("condolence.people", "走访慰问人数", "人", "distinct", plugin="condolence"),
        Metric("condolence.visits", "走访慰问次数", "次", "sum", plugin="condolence"),
        Metric(
            "condolence.cash",
            "慰问金",
            "元",
            "sum",
            scale=100,
            plugin="condolence",
            aliases=("慰问经费",),
        ),
        Metric("rate", "意向率", "%", "ratio", numerator="a", denominator="b"),
        Metric("own.1", "书画展", "场", "sum"),
        Metric("own.2", "讲座", "场", "sum"),
        Metric("own.3", "讲座", "次", "sum"),
    )
}
KNOWN = Vocabulary(METRICS, {**WORDS, "媒体": "媒体的名称"})


def figure(key: str, value: str, **more: object) -> Figure:
    metric = METRICS[key]
    numbers = {
        name: Decimal(str(more[name])) if name in more else None
        for name in ("target", "completion")
    }
    return Figure(
        metric=key,
        label=metric.label,
        unit=metric.unit,
        aggregation=metric.aggregation,
        organisation="city",
        value=Decimal(value),
        itemised=None,
        evidence=None,
        approximate=bool(more.get("approximate")),
        **numbers,
    )


HOUSEHOLDS = figure("condolence.households", "231")
PEOPLE = figure("condolence.people", "25", target=10, completion="2.5")
VISITS = figure("condolence.visits", "25")
CASH = figure("condolence.cash", "45000", approximate=True)
ALL = (HOUSEHOLDS, PEOPLE, VISITS, CASH)


def texts(*figures: Figure, **previous: Figure) -> Texts:
    words = {"单位": "某市残联", "时间": "2022年5月1日至31日", "节日日期": "2022年5月15日"}
    last = {each.metric: each for each in previous.values()}
    return Texts("city", {each.metric: each for each in figures}, METRICS, {}, words, last)


def written(text: str, *figures: Figure, **words: str) -> list[str]:
    return [said(each.inlines) for each in texts(*figures).paragraphs(text, **words)]


def test_a_figure_is_said_with_its_unit_and_leads_to_its_records() -> None:
    (made,) = texts(CASH).paragraphs("发放慰问金{慰问金}。")
    assert made.inlines == (
        Text("发放慰问金"),
        FigureSpan("约4.5万元", "condolence.cash", "city"),
        Text("。"),
    )


CLAUSES = "活动期间，走访{走访慰问户数}，其中特困{走访慰问人数}；共{走访慰问次数}，受到好评。"
LISTS = "走访慰问〔家庭{走访慰问户数}、个人{走访慰问人数}〕，发放[慰问金{慰问金}]。"


@pytest.mark.parametrize(
    ("text", "figures", "expected"),
    [
        (CLAUSES, ALL, ["活动期间，走访231户，其中特困25人；共25次，受到好评。"]),
        (CLAUSES, (HOUSEHOLDS, VISITS), ["活动期间，走访231户；共25次，受到好评。"]),
        # What a part is a part of is gone, and with it the part.
        (CLAUSES, (PEOPLE, VISITS), ["活动期间，共25次，受到好评。"]),
        (CLAUSES, (PEOPLE,), []),
        (CLAUSES, (), []),
        (LISTS, ALL, ["走访慰问家庭231户、个人25人，发放慰问金约4.5万元。"]),
        (LISTS, (PEOPLE, CASH), ["走访慰问个人25人，发放慰问金约4.5万元。"]),
        (LISTS, (PEOPLE,), ["走访慰问个人25人。"]),
        (LISTS, (CASH,), ["发放慰问金约4.5万元。"]),
        ("主要做法：走访{走访慰问户数}；共{走访慰问次数}。", (VISITS,), ["主要做法：共25次。"]),
        ("共{走访慰问户数}，其中：个人{走访慰问人数}。", (HOUSEHOLDS,), ["共231户。"]),
        ("走访{走访慰问户数}（{走访慰问人数}）。", (HOUSEHOLDS,), ["走访231户。"]),
        ("走访{走访慰问户数}（{走访慰问人数}）。", ALL, ["走访231户（25人）。"]),
        # 25人（25次）says nothing twice.
        ("走访{走访慰问人数}（{走访慰问次数}）。", ALL, ["走访25人。"]),
        ("走访{走访慰问人数}（共{走访慰问次数}）。", ALL, ["走访25人（共25次）。"]),
        ("{走访慰问户数}共{走访慰问人数}｜{走访慰问户数}。", (HOUSEHOLDS,), ["231户。"]),
        ("{走访慰问户数}共{走访慰问人数}｜{走访慰问户数}。", ALL, ["231户共25人。"]),
        ("{时间}，{单位}走访{走访慰问户数}。", (), []),
        ("{单位}围绕“{主题}”开展活动，受到好评。", (), []),
        ("第一句。走访{走访慰问户数}。第三句，没有数据！？", (), ["第一句。第三句，没有数据！？"]),
        ("\n走访{走访慰问户数}。\n\n\u3000\u3000第二段\n", (), ["第二段"]),
        ("任务{走访慰问人数|任务}，完成率{走访慰问人数|完成率}。", ALL, ["任务10人，完成率250%。"]),
        ("任务{走访慰问户数|任务}，完成率{走访慰问户数|完成率}。", ALL, []),
        ("｛走访慰问人数｜任务｝［{走访慰问户数}］。", ALL, ["10人231户。"]),
        # Brackets, bars and braces that are no template stand as they are.
        (
            "残联发〔2022〕5号，甲|乙 [附件]（见后）",
            (),
            ["残联发〔2022〕5号，甲|乙 [附件]（见后）"],
        ),
        ("没有配对的{括号，照写。", (), ["没有配对的{括号，照写。"]),
        ("走访“{走访慰问户数}，好”，其他。", (HOUSEHOLDS,), ["走访“231户，好”，其他。"]),
    ],
)
def test_what_is_absent_takes_its_clause_along(
    text: str, figures: tuple[Figure, ...], expected: list[str]
) -> None:
    assert written(text, *figures) == expected


def test_words_are_no_templates_and_count_as_absent_when_empty() -> None:
    text = "在{媒体}刊发稿件，走访{走访慰问户数}。"
    assert written(text, HOUSEHOLDS, 媒体="{慰问金}，甲。") == [
        "在{慰问金}，甲。刊发稿件，走访231户。"
    ]
    assert written(text, HOUSEHOLDS, 媒体="") == ["走访231户。"]


def test_a_year_is_said_once_a_paragraph() -> None:
    assert written("{节日日期}那天。{时间}，全体。\n{时间}，全体。") == [
        "2022年5月15日那天。5月1日至31日，全体。",
        "2022年5月1日至31日，全体。",
    ]


def test_what_follows_from_a_figure_leads_back_once() -> None:
    (made,) = texts(PEOPLE).paragraphs("{走访慰问人数}，完成率{走访慰问人数|完成率}。")
    assert [each.text for each in made.inlines if isinstance(each, FigureSpan)] == ["25人"]
    (made,) = texts(PEOPLE).paragraphs("完成率{走访慰问人数|完成率}，任务{走访慰问人数|任务}。")
    assert [each.text for each in made.inlines if isinstance(each, FigureSpan)] == ["250%"]


LAST = "{k|上次}，{k|比上次}，{k|增幅}。"


@pytest.mark.parametrize(
    ("now", "last", "expected"),
    [
        (PEOPLE, figure("condolence.people", "20"), "20人，比上次增加5人，增长25%。"),
        (PEOPLE, figure("condolence.people", "30"), "30人，比上次减少5人，下降16.67%。"),
        (PEOPLE, figure("condolence.people", "25"), "25人，与上次持平，持平。"),
        (PEOPLE, figure("condolence.people", "0"), "0人，比上次增加25人。"),
        (
            CASH,
            figure("condolence.cash", "30000", approximate=True),
            "约3万元，比上次增加约1.5万元，增长约50%。",
        ),
        (figure("rate", "0.45"), figure("rate", "0.4"), "40%，比上次提高5个百分点。"),
    ],
)
def test_last_time_stands_beside_it(now: Figure, last: Figure, expected: str) -> None:
    text = LAST.replace("k", now.metric)
    (made,) = texts(now, last=last).paragraphs(text)
    assert said(made.inlines) == expected
    assert texts(now).paragraphs(text) == ()


def test_a_name_that_nothing_has_is_left_out_and_told() -> None:
    made = texts(HOUSEHOLDS)
    paragraphs = made.paragraphs("走访{走访慰问户数}，演出{文艺演出}。演出{文艺演出}。")
    assert [said(each.inlines) for each in paragraphs] == ["走访231户。"]
    (finding,) = made.findings
    assert finding.code == "template_unknown_figure"
    assert "“文艺演出”" in finding.message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CLAUSES, []),
        (LISTS, []),
        ("走访{走访慰问户}。", [(1, 3, "unknown_figure")]),
        ("甲\n走访{慰问经费}", [(2, 3, "unknown_figure")]),
        ("走访{}", [(1, 3, "empty_field")]),
        ("走访{讲座}", [(1, 3, "ambiguous")]),
        ("走访{走访慰问户数", [(1, 3, "unclosed_brace")]),
        ("走访走访慰问户数}", [(1, 9, "stray_brace")]),
        ("〔甲{走访慰问户数}", [(1, 1, "unclosed_bracket")]),
        ("甲{走访慰问户数}〕", [(1, 10, "stray_bracket")]),
        ("〔{走访慰问户数}，{走访慰问人数}〕", [(1, 10, "list_mark")]),
        ("{走访慰问户数|去年}", [(1, 1, "unknown_variant")]),
        ("{单位|任务}", [(1, 1, "unknown_variant")]),
        ("超额{走访慰问人数|完成率}完成", [(1, 3, "excess")]),
        ("超额完成任务的{走访慰问人数|完成率}", [(1, 8, "excess")]),
        ("超额完成任务，完成率{走访慰问人数|完成率}", []),
        ("近{走访慰问人数}", [(1, 2, "approximation")]),
        ("约{走访慰问人数|上次}", [(1, 2, "approximation")]),
        ("{走访慰问人数}余人", [(1, 1, "approximation")]),
        ("{走访慰问人数}左右", [(1, 1, "approximation")]),
        ("签约{走访慰问人数}，附近{走访慰问户数}", []),
        ("超过任务{走访慰问人数|任务}，超过{走访慰问人数|上次}", []),
        ("{走访慰问户数}人", [(1, 1, "unit")]),
        ("{走访慰问户数}户", [(1, 1, "unit")]),
        ("{走访慰问人数|完成率}%", [(1, 1, "unit")]),
        ("{走访慰问户数}家庭，{走访慰问人数}人员", []),
        ("走" * 5001, [(1, 1, "too_long")]),
    ],
)
def test_what_is_refused_and_where(text: str, found: list[tuple[int, int, str]]) -> None:
    faults = [each for each in check(text, KNOWN) if not each.warning]
    assert [(each.line, each.column, each.code) for each in faults] == found
    assert all(re.search(r"第\d+行第\d+个字：[^ ]+", each.sentence) for each in faults)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("超额完成任务，走访{走访慰问人数}", "excess"),
        ("走访{走访慰问人数},发放{慰问金}", "half_width"),
    ],
)
def test_what_is_only_warned_of(text: str, code: str) -> None:
    (fault,) = check(text, KNOWN)
    assert (fault.code, fault.warning) == (code, True)


@pytest.mark.parametrize(
    "text",
    [
        "〔" * 4000 + "{走访慰问户数}",
        "〔" * 2400 + "{走访慰问户数}" + "〕" * 2400,
        "（“" * 1200 + "{走访慰问户数}" + "”）" * 1200,
        "{不知道的数据}" * 700,
        "超额" * 1500 + "{走访慰问户数}" * 200,
        "{" * 4900,
    ],
)
def test_a_template_made_to_hurt_is_read_in_no_time(text: str) -> None:
    began = time.perf_counter()
    check(text, KNOWN)
    written(text, HOUSEHOLDS)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("走访慰问户", "走访慰问户数"),
        ("慰问经费", "慰问金"),
        ("condolence.house", "走访慰问户数"),
        ("单位名称", "单位"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(name: str, hint: str) -> None:
    (fault,) = check(f"{{{name}}}", KNOWN)
    assert f"是不是“{hint}”" in fault.message


def test_labels_are_shown_and_keys_are_stored() -> None:
    typed = "{走访慰问户数｜任务}，{ 慰问金 }，{own.1}，{own.2}，{单位}，{不知道}"
    kept = "{condolence.households|任务}，{condolence.cash}，{书画展}，{own.2}，{单位}，{不知道}"
    shown = "{走访慰问户数|任务}，{慰问金}，{书画展}，{own.2}，{单位}，{不知道}"
    assert KNOWN.stored(typed) == kept
    assert KNOWN.shown(kept) == shown
    assert KNOWN.stored(shown) == kept


def plain_figure(key: str, value: Decimal) -> Figure:
    return Figure(key, key, "件", "sum", "city", value, None, None, None, None, approximate=False)


@dataclass(frozen=True)
class Piece:
    """A clause of a made-up template, and which of its figures are said when these are there."""

    text: str
    keys: tuple[str, ...]

    def expected(self, there: set[str]) -> set[str]:
        have = set(self.keys) & there
        if self.text.startswith("同"):
            return have if have == set(self.keys) else set()
        if self.text.startswith("附") and self.keys[0] not in there:
            return set()
        return have


@st.composite
def templates(draw: st.DrawFn) -> tuple[list[list[Piece]], str]:
    """Sentences of clauses of every kind, each figure named once, and the template they make."""
    number = 0
    sentences: list[list[Piece]] = []
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        pieces, clauses = [], []
        for _ in range(draw(st.integers(1, 4))):
            kind = draw(st.sampled_from(["lead", "one", "both", "list", "aside", "choice"]))
            a, b = f"k{number}", f"k{number + 1}"
            number += 2
            text, keys = {
                "lead": ("活动期间", ()),
                "one": (f"办理{{{a}}}", (a,)),
                "both": (f"同{{{a}}}带{{{b}}}", (a, b)),
                "list": (f"发放〔甲{{{a}}}、乙{{{b}}}〕完", (a, b)),
                "aside": (f"附{{{a}}}（{{{b}}}）", (a, b)),
                "choice": (f"或{{{a}}}和{{{b}}}｜甲{{{a}}}｜乙{{{b}}}", (a, b)),
            }[kind]
            clauses.append(text + draw(st.sampled_from("，；：")))
            pieces.append(Piece(text, keys))
        if not any(piece.keys for piece in pieces):
            continue
        sentences.append(pieces)
        lines.append("".join(clauses)[:-1] + "。" + draw(st.sampled_from(["", "\n"])))
    return sentences, "".join(lines)


@given(templates(), st.sets(st.integers(0, 30)))
def test_any_figures_may_be_absent_and_nothing_hangs_loose(
    made: tuple[list[list[Piece]], str], there: set[int]
) -> None:
    sentences, template = made
    present = {f"k{number}" for number in there}
    metrics = {f"k{n}": Metric(f"k{n}", f"数{n}", "件", "sum") for n in range(40)}
    stated = {key: plain_figure(key, Decimal(1000 + int(key[1:]))) for key in present}
    paragraphs = Texts("city", stated, metrics, {}).paragraphs(template)
    text = "".join(said(each.inlines) for each in paragraphs)
    assert not re.search(r"[，；：、。（][，；：、。）]", text), text
    assert not re.search(r"[〔〕{}｜]", text)
    assert all(re.match(r"[^，；：、。]", said(each.inlines)) for each in paragraphs)
    assert text == "" or text.endswith("。")
    # No lead stands alone: every sentence that is left states a figure.
    assert all(re.search(r"\d+件", sentence) for sentence in text.split("。")[:-1])
    expected = {key for each in sentences for piece in each for key in piece.expected(present)}
    assert set(re.findall(r"\d+件", text)) == {f"{1000 + int(key[1:])}件" for key in expected}


QUANTITY = re.compile(r"(?:约|近|超过)?\d+(?:\.\d+)?[万亿]?余?(?:人次|人|户|元|本|%)")


@given(
    st.integers(0, 10**12),
    st.sampled_from(["人", "户", "人次", "元", "本"]),
    st.booleans(),
    st.one_of(st.none(), st.integers(1, 10**6)),
)
def test_whatever_a_template_says_reads_back(
    value: int, unit: str, approximate: bool, target: int | None
) -> None:
    metric = Metric("k", "数", unit, "sum")
    goal = None if target is None else Decimal(target)
    completion = None if target is None else (Decimal(value) / target).quantize(Decimal("0.0001"))
    stated = Figure(
        "k", "数", unit, "sum", "city", Decimal(value), None, None, goal, completion, approximate
    )
    made = Texts("city", {"k": stated}, {"k": metric}, {}).paragraphs("{k}，{k|任务}，{k|完成率}")
    text = said(made[0].inlines)
    assert QUANTITY.sub("", text).strip("，") == ""
    read = [wording.read_quantity(each) for each in text.split("，")]
    expected = [(Decimal(value), unit, approximate)]
    if goal is not None and completion is not None:
        expected += [(goal, unit, False), (completion, "%", False)]
    assert read == expected
