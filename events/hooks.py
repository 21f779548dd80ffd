"""What events bring to the house: tables, the activities of a bundle, calendar entries."""

from __future__ import annotations

from core.bundle_sections import BundleSection
from core.hookspecs import hookimpl
from core.plugins import PluginInfo
from events.bundle import ActivitiesSection


@hookimpl
def register_plugin() -> PluginInfo:
    """A foundation: always there."""
    return PluginInfo(key="events", title="活动日程", version="0.1.0")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """The table of activities."""
    return ["events.piccolo_app"]


@hookimpl
def register_bundle_section() -> BundleSection:
    """The list ``activities`` of the envelope."""
    return ActivitiesSection()
