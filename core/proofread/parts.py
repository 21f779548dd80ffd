"""Which numbers of a sentence claim to be the parts of which whole."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.proofread import aspects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.proofread.quantities import Quantity
    from core.proofread.sentences import Passage, Sentence

_AMONG = re.compile(
    r"其中(?!一[个部])|(?<![其])(?:包括|包含|涵盖)|分[为成](?!别)|由(?=[^。]{4,200}?(?:组成|构成))|(?<=[\d人名位户件个份场次家辆台元])[：:]"
    r"|(?<=[人名位户件个场次家残疾者员庭])中(?=[，,：])"
    r"|(?<=[人名位户件个场次家残疾者员庭])中(?=[^\W\d_]{1,8}\d)"
)
_PARTIAL = re.compile(
    r"^(?:包|涵)|^其中[，,]?(?:包括|包含|主要|仅|光|含|有不少|不乏|重点|特别|尤其)|^.{0,3}主要"
)
_COMPLETE = re.compile(r"^(?:分[为成]|由|[：:])")
_ETC = re.compile(r"^[^，。；]{0,8}等(?![级候待])")
_RESPECTIVELY = re.compile(
    r"分别(?:为|是|有|达到?|走访|慰问|发放|完成|举办|培训|提供)?[^，。；\d]{0,6}$"
)
_TOTAL = re.compile(
    r"(?P<strong>合计|共计|总计|一共|总共|合共|累计共|共)(?P<words>[^，。；：、\d]{0,10})$"
)
_TOTAL_WORD = re.compile(r"共|总|合计|累计|全[部市县区镇街省乡村年]")
_VERBS = re.compile(
    r"^(?:并|还|又|同时|共|累计|先后|积极)*(发放|开展|举办|组织|提供|达成|募集|培训|走访|慰问|完成|实现|适配|投入|带动|"
    r"帮助|服务|安置|筛查|评定|办理|协助|解决|争取|落实|资助|救助|受益|惠及|参与|参加|召开|制作|悬挂|接待|推荐|签约|转介)"
)
# A whole is not told in more parts than there are kinds, grades or streets.
_MOST = 24
_THINGS = frozenset("辆副根台把张只双支套条块件个幅顶床部")


@dataclass(frozen=True, slots=True)
class Breakdown:
    """`parts` of `whole`; `complete` where the text claims to name all, `partial` openly not."""

    whole: Quantity
    parts: tuple[Quantity, ...]
    complete: bool
    partial: bool = False
    others: tuple[Quantity, ...] = ()


def of(passage: Passage, sentence: Sentence) -> Iterator[Breakdown]:
    """Every breakdown that a sentence states."""
    yield from _among(passage, sentence)
    yield from _bracketed(passage, sentence)
    yield from _respectively(passage, sentence)
    yield from _totals(passage, sentence)
    yield from _unmarked(passage, sentence)


def countable(quantity: Quantity) -> bool:
    """Whether a number can be a part or a whole."""
    return quantity.kind in ("count", "money") and quantity.per is None and bool(quantity.unit)


def alike(one: Quantity, other: Quantity) -> bool:
    """Whether two count the same sort: the same word, or 件 and the words for single things."""
    if one.family == other.family or (one.unit == "人次" and other.family == "人"):
        return True
    return one.unit in ("件", "个", "台") and other.unit in _THINGS


def _among(passage: Passage, sentence: Sentence) -> Iterator[Breakdown]:
    found = [q for q in sentence.quantities if countable(q) or _bare(q)]
    marks = list(_AMONG.finditer(passage.narrow, sentence.start, sentence.end))
    for place, mark in enumerate(marks):
        limit = next((m.start() for m in marks[place + 1 :] if m.group() == "其中"), sentence.end)
        earlier = [q for q in found if q.end <= mark.start()]
        if not earlier and mark.group() == "其中":
            earlier = _before(passage, sentence)
        later = _listed(
            passage, sentence, [q for q in found if mark.end() <= q.start < limit], mark
        )
        words = passage.narrow[mark.start() : mark.start() + 12]
        if mark.group() in "：:" and not any(q.end == mark.start() for q in earlier):
            continue
        for whole, parts in _by_family([q for q in earlier if q.unit], later):
            yield Breakdown(
                whole,
                parts,
                complete=bool(_COMPLETE.match(words)),
                partial=bool(_PARTIAL.match(words)) or _ends_open(passage, parts),
                others=tuple(q for q in earlier if q is not whole and alike(q, parts[0])),
            )


def _bare(quantity: Quantity) -> bool:
    """视力538、听力151: numbers after a noun, without a counting word."""
    return quantity.kind == "count" and not quantity.unit and bool(quantity.before.strip("、"))


def _before(passage: Passage, sentence: Sentence) -> list[Quantity]:
    """The numbers of the sentence before, where this one begins with 其中."""
    if not sentence.number or not sentence.text.lstrip().startswith("其中"):
        return []
    last = passage.sentences[sentence.number - 1]
    return (
        [q for q in last.quantities if countable(q)] if last.paragraph == sentence.paragraph else []
    )


def _listed(
    passage: Passage, sentence: Sentence, found: Sequence[Quantity], mark: re.Match[str]
) -> list[Quantity]:
    """The numbers after 其中 that may be its parts: up to ；, a total, or a deeper bracket."""
    colon = passage.narrow[mark.end() : mark.end() + 1] in ("：", ":") or mark.group() in "：:"
    depth = passage.narrow.count("（", sentence.start, mark.start()) - passage.narrow.count(
        "）", sentence.start, mark.start()
    )
    result: list[Quantity] = []
    for quantity in found:
        gap = passage.narrow[mark.end() : quantity.start]
        if not colon and re.search("[；;]", gap):
            break
        if _TOTAL.search(quantity.before) and result:
            break
        level = passage.depth(sentence, quantity)
        if level < depth:
            break
        if level == depth:
            result.append(quantity)
    return result


def _by_family(
    earlier: Sequence[Quantity], later: Sequence[Quantity]
) -> Iterator[tuple[Quantity, tuple[Quantity, ...]]]:
    """Each whole with its parts: the nearest number before, of every sort that follows."""
    taken: set[int] = set()
    for whole in reversed(earlier):
        if any(alike(whole, q) and q.start not in taken for q in later):
            exact = [q for q in later if q.family == whole.family]
            exact = exact if len(exact) > 1 else [q for q in later if q in exact or not q.unit]
            parts = exact or [q for q in later if alike(whole, q) and q.family != "人"]
            parts = [q for q in parts if q.start not in taken and _parallel(whole, parts[0], q)]
            taken.update(q.start for q in parts)
            if parts:
                yield whole, tuple(parts)


def _parallel(whole: Quantity, first: Quantity, part: Quantity) -> bool:
    """Whether a number goes on with the list, and does not begin another thing that was done."""
    verb = _VERBS.match(part.before)
    if verb is None or part is first:
        return True
    return verb[1] in whole.label or verb[1] in first.before


def _ends_open(passage: Passage, parts: Sequence[Quantity]) -> bool:
    return bool(parts and _ETC.match(passage.narrow[parts[-1].end : parts[-1].end + 12]))


def _bracketed(passage: Passage, sentence: Sentence) -> Iterator[Breakdown]:
    """150户（低收入60户、特困90户）."""
    found = [q for q in sentence.quantities if countable(q) or _bare(q)]
    for place, whole in enumerate(found):
        if not whole.unit:
            continue
        opened = re.compile(r"[^，。；、）]{0,8}[（(]").match(passage.narrow, whole.end)
        closed = re.compile("[）)]").search(passage.narrow, whole.end, sentence.end)
        if opened is None or closed is None:
            continue
        inside = passage.narrow[opened.end() : closed.start()]
        inner = [q for q in found[place + 1 :] if q.end <= closed.start()]
        parts = tuple(q for q in inner if alike(whole, q) or not q.unit)
        if len(parts) > 1 and "其中" not in inside and "每" not in inside:
            partial = bool(re.search(r"等$|等[，、）]|^含|^包括|主要", inside))
            yield Breakdown(whole, parts, complete=not partial, partial=partial)


def _respectively(passage: Passage, sentence: Sentence) -> Iterator[Breakdown]:
    """A、B、C分别为538、151、62人, with the whole before."""
    found = [q for q in sentence.quantities if countable(q)]
    for place, first in enumerate(found):
        lead = passage.lead(first)
        if not _RESPECTIVELY.search(lead) or re.search("比|增|提高|下降|每|奖|各", lead):
            continue
        parts = [first]
        for quantity in found[place + 1 :]:
            link = passage.narrow[parts[-1].end : quantity.start]
            if not re.fullmatch(r"\s?(?:[、,，]|和|及|与)\s?", link):
                break
            parts.append(quantity)
        wholes = [q for q in found[:place] if q.family == first.family]
        if len(parts) < 2 or not wholes or "其中" in passage.narrow[wholes[-1].end : first.start]:
            continue
        whole = wholes[-1]
        total = bool(_TOTAL_WORD.search(whole.before))
        if total or passage.narrow[whole.end : first.start].count("，") <= 1:
            yield Breakdown(whole, tuple(parts), complete=total)


def _unmarked(passage: Passage, sentence: Sentence) -> Iterator[Breakdown]:
    """残疾人总数1907人，农村1719人，非农188人: a list of one aspect straight after a total."""
    found = [q for q in sentence.quantities if countable(q)]
    for place, whole in enumerate(found):
        if not _TOTAL_WORD.search(whole.before):
            continue
        parts: list[Quantity] = []
        for quantity in found[place + 1 :]:
            last = parts[-1] if parts else whole
            link = passage.narrow[last.end : quantity.start]
            short = re.fullmatch(r"[，,、：:][^\W\d_]{1,8}", link)
            if not short or quantity.family != whole.family or _VERBS.match(quantity.before):
                break
            parts.append(quantity)
        if len(parts) > 1 and any(map(aspects.of, parts)) and aspects.alike(parts):
            yield Breakdown(whole, tuple(parts), complete=False)


def _totals(passage: Passage, sentence: Sentence) -> Iterator[Breakdown]:
    """低保户60户、特困户58户，合计118户: the whole after its parts."""
    found = [q for q in sentence.quantities if countable(q)]
    for place, whole in enumerate(found):
        lead = passage.lead(whole)
        mark = _TOTAL.search(lead)
        if mark is None or not place:
            continue
        depth = passage.depth(sentence, whole)
        nearest = found[max(0, place - _MOST) : place]
        before = [q for q in nearest if passage.depth(sentence, q) <= depth]
        parts = [q for q in before if q.family == whole.family]
        if not parts and mark["strong"] != "共":
            parts = [q for q in before if alike(whole, q)]
        if len(parts) < 2 or "其中" in passage.narrow[parts[0].end : parts[-1].start]:
            continue
        words = mark["words"].strip("为有是达")
        bare = mark.start() <= len(lead) - len(lead.lstrip()) and not words
        named = bool(words) and all(words in q.label for q in parts)
        strong = bare or named or (mark["strong"] != "共" and not _VERBS.match(words))
        complete = strong or aspects.exhaustive(parts)
        if _adjacent(passage, parts, whole):
            yield Breakdown(whole, tuple(parts), complete=complete)


def _adjacent(passage: Passage, parts: Sequence[Quantity], whole: Quantity) -> bool:
    """Whether a list leads to its total without other things between."""
    chain = [*parts, whole]
    return all(len(passage.narrow[a.end : b.start]) <= 24 for a, b in itertools.pairwise(chain))
