"""A text in its parts: sections, paragraphs, sentences, clauses, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.proofread import numerals, quantities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.proofread.quantities import Quantity

_END = re.compile(r"[。！？!?\n]+")
_CLAUSE_END = re.compile(r"[，。；：！？!?;:,\n]")
_OPEN, _CLOSED = re.compile("[（(]"), re.compile("[）)]")
# No clause is longer; what lies farther off has nothing to do with a number.
_FAR = 120
# No sentence has more numbers or characters; what has is a table that was pasted in.
_MANY = 60
_LONG = 2000
_HEADING = re.compile(
    r"^[\s\u3000]*(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|第[一二三四五六七八九十]{1,3}[部章])"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """text[start:end] up to its 。 or line end, with its quantities.

    `number`, `paragraph` and `section` count from 0; a section begins at a heading 一、 or （一）.
    """

    start: int
    end: int
    text: str
    number: int
    paragraph: int
    section: int
    quantities: tuple[Quantity, ...]


class Passage:
    """A text to be proof-read, taken apart once for all rules."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.narrow = numerals.narrow(text)
        self.quantities = quantities.find(text)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The sentences in order, empty ones left out, overlong ones in pieces."""
        result: list[Sentence] = []
        paragraph = section = place = 0
        for start, end, last in self._pieces():
            words = self.text[start:end]
            section += bool(_HEADING.match(words))
            first = place
            while place < len(self.quantities) and self.quantities[place].start < end:
                place += 1
            for some in range(first, max(place, first + 1), _MANY):
                inside = tuple(self.quantities[some : min(place, some + _MANY)])
                begin = start if some == first else inside[0].start
                finish = end if some + _MANY >= place else self.quantities[some + _MANY].start
                if words.strip():
                    part = self.text[begin:finish]
                    number = len(result)
                    result.append(Sentence(begin, finish, part, number, paragraph, section, inside))
            paragraph += last
        return result

    def _pieces(self) -> Iterator[tuple[int, int, bool]]:
        """Start and end of every sentence, and whether a paragraph ends with it."""
        start = 0
        for match in [*_END.finditer(self.text), None]:
            end = match.start() if match else len(self.text)
            while end - start > _LONG:
                yield start, start + _LONG, False
                start += _LONG
            yield start, end, bool(match and "\n" in match.group())
            start = match.end() if match else end

    def clause(self, quantity: Quantity) -> str:
        """The words between the marks around a quantity, itself included."""
        after = _CLAUSE_END.search(self.narrow, quantity.end, quantity.end + _FAR)
        end = after.start() if after else min(len(self.text), quantity.end + _FAR)
        return self.narrow[self._clause_start(quantity) : end]

    def lead(self, quantity: Quantity) -> str:
        """The words of its clause before a quantity, other quantities included."""
        return self.narrow[self._clause_start(quantity) : quantity.start]

    def depth(self, sentence: Sentence, quantity: Quantity) -> int:
        """In how many brackets of its sentence a quantity stands."""
        words = self.narrow[sentence.start : quantity.start]
        return max(0, len(_OPEN.findall(words)) - len(_CLOSED.findall(words)))

    def _clause_start(self, quantity: Quantity) -> int:
        floor = max(0, quantity.start - _FAR)
        ends = [match.end() for match in _CLAUSE_END.finditer(self.narrow, floor, quantity.start)]
        return ends[-1] if ends else floor
