"""Proof-reading: what is wrong within a text itself, and how it stands to a campaign's figures.

Within the text all rules are asked and each fault is told once.
"""

from __future__ import annotations

from core.figures import Figures
from core.proofread import matching, quantities
from core.proofread.findings import KINDS, Finding
from core.proofread.rules import (
    approximations,
    changes,
    complements,
    duplicates,
    formulas,
    growth,
    households,
    products,
    ratio,
    sums,
)
from core.proofread.sentences import Passage

# In the order in which they explain best: a later rule is silent where an earlier one has spoken.
_RULES = (
    approximations.check,
    changes.check,
    households.check,
    formulas.check,
    products.check,
    duplicates.check,
    ratio.check,
    growth.check,
    complements.check,
    sums.check,
)


def findings(text: str, figures: Figures | None = None) -> list[Finding]:
    """Everything there is to say, by offset; without figures, of the text alone."""
    found = text_findings(text)
    if figures is not None:
        found += matching.compared(text, quantities.find(text), figures)
    order = list(KINDS)
    return sorted(found, key=lambda finding: (finding.offset, order.index(finding.finding)))


def text_findings(text: str) -> list[Finding]:
    """Every fault of the text, by offset."""
    passage = Passage(text)
    found: list[Finding] = []
    for check in _RULES:
        for finding in check(passage):
            if not any(_overlap(finding, other) for other in found):
                found.append(finding)
    return sorted(_without_echo(passage, found), key=lambda finding: finding.offset)


def _overlap(one: Finding, other: Finding) -> bool:
    return one.offset < other.offset + len(other.quote) and other.offset < one.offset + len(
        one.quote
    )


def _without_echo(passage: Passage, found: list[Finding]) -> list[Finding]:
    """A pair that misses 100% because one of it is wrong has one fault, not two."""
    rates = [f.offset for f in found if f.finding in ("ratio", "rounding") and not _of_pair(f)]
    return [
        finding
        for finding in found
        if not _of_pair(finding)
        or not any("。" not in passage.text[offset : finding.offset] for offset in rates)
    ]


def _of_pair(finding: Finding) -> bool:
    return finding.message.startswith("互补")
