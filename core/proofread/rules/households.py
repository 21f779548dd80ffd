"""Households counted as people: 慰问困难家庭118名, 118名困难家庭, 118名 that are 60户 and 58户."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.proofread import units
from core.proofread.findings import Finding

if TYPE_CHECKING:
    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage, Sentence

_HOUSEHOLD_END = re.compile(
    r"(?:家庭|困难户|低保户|贫困户|特困户|五保户|脱贫户|监测户|残疾户|多残户|农户|住户|低收入户|边缘户|救助户|帮扶户)"
    r"(?:共计?|合计|总计|累计|各|达|有)*$"
)
_HOUSEHOLD_START = re.compile(
    r"(?:困难|贫困|低保|特困|低收入|残疾人?|重度|一户多残|老残一体|受灾|脱贫|边缘|易致贫|监测|建档立卡|农村|城镇|社区|辖区|单亲|孤残"
    r"|失独|优抚|特殊|户|持证|、)*(?:家庭|困难户|低保户|贫困户|特困户|五保户|脱贫户|监测户|残疾户|多残户|农户|住户)"
    r"(?![的中里内]|成员|子女|学生|儿童|残疾|老[人年]|孩子|人员|毕业生|妇女|青年|青少|劳动|户主|高校|大学|中小|重度"
    r"|患|精神|智力|未成年|病|少年|职工|居民|村民|代表|家属|监护|主|困难|医生|成|出身|生活|教育|小|病残|幼|女|男|母)"
)
_PEOPLE_END = re.compile(r"(?:志愿者|学生|干部|儿童|老人|选手|代表|教师|医生|工作人员|党员)$")
_NOT_PRECEDING = re.compile(r"的|[^\W\d_]*?(?:来自|帮助|为)[^\W\d_]*$")
_DONE = re.compile("发放|送|赠|提供|办理|开展|进行|实施|给予|落实|解决|改造|申请|配备|配发|适配")
_ENDS = ("", "和", "及", "与", "以及", "等", "，", "、")


def check(passage: Passage) -> list[Finding]:
    """Every 名, 位 or 人 that counts households, and 户 that counts people."""
    found = []
    for sentence in passage.sentences:
        for place, quantity in enumerate(sentence.quantities):
            finding = None
            if quantity.unit in ("名", "位", "人") and quantity.per is None:
                finding = _summed(sentence, quantity, place, passage)
                if finding is None and not _told_of_people(sentence, quantity, passage):
                    finding = _counted(quantity)
            elif _are_people(quantity):
                finding = _people(quantity)
            if finding:
                found.append(finding)
    return found


def _counted(quantity: Quantity) -> Finding | None:
    if _HOUSEHOLD_END.search(quantity.before) and (
        quantity.after in _ENDS
        or quantity.after.startswith(("和", "及", "与", "以及"))
        or (quantity.unit != "人" and _DONE.match(quantity.after))
    ):
        return _finding(quantity, "前面说的是家庭（户）")
    match = _HOUSEHOLD_START.match(quantity.after)
    if match and quantity.unit != "人" and "的" not in match.group():
        return _finding(quantity, "后面说的是家庭（户）")
    return None


def _told_of_people(sentence: Sentence, quantity: Quantity, passage: Passage) -> bool:
    """学生80名, 其中低保家庭60名: people told apart by the family they come from."""
    wholes = [
        q
        for q in sentence.quantities
        if q.start < quantity.start and q.family == units.PERSON and q.value >= quantity.value
    ]
    return any(
        re.search("其中|（|：|:", passage.narrow[whole.end : quantity.start])
        and not _HOUSEHOLD_END.search(whole.before)
        for whole in wholes
    )


def _summed(sentence: Sentence, quantity: Quantity, place: int, passage: Passage) -> Finding | None:
    """118名, 其中低保户60户、特困户58户: the parts are households and make just this number."""
    later = [q for q in sentence.quantities[place + 1 :] if q.unit == units.HOUSEHOLD]
    words = passage.narrow[quantity.end : quantity.end + 16].lstrip("，,（(")
    if len(later) > 1 and words.startswith(("其中", "分为", "分别")):
        for count in range(2, len(later) + 1):
            if sum(q.value for q in later[:count]) == quantity.value:
                return _finding(quantity, "各部分都以户计")
    return None


def _are_people(quantity: Quantity) -> bool:
    """志愿者30户: people who are counted as households."""
    ends = quantity.after in _ENDS
    return ends and quantity.unit == units.HOUSEHOLD and bool(_PEOPLE_END.search(quantity.before))


def _finding(quantity: Quantity, reason: str) -> Finding:
    digits = quantity.text.removesuffix(quantity.unit)
    expected = f"{digits}户"
    message = f"{reason}，量词却用了“{quantity.unit}”：户数与人数不能混用，应写作{expected}"
    return Finding(quantity.text, quantity.start, "wording", quantity.text, expected, None, message)


def _people(quantity: Quantity) -> Finding:
    expected = f"{quantity.text.removesuffix(quantity.unit)}名"
    message = f"前面说的是人，量词却用了“户”：户数与人数不能混用，应写作{expected}"
    return Finding(quantity.text, quantity.start, "wording", quantity.text, expected, None, message)
