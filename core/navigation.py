"""Links that a plugin offers under a campaign."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A label and a local path; lower ``order`` stands first."""

    label: str
    href: str
    order: int = 100
