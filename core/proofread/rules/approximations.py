"""Marks of approximation that contradict or repeat each other or stand in the wrong place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.proofread import arithmetic
from core.proofread.findings import Finding

if TYPE_CHECKING:
    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage

_ROUGH_DIGITS = re.compile(
    r"(?<![\d.第])(?P<low>\d)\s?[、,，]\s?(?P<high>\d)(?P<scale>[十百千万])[^\W\d_]"
    r"|(?<![\w第])(?P<one>[一二三四五六七八])、(?P<two>[二三四五六七八九])(?P<times>[十百千万])[^\W\d_]"
)
_DIGITS = "零一二三四五六七八九"
_SPLIT_SCALE = re.compile(r"(?<!\d)\d{1,6}亿\d{1,2}千(?:\d{1,2}百)?万[元人]?")
_SCALE = re.compile(r"[万亿%]")
_LINK = re.compile(r"——|[-—–~至到]")


def check(passage: Passage) -> list[Finding]:
    """近900余份, 约500人左右, 500份余, 1132余人, 13～17万元, 3、4十人, 3亿4千5百万."""
    found = []
    for quantity in passage.quantities:
        finding = _marked(quantity) or _range(quantity, passage)
        if finding:
            found.append(finding)
    return [*found, *_digits(passage)]


def _marked(quantity: Quantity) -> Finding | None:
    marks = "”“".join(quantity.marks)
    bare = arithmetic.amount(quantity.value, quantity)
    if quantity.approximate == "double":
        expected = _one_mark(quantity, bare)
        message = f"“{marks}”重复或矛盾，概数标记只能用一个：可写作{expected}"
        if quantity.upper is not None:
            message = f"“{expected}”已是概数，不再加“{quantity.marks[-1]}”"
        return _finding(quantity, expected, message)
    if quantity.marks == ("余",) and quantity.text.endswith("余") and quantity.unit:
        expected = quantity.text[: -1 - len(quantity.unit)] + "余" + quantity.unit
        if quantity.text.endswith(f"{quantity.unit}余"):
            return _finding(quantity, expected, f"“余”应放在量词之前：写作{expected}")
    exact = quantity.value >= 100 and quantity.step == 1 and quantity.value % 10 != 0
    if exact and quantity.marks and quantity.marks[0] in ("余", "多") and quantity.upper is None:
        message = f"{bare}是确数，“{marks}”只用于整数之后：去掉“{marks}”，或写成整数"
        return _finding(quantity, bare, message)
    return None


def _one_mark(quantity: Quantity, bare: str) -> str:
    if quantity.upper is not None:
        return quantity.text.replace(quantity.marks[-1], "", 1)
    if "余" in quantity.marks and quantity.unit:
        return f"{bare.removesuffix(quantity.unit)}余{quantity.unit}"
    return f"约{bare}"


def _range(quantity: Quantity, passage: Passage) -> Finding | None:
    """Both ends of a range in 万, 亿 or % carry it."""
    words = passage.narrow[quantity.start : quantity.end]
    link = _LINK.search(words)
    if quantity.upper is None or link is None:
        return None
    low, high = words[: link.start()], words[link.end() :]
    scale = re.match(r"[\d.]+\s?([万亿][^\W\d_]*|%)", high)
    if scale is None or _SCALE.search(low) or not low[-1:].isdigit():
        return None
    expected = f"{low}{scale[1]}～{high}"
    message = f"起止两数都要带单位，否则{low}的单位不明：写作{expected}"
    return _finding(quantity, expected, message)


def _digits(passage: Passage) -> list[Finding]:
    """3、4十人 for 三四十人, and 3亿4千5百万 for 3亿4500万."""
    found = []
    for match in _ROUGH_DIGITS.finditer(passage.narrow):
        low, high = (match["low"], match["high"]) if match["low"] else (
            str(_DIGITS.index(match["one"])), str(_DIGITS.index(match["two"]))
        )  # fmt: skip
        if int(high) != int(low) + 1:
            continue
        scale = match["scale"] or match["times"]
        quote = passage.text[match.start() : match.end()]
        expected = f"{_DIGITS[int(low)]}{_DIGITS[int(high)]}{scale}{quote[-1]}"
        message = f"相邻两数连用表示概数，用汉字且中间不加顿号：写作{expected}"
        found.append(Finding(quote, match.start(), "wording", quote, expected, None, message))
    for match in _SPLIT_SCALE.finditer(passage.narrow):
        quote = passage.text[match.start() : match.end()]
        message = "阿拉伯数字只与“万”“亿”连用，不与“千”“百”连用：如3亿4500万"
        found.append(Finding(quote, match.start(), "wording", quote, None, None, message))
    return found


def _finding(quantity: Quantity, expected: str, message: str) -> Finding:
    return Finding(quantity.text, quantity.start, "wording", quantity.text, expected, None, message)
