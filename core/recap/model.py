"""The recap as a document: sections of blocks, whose figures stay figures until they are drawn.

Nothing here knows a format. Plugins return a `Section` and write its text with a
`writer.Writer`; the renderers beside this module draw a `Document` as Markdown, HTML and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core import wording
from core.numbers import plain

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from core.figures import Figure

LEDGER_CAPTION = "主要数据与佐证"


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they stand, without markup."""

    text: str


@dataclass(frozen=True, slots=True)
class FigureSpan:
    """A figure as the text says it (`47.5万元`); metric and organisation open its records."""

    text: str
    metric: str
    organisation: str


Inline = Text | FigureSpan
Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of running text."""

    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; `numeric` cells are set flush right."""

    inlines: Inlines
    numeric: bool = False

    @classmethod
    def words(cls, text: str) -> Cell:
        """Make a cell of words, such as an office's name."""
        return cls((Text(text),))

    @classmethod
    def number(cls, figure: Figure | None) -> Cell:
        """Make a cell of a figure, its unit left to the head of the column; `—` for none."""
        if figure is None:
            return cls((Text("—"),), numeric=True)
        if figure.unit == "%":
            return cls((figure_span(figure),), numeric=True)
        text = f"{'约' if figure.approximate else ''}{plain(figure.value)}"
        return cls((FigureSpan(text, figure.metric, figure.organisation),), numeric=True)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; with `row_headers` the first cell of each row names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    row_headers: bool = True

    def numeric_columns(self) -> tuple[bool, ...]:
        """Tell which columns hold numbers alone, so that their heads are flush right too."""
        return tuple(
            bool(self.rows) and all(row[column].numeric for row in self.rows)
            for column in range(len(self.header))
        )


@dataclass(frozen=True, slots=True)
class Ledger:
    """Figures line by line: name, value, target with completion, and how much is on record."""

    figures: tuple[Figure, ...]
    caption: str = LEDGER_CAPTION


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values of a chart, in the order of its categories; None where there is none."""

    label: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of numbers, drawn once and alike in every format, with its table beneath.

    `form`: `bars` (one row of lengths, such as offices), `columns` (days), `progress` (shares of a
    target, in percent of it), `pairs` (two series side by side: last time and this time).
    `description` says in a sentence what is to be seen, for those who do not see it.
    """

    key: str
    title: str
    form: Literal["bars", "columns", "progress", "pairs"]
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    description: str
    table: Table


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo by the SHA-256 of its bytes, which whoever draws the document brings along.

    `width` and `height` are pixels; `description` is read to those who do not see it.
    """

    sha256: str
    media_type: str
    width: int
    height: int
    caption: str
    description: str


@dataclass(frozen=True, slots=True)
class Items:
    """An unnumbered list."""

    items: tuple[Inlines, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A note to the reader: something to check, a plugin that failed, or plain information."""

    kind: Literal["finding", "failure", "information"]
    inlines: Inlines


Block = Paragraph | Table | Ledger | Chart | Photo | Items | Notice


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a title, numbered by its place; `plugin` is None for a part written by core."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    plugin: str | None = None
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportedPart:
    """One reported figure as an annex shows it; organisation and activity are names."""

    value: Decimal
    source: str
    basis: Literal["additional", "total"]
    approximate: bool
    organisation: str
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class AnnexEntry:
    """What one figure of the document means and where it comes from."""

    figure: Figure
    organisation_name: str
    definition: str
    reported: tuple[ReportedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Annex:
    """The explanation of figures, in the order in which they shall be printed."""

    entries: tuple[AnnexEntry, ...]
    title: str = "附：数据说明"

    def numbers(self) -> dict[tuple[str, str], int]:
        """The number of each entry by (metric, organisation), from 1, in the order printed."""
        return {
            (entry.figure.metric, entry.figure.organisation): number
            for number, entry in enumerate(self.entries, start=1)
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """How a reader of the printed recap finds out whether it is the current one.

    `code` is in groups (`7K2M-9QXD-41VH`); `address` the page that checks it, empty where the
    installation has no public address; `status` such as `草稿` or `第2版（定稿）`.
    """

    code: str
    address: str
    status: str


@dataclass(frozen=True, slots=True)
class Document:
    """A whole recap. `particulars` are pairs of label and text below the title (主题, 时间 …).

    `campaign` and `organisation` are keys; `generated_at` carries an offset. `recipient` is whom
    it is handed to (主送机关), empty for an internal one.
    """

    campaign: str
    organisation: str
    title: str
    subtitles: tuple[str, ...]
    particulars: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    annex: Annex
    issuer: str
    date: date
    generated_at: datetime
    recipient: str = ""
    verification: Verification | None = None


def figure_span(figure: Figure) -> FigureSpan:
    """Say a figure as running text says it."""
    return FigureSpan(wording.stated(figure), figure.metric, figure.organisation)


def reported_words(part: ReportedPart, figure: Figure) -> str:
    """Say what somebody reported: `某市残联合计填报约500本`, `某县残联另行填报20人`."""
    occasion = f"就“{part.activity}”" if part.activity else ""
    basis = "合计" if part.basis == "total" else "另行"
    value = wording.amount(part.value, figure, part.approximate)
    return f"{part.organisation}{occasion}{basis}填报{value}"


def addressed(recipient: str) -> str:
    """Write whom a document is handed to, as its own line does (GB/T 9704, 7.3.2): `某省残联：`."""
    return f"{recipient.rstrip('：:')}："


def verified(verification: Verification) -> str:
    """Say in one line how a reader finds out whether a recap is the current one."""
    told = f"核验码：{verification.code}，{verification.status}。"
    if not verification.address:
        return told
    return f"{told}是否为现行文本，请到 {verification.address} 核验。"


def present(*blocks: Block | None) -> tuple[Block, ...]:
    """Make the blocks of a section, without those that had nothing to say."""
    return tuple(block for block in blocks if block is not None)


def said(inlines: Inlines) -> str:
    """Read the bare words of a line."""
    return "".join(inline.text for inline in inlines)


def merged(inlines: Inlines) -> Inlines:
    """Give the same line with neighbouring texts put together and empty ones left out."""
    result: list[Inline] = []
    for inline in inlines:
        if not inline.text:
            continue
        if isinstance(inline, Text) and result and isinstance(result[-1], Text):
            result[-1] = Text(result[-1].text + inline.text)
        else:
            result.append(inline)
    return tuple(result)
