"""What core may know of activities, which stand above it: their keys and what people call them."""

from __future__ import annotations

from core.plugins import Plugins

SECTION = "activities"


async def titles(campaign: int, plugins: Plugins) -> dict[str, str]:
    """Titles of a campaign's activities by key; the key itself for one without a title.

    They are read through the section by which activities travel in bundles: one statement.
    """
    return {
        item["key"]: item["title"] or item["key"]
        for _, section in plugins.registered("register_bundle_section")
        if section.in_envelope and section.key == SECTION
        for item in await section.read(campaign)
    }
