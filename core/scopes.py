"""What a hook is asked about: a campaign, seen from one of its offices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """A campaign and the office whose subtree is meant.

    ``by_activity`` asks ``measure`` to tell amounts of activities apart, ``by_day`` those of days;
    nothing else reads them, and never both are set.
    """

    campaign_id: int
    campaign: str
    organisation_id: int
    organisation: str
    by_activity: bool = False
    by_day: bool = False
