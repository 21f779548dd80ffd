"""An amount for each, times how many, that is not the total: 150户, 每户300元, 共计4.6万元."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from core.proofread import arithmetic, numerals, units
from core.proofread.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage, Sentence

_TOTAL = re.compile(
    r"共|合计|总|累计|奖金|慰问金|补[助贴]金?|发放|救助金|助学金|折合|支付|送[去上]|计$"
)
_OTHER = re.compile(r"募|捐|争取|筹|另|还|再|其中|平均|最高|节约|收入|销售|上级|拨")
_BOUND = re.compile(r"不超过|最高|最低|不等|上限|封顶|至少|以[上内]|起")
_STANDARD_BEFORE = re.compile(r"(?:标准|单价)(?:为|是|[:：])?$")
_STANDARD_AFTER = re.compile(r"^[的/]?(?:的)?(?:慰问|补[助贴]|发放|资助|救助|奖励)?标准")
_PERIOD = re.compile(r"[每/]\s?(?:个)?(月|天|日|次|学期|季度?|周|年)")
_MONTHS = re.compile(r"([\d一二三四五六七八九十两]{1,3})个月")
_TIMES = re.compile(r"(?:/[户人名份件])?\s?(?:[×xX*＊✕]|乘以?)\s?(?:每[户人名份件]\s?)?")
_RESULT = re.compile(r"(?:/[户人名份件])?\s?(?:[=＝]|[，,]?(?:共计|合计|总计|共|计))\s?")


@dataclass(frozen=True, slots=True)
class _Case:
    """The numbers of one claim: how many, for each of them how much, how often, and the total."""

    counts: tuple[Quantity, ...]
    rates: tuple[Quantity, ...]
    total: Quantity
    often: int


def check(passage: Passage) -> list[Finding]:
    """Totals that stand beside a count and an amount for each and are another number."""
    found: dict[int, Finding] = {}
    for sentence in passage.sentences:
        for first, second, last in zip(
            sentence.quantities, sentence.quantities[1:], sentence.quantities[2:], strict=False
        ):
            if _multiplied(passage, first, second, last):
                exact = Fraction(first.value) * Fraction(second.value)
                if not arithmetic.same(last, exact):
                    found.setdefault(last.start, _finding(last, exact, [(first, second)], 1))
        finding = _checked(passage, sentence)
        if finding:
            found.setdefault(finding.offset, finding)
    return list(found.values())


def _multiplied(passage: Passage, first: Quantity, second: Quantity, last: Quantity) -> bool:
    """10户×500元＝5000元, in either order."""
    return bool(
        _TIMES.fullmatch(passage.narrow, first.end, second.start)
        and _RESULT.fullmatch(passage.narrow, second.end, last.start)
        and last.unit in (first.unit, second.unit)
        and not any(map(arithmetic.rough, (first, second)))
    )


def _checked(passage: Passage, sentence: Sentence) -> Finding | None:
    rates = _rates(sentence)
    if not rates or _BOUND.search(sentence.text[: rates[-1].end - sentence.start]):
        return None
    counts = _counts(passage, sentence, rates)
    totals = _totals(passage, sentence, rates)
    often = _often(passage, sentence, rates)
    if not counts or not totals or often is None or any(map(arithmetic.rough, (*rates, *counts))):
        return None
    cases = [_Case(tuple(counts), tuple(rates), total, often) for total in totals]
    if any(_explained(case) for case in cases):
        return None
    return _against(cases[0])


def _is_rate(quantity: Quantity) -> bool:
    return (
        quantity.per is not None
        or bool(_STANDARD_BEFORE.search(quantity.before))
        or bool(_STANDARD_AFTER.match(quantity.after))
    )


def _rates(sentence: Sentence) -> list[Quantity]:
    rates = [q for q in sentence.quantities if q.kind in ("money", "count") and _is_rate(q)]
    return [q for q in rates if q.family == rates[0].family and q.unit != "小时"]


def _counts(passage: Passage, sentence: Sentence, rates: Sequence[Quantity]) -> list[Quantity]:
    """The numbers of those who got it: by the word after 每, before or after; or just before."""
    per = units.family(rates[0].per) if rates[0].per else None
    if "单价" in rates[0].before:
        counted = [q for q in sentence.quantities if q.end <= rates[0].start]
        return [q for q in counted[-1:] if q.kind == "count" and not _is_rate(q)]

    def fits(quantity: Quantity) -> bool:
        if quantity.kind != "count" or _is_rate(quantity):
            return False
        return quantity.family == per if per else quantity.family in (units.HOUSEHOLD, units.PERSON)

    here = [q for q in sentence.quantities if fits(q)]
    if here or not sentence.number:
        return here
    last = passage.sentences[sentence.number - 1]
    earlier = [q for q in last.quantities if fits(q)]
    return earlier if len(earlier) == 1 and last.paragraph == sentence.paragraph else []


def _totals(passage: Passage, sentence: Sentence, rates: Sequence[Quantity]) -> list[Quantity]:
    """What may be the total: said after the amount for each, or just before it."""
    alike = [q for q in sentence.quantities if q.family == rates[0].family and not _is_rate(q)]
    wanted = [q for q in alike if _TOTAL.search(q.before) and not _OTHER.search(passage.clause(q))]
    after = [q for q in wanted if q.start > rates[0].start]
    if after:
        return after
    return [
        q
        for q in wanted
        if q.end < rates[0].start and len(passage.narrow[q.end : rates[0].start]) < 12
    ]


def _often(passage: Passage, sentence: Sentence, rates: Sequence[Quantity]) -> int | None:
    """How many times each got it; None where 每月 stands and nothing says how many months."""
    text = passage.narrow[sentence.start : sentence.end]
    lead = passage.lead(rates[0]) + passage.narrow[rates[0].end : rates[0].end + 4]
    period = _PERIOD.search(lead)
    if period is None or period[1] == "年":
        return 1
    if period[1] == "月":
        months = _MONTHS.search(text)
        if months:
            value = numerals.read(months[1])
            return None if value is None else int(value)
        return 12 if "全年" in text else None
    return None


def _explained(case: _Case) -> bool:
    """Whether any sensible way to multiply gives the total."""
    rates = [Fraction(q.value) for q in case.rates]
    counts = [Fraction(q.value) for q in case.counts]
    total = Fraction(case.total.value)
    means = [q for q in case.rates if q.step and q.per]
    for count in (*counts, sum(counts, Fraction(0))):
        for rate in (*rates, sum(rates, Fraction(0))):
            exact = count * rate * case.often
            if arithmetic.same(case.total, exact):
                return True
            if means and abs(total - exact) <= count * Fraction(means[0].step) / 2 * _mean(case):
                return True
    paired = _paired(case)
    return bool(paired) and arithmetic.same(case.total, _sum(paired) * case.often)


def _mean(case: _Case) -> int:
    """1 for 户均 and 人均, which are rounded; 0 for an amount that everybody got."""
    return int(case.rates[0].before.endswith("均") or "均" in case.rates[0].before[-6:])


def _paired(case: _Case) -> list[tuple[Quantity, Quantity]]:
    """Each count with the amount after it: 4人、每人5000元，15人、每人2000元."""
    result = []
    chain = sorted([*case.counts, *case.rates], key=lambda q: q.start)
    for first, second in pairwise(chain):
        if first in case.counts and second in case.rates:
            result.append((first, second))
    return result


def _sum(paired: Sequence[tuple[Quantity, Quantity]]) -> Fraction:
    return sum((Fraction(a.value) * Fraction(b.value) for a, b in paired), Fraction(0))


def _against(case: _Case) -> Finding | None:
    """The finding, where it is clear which numbers belong together."""
    paired = _paired(case)
    if len(case.rates) == 1 and len(case.counts) > 1 and paired:
        paired = paired[:1]
    elif len(case.counts) == 1:
        paired = [(case.counts[0], rate) for rate in case.rates]
    elif len(paired) != len(case.rates):
        return None
    if not paired:
        paired = [(case.counts[-1], rate) for rate in case.rates]
    exact = _sum(paired) * case.often
    total = Fraction(case.total.value)
    if not exact or total <= max(Fraction(q.value) for q in case.rates):
        return None
    factor = total / exact
    if not (
        Fraction(1, 3) <= factor <= 3 or factor in (10, 100, Fraction(1, 10), Fraction(1, 100))
    ):
        return None
    return _finding(case.total, exact, paired, case.often)


def _finding(
    total: Quantity, exact: Fraction, paired: Sequence[tuple[Quantity, Quantity]], often: int
) -> Finding:
    said = "＋".join(
        f"{arithmetic.amount(a.value, a)}×{arithmetic.amount(b.value, b)}" for a, b in paired
    )
    if often > 1:
        said = f"（{said}）×{often}" if len(paired) > 1 else f"{said}×{often}"
    expected = arithmetic.amount(exact, total)
    message = f"单价与数量相乘不等于总数：{said}＝{expected}，文中写作{total.text}"
    return Finding(total.text, total.start, "product", total.text, expected, None, message)
