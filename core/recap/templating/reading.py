"""Reading a template: lines into sentences, clauses, lists and fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.recap.templating.language import (
    CLAUSE_MARKS,
    FIELD,
    SENTENCE_MARKS,
    Aside,
    Choice,
    Clause,
    Element,
    Fault,
    Field,
    Line,
    Listing,
    Sentence,
    Words,
    fields,
    split_field,
)

OPENING_FIELD, CLOSING_FIELD = "{｛", "}｝"
LISTS = {"〔": "〕", "[": "]", "［": "］"}
ASIDES = {"（": "）", "(": ")"}
QUOTES = {"“": "”", "《": "》", "‘": "’", "「": "」"}
PAIRS = {**LISTS, **ASIDES, **QUOTES}
CHOICE = "|｜"
# Brackets within brackets; deeper ones are plain text.
DEEPEST = 5
# A mark between elements; everything else is an element.
Piece = Element | str


def parse(text: str) -> tuple[tuple[Line, ...], tuple[Fault, ...]]:
    """The lines that are not empty, and what is wrong with their signs. Raises nothing."""
    faults: list[Fault] = []
    lines = [
        _Reader(line, number, faults).line() for number, line in enumerate(text.splitlines(), 1)
    ]
    return tuple(line for line in lines if line), tuple(faults)


class _Reader:
    """Reads one line; what is wrong goes to ``faults`` and is taken as plain text."""

    def __init__(self, text: str, number: int, faults: list[Fault]) -> None:
        self._text = text
        self._number = number
        self._faults = faults
        self._fielded = any(mark in text for mark in OPENING_FIELD)
        self._closing = _partners(text)
        self._depth = 0

    def line(self) -> Line:
        """The sentences of the line."""
        start = len(self._text) - len(self._text.lstrip())
        pieces = self._pieces(start, len(self._text.rstrip()), CLAUSE_MARKS + SENTENCE_MARKS)
        sentences: list[Sentence] = []
        waiting: list[Piece] = []
        for piece in pieces:
            if not (isinstance(piece, str) and piece in SENTENCE_MARKS):
                waiting.append(piece)
            elif waiting or not sentences:
                sentences.append(Sentence(_clauses(waiting), piece))
                waiting = []
            else:  # ？！
                sentences[-1] = Sentence(sentences[-1].clauses, sentences[-1].end + piece)
        if waiting:
            sentences.append(Sentence(_clauses(waiting), ""))
        return tuple(sentences)

    def _pieces(self, start: int, end: int, marks: str, wrong: str = "") -> list[Piece]:
        """Elements and marks between two places of the line; ``wrong`` marks are faults there."""
        found: list[Piece] = []
        place = start
        while place < end:
            sign = self._text[place]
            if sign in OPENING_FIELD:
                place = self._field(place, end, found)
            elif sign in PAIRS:
                place = self._paired(place, end, found)
            elif sign in marks or sign in CHOICE:
                found.append(sign)
                place += 1
            else:
                if sign in CLOSING_FIELD:
                    self._fault(place, "stray_brace", f"多了一个“{sign}”，前面没有配对的“{{”")
                elif sign in wrong:
                    self._fault(place, "list_mark", f"括号里的各项要用“、”隔开，不能用“{sign}”")
                elif self._fielded and sign in LISTS.values():
                    self._fault(place, "stray_bracket", f"多了一个“{sign}”，前面没有配对的括号")
                found.append(Words(sign))
                place += 1
        return found

    def _field(self, place: int, end: int, found: list[Piece]) -> int:
        """Read a field; gives the place after it."""
        for other in range(place + 1, end):
            if self._text[other] in OPENING_FIELD:
                break
            if self._text[other] in CLOSING_FIELD:
                name, variant = split_field(self._text[place + 1 : other])
                found.append(Field(name, variant, self._number, place + 1))
                return other + 1
        self._fault(place, "unclosed_brace", f"“{self._text[place]}”没有配对的“}}”")
        found.append(Words(self._text[place]))
        return place + 1

    def _paired(self, place: int, end: int, found: list[Piece]) -> int:
        """Read a list, an aside or a quotation; one without a field is plain text."""
        opening = self._text[place]
        close = self._closing.get(place, end)
        if close >= end or self._depth == DEEPEST:
            rest = self._text[place:end]
            if opening in LISTS and any(mark in rest for mark in OPENING_FIELD):
                self._fault(place, "unclosed_bracket", f"“{opening}”没有配对的“{LISTS[opening]}”")
            found.append(Words(opening))
            return place + 1
        inside = self._text[place : close + 1]
        self._depth += 1
        if not any(mark in inside for mark in OPENING_FIELD):
            found.append(Words(inside))
        elif opening in LISTS:
            found.append(self._listing(place, close))
        elif opening in ASIDES:
            pieces = self._pieces(place + 1, close, CLAUSE_MARKS)
            found.append(Aside(_clauses(pieces), opening, PAIRS[opening]))
        else:
            pieces = self._pieces(place + 1, close, "")
            found += [Words(opening), *map(_element, pieces), Words(PAIRS[opening])]
        self._depth -= 1
        return close + 1

    def _listing(self, place: int, close: int) -> Listing:
        pieces = self._pieces(place + 1, close, "、", CLAUSE_MARKS + SENTENCE_MARKS)
        items: list[list[Piece]] = [[]]
        for piece in pieces:
            if piece == "、":
                items.append([])
            else:
                items[-1].append(piece)
        return Listing(tuple(_choice(item) for item in items if item))

    def _fault(self, place: int, code: str, message: str) -> None:
        self._faults.append(Fault(self._number, place + 1, code, message))


def _partners(text: str) -> dict[int, int]:
    """Where each pair that opens in a line is closed; what stands in a field does not count."""
    inside = {place for match in FIELD.finditer(text) for place in range(*match.span())}
    waiting: dict[str, list[int]] = {}
    partners = {}
    for place, sign in enumerate(text):
        if place in inside:
            continue
        if sign in PAIRS:
            waiting.setdefault(PAIRS[sign], []).append(place)
        elif waiting.get(sign):
            partners[waiting[sign].pop()] = place
    return partners


def _clauses(pieces: Iterable[Piece]) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    waiting: list[Piece] = []
    mark = ""
    for piece in pieces:
        if isinstance(piece, str) and piece in CLAUSE_MARKS:
            clauses.append(Clause(_choice(waiting), piece))
            waiting, mark = [], piece
        else:
            waiting.append(piece)
    if waiting or mark or not clauses:
        clauses.append(Clause(_choice(waiting), ""))
    return tuple(clauses)


def _choice(pieces: Sequence[Piece]) -> Choice:
    """The wordings that `｜` divides; without a field it is a sign like any other."""
    elements = tuple(map(_element, pieces))
    if not any(fields(elements)):
        return (_together(elements),)
    choices: list[list[Element]] = [[]]
    for piece in pieces:
        if isinstance(piece, str) and piece in CHOICE:
            choices.append([])
        else:
            choices[-1].append(_element(piece))
    return tuple(_together(each) for each in choices)


def _element(piece: Piece) -> Element:
    return Words(piece) if isinstance(piece, str) else piece


def _together(elements: Iterable[Element]) -> tuple[Element, ...]:
    """The same elements with neighbouring words as one."""
    result: list[Element] = []
    for element in elements:
        if isinstance(element, Words) and result and isinstance(result[-1], Words):
            result[-1] = Words(result[-1].text + element.text)
        else:
            result.append(element)
    return tuple(result)
