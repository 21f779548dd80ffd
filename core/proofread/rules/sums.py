"""Parts that miss the whole they are said to make."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from core.proofread import arithmetic, aspects, parts
from core.proofread.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.proofread.parts import Breakdown
    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage

# A list that comes so close to the whole was meant to be all of it.
_NEAR = Fraction(1, 20)
_OVER = Fraction(5, 4)
# What says that the list is not all of it.
_REST = re.compile("其余|其他|其它|剩余|余下|余款|另有|还有|等")


def check(passage: Passage) -> list[Finding]:
    """Breakdowns whose parts are too many, or too few where all are said to be named."""
    found: dict[int, Finding] = {}
    for sentence in passage.sentences:
        for breakdown in parts.of(passage, sentence):
            finding = _checked(breakdown) or _unaccounted(passage, breakdown)
            if finding:
                found.setdefault(breakdown.whole.start, finding)
    return list(found.values())


def _checked(breakdown: Breakdown) -> Finding | None:
    if arithmetic.rough(breakdown.whole) or any(map(arithmetic.rough, breakdown.parts)):
        return None
    if len(breakdown.parts) == 1:
        return _greater_part(breakdown)
    for run in aspects.runs(breakdown.parts):
        if _claims(breakdown, run) and not _explained(breakdown, run):
            return _finding(breakdown.whole, run)
    return None


def _unaccounted(passage: Passage, breakdown: Breakdown) -> Finding | None:
    """Things or money of which a list tells only a part, with nothing said of the rest.

    421件 of 904件: nobody can tell whether the list or the total is wrong. People are counted by
    attributes that leave out and overlap, so their lists say nothing of the kind.
    """
    whole, listed = breakdown.whole, breakdown.parts
    things = whole.kind == "money" or whole.unit == "件"
    if not things or len(listed) < 2 or breakdown.partial or any(map(arithmetic.rough, listed)):
        return None
    total = Fraction(sum((part.value for part in listed), Decimal(0)))
    following = passage.narrow[listed[-1].end : listed[-1].end + 12]
    if arithmetic.rough(whole) or not 0 < total < whole.value or _explained(breakdown, listed):
        return None
    if _REST.search(following.partition("。")[0]) or aspects.mixed(listed):
        return None
    said = "＋".join(arithmetic.amount(part.value, part) for part in listed)
    sum_of_parts = arithmetic.amount(total, whole)
    rest = arithmetic.amount(Fraction(whole.value) - total, whole)
    message = (
        f"列出的部分只有{said}＝{sum_of_parts}，{whole.text}中还有{rest}没有说明："
        "请补上其余部分，或写明“其中包括”"
    )
    return Finding(whole.text, whole.start, "sum", whole.text, sum_of_parts, None, message)


def _greater_part(breakdown: Breakdown) -> Finding | None:
    whole, part = breakdown.whole, breakdown.parts[0]
    if not 1 < whole.value < part.value or breakdown.complete or part.family != whole.family:
        return None
    if any(q.value >= part.value for q in breakdown.others):
        return None
    message = f"部分大于整体：其中的{part.text}多于总数{whole.text}"
    return Finding(whole.text, whole.start, "sum", whole.text, None, None, message)


def _explained(breakdown: Breakdown, run: Sequence[Quantity]) -> bool:
    """Whether the first so many parts, or the last, make this whole or another one before."""
    wholes = [breakdown.whole, *breakdown.others]
    for ordered in (run, run[::-1]):
        totals = accumulate(Fraction(q.value) for q in ordered)
        for count, total in enumerate(totals, 1):
            if count > 1 and any(_same(whole, total, ordered[:count]) for whole in wholes):
                return True
    return False


def _same(whole: Quantity, total: Fraction, some: Sequence[Quantity]) -> bool:
    if arithmetic.same(whole, total):
        return True
    coarse = sum((Fraction(q.step) / 2 for q in some if q.step > whole.step), Fraction(0))
    return abs(Fraction(whole.value) - total) < coarse


def _claims(breakdown: Breakdown, run: Sequence[Quantity]) -> bool:
    """Whether the text claims that these are all the parts, or they cannot be."""
    whole = Fraction(breakdown.whole.value)
    total = Fraction(sum((q.value for q in run), Decimal(0)))
    if not whole or aspects.mixed(run):
        return False
    if breakdown.complete or aspects.exhaustive(run):
        return whole / 2 <= total <= whole * 2
    near = abs(total - whole) <= whole * _NEAR
    if total < whole:
        return near and not breakdown.partial
    # Sums of money and things have no attributes that overlap, as people have.
    if breakdown.whole.family != "人" and total <= whole * _OVER:
        return True
    return near or (total <= whole * 2 and aspects.alike(run))


def _finding(whole: Quantity, run: Sequence[Quantity]) -> Finding:
    total = Fraction(sum((q.value for q in run), Decimal(0)))
    said = "＋".join(arithmetic.amount(q.value, q) for q in run)
    expected = arithmetic.amount(total, whole)
    gap = arithmetic.amount(abs(total - Fraction(whole.value)), whole)
    more = "多" if total > whole.value else "少"
    message = f"各部分之和与总数不符：{said}＝{expected}，比文中的{whole.text}{more}{gap}"
    return Finding(whole.text, whole.start, "sum", whole.text, expected, None, message)
