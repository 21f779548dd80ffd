"""Holding a stated number against the one that its parts give, and saying the sum."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from core.numbers import plain, rounded
from core.proofread.quantities import Quantity

Verdict = Literal["right", "rounding", "wrong"]

# How far a number that is called rough may lie from the exact one.
_ROUGH = Fraction(1, 10)
_NEAR = Fraction(3, 20)
# A total written in 万 may have been rounded to its last digit, but not more than so much of it.
_ROUNDED = Fraction(3, 500)


def judge(stated: Quantity, exact: Fraction, slack: Fraction = Fraction(0)) -> Verdict:
    """Whether a stated rate is the exact one as far as its digits go.

    `slack` is how far the exact one may itself lie off because its parts were rounded.
    """
    value, step = Fraction(stated.value), Fraction(stated.step)
    difference = abs(value - exact)
    if difference <= step / 2 + slack:
        return "right"
    if stated.approximate is None:
        return "rounding" if difference < step else "wrong"
    if stated.approximate == "above":
        return "right" if value <= exact <= value * (1 + 2 * _ROUGH) + step else "wrong"
    if stated.approximate == "below":
        return "right" if value * (1 - _NEAR) - step <= exact <= value else "wrong"
    return "right" if difference <= max(step, exact * _ROUGH) else "wrong"


def same(stated: Quantity, exact: Fraction) -> bool:
    """Whether a stated total is the exact one, or the exact one rounded to its 万."""
    value = Fraction(stated.value)
    difference = abs(value - exact)
    if stated.approximate is None:
        return difference <= min(Fraction(stated.step) / 2, value * _ROUNDED)
    return judge(stated, exact) == "right"


def rough(quantity: Quantity) -> bool:
    """Whether a quantity is no exact number: 约, 余, 近, a range."""
    return quantity.approximate is not None or quantity.upper is not None


def slack(numerator: Quantity, denominator: Quantity) -> Fraction:
    """How far 100 × a ÷ b may lie off, in percent, because a or b are written rounded."""
    if not denominator.value:
        return Fraction(0)
    exact = 100 * Fraction(numerator.value) / Fraction(denominator.value)
    part = Fraction(0)
    for quantity in (numerator, denominator):
        if rough(quantity):
            part += _ROUGH
        elif quantity.step > 1 and quantity.value:
            part += min(Fraction(quantity.step) / 2 / Fraction(quantity.value), _ROUNDED)
    return exact * part


def number(value: Decimal | Fraction) -> str:
    """A number plainly, with at most four decimals: 1889, 4.62."""
    exact = Fraction(value)
    sign = "-" if exact < 0 else ""
    return sign + plain(rounded(abs(exact), 4))


def amount(value: Decimal | Fraction, like: Quantity) -> str:
    """A number in the unit of a quantity, in 万 where that one is: 4.5万元, 1889人."""
    exact = Fraction(value)
    for word, scale in (("亿", 10**8), ("万", 10**4)):
        if word in like.text and exact >= scale / 100:
            return f"{number(exact / scale)}{word}{like.unit}"
    return f"{number(exact)}{like.unit}"


def percent(value: Fraction, places: int = 2) -> str:
    """A percentage, half up, at most so many decimals: 180.28%."""
    sign = "-" if value < 0 else ""
    return f"{sign}{plain(rounded(abs(value), places))}%"


def places(quantity: Quantity) -> int:
    """With how many decimals a number is written."""
    return max(0, -int(quantity.step.normalize().as_tuple().exponent))
