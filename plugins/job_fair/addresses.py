"""Where the pages of job fairs are."""

from __future__ import annotations

from urllib.parse import quote

from api.kit.records.resource import SEPARATOR
from api.kit.records.visits import RESERVED


def home(campaign: str) -> str:
    """The plugin's pages under a campaign (a key)."""
    return f"/campaigns/{quote(campaign, safe='')}/job_fair"


def record(campaign: str, resource: str, *identity: str) -> str:
    """The page of a record: ``record("c", "fairs", "j1")``; several keys make one identity."""
    key = SEPARATOR.join(identity)
    mark = SEPARATOR if key in RESERVED else ""
    return f"{home(campaign)}/{resource}/{mark}{quote(key, safe=SEPARATOR)}"
