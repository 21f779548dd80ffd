"""Where our pages are."""

from __future__ import annotations

from urllib.parse import quote


def address(campaign: str) -> str:
    """The page of a campaign's screenings."""
    return f"/campaigns/{quote(campaign, safe='')}/hearing-test"
