"""The quantities of a text: number, counting word, and the words that say what is counted.

The interface on which the rules and the matching with a campaign's figures stand:

- `find(text) -> list[Quantity]`, in the order of the text; offsets are Unicode code points of it.
- A `Quantity` is exact: money in 元 (1.5万元 → 15000), `percent` in percent (63.5% → 63.5,
  六成五 → 65), `points` in percentage points, `multiple` in 倍. `unit` is the counting word in one
  spelling, `family` the one that 人, 名 and 位 share.
- `label` names what is counted, from the words around: 提供岗位490个, 提供490个岗位 and
  490个岗位 give 提供岗位, 提供岗位, 岗位; 走访慰问残疾人家庭231户 gives 走访慰问残疾人家庭.
- `approximate` is about, above, below, or double where two marks stand together (近900余份);
  `marks` keeps them as written. `upper` is the other end of a range (三四十, 15%～30%).
- `per` names the counting word after 每 (每户300元 → 户): such an amount is never a total.

Dates, editions, document numbers, set phrases and the like are no quantities: see `exclusions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.proofread import exclusions, numerals, surroundings, units

Kind = Literal["count", "money", "percent", "points", "multiple"]
Approximation = Literal["about", "above", "below", "double"]

_DIRECTIONS: dict[str, Approximation] = {
    **dict.fromkeys(("近", "将近", "接近", "不足", "不到", "以下", "以内"), "below"),
    **dict.fromkeys(("超", "超过", "超出", "逾", "不少于", "不低于", "至少", "突破"), "above"),
    **dict.fromkeys(("上", "以上", "余", "多", "来", "几"), "above"),
}
# 约 and 近 as words of their own, and not the end of 节约 or 附近.
_MARK_BEFORE = re.compile(
    r"(?:(?<![节预签合特邀履续违相制公条简集])(?:大约有|大约|约为|约有|约)|大概有?)?\s?"
    r"(?:将近|接近|(?<![附靠临邻最新亲远拉走])近|不足|不到|不少于|不低于|至少|突破"
    r"|(?<![赶商反高])超(?:过|出)?|逾)?\s?$"
)
_ONE_MARK = re.compile(
    "大约有|大约|约为|约有|约|大概有|大概|将近|接近|近|不足|不到|不少于|不低于|至少|突破|超过|超出|超|逾"
)
_MARK_AFTER = re.compile(
    r"左右|上下(?!级)|以上|以下|以内|余(?![下额款量地温热力钱粮兴])|多(?=[，。；、：）\s]|$)"
)
_MIDDLE = re.compile(r"[余多来几](?=\s?(?:%|" + units.PATTERN + "))")
_UNIT = re.compile(
    rf"\s?(?P<points>个?百分点)|(?P<percent>\s?%)|\s?(?P<times>倍)(?!感|加)|\s?(?P<unit>{units.PATTERN})"
)
_TENTHS = re.compile(
    r"(?<![第完组形分\d])(?P<whole>[一二三四五六七八九1-9])成(?P<half>[一二三四五六七八九半])?"
    r"(?![立功员果效为绩本人长年就熟都套群片品交份分了])"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in a text; see the module for what each field means.

    `text` is text[start:end] with its marks; `core` where its digits stand. `step` is the worth of
    the last written digit (1.5万元 → 1000). `before` and `after` are the words around, up to the
    next stop or quantity. `bare` has no counting word of its own and takes that of its list
    (分别为538、151、62人).
    """

    start: int
    end: int
    text: str
    value: Decimal
    unit: str
    kind: Kind
    core: tuple[int, int]
    step: Decimal = Decimal(1)
    approximate: Approximation | None = None
    marks: tuple[str, ...] = ()
    upper: Decimal | None = None
    per: str | None = None
    label: str = ""
    before: str = ""
    after: str = ""
    bare: bool = False

    @property
    def family(self) -> str:
        """The counting word that all words of its sort share: 名 → 人."""
        return units.family(self.unit)


