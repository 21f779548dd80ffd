"""What a hook is asked about: a campaign, seen from one of its offices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """A campaign and the office whose subtree is meant.

    ``by_activity`` asks ``measure`` to tell amounts of activities apart; nothing else reads it.
    """

    campaign_id: int
    campaign: str
    organisation_id: int
    organisation: str
    by_activity: bool = False
