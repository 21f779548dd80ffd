"""Addresses of publicity's pages under a campaign."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from api.kit.campaign_pages import campaign_href
from api.kit.records.resource import SEPARATOR
from api.kit.records.visits import RESERVED


def home(campaign: str) -> str:
    """The tally."""
    return campaign_href(campaign, "/publicity")


def list_of(campaign: str, resource: str, **narrowed: str) -> str:
    """A list (``items``, ``materials`` or ``outreach``), narrowed by its filters."""
    asked = {name: text for name, text in narrowed.items() if text}
    return f"{home(campaign)}/{resource}" + (f"?{urlencode(asked)}" if asked else "")


def record(campaign: str, resource: str, key: str) -> str:
    """A record's page."""
    mark = SEPARATOR if key in RESERVED else ""
    return f"{home(campaign)}/{resource}/{mark}{quote(key, safe='')}"
