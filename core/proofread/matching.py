"""Which figure of a campaign a quantity in a text speaks of, and whether the two agree.

A quantity names what it counts by the words around it (``提供岗位490个``, ``181人达成就业意向``).
Those words are held against the names of the campaign's metrics; the unit decides whether they can
mean the same thing at all. What nobody can tell apart is left alone rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core import wording
from core.figures import Figure, Figures
from core.numbers import plain, rounded
from core.proofread import names
from core.proofread.agreement import agrees
from core.proofread.comparability import comparable
from core.proofread.findings import Finding, FindingKind
from core.proofread.quantities import Quantity
from core.proofread.units import family

# Another year, or what is only meant to be: no figure of this campaign.
_ANOTHER_TIME = re.compile(
    r"去年|上年|上一年|上届|上次|往年|同期|历年|明年|下一年|累计至今|以来|(?:19|20)\d\d年[^，。；]*$"
)
_PLANNED = re.compile(r"任务|目标|计划|指标|拟|预计|力争|应[^用聘]")
# An amount for each, not the whole.
_EACH = re.compile(r"(?:每|人均|户均|平均|各)[^，。；、]{0,8}$|标准[^，。；]{0,4}$")
_PART = re.compile(r"其中|包括|包含|含")
_COMPLETION = re.compile(r"完成率|完成(?:任务|目标|计划)|任务的|目标的|占任务")
_BREAKS = re.compile(r"[。！？!?；;\n]")
_CLAUSE = re.compile(r"[。！？!?；;\n，,]")


@dataclass(frozen=True, slots=True)
class _Place:
    """A quantity in its text: the words from the beginning of its sentence, and around it."""

    before: str
    clause: str
    item: str
    after: str


def compared(text: str, quantities: Sequence[Quantity], figures: Figures) -> list[Finding]:
    """What the campaign's figures say to each quantity: agrees, differs, unknown."""
    return list(_Comparison(text, quantities, figures).findings())


class _Comparison:
    """One text against the figures of one office and those below it."""

    def __init__(self, text: str, quantities: Sequence[Quantity], figures: Figures) -> None:
        self._text = text
        self._quantities = quantities
        self._figures = figures
        self._names = names.of_metrics(figures.metrics)
        self._offices = names.of_offices(figures.names)

    def findings(self) -> Iterator[Finding]:
        told: dict[str, int] = {}  # metric: the sentence in which it was last spoken of
        last: Figure | None = None
        for quantity in self._quantities:
            place = self._place(quantity)
            sentence = quantity.start - len(place.before)
            if quantity.per or _ANOTHER_TIME.search(place.before) or _EACH.search(place.clause):
                continue
            if quantity.kind == "percent":
                yield from self._completion(quantity, place, last, told, sentence)
                continue
            if quantity.kind not in ("count", "money"):
                continue
            figure = self._figure(quantity, place)
            if figure is None:
                if not _PLANNED.search(place.clause):
                    yield _unknown(quantity)
                continue
            if _PLANNED.search(place.item) or _PLANNED.search(place.clause[-6:]):
                yield from _planned(quantity, figure)
                continue
            repeated = told.get(figure.metric) == sentence
            holds = _holds(quantity, figure, figure.value)
            if repeated and not holds:
                continue  # a part of what the sentence has said already
            if _PART.search(place.clause) and not holds:
                told.setdefault(figure.metric, sentence)
                continue
            told[figure.metric] = sentence
            last = figure
            yield _compared(quantity, figure)

    def _place(self, quantity: Quantity) -> _Place:
        sentence = _since(self._text[: quantity.start], _BREAKS)
        return _Place(sentence, _since(sentence, _CLAUSE), quantity.before, quantity.after)

    def _figure(self, quantity: Quantity, place: _Place) -> Figure | None:
        """The figure that is meant; None where no metric with such a unit is named.

        A number in a word that only may count the same (4批 for 次) is believed where it agrees.
        """
        own = self._figures.by_organisation.get(self._office(place.before), {})
        fitting = {
            key
            for key, metric in self._figures.metrics.items()
            if key in own
            and metric.aggregation != "ratio"
            and comparable(quantity.unit, metric.unit)
        }
        around = (f"{place.item} {place.after}", place.clause, place.before)
        for words in around:
            present = [
                own[metric]
                for metric in self._named(words, fitting)
                if _believed(quantity, own[metric])
            ]
            if present:
                return next((f for f in present if _holds(quantity, f, f.value)), present[0])
        for words in around:
            for metric, likeness in names.alike(f"{words} {place.after}", self._names, fitting):
                figure = own[metric]
                alike = likeness >= names.ALIKE and _believed(quantity, figure)
                if alike or _holds(quantity, figure, figure.value):
                    return figure
        return None

    def _named(self, words: str, fitting: set[str]) -> list[str]:
        """The metrics that words name: the longest name first, then the one that stands last."""
        found: list[tuple[int, int, str]] = []
        taken: list[tuple[int, int]] = []
        for name in self._names:
            at = words.rfind(name.words)
            if at < 0:
                continue
            span = (at, at + len(name.words))
            if any(
                start <= span[0] and span[1] <= end and (start, end) != span for start, end in taken
            ):
                continue  # inside a longer name: 就业 in 就业意向
            taken.append(span)
            if name.metric in fitting:
                found.append((-span[1], -len(name.words), name.metric))
        return list(dict.fromkeys(metric for _, _, metric in sorted(found)))

    def _office(self, before: str) -> str:
        """The office that the sentence speaks of: the one named last, or the text's own."""
        best = (-1, 0, self._figures.root)
        for name, key in self._offices:
            at = before.rfind(name)
            if at >= 0:
                best = max(best, (at, len(name), key))
        return best[2]

    def _completion(
        self,
        quantity: Quantity,
        place: _Place,
        last: Figure | None,
        told: Mapping[str, int],
        sentence: int,
    ) -> Iterator[Finding]:
        """A percentage against a ratio of the campaign, or the completion of the figure before."""
        own = self._figures.by_organisation.get(self._office(place.before), {})
        ratios = {key for key, figure in own.items() if figure.aggregation == "ratio"}
        for metric in self._named(f"{place.item} {place.after}", ratios):
            yield _rate(quantity, own[metric], own[metric].value, own[metric].label)
            return
        if not _COMPLETION.search(place.clause) or last is None or last.completion is None:
            return
        if told.get(last.metric) == sentence:
            yield _rate(quantity, last, last.completion, f"{last.label}的完成率")


