"""The numerator and the denominator of a stated percentage, among the numbers around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.proofread.claims import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage

Pair = tuple["Quantity", "Quantity"]

_TARGET = re.compile(
    r"任务|目标|计划|指标|(?<![相适响供反对效])应(?![用急届聘邀])|下达|定额|责任[书数]|拟|预计|(?<!急)需(?!求)"
    r"|原定|预定"
)
_DONE_TASK = re.compile(r"完成了?(?:全年|年度|目标|全部)*(?:任务|目标|计划|指标)(?:数|量)?$")
_DONE = re.compile("完成|实际|已|实现")
_TOTAL = re.compile(r"共|总|合计|全[部市县区镇街省乡村]|登记|参[加训]|到场|在册|现有|原有|有需求")
_AMONG = re.compile(r"^[^，。；：]{0,12}?中(?!心|间|[小年学残])")
_NAME_ENDS = re.compile(r"(?:总?人数|总?户数|总?件数|总数|总量|总额|总人口|数量|[总数的量额])+$")
_GENERAL = re.compile(r"^(?:其|本次|全部|参与|总)?(?:中)?$")
_ALIASES = {
    "签约": ("签约", "签订", "签"),
    "就业": ("就业", "上岗", "录用", "聘用", "签约"),
    "到会": ("到",),
    "到场": ("到",),
    "到课": ("到",),
    "出席": ("到", "出席"),
    "出勤": ("到", "出勤"),
    "检出": ("检出", "发现", "查出", "确诊"),
    "录用": ("录用", "聘用"),
    "有效": ("有效",),
    "满意": ("满意",),
    "合格": ("合格", "通过"),
    "参与": ("参与", "参加"),
    "参训": ("参训", "培训", "参加"),
    "安置": ("安置", "就业"),
    "意向": ("意向",),
    "成功": ("成功", "达成", "意向", "就业", "签约", "录用"),
    "转化": ("就业", "签约", "录用", "意向", "转化"),
}


def window(claim: Claim, passage: Passage) -> tuple[list[Quantity], list[Quantity]]:
    """The counts and sums of the sentence and of the one before it in the same paragraph."""
    sentence = claim.sentence
    here = [q for q in sentence.quantities if _countable(q)]
    previous: list[Quantity] = []
    if sentence.number:
        last = passage.sentences[sentence.number - 1]
        if last.paragraph == sentence.paragraph:
            previous = [q for q in last.quantities if _countable(q)]
    return here, previous


def before(claim: Claim, found: Iterable[Quantity]) -> list[Quantity]:
    """Those that stand before the percentage."""
    return [q for q in found if q.start < claim.quantity.start]


def is_target(quantity: Quantity) -> bool:
    """Whether a number is what was to be done, and not what was done."""
    if _DONE_TASK.search(quantity.before):
        return False
    tail = quantity.after if quantity.after.startswith(("的", "任")) else ""
    return bool(_TARGET.search(quantity.before) or _TARGET.search(tail))


def direct_base(claim: Claim, passage: Passage) -> Quantity | None:
    """A in 占A的71%, 完成任务A的240%."""
    for quantity in reversed(before(claim, claim.sentence.quantities)):
        words = passage.narrow[quantity.end : claim.quantity.start]
        if _countable(quantity) and re.fullmatch(r"[^，。；：]{0,8}?的(?:比例为?)?", words):
            return quantity
        if not re.fullmatch(r"[^，。；：]{0,8}", words):
            break
    return None


def base_of_pair(pair: Pair, claim: Claim, passage: Passage) -> Quantity | None:
    """The whole of which this part and the part of another percentage are all: 1930＋23＝1953.

    Both percentages have to be over that whole, for the text names no other.
    """
    part = pair[0]
    here, previous = window(claim, passage)
    near = [q for q in (*previous, *here) if q.family == part.family and q.start < part.start]
    for sibling in near:
        link = passage.narrow[sibling.end : sibling.end + 24]
        if not re.match(r"[^。；\d]{0,6}占[^的。；]{0,3}\d", link):
            continue
        for whole in near:
            if whole.start < sibling.start and whole.value == sibling.value + part.value:
                return whole
    return None


def bracketed_pair(claim: Claim, passage: Passage) -> Pair | None:
    """A and b of 97.7%（43份/44份）."""
    after = [q for q in claim.sentence.quantities if q.start > claim.quantity.end][:2]
    if len(after) == 2 and passage.narrow[claim.quantity.end : after[0].start] in ("（", "("):
        link = passage.narrow[after[0].end : after[1].start].strip()
        if link in ("/", "÷", "∕"):
            return after[0], after[1]
    return None


def completion(claim: Claim, passage: Passage) -> list[Pair]:
    """What was done and what was to be done: the nearest of each."""
    here, previous = window(claim, passage)
    near = before(claim, here) or _in_bracket_after(claim, passage, here)
    near = near or [q for q in here if q.start > claim.quantity.end]  # the rate stands first
    base = direct_base(claim, passage)
    targets = [base] if base else _targets(near)
    if not targets:
        targets = _targets(previous)
    if not targets:
        return []
    target = targets[-1]
    done = [q for q in near if q is not target and q.family == target.family]
    done = [q for q in done if not is_target(q)]
    if not done:
        done = [q for q in previous if q is not target and q.family == target.family]
        done = [q for q in done if not is_target(q)]
    done.sort(key=lambda q: (not _DONE.search(q.before), -q.start))
    return [(q, target) for q in done]


def share(claim: Claim, passage: Passage) -> list[Pair]:
    """A part and the wholes it may be a share of, the likeliest first."""
    here, previous = window(claim, passage)
    near = before(claim, here)
    base = direct_base(claim, passage)
    if base:
        parts = [q for q in near if q is not base and q.family == base.family]
        return [(parts[-1], base)] if parts else []
    if not near:
        return []
    part = near[-1]
    if passage.narrow.count("，", part.end, claim.quantity.start) > 1:
        return []
    if claim.base is not None and not _GENERAL.match(_NAME_ENDS.sub("", claim.base)):
        # A base that is named may be of another sort: 751份 of 751名有需求的残疾人.
        others = [q for q in (*previous, *near[:-1]) if q.kind == part.kind]
        named = [q for q in _named(claim, passage, others) if q.value >= part.value]
        alike = [q for q in named if q.family == part.family]
        return [(part, whole) for whole in alike or named]
    wholes = [q for q in near[:-1] if q.family == part.family and q.value >= part.value]
    earlier = [q for q in previous if q.family == part.family and q.value >= part.value]
    if claim.base is not None:
        named = _named(claim, passage, [*earlier, *wholes])
        return [(part, whole) for whole in named]
    ordered = _likeliest(wholes, passage) or (
        _likeliest(earlier, passage) if len(earlier) == 1 or _opens_with_part(claim) else []
    )
    return [(part, whole) for whole in ordered]


def rate(claim: Claim, passage: Passage) -> list[Pair]:
    """For 就业率: who found work, out of whom."""
    here, previous = window(claim, passage)
    near = before(claim, here)
    marked = [q for q in near if is_target(q)]
    words = _ALIASES.get(claim.stem)
    parts = [
        q for q in near if q not in marked and _speaks_of(passage.clause(q), claim.stem, words)
    ]
    if not parts:
        others = [q for q in near if q not in marked]
        if len(marked) == 1 and len(others) == 1 and marked[0].family == others[0].family:
            return [(others[0], marked[0])]
        return []
    part = parts[-1]
    return [(part, whole) for whole in _wholes(passage, part, near, previous)]


def _wholes(
    passage: Passage,
    part: Quantity,
    near: Sequence[Quantity],
    previous: Sequence[Quantity],
) -> list[Quantity]:
    """What the part of a rate may be out of, the likeliest first."""
    others = [q for q in near if q is not part]
    alike = [q for q in others if q.family == part.family and q.value >= part.value]
    marked = [q for q in alike if is_target(q)]
    if marked or alike:
        return [*reversed(marked), *(q for q in _likeliest(alike, passage) if q not in marked)]
    needy = [q for q in others if re.search("需求|应", passage.clause(q))]
    if len(others) == 1 and needy:
        return needy
    earlier = [q for q in previous if q.family == part.family and q.value >= part.value]
    return earlier if not others and len(earlier) == 1 else []


def explained(claim: Claim, passage: Passage) -> list[Pair]:
    """Every pair around that a percentage might be meant for: a reason to keep silent."""
    here, previous = window(claim, passage)
    near = before(claim, here)
    found = [*previous, *near]
    return [(a, b) for a in near for b in found if a is not b and a.family == b.family and b.value]


def _countable(quantity: Quantity) -> bool:
    """Counts and sums; one without a counting word only after 数 (任务数436，完成数786)."""
    return (
        quantity.kind in ("count", "money") and quantity.per is None and quantity.value > 0
        and (bool(quantity.unit) or quantity.before.endswith(("数", "数为", "数是", "量", "额")))
    )  # fmt: skip


def _in_bracket_after(claim: Claim, passage: Passage, found: Iterable[Quantity]) -> list[Quantity]:
    """The numbers of 完成率161.7%（任务436人，完成786人）."""
    end = claim.quantity.end
    if passage.narrow[end : end + 1] not in ("（", "("):
        return []
    closed = re.compile("[）)]").search(passage.narrow, end, claim.sentence.end)
    return [q for q in found if closed and end < q.start < closed.start()]


def _targets(found: Iterable[Quantity]) -> list[Quantity]:
    return [q for q in found if is_target(q)]


def _opens_with_part(claim: Claim) -> bool:
    return bool(re.match(r"\s*(?:其中|未|有)", claim.sentence.text))


def _likeliest(wholes: Sequence[Quantity], passage: Passage) -> list[Quantity]:
    """Wholes in order: followed by 中 or 其中, then called a total, then the nearest."""

    def rank(quantity: Quantity) -> tuple[int, int]:
        after = passage.narrow[quantity.end : quantity.end + 14]
        among = _AMONG.match(after) or after.lstrip("，,（(；。 ").startswith("其中")
        total = _TOTAL.search(quantity.before)
        return (0 if among else 1 if total else 2, -quantity.start)

    return sorted(wholes, key=rank)


def _named(claim: Claim, passage: Passage, found: Sequence[Quantity]) -> list[Quantity]:
    """Those whose clause speaks of the base that is named: 占到场人数的 → 到场."""
    name = _NAME_ENDS.sub("", claim.base or "")
    if _GENERAL.match(name):
        return sorted(found, key=lambda q: (-q.value, -q.start))
    return [q for q in reversed(found) if set(name) <= set(passage.clause(q))]


def _speaks_of(clause: str, stem: str, words: tuple[str, ...] | None) -> bool:
    if words:
        return any(word in clause for word in words)
    return set(stem) <= set(clause)
