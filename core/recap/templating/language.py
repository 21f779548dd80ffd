"""The language of a recap's templates: plain Chinese in which `{走访慰问户数}` becomes a figure.

One line is one paragraph. A clause (between `，` `；` `：`) that names something absent is left
out; `〔…、…〕` is a list whose items are left out one by one; `（…）` with a field is left out by
itself; `｜` stands between wordings of which the first that can be said is taken.
`template_reading` reads a template, `template_faults` says what is wrong with it and
`template_writing` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.metrics import Metric

VARIANTS: Mapping[str, str] = {
    "任务": "任务数，带单位",
    "完成率": "完成任务的百分比",
    "上次": "上次活动的数，带单位",
    "比上次": "比上次增加或减少多少",
    "增幅": "比上次增长或下降百分之几",
}
CLAUSE_MARKS = "，；："
SENTENCE_MARKS = "。！？"
FIELD = re.compile(r"[{｛]([^{}｛｝\n]*)[}｝]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place of a template; ``line`` and ``column`` count from 1.

    ``code`` is stable and English, ``message`` a Chinese sentence without its place. A ``warning``
    keeps nobody from saving.
    """

    line: int
    column: int
    code: str
    message: str
    warning: bool = False

    @property
    def sentence(self) -> str:
        """The message with its place: 第2行第5个字：……."""
        return f"第{self.line}行第{self.column}个字：{self.message}"


@dataclass(frozen=True, slots=True)
class Words:
    """Text as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """`{name}` or `{name|variant}`, and where it stands."""

    name: str
    variant: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Listing:
    """`〔…、…〕`: each item is a choice of wordings."""

    items: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """`（…）` with a field in it."""

    clauses: tuple[Clause, ...]
    opening: str
    closing: str


Element = Words | Field | Listing | Aside
Elements = tuple[Element, ...]
Choice = tuple[Elements, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """Wordings of which one is said, and the mark that follows."""

    choice: Choice
    mark: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """Clauses, and the mark at their end."""

    clauses: tuple[Clause, ...]
    end: str


Line = tuple[Sentence, ...]


@dataclass(frozen=True)
class Vocabulary:
    """What a template may name: metrics by key, and words with what they mean."""

    metrics: Mapping[str, Metric]
    words: Mapping[str, str]

    def find(self, name: str) -> Metric | str | None:
        """The metric of that key or label, the word, or None."""
        if name in self.words:
            return name
        if name in self.metrics:
            return self.metrics[name]
        found = self.labelled(name)
        return found[0] if len(found) == 1 else None

    def labelled(self, label: str) -> list[Metric]:
        """The metrics with that label."""
        return self._by_label.get(label, [])

    @cached_property
    def _by_label(self) -> dict[str, list[Metric]]:
        found: dict[str, list[Metric]] = {}
        for metric in self.metrics.values():
            found.setdefault(metric.label, []).append(metric)
        return found

    def label_of(self, metric: Metric) -> str:
        """How a template names a metric for people: its label, or its key where that is unclear."""
        fit = not any(mark in metric.label for mark in "{}｛｝|｜\n")
        return metric.label if fit and self.find(metric.label.strip()) == metric else metric.key

    def stored(self, text: str) -> str:
        """The text as it is kept: plugins' metrics by key, a campaign's own by label.

        Another campaign may use the same key for something else; the label says what is meant.
        """
        return self._named(
            text, lambda found: found.key if found.plugin is not None else self.label_of(found)
        )

    def shown(self, text: str) -> str:
        """The text as people read and write it: metrics by their labels."""
        return self._named(text, self.label_of)

    def _named(self, text: str, name_of: Callable[[Metric], str]) -> str:
        def replaced(match: re.Match[str]) -> str:
            name, variant = split_field(match[1])
            found = self.find(name)
            said = name_of(found) if isinstance(found, Metric) else name
            return f"{{{said}|{variant}}}" if variant else f"{{{said}}}"

        return FIELD.sub(replaced, text)


def split_field(inside: str) -> tuple[str, str]:
    """Name and variant of what stands between braces."""
    name, _, variant = inside.replace("｜", "|").partition("|")
    return name.strip(), variant.strip()


def fields(part: Sentence | Clause | Element | tuple[Any, ...]) -> Iterator[Field]:
    """Every field of a part, in order."""
    if isinstance(part, Field):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from fields(each)
    elif isinstance(part, Sentence | Aside):
        yield from fields(part.clauses)
    elif isinstance(part, Clause):
        yield from fields(part.choice)
    elif isinstance(part, Listing):
        yield from fields(part.items)
