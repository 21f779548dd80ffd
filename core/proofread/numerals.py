"""Reading numbers as Chinese offices write them: Arabic, Chinese, and both at once.

`find` gives every numeral of a text with its exact value: `1,132`, `１１３２`, `1.5万`,
`3亿4500万`, `2千余`, `一百二十三`, `两千`, `廿三`, `二〇二二`, `十几`, `三四十` (30 to 40), `几十`.
What a numeral counts, and whether it counts anything, is for `quantities` to say.

An own reader and not cn2an: that one knows neither grouped digits nor 余, 几 and 三四十, and finds
no numerals within a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer ones are account numbers and the like, and no amounts.
LONGEST = 15

_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF10, 0xFF1A)} | {
    ord("．"): ord("."),
    ord("％"): ord("%"),
    ord("／"): ord("/"),
    ord("＋"): ord("+"),
    ord("－"): ord("-"),
    ord("～"): ord("~"),
    ord("〜"): ord("~"),
    ord("∼"): ord("~"),
    ord("○"): ord("〇"),
}
_WIDE_GROUP = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_DIGITS = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}

_ARABIC = (
    r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d)|\d+(?:\.\d+)?"
)
_CHINESE = "零〇一二三四五六七八九十百千万亿两廿卅"
_NUMERAL = re.compile(
    rf"(?P<arabic>{_ARABIC})"
    r"(?P<scaled>(?:[余多来几](?=[百千万亿]))?(?:[十百千万亿]+(?:\d{1,4}(?:\.\d+)?(?=[十百千万]))?)+)?"
    r"|(?P<vague>[几数](?=[十百千万亿]))?"
    rf"(?P<chinese>[{_CHINESE}]+(?:点[零〇一二三四五六七八九]+)?"
    r"(?:[余多来几](?=[万亿]))?[百千万亿]*)(?P<some>几)?"
)
_NO_VAGUE = re.compile(r"[总人户次件份个倍指函台少半岁多好分]$")
_TOKEN = re.compile(rf"{_ARABIC}|[{_CHINESE}点]")
_NEIGHBOURS = frozenset(
    ["一二", "二三", "两三", "三四", "四五", "五六", "六七", "七八", "八九", "三五", "一两"]
)
_ROUGH = re.compile(r"([一二两三四五六七八九])([二三四五六七八九])(?=[十百千万亿]|$)")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number at `[start, end)` of the text.

    `step` is the worth of its last written digit (1.5万 → 1000): what rounding may have taken.
    `upper` is the other end of a rough number (三四十 → 40, 几十 → 90), else None. `mark` is a 余,
    多, 来 or 几 between the digits and 万 or 亿 (20余万), else empty.
    """

    start: int
    end: int
    value: Decimal
    step: Decimal
    upper: Decimal | None = None
    mark: str = ""


def narrow(text: str) -> str:
    """The text with half-width digits and signs, character for character: offsets stay."""
    return _WIDE_GROUP.sub(",", text).translate(_WIDE)


def find(text: str) -> Iterator[Numeral]:
    """Every numeral of a narrow text, from left to right; what cannot be read is passed over."""
    for match in _NUMERAL.finditer(text):
        numeral = _arabic(match) if match["arabic"] else _chinese(match)
        if numeral is not None:
            yield numeral


def read(words: str) -> Decimal | None:
    """The exact value of one numeral and nothing else; None where it is none."""
    for numeral in find(narrow(words)):
        if (numeral.start, numeral.end) == (0, len(words)) and numeral.upper is None:
            return None if numeral.mark else numeral.value
        return None
    return None


def _arabic(match: re.Match[str]) -> Numeral | None:
    digits = re.sub(r"[^\d.]", "", match["arabic"])
    if len(digits) > LONGEST:
        return None
    scaled = match["scaled"] or ""
    mark = scaled[0] if scaled[:1] in ("余", "多", "来", "几") else ""
    words = match["arabic"] + scaled.removeprefix(mark) if mark else match.group()
    value = _value(words)
    if value is None:
        return None
    return Numeral(match.start(), match.end(), value, _step(words), None, mark)


