"""A recap as HTML: a page of its own, or the article alone for a page of the application.

The markup carries classes `recap-…` and no style attribute; `stylesheet()` gives their rules, which
the page of its own embeds. Bars are inline SVG: the solid part is on record, the hatched part is
only reported. They repeat the words beside them and are therefore hidden from screen readers.
The same document always gives the same bytes.

Classes: `recap` (article) · `recap-head` `recap-subtitle` `recap-particulars` · `recap-section` ·
`recap-figure` (a figure in text) · `recap-notice` with `recap-notice-finding|failure|information` ·
`recap-scroll` (around a wide table) `recap-number` · `recap-ledger` `recap-value`
`recap-caption` `recap-legend` `recap-bar` with its parts `recap-bar-ground|reported|itemised|
target` · `recap-signature` · `recap-annex` `recap-entry` `recap-made`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import arrow
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core import wording
from core.numbers import EXACT, plain, quotient
from core.recap.model import Document, FigureSpan, figure_span, reported_words

if TYPE_CHECKING:
    from core.figures import Figure
    from core.recap.model import Block

Link = Callable[[str, str], str]
"""The address of a figure's records, from its metric and the key of its organisation."""

_TEMPLATES = Path(__file__).parent / "templates"
_NOTICES = {"finding": "需要核对", "failure": "未能生成", "information": "说明"}


def render(document: Document, link: Link | None = None) -> str:
    """Draw a page that stands by itself, in one file, ready for A4.

    Figures lead to their entry in the annex, or to `link(metric, organisation)`.
    """
    template = _environment().get_template("recap.html")
    return template.render(
        **_names(document, link),
        stylesheet=Markup(stylesheet()),  # noqa: S704 - our own file, in an element of raw text
    )


def render_body(document: Document, link: Link | None = None) -> str:
    """Draw the `<article>` alone, from its `<h1>` on; the page around it brings `stylesheet()`."""
    return _environment().get_template("article.html").render(**_names(document, link))


def stylesheet() -> str:
    """Give the rules of the classes, scoped to `.recap`, for light, dark and print."""
    return (_TEMPLATES / "recap.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Bar:
    """Lengths of a bar in percent of its whole width, as texts such as `94.33%`.

    `reported` reaches from the start to the value and `itemised` covers its beginning; `target` is
    where a target below the value stands.
    """

    reported: str
    itemised: str
    target: str | None


def bar(figure: Figure) -> Bar:
    """Measure a figure's bar: the whole width is the target, or the value where that is more.

    What is on record beyond the value (its total is too small) is not drawn: a finding says it.
    """
    target = figure.target or Decimal(0)
    whole = max(figure.value, target)
    kept = min(figure.itemised or Decimal(0), figure.value)
    if figure.aggregation == "ratio":
        kept = figure.value  # a quotient has no evidence of its own that could be missing
    mark = _length(target, whole) if 0 < target < whole else None
    return Bar(_length(figure.value, whole), _length(kept, whole), mark)


def _length(part: Decimal, whole: Decimal) -> str:
    if whole <= 0:
        return "0%"
    return f"{plain(EXACT.multiply(quotient(part, whole), Decimal(100)))}%"


def _names(document: Document, link: Link | None) -> dict[str, object]:
    """Gather what the templates see."""
    explained = {
        (entry.figure.metric, entry.figure.organisation) for entry in document.annex.entries
    }

    def address(span: FigureSpan) -> str | None:
        if link is not None:
            return link(span.metric, span.organisation)
        if (span.metric, span.organisation) in explained:
            return f"#{_identifier(span.metric, span.organisation)}"
        return None

    generated_at = arrow.get(document.generated_at).to("Asia/Shanghai")
    return {"document": document, "address": address, "generated_at": generated_at}


def _identifier(metric: str, organisation: str) -> str:
    """Name an annex entry. Keys hold no colon, so that two entries never share one."""
    return f"figure:{organisation}:{metric}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        bar=bar,
        figure_span=figure_span,
        identifier=_identifier,
        kind_of=_kind_of,
        note_of=_note_of,
        notices=_NOTICES,
        reported_words=reported_words,
        wording=wording,
    )
    return environment


def _kind_of(block: Block | FigureSpan) -> str:
    return type(block).__name__.lower()


def _note_of(figure: Figure) -> str:
    """Write the line below a bar: how far the target is reached, how much is on record."""
    notes = (wording.completion_note(figure), wording.evidence_note(figure))
    return "；".join(note for note in notes if note)
