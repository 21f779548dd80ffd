"""Findings: what the software noticed beside the figures, with a sentence to act on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is stable; ``organisation`` a key; ``href`` leads to where it can be mended."""

    code: str
    message: str
    organisation: str
    metric: str | None = None
    href: str = ""