def _holds(quantity: Quantity, figure: Figure, value: Decimal) -> bool:
    """Whether the text may say so; of a figure that is rough itself, any mark may be said."""
    return agrees(quantity, value) or (figure.approximate and quantity.value == value)


def _believed(quantity: Quantity, figure: Figure) -> bool:
    """Whether the unit leaves no doubt that the figure is meant, or the value does."""
    same_unit = family(quantity.unit) == family(figure.unit)
    return same_unit or _holds(quantity, figure, figure.value)


def _since(text: str, mark: re.Pattern[str]) -> str:
    """The end of a text, from behind the last mark."""
    return mark.split(text)[-1]


def _unknown(quantity: Quantity) -> Finding:
    message = f"“{quantity.label or quantity.text}”没有对应的登记或填报数据，请确认来源"
    stated = plain(quantity.value)
    return Finding(quantity.text, quantity.start, "unknown", stated, None, None, message)


def _compared(quantity: Quantity, figure: Figure) -> Finding:
    return _held(quantity, figure, figure.value, figure.label)


def _planned(quantity: Quantity, figure: Figure) -> Iterator[Finding]:
    if figure.target is not None:
        yield _held(quantity, figure, figure.target, f"{figure.label}的任务")


def _held(quantity: Quantity, figure: Figure, value: Decimal, named: str) -> Finding:
    expected = wording.amount(value, figure)
    if _holds(quantity, figure, value):
        return _told(quantity, figure, "agrees", value, f"与系统中的数据一致：{named}{expected}")
    difference = quantity.value - value
    if not difference:
        message = f"系统中{named}正好是{expected}，不能写成{quantity.text}"
        return _told(quantity, figure, "differs", value, message)
    direction = "多" if difference > 0 else "少"
    message = (
        f"写的是{quantity.text}，系统中{named}是{expected}，"
        f"{direction}了{wording.amount(abs(difference), figure)}"
    )
    return _told(quantity, figure, "differs", value, message)


def _told(
    quantity: Quantity, figure: Figure, kind: FindingKind, value: Decimal, message: str
) -> Finding:
    mark = "%" if quantity.kind == "percent" else ""
    return Finding(
        quote=quantity.text,
        offset=quantity.start,
        finding=kind,
        stated=plain(quantity.value) + mark,
        expected=plain(value) + mark,
        metric=figure.metric,
        message=message,
        organisation=figure.organisation,
    )


def _rate(quantity: Quantity, figure: Figure, share: Decimal, named: str) -> Finding:
    """A percentage against a quotient, at as many decimals as the text has."""
    expected = rounded(Fraction(share) * 100, _places(quantity.value))
    words = f"{named}是{plain(expected)}%"
    if expected == quantity.value:
        return _told(quantity, figure, "agrees", expected, f"与系统中的数据一致：{words}")
    message = f"写的是{quantity.text}，系统中{words}"
    return _told(quantity, figure, "differs", expected, message)


def _places(value: Decimal) -> int:
    """How many decimals a rate is written with."""
    return max(0, -int(value.as_tuple().exponent))
