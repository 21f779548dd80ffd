"""Sums that are written out and do not come out: 786÷436＝161.7%, 538人＋151人＝700人.

Products written out (10户×500元＝5500元) are for `products`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from core.proofread import arithmetic
from core.proofread.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage, Sentence

_DIVIDED = re.compile(r"\s?[÷/∕]\s?")
_ADDED = re.compile(r"\s?[+＋]\s?")
_EQUALS = re.compile(r"\s?[=＝≈]\s?")


def check(passage: Passage) -> list[Finding]:
    """Quotients and sums with their equals sign and another result."""
    found: list[Finding] = []
    for sentence in passage.sentences:
        for place, result in enumerate(sentence.quantities[2:], 2):
            before = sentence.quantities[:place]
            if not _EQUALS.fullmatch(passage.narrow, before[-1].end, result.start):
                continue
            finding = _quotient(passage, before, result) or _sum(passage, sentence, place)
            if finding:
                found.append(finding)
    return found


def _quotient(passage: Passage, before: Sequence[Quantity], result: Quantity) -> Finding | None:
    first, second = before[-2:]
    divided = _DIVIDED.fullmatch(passage.narrow, first.end, second.start)
    if not divided or result.kind != "percent" or not second.value:
        return None
    exact = 100 * Fraction(first.value) / Fraction(second.value)
    verdict = arithmetic.judge(result, exact)
    if verdict == "right":
        return None
    places = arithmetic.places(result) if verdict == "rounding" else 2
    expected = arithmetic.percent(exact, places)
    message = f"算式不成立：{first.text}÷{second.text}＝{expected}，文中写作{result.text}"
    if verdict == "rounding":
        return Finding(result.text, result.start, "rounding", result.text, expected, None, message)
    return Finding(result.text, result.start, "ratio", result.text, expected, None, message)


def _sum(passage: Passage, sentence: Sentence, place: int) -> Finding | None:
    result, terms = sentence.quantities[place], [sentence.quantities[place - 1]]
    for earlier in reversed(sentence.quantities[: place - 1]):
        if not _ADDED.fullmatch(passage.narrow, earlier.end, terms[-1].start):
            break
        terms.append(earlier)
    total = sum((Fraction(q.value) for q in terms), Fraction(0))
    if len(terms) < 2 or arithmetic.same(result, total):
        return None
    said = "＋".join(q.text for q in reversed(terms))
    expected = arithmetic.amount(total, result)
    message = f"算式不成立：{said}＝{expected}，文中写作{result.text}"
    return Finding(result.text, result.start, "sum", result.text, expected, None, message)
