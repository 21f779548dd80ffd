"""How numbers are said in official Chinese text: GB/T 15835-2011 and the habits of 公文.

Pure functions. Amounts come in as `Decimal` in the unit of their metric (money in 元), shares as
quotients (0.3694 for 36.94%). `read_quantity` is the inverse of `quantity`: what a document says
can be read back to the number that it came from.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal

from core.numbers import EXACT, plain, quotient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.figures import Figure

_SCALES = (("亿", 8), ("万", 4))
_SCALE_WORDS = "十百千万亿"
_QUANTITY = re.compile(
    r"(?P<before>约|近|超过)?(?P<number>-?\d+(?:\.\d+)?)(?P<scale>[万亿])?(?P<above>余)?(?P<unit>\D.*)?"
)
_BRACKETED = re.compile(r"（[^（）]*）|《[^《》]*》|“[^“”]*”")

Direction = Literal["above", "below"]


def quantity(
    value: Decimal, unit: str, approximate: bool = False, *, direction: Direction | None = None
) -> str:
    """Say an amount with its unit: `1132人`, `47.5万元`, `36.94%`, `约500本`, `500余本`, `近1万名`.

    - Money (`元`) from 10,000 goes into 万元 or 亿元 where two decimals of it say it exactly, so
      that nothing is lost: 47.5万元, 57.03万元, but 123456.78元.
    - Other amounts stay plain below 100,000 and are scaled only where one decimal is exact
      (12.5万人次); approximate ones from 10,000 on, because they are round (约1万人).
    - The unit `%` takes a quotient and prints it × 100, to two decimals.
    - Only an approximate amount has a `direction`. Without one it is `约`. `above` puts `余` after
      a round number and before the unit (500余本, 1.2万余元) and `超过` before any other, for 余
      stands in the place of the digits left out; `below` is `近`. Never two of these at once.

    Raises ValueError for a direction on an amount that is not approximate.
    """
    if direction and not approximate:
        msg = "only an approximate amount lies above or below what is written"
        raise ValueError(msg)
    if unit == "%":
        digits, scale, unit = percent(value)[:-1], "", "%"
    else:
        digits, scale = _scaled(value, unit, approximate)
    if not approximate:
        return f"{digits}{scale}{unit}"
    if direction == "above":
        if unit != "%" and value > 0 and _exponent(value) >= 1:
            return f"{digits}{scale}余{unit}"
        return f"超过{digits}{scale}{unit}"
    return f"{'近' if direction == 'below' else '约'}{digits}{scale}{unit}"


def stated(figure: Figure, direction: Direction | None = None) -> str:
    """Say a figure with its unit, as `quantity` does.

    Only a ratio holds a quotient: a `%` that somebody reported (85) is printed as it stands.
    """
    if figure.unit == "%" and figure.aggregation != "ratio":
        return amount(figure.value, figure, figure.approximate)
    return quantity(figure.value, figure.unit, figure.approximate, direction=direction)


def amount(value: Decimal, figure: Figure, approximate: bool = False) -> str:
    """Say another amount in the unit of a figure: its target, its part on record, a report."""
    if figure.unit == "%" and figure.aggregation != "ratio":
        return f"{'约' if approximate else ''}{plain(value)}%"
    return quantity(value, figure.unit, approximate)


def percent(part: Decimal) -> str:
    """Say a quotient as a percentage, two decimals, half up: 0.36938 → `36.94%`, 2.4 → `240%`."""
    sign, digits, exponent = part.as_tuple()
    hundredfold = Decimal((sign, digits, int(exponent) + 2))
    return f"{plain(hundredfold.quantize(Decimal('0.01'), ROUND_HALF_UP, EXACT))}%"


def share(numerator: Decimal, denominator: Decimal) -> str | None:
    """Say what part of the denominator the numerator is; None where there is no denominator."""
    if denominator == 0:
        return None
    return percent(quotient(numerator, denominator))


def completion(value: Decimal, target: Decimal, unit: str) -> str:
    """Say a target and how far it is reached: `任务5人，完成率240%`.

    A completion of 240% is never 超额240%, which would be 340%. A target of 0 has no rate.
    """
    rate = share(value, target)
    stated_target = f"任务{quantity(target, unit)}"
    return stated_target if rate is None else f"{stated_target}，完成率{rate}"


def completion_note(figure: Figure) -> str:
    """Say a figure's target and completion; empty without a target."""
    if figure.target is None:
        return ""
    stated_target = f"任务{amount(figure.target, figure)}"
    if figure.completion is None:
        return stated_target
    return f"{stated_target}，完成率{percent(figure.completion)}"


def evidence_note(figure: Figure) -> str:
    """Say how much of a figure is on record: all, a part with its rate, nothing, or too much."""
    if figure.aggregation == "ratio":
        return "由两项数据相除得出"
    if figure.itemised is None:
        return "为填报数，不按明细统计"
    if figure.itemised > figure.value:
        return f"明细{amount(figure.itemised, figure)}，多于所报数，请核对"
    if figure.itemised == figure.value:
        return "全部有明细" if figure.value else ""
    if not figure.itemised:
        return "仅有填报，没有明细"
    rate = "" if figure.evidence is None else f"，佐证率{percent(figure.evidence)}"
    return f"其中{amount(figure.itemised, figure)}有明细{rate}"


