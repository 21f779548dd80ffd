"""A text in its parts: sections, paragraphs, sentences, clauses, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from core.proofread import numerals, quantities
from core.proofread.quantities import Quantity

_END = re.compile(r"[。！？!?\n]+")
_CLAUSE_END = re.compile(r"[，。；：！？!?;:,\n]")
_OPEN, _CLOSED = re.compile("[（(]"), re.compile("[）)]")
# No clause is longer; what lies farther off has nothing to do with a number.
_FAR = 120
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
        """The sentences in order, empty ones left out."""
        result: list[Sentence] = []
        start = paragraph = section = place = 0
        for match in [*_END.finditer(self.text), None]:
            end = match.start() if match else len(self.text)
            words = self.text[start:end]
            if _HEADING.match(words):
                section += 1
            first = place
            while place < len(self.quantities) and self.quantities[place].start < end:
                place += 1
            if words.strip():
                inside = tuple(self.quantities[first:place])
                result.append(Sentence(start, end, words, len(result), paragraph, section, inside))
            if match:
                start = match.end()
                paragraph += "\n" in match.group()
        return result

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
