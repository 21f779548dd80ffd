"""Exact numbers: reading plain decimals, stating them, rounding half up."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

PLAIN_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
# A value is at most 500 characters, so a sum of many needs little more; nothing is ever rounded by
# the context itself.
EXACT = Context(prec=2100)


@lru_cache(maxsize=2_000)  # what thousands of offices report are few numbers
def fraction(text: str) -> Fraction:
    """A plain decimal such as ``"12.50"`` as an exact fraction."""
    return Fraction(text)


def rounded(value: Fraction, places: int) -> Decimal:
    """``value`` ≥ 0 to so many decimal places, half up, without a detour over floats."""
    scaled = value * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole).scaleb(-places, EXACT)


def exact(value: Fraction) -> Decimal:
    """A fraction that is a finite decimal, as that decimal. Raises ValueError for another."""
    return exact_quotient(value.numerator, value.denominator)


def exact_quotient(above: int, below: int) -> Decimal:
    """``above ÷ below`` where that is a finite decimal. Raises ValueError where it is none."""
    result = EXACT.divide(Decimal(above), Decimal(below))
    numerator, denominator = result.as_integer_ratio()
    if numerator * below != above * denominator:
        raise ValueError(f"{above}/{below} is no finite decimal")
    return result


def divided(above: int, below: int, places: int) -> Decimal:
    """``above ÷ below``, both positive or nothing, to so many decimal places, half up."""
    whole = (2 * above * 10**places + below) // (2 * below)
    return Decimal(whole).scaleb(-places, EXACT)


def plain(value: Decimal) -> str:
    """Without exponent or trailing zeros: ``"570300"``, ``"12.5"``, ``"0"``."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def money_text(fen: int) -> str:
    """分 as 元 with two places: 50000 → ``"500.00"``."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: str) -> int:
    """元 with at most two places as 分. The caller has checked the form."""
    return int(Decimal(text).scaleb(2, EXACT))


def quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    """``numerator ÷ denominator`` to four places, half up, as documents state rates."""
    above, below = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    return divided(above[0] * below[1], above[1] * below[0], 4)
