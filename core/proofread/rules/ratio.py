"""A stated percentage that is not its numerator over its denominator, or is cut off, not rounded.

Silent where the text does not say clearly which two numbers make the percentage, and where any two
numbers around explain it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from core.proofread import arithmetic, claims, operands
from core.proofread.findings import Finding, FindingKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.proofread.claims import Claim
    from core.proofread.operands import Pair
    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage

_NAMES = {"completion": "完成率", "share": "占比", "rate": "比率"}


def check(passage: Passage) -> list[Finding]:
    """Every completion, share and rate whose parts stand beside it and give another one."""
    found: list[Finding] = []
    for sentence in passage.sentences:
        for quantity in sentence.quantities:
            if quantity.kind != "percent" or quantity.upper is not None:
                continue
            claim = claims.of(passage, sentence, quantity)
            finding = _checked(claim, passage) if claim else None
            if finding:
                found.append(finding)
    return found


def _checked(claim: Claim, passage: Passage) -> Finding | None:
    pair = operands.bracketed_pair(claim, passage)
    pairs = [pair] if pair else _pairs(claim, passage)
    if not pairs:
        return None
    verdicts = [_verdict(claim.quantity, pair) for pair in pairs]
    if "right" in verdicts:
        return _another_base(claim, pairs[verdicts.index("right")], passage)
    rounding = "rounding" in verdicts
    if rounding:
        chosen = pairs[verdicts.index("rounding")]
    elif claim.base is not None:
        chosen = min(pairs, key=lambda pair: abs(_exact(pair) - Fraction(claim.quantity.value)))
    else:
        chosen = pairs[0]
    if not pair and not rounding and _explained(claim, passage, pairs):
        return None
    return _finding(claim, chosen, rounding=rounding)


def _another_base(claim: Claim, pair: Pair, passage: Passage) -> Finding | None:
    """完成1930人占98.82%, 未完成23人占1.19%: the second is over another whole than the first."""
    if claim.kind != "share" or claim.base is not None:
        return None
    whole = operands.base_of_pair(pair, claim, passage)
    if whole is None or whole is pair[1]:
        return None
    right = (pair[0], whole)
    if _verdict(claim.quantity, right) == "right":
        return None
    return _finding(claim, right, rounding=False)


def _pairs(claim: Claim, passage: Passage) -> list[Pair]:
    if claim.kind == "completion":
        return operands.completion(claim, passage)
    if claim.kind == "share":
        return operands.share(claim, passage)
    return operands.rate(claim, passage) if claim.kind == "rate" else []


def _exact(pair: Pair) -> Fraction:
    """The percentage that a pair makes."""
    return 100 * Fraction(pair[0].value) / Fraction(pair[1].value)


def _verdict(stated: Quantity, pair: Pair) -> arithmetic.Verdict:
    return arithmetic.judge(stated, _exact(pair), arithmetic.slack(*pair))


def _explained(claim: Claim, passage: Passage, pairs: Sequence[Pair]) -> bool:
    """Whether two other numbers of the same sort give just this percentage.

    A completion upside down (265 to do, 163 done, 162.58%) explains nothing: it is the mistake.
    """
    upside_down = {(whole.start, part.start) for part, whole in pairs}
    return any(
        arithmetic.judge(claim.quantity, _exact(pair)) == "right"
        for pair in operands.explained(claim, passage)
        if claim.kind != "completion" or (pair[0].start, pair[1].start) not in upside_down
    )


def _finding(claim: Claim, pair: Pair, *, rounding: bool) -> Finding:
    numerator, denominator = pair
    exact = _exact(pair)
    stated = claim.quantity.text
    expected = arithmetic.percent(exact, arithmetic.places(claim.quantity) if rounding else 2)
    sum_said = (
        f"{arithmetic.amount(numerator.value, numerator)}÷"
        f"{arithmetic.amount(denominator.value, denominator)}＝"
    )
    if rounding:
        message = (
            f"{sum_said}{arithmetic.percent(exact, 4)}，四舍五入应为{expected}，"
            f"文中写作{stated}，是截去尾数或进位有误"
        )
    else:
        name = _NAMES.get(claim.kind, "比率")
        message = f"{name}与分子、分母不符：{sum_said}{expected}，文中写作{stated}"
    kind: FindingKind = "rounding" if rounding else "ratio"
    return Finding(stated, claim.quantity.start, kind, stated, expected, None, message)
