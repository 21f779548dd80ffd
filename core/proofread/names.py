"""The names by which a summary may speak of a metric, and those of offices.

A metric has its label and the aliases its plugin gives. A label is shortened as people shorten it:
without the verb before and the counting word behind (走访慰问户数 → 走访慰问, 发放辅助器具 →
辅助器具), four characters by their first and last (辅助器具 → 辅具), a rate by its last three.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.metrics import Metric

_VERB = re.compile(
    r"^(?:公益|免费|直接|累计|现场|集中|共|发放|提供|达成|实现|参与|参加|开展|举办|组织|涉及|投递|表彰|资助"
    r"|扶持|募集|临时|走访慰问|走访|慰问|辖区)+(?=.{2})"
)
_COUNTED = re.compile(r"(?:人数|次数|户数|场次|总数|数量|件数|人次|资金|金额|数)$")
_OFFICE = re.compile(
    r"(?:残疾人联合会|残联|残协|街道办事处|居民委员会|村民委员会|居委会|村委会|人民政府)$"
)
SHORTEST = 2
ALIKE = 0.6  # of a name's pairs of characters, so many stand in words that mean it
PERHAPS = 0.5  # and so many where the value agrees as well


@dataclass(frozen=True, slots=True)
class Name:
    """One of the names of a metric; ``own`` is False for one that was only derived."""

    words: str
    metric: str
    own: bool


def of_metrics(metrics: Mapping[str, Metric]) -> list[Name]:
    """Every name of every metric, the longest first."""
    found = [
        Name(words, key, own) for key, metric in metrics.items() for words, own in _names(metric)
    ]
    return sorted(found, key=lambda name: (-len(name.words), not name.own, name.words))


def _names(metric: Metric) -> Iterator[tuple[str, bool]]:
    own = {metric.label, *metric.aliases}
    yield from ((words, True) for words in sorted(own) if words)
    derived: set[str] = set()
    bare = _VERB.sub("", metric.label)
    for words in (metric.label, bare):
        derived |= {words, _COUNTED.sub("", words)}
    if len(bare) == 4:
        derived.add(bare[0] + bare[-1])
    if metric.label.endswith("率"):
        derived.add(metric.label[-3:])
    yield from ((words, False) for words in sorted(derived - own) if len(words) >= SHORTEST)


def of_offices(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names of offices with their keys, in full and in short; one that two share names neither."""
    found: dict[str, set[str]] = {}
    for key, name in names.items():
        for words in {name, _OFFICE.sub("", name)}:
            if len(words) >= SHORTEST:
                found.setdefault(words, set()).add(key)
    return [(words, next(iter(keys))) for words, keys in found.items() if len(keys) == 1]


def alike(words: str, names: Sequence[Name], metrics: Collection[str]) -> list[tuple[str, float]]:
    """Metrics whose names share most pairs of characters with the words, the most alike first."""
    there = _pairs(words)
    best: dict[str, float] = {}
    for name in names:
        pairs = _pairs(name.words)
        if name.metric in metrics and len(pairs) >= SHORTEST:
            likeness = len(pairs & there) / len(pairs)
            best[name.metric] = max(best.get(name.metric, 0.0), likeness)
    likely = [(metric, likeness) for metric, likeness in best.items() if likeness >= PERHAPS]
    return sorted(likely, key=lambda each: (-each[1], each[0]))


def _pairs(words: str) -> set[str]:
    return {words[at : at + 2] for at in range(len(words) - 1)}
