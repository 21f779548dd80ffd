"""By which aspect the parts of a whole are told apart: 男 and 女, 城镇 and 农村, 视力 and 听力.

Parts by two aspects may overlap (残疾人100人, 女性60人 of 120), those by one may not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.proofread.quantities import Quantity

_ASPECTS = {
    "sex": re.compile("男|女"),
    "place": re.compile("城镇|城市|农村|乡村|市区|郊区|非农|农业"),
    "kind": re.compile("视力|听力|言语|肢体|智力|精神|多重"),
    "grade": re.compile("[一二三四]级|重度|中度|轻度"),
    "age": re.compile("儿童|少年|未成年|老年|老人|青年|成年|岁"),
    "way": re.compile("线上|线下|网络|现场|入户|电话|上门|集中|网上|微信"),
    "money": re.compile("现金|慰问金|资金|物资|物品|实物|慰问品|折价|折款|善款"),
    "time": re.compile("上半年|下半年|春节|中秋|重阳|助残日|季度|元旦|国庆"),
    "role": re.compile(
        "残疾人|志愿者|工作人员|家属|亲属|亲友|监护人|干部|教师|学生|群众|医生|评委"
    ),
    "party": re.compile("党员|团员"),
}
_OPPOSITES = (
    ("男", "女"),
    ("城镇|城市|市区|非农", "农村|乡村|郊区|(?<!非)农业"),
    ("线上|网络|网上", "线下|现场"),
    ("现金|慰问金|资金|善款", "物资|物品|实物|慰问品"),
    ("上半年", "下半年"),
    ("未成年|儿童", "(?<!未)成年|成人"),
    ("(?<!未)(?<!不)合格", "不合格|未合格"),
    ("(?<!不)满意", "不满意"),
    ("持证", "无证|未持证"),
    ("国内|境内", "国外|境外"),
    ("入户|上门", "电话"),
)
_REST = re.compile("其余|其他|剩余|余下|另外")


def of(quantity: Quantity) -> frozenset[str]:
    """The aspects that a part may be told by; none where it is no common one (names, things)."""
    return _of_words(quantity.label)


@lru_cache(maxsize=4096)
def _of_words(words: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _ASPECTS.items() if pattern.search(words))


def runs(parts: Sequence[Quantity]) -> list[list[Quantity]]:
    """The parts in runs of one aspect each; a list where that fails stays whole."""
    result: list[list[Quantity]] = []
    shared: frozenset[str] = frozenset()
    for part in parts:
        if result and shared & of(part):
            shared &= of(part)
            result[-1].append(part)
        else:
            shared = of(part)
            result.append([part])
    return result if all(len(run) > 1 for run in result) else [list(parts)]


def mixed(parts: Sequence[Quantity]) -> bool:
    """Whether two parts are told by different aspects, so that they may overlap."""
    known = [aspects for part in parts if (aspects := of(part))]
    return bool(known) and not frozenset.intersection(*known)


def alike(parts: Sequence[Quantity]) -> bool:
    """Whether all parts are told by one aspect, or none by any that is known."""
    found = [of(part) for part in parts]
    return not any(found) or bool(frozenset.intersection(*found))


def exhaustive(parts: Sequence[Quantity]) -> bool:
    """Whether the parts leave nothing out by their very names."""
    words = [part.label for part in parts]
    if any(_REST.search(word) for word in words[1:]):
        return True
    return len(words) == 2 and any(
        (re.search(one, words[0]) and re.search(other, words[1]))
        or (re.search(other, words[0]) and re.search(one, words[1]))
        for one, other in _OPPOSITES
    )