def _chinese(match: re.Match[str]) -> Numeral | None:
    words = match["chinese"]
    start, vague, some = match.start(), match["vague"], match["some"]
    if vague and _NO_VAGUE.search(match.string[max(0, start - 1) : start]) and vague == "数":
        start, vague = start + 1, None
    mark = next((sign for sign in "余多来几" if sign in words), "")
    words = words.replace(mark, "") if mark else words
    if len(words) > 2 * LONGEST:
        return None
    rough = _ROUGH.search(words)
    if (
        rough
        and "点" not in words
        and rough.group() in _NEIGHBOURS
        and not vague
        and _digits_alone(words) is None
    ):
        low, high = (
            _value(words[: rough.start()] + end + words[rough.end() :]) for end in rough.groups()
        )
        return (
            None
            if low is None or high is None
            else Numeral(start, match.end(), low, Decimal(1), high)
        )
    value = _value(words)
    if value is None:
        return None
    if vague:
        return Numeral(start, match.end(), value * 2, Decimal(1), value * 9)
    if some:
        return Numeral(start, match.end(), value + 1, Decimal(1), value + 9)
    return Numeral(start, match.end(), value, _step(words), None, mark)


def _digits_alone(words: str) -> Decimal | None:
    """二〇二二 read digit by digit: three and more, or two with a 〇."""
    if all(word in _DIGITS for word in words) and (len(words) > 2 or "〇" in words[1:]):
        return Decimal("".join(str(_DIGITS[word]) for word in words))
    return None


def _value(words: str) -> Decimal | None:
    """Add up digits and scales; None for what is no number, such as 十十."""
    alone = _digits_alone(words)
    if alone is not None:
        return alone
    whole, _, decimals = words.partition("点")
    tail = re.search(r"[万亿]+$", decimals)
    if decimals:
        places = decimals[: tail.start()] if tail else decimals
        base = _sum(_TOKEN.findall(whole))
        if base is None or not all(place in _DIGITS for place in places):
            return None
        value = base + Decimal("0." + "".join(str(_DIGITS[place]) for place in places))
        for scale in tail.group() if tail else "":
            value *= _LARGE[scale]
        return value
    return _sum(_TOKEN.findall(words))


def _sum(tokens: list[str]) -> Decimal | None:
    total = section = Decimal(0)
    current: Decimal | None = None
    last, gap = 1, False
    for place, word in enumerate(tokens, 1):
        if word in _SMALL or word in _LARGE:
            if word in _SMALL and section and last <= _SMALL[word]:
                return None
            if word in _SMALL:
                section += (current if current is not None else 1) * _SMALL[word]
            elif word == "万":
                total, section = total + _whole(section, current, total) * 10**4, Decimal(0)
            else:
                total, section = _whole(total + section, current, Decimal(0)) * 10**8, Decimal(0)
            last, current, gap = (_SMALL | _LARGE)[word], None, False
        elif word in ("廿", "卅"):
            section, current, last = section + (20 if word == "廿" else 30), None, 10
        elif current not in (None, Decimal(0)):
            return None
        else:
            gap = word in ("零", "〇")
            current = Decimal(_DIGITS[word]) if word in _DIGITS else Decimal(_bare(word))
            if word in _DIGITS and not gap and last >= 100 and place == len(tokens):
                current *= 1 if tokens[place - 2] in ("零", "〇") else last // 10
    return total + section + (current or 0)


def _whole(section: Decimal, current: Decimal | None, before: Decimal) -> Decimal:
    """What stands before 万 or 亿; nothing stands for one (万余元), but for 0 after a scale."""
    whole = section + (current or 0)
    return whole if whole or before else Decimal(1)


def _bare(token: str) -> str:
    return re.sub(r"[^\d.]", "", token)


def _step(words: str) -> Decimal:
    """The worth of the last written digit: of 万 and 亿 at the end, times the decimals before."""
    scale = Decimal(1)
    for word in reversed(words):
        if word in _LARGE:
            scale *= _LARGE[word]
        elif word in ("百", "千") and words[0].isdigit():
            scale *= _SMALL[word]
        else:
            break
    places = re.search(r"[.点]([\d零〇一二三四五六七八九]+)[百千万亿]*$", words)
    return scale.scaleb(-len(places[1])) if places else scale
