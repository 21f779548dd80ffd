"""What a hook is asked about: a campaign, seen from one of its offices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.tree_arithmetic import Tree


@dataclass(frozen=True, slots=True)
class Scope:
    """A campaign and the office whose subtree is meant.

    ``by_activity`` asks ``measure`` to tell amounts of activities apart, ``by_day`` those of days;
    nothing else reads them, and never both are set. ``tree`` is the campaign's tree below the
    office where somebody has read it already.
    """

    campaign_id: int
    campaign: str
    organisation_id: int
    organisation: str
    by_activity: bool = False
    by_day: bool = False
    tree: Tree | None = field(default=None, compare=False, repr=False)
