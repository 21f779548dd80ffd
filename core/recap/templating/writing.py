"""Writing a template: its figures in their places, and nothing said of what is absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from core import wording
from core.figures import Figure
from core.metrics import Metric
from core.numbers import EXACT, plain, quotient
from core.recap.model import (
    FigureSpan,
    Inline,
    Inlines,
    Paragraph,
    Text,
    figure_span,
    merged,
)
from core.recap.templating.language import (
    Aside,
    Choice,
    Clause,
    Elements,
    Field,
    Line,
    Listing,
    Sentence,
    Vocabulary,
    Words,
    fields,
)

# Words whose year is not said again in a paragraph that has said it already.
DATED = frozenset({"节日日期", "时间"})
# How much a clause carries: nothing to be filled in, words, or a figure.
PLAIN, WORDED, FIGURED = 0, 1, 2
REST = "其中"


class Earlier(Protocol):
    """A figure of the last time, where the two may be compared."""

    @property
    def value(self) -> Decimal:
        """What was stated then."""

    @property
    def approximate(self) -> bool:
        """Whether it was rough."""


class _Dated(Text):
    """A text that begins with a year."""


class _Derived(FigureSpan):
    """What follows from a figure: it needs no way back where the figure itself has one."""


@dataclass(slots=True)
class Writing:
    """One writing of templates; ``unknown`` are the names that nothing has."""

    vocabulary: Vocabulary
    figures: Mapping[str, Figure]
    words: Mapping[str, str | Inlines]
    previous: Mapping[str, Earlier]
    unknown: dict[str, None] = field(default_factory=dict)

    def paragraphs(self, lines: Sequence[Line]) -> tuple[Paragraph, ...]:
        """What remains of each line, those of which nothing does apart."""
        return tuple(Paragraph(inlines) for line in lines if (inlines := self._line(line)))

    def _line(self, line: Line) -> Inlines:
        whole = [inline for sentence in line for inline in self._sentence(sentence)]
        return merged(tuple(_tidied(whole)))

    def _sentence(self, sentence: Sentence) -> Inlines:
        kept = self._joined(sentence.clauses)
        return (*kept, Text(sentence.end)) if kept else ()

    def _joined(self, clauses: Sequence[Clause]) -> Inlines:
        """The clauses that can be said with the marks between them; empty where none can."""
        carried = [self._carried(clause) for clause in clauses]
        most = max(carried)
        if most == PLAIN:
            return tuple(_plain_parts(clauses))
        written = [self._choice(clause.choice) for clause in clauses]
        kept = _in_company(clauses, carried, [bool(inlines) for inlines in written])
        if not any(kept[place] for place, each in enumerate(carried) if each == most):
            return ()
        parts: list[Inline] = []
        mark, led = "", PLAIN
        for place, clause in enumerate(clauses):
            if not kept[place]:
                # The pause that stood here is as long as before, but not behind a mere lead.
                mark = "；" if clause.mark == "；" and mark == "，" and led else mark
                continue
            parts += [Text(mark if parts else ""), *(written[place] or ())]
            mark, led = clause.mark, carried[place]
        return tuple(parts)

    def _carried(self, clause: Clause) -> int:
        return max(
            (
                WORDED if isinstance(self.vocabulary.find(each.name), str) else FIGURED
                for each in fields(clause)
            ),
            default=PLAIN,
        )

    def _choice(self, choice: Choice) -> Inlines | None:
        """The first wording that can be said."""
        for elements in choice:
            if inlines := self._elements(elements):
                return inlines
        return None

    def _elements(self, elements: Elements) -> Inlines | None:
        parts: list[Inline] = []
        stated: Figure | None = None
        for element in elements:
            if isinstance(element, Words):
                parts.append(Text(element.text))
            elif isinstance(element, Field):
                found = self._field(element)
                if not found:
                    return None
                parts += found
                stated = self._figure(element) or stated
            elif isinstance(element, Listing):
                items = self._items(element)
                if not items:
                    return None
                parts += items
            elif not self._repeats(element, stated) and (inside := self._joined(element.clauses)):
                parts += [Text(element.opening), *inside, Text(element.closing)]
        return tuple(parts)

    def _items(self, listing: Listing) -> list[Inline]:
        """Items joined by `、`; none where no item with a field remains."""
        written = [(self._choice(item), any(fields(item))) for item in listing.items]
        if not any(inlines and fielded for inlines, fielded in written):
            return []
        parts: list[Inline] = []
        for inlines, _ in written:
            if inlines:
                parts += [Text("、" if parts else ""), *inlines]
        return parts

    def _repeats(self, aside: Aside, stated: Figure | None) -> bool:
        """Whether a bare figure in brackets says the number before it again: 2人（2人次）."""
        if stated is None or len(aside.clauses) != 1 or len(aside.clauses[0].choice) != 1:
            return False
        (elements,) = aside.clauses[0].choice
        if len(elements) != 1 or not isinstance(elements[0], Field):
            return False
        figure = self._figure(elements[0])
        return figure is not None and figure.value == stated.value

    def _figure(self, place: Field) -> Figure | None:
        """The figure that a field states itself, not through a variant."""
        found = self.vocabulary.find(place.name)
        if isinstance(found, Metric) and not place.variant:
            return self.figures.get(found.key)
        return None

    def _field(self, place: Field) -> Inlines:
        found = self.vocabulary.find(place.name)
        if found is None:
            self.unknown.setdefault(place.name)
            return ()
        if isinstance(found, str):
            words = self.words.get(found, "")
            if not isinstance(words, str):
                return words
            return (_Dated(words) if found in DATED else Text(words),) if words else ()
        figure = self.figures.get(found.key)
        if figure is None:
            return ()
        if not place.variant:
            return (figure_span(figure),)
        text = derived(figure, place.variant, self.previous.get(found.key))
        return (_Derived(text, figure.metric, figure.organisation),) if text else ()


def derived(figure: Figure, variant: str, earlier: Earlier | None) -> str:
    """Say what follows from a figure: its target, completion, last time and the difference.

    Empty where there is nothing to say.
    """
    if variant == "任务":
        return "" if figure.target is None else wording.amount(figure.target, figure)
    if variant == "完成率":
        return "" if figure.completion is None else wording.percent(figure.completion)
    if earlier is None:
        return ""
    if variant == "上次":
        return wording.amount(earlier.value, figure, earlier.approximate)
    if variant == "比上次":
        return _difference(figure, earlier)
    return _growth(figure, earlier) if variant == "增幅" else ""


def _difference(figure: Figure, earlier: Earlier) -> str:
    change = EXACT.subtract(figure.value, earlier.value)
    if not change:
        return "与上次持平"
    rough = figure.approximate or earlier.approximate
    if figure.unit == "%":
        points = EXACT.multiply(
            EXACT.abs(change), Decimal(100 if figure.aggregation == "ratio" else 1)
        )
        word = "提高" if change > 0 else "下降"
        return f"比上次{word}{'约' if rough else ''}{plain(points)}个百分点"
    word = "增加" if change > 0 else "减少"
    return f"比上次{word}{wording.quantity(EXACT.abs(change), figure.unit, rough)}"


def _growth(figure: Figure, earlier: Earlier) -> str:
    """A share has no rate of growth: its difference is said in points."""
    if not earlier.value or figure.unit == "%":
        return ""
    change = EXACT.subtract(figure.value, earlier.value)
    if not change:
        return "持平"
    rough = "约" if figure.approximate or earlier.approximate else ""
    rate = wording.percent(quotient(EXACT.abs(change), earlier.value))
    return f"{'增长' if change > 0 else '下降'}{rough}{rate}"


def _in_company(clauses: Sequence[Clause], carried: Sequence[int], kept: list[bool]) -> list[bool]:
    """Leave out too what leans on a clause that is not there: a part of it, or what leads to it."""
    whole = True
    for place, clause in enumerate(clauses):
        if _of_the_rest(clause):
            kept[place] = kept[place] and whole
        elif carried[place]:
            whole = kept[place]
    following = False
    for place in reversed(range(len(clauses))):
        if carried[place]:
            following = following or kept[place]
        elif clauses[place].mark == "：" or _words_of(clauses[place]).endswith(REST):
            kept[place] = kept[place] and following
    return kept


def _of_the_rest(clause: Clause) -> bool:
    """Whether a clause tells a part of what stands before it: 其中线上5场."""
    first = clause.choice[0][:1]
    return bool(first) and isinstance(first[0], Words) and first[0].text.startswith(REST)


def _words_of(clause: Clause) -> str:
    """What a clause without a field says."""
    return "".join(each.text for each in clause.choice[0] if isinstance(each, Words))


def _plain_parts(clauses: Sequence[Clause]) -> Iterator[Inline]:
    """A sentence without a field, letter by letter."""
    for clause in clauses:
        for element in clause.choice[0]:
            if isinstance(element, Words):
                yield Text(element.text)
        yield Text(clause.mark)


def _tidied(inlines: Sequence[Inline]) -> Iterator[Inline]:
    """Years said once a paragraph, and one way back for each figure."""
    year = ""
    spanned = {each.metric for each in inlines if type(each) is FigureSpan}
    for inline in inlines:
        if isinstance(inline, _Dated):
            head, mark, _ = inline.text.partition("年")
            text = inline.text.removeprefix(year) if year else inline.text
            year = head + mark if mark and head.isdigit() else year
            yield Text(text)
        elif isinstance(inline, _Derived):
            first = inline.metric not in spanned
            spanned.add(inline.metric)
            span = FigureSpan(inline.text, inline.metric, inline.organisation)
            yield span if first else Text(inline.text)
        else:
            yield inline
