"""Ledger lines: a core figure as the texts and widths that the pieces draw.

A bar's solid part is on record, its hatched part only reported. Widths are percentages of the
bar, already rounded for an SVG attribute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from api.kit.filters import number, percent
from core import wording

if TYPE_CHECKING:
    from core.figures import Figure

LEADING_NUMBER = re.compile(r"[\d.]+")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the macros ``figure_ledger`` and ``office_chart``; texts are ready to print."""

    label: str
    value: str
    unit: str
    href: str
    target: str
    completion: str
    reached: bool
    """The value is at or beyond its target."""
    kept_percent: Decimal | None
    """Width on record. None draws no bar; ``ledger_row`` always gives a width."""
    said_percent: Decimal | None
    """Width on record and reported together."""
    mark_percent: Decimal | None
    """Where the target stands inside the bar; None when it is the bar's end or there is none."""
    approximate: bool
    caption: str


def amount(value: Decimal, figure: Figure) -> tuple[str, str]:
    """Split an amount of a figure into number and unit: 570300 元 as ``("57.03", "万元")``."""
    written = wording.amount(value, figure)
    found = LEADING_NUMBER.match(written)
    if found is None:
        return written, ""
    return number(found.group()), written[found.end() :]


def width(part: Decimal, largest: Decimal) -> Decimal:
    """Measure ``part`` of ``largest`` as a percentage between 0 and 100, to two places."""
    if largest <= 0:
        return Decimal(0)
    share = (part / largest * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return min(max(share, Decimal(0)), Decimal(100))


def ledger_row(
    figure: Figure, href: str = "", largest: Decimal | None = None, label: str = ""
) -> LedgerRow:
    """Make a figure a ledger line.

    :param largest: what the whole bar stands for; by default the target, or the value where it
        is more. :param label: instead of the metric's (the office's name in a chart).
    """
    target = figure.target or Decimal(0)
    whole = largest if largest is not None else max(figure.value, target)
    # A quotient has no evidence of its own that could be missing: its bar is solid.
    itemised = figure.value if figure.aggregation == "ratio" else figure.itemised or Decimal(0)
    value, unit = amount(figure.value, figure)
    return LedgerRow(
        label=label or figure.label,
        value=value,
        unit=unit,
        href=href,
        target="".join(amount(target, figure)) if target else "",
        completion=percent(figure.completion),
        reached=figure.completion is not None and figure.completion >= 1,
        kept_percent=width(min(itemised, figure.value), whole),
        said_percent=width(figure.value, whole),
        mark_percent=width(target, whole) if 0 < target < whole else None,
        approximate=figure.approximate,
        caption=wording.evidence_note(figure),
    )


def office_rows(
    figures: Sequence[Figure],
    names: dict[str, str],
    href: Callable[[Figure], str] = lambda _: "",
) -> tuple[list[LedgerRow], str]:
    """Make one metric's figures of several offices lines on one scale; also give its end as text.

    :param names: office key → name. :param href: where a figure opens.
    """
    largest = max((max(f.value, f.target or Decimal(0)) for f in figures), default=Decimal(0))
    rows = [ledger_row(f, href(f), largest, names[f.organisation]) for f in figures]
    return rows, "".join(amount(largest, figures[0])) if figures else ""