def join_words(words: Sequence[str]) -> str:
    """Join words of one list with `、`, leaving out empty ones."""
    return "、".join(word for word in words if word)


def join_clauses(clauses: Sequence[str]) -> str:
    """Join clauses to one sentence: `，` between them, `；` where one holds a comma itself, `。`.

    Closing punctuation that a clause brings along is dropped, empty clauses are left out, and
    commas inside brackets and quotation marks do not count. Nothing at all gives "".
    """
    kept = [bare for clause in clauses if (bare := clause.strip().rstrip("，、；。,;"))]
    return clause_separator(kept).join(kept) + "。" if kept else ""


def clause_separator(clauses: Sequence[str]) -> Literal["，", "；"]:
    """Choose the mark between clauses: `；` where one of them holds a `，` or `；` itself."""
    inner = any(mark in _BRACKETED.sub("", clause) for clause in clauses for mark in "，；")
    return "；" if inner else "，"


def rmb_capitals(fen: int) -> str:
    """Write an amount in 分 in the capitals of vouchers: 1050005 → `壹万零伍佰元零伍分`.

    Raises ValueError for a negative amount or one of 10¹⁶ 元 and more, which have no capitals.
    """
    if not 0 <= fen < 10**18:
        msg = "an amount in capitals is at least 0 and less than 10¹⁶ 元"
        raise ValueError(msg)
    return _in_characters(f"{fen // 100}.{fen % 100:02d}", "rmb")


def ordinal_title(
    edition: int, name: str, counter: str = "次", *, style: Literal["arabic", "chinese"] = "arabic"
) -> str:
    """Name an edition: `第36次全国助残日`, in official papers also `第三十六次全国助残日`."""
    number = _chinese(edition) if style == "chinese" else str(edition)
    return f"第{number}{counter}{name}"


def heading_number(depth: int, position: int) -> str:
    """Give a heading its number by GB/T 9704: `一、` `（一）` `1. ` `（1）` for depths 1 to 4."""
    if depth == 1:
        return f"{_chinese(position)}、"
    if depth == 2:
        return f"（{_chinese(position)}）"
    return f"{position}. " if depth == 3 else f"（{position}）"


def day(value: date) -> str:
    """Say a day in full, without leading zeros: `2026年5月17日`."""
    return f"{value.year}年{value.month}月{value.day}日"


def period(first: date, last: date) -> str:
    """Say a stretch of days and nothing twice: `2026年5月1日至31日`, `2026年5月1日至6月2日`."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{day(first)}至{last.day}日"
    if first.year == last.year:
        return f"{day(first)}至{last.month}月{last.day}日"
    return f"{day(first)}至{day(last)}"


def read_quantity(text: str) -> tuple[Decimal, str, bool]:
    """Read what `quantity` wrote: the number in the bare unit, the unit, and whether it is rough.

    万 and 亿 belong to the number (47.5万元 → 475000 元), `%` gives the quotient. Raises ValueError
    for anything else, also for two marks of approximation on one number (近900余份).
    """
    match = _QUANTITY.fullmatch(text)
    if match is None or (match["before"] and match["above"]):
        msg = f"this is no quantity: {text}"
        raise ValueError(msg)
    unit = match["unit"] or ""
    shift = dict(_SCALES).get(match["scale"] or "", 0) - (2 if unit == "%" else 0)
    sign, digits, exponent = Decimal(match["number"]).as_tuple()
    value = Decimal((sign, digits, int(exponent) + shift))
    return value, unit, bool(match["before"] or match["above"])


def _scaled(value: Decimal, unit: str, approximate: bool) -> tuple[str, str]:
    """Give digits and 万, 亿 or nothing: the greatest scale that is exact and brief."""
    money = unit == "元"
    least = Decimal(10_000) if money or approximate else Decimal(100_000)
    if value < least or unit.startswith(tuple(_SCALE_WORDS)):
        return plain(value), ""
    sign, digits, exponent = value.as_tuple()
    for word, size in _SCALES:
        if value >= 10**size and _exponent(value) >= size - (2 if money else 1):
            return plain(Decimal((sign, digits, int(exponent) - size))), word
    return plain(value), ""


def _exponent(value: Decimal) -> int:
    """Find the power of ten of the last digit that is not zero: 47500 → 2, 12.50 → -1."""
    _, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits))
    return int(exponent) + len(text) - len(text.rstrip("0"))


def _chinese(number: int) -> str:
    return _in_characters(number, "low")


def _in_characters(number: int | str, mode: Literal["low", "rmb"]) -> str:
    import cn2an  # takes long to load, with what it needs itself

    return str(cn2an.an2cn(number, mode))
