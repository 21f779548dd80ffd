"""A recap as HTML: a page of its own, or the article alone for a page of the application.

The markup carries classes `recap-…` and no style attribute; `stylesheet()` gives their rules, which
the page of its own embeds. Bars are inline SVG: the solid part is on record, the hatched part is
only reported. They repeat the words beside them and are therefore hidden from screen readers.
Charts are pictures within the text (`data:`), each with its table beneath. The same document always
gives the same bytes. Drawing a chart for the first time takes a tenth of a second, not on the loop;
who brings drawings has it done before, and of a chart without one that is said.

Classes: `recap` (article) · `recap-head` `recap-subtitle` `recap-particulars` · `recap-section` ·
`recap-figure` (a figure in text) · `recap-notice` with `recap-notice-finding|failure|information` ·
`recap-scroll` (around a wide table) `recap-number` · `recap-ledger` `recap-value`
`recap-caption` `recap-legend` `recap-bar` with its parts `recap-bar-ground|reported|itemised|
target` · `recap-chart` `recap-photo` (figures) `recap-picture` · `recap-recipient` ·
`recap-signature` · `recap-annex` `recap-entry` `recap-verification` `recap-made`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import arrow
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core import wording
from core.numbers import EXACT, plain, quotient
from core.recap.drawing import charts
from core.recap.drawing.charts import Drawings, numbers_of
from core.recap.model import Document, FigureSpan, addressed, figure_span, reported_words

if TYPE_CHECKING:
    from core.figures import Figure
    from core.recap.model import Block, Chart, Photo

Link = Callable[[str, str], str]
"""The address of a figure's records, from its metric and the key of its organisation."""

PhotoLink = Callable[[str], str]
"""The address of a photo, from the SHA-256 of its bytes; empty where there is none."""

_TEMPLATES = Path(__file__).parent / "templates"
NOT_DRAWN = "这张图没有画出来，数字见下面的表。"
_NOTICES = {"finding": "需要核对", "failure": "未能生成", "information": "说明"}


def render(
    document: Document,
    link: Link | None = None,
    pictures: Mapping[str, bytes] | None = None,
    drawings: Drawings | None = None,
) -> str:
    """Draw a page that stands by itself, in one file, ready for A4.

    Figures lead to their entry in the annex, or to `link(metric, organisation)`. `pictures` are
    the bytes of photos by their SHA-256; of a photo without bytes only the words are shown.
    `drawings` are the charts; without any they are drawn here.
    """
    template = _environment().get_template("recap.html")
    return template.render(
        **_names(document, link, _embedded(pictures or {}), drawings),
        stylesheet=Markup(stylesheet()),  # noqa: S704 - our own file, in an element of raw text
    )


def render_body(
    document: Document,
    link: Link | None = None,
    photo_link: PhotoLink | None = None,
    drawings: Drawings | None = None,
) -> str:
    """Draw the `<article>` alone, from its `<h1>` on; the page around it brings `stylesheet()`."""
    template = _environment().get_template("article.html")
    address_of = photo_link or (lambda _: "")
    return template.render(
        **_names(document, link, lambda photo: address_of(photo.sha256), drawings)
    )


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


def _embedded(pictures: Mapping[str, bytes]) -> Callable[[Photo], str]:
    """Give the addresses of photos as parts of the page itself."""

    def source(photo: Photo) -> str:
        found = pictures.get(photo.sha256)
        return "" if found is None else _data_address(photo.media_type, found)

    return source


def _data_address(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a chart's picture is, and its size in CSS pixels, which keeps its place on the page."""

    source: str
    width: int
    height: int


def _picture(drawings: Drawings | None, chart: Chart) -> Picture | None:
    """A chart's picture; None where there was to be one and is none."""
    drawing = charts.draw(chart) if drawings is None else drawings.get(numbers_of(chart))
    if drawing is None:
        return None
    source = _data_address("image/svg+xml", drawing.svg)
    return Picture(source, round(drawing.width_mm * 5), round(drawing.height_mm * 5))


def _names(
    document: Document,
    link: Link | None,
    photo_source: Callable[[Photo], str],
    drawings: Drawings | None,
) -> dict[str, object]:
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
    return {
        "document": document,
        "address": address,
        "photo_source": photo_source,
        "picture": partial(_picture, drawings),
        "generated_at": generated_at,
    }


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
        addressed=addressed,
        bar=bar,
        figure_span=figure_span,
        identifier=_identifier,
        kind_of=_kind_of,
        note_of=_note_of,
        not_drawn=NOT_DRAWN,
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
