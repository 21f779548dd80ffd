"""The same thing counted twice: in another section, or a part beside the whole that holds it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from core.proofread import arithmetic
from core.proofread.findings import Finding
from core.proofread.parts import countable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage, Sentence

_TOTAL = re.compile(r"共|合计|总计|总数|累计|全部|覆盖|全年")
_WHOLE = re.compile(
    r"全年|今年|本年|全市|全县|全区|全省|全街道|全镇|全乡|年内|累计|一年来|今年以来"
)
_EVENT = re.compile(
    r"线上|线下|网络|直播|专场|现场|上半年|下半年|\d{1,2}月|[一二三四五六七八九十]月|助残日|其中"
)
_MORE = re.compile(r"^\s*(?:此外|另外|另|还|又|再|同时还)")
_REFERRING = re.compile(
    r"上述|以上|前述|这|该|其中|合计|总计|共|累计|总|占|每|比|任务|目标|计划|全年|期间|综上"
)
_OVERVIEW = re.compile(
    r"总体|概况|基本情况|总结|综上|总之|成效|回顾|汇总|统计|主要数据|全年|一年来|以来|表彰|经验"
)
_TIME = re.compile(
    r"春节|元旦|元宵|清明|端午|中秋|重阳|国庆|五一|六一|儿童节|助残日|爱耳日|爱眼日|残疾人日|预防日|"
    r"[上下]半年|[一二三四]季度|第[一二三四五\d]+[次批期场季]|首[次批场]|今年|去年|上年|\d{1,4}年|"
    r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})月"
)
_PLACE = re.compile(
    r"[^\W\d_进入个各全每辖本等在到家]{1,3}(?:县|区|镇|乡|街道|村|社区|市)(?![民级里内])"
)
_LEAD = re.compile(
    r"^(?:[一二三四五六七八九]是|首先|其次|同时|此外|另外|另|还|又|再|并|先后|共|其中)+"
)
# A finding, and where the two figures stand that it is about.
_Told = tuple[Finding, tuple[int, int]]
_OFTEN, _NEAR = 6, 24
# A sentence with so many numbers gives an overview; what follows says the same at length.
_CROWDED = 4
# So far back in its paragraph a time or a place still speaks of a number.
_SCOPE = 160
_NAME = re.compile(r"[“《]([^”》]{1,40})[”》]")
_GENERIC = frozenset(
    ["在", "走进", "深入", "到", "进", "覆盖", "涉及", "面向", "对", "为", "赴", ""]
)


def check(passage: Passage) -> list[Finding]:
    """Figures that are counted again, each told once."""
    totals = list(_totals(passage))
    summed = {pair for _, pair in totals}
    repeated = [f for f, pair in _repeated(passage) if pair not in summed]
    return [*(finding for finding, _ in totals), *repeated]


def _totals(passage: Passage) -> Iterator[_Told]:
    """A total that comes out only if one thing is added twice."""
    earlier: list[tuple[Sentence, Quantity]] = []
    for sentence in passage.sentences:
        for quantity in sentence.quantities:
            if countable(quantity) and not arithmetic.rough(quantity):
                if _TOTAL.search(passage.lead(quantity)):
                    alike = [e for e in earlier[-_NEAR:] if e[1].family == quantity.family]
                    told = _twice(passage, alike, quantity) or _subset(passage, alike, quantity)
                    if told:
                        yield told
                earlier.append((sentence, quantity))


def _twice(
    passage: Passage, earlier: Sequence[tuple[Sentence, Quantity]], total: Quantity
) -> _Told | None:
    """9个社区 in two sections, and 18个社区 in all."""
    for place, one in enumerate(earlier):
        first = one[1]
        times = total.value / first.value if first.value else 0
        if not 2 <= times <= _OFTEN or times != int(times):
            continue
        same = [
            other
            for other in earlier[place + 1 :]
            if other[1].value == first.value
            and _same_thing(first, other[1])
            and not _told_apart(passage, one, other)
        ]
        if len(same) == times - 1:
            once = arithmetic.amount(first.value, first)
            said = "＋".join([once] * int(times))
            message = (
                f"同一个{first.text}在文中写了{int(times)}次，又相加成{total.text}："
                f"{said}＝{arithmetic.amount(total.value, total)}，疑似重复计算"
            )
            return _finding(total, once, message), (first.start, same[-1][1].start)
    return None


def _subset(
    passage: Passage, earlier: Sequence[tuple[Sentence, Quantity]], total: Quantity
) -> _Told | None:
    """全年181人, of which one fair's 164 are a part, and 345 in all."""
    for place, (sentence, whole) in enumerate(earlier):
        scope = passage.narrow[sentence.start : whole.start]
        if not _WHOLE.search(scope) or _EVENT.search(scope):
            continue
        for _, part in earlier[place + 1 :]:
            between = passage.narrow[whole.end : part.start]
            if whole.value + part.value != total.value or part.value > whole.value:
                continue
            if _EVENT.search(between) and _ending(whole) == _ending(part):
                a, b, both = (arithmetic.amount(q.value, q) for q in (whole, part, total))
                message = (
                    f"{whole.text}是全部的数，已含{part.text}，文中又相加："
                    f"{a}＋{b}＝{both}，疑似重复计算"
                )
                expected = arithmetic.amount(whole.value, total)
                return _finding(total, expected, message), (whole.start, part.start)
    return None


