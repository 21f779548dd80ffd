"""What the annex of a printed recap says of a figure, in the same words in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import wording
from core.numbers import plain
from core.recap.model import reported_words

if TYPE_CHECKING:
    from core.recap.model import AnnexEntry, ReportedPart

PARTS_LISTED = 50  # the offices of a province would fill thousands of pages


def named(entry: AnnexEntry) -> list[str]:
    """A figure's name, its value as stated, that value in full where it is shortened, its key."""
    figure = entry.figure
    stated = wording.stated(figure)
    full = f"{plain(figure.value)}{figure.unit}"
    scaled = any(scale in stated.removesuffix(figure.unit) for scale in "万亿")
    return [
        figure.label,
        stated,
        *([f"即{'约' if figure.approximate else ''}{full}"] if scaled else []),
        figure.metric,
    ]


def evidence(entry: AnnexEntry) -> list[str]:
    """How much is on record, how far the target is reached, who reported what and from where."""
    figure, reported = entry.figure, entry.reported
    told = [wording.evidence_note(figure), wording.completion_note(figure)]
    told += [_reported(part, entry) for part in reported[:PARTS_LISTED]]
    if len(reported) > PARTS_LISTED:
        left = len(reported) - PARTS_LISTED
        told.append(f"以上为前{PARTS_LISTED}项填报，另有{left}项见本总结的电子表格")
    return [text for text in told if text]


def _reported(part: ReportedPart, entry: AnnexEntry) -> str:
    return f"{reported_words(part, entry.figure)}（来源：{part.source or '未注明'}）"
