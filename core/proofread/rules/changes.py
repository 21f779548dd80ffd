"""超额 where completion is meant, % where percentage points are meant, and 减少…倍."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from core.proofread import arithmetic, claims, operands
from core.proofread.findings import Finding
from core.proofread.rules.growth import percent_ends

if TYPE_CHECKING:
    from core.proofread.claims import Claim
    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage, Sentence

_FEWER = re.compile(r"(?:减少|下降|降低|缩减|缩短|减低)了?\s?$")
_RATE_CHANGE = re.compile(
    r"(?<![效频汇功速利税费概长])(?:率|满意度|占比|比例|比重)[^，。；]{0,14}?"
    r"(?:提高|上升|提升|下降|降低|增加)了?$"
)


def check(passage: Passage) -> list[Finding]:
    """Changes that are worded as something else than what they are."""
    found: list[Finding] = []
    for sentence in passage.sentences:
        for quantity in sentence.quantities:
            finding = None
            if quantity.kind == "multiple":
                finding = _fewer(quantity, passage)
            elif quantity.kind == "percent" and quantity.upper is None:
                claim = claims.of(passage, sentence, quantity)
                if claim and claim.kind == "excess":
                    finding = _excess(claim, passage)
                elif claim and claim.kind == "growth":
                    finding = _points(sentence, quantity, passage)
            if finding:
                found.append(finding)
    return found


def _fewer(quantity: Quantity, passage: Passage) -> Finding | None:
    match = _FEWER.search(passage.lead(quantity))
    if match is None:
        return None
    start = quantity.start - len(match.group())
    quote = passage.text[start : quantity.end]
    message = "减少不能用倍数表示：减少1倍就是没有了，应写作减少百分之几或减少到几分之几"
    return Finding(quote, start, "wording", quote, None, None, message)


def _excess(claim: Claim, passage: Passage) -> Finding | None:
    """超额240%完成 says 340%; where the numbers stand beside it, hold it against them."""
    stated = claim.quantity
    pairs = operands.completion(claim, passage)
    if pairs:
        done, target = pairs[0]
        exact = 100 * Fraction(done.value) / Fraction(target.value)
        slack = arithmetic.slack(done, target)
        if arithmetic.judge(stated, exact - 100, slack) == "right":
            return None
        if arithmetic.judge(stated, exact, slack) != "wrong":
            return _not_excess(claim, passage, exact)
        said = f"{arithmetic.number(done.value)}÷{arithmetic.number(target.value)}"
        expected = arithmetic.percent(exact - 100)
        message = f"超额幅度与任务数、完成数不符：{said}－100%＝{expected}，文中写作{stated.text}"
        return Finding(stated.text, stated.start, "ratio", stated.text, expected, None, message)
    told = any(q.kind == "percent" and q.value == stated.value + 100 for q in passage.quantities)
    if stated.value < 100 or told:
        return None
    return _not_excess(claim, passage, Fraction(stated.value))


def _not_excess(claim: Claim, passage: Passage, exact: Fraction) -> Finding:
    stated = claim.quantity
    lead = passage.lead(stated)
    start = stated.start - (len(lead) - lead.rindex("超"))
    end = stated.end + (2 if passage.text[stated.end : stated.end + 2] == "完成" else 0)
    quote = passage.text[start:end]
    rate, over = arithmetic.percent(exact), arithmetic.percent(exact - 100)
    expected = f"完成率{rate}"
    message = (
        f"完成任务的{rate}只超额{over}，“{quote}”的意思是完成{arithmetic.percent(exact + 100)}"
    )
    return Finding(quote, start, "wording", quote, expected, None, message)


def _points(sentence: Sentence, quantity: Quantity, passage: Passage) -> Finding | None:
    """由60.1%提高到63.3%，提高3.2%: a share that grows, grows by percentage points."""
    lead = passage.lead(quantity)
    ends = percent_ends(sentence, quantity, passage)
    difference = abs(Fraction(ends[1].value) - Fraction(ends[0].value)) if ends else None
    if ends is None and not _RATE_CHANGE.search(lead):
        return None
    if difference is not None and difference != Fraction(quantity.value):
        return None
    expected = f"{arithmetic.number(quantity.value)}个百分点"
    message = f"比率的增减用百分点表示：应写作{expected}，{quantity.text}是指相对原来的幅度"
    return Finding(quantity.text, quantity.start, "wording", quantity.text, expected, None, message)