def find(text: str) -> list[Quantity]:
    """Every quantity of the text, by offset."""
    narrow = numerals.narrow(text)
    masked = exclusions.mask(narrow)
    found = [q for n in numerals.find(masked) if (q := _quantity(masked, n)) is not None]
    found += [_of_tenths(masked, match) for match in _TENTHS.finditer(masked)]
    found.sort(key=lambda quantity: quantity.start)
    kept: list[Quantity] = []
    for quantity in found:
        if not kept or quantity.start >= kept[-1].end:
            kept.append(quantity)
    return surroundings.complete(text, masked, kept)


def _quantity(text: str, numeral: numerals.Numeral) -> Quantity | None:
    """Read what stands around a numeral: 百分之, marks, the counting word."""
    start, end = numeral.start, numeral.end
    marks = [numeral.mark] if numeral.mark else []
    value, unit = numeral.value, ""
    lead = re.search(r"[百千]分之$", text[max(0, start - 3) : start])
    if lead:
        start, unit = start - 3, "%"
        value = value / 10 if lead.group()[0] == "千" else value
    elif middle := _MIDDLE.match(text, end):
        marks.append(middle.group())
        end = middle.end()
    match = None if lead else _UNIT.match(text, end)
    if match:
        end = match.end()
        unit = _counting_word(match)
    elif not lead and (_is_name(text, start, end) or not text[start].isdigit()):
        return None
    start, end = _take_marks(text, start, end, marks)
    return Quantity(
        start, end, text[start:end], value, unit, _kind(unit), (numeral.start, numeral.end),
        numeral.step, _approximation(marks, numeral.upper), tuple(marks), numeral.upper,
    )  # fmt: skip


def _take_marks(text: str, start: int, end: int, marks: list[str]) -> tuple[int, int]:
    """Add the marks around `[start, end)` to the list, and widen it by them."""
    lead = _MARK_BEFORE.search(text, max(0, start - 5), start)
    if lead and lead.group().strip():
        marks[:0] = _split(lead.group())
        start = lead.start()
    elif text[start : start + 1] in ("百", "千", "万") and text[start - 1 : start] == "上":
        marks.insert(0, "上")
        start -= 1
    if tail := _MARK_AFTER.match(text, end):
        marks.append(tail.group())
        end = tail.end()
    return start, end


def _split(marks: str) -> list[str]:
    """约近 are two marks, 将近 is one."""
    return _ONE_MARK.findall(marks)


def _counting_word(match: re.Match[str]) -> str:
    if match["points"]:
        return "个百分点"
    if match["percent"]:
        return "%"
    return "倍" if match["times"] else units.plain(match["unit"])


def _kind(unit: str) -> Kind:
    kinds: dict[str, Kind] = {"个百分点": "points", "%": "percent", "倍": "multiple", "元": "money"}
    return kinds.get(unit, "count")


def _approximation(marks: list[str], upper: Decimal | None) -> Approximation | None:
    """What the marks say together: any two are one too many."""
    if len(marks) > 1 or (upper is not None and marks and marks[-1] in ("余", "多", "来")):
        return "double"
    if not marks:
        return "about" if upper is not None else None
    return _DIRECTIONS.get(marks[0], "about")


def _is_name(text: str, start: int, end: int) -> bool:
    """Bare digits within a word or with signs: room 301, 3-5, 2.1.3."""
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return bool(re.search(rf"[A-Za-z_/{exclusions.BLANK}+#@.]|[室楼栋号路型线版]", around))


def _of_tenths(text: str, match: re.Match[str]) -> Quantity:
    """六成五 is 65%, 七成 is 70% and stands for about so much."""
    half = match["half"]
    digits = {word: value for value, word in enumerate("零一二三四五六七八九")}
    whole = digits.get(match["whole"]) or int(match["whole"])
    value = Decimal(whole * 10 + (5 if half == "半" else digits.get(half or "零", 0)))
    marks: list[str] = []
    start, end = _take_marks(text, match.start(), match.end(), marks)
    return Quantity(
        start, end, text[start:end], value, "%", "percent", match.span(),
        Decimal(1 if half else 10), _approximation(marks, None) or "about", tuple(marks),
    )  # fmt: skip
