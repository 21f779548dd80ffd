"""Breaking the title of an official document into lines: GB/T 9704, 7.3.1.

A title of several lines is broken where no word is torn, into lines of nearly one length, so that
it stands as a block or a trapezium. Without a dictionary, the words that titles of this house are
made of are kept whole, and so are numbers and what stands in brackets or quotation marks.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from unicodedata import east_asian_width

_WORDS = re.compile(
    r"[A-Za-z0-9.%·-]+|第[0-9一二三四五六七八九十百]+[次届个]|[0-9]+[年月日周]|残疾人|残联|联合会|全国助残日|助残日|助残月|爱耳日|全国|国际|聋人日|关于|开展|活动|行动"
    r"|情况|总结|报告|工作|主题|系列|走访|慰问|宣传|年度|专项|组织|服务|志愿|就业|招聘会"
)
_BRACKETED = re.compile(r"《[^《》]*》|“[^“”]*”|（[^（）]*）")
_NEVER_FIRST = "的了和与及、，。：；）》”！？次届年月日"
_NEVER_LAST = "第《（“"
_GOOD_AFTER = "的、，：”》）日年会"
_TORN = 40.0
_INSIDE = 6.0
_GOOD = 1.0


def width(text: str) -> float:
    """The width in full characters: letters and digits are half as wide."""
    return sum(1.0 if east_asian_width(character) in "WFA" else 0.5 for character in text)


def broken(title: str, most: float) -> list[str]:
    """The lines of a title of which each is at most ``most`` full characters wide if it can be."""
    if width(title) <= most:
        return [title]
    positions = _positions(title)
    count = int(-(-width(title) // most))
    while True:
        lines = _best(title, positions, count)
        if count >= len(title) or all(width(line) <= most for line in lines):
            return lines
        count += 1


def _positions(title: str) -> list[tuple[int, float]]:
    """Where a line may end, each with what it costs."""
    torn, inside = _within(_WORDS, title), _within(_BRACKETED, title)
    found: list[tuple[int, float]] = []
    for position in range(1, len(title)):
        before, after = title[position - 1], title[position]
        cost = _TORN * (position in torn) + _INSIDE * (position in inside)
        if after in _NEVER_FIRST or before in _NEVER_LAST:
            cost += _TORN
        if before in _GOOD_AFTER:
            cost -= _GOOD
        found.append((position, cost))
    return found


def _within(words: re.Pattern[str], title: str) -> set[int]:
    return {
        position
        for match in words.finditer(title)
        for position in range(match.start() + 1, match.end())
    }


def _best(title: str, positions: list[tuple[int, float]], count: int) -> list[str]:
    """The cheapest way to break the title into so many lines: their lengths differ least.

    A line is at most twice as long as the mean, which keeps the work small for a long title.
    """
    offsets = [0.0, *accumulate(width(character) for character in title)]
    wanted = offsets[-1] / count
    # The cheapest way to each position: what it costs, and where its lines end.
    ways: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}
    for line in range(1, count + 1):
        ends = positions if line < count else [(len(title), 0.0)]
        longer: dict[int, tuple[float, tuple[int, ...]]] = {}
        for end, torn in ends:
            choices = [
                (cost + torn + (offsets[end] - offsets[start] - wanted) ** 2, (*path, end))
                for start, (cost, path) in ways.items()
                if 0 < offsets[end] - offsets[start] <= 2 * wanted
            ]
            if choices:
                longer[end] = min(choices)
        ways = longer
    path = ways[len(title)][1]
    return [title[start:end] for start, end in pairwise(path)]
