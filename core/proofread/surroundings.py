"""What the words around a quantity say: its range, its list, 每, and what it counts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from core.proofread import units

if TYPE_CHECKING:
    from decimal import Decimal

    from core.proofread.quantities import Quantity

_RANGE = re.compile(r"\s?(?:——|[-—–~至到])\s?")
_LIST = re.compile(r"\s?(?:[、,，]|和|及|与|以及|[，,]?(?:合计|共计|总计|总共|一共|共)为?)\s?")
STOPS = "，。；：！？!?;:,\n\t（）()【】"
_PER = re.compile(
    rf"(?:每(?:一|1)?(?P<each>{units.PATTERN}|年|月|天|季度|季|周|村|社区|镇)"
    r"|(?:平均)?(?P<mean>[户人件套场次单月年])均)[^，。；\n共总]{0,22}$"
)
_PER_AFTER = re.compile(r"\s?/\s?每?(?P<each>[户人名位家件份套场次年月天个台张本条组对])")
_DROP_HEAD = re.compile(r"^(?:[、和及与并的]|其中|另外|另有|以及|共|了|约)+")
_DROP_TAIL = re.compile(
    r"(?:[了有达计为是共至到等各的]|共计|合计|总计|累计|一共|总共|分别|大约|其中|达到|不少于)+$"
)
_JOINED = re.compile(r"[^，。；\n共总合计]{0,10}(?:和|及|以及|加|、|与|\+)[^，。；\n共总合计]{0,8}")
_AFTER_NOUN = re.compile(r"^(?:(?![每占共])[^\W\d_]){0,12}")
_SCALE = re.compile(r"[万亿]")


def complete(text: str, masked: str, found: list[Quantity]) -> list[Quantity]:
    """Join ranges, give list members their counting word, and add the words around."""
    listed = _with_list_units(masked, _with_ranges(masked, found))
    return _with_words(text, masked, listed)


def _with_ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    """13万～17万元, 100—150人, 15%～30%: one quantity with two ends."""
    result: list[Quantity] = []
    for quantity in found:
        low = result[-1] if result else None
        link = _RANGE.fullmatch(text, low.end, quantity.start) if low else None
        if low is None or link is None or not _is_range(low, quantity, link.group().strip()):
            result.append(quantity)
        else:
            result[-1] = replace(
                low,
                value=_scaled(low, quantity, text),
                end=quantity.end,
                text=text[low.start : quantity.end],
                unit=quantity.unit,
                kind=quantity.kind,
                upper=quantity.value,
                approximate="double" if low.marks and quantity.marks else "about",
                marks=low.marks + quantity.marks,
                core=(low.core[0], quantity.core[1]),
                bare=False,
            )
    return result


def _is_range(low: Quantity, high: Quantity, link: str) -> bool:
    """Whether two are ends of one: 60户到80户 may be a change, 60到80户 is none."""
    if low.upper is not None or high.upper is not None:
        return False
    return not low.unit or (low.unit == high.unit and link not in "至到")


def _scaled(low: Quantity, high: Quantity, text: str) -> Decimal:
    """The lower end in the scale of the upper: 13～17万元 begins at 130000."""
    scale = _SCALE.search(text[high.core[0] : high.core[1]])
    if scale and low.value * 100 < (high.value if high.upper is None else high.upper):
        return low.value * (10**4 if scale.group() == "万" else 10**8)
    return low.value


def _with_list_units(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give 538 and 151 of 538、151、62人 the counting word of the last."""
    result = list(found)
    for place in range(len(result) - 2, -1, -1):
        quantity, following = result[place], result[place + 1]
        if (
            not quantity.unit
            and following.unit
            and _LIST.fullmatch(text, quantity.end, following.start)
        ):
            result[place] = replace(quantity, unit=following.unit, kind=following.kind, bare=True)
    return result


def _with_words(text: str, masked: str, found: list[Quantity]) -> list[Quantity]:
    result: list[Quantity] = []
    for place, quantity in enumerate(found):
        floor = found[place - 1].end if place else 0
        ceiling = found[place + 1].start if place + 1 < len(found) else len(text)
        before = _back(text, max(floor, quantity.start - 60), quantity.start)
        after = _forth(text, quantity.end, min(ceiling, quantity.end + 60))
        result.append(
            replace(
                quantity,
                text=text[quantity.start : quantity.end],
                before=before,
                after=after,
                label=_label(before, after),
                per=_per(masked, quantity, result[-1] if result else None),
            )
        )
    return result


def _back(text: str, floor: int, start: int) -> str:
    """The words before, back to a stop."""
    words = text[floor:start]
    cut = max((words.rfind(stop) for stop in STOPS), default=-1)
    return words[cut + 1 :].strip()


def _forth(text: str, end: int, ceiling: int) -> str:
    """The words after, up to a stop or a list mark."""
    words = text[end:ceiling]
    cuts = [cut for stop in STOPS + "、" if (cut := words.find(stop)) >= 0]
    return words[: min(cuts, default=len(words))].strip()


def _label(before: str, after: str) -> str:
    """What is counted: the verb and noun before, and the noun straight after the counting word."""
    head = _DROP_TAIL.sub("", _DROP_HEAD.sub("", before))
    noun = _AFTER_NOUN.match(after)
    tail = _DROP_HEAD.sub("", noun.group()) if noun else ""
    return head + tail


def _per(text: str, quantity: Quantity, last: Quantity | None) -> str | None:
    """The counting word after 每, also for a second amount joined to the first by 和."""
    if after := _PER_AFTER.match(text, quantity.end):
        return after["each"]
    if quantity.kind not in ("money", "count"):
        return None
    floor = max(0, quantity.start - 40, last.end if last else 0)
    clause = re.split(r"[，。；\n]", text[floor : quantity.start])[-1]
    match = _PER.search(clause)
    if match:
        return match["each"] or match["mean"]
    if last is not None and last.per and _JOINED.fullmatch(text, last.end, quantity.start):
        return last.per
    return None
