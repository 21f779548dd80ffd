"""Whether a quantity as a text states it and a number agree.

``500余份`` holds for more than 500 and less than the next number as round (600); ``近500份`` for
less than 500, by less than the same step; ``约500份`` for half a step on either side. A number
without such a mark is exact; one in 万 or 亿 with decimals holds for what rounds to it:
57.03万元 is 570,300 元 and also 570,312 元, 57.1万元 is neither, and 57万元 is 570,000 元 alone.
"""

from __future__ import annotations

import re
from decimal import Decimal

from core.proofread.quantities import Quantity

_ROUNDED = re.compile(r"[.．点].*[万亿]")


def agrees(quantity: Quantity, value: Decimal) -> bool:
    """Whether the text may say this quantity of this number."""
    stated, step = quantity.value, round_step(quantity.value)
    match quantity.approximate:
        case None:
            half = step / 2 if _ROUNDED.search(quantity.text) else Decimal(0)
            return value == stated or stated - half <= value < stated + half
        case "above":
            return stated < value < stated + step
        case "below":
            return stated - step < value < stated
        case _:
            return abs(value - stated) * 2 <= step


def round_step(value: Decimal) -> Decimal:
    """How far apart numbers as round as this one are: 500 → 100, 1200 → 100, 12 → 1."""
    _, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    zeros = len(digits) - len(text)
    return Decimal(1).scaleb(int(exponent) + zeros) if text else Decimal(1)
