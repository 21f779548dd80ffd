"""Sentences made by rule: a true one raises no alarm, one disturbed number raises just one."""

from __future__ import annotations

from decimal import Decimal

import cn2an
from hypothesis import assume, given
from hypothesis import strategies as st

from core import wording
from core.proofread.checking import text_findings

ARABIC = st.booleans()
COUNTS = st.integers(min_value=21, max_value=9000)
GROUPS = ("视力", "听力", "言语", "智力", "精神", "多重")


def said(number: int, *, arabic: bool) -> str:
    return str(number) if arabic else cn2an.an2cn(number, "low")


def kinds(text: str) -> list[str]:
    return [finding.finding for finding in text_findings(text)]


RATES = (
    "全年任务{whole}人，完成{part}人，完成率{rate}。",
    "完成培训{part}人，任务{whole}人，完成率为{rate}。",
    "今年市下达任务{whole}人，我县实际完成{part}人，占任务的{rate}。",
    "完成{part}人，占年度任务{whole}人的{rate}。",
)
SHARES = (
    "到场残疾人{whole}人，其中{part}人达成意向，占{rate}。",
    "{whole}名求职者中有{part}名达成意向，占比{rate}。",
    "全镇{whole}户残疾人家庭中，完成改造{part}户，占{rate}。",
    "应建档{whole}人，实际建档{part}人，建档率达到{rate}。",
    "参训{whole}人，结业{part}人，占参训人数的{rate}。",
)


def percentage(part: int, whole: int, *, arabic: bool) -> str:
    words = wording.share(Decimal(part), Decimal(whole))
    assert words is not None
    return words if arabic else "百分之" + cn2an.an2cn(words[:-1], "low")


@given(st.sampled_from(RATES + SHARES), COUNTS, COUNTS, ARABIC)
def test_a_true_rate(template: str, one: int, other: int, arabic: bool) -> None:
    part, whole = (min(one, other), max(one, other)) if template in SHARES else (one, other)
    assume(part != whole)
    rate = percentage(part, whole, arabic=arabic)
    text = template.format(
        part=said(part, arabic=arabic), whole=said(whole, arabic=arabic), rate=rate
    )
    assert kinds(text) == []


@given(
    st.sampled_from(RATES + SHARES), COUNTS, COUNTS, ARABIC,
    st.integers(min_value=105, max_value=300),
)  # fmt: skip
def test_a_false_rate(template: str, one: int, other: int, arabic: bool, times: int) -> None:
    part, whole = (min(one, other), max(one, other)) if template in SHARES else (one, other)
    # Less than one percentage point away it might be taken for one that is badly rounded.
    assume(part != whole and part * (times - 100) > whole)
    # Nor is one that holds the other way round told from one whose words say it that way round.
    assume(abs(part * times / whole - 100 * whole / part) > 1)
    rate = percentage(part * times, whole * 100, arabic=arabic)
    text = template.format(
        part=said(part, arabic=arabic), whole=said(whole, arabic=arabic), rate=rate
    )
    assert kinds(text) == ["ratio"]


SUMS = (
    "共筛查{whole}人，其中{parts}。",
    "全区共有残疾人{whole}人，分为{parts}。",
    "{parts}，合计{whole}人。",
    "{whole}名残疾人中，{parts}。",
    "受助残疾人{whole}人（{parts}）。",
    "全年{parts}，共{whole}人。",
)
PARTS = st.lists(st.integers(min_value=3, max_value=900), min_size=2, max_size=6)
LINKS = st.sampled_from(["、", "，"])


def listed(parts: list[int], link: str, *, arabic: bool) -> str:
    return link.join(
        f"{group}{said(part, arabic=arabic)}人" for group, part in zip(GROUPS, parts, strict=False)
    )


@given(st.sampled_from(SUMS), PARTS, LINKS, ARABIC)
def test_a_true_sum(template: str, parts: list[int], link: str, arabic: bool) -> None:
    text = template.format(
        whole=said(sum(parts), arabic=arabic), parts=listed(parts, link, arabic=arabic)
    )
    assert kinds(text) == []


@given(st.sampled_from(SUMS), PARTS, LINKS, ARABIC, st.integers(min_value=1, max_value=40))
def test_a_false_sum(
    template: str, parts: list[int], link: str, arabic: bool, thousandths: int
) -> None:
    whole = sum(parts)
    wrong = whole + max(1, whole * thousandths // 1000)
    assume(wrong - whole <= whole // 25)
    text = template.format(
        whole=said(wrong, arabic=arabic), parts=listed(parts, link, arabic=arabic)
    )
    assert kinds(text) == ["sum"]


PRODUCTS = (
    "为{count}户困难家庭每户发放{each}，共计{total}。",
    "慰问残疾人家庭{count}户，每户{each}，合计{total}。",
    "按每户{each}的标准慰问{count}户，共发放慰问金{total}。",
    "慰问标准为{each}/户，慰问{count}户，发放慰问金{total}。",
    "{count}户×{each}＝{total}。",
    "走访慰问残疾人家庭{count}户。每户送去慰问金{each}，共{total}。",
)
EACH = st.sampled_from([100, 200, 300, 500, 800, 1000, 1200, 2000, 3500])


def money(yuan: int, *, arabic: bool) -> str:
    return wording.quantity(Decimal(yuan), "元") if arabic else cn2an.an2cn(yuan, "low") + "元"


@given(st.sampled_from(PRODUCTS), st.integers(min_value=4, max_value=2000), EACH, ARABIC)
def test_a_true_product(template: str, count: int, each: int, arabic: bool) -> None:
    text = template.format(
        count=said(count, arabic=arabic), each=money(each, arabic=arabic),
        total=money(count * each, arabic=arabic),
    )  # fmt: skip
    assert kinds(text) == []


@given(
    st.sampled_from(PRODUCTS), st.integers(min_value=4, max_value=2000), EACH, ARABIC,
    st.integers(min_value=1, max_value=1000),
)  # fmt: skip
def test_a_false_product(template: str, count: int, each: int, arabic: bool, more: int) -> None:
    wrong = count * each + 100 * more
    assume(count * each // 50 < 100 * more < count * each)
    text = template.format(
        count=said(count, arabic=arabic), each=money(each, arabic=arabic),
        total=money(wrong, arabic=arabic),
    )  # fmt: skip
    assert kinds(text) == ["product"]


@given(
    st.integers(min_value=1, max_value=90),
    st.sampled_from(["人", "份", "人次", "户", "万元"]),
    ARABIC,
)
def test_marks_of_approximation(tens: int, unit: str, arabic: bool) -> None:
    number = said(tens * 100, arabic=arabic)
    for right in (
        f"{number}余{unit}",
        f"近{number}{unit}",
        f"约{number}{unit}",
        f"{number}{unit}左右",
    ):
        assert kinds(f"共计{right}。") == []
    for wrong in (f"近{number}余{unit}", f"约{number}{unit}左右", f"超过{number}余{unit}"):
        assert kinds(f"共计{wrong}。") == ["wording"]


@given(st.integers(min_value=1, max_value=400), st.integers(min_value=1, max_value=60))
def test_completion_is_no_excess(task: int, more: int) -> None:
    done = task + task * more // 10
    assume(done > task)
    rate = percentage(done, task, arabic=True)
    over = percentage(done - task, task, arabic=True)
    assert kinds(f"任务{task}人，完成{done}人，超额{over}完成。") == []
    if Decimal(rate[:-1]) != Decimal(over[:-1]):
        assert kinds(f"任务{task}人，完成{done}人，超额{rate}完成。") == ["wording"]
