"""Writing the text of a section: templates in which a metric's key becomes its figure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import wording
from core.recap.model import (
    LEDGER_CAPTION,
    Inline,
    Inlines,
    Ledger,
    Paragraph,
    Text,
    figure_span,
    merged,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.figures import Figure


@dataclass(frozen=True, slots=True)
class Listing:
    """A clause that lists what there is: lead, items joined by `、`, tail.

    Items whose figure is absent are left out; without an item the whole clause is.
    """

    lead: str
    items: tuple[str, ...]
    tail: str = ""


class Writer:
    """Writes sentences in which `{metric.key}` becomes a figure, said with its unit.

    `figures` holds the figures of one organisation by metric key. Every method returns None when
    nothing remains to be said, so that a section leaves such a block out.

    Listing("共走访慰问", ("{condolence.households}", "{condolence.people}")) and
    "发放慰问金{condolence.cash}" as clauses give 共走访慰问231户、25人，发放慰问金4.5万元。
    """

    _FIELD = re.compile(r"\{([A-Za-z0-9._-]+)\}")

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        self._figures = figures

    def sentence(self, template: str, **words: str) -> Paragraph | None:
        """Write a paragraph from a template; None if a figure that it names is absent.

        `words` fill fields that are no figures. They are taken as they are, braces included.
        """
        inlines = self._inlines(template, words)
        return Paragraph(inlines) if inlines else None

    def clauses(
        self, clauses: Sequence[str | Listing], lead: str = "", **words: str
    ) -> Paragraph | None:
        """Write one sentence of those clauses whose figures are there.

        `lead` opens the sentence (`活动期间，`) and is said only if a clause remains. The marks
        between are those of `wording.join_clauses`; templates bring no closing punctuation.
        """
        kept = [inlines for clause in clauses if (inlines := self._clause(clause, words))]
        if not kept:
            return None
        mark = Text(wording.clause_separator([said(inlines) for inlines in kept]))
        opening = self._inlines(lead, words) if lead else ()
        return Paragraph(merged((*(opening or ()), *_joined(kept, mark), Text("。"))))

    def paragraph(self, *sentences: Paragraph | None) -> Paragraph | None:
        """Make one paragraph of several sentences, those left out apart."""
        inlines = tuple(inline for sentence in sentences if sentence for inline in sentence.inlines)
        return Paragraph(merged(inlines)) if inlines else None

    def ledger(self, metrics: Sequence[str], caption: str = LEDGER_CAPTION) -> Ledger | None:
        """Make the ledger of those of these metrics that have a figure, in this order."""
        figures = tuple(self._figures[key] for key in metrics if key in self._figures)
        return Ledger(figures, caption) if figures else None

    def _clause(self, clause: str | Listing, words: Mapping[str, str]) -> Inlines | None:
        if isinstance(clause, str):
            return self._inlines(clause, words)
        items = [inlines for item in clause.items if (inlines := self._inlines(item, words))]
        if not items:
            return None
        lead, tail = self._inlines(clause.lead, words), self._inlines(clause.tail, words)
        return merged((*(lead or ()), *_joined(items, Text("、")), *(tail or ())))

    def _inlines(self, template: str, words: Mapping[str, str]) -> Inlines | None:
        inlines: list[Inline] = []
        for position, part in enumerate(self._FIELD.split(template)):
            if position % 2 == 0:
                inlines.append(Text(part))
            elif part in words:
                inlines.append(Text(words[part]))
            elif part in self._figures:
                inlines.append(figure_span(self._figures[part]))
            else:
                return None
        return merged(tuple(inlines))


def _joined(parts: Sequence[Inlines], mark: Text) -> Inlines:
    first, *rest = parts
    return (*first, *(inline for part in rest for inline in (mark, *part)))