def _repeated(passage: Passage) -> Iterator[_Told]:
    """The same figure of the same thing in two sections, or once more with 另."""
    groups: dict[tuple[str, str], list[tuple[Sentence, Quantity]]] = defaultdict(list)
    told: set[tuple[int, int]] = set()
    for sentence in passage.sentences:
        for quantity in sentence.quantities:
            if not countable(quantity) or quantity.value < 3:
                continue
            group = groups[quantity.family, str(quantity.value.normalize())]
            for first_sentence, first in group[-5:]:
                pair = (first_sentence.number, sentence.number)
                if pair not in told and _again(
                    passage, (first_sentence, first), (sentence, quantity)
                ):
                    told.add(pair)
                    message = (
                        f"{quantity.text}（{_said(quantity)}）前面已经写过，这里又作为另一项写出，"
                        "疑似重复计算"
                    )
                    yield _finding(quantity, None, message), (first.start, quantity.start)
                    break
            group.append((sentence, quantity))


def _again(
    passage: Passage, first: tuple[Sentence, Quantity], second: tuple[Sentence, Quantity]
) -> bool:
    (one, before), (other, after) = first, second
    if one.number == other.number or not _same_words(one, before, other, after):
        return False
    if _told_apart(passage, first, second) or any(
        _REFERRING.search(passage.clause(q)) for q in (before, after)
    ):
        return False
    if not all(_is_prose(passage, sentence) for sentence in (one, other)):
        return False
    if _MORE.search(other.text):
        return True
    if one.section in (other.section, 0):
        named = len(_bare(after) + after.after) >= 8 and len(one.quantities) < _CROWDED
        if one.paragraph == other.paragraph or one.section != other.section or not named:
            return False
    return not any(_OVERVIEW.search(_heading(passage, s) + s.text) for s in (one, other))


def _is_prose(passage: Passage, sentence: Sentence) -> bool:
    """Whether a sentence ends like one, and is no row of a table."""
    return passage.text[sentence.end : sentence.end + 1] in tuple("。！!；")


def _same_words(one: Sentence, before: Quantity, other: Sentence, after: Quantity) -> bool:
    """The same words around; few words suffice where another number of the sentence agrees."""
    if _bare(before) != _bare(after) or before.after[:4] != after.after[:4]:
        return False
    if len(_bare(before) + before.after) >= 5 or _led(one, before) == _led(other, after):
        return True
    others = {(q.value, q.unit, _bare(q)) for q in one.quantities if q is not before}
    return any((q.value, q.unit, _bare(q)) in others for q in other.quantities if q is not after)


def _led(sentence: Sentence, quantity: Quantity) -> str:
    """The twelve characters that lead to a number, its own noun included."""
    place = quantity.start - sentence.start
    return sentence.text[max(0, place - 12) : place]


def _same_thing(first: Quantity, second: Quantity) -> bool:
    noun, other = first.after[:2], second.after[:2]
    if noun != other or (not noun and not _bare(first)):
        return False
    one, two = _bare(first), _bare(second)
    return one == two or (one in _GENERIC and two in _GENERIC)


def _names(passage: Passage, quantity: Quantity) -> set[str]:
    """What stands in quotation marks or 《》 in the clause: the name of a show, a book, a fair."""
    return set(_NAME.findall(passage.clause(quantity)))


def _told_apart(
    passage: Passage, first: tuple[Sentence, Quantity], second: tuple[Sentence, Quantity]
) -> bool:
    """Whether a time or a place makes two of it: 春节 and 中秋, 甲县 and 乙县."""
    if _names(passage, first[1]) != _names(passage, second[1]):
        return True
    one, other = (_circumstances(passage, s, q) for s, q in (first, second))
    return any(a and b and a != b for a, b in zip(one, other, strict=True))


def _circumstances(
    passage: Passage, sentence: Sentence, quantity: Quantity
) -> tuple[set[str], set[str]]:
    """Times and places named since the last number of the sort in the paragraph, or above it."""
    start = max(passage.text.rfind("\n", 0, quantity.start) + 1, quantity.start - _SCOPE)
    same = [
        q.end
        for q in sentence.quantities
        if q.start < quantity.start and q.family == quantity.family
    ]
    words = passage.narrow[max([start, *same]) : quantity.start]
    if not same:
        words = f"{_heading(passage, sentence)}，{words}"
    return set(_TIME.findall(words)), set(_PLACE.findall(words))


def _heading(passage: Passage, sentence: Sentence) -> str:
    """The words of the heading that a sentence stands under, if it is a short one."""
    heading = ""
    for earlier in reversed(passage.sentences[max(0, sentence.number - _OFTEN) : sentence.number]):
        if not earlier.section or earlier.section != sentence.section:
            break
        heading = earlier.text
    return heading if len(heading) <= 24 else ""


def _bare(quantity: Quantity) -> str:
    return _LEAD.sub("", quantity.before.strip())


def _ending(quantity: Quantity) -> str:
    return (quantity.before or quantity.after)[-2:]


def _said(quantity: Quantity) -> str:
    return quantity.label or quantity.unit


def _finding(quantity: Quantity, expected: str | None, message: str) -> Finding:
    return Finding(
        quantity.text, quantity.start, "duplicate", quantity.text, expected, None, message
    )
