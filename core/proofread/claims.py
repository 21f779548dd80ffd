"""What a stated percentage claims to be: a completion, a share, a rate of something, a growth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage, Sentence

ClaimKind = Literal["completion", "share", "rate", "growth", "excess"]

_FILL = r"(?:[已约近]?(?:分别|高)?(?:为|达到了?|达|是|有|占|至|到)|率?[:：])?"
_WORK = r"(?:全年|年度|全部|既定|目标|预期|本年|当年|总|计划|任务|指标|数|量|的)*"
_COMPLETION = re.compile(
    rf"(?:完成率|任务率|达标率|完成(?:进度|比例)|(?:完成|占|达到?|实现|为|是)了?{_WORK}"
    rf"(?:任务|目标|计划|指标)(?:总?数|总?量)?的?)(?:分别)?{_FILL}$"
)
_TASK = re.compile("任务|目标|计划|指标")
_EXCESS = re.compile(r"超(?:额(?:完成率?)?|出?(?:任务|目标|计划|指标))[^，。；]{0,8}$")
_EXCESS_RATE = re.compile(r"率|达到")
_GROWTH_END = re.compile(
    r"(?:(?P<up>增长率?|增加|上升|提高|提升|增幅|多)|(?P<down>下降|减少|降低|降幅|减幅|回落|缩减|少))"
    r"(?:了|约|近|幅度|为|达到|达|到?了)*$"
)
_SHARE = re.compile(r"(?:占|占到|占比|比例|比重|比率)(?:约|近|只|仅|到)?" + _FILL + "$")
_SHARE_OF = re.compile(r"占(?:到|了)?(?P<base>[^，。；：]{1,24}?)的(?:比例|比重)?" + _FILL + "$")
# 为任务数436人的, 是目标5人的: the target with its number stands between.
_OF_TASK = re.compile(
    r"(?:为|是|达到?|完成|相当于)了?(?P<base>(?:[^，。；：\d]{0,4})(?:任务|目标|计划|指标)[^，。；：]{1,16}?)的"
    + _FILL
    + "$"
)
_RATE = re.compile(
    rf"(?P<stem>[^\W\d_]{{1,8}})(?<!(?<!有)效)(?<!(?<!成)功)(?<![频汇速利税费几概])(?:率|满意度)(?:分别)?(?:也|均|已|仅)?{_FILL}$"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """`base` are the words of 占…的, if any; `stem` those before 率; `sign` -1 where it shrinks."""

    quantity: Quantity
    sentence: Sentence
    kind: ClaimKind
    base: str | None = None
    stem: str = ""
    sign: int = 1


def of(passage: Passage, sentence: Sentence, quantity: Quantity) -> Claim | None:
    """What a percentage claims by the words before it in its clause; None if nothing is known."""
    lead = passage.lead(quantity)
    claim: Claim | None = None
    if _EXCESS.search(lead) and not _EXCESS_RATE.search(
        lead.rsplit("超", 1)[1].removeprefix("额完成率")
    ):
        claim = Claim(quantity, sentence, "excess")
    elif growth := _GROWTH_END.search(lead):
        claim = Claim(quantity, sentence, "growth", sign=-1 if growth["down"] else 1)
    elif _COMPLETION.search(lead):
        claim = Claim(quantity, sentence, "completion")
    elif task := _OF_TASK.search(lead):
        claim = Claim(quantity, sentence, "completion", base=task["base"])
    elif share := _SHARE_OF.search(lead):
        kind: ClaimKind = "completion" if _TASK.search(share["base"]) else "share"
        claim = Claim(quantity, sentence, kind, base=share["base"])
    elif _SHARE.search(lead):
        claim = Claim(quantity, sentence, "share")
    elif rate := _RATE.search(lead):
        claim = Claim(quantity, sentence, "rate", stem=_stem(rate["stem"]))
    return claim


def _stem(words: str) -> str:
    """The two characters or so that name the rate: 学员满意 → 满意."""
    return words[-2:]
