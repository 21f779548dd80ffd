"""A stated growth, multiple or change in percentage points that its two ends do not give."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from core.proofread import arithmetic, claims, operands
from core.proofread.findings import Finding

if TYPE_CHECKING:
    from core.proofread.claims import Claim
    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage, Sentence

_BASE = re.compile(
    r"去年|上年|同比|相比|比[^，。；]{1,10}的$|上一年|上届|上次|往年|前年|同期|原来|原有|原先|(?:^|[^自理缘])由(?!于|此)[^，。；]{0,10}$"
    r"|从(?!事|业|而|化|严|容)[^，。；]{0,10}$"
)
_DELTA = re.compile(r"(?:增加|增长|减少|下降|上升|新增|多|少|提高|降低)了?(?:约|近)?$")
_TIMES_OF = re.compile(r"(?:是|为|达到?|相当于|增(?:长|加)?(?:到|至))[^，。；]{0,24}$")
_TIMES_MORE = re.compile(r"(?:增长|增加|提高|上升|多|增)了?(?:约|近)?$")
_POINTS_CHANGE = re.compile(
    r"(?:(?P<up>提高|上升|增加|提升|增长|高)|(?P<down>下降|降低|减少|回落|低))了?$"
)


def check(passage: Passage) -> list[Finding]:
    """Growths in percent, multiples, and points between two percentages."""
    found: list[Finding] = []
    for sentence in passage.sentences:
        for quantity in sentence.quantities:
            finding = None
            if quantity.kind == "percent":
                claim = claims.of(passage, sentence, quantity)
                if claim and claim.kind == "growth":
                    finding = _growth(claim)
            elif quantity.kind == "multiple":
                finding = _multiple(quantity, sentence, passage)
            elif quantity.kind == "points":
                finding = _points(quantity, sentence, passage)
            if finding:
                found.append(finding)
    return found


def ends(sentence: Sentence, quantity: Quantity) -> tuple[Quantity, Quantity] | None:
    """The earlier and the later number that a change speaks of, of one sort."""
    near = [
        q
        for q in sentence.quantities
        if q.start < quantity.start and q.kind in ("count", "money") and q.per is None and q.unit
    ]
    bases = [q for q in near if _is_base(q)]
    for base in reversed(bases):
        later = [q for q in near if q not in bases and q.family == base.family and not _is_delta(q)]
        after = [q for q in later if q.start > base.start]
        if after or later:
            return base, (after or later)[-1]
    return None


def _is_base(quantity: Quantity) -> bool:
    return bool(_BASE.search(quantity.before)) and not _is_delta(quantity)


def _is_delta(quantity: Quantity) -> bool:
    return bool(_DELTA.search(quantity.before))


def _growth(claim: Claim) -> Finding | None:
    stated = claim.quantity
    pair = ends(claim.sentence, stated)
    if pair is None:
        pair_exact = _by_difference(claim)
        if pair_exact is None:
            return None
        exact, said = pair_exact
    else:
        base, later = pair
        change = claim.sign * (Fraction(later.value) - Fraction(base.value))
        exact = 100 * change / Fraction(base.value)
        high, low = (later, base) if claim.sign > 0 else (base, later)
        said = (
            f"（{arithmetic.number(high.value)}－{arithmetic.number(low.value)}）÷"
            f"{arithmetic.number(base.value)}＝"
        )
        if arithmetic.rough(base) or arithmetic.rough(later):
            return None
    verdict = arithmetic.judge(stated, exact)
    if verdict == "right" or _otherwise(claim):
        return None
    return _finding(stated, exact, said, rounding=verdict == "rounding")


def _by_difference(claim: Claim) -> tuple[Fraction, str] | None:
    """今年486人，比去年增加81人，增长20%: the base is what remains."""
    near = operands.before(claim, claim.sentence.quantities)
    deltas = [q for q in near if _is_delta(q) and q.kind in ("count", "money")]
    if not deltas:
        return None
    delta = deltas[-1]
    totals = [q for q in near if q.family == delta.family and q.start < delta.start]
    if len(totals) != 1 or arithmetic.rough(delta) or arithmetic.rough(totals[0]):
        return None
    base = Fraction(totals[0].value) - claim.sign * Fraction(delta.value)
    if base <= 0:
        return None
    sign = "－" if claim.sign > 0 else "＋"
    said = (
        f"{arithmetic.number(delta.value)}÷（{arithmetic.number(totals[0].value)}{sign}"
        f"{arithmetic.number(delta.value)}）＝"
    )
    return 100 * Fraction(delta.value) / base, said


def _otherwise(claim: Claim) -> bool:
    """Whether two other numbers of the sentence give just this growth."""
    near = [q for q in operands.before(claim, claim.sentence.quantities) if q.kind != "percent"]
    return any(
        arithmetic.judge(
            claim.quantity, 100 * claim.sign * (Fraction(b.value) / Fraction(a.value) - 1)
        )
        == "right"
        for a in near
        for b in near
        if a is not b and a.family == b.family and a.value
    )


def _multiple(stated: Quantity, sentence: Sentence, passage: Passage) -> Finding | None:
    lead = passage.lead(stated)
    pair = ends(sentence, stated)
    if pair is None or arithmetic.rough(pair[0]) or arithmetic.rough(pair[1]):
        return None
    base, later = pair
    times = Fraction(later.value) / Fraction(base.value)
    said = f"{arithmetic.number(later.value)}÷{arithmetic.number(base.value)}＝"
    if _TIMES_MORE.search(lead):
        exact, said = times - 1, f"{said}{arithmetic.number(times)}，减去原有的1倍，"
    elif _TIMES_OF.search(lead):
        exact = times
    else:
        return None
    if arithmetic.judge(stated, exact) != "wrong" or exact <= 0:
        return None
    expected = f"{arithmetic.number(exact)}倍"
    message = f"倍数与前后两数不符：{said}应为{expected}，文中写作{stated.text}"
    return Finding(stated.text, stated.start, "ratio", stated.text, expected, None, message)


def _points(stated: Quantity, sentence: Sentence, passage: Passage) -> Finding | None:
    """由85%提高到90%，提高5个百分点."""
    change = _POINTS_CHANGE.search(passage.lead(stated))
    rates = percent_ends(sentence, stated, passage)
    if change is None or rates is None:
        return None
    first, last = (Fraction(q.value) for q in rates)
    exact = (last - first) * (1 if change["up"] else -1)
    if abs(exact - Fraction(stated.value)) <= Fraction(stated.step) / 2:
        return None
    high, low = (last, first) if change["up"] else (first, last)
    expected = f"{arithmetic.number(exact)}个百分点"
    message = (
        f"百分点与前后两个比率不符：{arithmetic.number(high)}－{arithmetic.number(low)}＝"
        f"{expected}，文中写作{stated.text}"
    )
    return Finding(stated.text, stated.start, "ratio", stated.text, expected, None, message)


def percent_ends(
    sentence: Sentence, quantity: Quantity, passage: Passage
) -> tuple[Quantity, Quantity] | None:
    """The two percentages of 由60.1%提高到63.3% before a change."""
    rates = [q for q in sentence.quantities if q.kind == "percent" and q.start < quantity.start]
    for first, last in itertools.pairwise(rates):
        link = passage.narrow[first.end : last.start]
        lead = passage.narrow[max(sentence.start, first.start - 12) : first.start]
        if re.search(r"[由从]", lead) and re.fullmatch(r"[^，。；]{0,6}[到至]了?", link):
            return first, last
    return None


def _finding(stated: Quantity, exact: Fraction, said: str, *, rounding: bool) -> Finding:
    expected = arithmetic.percent(exact, arithmetic.places(stated) if rounding else 2)
    if rounding:
        message = (
            f"{said}{arithmetic.percent(exact, 4)}，四舍五入应为{expected}，文中写作{stated.text}"
        )
        return Finding(stated.text, stated.start, "rounding", stated.text, expected, None, message)
    message = f"增减幅度与前后两数不符：{said}{expected}，文中写作{stated.text}"
    return Finding(stated.text, stated.start, "ratio", stated.text, expected, None, message)
