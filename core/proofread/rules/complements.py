"""Two percentages that are each other's rest and do not make 100%: 98.05% 合格, 1.94% 不合格."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from core.proofread import arithmetic
from core.proofread.findings import Finding

if TYPE_CHECKING:
    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage

_OPPOSITES = (
    ("男", "女"), ("城镇", "农村"), ("城市", "农村"), ("线上", "线下"), ("成年", "未成年"),
    ("重度", "轻度"), ("持证", "无证"),
)  # fmt: skip
_NEGATIONS = ("不", "未", "没有", "无法", "尚未", "非")
_RESTS = ("其余", "其他", "剩余", "余下")


def check(passage: Passage) -> list[Finding]:
    """Neighbouring percentages that exclude each other, or miss 100% by their last digit alone."""
    found: list[Finding] = []
    for sentence in passage.sentences:
        rates = [q for q in sentence.quantities if q.kind == "percent"]
        for first, last in pairwise(rates):
            if arithmetic.rough(first) or arithmetic.rough(last):
                continue
            if _nearly(first, last) or (len(rates) == 2 and _exclude(first, last, passage)):
                finding = _missed(first, last)
                if finding:
                    found.append(finding)
    return found


def _nearly(first: Quantity, last: Quantity) -> bool:
    """98.05 and 1.94: two numbers with the same decimals hardly come so close to 100 by chance."""
    missing = abs(100 - Fraction(first.value) - Fraction(last.value))
    return first.step == last.step <= Fraction(1, 10) and 0 < missing <= Fraction(first.step)


def _exclude(first: Quantity, last: Quantity, passage: Passage) -> bool:
    """Whether the second is the rest of the first."""
    one, other = passage.clause(first), passage.clause(last)
    if any(word in other for word in _RESTS):
        return True
    if any((a in one and b in other) or (b in one and a in other) for a, b in _OPPOSITES):
        return "占" in one and "占" in other
    for word in _NEGATIONS:
        place = other.find(word)
        if place >= 0 and other[place + len(word) :][:2].strip("的") in one and word not in one:
            return True
    return False


def _missed(first: Quantity, last: Quantity) -> Finding | None:
    whole = Fraction(first.value) + Fraction(last.value)
    missing = abs(100 - whole)
    if missing == 0 or first.step != last.step:
        return None
    expected = arithmetic.percent(100 - Fraction(first.value), arithmetic.places(last))
    said = (
        f"{arithmetic.number(first.value)}%＋{arithmetic.number(last.value)}%＝"
        f"{arithmetic.number(whole)}%"
    )
    if missing <= 2 * Fraction(last.step):
        message = f"互补的两个比率相加应为100%：{said}，其中一个是截去尾数而没有四舍五入"
        return Finding(last.text, last.start, "rounding", last.text, expected, None, message)
    message = f"互补的两个比率相加应为100%：{said}"
    return Finding(last.text, last.start, "sum", last.text, expected, None, message)
